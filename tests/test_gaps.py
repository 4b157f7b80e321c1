"""No chart takes our own outage for news: which days of which sources have gaps, and why."""

from datetime import UTC, date, datetime, timedelta

import pytest

from newsbot.archive import backfills, coverage, runs, sources
from newsbot.archive.backfills import Backfill
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.search.band import below
from newsbot.search.follow import catch_up
from newsbot.search.gaps import Gaps, gaps
from newsbot.search.results import Reader
from tests.constructed import add_source, at, days_before, failed, keep, made, ran

TODAY = datetime.now(UTC).date()
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=400)
DAYS = days_before(TODAY, 10)
FIRST = DAYS[0]


def look(settings: Config, database: Database, first: date = FIRST) -> Gaps:
    catch_up(settings, database)
    everything = Reader(settings, database).select("", now=NOW)
    last = TODAY - timedelta(days=1)
    return gaps(database, everything, first, last, now=NOW, slowest=21_600.0)


def told(found: Gaps) -> dict[date, list[tuple[str, str, str]]]:
    return {
        day: [(each.name, each.why, each.said) for each in of_day]
        for day, of_day in found.days.items()
    }


def one_a_day(database: Database, source: str, days: list[date], each: int = 1) -> None:
    for day in days:
        some = [
            made(source, f"{day}-{n}", day, f"Harbour {day} {n}", f"{source} {day} {n} " * 9)
            for n in range(each)
        ]
        keep(database, some, at(day))


def test_a_source_that_was_read_has_no_gap(settings: Config, database: Database) -> None:
    add_source(database, "one", LONG_AGO)
    ran(database, "one", DAYS)
    one_a_day(database, "one", DAYS)
    assert look(settings, database).days == {}


def test_a_day_whose_runs_failed_is_marked_with_the_reason(
    settings: Config, database: Database
) -> None:
    add_source(database, "one", LONG_AGO)
    ran(database, "one", [day for day in DAYS if day != DAYS[4]])
    failed(database, "one", [DAYS[4]], "HTTP 503")
    one_a_day(database, "one", DAYS[:2])
    assert told(look(settings, database)) == {
        DAYS[4]: [("one", "ill", "its runs failed: HTTP 503")]
    }


def test_a_day_on_which_nothing_ran_is_marked(settings: Config, database: Database) -> None:
    add_source(database, "one", LONG_AGO)
    ran(database, "one", [day for day in DAYS if day != DAYS[4]])
    one_a_day(database, "one", DAYS[:2])
    assert told(look(settings, database)) == {
        DAYS[4]: [("one", "not crawled", "no run of it ended")]
    }


def test_half_a_day_without_a_run_is_marked(settings: Config, database: Database) -> None:
    add_source(database, "one", LONG_AGO)
    ran(database, "one", [day for day in DAYS if day != DAYS[4]])
    told_of = {"reason": "", "counters": {}}
    coverage.note(database, "one", "done", started=at(DAYS[4], 0), ended=at(DAYS[4], 5), **told_of)
    coverage.note(
        database, "one", "done", started=at(DAYS[4], 20), ended=at(DAYS[4], 23), **told_of
    )
    one_a_day(database, "one", DAYS[:2])
    said = "no run of it ended from 06:00 to 20:00 UTC"
    assert told(look(settings, database)) == {DAYS[4]: [("one", "not crawled", said)]}


def test_days_before_a_source_was_added_are_marked(settings: Config, database: Database) -> None:
    add_source(database, "one", at(DAYS[2], 9))
    ran(database, "one", DAYS[2:])
    one_a_day(database, "one", DAYS)
    found = told(look(settings, database))
    assert list(found) == DAYS[:3]
    assert found[DAYS[0]] == [("one", "not added", f"was not yet added (it was on {DAYS[2]})")]
    assert found[DAYS[2]][0][2] == "was added in the course of this day, at 09:00 UTC"


def test_days_that_a_walk_back_has_read_are_no_gaps(settings: Config, database: Database) -> None:
    add_source(database, "one", at(DAYS[5], 9))
    ran(database, "one", DAYS[5:])
    one_a_day(database, "one", DAYS)
    walk = Backfill(id="one", since=DAYS[1], most=9, state="done", started_at=NOW, changed_at=NOW)
    backfills.save(database, walk)
    assert list(told(look(settings, database))) == DAYS[:1]


def test_a_removed_source_is_marked_since_its_last_article(
    settings: Config, database: Database
) -> None:
    for name in ("one", "two"):
        add_source(database, name, LONG_AGO)
        ran(database, name, DAYS)
        one_a_day(database, name, DAYS[:8])
    sources.remove(database, "two")
    found = told(look(settings, database))
    assert found == {day: [("(removed source)", "removed", "was removed")] for day in DAYS[8:]}


def test_a_source_that_was_never_collected_is_named_once(
    settings: Config, database: Database
) -> None:
    for name in ("one", "two"):
        add_source(database, name, LONG_AGO)
    ran(database, "one", DAYS)
    one_a_day(database, "one", DAYS)
    found = look(settings, database)
    assert found.days == {}
    assert [each.name for each in found.absent] == ["two"]


def test_a_source_that_is_crawled_weekly_has_no_gap_between(
    settings: Config, database: Database
) -> None:
    add_source(database, "one", LONG_AGO)
    sources.change(database, "one", next_due=None)
    ran(database, "one", [DAYS[8]])
    one_a_day(database, "one", DAYS[:9])
    assert list(told(look(settings, database))) == [DAYS[0], DAYS[9]]


def test_a_day_below_the_band_of_its_weekday_is_marked(
    settings: Config, database: Database
) -> None:
    days = days_before(TODAY, 45)
    add_source(database, "one", LONG_AGO)
    ran(database, "one", days)
    one_a_day(database, "one", [day for day in days if day != DAYS[4]], each=9)
    assert told(look(settings, database)) == {
        DAYS[4]: [("one", "below", "0 articles, 9 are usual on this weekday")]
    }


@pytest.mark.parametrize(
    ("count", "before", "usual"),
    [
        (0, [9, 9, 9, 9], 9),
        (0, [9, 9, 9], None),  # too short a past
        (0, [6] * 8, None),  # chance
        (0, [0, 9, 9, 9], None),  # it was so before
        (130, [300, 290, 310, 305, 120, 300], None),
        (10, [300, 290, 310, 305, 120, 300], 300),
        (400, [300, 290, 310, 305, 120, 300], None),
        (200, [1000, 990, 1010, 1005], 1002.5),
    ],
)
def test_the_band(count: int, before: list[int], usual: float | None) -> None:
    assert below(count, before) == usual


def test_a_run_that_ends_is_in_the_ledger_once(database: Database) -> None:
    add_source(database, "one", LONG_AGO)
    for state, occasion in (("done", "a"), ("failed", "b"), ("failed", "b")):
        run = runs.request(database, "one", trigger="poll", occasion=occasion, now=NOW)
        if run is None:
            continue
        held = runs.take(database, run, owner="w", seconds=60, now=NOW)
        assert held is not None
        for _ in range(2):
            runs.finish(
                database, held, state=state, reason="HTTP 503", now=NOW, counters={"new": 1}
            )
    bit = 1 << NOW.hour
    said = coverage.SourceDay(well=bit, failed=bit, why="HTTP 503")
    assert coverage.between(database, TODAY, TODAY) == {"one": {TODAY: said}}


def test_a_run_whose_pages_were_all_refused_did_not_end_well(database: Database) -> None:
    counters = {"refused_robots": 4, "requests": 5}
    coverage.note(database, "one", "done", reason="", counters=counters, started=NOW, ended=NOW)
    (said,) = coverage.between(database, TODAY, TODAY)["one"].values()
    assert (said.well, said.why) == (0, "none of 4 pages could be read")


def test_runs_of_before_the_ledger_are_taken_into_it(database: Database) -> None:
    run = runs.request(database, "one", trigger="poll", occasion="a", now=NOW)
    assert run is not None
    held = runs.take(database, run, owner="w", seconds=60, now=NOW)
    assert held is not None
    runs.finish(database, held, state="done", now=NOW, counters={"new": 1})
    database.coverage.delete_many({})
    assert coverage.between(database, TODAY, TODAY)["one"][TODAY].well == 1 << NOW.hour
