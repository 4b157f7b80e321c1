"""A list read for what is older: its entries, and the further lists that may hold earlier days.

A poll reads what changed last; a backfill reads everything back to a day. Which days a list can hold is
told by its address (a month's sitemap, a year's archive page) or by when it last changed: what changed
last before a day names nothing that was published since.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from html import unescape
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import attrs

from newsbot.discovery.entries import Entry, Kind
from newsbot.discovery.feeds import read_feed
from newsbot.discovery.gzipped import unpacked
from newsbot.discovery.links import article_links
from newsbot.discovery.listing import INDEXES, kind_of
from newsbot.discovery.page import read_page
from newsbot.discovery.pagination import archive_pages, next_address, older_pages
from newsbot.discovery.periods import archive_period
from newsbot.discovery.sitemap_choice import of_articles
from newsbot.discovery.sitemaps import SIZE, Child, read_sitemap
from newsbot.text.urls import canonical_url, is_web_url

# Further pages of one list that are followed: the next one, and the period before.
_OLDER = 3
# Characters of a feed in which its own links are looked for: they stand before its entries.
_HEAD = 1_000_000
# Links by which a feed names its older parts (RFC 5005, sections 3 and 4), and JSON Feed 1.1's.
_LINK = re.compile(rb"<(?:\w+:)?link\b[^>]*>", re.IGNORECASE)
_OLDER_PART = re.compile(r"""\brel\s*=\s*["'](?:next|prev-archive)["']""", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_NEXT_URL = re.compile(r'"next_url"\s*:\s*("(?:[^"\\]|\\.)*")')
# WordPress gives older entries of every feed of its own under ``paged`` (Codex, WordPress Feeds).
_WORDPRESS = re.compile(rb"<generator>[^<]{0,40}wordpress", re.IGNORECASE)

# A day, or a month, in an address: /2024/05/17/a-headline, /2024-05-17-a-headline, /20240517/.
_DAY = re.compile(
    r"(?<![0-9])((?:199|20\d)\d)([/_.-]?)(0[1-9]|1[0-2])(?:\2(0[1-9]|[12]\d|3[01]))?(?![0-9])"
)
_YEAR = re.compile(r"(?<![0-9])((?:199|20\d)\d)(?![0-9])")


@attrs.frozen(kw_only=True)
class Further:
    """A list to be read, and the first and last day that it can name (None: not known)."""

    url: str
    kind: Kind
    first: date | None = None
    last: date | None = None

    def may_hold(self, since: date, until: date | None) -> bool:
        """Say whether it can name what was published between these days."""
        too_old = self.last is not None and self.last < since
        too_new = until is not None and self.first is not None and self.first > until
        return not too_old and not too_new


@attrs.frozen
class Backward:
    """What a list names: entries, and lists that go further back."""

    entries: Sequence[Entry]
    further: Sequence[Further]


def read_backward(
    body: bytes, url: str, kind: str, *, charset: str = "", depth: int = 0
) -> Backward:
    """Read a feed, a sitemap or a page of links for what is older. Never raises.

    ``depth`` counts the indexes that led to it.
    """
    found = kind_of(body, kind)
    body = unpacked(body, SIZE)
    if found == "sitemap":
        sitemap = read_sitemap(body, url)
        return Backward(
            sitemap.entries, list(_children(sitemap.children)) if depth < INDEXES else []
        )
    if found == "feed":
        entries = read_feed(body, url, charset=charset)
        return Backward(entries, [Further(url=each, kind="feed") for each in _parts(body, url)])
    page = read_page(body, url, charset=charset)
    older = older_pages(page)[:_OLDER]
    # A list that shows no way on, as one that a script prolongs, may be numbered all the same.
    guessed = [] if older else [next_address(url)]
    pages = [*older, *archive_pages(page), *guessed]
    further = [_page(each) for each in dict.fromkeys(filter(None, pages))]
    return Backward(article_links(page), further)


def _children(children: Sequence[Child]) -> Iterator[Further]:
    for child in of_articles(children):
        first, last = _days_of_name(child.url)
        changed = child.changed.day if child.changed else None
        if changed is not None and (last is None or changed < last):
            last = changed
        yield Further(url=child.url, kind="sitemap", first=first, last=last)


def _days_of_name(url: str) -> tuple[date | None, date | None]:
    """Return the days that a sitemap's name tells: of its month or its year."""
    parts = urlsplit(url)
    name = f"{parts.path}?{parts.query}"
    found = _DAY.search(name)
    if found:
        year, month = int(found[1]), int(found[3])
        if found[4]:
            day = _date(year, month, int(found[4]))
            return day, day
        return date(year, month, 1), _last_of(year, month)
    of_year = _YEAR.findall(name)
    if len(of_year) == 1:
        return date(int(of_year[0]), 1, 1), date(int(of_year[0]), 12, 31)
    return None, None


def _page(url: str) -> Further:
    period = archive_period(url)
    if period is None:
        return Further(url=url, kind="page")
    return Further(url=url, kind="page", first=period.first, last=period.last)


def _parts(body: bytes, url: str) -> Iterator[str]:
    """Yield the addresses of a feed's older parts."""
    head = body[:_HEAD]
    named = [
        unescape(href[1])
        for link in _LINK.findall(head)
        for text in [link.decode("utf8", "replace")]
        if _OLDER_PART.search(text) and (href := _HREF.search(text))
    ]
    as_json = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    for written in _NEXT_URL.findall(body.decode("utf8", "replace")) if as_json else ():
        with suppress(ValueError):
            named.append(json.loads(written))
    if not named and _WORDPRESS.search(head):
        named.append(_next_of_wordpress(url))
    for each in named:
        try:
            address = urljoin(url, each)
        except ValueError:
            continue
        if is_web_url(address) and canonical_url(address) != canonical_url(url):
            yield address


def _next_of_wordpress(url: str) -> str:
    parts = urlsplit(url)
    fields = dict(parse_qsl(parts.query, keep_blank_values=True))
    page = fields.get("paged", "1")
    fields["paged"] = str(int(page) + 1) if page.isascii() and page.isdigit() else "2"
    return urlunsplit(parts._replace(query=urlencode(fields)))


def last_day(entry: Entry) -> date | None:
    """Return the last day on which what an entry names can have been published; None if not known.

    It is known by what the entry says, or by the day or month in the address. What was changed last
    on a day was not published after it.
    """
    if entry.published is not None:
        return entry.published.day
    in_address = _last_day_of_address(entry.url)
    changed = entry.updated.day if entry.updated else None
    known = [day for day in (in_address, changed) if day is not None]
    return min(known, default=None)


def _last_day_of_address(url: str) -> date | None:
    path = urlsplit(url).path
    found = _DAY.search(path)
    if not found or not found[2]:  # bare digits may be an id
        return None
    year, month = int(found[1]), int(found[3])
    if found[4]:
        return _date(year, month, int(found[4]))
    # Within a slug it may be of what the article tells: 2019-12-months-of-protest.
    alone = path[: found.start()].endswith("/") and path[found.end() :][:1] in ("", "/")
    return _last_of(year, month) if alone else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _last_of(year: int, month: int) -> date:
    return (date(year, month, 1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
