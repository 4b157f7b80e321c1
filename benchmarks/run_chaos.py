"""Runs while everything breaks: schedulers, workers and the broker killed with -9 at random.

``python -m benchmarks.run_chaos [local|celery] [SECONDS]``; a short form is in ``tests/test_run_chaos.py``.
"""

import sys
import tempfile
from pathlib import Path

from newsbot.archive.connection import connect
from newsbot.config import Config
from tests.brokers import by_way_of
from tests.run_chaos import chaos, check

SECONDS, SEED = 600.0, 7
# What `newsbot part worker` and `scheduler` have for ending, in seconds.
ENDS_WITHIN = 10.0


def run(way: str = "celery", seconds: float = SECONDS) -> None:
    """Print what became of the runs."""
    with tempfile.TemporaryDirectory(prefix="newsbot-bench-") as name:
        folder = Path(name)
        config = Config(data_dir=folder / "data", mongodb_uri=None)
        with connect(config) as database, by_way_of(way, config, folder) as opened:
            redis = opened.redis

            def again() -> None:
                assert redis is not None
                redis.kill()
                redis.start()

            told = chaos(
                opened.newsbot,
                database,
                folder,
                workers=2 if redis else 4,
                schedulers=2,
                seconds=seconds,
                seed=SEED,
                kill_broker=again if redis else None,
            )
    print(
        f"\nRuns in chaos ({way}): {told.seconds:.0f} s, kills {dict(told.kills)}; runs {dict(told.runs)}, taken "
        f"{told.attempts} times; {told.requests:,} requests, {told.looks:,} looks into feeds"
    )
    print(
        f"two runs of one source at once: {len(told.at_once)}; forgotten: {len(told.forgotten)}; longest time "
        f"between two looks at one source {told.longest_gap:.1f} s; slowest to end {told.ended_in:.1f} s"
    )
    for problem in check(told):
        raise SystemExit(problem)
    if told.ended_in > ENDS_WITHIN:
        raise SystemExit(f"a process took {told.ended_in:.1f} s to end")


if __name__ == "__main__":
    run(*sys.argv[1:2], *map(float, sys.argv[2:3]))
