"""Runs reach workers, whichever way: each looks into the archive, or a broker hands them out."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.archive import pauses, runs, sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.archive.sources import Way as EntryPoint
from newsbot.config import Config, ConfigurationError, load_config
from schedules.dispatch import dispatch
from tests import run_chaos
from tests.brokers import Way, by_way_of
from tests.conftest import Command, InProcess, Site
from tests.test_kills import wait_until

PAGE = (
    "<html><body><article><h1>Story number {number}</h1><p>The harbour opened at dawn, said the harbour "
    "master, and ship number {number} was the first to leave for the open sea.</p></article></body></html>"
)
# A worker hands its runs back within so many seconds of SIGTERM.
ENDS_WITHIN = 10.0
LOCAL = ("newsbot.cli.running", "newsbot.cli.doctor", "schedules.worker", "schedules.timetable")


@pytest.fixture(params=["local", "celery"])
def way(request: pytest.FixtureRequest, settings: Config, tmp_path: Path) -> Iterator[Way]:
    """Each way to the workers."""
    with by_way_of(request.param, settings, tmp_path) as opened:
        yield opened


@pytest.fixture
def celery(settings: Config, tmp_path: Path) -> Iterator[Way]:
    """The way through a broker."""
    with by_way_of("celery", settings, tmp_path) as opened:
        yield opened


class Parts:
    """The parts that a test started; they end with it."""

    def __init__(self, newsbot: Command, folder: Path) -> None:
        self._newsbot = newsbot
        self._folder = folder
        self._all: list[subprocess.Popen[str]] = []

    def start(self, part: str) -> "subprocess.Popen[str]":
        """Start a part."""
        self._all.append(
            self._newsbot.start("part", part, output=self._folder / f"{part}{len(self._all)}.log")
        )
        return self._all[-1]

    def said(self) -> str:
        """Return what all of them logged."""
        return "\n".join(each.read_text() for each in sorted(self._folder.glob("*.log")))

    def end(self) -> None:
        """End them all."""
        for each in self._all:
            each.terminate()
        for each in self._all:
            try:
                each.wait(ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                each.kill()
                raise


@pytest.fixture
def parts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Parts]:
    """Parts of newsbot, under the way of the test."""
    names = request.fixturenames
    opened: Way = request.getfixturevalue("way" if "way" in names else "celery")
    folder = tmp_path / "logs"
    folder.mkdir()
    made = Parts(opened.newsbot, folder)
    try:
        yield made
    finally:
        made.end()


def add(database: Database, site: Site, stories: int, *, due: bool = True) -> str:
    """Add a source of so many stories; returns its id."""
    items = "".join(
        f"<item><title>Story number {each}</title><link>{site.base}/a/{each}.html</link></item>"
        for each in range(stories)
    )
    feed = site.write("feed.xml", f'<rss version="2.0"><channel>{items}</channel></rss>')
    for number in range(stories):
        site.write(f"a/{number}.html", PAGE.format(number=number))
    name = f"s{site.base.rpartition(':')[2]}"
    sources.add(
        database,
        Source(
            id=name,
            name=name,
            homepage=f"{site.base}/",
            entry_points=(EntryPoint(url=feed, kind="feed"),),
            allowed_hosts=(site.base.partition("://")[2],),
            delay=0.0,
            next_due=datetime.now(UTC) if due else None,
            added_at=datetime.now(UTC),
        ),
    )
    return name


def done(database: Database) -> bool:
    """Say whether a run is done, and none is under way."""
    return (
        database.runs.count_documents({"state": "done"}) > 0
        and database.runs.count_documents({"active": True}) == 0
    )


def test_a_source_that_is_due_is_crawled(
    way: Way, parts: Parts, database: Database, make_site: Callable[[], Site]
) -> None:
    add(database, make_site(), 5)
    parts.start("worker")
    parts.start("scheduler")

    wait_until(lambda: database.articles.count_documents({}) == 5, 60)
    wait_until(lambda: done(database), 30)


def test_the_runs_of_a_worker_that_was_killed_are_done_by_another(
    way: Way, parts: Parts, database: Database, make_site: Callable[[], Site]
) -> None:
    way.newsbot.environment |= {"NEWSBOT_LEASE_SECONDS": "2"}
    site = make_site()
    name = add(database, site, 12, due=False)
    dispatch(database, name, trigger="request", occasion="once")
    site.allow(4)
    parts.start("scheduler")
    first = parts.start("worker")
    wait_until(lambda: database.pages.count_documents({}) >= 4, 60)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    site.allow(float("inf"))
    parts.start("worker")

    wait_until(lambda: done(database), 60)
    assert Counter(each["url"] for each in database.articles.find()) == Counter(
        f"{site.base}/a/{each}.html" for each in range(12)
    )
    assert database.runs.find_one({})["attempt"] == 2


def test_a_worker_that_is_told_to_stop_hands_its_runs_back_to_another(
    way: Way, parts: Parts, database: Database, make_site: Callable[[], Site]
) -> None:
    site = make_site()
    name = add(database, site, 12, due=False)
    dispatch(database, name, trigger="request", occasion="once")
    site.allow(4)
    parts.start("scheduler")
    first = parts.start("worker")
    wait_until(lambda: database.pages.count_documents({}) >= 4, 60)
    told = time.monotonic()
    first.terminate()
    assert first.wait(ENDS_WITHIN) == 0
    assert time.monotonic() - told < ENDS_WITHIN
    lease = database.runs.find_one({})["lease"]
    assert lease["until"].replace(tzinfo=UTC) < datetime.now(UTC)
    site.allow(float("inf"))
    parts.start("worker")

    wait_until(lambda: done(database), 60)
    assert database.articles.count_documents({}) == 12


def under_way(database: Database, run: str) -> bool:
    """Say whether a worker has begun a run."""
    return database.runs.count_documents({"_id": run, "state": "running"}) == 1


def test_what_a_person_asks_for_begins_although_the_worker_is_full(
    way: Way, parts: Parts, database: Database, make_site: Callable[[], Site]
) -> None:
    way.newsbot.environment |= {"NEWSBOT_RUNS_AT_ONCE": "1"}
    full, asked = make_site(), make_site()
    full.allow(0)
    first = dispatch(database, add(database, full, 3, due=False), trigger="poll", occasion="one")
    assert first is not None
    parts.start("scheduler")
    parts.start("worker")
    wait_until(lambda: under_way(database, first.id), 60)
    name = add(database, asked, 3, due=False)
    dispatch(database, name, trigger="request", occasion="now")

    wait_until(lambda: database.articles.count_documents({"source": name}) == 3, 60)
    full.allow(float("inf"))
    wait_until(lambda: done(database), 60)


@pytest.mark.alone
def test_a_run_that_is_cancelled_stops_within_five_seconds(
    way: Way, parts: Parts, database: Database, make_site: Callable[[], Site]
) -> None:
    site = make_site()
    site.allow(2)
    run = dispatch(database, add(database, site, 9, due=False), trigger="poll", occasion="once")
    assert run is not None
    parts.start("scheduler")
    parts.start("worker")
    wait_until(lambda: database.pages.count_documents({}) >= 2, 60)

    assert way.newsbot("runs", "cancel", run.id).returncode == 0
    told = time.monotonic()
    wait_until(lambda: not database.runs.count_documents({"active": True}), 30)
    assert time.monotonic() - told < 5
    assert database.runs.find_one({"_id": run.id})["state"] == "cancelled"


def test_nothing_begins_while_everything_is_paused_and_all_of_it_after(
    way: Way, parts: Parts, database: Database, make_site: Callable[[], Site]
) -> None:
    pauses.begin(database, by="desk", why="the printer burns", now=datetime.now(UTC))
    site = make_site()
    dispatch(database, add(database, site, 3, due=False), trigger="schedule", occasion="once")
    parts.start("scheduler")
    worker = parts.start("worker")
    other = add(database, make_site(), 3, due=False)
    dispatch(database, other, trigger="request", occasion="now")  # a person's wish is one
    wait_until(lambda: database.articles.count_documents({"source": other}) == 3, 60)
    assert worker.poll() is None
    assert site.requests == []
    pauses.end(database)

    wait_until(lambda: database.articles.count_documents({}) == 6, 60)


@pytest.mark.alone
@pytest.mark.parametrize("dispatched", ["local", "celery"])
def test_never_two_runs_of_a_source_at_once_while_everything_is_killed(
    dispatched: str, settings: Config, database: Database, tmp_path: Path
) -> None:
    with by_way_of(dispatched, settings, tmp_path) as opened:
        redis = opened.redis

        def again() -> None:
            assert redis is not None
            redis.kill()
            redis.start()

        told = run_chaos.chaos(
            opened.newsbot,
            database,
            tmp_path,
            workers=2,
            schedulers=2,
            seconds=20.0,
            every=(0.5, 3.0),
            count=6,
            kill_broker=again if redis else None,
        )
    assert run_chaos.check(told) == []
    assert sum(told.kills.values()) >= 4


def test_a_run_that_is_sent_twice_runs_once(
    celery: Way, parts: Parts, database: Database, make_site: Callable[[], Site]
) -> None:
    from schedules.broker import Broker

    site = make_site()
    run = dispatch(database, add(database, site, 3, due=False), trigger="request", occasion="once")
    assert run is not None
    broker = Broker(celery.config)
    broker.send([run.id] * 5)
    parts.start("worker")
    parts.start("worker")

    wait_until(lambda: done(database), 60)
    broker.send([run.id] * 5)  # and again, when it is over
    wait_until(lambda: broker.waiting() == 0, 20)
    broker.close()
    assert database.runs.find_one({})["attempt"] == 1
    assert site.requests.count("/feed.xml") == 1


def test_a_large_crawl_leaves_its_place_to_others(
    celery: Way, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from schedules import worker
    from schedules.sent import Sent

    monkeypatch.setattr(worker, "LARGE_AFTER", 0.5)
    run = dispatch(database, "s", trigger="poll", occasion="once")
    assert run is not None
    sent = Sent(database, "me")
    holding = threading.Thread(target=sent.hold, args=(run.id,))
    holding.start()
    wait_until(lambda: sent.offered(datetime.now(UTC), at_most=9), 10)
    assert runs.take(database, run, owner="me", seconds=60, now=datetime.now(UTC))
    assert sent.offered(datetime.now(UTC), at_most=9) == []
    assert holding.is_alive()

    wait_until(lambda: sent.offered(datetime.now(UTC), at_most=9) or not holding.is_alive(), 10)
    assert not holding.is_alive()


def test_two_requests_under_way_at_once_are_seen_unless_the_first_ones_process_was_dead() -> None:
    first = run_chaos.Asked(1, "/feed.xml", "a", 10.0, 11.0)
    second = run_chaos.Asked(1, "/a/1", "b", 10.5, 12.0)
    other = run_chaos.Asked(2, "/a/1", "b", 10.6, 12.0)
    assert len(list(run_chaos.overlapping([first, second, other], {}))) == 1
    assert len(list(run_chaos.overlapping([first, second, other], {"a": 10.7}))) == 1
    assert list(run_chaos.overlapping([first, second, other], {"a": 10.4})) == []


def test_a_broker_that_forgets_loses_no_run(
    celery: Way,
    parts: Parts,
    database: Database,
    make_site: Callable[[], Site],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from schedules import relay

    monkeypatch.setattr(relay, "AGAIN", 0.5)
    run = dispatch(
        database, add(database, make_site(), 3, due=False), trigger="request", occasion="once"
    )
    assert run is not None
    redis = celery.our_redis
    sender = relay.Relay(celery.config, database)
    try:
        wait_until(lambda: redis.ask("DBSIZE") != ":0", 20)
        redis.kill()
        redis.start()
        parts.start("worker")
        wait_until(lambda: done(database), 60)
    finally:
        sender.close()
    assert database.runs.find_one({})["attempt"] == 1


def test_what_is_due_while_the_broker_is_down_waits_and_the_log_says_so(
    celery: Way, parts: Parts, database: Database, make_site: Callable[[], Site]
) -> None:
    redis = celery.our_redis
    redis.kill()
    add(database, make_site(), 3)
    parts.start("scheduler")
    parts.start("worker")
    wait_until(lambda: "no run is sent to workers: the broker" in parts.said(), 60)
    assert database.runs.count_documents({"state": "queued"}) == 1
    redis.start()

    wait_until(lambda: done(database), 60)
    assert "runs are sent to workers again" in parts.said()


def test_the_broker_holds_the_first_runs_alone_and_takes_no_more_than_its_window() -> None:
    from schedules.relay import WINDOW, Plan

    plan = Plan()
    waiting = [(f"run{each}", 0) for each in range(WINDOW + 5)]
    assert plan.now(waiting, 0, 0.0) == waiting[:WINDOW]
    assert plan.now(waiting, WINDOW - 2, 0.0) == waiting[:2]
    assert plan.now(waiting, WINDOW + 7, 0.0) == []


def test_a_run_that_nobody_takes_is_sent_again_the_more_rarely_the_more_the_broker_has() -> None:
    from schedules.relay import AGAIN, Plan

    def sent_at(in_broker: int) -> list[float]:
        plan, times = Plan(), []
        for moment in range(0, 200, 5):
            if some := plan.now([("run", 0)], in_broker, moment):
                plan.sent(some, moment)
                times.append(moment / AGAIN)
        return times

    assert sent_at(3) == [0, 1, 3, 7, 15]
    assert sent_at(0) == list(range(20))


def test_a_run_that_was_handed_back_is_sent_at_once() -> None:
    from schedules.relay import Plan

    plan = Plan()
    plan.sent([("run", 0)], 0.0)
    assert plan.now([("run", 0)], 0, 1.0) == []
    assert plan.now([("run", 1)], 0, 1.0) == [("run", 1)]


def test_the_doctor_asks_the_broker(
    celery: Way, newsbot_here: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis = celery.our_redis
    monkeypatch.setenv("NEWSBOT_DISPATCH", "celery")
    monkeypatch.setenv("NEWSBOT_BROKER_URL", redis.url.replace("//", "//:geheim@"))
    redis.ask("CONFIG", "SET", "requirepass", "geheim")
    assert "0 runs wait in it" in newsbot_here("doctor").stdout
    redis.kill()
    said = newsbot_here("doctor")
    assert said.returncode == 1
    assert "see that it runs and that broker_url is right" in said.stdout
    assert "geheim" not in said.stdout


@pytest.mark.parametrize("url", ["", "redis//:geheim@127.0.0.1", "http://:geheim@127.0.0.1:6379"])
def test_celery_without_a_broker_says_what_to_set(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSBOT_DISPATCH", "celery")
    monkeypatch.setenv("NEWSBOT_BROKER_URL", url)
    with pytest.raises(ConfigurationError, match="NEWSBOT_BROKER_URL") as raised:
        load_config()
    assert "geheim" not in str(raised.value)


def test_who_dispatches_locally_loads_no_celery() -> None:
    said = subprocess.run(
        [
            *(sys.executable, "-c"),
            f"import sys, {', '.join(LOCAL)}; print(*sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(said.stdout.split()).isdisjoint({"celery", "kombu", "redis"})
