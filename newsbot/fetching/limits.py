"""What one run reads at most: links of a page, sitemaps, kinds of pages, and how long it goes on.

An infinite site cannot keep a run from ending, and cannot keep it from the site's articles. Links
are followed from entry points alone, so there is no way from page to page for ever; entry points
take turns; and a kind of address of which many were read and none was an article (the days of a
calendar, the results of a search) is given up for this run.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from newsbot.config import Config
from newsbot.discovery.entries import Entry
from newsbot.discovery.sniff import is_binary
from newsbot.fetching.refusals import RefusedError

T = TypeVar("T")

# Kinds of addresses that a run keeps count of.
_KINDS = 5_000


class RunLimits:
    """The bounds of one run. ``refused`` is told of each cause, and of how many."""

    def __init__(self, config: Config, refused: Callable[[str, int], None]) -> None:
        self._config = config
        self._refused = refused
        self._sitemaps = 0
        self._ends_at = time.monotonic() + config.run_seconds
        self._articles: Counter[str] = Counter()
        self._others: Counter[str] = Counter()

    def links(self, found: Iterable[Entry]) -> list[Entry]:
        """Return the links that are followed of those that an entry point names, in their order."""
        listed = list(found)
        short = [each for each in listed if len(each.url) <= self._config.url_length]
        self._tell("refused_url", len(listed) - len(short))
        return self._some("refused_links", short, self._config.links_per_page)

    def sitemaps(self, children: Iterable[T], named_in: Response) -> list[T]:
        """Return the sitemaps that are read of those that another names."""
        listed = list(children)
        if named_in.meta.get("depth", 0) >= self._config.depth:
            self._tell("refused_depth", len(listed))
            return []
        listed = self._some("refused_links", listed, self._config.sitemaps_per_run - self._sitemaps)
        self._sitemaps += len(listed)
        return listed

    def _some(self, cause: str, listed: list[T], most: int) -> list[T]:
        self._tell(cause, len(listed) - most)
        return listed[: max(most, 0)]

    def _tell(self, cause: str, count: int) -> None:
        if count > 0:
            self._refused(cause, count)

    def came(self, url: str, *, article: bool) -> None:
        """Note whether a page that was read is an article."""
        counted, kind = self._articles if article else self._others, kind_of(url)
        if kind in counted or len(counted) < _KINDS:
            counted[kind] += 1

    def check(self, url: str) -> None:
        """Pass a page that is to be fetched now.

        Raises:
            RefusedError: when the run has gone on for long enough, or the page is of a kind that has
                brought nothing.
        """
        if time.monotonic() > self._ends_at:
            raise RefusedError("refused_pages", f"after {self._config.run_seconds:g} s")
        kind = kind_of(url)
        if self._others[kind] >= self._config.trap_pages and not self._articles[kind]:
            raise RefusedError("refused_trap", kind)


_WORD = re.compile(r"[a-z]{1,20}", re.IGNORECASE)


def kind_of(url: str) -> str:
    """Return what the addresses of one kind of page share: ``news.example/calendar/#/#?day``.

    Numbers are ``#``; slugs and other parts that differ from page to page are ``*``; words that name
    a section stay, and so do the names of parameters.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    segments = [part for part in parts.path.split("/") if part]
    shape = [
        "#" if part.isdigit() else part if _WORD.fullmatch(part) and part != segments[-1] else "*"
        for part in segments[:20]
    ]
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)[:20]})
    return f"{parts.netloc}/{'/'.join(shape)}" + (f"?{'&'.join(names)}"[:200] if names else "")


class _Limited(Protocol):
    limits: RunLimits


class LimitsMiddleware:
    """Downloader middleware that holds a run to its limits, first of all when a request leaves."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "LimitsMiddleware":
        """Return the middleware of this crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Pass a request, or refuse it."""
        spider = cast("_Limited", self._crawler.spider)
        if "link" in request.cb_kwargs:
            spider.limits.check(request.url)
        elif "kind" in request.cb_kwargs:
            most = self._crawler.settings.getint("ENTRY_POINT_MAXSIZE")
            request.meta.setdefault("download_maxsize", most)

    def process_response(self, request: Request, response: Response) -> Response:
        """Pass a response to extraction if it is text, by its bytes and not by what its header says.

        Raises:
            RefusedError: when it is not.
        """
        if not request.cb_kwargs.keys().isdisjoint(("link", "known")) and is_binary(response.body):
            raise RefusedError("refused_type", _type(response))
        return response


def _type(response: Response) -> str:
    said = (response.headers.get("Content-Type") or b"").decode("latin-1")[:100]
    return f"said to be {said}" if said else ""
