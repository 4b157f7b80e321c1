"""The outbox: messages to deliver, and what became of them.

The id of a message is derived from its alert, story, occasion and channel: a story is told once on each
occasion, however often a step is repeated. A message that belongs into a digest waits in its slot until
that is made, and is then part of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

import attrs

from newsbot.archive.connection import Database, Document, insert_missing, patiently
from newsbot.archive.matches import NO_PASSAGE, Passage
from newsbot.archive.records import from_document, to_document
from newsbot.archive.runs import Lease
from newsbot.items import derived_id

# "waiting": for its digest; "gathered": in a digest, and delivered with that.
MessageState = Literal["due", "sent", "dead", "waiting", "gathered"]
STATES: tuple[MessageState, ...] = get_args(MessageState)
MessageKind = Literal["article", "edit", "spread", "digest", "silence", "operator", "test"]


@attrs.frozen(kw_only=True)
class Message:
    """One message to one channel: an alert tells of a story, on one occasion.

    ``kind`` is what it is about. ``alert``, ``article`` and ``story`` are "" where it is about none.
    ``channel`` is an id. ``said`` is what else it says, as JSON values, each kind its own. ``slot`` is when
    its digest is due, None for a message by itself; ``digest`` is the message that it is part of.
    ``next_attempt`` is when it is tried (again); ``failure`` says why the last try failed.
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
    failure: str = ""
    lease: Lease | None = None


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
def deliverable(database: Database, now: datetime, *, at_most: int = 50) -> list[Message]:
    """Return messages whose time has come and that nobody is delivering."""
    found = database.outbox.find(
        {
            "state": "due",
            "next_attempt": {"$lte": now},
            "$or": [{"lease": None}, {"lease.until": {"$lt": now}}],
        }
    )
    return [from_document(Message, each) for each in found.sort("next_attempt", 1).limit(at_most)]


@patiently
def take(
    database: Database, message: Message, *, owner: str, seconds: float, now: datetime
) -> Message | None:
    """Take the lease of a message as it was read; None if another was faster."""
    number = message.lease.number + 1 if message.lease else 1
    lease = Lease(owner=owner, number=number, until=now + timedelta(seconds=seconds))
    held: Document = {"lease.number": message.lease.number} if message.lease else {"lease": None}
    changed = database.outbox.update_one(
        {"_id": message.id, "state": "due", **held}, {"$set": {"lease": to_document(lease)}}
    )
    return attrs.evolve(message, lease=lease) if changed.modified_count else None


@patiently
def settle(database: Database, message: Message) -> None:
    """Write down how a try went, if the lease is still the one held."""
    lease = message.lease
    if lease is None:
        raise ValueError(f"message {message.id} holds no lease")
    database.outbox.update_one(
        {"_id": message.id, "lease.number": lease.number, "lease.owner": lease.owner},
        {
            "$set": {
                "state": message.state,
                "attempts": message.attempts,
                "next_attempt": message.next_attempt,
                "sent_at": message.sent_at,
                "failure": message.failure,
                # The number stays, so that it only grows; the lease itself is over.
                "lease.until": datetime.fromtimestamp(0, tz=lease.until.tzinfo),
            }
        },
    )
