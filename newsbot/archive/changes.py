"""What changes in the articles, as it happens: MongoDB's change stream, and a scan beside it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import attrs
from bson import json_util
from pymongo.change_stream import ChangeStream
from pymongo.errors import OperationFailure, PyMongoError

from newsbot.archive import same_dates
from newsbot.archive.articles import Kept, from_stored
from newsbot.archive.connection import Database, Document

# Fields whose change matters to a reader of the stream; clearing ``pending`` is none.
TELLING = frozenset({"revision", "sources", "story", "changed_at", "text_expired_at", "published"})


# Articles that a scan asks for at once.
_SCANNED = 500
# Articles from whose number that of all is told.
_FEW = 30


class StreamBrokenError(Exception):
    """The stream ended: MongoDB went away, or forgot where it was."""


@attrs.frozen
class Change:
    """One change: the article as it is now, or (``kept`` is None) that it was removed.

    ``at`` is when it was written, by MongoDB's clock, to the second: all that was before is told before.
    """

    article: str
    kept: Kept | None
    at: datetime


class Stream:
    """The changes of articles, in order. ``resumed``: it goes on from where a token stood."""

    def __init__(self, stream: ChangeStream[Document], *, resumed: bool) -> None:
        self._stream = stream
        self.resumed = resumed

    @property
    def token(self) -> str | None:
        """Where the stream stands; ``open_stream`` goes on from there."""
        token = self._stream.resume_token
        return None if token is None else json_util.dumps(token)

    def next(self) -> Change | None:
        """Return the next change, or None when there is none for now (after a short wait).

        Raises:
            StreamBrokenError: when the stream ended.
        """
        try:
            while (event := self._stream.try_next()) is not None:
                change = _change(event)
                if change is not None:
                    return change
        except PyMongoError as error:
            raise StreamBrokenError(str(error)) from error
        if not self._stream.alive:
            raise StreamBrokenError("the stream was closed")
        return None


def _change(event: Document) -> Change | None:
    kind = event["operationType"]
    if kind in ("insert", "replace", "update"):
        if kind == "update" and not _telling(event["updateDescription"]):
            return None
        document = event.get("fullDocument")
        if document is not None:
            return Change(document["_id"], from_stored(document), _at(event))
    elif kind == "delete":
        return Change(event["documentKey"]["_id"], None, _at(event))
    elif kind == "invalidate":
        raise StreamBrokenError("the collection was dropped")
    return None


def _at(event: Document) -> datetime:
    moment: datetime = event["clusterTime"].as_datetime()
    return moment


def _telling(update: Document) -> bool:
    changed = [*update.get("updatedFields", {}), *update.get("removedFields", [])]
    return any(name.partition(".")[0] in TELLING for name in changed)


@contextmanager
def open_stream(database: Database, token: str | None) -> Iterator[Stream]:
    """Open the stream after a token, or from now on where there is none or it is too old.

    Raises:
        StreamBrokenError: when MongoDB does not answer.
    """
    try:
        stream = None
        if token is not None:
            with suppress(OperationFailure):  # the server no longer reaches back to it
                stream = _watch(database, token)
        resumed = stream is not None
        if stream is None:
            stream = _watch(database, None)
            stream.try_next()  # it begins here, not at the first reading
    except PyMongoError as error:
        raise StreamBrokenError(str(error)) from error
    with stream:
        yield Stream(stream, resumed=resumed)


def _watch(database: Database, token: str | None) -> ChangeStream[Document]:
    return database.articles.watch(
        full_document="updateLookup",
        resume_after=None if token is None else json_util.loads(token),
        max_await_time_ms=100,
        batch_size=500,
    )


def scan(database: Database, *, since: datetime | None) -> Iterator[Kept]:
    """Yield all articles, or those that changed since then in what a reader of the stream is told, in no order.

    However many there are, few are in memory at a time, the server's included: it gathers all that a
    question finds before it answers.
    """
    if since is None:
        for span in spans(database, _SCANNED):
            yield from within(database, span)
        return
    for field in ("changed_at", "text_expired_at"):
        for some in _by_time(database, field, since):
            yield from map(from_stored, some)
    for ids in same_dates.changed_since(database, since):
        yield from map(from_stored, database.articles.find({"_id": {"$in": ids}}))


@attrs.frozen
class Span:
    """Part of all articles, by the hashes of their content: from ``low`` on and below ``high``, "" for the last.

    Hashes are evenly spread, and an index has them. An article that is edited goes to another part, of which
    readers of the stream are told.
    """

    low: str
    high: str


def spans(database: Database, size: int) -> list[Span]:
    """Return parts that together are all articles, with about so many of them each at most."""
    digits, count = 0, _about(database)
    while count > size * 16**digits:
        digits += 1
    bounds = [f"{number:0{digits}x}" for number in range(1, 16**digits)]
    return [Span(low, high) for low, high in pairwise(["", *bounds, ""])]


def _about(database: Database) -> int:
    """Return about how many articles there are, from a few of them.

    The embedded server counts them by looking at each: two seconds and more for 200,000.
    """
    for digits in (4, 3, 2, 1):
        first = {"content_hash": {"$lt": f"{1:0{digits}x}"}}
        few = sum(1 for _ in database.articles.find(first, {"content_hash": 1}))
        if few >= _FEW:
            return few * 16**digits
    return sum(1 for _ in database.articles.find({}, {"content_hash": 1}))


def within(database: Database, span: Span) -> Iterator[Kept]:
    """Yield the articles of a part, asked for at once."""
    # The embedded server finds by an index here; for a range of ids it would look through all articles.
    inside = {"$gte": span.low} | ({"$lt": span.high} if span.high else {})
    yield from map(from_stored, database.articles.find({"content_hash": inside}))


def _by_time(database: Database, field: str, since: datetime) -> Iterator[list[Document]]:
    """Yield the articles that a field says changed since then, so long a time at once as is few of them."""
    end = datetime.now(UTC) + timedelta(days=1)  # a clock may be before ours
    low, length = since, timedelta(minutes=1)
    while low < end:
        found = list(database.articles.find({field: {"$gte": low, "$lt": low + length}}))
        yield found
        low += length
        length = length / 2 if len(found) > _SCANNED else length * 2
    yield list(database.articles.find({field: {"$gte": low}}))
