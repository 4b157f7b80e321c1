"""Lists of terms and phrases that the desk keeps, for queries to name as ``@name``.

A list's version grows with each change and never goes back, not even by removing the list and making it
anew: what was matched or exported with a version can be told from what another would have given.
"""

from datetime import datetime

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.file_marks import FileMark
from newsbot.archive.records import from_document, to_document, to_value


@attrs.frozen(kw_only=True)
class TermList:
    """A list: ``id`` is its name, case-folded; ``by`` is who changed it last, ``at`` when.

    ``entries`` are words and phrases as they were typed. One that was ``removed`` stands for its version.
    ``kept_by_file`` is what files have to do with it.
    """

    id: str
    entries: tuple[str, ...]
    version: int
    by: str
    at: datetime
    removed: bool = False
    kept_by_file: FileMark | None = None


@patiently
def version(database: Database) -> int:
    """Return a number that is another one after each change of any list."""
    found = database.meta.find_one({"_id": "lists"})
    return int(found["version"]) if found else 0


@patiently
def everything(database: Database) -> list[TermList]:
    """Return all lists, by name."""
    found = (from_document(TermList, each) for each in database.lists.find({"removed": False}))
    return sorted(found, key=lambda each: each.id)


@patiently
def find(database: Database, name: str) -> TermList | None:
    """Return a list, or what a removed one left; None where there never was one."""
    found = database.lists.find_one({"_id": name})
    return from_document(TermList, found) if found else None


@patiently
def replace(database: Database, changed: TermList) -> bool:
    """Write a list whose version is one more than that which is kept. False: somebody was faster."""
    document = to_document(changed)
    if changed.version == 1:
        done = database.lists.update_one(
            {"_id": changed.id}, {"$setOnInsert": document}, upsert=True
        )
    else:
        done = database.lists.update_one(
            {"_id": changed.id, "version": changed.version - 1}, {"$set": document}
        )
    written = done.upserted_id is not None or done.modified_count == 1
    if not written:  # or it was written by a try whose answer was lost
        there = find(database, changed.id)
        written = there is not None and _same(there) == _same(changed)
    if written:
        database.meta.update_one({"_id": "lists"}, {"$inc": {"version": 1}}, upsert=True)
    return written


@patiently
def mark(database: Database, name: str, mark: FileMark | None) -> None:
    """Say what files have to do with a list; it is the same list, of the same version."""
    database.lists.update_one(
        {"_id": name, "removed": False}, {"$set": {"kept_by_file": to_value(mark)}}
    )


def _same(kept: TermList) -> tuple[object, ...]:
    return (kept.version, kept.entries, kept.removed, kept.by, kept.kept_by_file)
