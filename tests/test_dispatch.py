"""Runs reach workers, whichever way: each looks into the archive, or a broker hands them out."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.archive import pauses
from newsbot.archive.connection import Database
from newsbot.config import Config
from schedules.dispatch import dispatch
from tests.brokers import ENDS_WITHIN, Parts, Way, add, by_way_of, done, parts_of
from tests.conftest import Site
from tests.test_kills import wait_until


@pytest.fixture(params=["local", "celery"])
def way(request: pytest.FixtureRequest, settings: Config, tmp_path: Path) -> Iterator[Way]:
    """Each way to the workers."""
    with by_way_of(request.param, settings, tmp_path) as opened:
        yield opened


@pytest.fixture
def parts(way: Way, tmp_path: Path) -> Iterator[Parts]:
    """Parts of newsbot, under the way of the test."""
    with parts_of(way.newsbot, tmp_path) as made:
        yield made


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
