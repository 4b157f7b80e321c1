"""What alerts leave in the archive: rules, matches, and messages to deliver.

Ids are derived: a match from its alert and article, a message from its alert, story, occasion and
channel. So a match is recorded once and a story is announced once, however often a step is repeated.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import attrs
from pymongo.errors import BulkWriteError, DuplicateKeyError

from newsbot.archive.connection import DUPLICATE_KEY, Database, Document, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.archive.runs import Lease
from newsbot.items import derived_id

RuleState = Literal["active", "paused"]
MessageState = Literal["due", "sent", "dead"]


@attrs.frozen(kw_only=True)
class Channel:
    """Where messages go. ``kind`` is ``"webhook"`` and ``target`` its address."""

    kind: str
    target: str


@attrs.frozen(kw_only=True)
class Rule:
    """An alert: a query, and whom to tell when a new article meets it."""

    id: str
    name: str
    query: str
    channels: tuple[Channel, ...] = ()
    state: RuleState = "active"
    created_at: datetime


@attrs.frozen(kw_only=True)
class Passage:
    """The sentence that matched: its text, and the character ranges that did.

    ``published`` is the sentence as the publisher wrote it, with its own ranges; "" where that is
    the same.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    published: str = ""
    published_marks: tuple[tuple[int, int], ...] = ()


@attrs.frozen(kw_only=True)
class Match:
    """One article that met one alert, at one revision.

    ``told_as`` is the story that its messages tell, where that is not the article's own: one that it was
    found to be one with. ``held`` says why nobody was told of it: "replayed" or "backfill" for an article that is no news. ""
    where they were. ``lists`` are the versions of the lists that the rule's query used, by name.
    """

    id: str
    alert: str
    article: str
    story: str
    revision: int
    matched_at: datetime
    passage: Passage
    told_as: str = ""
    held: str = ""
    lists: Mapping[str, int] = attrs.Factory(dict)


@attrs.frozen(kw_only=True)
class Message:
    """One message to one channel: an alert tells of a story, on one occasion.

    ``next_attempt`` is when it is tried (again); ``failure`` says why the last try failed.
    """

    id: str
    alert: str
    article: str
    story: str
    occasion: str
    channel: Channel
    passage: Passage
    state: MessageState = "due"
    created_at: datetime
    next_attempt: datetime
    attempts: int = 0
    sent_at: datetime | None = None
    failure: str = ""
    lease: Lease | None = None


class RuleExistsError(Exception):
    """An alert of that name is there already."""


def match_id(alert: str, article: str) -> str:
    """Return the id of the match of an alert and an article."""
    return derived_id("match", alert, article)


def message_id(alert: str, story: str, occasion: str, channel: Channel) -> str:
    """Return the id of the message with which an alert tells a channel of a story."""
    return derived_id("message", alert, story, occasion, channel.kind, channel.target)


@patiently
def add_rule(database: Database, rule: Rule) -> None:
    """Keep a new alert.

    Raises:
        RuleExistsError: when the name is taken.
    """
    try:
        database.alerts.insert_one(to_document(rule))
    except DuplicateKeyError:
        there = database.alerts.find_one({"name": rule.name})
        if there is not None and there["_id"] == rule.id:
            return
        raise RuleExistsError(f"there is an alert {rule.name!r} already") from None


@patiently
def rules(database: Database) -> list[Rule]:
    """Return all alerts, by name."""
    found = [from_document(Rule, each) for each in database.alerts.find({})]
    return sorted(found, key=lambda rule: rule.name)


@patiently
def find_rule(database: Database, name: str) -> Rule | None:
    """Return the alert of that name or id."""
    found = database.alerts.find_one({"$or": [{"name": name}, {"_id": name}]})
    return from_document(Rule, found) if found else None


@patiently
def set_rule_state(database: Database, rule: str, state: RuleState) -> None:
    """Pause or resume an alert."""
    database.alerts.update_one({"_id": rule}, {"$set": {"state": state}})


@patiently
def remove_rule(database: Database, rule: str) -> None:
    """Remove an alert and what it has not sent yet; its matches stay."""
    database.outbox.delete_many({"alert": rule, "state": "due"})
    database.alerts.delete_one({"_id": rule})


@patiently
def record(database: Database, matches: Sequence[Match], messages: Sequence[Message]) -> int:
    """Write matches and messages; those that are there already stay. Returns the new matches."""
    new = _insert_missing(database.matches.insert_many, [to_document(each) for each in matches])
    _insert_missing(database.outbox.insert_many, [to_document(each) for each in messages])
    return new


def _insert_missing(insert_many: object, documents: list[Document]) -> int:
    if not documents:
        return 0
    try:
        insert_many(documents, ordered=False)  # type: ignore[operator]
    except BulkWriteError as error:
        if any(each["code"] != DUPLICATE_KEY for each in error.details["writeErrors"]):
            raise
        return int(error.details["nInserted"])
    return len(documents)


@patiently
def latest_matches(
    database: Database, *, since: datetime, alert: str | None = None, at_most: int = 50
) -> list[Match]:
    """Return the newest matches since then, newest first."""
    query: Document = {"matched_at": {"$gte": since}} | ({"alert": alert} if alert else {})
    found = database.matches.find(query).sort("matched_at", -1).limit(at_most)
    return [from_document(Match, each) for each in found]


@patiently
def matches_of(database: Database, articles: Iterable[str]) -> list[Match]:
    """Return all matches of these articles."""
    found = database.matches.find({"article": {"$in": list(articles)}})
    return [from_document(Match, each) for each in found]


@patiently
def messages(database: Database, ids: Iterable[str]) -> dict[str, Message]:
    """Return those of the messages that are there, by id."""
    found = database.outbox.find({"_id": {"$in": list(ids)}})
    return {each["_id"]: from_document(Message, each) for each in found}


@patiently
def outbox_counts(database: Database) -> Mapping[MessageState, int]:
    """Count the messages by state."""
    states: tuple[MessageState, ...] = ("due", "sent", "dead")
    return {state: database.outbox.count_documents({"state": state}) for state in states}


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
