"""Troubles: what is or was wrong, of which cause, and what was told of it.

Each is one document, and whoever looks after them (one process, by ``lead``) decides by one write: what is to
be told next stands in it as ``telling``, with its occasion, before any message is written. A message's id is
derived from trouble, occasion and channel. So a process that is killed anywhere tells nothing twice, and what
it had decided to tell is told by the next.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.items import derived_id

# Troubles that are over are kept for so long.
_KEPT = timedelta(days=90)
# Kinds of which subscribers are told, not operators.
SUBSCRIBERS = frozenset({"rule ill", "rule silent", "rule channel"})


@attrs.frozen(kw_only=True)
class Telling:
    """What is to be told next: on which ``occasion`` and to which channels, as a message's ``said``."""

    occasion: str
    channels: tuple[str, ...]
    said: Mapping[str, Any]
    alert: str = ""


@attrs.frozen(kw_only=True)
class Trouble:
    """Something that is wrong, of one cause.

    ``kind`` is what is wrong and ``cause`` what is common to its members, ``of`` which one;
    ``host`` and ``proxy`` are those of its first. ``members`` are
    the subjects (sources, by id), each with when it began; ``well`` are those that are well again, and when
    they were. ``began`` is when the first of it did, ``found`` when it was noticed. ``says`` is what is wrong,
    of one member. ``told`` counts how often it was told, the last time at ``told_at`` of ``told_of`` members;
    it is told again at ``next_at``; ``once``: never, nor that it is over while it is as it was. ``telling`` is what is decided and perhaps not written yet.
    """

    id: str
    kind: str
    cause: str
    of: str
    host: str = ""
    proxy: str = ""
    state: Literal["open", "over"] = "open"
    began: datetime
    found: datetime
    says: str
    members: Mapping[str, datetime]
    well: Mapping[str, datetime] = attrs.Factory(dict)
    told: int = 0
    told_at: datetime | None = None
    told_of: int = 0
    next_at: datetime | None = None
    once: bool = False
    ended: datetime | None = None
    telling: Telling | None = None


def trouble_id(kind: str, cause: str, of: str, found: datetime) -> str:
    """Return the id of a trouble that was found at a moment."""
    return derived_id("trouble", kind, cause, of, found.isoformat())


@patiently
def standing(database: Database) -> list[Trouble]:
    """Return the troubles that are not over, oldest first, and those of which something is to be told."""
    found = database.troubles.find({"$or": [{"state": "open"}, {"telling": {"$ne": None}}]})
    troubles = [from_document(Trouble, each) for each in found]
    return sorted(troubles, key=lambda each: (each.found, each.id))


@patiently
def latest(database: Database, *, since: datetime) -> list[Trouble]:
    """Return troubles that began since then or are not over, newest first."""
    found = database.troubles.find({"$or": [{"state": "open"}, {"found": {"$gte": since}}]})
    troubles = [from_document(Trouble, each) for each in found]
    return sorted(troubles, key=lambda each: (each.found, each.id), reverse=True)


@patiently
def keep(database: Database, trouble: Trouble) -> None:
    """Write a trouble down as it is now."""
    database.troubles.replace_one({"_id": trouble.id}, to_document(trouble), upsert=True)


@patiently
def told(database: Database, trouble: Trouble) -> None:
    """Note that what was to be told of a trouble is in the outbox."""
    assert trouble.telling is not None
    database.troubles.update_one(
        {"_id": trouble.id, "telling.occasion": trouble.telling.occasion},
        {"$set": {"telling": None}},
    )


@patiently
def drop(database: Database, trouble: str) -> None:
    """Forget a trouble of which nothing was told."""
    database.troubles.delete_one({"_id": trouble})


@patiently
def prune(database: Database, now: datetime) -> None:
    """Forget troubles that have been over for long."""
    database.troubles.delete_many({"state": "over", "ended": {"$lt": now - _KEPT}})
