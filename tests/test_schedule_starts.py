"""What a schedule's start becomes: one run, whatever was missed, whoever is killed, and what else its source does."""

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial

import attrs
import pytest

from newsbot.archive import runs, schedules
from newsbot.archive.connection import Database
from newsbot.archive.runs import Run
from newsbot.archive.schedules import Schedule
from newsbot.config import Config
from newsbot.items import derived_id
from schedules.timetable import Term, Timetable
from tests.conftest import Command
from tests.test_kills import wait_until
from tests.test_timetable import add_source

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class Desk:
    """A leader by a clock that is set by hand, and one source with a schedule."""

    def __init__(self, database: Database, settings: Config) -> None:
        self.database = database
        self.now = NOW
        self.term = Term(settings, database, lambda: True, lambda: self.now)
        self.source = add_source(database, "site", None).id

    def have(self, **values: object) -> Schedule:
        made = Schedule(
            id=derived_id("schedule", str(values)),
            source=self.source,
            kind="cron",
            when="0 6 * * *",
            added_at=NOW - 30 * HOUR,
        )
        made = attrs.evolve(made, **values)  # type: ignore[arg-type]
        schedules.add(self.database, made)
        return made

    def start(self, schedule: Schedule, moment: datetime) -> datetime | None:
        return self.term._start(schedule.id, moment)

    def last(self, schedule: Schedule) -> datetime | None:
        found = schedules.get(self.database, schedule.id)
        assert found is not None
        return found.last

    def end(self, run: Run | None) -> None:
        assert run is not None
        over = {"$set": {"state": "done", "finished_at": self.now}, "$unset": {"active": 1}}
        self.database.runs.update_one({"_id": run.id}, over)


@pytest.fixture
def desk(database: Database, settings: Config) -> Desk:
    return Desk(database, settings)


def test_a_start_is_one_run_however_often_it_is_asked_for(desk: Desk) -> None:
    schedule = desk.have()
    assert desk.start(schedule, NOW) is None
    run = runs.active(desk.database, desk.source)
    assert run is not None
    assert (run.trigger, run.due_at) == ("schedule", NOW)
    assert desk.last(schedule) == NOW
    desk.end(run)
    assert desk.start(schedule, NOW) is None
    assert desk.database.runs.count_documents({}) == 1


@pytest.mark.parametrize("trigger", ["poll", "backfill"])
def test_a_start_comes_after_a_poll_that_is_under_way(desk: Desk, trigger: str) -> None:
    schedule = desk.have()
    poll = runs.request(desk.database, desk.source, trigger=trigger, occasion="x", now=NOW)  # type: ignore[arg-type]
    assert desk.start(schedule, NOW) == NOW + SECOND
    assert desk.last(schedule) is None
    desk.end(poll)
    assert desk.start(schedule, NOW) is None
    run = runs.active(desk.database, desk.source)
    assert run is not None
    assert run.trigger == "schedule"


@pytest.mark.parametrize("trigger", ["request", "schedule"])
def test_a_start_is_one_with_a_crawl_that_reads_all_of_it(desk: Desk, trigger: str) -> None:
    schedule = desk.have()
    full = runs.request(desk.database, desk.source, trigger=trigger, occasion="x", now=NOW)  # type: ignore[arg-type]
    assert desk.start(schedule, NOW) is None
    assert desk.last(schedule) == NOW
    desk.end(full)
    assert runs.active(desk.database, desk.source) is None


def test_a_start_that_is_too_late_is_let_pass(desk: Desk) -> None:
    schedule = desk.have(late=3_600.0)
    desk.now = NOW + HOUR + SECOND
    assert desk.start(schedule, NOW) is None
    assert runs.active(desk.database, desk.source) is None
    assert desk.last(schedule) == NOW
    desk.now = NOW + 2 * HOUR
    assert desk.start(schedule, NOW + HOUR) is None
    assert runs.active(desk.database, desk.source) is not None


def test_a_start_that_is_never_made_up_for_is_on_time_for_a_minute(desk: Desk) -> None:
    schedule = desk.have(late=0.0)
    desk.now = NOW + 61 * SECOND
    assert desk.start(schedule, NOW) is None
    assert runs.active(desk.database, desk.source) is None
    desk.now = NOW + HOUR + 5 * SECOND
    assert desk.start(schedule, NOW + HOUR) is None
    assert runs.active(desk.database, desk.source) is not None


def test_what_was_missed_is_not_made_up_for_inside_a_window(desk: Desk) -> None:
    schedule = desk.have(blackouts=("11:00-14:00",))
    assert desk.start(schedule, NOW - 2 * HOUR) == NOW + 2 * HOUR
    assert runs.active(desk.database, desk.source) is None
    impatient = desk.have(blackouts=("11:00-14:00",), late=3 * 3_600.0)
    assert desk.start(impatient, NOW - 2 * HOUR) is None
    assert desk.last(impatient) == NOW - 2 * HOUR
    assert runs.active(desk.database, desk.source) is None
    desk.now = NOW + 2 * HOUR
    assert desk.start(schedule, NOW + 2 * HOUR) is None
    assert runs.active(desk.database, desk.source) is not None


def test_a_schedule_that_was_paused_or_removed_starts_nothing(desk: Desk) -> None:
    paused, removed = desk.have(), desk.have(when="0 7 * * *")
    schedules.change(desk.database, paused.id, NOW, paused=True)
    schedules.remove(desk.database, removed.id)
    assert desk.start(paused, NOW) is None
    assert desk.start(removed, NOW) is None
    assert desk.database.runs.count_documents({}) == 0


@pytest.fixture
def opened(database: Database, settings: Config) -> partial[Timetable]:
    return partial(Timetable, settings, database)


def started(database: Database, schedule: Schedule) -> datetime | None:
    """Return the last start that was made."""
    found = schedules.get(database, schedule.id)
    return found.last if found else None


def missed(database: Database, *, kind: str = "interval", when: str = "3600") -> Schedule:
    """Keep a schedule that was added two hours and a half ago, and followed by nobody since."""
    added = (datetime.now(UTC) - 2.5 * HOUR).replace(microsecond=0)
    source = add_source(database, "site", None)
    made = Schedule(
        id=derived_id("schedule", when),
        source=source.id,
        kind=kind,  # type: ignore[arg-type]
        when=when or (added + HOUR).isoformat(),
        added_at=added,
    )
    schedules.add(database, made)
    return made


def test_what_was_missed_while_nobody_led_is_made_up_for_once(
    database: Database, opened: partial[Timetable]
) -> None:
    schedule = missed(database)
    for _ in range(2):
        timetable = opened()
        timetable.open()
        wait_until(partial(started, database, schedule), 20)
        wait_until(lambda: database.raw["jobs"].count_documents({}), 20)
        timetable.close()
    (run,) = database.runs.find({})
    assert run["due_at"] == schedule.added_at + 2 * HOUR
    (job,) = database.raw["jobs"].find({})
    assert job["next_run_time"] == (schedule.added_at + 3 * HOUR).timestamp()


def test_a_single_time_is_started_once_even_when_its_run_is_forgotten(
    database: Database, opened: partial[Timetable]
) -> None:
    schedule = missed(database, kind="once", when="")
    first, second = opened(), opened()
    first.open()
    wait_until(partial(started, database, schedule), 20)
    wait_until(lambda: not database.raw["jobs"].count_documents({}), 20)
    first.close()
    assert database.runs.delete_many({}).deleted_count == 1
    second.open()
    other = add_source(database, "due", datetime.now(UTC))
    wait_until(lambda: runs.active(database, other.id), 20)
    wait_until(lambda: second._term is not None and second._term._known is not None, 20)
    second.close()
    assert database.runs.count_documents({"source": schedule.source}) == 0


# Leads until the schedule's missed start was made up for, and is killed after so many answers of MongoDB.
_KILLED = """
import os, signal, sys, time
from datetime import UTC, datetime
from newsbot.archive import schedules
from newsbot.archive.connection import connect
from newsbot.config import Config
from schedules.timetable import Term
from tests.waiting import Commands, listened

def kill(number):
    if number >= int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)

with connect(Config()) as database:
    term = Term(Config(), listened(database, Commands(kill)), lambda: True, lambda: datetime.now(UTC))
    term._scheduler.start()
    term._follow()
    while not schedules.everything(database)[0].last:
        time.sleep(0.02)
    term._scheduler.shutdown(wait=True)
"""


def test_a_leader_killed_after_any_step_starts_what_was_missed_once(
    database: Database, settings: Config
) -> None:
    environment = Command(settings).environment
    killed, survived = 0, False
    while not survived:
        for name in ("sources", "runs", "schedules", "jobs"):
            database.raw[name].delete_many({})
        schedule = missed(database)
        ended = subprocess.run(
            [sys.executable, "-c", _KILLED, str(killed + 1)], env=environment, check=False
        )
        survived = ended.returncode == 0
        assert survived or ended.returncode == -signal.SIGKILL
        # It may have been crawled meanwhile.
        database.runs.update_many({}, {"$set": {"state": "done"}, "$unset": {"active": 1}})
        after = Timetable(settings, database)
        after.open()
        try:
            wait_until(partial(started, database, schedule), 30)
        finally:
            after.close()
        (run,) = database.runs.find({})
        assert run["due_at"] == schedule.added_at + 2 * HOUR
        killed += 2
    assert killed >= 8
