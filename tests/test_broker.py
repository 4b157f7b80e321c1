"""What a broker may do wrong loses no run and begins none twice."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.archive import runs
from newsbot.archive.connection import Database
from newsbot.config import Config, ConfigurationError, load_config
from schedules.dispatch import dispatch
from tests.brokers import Parts, Way, add, by_way_of, done, parts_of
from tests.conftest import InProcess, Site
from tests.test_kills import wait_until

LOCAL = ("newsbot.cli.running", "newsbot.cli.doctor", "schedules.worker", "schedules.timetable")


@pytest.fixture
def celery(settings: Config, tmp_path: Path) -> Iterator[Way]:
    """The way through a broker."""
    with by_way_of("celery", settings, tmp_path) as opened:
        yield opened


@pytest.fixture
def parts(celery: Way, tmp_path: Path) -> Iterator[Parts]:
    """Parts of newsbot, under the way of the test."""
    with parts_of(celery.newsbot, tmp_path) as made:
        yield made


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
