"""Operators are told what is wrong with newsbot itself, and when it is well again."""

from datetime import UTC, datetime, timedelta

import pytest

from newsbot.alerts.operators import Watch
from newsbot.archive import articles, channels, outbox, runs
from newsbot.archive.connection import Database
from newsbot.archive.outbox import Message
from newsbot.config import Config
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.search.follow import rebuild

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def told(database: Database) -> list[str]:
    found = database.outbox.find({"kind": "operator"}).sort("created_at", 1)
    return [each["said"]["title"] for each in found]


def delivered(database: Database) -> None:
    database.outbox.update_many({"kind": "operator"}, {"$set": {"state": "sent"}})


@pytest.fixture
def roomy(settings: Config, database: Database) -> Config:
    channels.add(database, kind="webhook", target="https://ops.example/", operators=True)
    return settings.model_copy(update={"disk_reserve": 0})


def look(watch: Watch, database: Database, *minutes: float) -> None:
    for each in minutes:
        watch.look(NOW + timedelta(minutes=each))
        delivered(database)


def test_runs_that_no_worker_takes(roomy: Config, database: Database) -> None:
    watch = Watch(roomy, database, "one")
    runs.request(database, "s", trigger="poll", occasion="x", now=NOW)
    look(watch, database, 1, 10, 14)
    assert told(database) == []
    look(watch, database, 16, 17, 60)
    assert told(database) == ["Crawls wait for a worker"]
    database.runs.update_many({}, {"$set": {"state": "done"}, "$unset": {"active": 1}})
    look(watch, database, 61, 62)
    assert told(database)[1:] == ["Well again: the queue; was in trouble 1 h 1 min"]
    look(watch, database, 63, 600)
    assert len(told(database)) == 2


def test_messages_that_nobody_tries(roomy: Config, database: Database) -> None:
    watch = Watch(roomy, database, "one")
    waits = Message(
        id="m",
        alert="r",
        article="a",
        story="s",
        occasion="first",
        channel="c",
        created_at=NOW,
        next_attempt=NOW,
    )
    outbox.put(database, [waits])
    look(watch, database, 1, 14, 16, 17)
    assert told(database) == ["Messages wait to be delivered"]
    database.outbox.update_many({"_id": "m"}, {"$set": {"state": "sent"}})
    look(watch, database, 20, 21)
    assert told(database)[1].startswith("Well again: the delivery; was in trouble 20 min")


def test_a_disk_that_fills_is_told_again_while_it_does(roomy: Config, database: Database) -> None:
    full = roomy.model_copy(update={"disk_reserve": 10**18})
    watch = Watch(full, database, "one")
    look(watch, database, 0, 1, 60, 300)
    assert told(database) == ["The disk fills"]
    look(watch, database, 361)
    assert told(database)[1:] == ["Still, after 6 h 1 min: The disk fills"]
    roomier = Watch(roomy, database, "one")
    look(roomier, database, 400, 401)
    assert told(database)[2].startswith("Well again: the disk")


def test_one_process_looks_at_a_time_and_another_goes_on(roomy: Config, database: Database) -> None:
    full = roomy.model_copy(update={"disk_reserve": 10**18})
    first, second = Watch(full, database, "one"), Watch(full, database, "two")
    assert first.look(NOW) is not None
    assert second.look(NOW + timedelta(minutes=1)) is None
    delivered(database)
    assert second.look(NOW + timedelta(minutes=5)) is not None
    assert told(database) == ["The disk fills"]


def test_an_index_that_does_not_follow(roomy: Config, database: Database) -> None:
    rebuild(roomy, database)
    now = datetime.now(UTC)
    watch = Watch(roomy, database, "one")
    watch.look(now + timedelta(minutes=20))
    assert told(database) == []  # nothing was stored since
    article = Article(
        id=articles.article_id("https://a.example/1"),
        url="https://a.example/1",
        fetched_url="https://a.example/1",
        source="s",
        fetched_at=now,
        title="Ferries sail",
        body="At dawn the harbour opened.",
    )
    judged = articles.judge(database, [Candidate.of(article)])
    articles.keep(database, judged, now=now + timedelta(minutes=1))
    watch.look(now + timedelta(minutes=21))
    delivered(database)
    assert told(database) == ["The search index is behind"]
    rebuild(roomy, database)
    watch.look(datetime.now(UTC) + timedelta(minutes=5))
    assert len(told(database)) == 2
    assert any(each.startswith("Well again: the search index") for each in told(database))
