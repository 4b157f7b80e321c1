"""How each source stands (:mod:`newsbot.standing`), brought forward with every run that ends.

One document a source. It is written before its run is ended: whoever repeats that finds the run's mark, and
changes nothing.
"""

from collections.abc import Iterable
from datetime import datetime

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


class Standings:
    """How all sources stand; what has not changed since the last look is not made anew."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Standing]] = {}

    def read(self, database: Database) -> dict[str, Standing]:
        """Return how each source stands, by id."""
        self._known = {each["_id"]: self._of(each) for each in _everything(database)}
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
def many(database: Database, ids: Iterable[str]) -> dict[str, Standing]:
    """Return how these sources stand, by id."""
    found = database.standings.find({"_id": {"$in": list(ids)}})
    return {each["_id"]: from_document(Standing, each) for each in found}


@patiently
def forget(database: Database, source: str) -> None:
    """Forget how a source stood that was removed."""
    database.standings.delete_one({"_id": source})
