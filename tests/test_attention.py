"""Queries side by side over time: exact, out of what was collected, and honest about what is missing."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest

from newsbot.archive.connection import Database
from newsbot.archive.naming import read
from newsbot.config import Config
from newsbot.query import QuerySyntaxError, parse
from newsbot.search.attention import Attention, AttentionError, attention, scope
from newsbot.search.change import change
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from newsbot.search.told import notes, rows, sentence
from tests.conftest import Command
from tests.constructed import add_source, at, days_before, failed, keep, made, ran

NOW = datetime.now(UTC)
TODAY = NOW.date()
DAYS = days_before(TODAY, 20)
LONG_AGO = NOW - timedelta(days=400)


def compared(settings: Config, database: Database, *queries: str, **how: object) -> Attention:
    catch_up(settings, database)
    first, last = how.pop("first", DAYS[0]), how.pop("last", DAYS[-1])
    return attention(  # type: ignore[arg-type]
        database,
        Reader(settings, database),
        queries,
        first,
        last,
        now=NOW,
        slowest=21_600.0,
        **how,
    )


def publish(database: Database, source: str, day: date | None, word: str, count: int) -> None:
    seen = day or DAYS[3]
    some = [
        made(
            source,
            f"{word}-{day}-{n}",
            day,
            f"{word} {seen} {n}",
            f"{source} {word} {day} {n} " * 8,
        )
        for n in range(count)
    ]
    keep(database, some, at(seen))


@pytest.fixture
def archive(database: Database) -> Database:
    """Two sources; the second failed on the tenth day. "storm" trebles after it."""
    add_source(database, "one", LONG_AGO, "coast")
    add_source(database, "two", LONG_AGO)
    ran(database, "one", DAYS)
    ran(database, "two", [day for day in DAYS if day != DAYS[9]])
    failed(database, "two", [DAYS[9]], "HTTP 503")
    for number, day in enumerate(DAYS):
        publish(database, "one", day, "storm", 1 if number < 10 else 4)
        publish(database, "one", day, "harbour", 2)
        if number != 9:
            publish(database, "two", day, "harbour", 1)
    publish(database, "one", None, "storm", 2)
    return database


def test_each_day_says_how_many_out_of_how_many(settings: Config, archive: Database) -> None:
    found = compared(settings, archive, "storm", "harbour")
    storm, harbour = found.lines
    assert storm.counts == (1, 1, 1, 3, *[1] * 6, *[4] * 10)  # two undated count by their first day
    assert harbour.counts == (*[3] * 9, 2, *[3] * 10)
    assert storm.totals == harbour.totals == (4, 4, 4, 6, *[4] * 5, 3, *[7] * 10)
    assert storm.shares[0] == 1 / 4
    assert found.undated == 2
    assert "2 articles have no known date" in notes(found)[0]


def test_a_day_with_a_gap_is_named_and_left_out_of_what_is_said(
    settings: Config, archive: Database
) -> None:
    found = compared(settings, archive, "storm")
    marked = [bucket for bucket in found.buckets if not bucket.counts]
    assert [bucket.first for bucket in marked] == [DAYS[9]]
    assert [(gap.name, gap.why) for gap in marked[0].gaps] == [("two", "ill")]
    (storm,) = found.lines
    assert (storm.change.said, storm.change.left_out, storm.change.counted) == ("rose", 1, 19)
    assert "1 with gaps or not over are left out" in sentence(storm, share=False)


def test_a_source_out_of_a_querys_scope_marks_nothing_of_it(
    settings: Config, archive: Database
) -> None:
    found = compared(settings, archive, "harbour source:one", "harbour source:two")
    one, two = found.lines
    assert all(bucket.counts for bucket in one.buckets)
    assert [bucket.first for bucket in two.buckets if not bucket.counts] == [DAYS[9]]
    assert two.totals[0] == 1


def test_steady_sources_alone_have_no_gaps(settings: Config, archive: Database) -> None:
    found = compared(settings, archive, "harbour", steady=True)
    (harbour,) = found.lines
    assert harbour.counts == (2,) * 20
    assert harbour.totals[0] == 3
    assert all(bucket.counts for bucket in found.buckets)
    assert [gap.name for gap in found.unsteady] == ["two"]
    assert "Left out, as not collected on all days: two." in notes(found)


def test_an_outage_alone_makes_nothing_fall(settings: Config, database: Database) -> None:
    add_source(database, "one", LONG_AGO)
    ran(database, "one", DAYS[:12])
    for day in DAYS[:12]:
        publish(database, "one", day, "storm", 5)
    (storm,) = compared(settings, database, "storm").lines
    assert storm.counts[12:] == (0,) * 8
    assert storm.change.said == "no clear change"
    assert storm.change.left_out == 8


def test_today_is_not_over_and_nothing_is_said_of_it(settings: Config, archive: Database) -> None:
    found = compared(settings, archive, "storm", last=TODAY)
    assert [bucket.over for bucket in found.buckets[-2:]] == [True, False]
    assert not found.buckets[-1].counts


def test_weeks_are_whole(settings: Config, archive: Database) -> None:
    found = compared(settings, archive, "storm", by="week")
    assert found.first.weekday() == 0
    by_day = compared(settings, archive, "storm", first=found.first, last=found.last)
    (week,), (day,) = found.lines, by_day.lines
    assert sum(week.counts) == sum(day.counts)
    assert [bucket.first.weekday() for bucket in found.buckets] == [0] * len(found.buckets)


def test_a_line_for_each_source_and_each_group(settings: Config, archive: Database) -> None:
    by_source = compared(settings, archive, "harbour", parts="source")
    assert [(line.part, sum(line.counts)) for line in by_source.lines] == [("one", 40), ("two", 19)]
    assert by_source.lines[1].totals[0] == 1
    assert all(bucket.counts for bucket in by_source.lines[0].buckets)
    (coast,) = compared(settings, archive, "harbour", parts="group").lines
    assert (coast.part, sum(coast.counts), coast.totals[0]) == ("coast", 40, 3)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("storm", None),
        ("source:one", {"one"}),
        ("storm source:one", {"one"}),
        ("source:one OR source:two", {"one", "two"}),
        ("storm OR source:two", None),
        ("group:coast", {"one"}),
        ("storm -source:one", {"two"}),
        ("source:one.example", None),
    ],
)
def test_the_scope_of_a_query(database: Database, query: str, wanted: set[str] | None) -> None:
    add_source(database, "one", LONG_AGO, "coast")
    add_source(database, "two", LONG_AGO)
    assert scope(parse(query), read(database)) == wanted


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([2] * 10 + [6] * 10, "rose"),
        ([6] * 10 + [2] * 10, "fell"),
        ([3] * 20, "no clear change"),
        ([0] * 20, "no clear change"),
        ([0] * 10 + [3] * 10, "rose"),
        ([2, 2, 9, 9, 9, 9, 9], "not known"),
        ([1, 20, 1, 20, 1, 20, 1, 20, 1, 40], "no clear change"),  # it varies more than that
    ],
)
def test_a_change_is_more_than_chance(counts: list[int], said: str) -> None:
    assert change([(count, 1.0) for count in counts]).said == said


def test_what_cannot_be_compared_is_said(settings: Config, database: Database) -> None:
    with pytest.raises(AttentionError, match="at most 1830 days"):
        compared(settings, database, "a", first=date(2001, 1, 1))
    with pytest.raises(AttentionError, match="twice"):
        compared(settings, database, "a", "a")
    with pytest.raises(QuerySyntaxError):
        compared(settings, database, "a", "(")


def test_the_rows_of_a_comparison(settings: Config, archive: Database) -> None:
    told = list(rows(compared(settings, archive, "storm")))
    assert told[9] == (
        DAYS[9].isoformat(), "storm", "", "1", "3", "0.333333", "two: its runs failed: HTTP 503",
    )  # fmt: skip


def test_the_command(newsbot: Command, archive: Database) -> None:
    time = ("--since", DAYS[0].isoformat(), "--until", DAYS[-1].isoformat())
    told = newsbot("compare", "storm", "harbour", *time)
    assert told.returncode == 0, told.stderr
    assert f"{DAYS[9]}       1" in told.stdout
    assert "storm: rose: " in told.stdout
    assert "1 of 20 days have gaps (ill)" in told.stdout
    table = list(csv.DictReader(io.StringIO(newsbot("compare", "storm", *time, "--csv").stdout)))
    assert len(table) == 20
    assert table[9]["gap"] == "two: its runs failed: HTTP 503"
    found = json.loads(newsbot("compare", "storm", *time, "--share", "--json").stdout)
    assert found["lines"][0]["buckets"][0]["share"] == 0.25
    for words in (("(",), ("a",) * 6, ("a", "--by", "year"), ("a", "--since", "x")):
        assert newsbot("compare", *words).returncode == 2
