"""How fast messages go out: 2,000 to one receiver; and to a quick one beside one that takes its time.

``python -m benchmarks.delivery``
"""

import asyncio
import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from newsbot.alerts.delivery import Courier
from newsbot.archive.connection import Database, connect
from newsbot.config import Config
from tests.conftest import Receiver
from tests.test_delivery_lines import messages_to
from tests.told_articles import channel

MESSAGES = 2_000
SLOW, BESIDE = 2.0, 200


def run() -> None:
    """Print how long each takes."""
    print("\nDelivery (embedded MongoDB; receivers on loopback)")
    with _archive() as (config, database), _receiver() as one:
        messages_to(database, channel(database, one.url), count=MESSAGES)
        took = _delivered(config, database, [one], MESSAGES)
        print(f"{MESSAGES:,} messages to one receiver: {took:.1f} s, {MESSAGES / took:.0f}/s")
    with _archive() as (config, database), _receiver() as slow, _receiver() as quick:
        slow.seconds = SLOW
        messages_to(database, channel(database, slow.url), count=MESSAGES)
        messages_to(database, channel(database, quick.url), count=BESIDE)
        took = _delivered(config, database, [quick], BESIDE)
        print(
            f"{BESIDE} messages to one receiver, behind {MESSAGES:,} to one that takes {SLOW:g} s for each: "
            f"{took:.1f} s; the slow one has {len(slow.posts)} by then"
        )


@contextlib.contextmanager
def _archive() -> Iterator[tuple[Config, Database]]:
    with tempfile.TemporaryDirectory(prefix="newsbot-bench-") as name:
        config = Config(
            data_dir=Path(name) / "data", webhook_hosts=("127.0.0.1",), mongodb_uri=None
        )
        with connect(config) as database:
            yield config, database


@contextlib.contextmanager
def _receiver() -> Iterator[Receiver]:
    made = Receiver()
    try:
        yield made
    finally:
        made.close()


def _delivered(config: Config, database: Database, to: list[Receiver], count: int) -> float:
    """Deliver until these receivers have so many messages; returns the seconds."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(Courier(config, database, "bench").run())

    def work() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    began = time.monotonic()
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while sum(len(each.posts) for each in to) < count:
        time.sleep(0.01)
    took = time.monotonic() - began
    while sum(len(each.posts) for each in to) < count or _unsettled(database):
        time.sleep(0.05)
    loop.call_soon_threadsafe(task.cancel)
    thread.join(30)
    return took


def _unsettled(database: Database) -> bool:
    query = {"lease.until": {"$gt": datetime.now(UTC)}, "state": "sent"}
    return database.outbox.count_documents(query) > 0


if __name__ == "__main__":
    run()
