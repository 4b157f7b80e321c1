"""Digests in the outbox: what waits for one, one on its way, and who makes them.

A digest is made in steps that may be repeated, by several at once, too:

1. It is *opened*: its message is written, waiting like its parts, with the ids of the candidates for it. It
   is written once; whoever comes later finds that it is there.
2. Its parts are *gathered*: each candidate that still waits becomes part of it. That a message waits no
   longer is what makes it part of one digest alone.
3. It is *closed*, and so due. None of its candidates waits any more, so nothing becomes part of it after.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import attrs

from newsbot.archive.connection import Database, Document, insert_missing, patiently
from newsbot.archive.outbox import Message, MessageKind
from newsbot.archive.records import from_document, to_document, to_value
from newsbot.archive.rules import Rule

# Ids for which one command asks: MongoDB's embedded server compares each with all.
_AT_ONCE = 100
_WANTED = {
    **dict.fromkeys(("kind", "alert", "article", "story", "channel", "slot", "created_at"), 1),
    "said.candidates": 1,
}


@attrs.frozen(kw_only=True)
class Waiting:
    """A message that waits for its digest; or, with ``candidates``, a digest that was opened."""

    id: str
    kind: MessageKind
    alert: str
    article: str
    story: str
    channel: str
    slot: datetime
    created_at: datetime
    candidates: tuple[str, ...] = ()


@patiently
def due(database: Database, now: datetime, *, at_most: int) -> list[Waiting]:
    """Return what waits for a slot that has come."""
    found = database.outbox.find({"state": "waiting", "slot": {"$lte": now}}, _WANTED)
    return [_waiting(each) for each in found.limit(at_most)]


@patiently
def of_alert(database: Database, alert: str) -> list[Waiting]:
    """Return what an alert has waiting for any slot."""
    found = database.outbox.find({"alert": alert, "state": "waiting"}, _WANTED)
    return [_waiting(each) for each in found]


@patiently
def alerts(database: Database) -> set[str]:
    """Return the alerts that have something waiting."""
    return {each["alert"] for each in database.outbox.find({"state": "waiting"}, {"alert": 1})}


@patiently
def even_empty(database: Database) -> list[Rule]:
    """Return the alerts that send a digest even when there is nothing in it."""
    found = database.alerts.find({"timing.even_empty": True, "state": "active"})
    return [from_document(Rule, each) for each in found]


def _waiting(found: Document) -> Waiting:
    return Waiting(
        id=found["_id"],
        kind=found["kind"],
        alert=found["alert"],
        article=found.get("article", ""),
        story=found.get("story", ""),
        channel=found["channel"],
        slot=found["slot"],
        created_at=found["created_at"],
        candidates=tuple((found.get("said") or {}).get("candidates", ())),
    )


@patiently
def open_(database: Database, digest: Message, candidates: Sequence[str]) -> bool:
    """Write a digest with the ids of what shall be in it; False where it is there already."""
    document = to_document(attrs.evolve(digest, state="waiting"))
    document["said"] = dict(digest.said) | {"candidates": list(candidates)}
    return insert_missing(database.outbox, [document]) == 1


@patiently
def gather(database: Database, digest: str, candidates: Sequence[str]) -> None:
    """Make those of the candidates that still wait part of a digest."""
    for some in _in_turn(candidates):
        database.outbox.update_many(
            {"_id": {"$in": some}, "state": "waiting"},
            {"$set": {"state": "gathered", "digest": digest}},
        )


@patiently
def close(database: Database, digest: str, *, now: datetime) -> int:
    """Have a digest that was opened, and whose candidates were gathered, go out. Returns its parts.

    One without any goes, for that all of its candidates went out with others.
    """
    count = database.outbox.count_documents({"digest": digest})
    still_open = {"_id": digest, "state": "waiting"}
    if not count:
        database.outbox.delete_one(still_open)
        return 0
    database.outbox.update_one(
        still_open,
        {
            "$set": {"state": "due", "next_attempt": now, "said.count": count},
            "$unset": {"said.candidates": ""},
        },
    )
    return count


@patiently
def put_off(database: Database, ids: Sequence[str], slot: datetime) -> None:
    """Give those of these messages that still wait another slot."""
    for some in _in_turn(ids):
        database.outbox.update_many(
            {"_id": {"$in": some}, "state": "waiting"}, {"$set": {"slot": to_value(slot)}}
        )


@patiently
def drop(database: Database, ids: Sequence[str]) -> None:
    """Take those of these messages that still wait out of the outbox."""
    for some in _in_turn(ids):
        database.outbox.delete_many({"_id": {"$in": some}, "state": "waiting"})


@patiently
def there(database: Database, ids: Collection[str]) -> set[str]:
    """Return which of these messages there are."""
    found = database.outbox.find({"_id": {"$in": list(ids)}}, {"_id": 1})
    return {each["_id"] for each in found}


def _in_turn(ids: Sequence[str]) -> Iterable[list[str]]:
    return (list(ids[at : at + _AT_ONCE]) for at in range(0, len(ids), _AT_ONCE))
