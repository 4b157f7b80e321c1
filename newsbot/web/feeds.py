"""``/feed/TOKEN.atom`` and ``.json``: every saved search and source, full text, for feed readers.

A reader sends no cookie: the address is the secret. It polls, so an answer that it has already is 304.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from newsbot.archive import feeds, searches
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
            feed = self._feed(request, address)
        except AWAY:
            return PlainTextResponse(
                "The archive is away for a moment.",
                status_code=503,
                headers={**_HEADERS, "retry-after": "60"},
            )
        if feed is None:
            return PlainTextResponse(_GONE, status_code=410, headers=_HEADERS)
        body = written(feed)
        tag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        changed = self._changes.at(feed.own, tag, datetime.now(UTC))
        headers = {
            **_HEADERS,
            "etag": tag,
            "last-modified": format_datetime(changed, usegmt=True),
        }
        if _has_it(request.headers, headers):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=kind, headers=headers)

    def _feed(self, request: Request, address: FeedAddress) -> Feed | None:
        """Return what stands in a feed now; None where what it was of is not there any more."""
        base = str(request.base_url).rstrip("/")
        if address.kind == "search":
            saved = searches.of_id(self._database, address.of)
            if saved is None:
                return None
            title, query, since = saved.name, saved.query, saved.created_at
            page = f"{base}/search?q={quote(query, safe='')}"
        else:
            family = self._documents.names(address.of).family(address.of)
            if family is None:
                return None
            title, query, since = family.name, f'source:"{family.id}"', address.made_at
            page = f"{base}/sources/{family.id}"
        found = self._entries(address, query, base)
        return Feed(
            id=urn("feed", address.id),
            title=title,
            subtitle=query if address.kind == "search" else "",
            page=page,
            own=str(request.url.replace(query="")),
            updated=max((each.updated for each in found), default=since),
            entries=found,
        )

    def _entries(self, address: FeedAddress, query: str, base: str) -> tuple[Entry, ...]:
        try:
            return entries(self._reader.search(query, limit=NEWEST, passages=False).hits, base)
        except QuerySyntaxError as error:  # one of its lists was removed, or it grew too slow
            return (refusal(address.id, error, f"{base}/saved", datetime.now(UTC)),)


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


class _Changes:
    """When each feed was first seen as it is now, in whole seconds; never the same for two states of it.

    Not kept: after a start of newsbot a reader that knows no ETag is sent its feed once more.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, feed: str, tag: str, now: datetime) -> datetime:
        with self._lock:
            before, changed = self._known.pop(feed, ("", datetime.min.replace(tzinfo=UTC)))
            if before != tag:
                changed = max(now.replace(microsecond=0), changed + timedelta(seconds=1))
            self._known[feed] = (tag, changed)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
            return changed
