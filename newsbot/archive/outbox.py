"""The outbox: messages to deliver, and what became of them.

The id of a message is derived from its alert, story, occasion and channel: a story is told once on each
occasion, however often a step is repeated. A message that belongs into a digest waits in its slot until
that is made, and is then part of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

import attrs
from pymongo import UpdateOne

from newsbot.archive.connection import Database, Document, insert_missing, patiently
from newsbot.archive.matches import NO_PASSAGE, Passage
from newsbot.archive.newest import Behind, newest
from newsbot.archive.records import from_document, to_document
from newsbot.archive.runs import Lease
from newsbot.items import derived_id

# "waiting": for its digest; "gathered": in a digest, and delivered with that.
# "dropped": not sent, because an operator or the receiver wished so.
MessageState = Literal["due", "sent", "dead", "waiting", "gathered", "dropped"]
STATES: tuple[MessageState, ...] = get_args(MessageState)
MessageKind = Literal["article", "edit", "spread", "digest", "silence", "operator", "test"]


@attrs.frozen(kw_only=True)
class Message:
    """One message to one channel: an alert tells of a story, on one occasion.

    ``kind`` is what it is about. ``alert``, ``article`` and ``story`` are "" where it is about none.
    ``channel`` is an id. ``said`` is what else it says, as JSON values, each kind its own. ``slot`` is when
    its digest is due, None for a message by itself; ``digest`` is the message that it is part of.
    ``next_attempt`` is when it is tried (again); ``failure`` says why the last try failed; ``resent_at`` is
    when an operator had it sent again.
    """

    id: str
    kind: MessageKind = "article"
    alert: str
    article: str = ""
    story: str = ""
    occasion: str
    channel: str
    passage: Passage = NO_PASSAGE
    said: Mapping[str, Any] = attrs.Factory(dict)
    state: MessageState = "due"
    slot: datetime | None = None
    digest: str = ""
    created_at: datetime
    next_attempt: datetime
    attempts: int = 0
    sent_at: datetime | None = None
    resent_at: datetime | None = None
    failure: str = ""
    lease: Lease | None = None

    @property
    def begun(self) -> datetime:
        """From when on it is tried: when it was made, or an operator last had it sent again."""
        return max(self.created_at, self.resent_at) if self.resent_at else self.created_at


def message_id(alert: str, story: str, occasion: str, channel: str) -> str:
    """Return the id of the message with which an alert tells a channel of a story."""
    return derived_id("message", alert, story, occasion, channel)


@patiently
def put(database: Database, messages: Sequence[Message]) -> int:
    """Write messages; those that are there already stay. Returns how many are new."""
    return insert_missing(database.outbox, [to_document(each) for each in messages])


@patiently
def many(database: Database, ids: Iterable[str]) -> dict[str, Message]:
    """Return those of the messages that are there, by id."""
    found = database.outbox.find({"_id": {"$in": list(ids)}})
    return {each["_id"]: from_document(Message, each) for each in found}


@patiently
def parts(database: Database, digest: str, *, at_most: int = 1_000) -> list[Message]:
    """Return the messages that a digest was made of, the oldest of them first."""
    found = database.outbox.find({"digest": digest}).sort([("created_at", 1), ("_id", 1)])
    return [from_document(Message, each) for each in found.limit(at_most)]


@patiently
def counts(database: Database) -> Mapping[MessageState, int]:
    """Count the messages by state."""
    return {state: database.outbox.count_documents({"state": state}) for state in STATES}


@patiently
def deliverable(
    database: Database, now: datetime, *, without: Iterable[str] = (), at_most: int = 50
) -> list[Message]:
    """Return messages whose time has come and that nobody is delivering, longest due first.

    ``without`` are channels that are passed over.
    """
    query: Document = {
        "state": "due",
        "next_attempt": {"$lte": now},
        "$or": [{"lease": None}, {"lease.until": {"$lt": now}}],
    }
    if passed := sorted(without):
        query["channel"] = {"$nin": passed}
    found = database.outbox.find(query).sort("next_attempt", 1).limit(at_most)
    return [from_document(Message, each) for each in found]


def take(
    database: Database, message: Message, *, owner: str, seconds: float, now: datetime
) -> Message | None:
    """Take the lease of a message as it was read; None if another was faster."""
    held = take_many(database, [message], owner=owner, seconds=seconds, now=now)
    return held[0] if held else None


@patiently
def take_many(
    database: Database, messages: Sequence[Message], *, owner: str, seconds: float, now: datetime
) -> list[Message]:
    """Take the leases of messages as they were read; returns those that are held now, with them.

    Leases are taken by comparing and setting: of two who read a message, one gets it.
    """
    if not messages:
        return []
    until = now + timedelta(seconds=seconds)
    by_number: dict[int, list[str]] = {}
    for each in messages:
        by_number.setdefault(each.lease.number if each.lease else 0, []).append(each.id)
    wanted: dict[str, Lease] = {}
    for number, ids in by_number.items():
        lease = Lease(owner=owner, number=number + 1, until=until)
        wanted |= dict.fromkeys(ids, lease)
        held: Document = {"lease.number": number} if number else {"lease": None}
        # Many in one write: to the embedded server that is a third of the work of one for each.
        database.outbox.update_many(
            {"_id": {"$in": ids}, "state": "due"} | held, {"$set": {"lease": to_document(lease)}}
        )
    theirs = {
        each["_id"]: each["lease"]
        for each in database.outbox.find({"_id": {"$in": list(wanted)}}, {"lease": 1})
    }
    return [
        # Where this is a repetition, as it was taken first.
        attrs.evolve(each, lease=attrs.evolve(wanted[each.id], until=got["until"]))
        for each in messages
        if (got := theirs.get(each.id))
        and (got["owner"], got["number"]) == (owner, wanted[each.id].number)
    ]


def settle(database: Database, message: Message) -> None:
    """Write down how a try went, if the lease is still the one held."""
    settle_many(database, [message])


@patiently
def settle_many(database: Database, messages: Sequence[Message]) -> None:
    """Write down how tries went, of each message whose lease is still the one held."""
    taken: dict[tuple[str, int, int], list[Message]] = {}
    rest: list[UpdateOne] = []
    for each in messages:
        lease = each.lease
        if lease is None:
            raise ValueError(f"message {each.id} holds no lease")
        if each.state == "sent":
            taken.setdefault((lease.owner, lease.number, each.attempts), []).append(each)
        else:
            # What was dropped meanwhile stays so, unless it arrived.
            rest.append(
                UpdateOne(
                    {"_id": each.id, "state": {"$ne": "dropped"}} | _held(lease), _settled(each)
                )
            )
    for some in taken.values():
        lease = some[0].lease
        assert lease is not None
        ids = {"_id": {"$in": [each.id for each in some]}}
        database.outbox.update_many(ids | _held(lease), _settled(some[0]))
    if rest:
        database.outbox.bulk_write(rest, ordered=False)


def _held(lease: Lease) -> Document:
    return {"lease.number": lease.number, "lease.owner": lease.owner}


def _settled(message: Message) -> Document:
    told: Document = {
        "state": message.state,
        "attempts": message.attempts,
        "sent_at": message.sent_at,
        "failure": message.failure,
        # The number stays, so that it only grows; the lease itself is over.
        "lease.until": datetime.fromtimestamp(0, tz=UTC),
    }
    if message.state != "sent":
        told["next_attempt"] = message.next_attempt
    return {"$set": told}


@patiently
def overdue(
    database: Database, channel: str, *, before: datetime, at_most: int = 200
) -> list[Message]:
    """Return messages to a channel that are tried since before a moment and that nobody is delivering."""
    found = database.outbox.find(
        {
            "state": "due",
            "channel": channel,
            "created_at": {"$lt": before},
            "$and": [
                {"$or": [{"resent_at": None}, {"resent_at": {"$lt": before}}]},
                {"$or": [{"lease": None}, {"lease.until": {"$lt": before}}]},
            ],
        }
    ).limit(at_most)
    return [from_document(Message, each) for each in found]


@patiently
def in_state(
    database: Database,
    state: MessageState,
    *,
    alert: str = "",
    channel: str = "",
    behind: Behind | None = None,
    at_most: int = 50,
) -> list[Message]:
    """Return messages in a state, the newest first: those of an alert, to a channel, or all; or behind one."""
    query: Document = {"state": state}
    query |= {"alert": alert} if alert else {}
    query |= {"channel": channel} if channel else {}
    found = newest(database.outbox, query, "created_at", behind=behind, at_most=at_most)
    return [from_document(Message, each) for each in found]


@patiently
def send_again(database: Database, messages: Iterable[str], *, now: datetime) -> int:
    """Have dead or dropped messages be delivered after all. Returns how many there were."""
    changed = database.outbox.update_many(
        {"_id": {"$in": list(messages)}, "state": {"$in": ["dead", "dropped"]}},
        {"$set": {"state": "due", "attempts": 0, "next_attempt": now, "resent_at": now}},
    )
    return changed.modified_count


@patiently
def drop(database: Database, messages: Iterable[str], *, why: str) -> int:
    """Have messages not be delivered that were not yet. Returns how many there were.

    They stay, so that nothing writes them again. One that is under way may arrive all the same.
    """
    changed = database.outbox.update_many(
        {"_id": {"$in": list(messages)}, "state": {"$in": ["due", "dead", "waiting"]}},
        {"$set": {"state": "dropped", "failure": why}},
    )
    return changed.modified_count


@patiently
def beginning(database: Database, name: str) -> list[Message]:
    """Return the messages whose ids begin so: of several, two."""
    if not name:
        return []
    found = database.outbox.find({"_id": {"$gte": name, "$lt": name + "\uffff"}}).limit(2)
    return [from_document(Message, each) for each in found]
