"""How far newsbot itself is behind: runs that no worker takes, messages that nobody sends, articles not indexed."""

from datetime import datetime, timedelta

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document
from newsbot.archive.runs import Run

# So many runs that wait are counted.
_COUNTED = 10_000
# Channels are asked of what was given up within so long, and so many messages.
_GIVEN_UP, _LOOKED_AT = timedelta(days=2), 500


@patiently
def queue(database: Database) -> tuple[int, datetime | None]:
    """Return how many runs wait for a worker, and since when the first of them does."""
    waiting = {"state": "queued"}
    first = next(iter(database.runs.find(waiting).sort("requested_at", 1).limit(1)), None)
    if first is None:
        return 0, None
    return database.runs.count_documents(waiting, limit=_COUNTED), first["requested_at"]


@patiently
def undelivered_since(database: Database) -> datetime | None:
    """Return since when a message is due that nobody has tried or is trying; None where there is none."""
    due = database.outbox.find({"state": "due", "lease": None}).sort("next_attempt", 1).limit(1)
    return next((each["next_attempt"] for each in due), None)


@attrs.frozen(kw_only=True)
class Dead:
    """A channel of which a message was given up, and none arrived since."""

    channel: str
    at: datetime
    failure: str
    alerts: tuple[str, ...] = ()


@patiently
def dead_channels(database: Database, now: datetime) -> list[Dead]:
    """Return the channels of which a message was given up of late, and none arrived since."""
    since = {"$gte": now - _GIVEN_UP}
    found: dict[str, Dead] = {}
    given_up = database.outbox.find({"state": "dead", "next_attempt": since}).limit(_LOOKED_AT)
    for each in sorted(given_up, key=lambda each: each["next_attempt"]):
        before = found.get(each["channel"])
        found[each["channel"]] = Dead(
            channel=each["channel"],
            at=each["next_attempt"],
            failure=each.get("failure", ""),
            alerts=tuple(dict.fromkeys((*(before.alerts if before else ()), each["alert"]))),
        )
    return [
        each
        for each in found.values()
        if database.outbox.find_one(
            {"state": "sent", "channel": each.channel, "next_attempt": {"$gte": each.at}}
        )
        is None
    ]


@patiently
def due(database: Database, now: datetime) -> tuple[int, datetime | None]:
    """Return how many sources are due of which no run was asked for, and since when the first of them is."""
    waiting = {"next_due": {"$lte": now}, "state": "active"}
    first = next(iter(database.sources.find(waiting).sort("next_due", 1).limit(1)), None)
    if first is None:
        return 0, None
    return database.sources.count_documents(waiting, limit=_COUNTED), first["next_due"]


@patiently
def messages(database: Database, state: str) -> int:
    """Return how many messages are in a state, counted up to a bound."""
    return database.outbox.count_documents({"state": state}, limit=_COUNTED)


@patiently
def sources_by_state(database: Database) -> dict[str, int]:
    """Return how many sources there are by state. It looks through all of them."""
    found: dict[str, int] = {"active": 0, "paused": 0}
    for each in database.sources.find({"merged_into": {"$in": [None, ""]}}, {"state": 1}):
        found[each["state"]] = found.get(each["state"], 0) + 1
    return found


@patiently
def running(database: Database, *, at_most: int) -> list[Run]:
    """Return runs that are under way, those first that were asked for first."""
    found = database.runs.find({"state": "running"}).sort("requested_at", 1).limit(at_most)
    return [from_document(Run, each) for each in found]


@patiently
def leaders(database: Database) -> dict[str, tuple[str, datetime]]:
    """Return who leads in each task that one process does for all, and until when."""
    found = database.meta.find({"until": {"$ne": None}})
    return {
        each["_id"].removeprefix("leader of "): (each["owner"], each["until"])
        for each in found
        if str(each["_id"]).startswith("leader of ")
    }


@patiently
def changed_since(database: Database, moment: datetime) -> bool:
    """Say whether an article was stored or changed since then."""
    return database.articles.find_one({"changed_at": {"$gt": moment}}, {"_id": 1}) is not None
