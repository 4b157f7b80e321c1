"""Tombstones: what was taken out of the archive and must not come back by the next crawl.

A tombstone has the article's id and the ids of its pages, all of them hashes, and nothing of what the
article said. A takedown leaves one more, of the text: the same words at another address of the same
source are the article that was removed.

A tombstone is written before anything is erased, and whoever stores articles looks for tombstones after
it has stored them; so an article that is on its way while it is removed is met by one of the two.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.items import derived_id

Cause = Literal["takedown", "retention"]

# Ids asked for at a time; see ``pages.AT_ONCE``.
_AT_ONCE = 50


@attrs.frozen(kw_only=True)
class Tombstone:
    """An article that is no more: when and for what cause it went.

    ``pages`` are the ids of its pages and ``sources`` those of its sources. ``text`` is the id of its
    text's tombstone, "" where it has none. ``story`` is the story it was of. ``open`` says that
    something of it may still be there: its pages in the WARC files, or what a crawl had in hand.
    """

    id: str
    at: datetime
    cause: Cause
    pages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    text: str = ""
    story: str = ""
    open: bool = False


def text_id(source: str, content_hash: str) -> str:
    """Return the id of the tombstone of a text at a source."""
    return derived_id("removed text", source, content_hash)


@patiently
def put(database: Database, tombstones: Sequence[Tombstone]) -> None:
    """Write tombstones down. One that is there already stays, and is open again."""
    for each in tombstones:
        fields = to_document(each)
        again = {"open": fields.pop("open")}
        database.removed.update_one(
            {"_id": each.id}, {"$setOnInsert": fields, "$set": again}, upsert=True
        )
        if each.text:
            fields = {"_id": each.text, "at": each.at, "cause": each.cause, "of": each.id}
            database.removed.update_one({"_id": each.text}, {"$setOnInsert": fields}, upsert=True)


@patiently
def close(database: Database, tombstone: str) -> None:
    """Note that nothing is left to do for a removed article."""
    database.removed.update_one({"_id": tombstone}, {"$set": {"open": False}})


@patiently
def get(database: Database, article: str) -> Tombstone | None:
    """Return the tombstone of an article."""
    found = database.removed.find_one({"_id": article, "of": None})
    return from_document(Tombstone, found) if found else None


@patiently
def left_open(database: Database) -> list[Tombstone]:
    """Return the tombstones for which something is still to do."""
    found = database.removed.find({"open": True})
    return [from_document(Tombstone, each) for each in found]


@patiently
def lift(database: Database, tombstone: Tombstone) -> None:
    """Let a removed article be found and stored again."""
    database.removed.delete_many({"_id": {"$in": [tombstone.id, tombstone.text or tombstone.id]}})
    database.pages.delete_many({"_id": {"$in": list(tombstone.pages)}, "outcome": "removed"})


@patiently
def among(database: Database, ids: Iterable[str]) -> set[str]:
    """Return those of these ids, of articles and of texts, that have a tombstone."""
    return {
        each["_id"]
        for part in _parts(list(dict.fromkeys(ids)))
        for each in database.removed.find({"_id": {"$in": part}}, {"_id": 1})
    }


@patiently
def since(database: Database, moment: datetime) -> list[str]:
    """Return the ids of the articles that were removed since then."""
    found = database.removed.find({"at": {"$gte": moment}, "of": None}, {"_id": 1})
    return [each["_id"] for each in found]


def _parts(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
