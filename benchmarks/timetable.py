"""Ten thousand sources by their own rhythm: how late they start, and what the scheduler costs.

The scheduler is the real one, in a process of its own, on the real embedded MongoDB and the real clock. Workers
are simulated: they take runs by their leases four times a second, as workers do, and end each at once, due again
after 100 s to 300 s, so that 50 are due a second.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

import psutil
from pymongo import UpdateOne

from newsbot.archive import leading, runs, server, sources
from newsbot.archive.connection import Database, connect
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.items import derived_id

SOURCES, STARTS = 10_000, 50.0
SECONDS, WARM = 60.0, 10.0
LOOK = 0.25
# Starts a second that the workers of the second part can make at most.
CATCHING_UP = 400


def run() -> None:
    """Print the lag at a steady 50 starts a second, and how a scheduler starts again with all of them."""
    with tempfile.TemporaryDirectory(prefix="newsbot-bench-") as folder:
        config = Config(data_dir=Path(folder) / "data")
        with connect(config) as database:
            _run(config, database, Path(folder))


def _run(config: Config, database: Database, folder: Path) -> None:
    print(f"\n{SOURCES} sources, {STARTS:.0f} starts a second, {SECONDS:.0f} s")
    _add(database)
    scheduler = _start(config, folder)
    workers = Workers(database)
    try:
        _until(lambda: leading.leader(database, "timetable") is not None)
        workers.start()
        time.sleep(WARM)
        workers.lags.clear()
        mongodb = server.running(config.data_dir)
        assert mongodb is not None
        measured = [psutil.Process(each) for each in (scheduler.pid, mongodb.server)]
        began, before = time.monotonic(), [_cpu(each) for each in measured]
        time.sleep(SECONDS)
        took = time.monotonic() - began
        spent = [_cpu(each) - was for each, was in zip(measured, before, strict=True)]
        lags = sorted(workers.lags)
        _told("due to start", lags, took)
        print(f"CPU of a core: scheduler {spent[0] / took:.1%}, MongoDB {spent[1] / took:.1%}")
        print(f"memory of the scheduler: {measured[0].memory_info().rss / 1e6:.0f} MB")
        workers.stop()
        scheduler = _restarted(config, database, folder, scheduler, signal.SIGTERM, "stopped")
        scheduler = _restarted(config, database, folder, scheduler, signal.SIGKILL, "killed")
        _catch_up(database)
    finally:
        workers.stop()
        scheduler.kill()
        scheduler.wait()


def _add(database: Database) -> None:
    dice = random.Random(10)
    mean = SOURCES / STARTS
    now = datetime.now(UTC) + timedelta(seconds=10)
    made = []
    for number in range(SOURCES):
        interval = mean * dice.uniform(0.5, 1.5)
        made.append(
            Source(
                id=derived_id("source", str(number)),
                name=f"s{number}",
                homepage=f"https://s{number}.example/",
                interval=interval,
                next_due=now + timedelta(seconds=dice.uniform(0, interval)),
                added_at=now,
            )
        )
    for at in range(0, SOURCES, 500):
        sources.add_many(database, made[at : at + 500])


def _start(config: Config, folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "scheduler.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "newsbot.cli", "part", "scheduler"],
            env=os.environ | {"NEWSBOT_DATA_DIR": str(config.data_dir)},
            stdout=log,
            stderr=log,
        )


class Workers:
    """Takes what is queued, and ends it at once; ``lags`` are seconds from due to taken."""

    def __init__(self, database: Database, at_most: int = 64) -> None:
        self._database = database
        self._at_most = at_most
        self._ending = threading.Event()
        self._dice = random.Random(11)
        self._hands = ThreadPoolExecutor(8)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.lags: list[float] = []
        self.sources: set[str] = set()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while not self._ending.wait(LOOK):
            found = runs.claimable(self._database, datetime.now(UTC), at_most=self._at_most)
            held = [each for each in self._hands.map(self._take, found) if each]
            self.sources.update(each.source for each in held)
            self._end(held)

    def _take(self, run: runs.Run) -> runs.Run | None:
        now = datetime.now(UTC)
        taken = runs.take(self._database, run, owner="w", seconds=60, now=now)
        if taken is None or taken.due_at is None:
            return None
        self.lags.append((datetime.now(UTC) - taken.due_at).total_seconds())
        return taken

    def _end(self, held: list[runs.Run]) -> None:
        if not held:
            return
        now = datetime.now(UTC)
        ended = {"$set": {"state": "done", "finished_at": now}, "$unset": {"active": 1, "lease": 1}}
        self._database.runs.bulk_write([UpdateOne({"_id": each.id}, ended) for each in held])
        mean = SOURCES / STARTS
        again = [
            UpdateOne(
                {"_id": each.source},
                {
                    "$set": {
                        "next_due": now + timedelta(seconds=mean * self._dice.uniform(0.5, 1.5))
                    }
                },
            )
            for each in held
        ]
        self._database.sources.bulk_write(again)


def _restarted(
    config: Config,
    database: Database,
    folder: Path,
    scheduler: "subprocess.Popen[bytes]",
    how: signal.Signals,
    word: str,
) -> "subprocess.Popen[bytes]":
    """End the scheduler so, start another, and print how soon that starts a run."""
    scheduler.send_signal(how)
    scheduler.wait()
    database.runs.delete_many({"state": "queued"})
    began = time.monotonic()
    started = _start(config, folder)
    _until(lambda: runs.queued(database, at_most=1))
    print(f"{word}, started again: first run queued after {time.monotonic() - began:.1f} s")
    return started


def _catch_up(database: Database) -> None:
    """Have all of them be due at once."""
    database.sources.update_many({}, {"$set": {"next_due": datetime.now(UTC)}})
    workers = Workers(database, at_most=CATCHING_UP // 4)
    began = time.monotonic()
    workers.start()
    _until(lambda: len(workers.sources) >= SOURCES - 1, seconds=300)
    took = time.monotonic() - began
    workers.stop()
    print(f"all due at once: each was started within {took:.0f} s, {SOURCES / took:.0f} a second")


def _told(what: str, lags: list[float], took: float) -> None:
    cut = quantiles(lags, n=1_000)
    print(
        f"{what}: {len(lags) / took:.1f} a second; p50 {cut[499]:.2f} s, p99 {cut[989]:.2f} s, "
        f"p99.9 {cut[998]:.2f} s, most {lags[-1]:.2f} s"
    )


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("it did not come to pass in time")
        time.sleep(0.02)


if __name__ == "__main__":
    run()
