"""Sources by their own rhythm: the most urgent first, all of them in the end, each due time once."""

import random
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from newsbot.archive import runs, sources
from newsbot.archive.connection import Database
from newsbot.archive.entry_points import EntryPointRecord
from newsbot.archive.sources import Source
from newsbot.cadence import Rhythm
from newsbot.config import Config
from newsbot.items import derived_id
from newsbot.spiders import learning
from schedules import polls
from schedules.polls import Polls
from tests.conftest import Command
from tests.waiting import Commands, listened

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
MINUTE, WEEK = 60.0, 7 * 86_400.0


def add(database: Database, name: str, *, interval: float | None, late: float) -> str:
    """Add a source that is due since so many seconds; returns its id."""
    source = Source(
        id=derived_id("source", name),
        name=name,
        homepage=f"https://{name}.example/",
        interval=interval,
        next_due=NOW - timedelta(seconds=late),
        added_at=NOW,
    )
    sources.add(database, source)
    return source.id


class Desk:
    """The polls of an archive by a clock that is set by hand, and workers that end some runs a second."""

    def __init__(self, database: Database, settings: Config) -> None:
        self.database = database
        self.now = NOW
        self.polls = Polls(settings, database, leads=lambda: True, clock=lambda: self.now)
        self.started: list[str] = []

    def work(self, at_most: int) -> None:
        """Begin and end runs, the oldest request first."""
        found = self.database.runs.find({"state": "queued"}).sort("requested_at", 1)
        some = list(found.limit(at_most)) if at_most else []
        self.started += [each["source"] for each in some]
        self.database.runs.delete_many({"_id": {"$in": [each["_id"] for each in some]}})


@pytest.fixture
def desk(database: Database, settings: Config) -> Desk:
    return Desk(database, settings)


def test_what_waits_longest_by_its_own_measure_is_queued_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polls, "AHEAD", 2)
    weekly = add(desk.database, "weekly", interval=WEEK, late=3_600)
    breaking = add(desk.database, "breaking", interval=MINUTE, late=30)
    hourly = add(desk.database, "hourly", interval=3_600, late=600)
    new = add(desk.database, "new", interval=None, late=60)
    desk.polls.look()
    assert {each["source"] for each in desk.database.runs.find({})} == {breaking, new}
    desk.work(2)
    desk.polls.look()
    assert {each["source"] for each in desk.database.runs.find({})} == {weekly, hourly}


def test_a_paused_source_is_not_due(desk: Desk) -> None:
    paused = add(desk.database, "paused", interval=MINUTE, late=30)
    sources.change(desk.database, paused, state="paused")
    assert desk.polls.look() == polls.USUALLY
    assert runs.active(desk.database, paused) is None


def test_no_more_wait_for_workers_than_these_begin_within_a_moment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polls, "AHEAD", 5)
    for number in range(12):
        add(desk.database, f"s{number}", interval=MINUTE, late=number)
    for _ in range(3):
        desk.polls.look()
        assert desk.database.runs.count_documents({}) == 5
    desk.work(3)
    desk.polls.look()
    assert desk.database.runs.count_documents({}) == 5


def test_when_more_is_due_than_workers_can_start_each_is_asked_less_often_by_the_same_factor(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice as much as two runs in ten seconds: every source waits about two of its intervals."""
    monkeypatch.setattr(polls, "AHEAD", 2)
    monkeypatch.setattr(polls, "_MANY", 10**6)
    dice = random.Random(3)
    # 0.4 starts a second are asked for, and 0.2 are done.
    kinds = {20.0: 4, 100.0: 10, 500.0: 50}
    interval_of = {
        add(desk.database, f"s{size:.0f}-{n}", interval=size, late=dice.random() * size): size
        for size, count in kinds.items()
        for n in range(count)
    }
    seconds = 4_000
    for _ in range(seconds // 10):
        desk.polls.look()
        desk.work(2)
        desk.now += timedelta(seconds=10)
    counted = Counter(desk.started)
    assert set(counted) == set(interval_of)  # none starved
    stretched = {
        size: seconds
        / size
        / (sum(counted[each] for each, of in interval_of.items() if of == size) / count)
        for size, count in kinds.items()
    }
    assert all(1.5 < factor < 2.5 for factor in stretched.values()), stretched


# Looks once at NOW, and is killed after so many answers of MongoDB.
_KILLED = """
import os, signal, sys
from newsbot.archive.connection import connect
from newsbot.config import Config
from schedules.polls import Polls
from tests.test_polls import NOW
from tests.waiting import Commands, listened

def kill(number):
    if number == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)

config = Config()
with connect(config) as database:
    heard = listened(database, Commands(kill))
    Polls(config, heard, leads=lambda: True, clock=lambda: NOW).look()
"""


def test_killed_after_any_step_nothing_is_forgotten_and_nothing_runs_twice(
    database: Database, settings: Config
) -> None:
    environment = Command(settings).environment
    killed, survived = 0, False
    while not survived:
        for each in (database.sources, database.runs):
            each.delete_many({})
        ids = [add(database, f"s{n}", interval=3_600, late=n) for n in range(4)]
        # One is being crawled: its due time is one with that.
        busy = runs.request(database, ids[0], trigger="request", occasion="x", now=NOW)
        ended = subprocess.run(
            [sys.executable, "-c", _KILLED, str(killed + 1)], env=environment, check=False
        )
        survived = ended.returncode == 0
        assert survived or ended.returncode == -signal.SIGKILL
        # Who leads next; one of the runs may have ended meanwhile.
        database.runs.update_many(
            {"source": ids[1]}, {"$set": {"state": "done"}, "$unset": {"active": 1}}
        )
        Polls(settings, database, leads=lambda: True, clock=lambda: NOW).look()
        counted = Counter(each["source"] for each in database.runs.find({}))
        assert counted == dict.fromkeys(ids, 1)
        assert busy is not None
        assert all(each["next_due"] > NOW for each in database.sources.find({}))
        killed += 1
    assert killed >= 4


def test_a_look_asks_mongodb_as_often_for_a_hundred_as_for_one(
    database: Database, settings: Config
) -> None:
    commands = Commands()
    heard = Polls(settings, listened(database, commands), leads=lambda: True, clock=lambda: NOW)
    heard.look()
    commands.names.clear()
    add(database, "one", interval=3_600, late=1)
    heard.look()
    for_one = list(commands.names)
    commands.names.clear()
    database.runs.delete_many({})
    for number in range(100):
        add(database, f"s{number}", interval=3_600, late=number)
    heard.look()
    assert database.runs.count_documents({"state": "queued"}) == 100
    assert commands.names == for_one


def test_when_the_clock_is_set_back_each_source_is_asked_within_its_interval(desk: Desk) -> None:
    hourly = add(desk.database, "hourly", interval=3_600, late=-3_000)
    daily = add(desk.database, "daily", interval=86_400, late=-80_000)
    fixed = add(desk.database, "not polled yet", interval=None, late=-9_000)
    desk.polls.look()
    due = {each["_id"]: each["next_due"] for each in desk.database.sources.find({})}
    desk.now -= timedelta(hours=5)
    desk.polls.look()
    after = {each["_id"]: each["next_due"] for each in desk.database.sources.find({})}
    assert after[hourly] == desk.now + timedelta(seconds=3_000)
    assert desk.now < after[daily] <= desk.now + timedelta(days=1)
    assert after[fixed] == due[fixed]
    # A scheduler that begins only then finds the same.
    desk.database.sources.update_one({"_id": hourly}, {"$set": {"next_due": due[hourly]}})
    desk.polls._ahead = float("inf")
    desk.polls.look()
    assert {each["_id"]: each["next_due"] for each in desk.database.sources.find({})} == after


def test_an_entry_point_that_was_read_at_a_time_to_come_is_asked() -> None:
    read = Rhythm(read_at=NOW)
    record = EntryPointRecord(
        id="x",
        source="s",
        url="https://s.example/feed",
        kind="feed",
        rhythm=read,
        next_due=NOW + timedelta(hours=1),
    )
    assert not learning.due(record, NOW + timedelta(minutes=1))
    assert learning.due(record, NOW - timedelta(hours=2))
