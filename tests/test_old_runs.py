"""Runs that are over are forgotten in time; what they taught stays."""

from datetime import UTC, datetime, timedelta
from threading import Event

import attrs
import pytest

from newsbot.archive import old_runs, runs
from newsbot.archive.connection import Database
from newsbot.archive.records import to_document
from newsbot.archive.runs import Run
from tests.test_timetable import add_source

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
POLL = Run(
    id="",
    source="s",
    state="done",
    trigger="poll",
    requested_at=NOW,
    counters={"requests": 1, "unchanged": 1},
)


def keep(database: Database, name: str, ago: timedelta, **values: object) -> None:
    """Keep a run of so long ago."""
    at = NOW - ago
    run = attrs.evolve(POLL, id=name, requested_at=at, finished_at=at + timedelta(seconds=2))
    made = attrs.evolve(run, **values)  # type: ignore[arg-type]
    active = {} if made.finished_at else {"active": True}
    database.runs.insert_one(to_document(made) | active)


def left(database: Database) -> set[str]:
    return {each["_id"] for each in database.runs.find({})}


def prune(database: Database, now: datetime = NOW) -> int:
    return old_runs.prune(database, now=now, keep=30 * DAY, stop=Event())


@pytest.fixture
def source(database: Database) -> str:
    return add_source(database, "site", None).id


def test_a_poll_that_found_nothing_is_kept_for_a_day_and_every_other_run_for_a_month(
    database: Database, source: str
) -> None:
    keep(database, "empty", DAY / 2)
    keep(database, "old empty", 2 * DAY)
    keep(database, "found", 29 * DAY, counters={"requests": 2, "new": 1})
    keep(database, "old found", 31 * DAY, counters={"requests": 2, "new": 1})
    keep(database, "failed", 2 * DAY, state="failed", reason="no answer")
    keep(database, "refused", 2 * DAY, counters={"requests": 1, "refused_robots": 1})
    keep(database, "asked for", 2 * DAY, trigger="request")
    keep(database, "still running", 40 * DAY, state="running", finished_at=None, source="other")
    assert prune(database) == 2
    assert left(database) == {"empty", "found", "failed", "refused", "asked for", "still running"}
    # What came since is forgotten when its time has come, and nothing else.
    assert prune(database, NOW + DAY + timedelta(hours=1)) == 2
    assert left(database) == {"failed", "refused", "asked for", "still running"}


def test_that_a_source_was_crawled_before_is_known_when_its_runs_are_forgotten(
    database: Database, source: str
) -> None:
    keep(database, "backfill", 50 * DAY, source=source, trigger="backfill")
    assert runs.ended_well(database, source, before=NOW) is None
    keep(database, "first", 40 * DAY, source=source)
    keep(database, "second", 39 * DAY, source=source)
    before = runs.ended_well(database, source, before=NOW)
    assert before is not None
    prune(database)
    assert not left(database)
    assert runs.ended_well(database, source, before=NOW) == before
    assert runs.ended_well(database, source, before=NOW - 45 * DAY) is None


def test_a_look_that_was_cut_off_goes_on(database: Database, source: str) -> None:
    for number in range(250):
        keep(database, f"r{number}", 40 * DAY - timedelta(minutes=number), source=source)
    stopped = Event()
    stopped.set()
    assert old_runs.prune(database, now=NOW, keep=30 * DAY, stop=stopped) == 0
    assert prune(database) == 250
    assert prune(database) == 0
