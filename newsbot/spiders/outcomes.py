"""What became of each link of one crawl: the visit that is put on record, the counters, the log."""

import logging
from datetime import UTC, datetime
from typing import cast

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.http import Response
from twisted.python.failure import Failure

from newsbot.archive.articles import article_id
from newsbot.archive.pages import LEADS_TO, Outcome, Version, Visit
from newsbot.fetching.causes import CAUSES
from newsbot.items import Article
from newsbot.revisits import Gone
from newsbot.spiders.frontier import Followed, Frontier
from newsbot.spiders.looks import Looks
from newsbot.spiders.polling import Polling
from newsbot.spiders.said import said
from newsbot.spiders.session import CrawlSession
from newsbot.text.urls import page_key

_log = logging.getLogger(__name__)

# Addresses that the log names of those refused or failed by one cause: it has room for few lines.
SAID = 5
# Characters kept of what an error says of itself.
_WORDS = 300


class UnreadableError(DropItem):
    """An article that a stage of the pipelines could not work on; the text says why."""


class DoubtfulError(DropItem):
    """An article whose page shows what is not believed to be an edit of it; the text says what.

    ``looks`` is how many looks in a row showed such a thing.
    """

    def __init__(self, why: str, looks: int) -> None:
        super().__init__(why, log_level="INFO")
        self.looks = looks


class SameArticleError(DropItem):
    """An article that the archive has: the same one, or its text as ``article``, of another address."""

    def __init__(self, why: str, article: str) -> None:
        super().__init__(why, log_level="DEBUG")
        self.article = article


class SpooledError(DropItem):
    """An article that is on disk and goes into the archive when MongoDB is back: it is kept."""


class LeftError(DropItem):
    """An article that was given up since its crawl is to end; its link waits for the next run."""


class Outcomes:
    """Notes what became of the links of one crawl.

    ``first_failure`` is the first failure of an entry point, in words.
    """

    def __init__(
        self, session: CrawlSession, frontier: Frontier, polling: Polling, looks: Looks
    ) -> None:
        self._session = session
        self._frontier = frontier
        self._polling = polling
        self._looks = looks
        self.first_failure = ""

    def connect(self, crawler: Crawler) -> None:
        """Be told what the crawl makes of each page."""
        connect = crawler.signals.connect
        connect(self._scraped, signals.item_scraped)
        connect(self._dropped, signals.item_dropped)
        connect(self._item_failed, signals.item_error)
        connect(self._broke, signals.spider_error)
        connect(self._filtered, signals.request_dropped)
        connect(self._received, signals.response_received)

    def visit(
        self,
        link: Followed,
        outcome: Outcome,
        why: str = "",
        article: str = "",
        version: Version | None = None,
        gone: Gone | None = None,
        doubted: int = 0,
        same_as: str = "",
    ) -> None:
        """Note a visit whose outcome is in the archive.

        What was said of a page that was not read yet is kept for the next try.
        """
        unread = outcome == "failed" and not link.visits
        self._session.visited(
            Visit(
                url=link.url,
                address=link.address,
                source=self._session.source.id,
                outcome=outcome,
                at=datetime.now(UTC),
                article=article or (link.article if unread else ""),
                revisit=link.visits,
                failures=link.failures,
                why=why,
                said=said(link.entry) if unread else {},
                look=link.look,
                version=version,
                read_with=self._looks.read_with,
                gone=(gone or link.gone) if outcome == "failed" else None,
                doubted=doubted,
                same_as=same_as,
            )
        )
        self._frontier.done(link)

    def looked(
        self,
        response: Response,
        link: Followed,
        *,
        edited: bool | None,
        why: str = "",
        article: str = "",
        same_as: str = "",
    ) -> None:
        """Note a page whose article is kept, and what a look at it found (None: that is not known yet)."""
        if edited is not None:
            self._looks.made(link, edited=edited)
        version = self._looks.version(response, link)
        self.visit(link, "article", why, article, version, same_as=same_as)

    def tell(self, url: str, cause: str, words: str, *, entry_point: bool = False) -> None:
        """Count why something could not be read, and say it."""
        if entry_point and not self.first_failure:
            self.first_failure = f"{url} {words}"
        self._session.counters[cause] += 1
        self._session.counters["ways_failed"] += entry_point
        if self._session.counters[cause] <= SAID or entry_point:
            self._session.say(f"{url} {words}")

    def unreadable(self, link: Followed, why: str) -> None:
        """Note a page that extraction could not work on."""
        self._session.counters["failed_extraction"] += 1
        self._session.say(f"{link.address}: {why}")
        self.visit(link, "failed", why)

    # What Scrapy tells

    def _scraped(self, item: Article, response: Response) -> None:
        self._polling.kept(link_of(response).url, item)
        self._kept(item, response, edited=True)

    def _dropped(self, item: Article, response: Response, exception: Exception) -> None:
        if isinstance(exception, LeftError):
            return
        if isinstance(exception, UnreadableError):
            self.unreadable(link_of(response), str(exception))
        elif isinstance(exception, DoubtfulError):
            link = link_of(response)
            self.tell(link.address, "doubtful", f"is no edit as it looks: {exception}")
            self.visit(link, "failed", str(exception), doubted=exception.looks)
        elif isinstance(exception, SpooledError):
            self._polling.kept(link_of(response).url, item)
            self._kept(item, response, edited=None)
        else:
            there = exception.article if isinstance(exception, SameArticleError) else ""
            # By its page it may be that article; by its link it is another address.
            own = article_id(link_of(response).url)
            same_as = there if there != own else ""
            self._kept(item, response, edited=False, why=str(exception), same_as=same_as)

    def _kept(
        self,
        item: Article,
        response: Response,
        *,
        edited: bool | None,
        why: str = "",
        same_as: str = "",
    ) -> None:
        """Note a link whose article is in the archive, and the other addresses of its page."""
        link = link_of(response)
        if item.partial:
            self.visit(link, "failed", CAUSES[item.partial].sentence, article=item.id)
            return
        article = "" if why else item.id
        self.looked(response, link, edited=edited, why=why, article=article, same_as=same_as)
        if link.visits:
            return
        # An entry point may name the page by any of them the next time.
        known = page_key(link.url)
        for url in {item.url, getattr(response, "url", item.url)}:
            if page_key(url) != known:
                self._frontier.done(link, url)
                self._session.visited(
                    Visit(
                        url=url,
                        source=self._session.source.id,
                        outcome="alias",
                        at=datetime.now(UTC),
                        article=item.id,
                        why=f"is another address of {link.url}",
                        same_as=same_as,
                    )
                )

    def _item_failed(self, item: object, response: Response, failure: Failure) -> None:
        link, why = link_of(response), failure.getErrorMessage()
        of = {"article": getattr(item, "id", "")}
        _log.error("%s could not be kept: %s", link.address, why, extra=of)
        self._session.counters["failed_archive"] += 1
        if self._session.trouble:  # said once, as the run's reason; the link waits for the next run
            return
        self._session.say(f"{link.address} could not be kept: {why}")
        self.visit(link, "failed", f"could not be kept: {_bounded(why)}")

    def _broke(self, response: Response, failure: Failure) -> None:
        # A fault of our own: what it was about is tried again, by a mended newsbot it may be.
        request, why = _request_of(response), failure.getErrorMessage()
        self._session.counters["failed_newsbot"] += 1
        self._session.say(f"{request.url} broke newsbot: {why}")
        if "link" in request.cb_kwargs:
            self.visit(link_of(response), "failed", f"broke newsbot: {_bounded(why)}")
        elif "at" in request.cb_kwargs:
            self.first_failure = self.first_failure or f"{request.url} broke newsbot: {why}"
            self._polling.failed(
                request.cb_kwargs["at"], f"newsbot itself failed on it: {_bounded(why)}"
            )

    def _filtered(self, request: Request) -> None:
        """Note a link that was redirected to an address which this crawl has asked for already."""
        link = request.cb_kwargs.get("link")
        if link is not None and request.url != link.address:
            self.visit(link, "alias", f"{LEADS_TO}{request.url}")

    def _received(self, response: Response) -> None:
        self._session.counters["requests"] += 1
        self._session.counters["bytes"] += len(response.body)
        answered_from = getattr(response, "ip_address", None)
        if answered_from is not None:
            self._session.address = str(answered_from)


def link_of(response: Response | Failure) -> Followed:
    """Return the link that led to a page, or to the failure to read it."""
    link: Followed = _request_of(response).cb_kwargs["link"]
    return link


def _bounded(words: str) -> str:
    return words if len(words) <= _WORDS else words[:_WORDS] + "…"


def _request_of(response: Response | Failure) -> Request:
    return cast("Request", response.request)  # type: ignore[union-attr]
