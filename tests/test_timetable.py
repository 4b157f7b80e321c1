"""When runs start: operators' schedules, and each source by its own rhythm."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from newsbot.archive import runs, schedules, sources
from newsbot.archive.connection import Database
from newsbot.archive.schedules import Schedule
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.items import derived_id
from schedules.timetable import Timetable
from schedules.timing import ScheduleError, next_times, timing_of
from tests.test_kills import wait_until

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)


def schedule(kind: str, when: str, timezone: str = "UTC") -> Schedule:
    return Schedule(
        id=derived_id("schedule", kind, when),
        source="s",
        kind=kind,  # type: ignore[arg-type]
        when=when,
        timezone=timezone,
        added_at=NOW,
    )


def add_source(database: Database, name: str, next_due: datetime | None) -> Source:
    source = Source(
        id=derived_id("source", name),
        name=name,
        homepage=f"https://{name}.example/",
        next_due=next_due,
        added_at=NOW,
    )
    sources.add(database, source)
    return source


def test_a_cron_rule_is_meant_in_its_time_zone_across_a_clock_change() -> None:
    # Clocks in Berlin go forward on 29 March 2026: six o'clock is 05:00 UTC before, 04:00 after.
    times = next_times(
        schedule("cron", "0 6 * * *", "Europe/Berlin"), datetime(2026, 3, 28, tzinfo=UTC), count=2
    )
    assert [each.astimezone(UTC).hour for each in times] == [5, 4]


def test_an_interval_and_a_single_time_are_understood() -> None:
    first, second = next_times(schedule("interval", "900"), NOW, count=2)
    assert second - first == timedelta(minutes=15)
    assert next_times(schedule("once", "2026-03-02T06:00", "Asia/Damascus"), NOW) == [
        datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    ]


@pytest.mark.parametrize(
    ("kind", "when", "timezone", "says"),
    [
        ("cron", "0 6", "UTC", "five fields"),
        ("cron", "0 25 * * *", "UTC", "cannot be read"),
        ("interval", "soon", "UTC", "number of seconds"),
        ("interval", "0", "UTC", "between one second and ten years"),
        ("once", "tomorrow", "UTC", "a moment"),
        ("cron", "0 6 * * *", "Mars/Olympus", "time zone"),
    ],
)
def test_a_rule_that_cannot_be_says_what_would_be_right(
    kind: str, when: str, timezone: str, says: str
) -> None:
    with pytest.raises(ScheduleError, match=says):
        timing_of(schedule(kind, when, timezone))


def test_a_due_source_gets_one_run_and_is_put_off(database: Database, settings: Config) -> None:
    due = add_source(database, "due", datetime.now(UTC) - timedelta(minutes=1))
    add_source(database, "later", datetime.now(UTC) + timedelta(hours=1))
    add_source(database, "on-request", None)
    timetable = Timetable(settings, database)
    timetable.open()
    try:
        wait_until(lambda: runs.active(database, due.id), 10)
        wait_until(lambda: sources.find(database, "due").next_due > datetime.now(UTC), 10)
    finally:
        timetable.close()
    assert database.runs.count_documents({}) == 1


def test_operators_schedules_survive_a_restart_and_follow_their_changes(
    database: Database, settings: Config
) -> None:
    source = add_source(database, "site", None)
    every_second = Schedule(
        id=derived_id("schedule", "x"),
        source=source.id,
        kind="interval",
        when="1",
        added_at=NOW,
    )
    schedules.add(database, every_second)
    first = Timetable(settings, database)
    first.open()
    first.close()
    second, stop = Timetable(settings, database), threading.Event()
    thread = threading.Thread(target=second.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: runs.active(database, source.id), 10)
        schedules.change(database, every_second.id, datetime.now(UTC), paused=True)
        jobs = database.client[database.name]["jobs"]
        wait_until(lambda: jobs.count_documents({}) == 0, 10)
    finally:
        stop.set()
        thread.join()
    assert runs.active(database, source.id).trigger == "schedule"


def test_retention_is_carried_out_while_the_timetable_is_open(
    settings: Config, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsbot.archive import articles, retention
    from tests.test_archive import article, keep

    keep(database, article("a"), now=datetime.now(UTC) - timedelta(days=11))
    rule = retention.Rule(id=retention.rule_id("all", ""), scope="all", record=10.0)
    retention.put(database, rule)
    monkeypatch.setattr("schedules.timetable.TENDED_FIRST", 0.2)
    timetable = Timetable(settings, database)
    timetable.open()
    try:
        wait_until(lambda: articles.get(database, article("a").id) is None)
    finally:
        timetable.close()
