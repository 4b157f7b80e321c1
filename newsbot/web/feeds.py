"""``/feed/TOKEN.atom`` and ``.json``: every saved search, source and alert, full text, for feed readers.

A reader sends no cookie: the address is the secret. It polls, so an answer that it has already is 304: that
is told from what the feed would be made of, and the feed is made only where that has changed.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from urllib.parse import quote

import attrs
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from newsbot.archive import articles, collections, feeds, matches, rules, searches
from newsbot.archive.connection import AWAY, Database
from newsbot.archive.feeds import FeedAddress
from newsbot.config import Config
from newsbot.query import QuerySyntaxError
from newsbot.search.documents import Documents
from newsbot.search.results import Reader
from newsbot.web import atom, json_feed
from newsbot.web.entries import Entry, Feed, entries, refusal, urn

# Articles in a feed, the newest.
NEWEST = 50
# How far back an alert's feed reaches, and through which shorter times it is looked for.
_LOOKED_BACK = (timedelta(days=2), timedelta(days=14), timedelta(days=90))
# Feeds whose last change is remembered.
_REMEMBERED = 10_000

_HEADERS = {
    # Between a reader and newsbot nobody keeps it, and a reader asks whether it still holds.
    "cache-control": "private, no-cache",
    "x-robots-tag": "noindex, nofollow",
}
_GONE = "What this feed was of has been removed from newsbot. Take the feed out of your reader."
_NOT_HERE = (
    "There is no feed at this address. If there was one, its address has been renewed: ask whoever "
    "gave it to you for the new one."
)


def addresses(request: Request, address: FeedAddress) -> dict[str, str]:
    """Return where a feed is read, by the format, on the page that was asked."""
    base = str(request.base_url).rstrip("/")
    return {ending: f"{base}/feed/{address.token}.{ending}" for ending in ("atom", "json")}


@attrs.frozen
class _Subject:
    """What a feed is of: its name, what it finds, since when it is, and the page that shows the same.

    ``alert`` is the id of one whose feed it is: what it told stands in it, not all that its query finds.
    ``articles`` are the ids of those of a collection, None where it is of none.
    """

    title: str
    query: str
    since: datetime
    page: str
    subtitle: str = ""
    alert: str = ""
    articles: tuple[str, ...] | None = None


# The articles of a feed, each with its source's name.
_Found = list[tuple[articles.Unread, str]]


class Feeds:
    """The feeds of one archive."""

    def __init__(self, config: Config, database: Database) -> None:
        self._database = database
        self._reader = Reader(config, database)
        self._documents = Documents.of(database)
        self._changes = _Changes()
        self.router = APIRouter()
        add = self.router.add_api_route
        for ending, answer in (("atom", self.atom), ("json", self.json)):
            add(f"/feed/{{token}}.{ending}", answer, methods=["GET", "HEAD"], response_model=None)

    def atom(self, request: Request, token: str) -> Response:
        """Answer a feed as Atom."""
        return self._answer(request, token, atom.atom, atom.TYPE)

    def json(self, request: Request, token: str) -> Response:
        """Answer a feed as JSON Feed."""
        return self._answer(request, token, json_feed.json_feed, json_feed.TYPE)

    def _answer(
        self, request: Request, token: str, written: Callable[[Feed], bytes], kind: str
    ) -> Response:
        try:
            address = feeds.find(self._database, token)
            if address is None:
                return PlainTextResponse(_NOT_HERE, status_code=404, headers=_HEADERS)
            of = self._subject(address)
            found = None if of is None else self._found(of)
        except AWAY:
            return PlainTextResponse(
                "The archive is away for a moment.",
                status_code=503,
                headers={**_HEADERS, "retry-after": "60"},
            )
        if of is None or found is None:
            return PlainTextResponse(_GONE, status_code=410, headers=_HEADERS)
        own, base = str(request.url.replace(query="")), str(request.base_url).rstrip("/")
        mark = _mark(of, base, found)
        state = self._changes.same(own, mark)
        if state is not None and _has_it(request.headers, state.headers):
            return Response(status_code=304, headers=state.headers)
        body = written(_feed(address, of, found, own, base))
        tag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        state = self._changes.at(own, mark, tag, datetime.now(UTC))
        if _has_it(request.headers, state.headers):
            return Response(status_code=304, headers=state.headers)
        return Response(body, media_type=kind, headers=state.headers)

    def _subject(self, address: FeedAddress) -> _Subject | None:
        """Return what a feed is of; None where that is not there any more."""
        if address.kind == "search":
            saved = searches.of_id(self._database, address.of)
            if saved is None:
                return None
            page = f"search?q={quote(saved.query, safe='')}"
            return _Subject(saved.name, saved.query, saved.created_at, page, subtitle=saved.query)
        if address.kind == "alert":
            rule = rules.many(self._database, [address.of]).get(address.of)
            if rule is None:
                return None
            return _Subject(
                rule.name,
                rule.query,
                rule.created_at,
                f"alerts/{rule.id}",
                subtitle=rule.query,
                alert=rule.id,
            )
        if address.kind == "collection":
            return self._of_collection(address.of)
        family = self._documents.names(address.of).family(address.of)
        if family is None:
            return None
        query = f'source:"{family.id}"'
        return _Subject(family.name, query, address.made_at, f"sources/{family.id}")

    def _of_collection(self, key: str) -> _Subject | None:
        kept = collections.find(self._database, key)
        if kept is None:
            return None
        there = [each for each in kept.entries if each.gone_at is None]
        there.sort(key=lambda each: each.at, reverse=True)  # those put in together in their order
        return _Subject(
            kept.name,
            "",
            kept.created_at,
            f"collections/{kept.id}",
            subtitle=kept.about,
            articles=tuple(each.article for each in there[:NEWEST]),
        )

    def _found(self, of: _Subject) -> _Found | QuerySyntaxError:
        try:
            if of.articles is not None:
                ids = list(of.articles)
            else:
                ids = self._told(of) if of.alert else self._reader.newest_ids(of.query, NEWEST)
        except QuerySyntaxError as error:  # one of its lists was removed, or it grew too slow
            return error
        found = articles.unread(self._database, ids)
        return [(each, self._documents.source_name(each.source)) for each in found]

    def _told(self, of: _Subject) -> list[str]:
        """Return the ids of the articles of which an alert told, the newest first."""
        now = datetime.now(UTC)
        told: list[str] = []
        for span in _LOOKED_BACK:  # the nearest first: the embedded server sorts all that it finds
            found = matches.latest(
                self._database, since=now - span, alert=of.alert, at_most=NEWEST * 4
            )
            told = [each.article for each in found if not each.held][:NEWEST]
            if len(told) == NEWEST:
                break
        return told


def _feed(
    address: FeedAddress, of: _Subject, found: _Found | QuerySyntaxError, own: str, base: str
) -> Feed:
    told: tuple[Entry, ...]
    if isinstance(found, QuerySyntaxError):
        told = (refusal(address.id, found, f"{base}/saved", datetime.now(UTC)),)
    else:
        told = entries(((each.read(), source) for each, source in found), base)
    return Feed(
        id=urn("feed", address.id),
        title=of.title,
        subtitle=of.subtitle,
        page=f"{base}/{of.page}",
        own=own,
        updated=max((each.updated for each in told), default=of.since),
        entries=told,
    )


def _mark(of: _Subject, base: str, found: _Found | QuerySyntaxError) -> bytes:
    """Return what is another one whenever a feed may be; b"" where that is not known.

    All that a feed is made of is in it: what it is of, and each of its articles whole, as it is stored, with
    its source's name. So whatever changes, by whatever way, makes another mark.
    """
    if isinstance(found, QuerySyntaxError):
        return b""
    told = (of, base, [(each.id, each.mark, source) for each, source in found])
    return blake2b(repr(told).encode("utf8", "surrogatepass"), digest_size=16).digest()


def _has_it(asked: Mapping[str, str], answer: Mapping[str, str]) -> bool:
    """Say whether a reader has this answer already (RFC 9110, 13.2.2).

    The time is compared with what was sent, as a name: two answers never have the same, and an article that
    leaves a feed makes a new one that is no younger by its articles.
    """
    told = asked.get("if-none-match")
    if told is not None:
        tags = (each.strip().removeprefix("W/") for each in told.split(","))
        return any(each in ("*", answer["etag"]) for each in tags)
    return asked.get("if-modified-since") == answer["last-modified"]


@attrs.frozen
class _State:
    """What a feed was last seen to be: its mark, the ETag of its answer, and since when it is so."""

    mark: bytes
    tag: str
    changed: datetime

    @property
    def headers(self) -> dict[str, str]:
        told = {"etag": self.tag, "last-modified": format_datetime(self.changed, usegmt=True)}
        return _HEADERS | told


class _Changes:
    """When each feed was first seen as it is now, in whole seconds; never the same for two states of it.

    Not kept: after a start of newsbot a reader that knows no ETag is sent its feed once more.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, _State] = OrderedDict()
        self._lock = threading.Lock()

    def same(self, feed: str, mark: bytes) -> _State | None:
        """Return what a feed was last seen to be where it has this mark still."""
        with self._lock:
            state = self._known.get(feed)
            return state if state is not None and mark and state.mark == mark else None

    def at(self, feed: str, mark: bytes, tag: str, now: datetime) -> _State:
        """Take down what a feed is now."""
        with self._lock:
            before = self._known.pop(feed, None)
            if before is None:
                changed = now.replace(microsecond=0)
            elif before.tag == tag:
                changed = before.changed
            else:
                changed = max(now.replace(microsecond=0), before.changed + timedelta(seconds=1))
            state = self._known[feed] = _State(mark, tag, changed)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
            return state
