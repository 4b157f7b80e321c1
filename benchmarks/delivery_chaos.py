"""Delivery while everything breaks: 2,000 matches, worker and MongoDB killed thirty times each.

``python -m benchmarks.delivery_chaos``; a short form is in ``tests/test_delivery_kills.py``.
"""

import tempfile
from pathlib import Path

from newsbot.archive.connection import connect
from newsbot.config import Config
from tests.delivery_chaos import chaos, check

MATCHES, KILLS, SEED = 2_000, 30, 7


def run() -> None:
    """Print what became of the matches."""
    with tempfile.TemporaryDirectory(prefix="newsbot-bench-") as name:
        folder = Path(name)
        config = Config(data_dir=folder / "data", webhook_hosts=("127.0.0.1",), mongodb_uri=None)
        with connect(config) as held:
            told = chaos(config, held, folder, matches=MATCHES, kills=KILLS, seed=SEED)
    print(
        f"\nDelivery in chaos: {told.matches:,} matches, {told.worker_kills} kills of the worker and "
        f"{told.mongodb_kills} of MongoDB, in {told.seconds:.0f} s"
    )
    print(
        f"delivered {told.delivered:,}; posts in all {told.posts:,}; taken twice {told.twice}, of these "
        f"because the answer came too late {told.late}, for no known reason {told.unexplained}; "
        f"different ids {told.delivered:,}"
    )
    for problem in check(told):
        raise SystemExit(problem)


if __name__ == "__main__":
    run()
