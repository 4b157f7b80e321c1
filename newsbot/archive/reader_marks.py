"""What a reader has seen: which stories are read, new or starred, and since when he was not here.

A story that nobody marked costs nothing: a reader is known to have read *up to* a moment, and what he
marked otherwise is an exception, one document a story. Of a mark and that moment the later one holds.
A reader is known by his name.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import attrs
from pymongo import UpdateOne

from newsbot.archive.connection import Database, Document, patiently
from newsbot.archive.records import from_document, to_value
from newsbot.items import derived_id

# Who was away for longer than this comes back for another visit.
VISIT = timedelta(minutes=30)
# A visit that goes on is written down this often.
_NOTED = timedelta(minutes=1)
# Starred stories that are listed.
MOST_STARRED = 1_000
_AT_ONCE = 50
# What was done is offered to be taken back for so long.
_RECENT = timedelta(minutes=10)


@attrs.frozen(kw_only=True)
class Mark:
    """What a reader marked one story as.

    ``read`` is None where he said nothing of that, ``at`` is when he did; ``starred_at`` is when he
    starred it, None where it is not starred.
    """

    id: str
    reader: str
    story: str
    read: bool | None = None
    at: datetime | None = None
    starred_at: datetime | None = None

    @property
    def starred(self) -> bool:
        """Whether it is starred."""
        return self.starred_at is not None


@attrs.frozen(kw_only=True)
class Reader:
    """How far a reader has read.

    Stories first seen until ``read_to`` are read, as he said at ``read_at``. ``before`` is the end of his
    last visit, ``here_at`` when he was seen in this one; None where there was none.
    """

    id: str
    name: str
    read_to: datetime | None = None
    read_at: datetime | None = None
    before: datetime | None = None
    here_at: datetime | None = None


def reader_id(name: str) -> str:
    """Return the id of a reader of that name."""
    return derived_id("reader", name)


def mark_id(reader: str, story: str) -> str:
    """Return the id of what a reader, by his name, marked a story as."""
    return derived_id("mark", reader, story)


@patiently
def reader(database: Database, name: str) -> Reader:
    """Return how far a reader has read; one who was never here has read nothing."""
    found = database.readers.find_one({"_id": reader_id(name)})
    return from_document(Reader, found) if found else Reader(id=reader_id(name), name=name)


@patiently
def visit(database: Database, name: str, *, now: datetime) -> Reader:
    """Note that a reader is here; returns how far he has read, and until when he was here before."""
    there = reader(database, name)
    last = there.here_at
    if last is not None and now - last < _NOTED:
        return there
    another = last is not None and now - last > VISIT
    changed = attrs.evolve(there, here_at=now, before=last if another else there.before)
    seen = {"name": name, "here_at": now, "before": changed.before}
    # Two pages that are opened at once are one visit.
    key = {"_id": there.id} | ({"here_at": last} if last else {})
    database.readers.update_one(key, {"$set": seen}, upsert=last is None)
    return changed


@patiently
def marks(database: Database, name: str, stories: Iterable[str]) -> dict[str, Mark]:
    """Return what a reader marked these stories as, by story; those that he did not are left out."""
    ids = [mark_id(name, story) for story in stories]
    found: dict[str, Mark] = {}
    for start in range(0, len(ids), _AT_ONCE):
        for each in database.reader_marks.find({"_id": {"$in": ids[start : start + _AT_ONCE]}}):
            found[each["story"]] = from_document(Mark, each)
    return found


@patiently
def put(
    database: Database,
    name: str,
    stories: Sequence[str],
    *,
    now: datetime,
    read: bool | None = None,
    starred: bool | None = None,
) -> None:
    """Mark stories; None leaves that as it is."""
    values: Document = {}
    if read is not None:
        values |= {"read": read, "at": now}
    if starred is not None:
        values |= {"starred_at": now if starred else None}
    changes = [
        UpdateOne(
            {"_id": mark_id(name, story)},
            {"$set": values, "$setOnInsert": {"reader": name, "story": story}},
            upsert=True,
        )
        for story in stories
    ]
    if changes and values:
        database.reader_marks.bulk_write(changes, ordered=False)


@patiently
def put_back(database: Database, before: Sequence[Mark]) -> None:
    """Have marks be as they were."""
    changes = [
        UpdateOne(
            {"_id": each.id},
            {
                "$set": {
                    "read": each.read,
                    "at": each.at,
                    "starred_at": each.starred_at,
                    "reader": each.reader,
                    "story": each.story,
                }
            },
            upsert=True,
        )
        for each in before
    ]
    if changes:
        database.reader_marks.bulk_write(changes, ordered=False)


@patiently
def read_to(database: Database, name: str, moment: datetime, *, now: datetime) -> None:
    """Have all stories first seen until a moment be read, whatever they were marked as before."""
    before = reader(database, name).read_to
    told = {"name": name, "read_to": moment, "read_at": now}
    database.readers.update_one({"_id": reader_id(name)}, {"$set": told}, upsert=True)
    if before is not None:
        # What was marked before a moment was first seen before it, and is no exception any more. What lies
        # between the last moment and this one stays: this one may be taken back.
        past = {"reader": name, "starred_at": None, "at": {"$lt": min(before, moment)}}
        database.reader_marks.delete_many(past)


@patiently
def read_back_to(database: Database, before: Reader) -> None:
    """Have a reader have read as far as he had."""
    told = {"read_to": before.read_to, "read_at": before.read_at}
    database.readers.update_one({"_id": before.id}, {"$set": told})


@patiently
def starred(database: Database, name: str) -> list[Mark]:
    """Return what a reader has starred, the last first: the last thousand."""
    wanted = {"reader": name, "starred_at": {"$gte": datetime(1970, 1, 1, tzinfo=UTC)}}
    found = database.reader_marks.find(wanted).sort("starred_at", -1).limit(MOST_STARRED)
    return [from_document(Mark, each) for each in found]


@patiently
def unread(database: Database, name: str, *, since: datetime, at_most: int) -> list[Mark]:
    """Return what a reader marked as unread since then, the last first."""
    wanted = {"reader": name, "read": False, "at": {"$gte": since}}
    found = database.reader_marks.find(wanted).sort("at", -1).limit(at_most)
    return [from_document(Mark, each) for each in found]


@patiently
def forget(database: Database, stories: Sequence[str]) -> int:
    """Drop what anybody marked these stories as; returns how much that was."""
    gone = 0
    for start in range(0, len(stories), _AT_ONCE):
        some = list(stories[start : start + _AT_ONCE])
        gone += database.reader_marks.delete_many({"story": {"$in": some}}).deleted_count
    return gone


@patiently
def marked(database: Database, stories: Sequence[str]) -> set[str]:
    """Return those of these stories that anybody marked."""
    found: set[str] = set()
    for start in range(0, len(stories), _AT_ONCE):
        some = {"story": {"$in": list(stories[start : start + _AT_ONCE])}}
        found |= {each["story"] for each in database.reader_marks.find(some, {"story": 1})}
    return found


# What the last thing was that a reader did, for him to take it back.


@attrs.frozen(kw_only=True)
class Deed:
    """The last thing that a reader did: what it was called, when, and how it was before.

    ``marks`` are his own, ``desk`` what the desk had decided of each story (see
    :mod:`newsbot.archive.desk_marks`) with the version that the deed made, ``reader`` how far he had read.
    """

    what: str
    at: datetime
    marks: tuple[Mark, ...] = ()
    desk: tuple[tuple[str, int, str, str], ...] = ()
    reader: Reader | None = None

    def is_recent(self, now: datetime) -> bool:
        """Whether it is so lately that its doer may want to take it back."""
        return now - self.at < _RECENT


@patiently
def note_deed(database: Database, name: str, deed: Deed | None) -> None:
    """Note the last thing that a reader did; None where there is nothing to take back."""
    told = {"name": name, "deed": to_value(deed) if deed else None}
    database.readers.update_one({"_id": reader_id(name)}, {"$set": told}, upsert=True)


@patiently
def last_deed(database: Database, name: str) -> Deed | None:
    """Return the last thing that a reader did, if it can be taken back."""
    found = database.readers.find_one({"_id": reader_id(name)}, {"deed": 1})
    return from_document(Deed, found["deed"]) if found and found.get("deed") else None
