"""How each source stands (:mod:`newsbot.standing`), brought forward with every run that ends.

One document a source. It is written before its run is ended: whoever repeats that finds the run's mark, and
changes nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

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
            self._known = {each["_id"]: self._of(each) for each in _everything(database)}
        else:
            self._known |= {
                each["_id"]: self._of(each) for each in _since(database, self._upto - _LATE)
            }
        ends = [standing.at for _, standing in self._known.values()]
        self._upto = min(now, max(ends)) if ends else None
        return {source: standing for source, (_, standing) in self._known.items()}

    def _of(self, document: Document) -> tuple[str, Standing]:
        known = self._known.get(document["_id"])
        if known is not None and known[0] == document["mark"]:
            return known
        return document["mark"], from_document(Standing, document)


@patiently
def _everything(database: Database) -> list[Document]:
    return list(database.standings.find({}))


@patiently
def _since(database: Database, moment: datetime) -> list[Document]:
    return list(database.standings.find({"at": {"$gte": moment}}))


@patiently
def many(database: Database, ids: Iterable[str]) -> dict[str, Standing]:
    """Return how these sources stand, by id."""
    found = database.standings.find({"_id": {"$in": list(ids)}})
    return {each["_id"]: from_document(Standing, each) for each in found}


@patiently
def everything(database: Database) -> dict[str, Standing]:
    """Return how all sources stand, by id."""
    return {each["_id"]: from_document(Standing, each) for each in database.standings.find({})}


@patiently
def of(database: Database, source: str) -> Standing | None:
    """Return how a source stands; None before its first run has ended."""
    found = database.standings.find_one({"_id": source})
    return from_document(Standing, found) if found else None


@patiently
def forget(database: Database, source: str) -> None:
    """Forget how a source stood that was removed."""
    database.standings.delete_one({"_id": source})
