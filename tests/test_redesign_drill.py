"""The redesign drill: real sites change their pages, and operators are told of it after the first run, or not.

One worker crawls all of them; what is judged is read where the watch reads it.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import attrs
import pytest

from newsbot.alerts.delivery import Courier
from newsbot.alerts.operators import Watch
from newsbot.archive import channels, sources, standings
from newsbot.archive.connection import Database
from newsbot.archive.records import to_document
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from schedules.dispatch import dispatch
from tests.conftest import Command, InProcess, Receiver
from tests.newsrooms import Newsroom
from tests.redesigned_sites import (
    CASES,
    Page,
    Paper,
    flash,
    only,
    picture,
    plain,
    renamed,
    shell_with_title,
    teaser,
    undated,
    video,
    without_byline,
)
from tests.test_kills import wait_until

Crawl = Callable[..., None]


@contextlib.contextmanager
def working(settings: Config, database: Database, folder: Path, **more: object) -> Iterator[Crawl]:
    """Have a worker crawl sources, all at once, and wait for it."""
    newsbot = Command(
        settings,
        retries=0,
        download_delay=0,
        retry_pause=0.02,
        host_pause_wait=0.1,
        runs_at_once=8,
        **more,
    )
    worker = newsbot.start("part", "worker", output=folder / "worker.log")
    occasions = iter(range(1_000))

    def all_of(*names: str) -> None:
        # Let what is known of entry points and hosts be due now.
        database.pages.update_many({"outcome": "entry point"}, {"$unset": {"next_due": 1}})
        read_long_ago = {"robots.http.fresh_until": datetime(2026, 1, 1, tzinfo=UTC)}
        database.hosts.update_many(
            {}, {"$set": read_long_ago, "$unset": {"left_alone_until": 1, "why": 1}}
        )
        occasion = f"{next(occasions)}"
        for name in names:
            dispatch(database, name, trigger="poll", occasion=occasion)
        wait_until(lambda: not database.runs.count_documents({"active": True}), 120)

    try:
        yield all_of
    finally:
        worker.terminate()
        worker.wait(30)


@pytest.fixture
def crawl(settings: Config, database: Database, tmp_path: Path) -> Iterator[Crawl]:
    with working(settings, database, tmp_path) as made:
        yield made


@pytest.fixture
def crawl_with_looks(settings: Config, database: Database, tmp_path: Path) -> Iterator[Crawl]:
    """A worker to which a look for edits at each article is due at every crawl."""
    with working(settings, database, tmp_path, revisit_after=str([0] * 12)) as made:
        yield made


@pytest.fixture
def papers(database: Database) -> Iterator[Callable[..., Paper]]:
    """Return a function that makes a site and its source."""
    with contextlib.ExitStack() as made:

        def make(name: str, **more: object) -> Paper:
            paper = Paper(**more)  # type: ignore[arg-type]
            made.callback(paper.close)
            way = Way(url=f"{paper.base}/feed.xml", kind="feed")
            sources.add(
                database,
                Source(
                    id=name,
                    name=name,
                    homepage=f"{paper.base}/",
                    entry_points=(way,),
                    allowed_hosts=(paper.host,),
                    added_at=datetime.now(UTC) - timedelta(days=60),
                ),
            )
            return paper

        yield make


def test_after_the_first_run_those_that_changed_are_known_and_no_others(
    database: Database, crawl: Crawl, papers: Callable[..., Paper]
) -> None:
    sites = {
        name: papers(name, language=number, dated_feed=case.dated_feed)
        for number, (name, case) in enumerate(CASES.items())
    }
    for name, site in sites.items():
        site.publish(CASES[name].had, days_ago=3)
    crawl(*sites)
    for name, site in sites.items():
        site.publish(CASES[name].new)
        site.page = CASES[name].page
        site.requests.clear()
    crawl(*sites)
    found = standings.many(database, sites)
    lost = {
        name: standing.redesigned.lost if standing.redesigned else ()
        for name, standing in found.items()
    }
    assert lost == {name: case.lost for name, case in CASES.items()}
    # Those that read as ever were not asked for what is known.
    for name in ("classes renamed", "a slow day", "a day without news", "bylines gone"):
        assert len([p for p in sites[name].requests if p.startswith("/a/")]) == CASES[name].new, (
            name
        )


class Operators:
    """The watch, and what the operators' receiver is sent: the real outbox, the real courier."""

    def __init__(self, settings: Config, database: Database, receiver: Receiver) -> None:
        self.config = settings.model_copy(update={"disk_reserve": 0, "trouble_seconds": 0.5})
        self.database, self.receiver = database, receiver
        self.watch, self.minutes = Watch(self.config, database, "one"), 0
        channels.add(database, kind="webhook", target=receiver.url, name="ops", operators=True)

    def look(self) -> list[str]:
        """Look now, and after as long as what begins waits; return the headlines of all messages so far."""
        for _ in range(3):
            self.watch.look(datetime.now(UTC) + timedelta(minutes=self.minutes))
            self.minutes += 2
        # They are written by the watch's clock, which is ahead of the courier's.
        due = {"next_attempt": datetime.now(UTC)}
        self.database.outbox.update_many({"state": "due"}, {"$set": due})
        asyncio.run(Courier(self.config, self.database, "one").deliver_due())
        return [str(each["headline"]) for each in self.receiver.messages]


@pytest.fixture
def operators(settings: Config, database: Database, receiver: Receiver) -> Operators:
    return Operators(settings, database, receiver)


def test_the_alert_arrives_after_the_first_run_and_once_more_when_it_is_over(
    database: Database,
    settings: Config,
    crawl: Crawl,
    papers: Callable[..., Paper],
    operators: Operators,
    newsbot_here: InProcess,
) -> None:
    river, hill = papers("river"), papers("hill", language=1)
    for each in (river, hill):
        each.publish(12, days_ago=3)
    crawl("river", "hill")
    assert operators.look() == []
    river.publish(2)
    river.page = shell_with_title
    hill.publish(1)  # a slow day
    crawl("river", "hill")
    told = ["river has changed its pages, which are not read as they were"]
    assert operators.look() == told
    (line, *_) = operators.receiver.messages[0]["lines"]  # type: ignore[misc]
    assert "4 known articles 4 are read without their text" in str(line)
    # What is there to compare, as who looks sees it.
    shown = newsbot_here("source", "redesign", "river").stdout
    assert "before" in shown
    assert " 0 words" in shown
    before, after = (
        newsbot_here("source", "redesign", "river", "--page", "1", which).stdout
        for which in ("--before", "--after")
    )
    assert 'class="entry"' in before
    assert 'id="story"' in after
    (ill,) = newsbot_here.json("source", "list", "--ill")  # type: ignore[misc]
    assert ill["name"] == "river"
    health = newsbot_here.json("source", "show", "river")["health"]  # type: ignore[call-overload, index]
    assert [each["kind"] for each in health["ills"]] == ["redesign"]
    # It is found out once more, and told no more; then the site is as it was.
    database.standings.update_many({}, {"$unset": {"rechecked": 1}})
    river.publish(1)
    crawl("river")
    assert operators.look() == told
    river.page = plain
    database.standings.update_many({}, {"$unset": {"rechecked": 1}})
    river.publish(1)
    crawl("river")
    (_, over) = operators.look()
    assert over.startswith("Well again: river")
    assert database.revisions.count_documents({}) == 0


def test_looks_for_edits_find_it_out_where_nothing_is_new(
    database: Database, crawl_with_looks: Crawl, papers: Callable[..., Paper]
) -> None:
    changed, undone = papers("changed"), papers("undone", language=1)
    for each in (changed, undone):
        each.publish(12, days_ago=3)
    crawl_with_looks("changed", "undone")
    changed.page = undated
    crawl_with_looks("changed", "undone")
    stand = standings.many(database, ["changed", "undone"])
    assert stand["changed"].redesigned is not None
    assert stand["changed"].redesigned.lost == ("dates",)
    assert stand["undone"].redesigned is None
    # No article is edited by it: a date that is gone from the page stays with its article.
    assert database.revisions.count_documents({}) == 0
    assert database.articles.count_documents({"published": None}) == 0


# A slow day: what a site publishes instead of the ten articles of a usual one.
SLOW_DAYS: dict[str, tuple[int, Page]] = {
    "nothing": (0, plain),
    "one": (1, plain),
    "two": (2, plain),
    "a flash": (1, flash),
    "two flashes": (2, flash),
    "a recording": (1, video),
    "a picture": (1, picture),
    "one for subscribers": (1, partial(only, "new", teaser)),
    "without a byline": (2, without_byline),
    "one, in another frame": (1, renamed),
}


def test_thirty_slow_days_are_told_nothing_of(
    database: Database, crawl: Crawl, papers: Callable[..., Paper], operators: Operators
) -> None:
    sites = {
        f"{name} {turn}": papers(f"{name} {turn}", language=turn)
        for name in SLOW_DAYS
        for turn in range(3)
    }
    for site in sites.values():
        site.publish(11, days_ago=3)
    crawl(*sites)
    # They have been there for two months, with ten articles a day.
    for number, name in enumerate(sites):
        _has_a_past(database, name, seed=number)
    for name, site in sites.items():
        count, page = SLOW_DAYS[name.rpartition(" ")[0]]
        site.publish(count)
        site.page = partial(only, "new", page)
    crawl(*sites)
    assert operators.look() == []
    assert operators.look() == []
    found = standings.many(database, sites)
    assert [name for name, each in found.items() if each.redesigned] == []


def _has_a_past(database: Database, name: str, *, seed: int) -> None:
    """Have a source that was crawled once stand as after two months, up to an hour ago."""
    standing = standings.of(database, name)
    assert standing is not None
    room, chance = Newsroom(name, a_day=10, every=7_200.0), random.Random(seed)
    now = datetime.now(UTC)
    moment = now - timedelta(days=60)
    while moment < now - timedelta(hours=1):
        room.ask(moment, chance)
        moment += timedelta(seconds=room.every)
    assert room.standing is not None
    usual = standing.usual
    past = attrs.evolve(room.standing, known=standing.known, usual=usual, lately=standing.lately)
    database.standings.replace_one({"_id": name}, to_document(past))
