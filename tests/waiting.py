"""What tests of digests share: rules, what they find, the digests made of it, and MongoDB listened to."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
from pymongo import MongoClient, monitoring

from newsbot.alerts import timing
from newsbot.archive import outbox, rules
from newsbot.archive.connection import Database
from newsbot.archive.outbox import Message
from newsbot.archive.records import from_document
from newsbot.archive.rules import Rule, Timing

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)  # a Monday
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
DAILY, HOURLY = Timing(how="daily", at="08:00"), Timing(how="hourly", at="00:15")
EIGHT = datetime(2026, 5, 5, 8, 0, tzinfo=UTC)


def have(database: Database, of: Timing, name: str = "harbour", **values: object) -> Rule:
    """Keep a rule with this timing."""
    rule = Rule(
        id=f"id of {name}",
        name=name,
        query=name,
        channels=("desk",),
        timing=of,
        created_at=NOW,
    )
    rule = attrs.evolve(rule, **values)  # type: ignore[arg-type]
    rules.add(database, rule)
    return rule


def change(database: Database, rule: Rule, now: datetime, **values: object) -> Rule:
    """Change a rule, as people do."""
    changed = attrs.evolve(rule, version=rule.version + 1, changed_at=now, **values)  # type: ignore[arg-type]
    assert rules.replace(database, changed)
    return changed


def find(
    database: Database,
    rule: Rule,
    stories: str | Iterable[str],
    now: datetime,
    *,
    slot: datetime | None = None,
    told_today: int = 0,
) -> list[str]:
    """Have a rule find stories at this moment; returns the ids of the messages that follow."""
    slot = slot or timing.place(rule.timing, now, told_today=told_today)
    messages = [
        Message(
            id=outbox.message_id(rule.id, story, "first", channel),
            alert=rule.id,
            article=story,
            story=story,
            occasion="first",
            channel=channel,
            state="waiting" if slot else "due",
            slot=slot,
            created_at=now,
            next_attempt=slot or now,
        )
        for story in ([stories] if isinstance(stories, str) else stories)
        for channel in rule.channels
    ]
    outbox.put(database, messages)
    return [each.id for each in messages]


def made(database: Database) -> list[Message]:
    """Return the digests that were made, the first slot first."""
    found = [from_document(Message, each) for each in database.outbox.find({"kind": "digest"})]
    return sorted(found, key=lambda each: (each.slot or NOW, each.alert, each.channel))


def stories(database: Database, digest: Message) -> list[str]:
    """Return what a digest tells of."""
    return sorted(each.story for each in outbox.parts(database, digest.id))


def each_once(database: Database) -> None:
    """Every message goes out by itself or in one digest, and every digest says how many it has."""
    everything = [from_document(Message, each) for each in database.outbox.find({})]
    digests_of = {each.id: each for each in everything if each.kind == "digest"}
    parts = Counter(each.digest for each in everything if each.state == "gathered")
    for each in everything:
        assert each.state in ("due", "gathered"), each
        assert (each.state == "gathered") == bool(each.digest)
    assert set(parts) <= set(digests_of)
    assert {name: each.said["count"] for name, each in digests_of.items()} == {
        name: parts[name] for name in digests_of
    }


class Commands(monitoring.CommandListener):
    """Counts what is asked of MongoDB, and may do something before or after."""

    def __init__(self, after: Callable[[int], None] = lambda number: None) -> None:
        self.names: list[str] = []
        self._after = after

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.database_name.startswith("newsbot"):
            self.names.append(event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        if event.database_name.startswith("newsbot"):
            self._after(len(self.names))

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


def listened(database: Database, commands: Commands) -> Database:
    """Return the archive on a connection that tells of each command."""
    host, port = database.client.address or ("", 0)
    client: MongoClient[dict[str, Any]] = MongoClient(
        host, port, tz_aware=True, event_listeners=[commands]
    )
    return Database(client, database.name, database.sealer)
