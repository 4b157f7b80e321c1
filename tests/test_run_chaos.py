"""Runs while processes and broker are killed at random; ten minutes of it are a benchmark."""

from pathlib import Path

import pytest

from newsbot.archive.connection import Database
from newsbot.config import Config
from tests import run_chaos
from tests.brokers import by_way_of


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


def test_two_requests_under_way_at_once_are_seen_unless_the_first_ones_process_was_dead() -> None:
    first = run_chaos.Asked(1, "/feed.xml", "a", 10.0, 11.0)
    second = run_chaos.Asked(1, "/a/1", "b", 10.5, 12.0)
    other = run_chaos.Asked(2, "/a/1", "b", 10.6, 12.0)
    assert len(list(run_chaos.overlapping([first, second, other], {}))) == 1
    assert len(list(run_chaos.overlapping([first, second, other], {"a": 10.7}))) == 1
    assert list(run_chaos.overlapping([first, second, other], {"a": 10.4})) == []
