"""How each source stands (:mod:`newsbot.standing`), brought forward with every run that ends.

One document a source. It is written before its run is ended: whoever repeats that finds the run's mark, and
changes nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from newsbot.archive.connection import Database, Document, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.standing import NOTHING, Brought, Standing, after_run


def note(
    database: Database,
    source: str,
    *,
    mark: str,
    at: datetime,
    well: bool,
    trouble: str = "",
    brought: Brought = NOTHING,
    address: str = "",
) -> None:
    """Take a run in that ends. May be repeated; waits for nobody: its caller does."""
    found = database.standings.find_one({"_id": source})
    before = from_document(Standing, found) if found else None
    after = after_run(
        before,
        source,
        mark=mark,
        at=at,
        well=well,
        trouble=trouble[:500],
        brought=brought,
        address=address,
    )
    if after is not before:
        database.standings.replace_one({"_id": source}, to_document(after), upsert=True)


# Ends of runs are written down so much later than they say at the latest: by another machine's clock, or by
# one that waited for MongoDB. What is written later still is found when all are read.
_LATE = timedelta(minutes=15)
# All are read again after so long.
_ALL_AGAIN = timedelta(hours=6)


class Standings:
    """How all sources stand; what has not changed since the last look is not read again.

    Those of sources that were removed may be among them until all are read again.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Standing]] = {}
        self._all_at: datetime | None = None
        self._upto: datetime | None = None

    def read(self, database: Database, now: datetime) -> dict[str, Standing]:
        """Return how each source stands, by id."""
        if self._upto is None or self._all_at is None or now - self._all_at >= _ALL_AGAIN:
            self._all_at = now
            self._known = {each["_id"]: self._of(each) for each in _everything(database, now)}
        else:
            self._known |= {
                each["_id"]: self._of(each)
                for each in _between(database, {"$gte": self._upto - _LATE})
            }
        ends = [standing.at for _, standing in self._known.values()]
        self._upto = min(now, max(ends)) if ends else None
        return {source: standing for source, (_, standing) in self._known.items()}

    def _of(self, document: Document) -> tuple[str, Standing]:
        known = self._known.get(document["_id"])
        if known is not None and known[0] == document["mark"]:
            return known
        return document["mark"], from_document(Standing, document)


def _everything(database: Database, now: datetime) -> Iterator[Document]:
    """Yield all there are, some thousand at a time, by when their runs ended: the oldest first.

    So one whose run ends meanwhile is met again, or at least then. In one answer the embedded MongoDB would
    gather all of them before the first, which takes too long where there are very many.
    """
    edges = [now - timedelta(days=back) for back in range(30, 0, -1)]
    edges += [now - timedelta(minutes=back) for back in range(23 * 60, 0, -10)]
    yield from _between(database, {"$lt": edges[0]})
    for first, last in pairwise(edges):
        yield from _between(database, {"$gte": first, "$lt": last})
    yield from _between(database, {"$gte": edges[-1]})


@patiently
def _between(database: Database, ended: Document) -> list[Document]:
    return list(database.standings.find({"at": ended}))


@patiently
def many(database: Database, ids: Iterable[str]) -> dict[str, Standing]:
    """Return how these sources stand, by id."""
    found = database.standings.find({"_id": {"$in": list(ids)}})
    return {each["_id"]: from_document(Standing, each) for each in found}


def everything(database: Database, now: datetime) -> dict[str, Standing]:
    """Return how all sources stand, by id."""
    return {each["_id"]: from_document(Standing, each) for each in _everything(database, now)}


@patiently
def of(database: Database, source: str) -> Standing | None:
    """Return how a source stands; None before its first run has ended."""
    found = database.standings.find_one({"_id": source})
    return from_document(Standing, found) if found else None


@patiently
def forget(database: Database, source: str) -> None:
    """Forget how a source stood that was removed."""
    database.standings.delete_one({"_id": source})
