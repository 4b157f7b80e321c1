"""A subscriber is told once why an alert tells nothing, and never of an ordinary silence."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from newsbot.alerts.operators import Watch
from newsbot.alerts.silence import missing
from newsbot.archive import channels, matches, outbox, rules, sources
from newsbot.archive.connection import Database
from newsbot.archive.matches import NO_PASSAGE, Match
from newsbot.archive.outbox import Message
from newsbot.archive.records import to_document
from newsbot.archive.rules import Rule
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.standing import Standing, after_run

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)  # a Tuesday
MINUTE = timedelta(minutes=1)


def channel(database: Database, name: str, *, operators: bool = False) -> str:
    target = f"https://{name}.example/"
    return channels.add(database, kind="webhook", target=target, name=name, operators=operators).id


def rule(database: Database, *to: str, **more: object) -> Rule:
    made = Rule(id="r", name="harbour", query="harbour", channels=to, created_at=NOW, **more)  # type: ignore[arg-type]
    rules.add(database, made)
    return made


def silences(database: Database) -> list[Message]:
    found = [each["_id"] for each in database.outbox.find({"kind": "silence"})]
    return list(outbox.many(database, found).values())


def look(config: Config, database: Database, *, hours: float = 1) -> None:
    watch = Watch(config.model_copy(update={"disk_reserve": 0}), database, "one")
    for minutes in range(0, int(hours * 60), 10):
        watch.look(NOW + minutes * MINUTE)
        database.outbox.update_many({"state": "due"}, {"$set": {"state": "sent"}})


def add_source(database: Database, name: str, *, fails: bool) -> None:
    homepage = f"https://{name}.example/"
    sources.add(database, Source(id=name, name=name, homepage=homepage, added_at=NOW))
    standing: Standing | None = None
    for minutes in (60, 45, 30, 5):
        standing = after_run(
            standing,
            name,
            mark=str(minutes),
            at=NOW - minutes * MINUTE,
            well=not fails,
            trouble=f"{homepage} answered 503",
        )
    database.standings.insert_one(to_document(standing))


def test_most_sources_ill_is_told_once(settings: Config, database: Database) -> None:
    desk = channel(database, "desk")
    for name, fails in (("a", True), ("b", True), ("c", False), ("d", False)):
        add_source(database, name, fails=fails)
    rule(database, desk, sources=("a", "b", "c"))
    look(settings, database)
    (message,) = silences(database)
    assert message.said["title"] == "harbour may miss articles: 2 of its 3 sources are ill"
    assert message.said["sources"] == ["a", "b"]
    assert (message.alert, message.channel) == ("r", desk)


def test_half_of_the_sources_is_not_most(settings: Config, database: Database) -> None:
    add_source(database, "a", fails=True)
    add_source(database, "b", fails=False)
    rule(database, channel(database, "desk"))
    look(settings, database)
    assert silences(database) == []


@pytest.mark.parametrize("another", [True, False])
def test_a_channel_that_is_given_up_is_told_by_another(
    settings: Config, database: Database, another: bool
) -> None:
    dead, operators = channel(database, "dead"), channel(database, "ops", operators=True)
    second = channel(database, "second")
    made = rule(database, dead, *([second] if another else []))
    given_up = Message(
        id="m",
        alert=made.id,
        article="a",
        story="s",
        occasion="first",
        channel=dead,
        state="dead",
        failure="the receiver answered 410",
        created_at=NOW - timedelta(hours=25),
        next_attempt=NOW - timedelta(hours=1),
    )
    outbox.put(database, [given_up])
    look(settings, database)
    (message,) = silences(database)
    assert message.channel == (second if another else operators)
    assert message.said["title"] == "harbour cannot be delivered to dead"
    (told,) = database.outbox.find({"kind": "operator"})
    assert told["said"]["title"] == "A channel takes no messages: dead"
    assert told["channel"] == operators


def meetings(until: datetime, a_day: float) -> list[datetime]:
    chance, found = random.Random(2), []
    moment = NOW - timedelta(days=28)
    while moment < until:
        moment += timedelta(days=chance.expovariate(a_day))
        if moment < until and 6 <= moment.hour < 22:
            found.append(moment)
    return found


def test_a_busy_alert_that_falls_silent_is_told_once(settings: Config, database: Database) -> None:
    add_source(database, "a", fails=False)
    made = rule(database, channel(database, "desk"))
    times = meetings(NOW - timedelta(hours=26), 40)
    found = [
        Match(
            id=str(number),
            alert=made.id,
            article=str(number),
            story=str(number),
            revision=1,
            matched_at=at,
            passage=NO_PASSAGE,
        )
        for number, at in enumerate(times)
    ]
    matches.record(database, found)
    look(settings, database)
    (message,) = silences(database)
    assert message.said["title"].startswith("harbour has met nothing since 2026-03-30")


def test_an_ordinary_silence_is_none() -> None:
    assert missing(meetings(NOW, 40), NOW) is None
    assert missing(meetings(NOW - timedelta(hours=9), 40), NOW) is None
    assert missing(meetings(NOW - timedelta(days=3), 1), NOW) is None
    assert missing(meetings(NOW - timedelta(days=2), 40), NOW) is not None
