"""What keeps newsbot from parts of a source, and what its articles lack, from real crawls to the operators' receiver."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import log

import attrs
import pytest

from newsbot.alerts import health
from newsbot.alerts.health import Ill
from newsbot.alerts.operators import Watch
from newsbot.archive import entry_points, sources
from newsbot.archive.connection import Database
from newsbot.archive.entry_points import EntryPointRecord
from newsbot.archive.records import to_document
from newsbot.archive.sources import Way
from newsbot.cadence import Rhythm
from newsbot.config import Config
from newsbot.redesign import Verdict
from newsbot.spiders.learning import Reading, after_failure, after_reading, due, planned
from newsbot.spiders.lost_ways import lost_ways
from newsbot.standing import Brought, Closed, Fields, Standing, Traffic, after_run
from tests.newsrooms import Newsroom
from tests.redesigned_sites import Answer, Paper, Told, plain, without_byline
from tests.test_redesign_drill import (
    Crawl,
    Operators,
    crawl,
    operators,
    papers,
)

__all__ = ["crawl", "operators", "papers"]  # fixtures

NOW = datetime(2026, 3, 23, 12, tzinfo=UTC)


# From crawls to the receiver


def test_what_robots_txt_closes_is_told_and_that_it_is_open_again(
    database: Database, crawl: Crawl, papers: Callable[..., Paper], operators: Operators
) -> None:
    paper = papers("river")
    paper.robots = Answer("User-agent: *\nDisallow: /search\n")
    paper.publish(6, days_ago=3)
    crawl("river")
    paper.robots = Answer("User-agent: *\nDisallow: /search\nDisallow: /tags\n")
    crawl("river")
    assert operators.look() == []  # nothing that was read
    paper.robots = Answer("User-agent: *\nDisallow: /a/\n")
    paper.publish(1)
    crawl("river")
    assert operators.look() == ["river has closed by robots.txt what was read before"]
    paper.robots = Answer("", 404)
    crawl("river")
    operators.look()
    assert operators.look()[1].startswith("Well again: river; was closed by robots.txt")


def test_a_feed_that_is_gone_while_another_way_leads_to_the_articles_is_told(
    database: Database, crawl: Crawl, papers: Callable[..., Paper], operators: Operators
) -> None:
    paper = papers("river")
    ways = (
        Way(url=f"{paper.base}/feed.xml", kind="feed"),
        Way(url=f"{paper.base}/other.xml", kind="feed"),
    )
    sources.change(database, "river", entry_points=ways)
    paper.publish(6, days_ago=3)
    crawl("river")
    paper.feed = lambda: Answer("", 404)
    crawl("river")
    assert operators.look() == []  # a hiccup, it may be
    gone = entry_points.entry_point_id("river", ways[0].url)
    hours_ago = datetime.now(UTC) - timedelta(hours=7)
    database.pages.update_one({"_id": gone}, {"$set": {"failing_since": hours_ago}})
    crawl("river")
    assert operators.look() == ["river has lost an entry point"]
    (line, *_) = operators.receiver.messages[0]["lines"]  # type: ignore[misc]
    assert "the feed" in str(line)
    assert "answered 404" in str(line)


def _guarded(told: Told) -> Answer:
    return Answer("", 403) if told.number % 2 else plain(told)


def test_a_site_that_begins_to_refuse_is_told(
    database: Database, crawl: Crawl, papers: Callable[..., Paper], operators: Operators
) -> None:
    river, hill = papers("river"), papers("hill", language=1)
    for each in (river, hill):
        each.publish(12, days_ago=3)
    crawl("river", "hill")
    river.page = _guarded
    for each in (river, hill):
        each.publish(30)
    crawl("river", "hill")
    assert operators.look() == ["river keeps newsbot out"]


def test_a_site_that_drops_its_bylines_is_told_once_and_that_becomes_its_habit(
    database: Database, crawl: Crawl, papers: Callable[..., Paper], operators: Operators
) -> None:
    paper = papers("river")
    known = {"articles": 400, "titled": 400, "dated": 400, "length": 400 * log(900), "pages": 400}
    usual, lately = (
        Fields(**known, signed=380),
        Fields(articles=17, signed=16, length=17 * log(900)),
    )
    then = datetime.now(UTC) - timedelta(hours=1)
    stands = Standing(
        id="river", at=then, since=then - timedelta(days=60), usual=usual, lately=lately
    )
    database.standings.insert_one(to_document(stands))
    paper.page = without_byline
    paper.publish(45)
    crawl("river")
    told = ["river brings articles that lack what they used to have"]
    assert operators.look() == told
    operators.minutes += 8 * 1_440
    assert operators.look() == told
    # Some hundred articles later.
    database.standings.update_one({}, {"$set": {"usual.signed": 200.0, "mark": "later"}})
    paper.publish(1)
    crawl("river")
    operators.watch = Watch(operators.config, database, "one")
    operators.look()
    assert operators.look() == told
    (trouble,) = database.troubles.find({})
    assert trouble["state"] == "over"


def test_a_day_of_far_less_than_usual_is_told_after_the_first_run_of_the_next(
    database: Database, crawl: Crawl, papers: Callable[..., Paper], operators: Operators
) -> None:
    papers("river")
    papers("hill")
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for name, share in (("river", 0.1), ("hill", 0.6)):
        chance = random.Random(4)
        room = Newsroom(name, a_day=80)
        moment = today - timedelta(days=57)
        while moment < datetime.now(UTC):
            slow = today - timedelta(days=1) <= moment < today + timedelta(hours=1)
            room.share = share if slow else 1.0
            room.ask(moment, chance)
            moment += timedelta(seconds=room.every)
        database.standings.insert_one(to_document(room.standing))
    crawl("river", "hill")
    assert operators.look() == ["river brings far less than usual"]


# What is judged, by values


def stood(**said: object) -> Standing:
    return Standing(id="s", at=NOW, since=NOW - timedelta(days=60), well_at=NOW, **said)  # type: ignore[arg-type]


def requests(count: int, blocked: int) -> Traffic:
    return Traffic(requests=count, blocked=blocked)


def ills(standing: Standing) -> list[Ill]:
    return health.all_of_source(standing, now=NOW, failures=3, seconds=600)


def days(lately: Traffic, before: Traffic) -> dict[str, Traffic]:
    found = {f"2026-03-{day:02}": before for day in range(9, 22)}
    return found | {"2026-03-22": before, "2026-03-23": lately}


@pytest.mark.parametrize(
    ("lately", "before", "kinds"),
    [
        (requests(100, 60), requests(100, 0), ["blocked"]),
        (requests(100, 60), requests(100, 50), []),
        (requests(100, 5), requests(100, 0), []),
        (requests(5, 4), requests(5, 0), []),
        (requests(30, 15), requests(30, 1), ["blocked"]),
    ],
)
def test_refusals_are_told_where_their_share_jumps(
    lately: Traffic, before: Traffic, kinds: list[str]
) -> None:
    assert [each.kind for each in ills(stood(traffic=days(lately, before)))] == kinds


def test_that_it_fails_since_robots_txt_closed_it_is_one_trouble() -> None:
    closed = Closed(since=NOW, says="the entry point https://a.example/feed")
    standing = stood(
        closed=closed,
        failures=5,
        failing_since=NOW - timedelta(hours=2),
        trouble="https://a.example/feed is closed to crawlers by robots.txt",
    )
    assert [each.kind for each in ills(standing)] == ["robots"]


def test_while_a_source_fails_its_redesign_is_not_over() -> None:
    standing: Standing | None = None
    for minute, well in ((0, True), (5, False)):
        verdict = Verdict(lost=("text",), says="x") if well else None
        standing = after_run(
            standing,
            "s",
            mark=f"{minute}",
            at=NOW + timedelta(minutes=minute),
            well=well,
            brought=Brought(verdict=verdict),
        )
    assert standing is not None
    assert [each.kind for each in ills(standing)] == ["redesign"]


# Entry points that are lost, and how they are asked

FEED = EntryPointRecord(
    id="e", source="s", url="https://a.example/feed", kind="feed", brought=50, readings=100
)


def known(moment: datetime) -> EntryPointRecord:
    rhythm = Rhythm(
        articles=60.0,
        seconds=10 * 86_400.0,
        hours=(60 / 24,) * 24,
        days=(60 / 7,) * 7,
        read_at=moment,
    )
    return attrs.evolve(FEED, rhythm=rhythm)


def test_a_feed_that_names_nothing_is_lost_once_its_articles_are_missing() -> None:
    record, moment, lost_after = known(NOW), NOW, None
    while lost_after is None and moment < NOW + timedelta(days=5):
        moment += timedelta(hours=2)
        record = after_reading(record, Reading(at=moment, conditional=False, links="x", names=0))
        if lost_ways([record], moment):
            lost_after = moment - NOW
    assert lost_after is not None
    assert timedelta(days=1) <= lost_after <= timedelta(days=2)
    named = Reading(at=moment + timedelta(hours=1), conditional=False, links="y", names=3)
    assert lost_ways([after_reading(record, named)], named.at) == ()


def test_a_feed_that_has_become_a_page_is_lost_unless_the_page_leads_to_articles() -> None:
    leads, leads_not, moment = known(NOW), known(NOW), NOW
    for _ in range(20):
        moment += timedelta(hours=2)
        turned = Reading(at=moment, conditional=False, links="x", names=30, turned="page")
        leads_not = after_reading(leads_not, turned)
        leads = after_reading(leads, attrs.evolve(turned, led=1, brought=1))
    assert lost_ways([leads], moment) == ()
    (way,) = lost_ways([leads_not], moment)
    assert "is no feed any more" in way.says


@pytest.mark.parametrize(("gone", "limit"), [(False, 21_600.0), (True, 604_800.0)])
def test_what_fails_is_asked_ever_more_seldom_within_bounds_and_at_its_rhythm_after_one_answer(
    gone: bool, limit: float
) -> None:
    config, record, moment = Config(), known(NOW), NOW
    usual = planned(record, NOW, config, leading=False).next_due
    assert usual is not None
    waits = []
    for _ in range(40):
        record = after_failure(record, at=moment, trouble="answered 500", gone=gone)
        record = planned(record, moment, config, leading=False)
        assert record.next_due is not None
        waits.append((record.next_due - moment).total_seconds())
        assert not due(record, moment + timedelta(seconds=0.8 * waits[-1]))
        moment = record.next_due
    # Growing (it is spread by a tenth), and bounded.
    assert all(later > 0.8 * sooner for sooner, later in pairwise(waits))
    assert 0.9 * limit <= waits[-1] <= 1.1 * limit
    assert len(set(waits[-10:])) == 10  # no two at once
    record = after_reading(record, Reading(at=moment, conditional=False, links="x", names=3))
    back = planned(record, moment, config, leading=False).next_due
    assert back is not None
    assert (back - moment).total_seconds() <= 1.5 * (usual - NOW).total_seconds()
