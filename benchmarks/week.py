"""A week of operation on a simulated clock: what grows.

200 sources are polled by the real timetable on the real embedded MongoDB. Workers are simulated, but take and end
their runs by the archive's own functions. Each source publishes some articles a day; what a run brought is what
came since. The watch over sources and the pruning of runs are the real ones as well.

Then a real worker polls a local site some thousand times, with nothing new, and its memory is looked at.

``python -m benchmarks.week [week|worker]``
"""

import gc
import random
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import linear_regression
from threading import Event

import psutil

from benchmarks import polls
from benchmarks.site import served
from newsbot.alerts.operators import Watch
from newsbot.archive import old_runs, runs, sources
from newsbot.archive.connection import Database, connect
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.items import derived_id
from newsbot.standing import Brought
from schedules.polls import Polls
from tests.conftest import Command, free_port

SOURCES, DAYS, INTERVAL = 200, 9, 3_600.0
START = datetime(2026, 3, 2, tzinfo=UTC)
STEP = timedelta(minutes=5)
WATCHED = timedelta(minutes=30)
COLLECTIONS = ("sources", "runs", "coverage", "standings", "troubles", "jobs", "meta", "outbox")


class Week:
    """A week as it goes by."""

    def __init__(self, config: Config, database: Database, count: int, interval: float) -> None:
        self.config = config
        self.database = database
        self.now = START
        self.interval = interval
        self.runs = 0
        self._dice = random.Random(12)
        self._polls = Polls(config, database, leads=lambda: True, clock=lambda: self.now)
        self._watch = Watch(config, database, "week")
        self._watched = START
        self._read: dict[str, datetime] = {}
        # Articles a day.
        self._rate = {}
        for number in range(count):
            source = Source(
                id=derived_id("source", str(number)),
                name=f"s{number}",
                homepage=f"https://s{number}.example/",
                interval=interval,
                next_due=START + timedelta(seconds=self._dice.uniform(0, interval)),
                added_at=START,
            )
            sources.add(database, source)
            self._rate[source.id] = self._dice.choice((1, 3, 10, 30))

    def pass_by(self, length: timedelta) -> None:
        """Let so much time pass."""
        end = self.now + length
        while self.now < end:
            self._polls.look()
            for run in runs.claimable(self.database, self.now, at_most=100):
                self._work(run)
            if self.now - self._watched >= WATCHED:
                self._watch.look(self.now)
                keep = timedelta(days=self.config.runs_keep_days)
                old_runs.prune(self.database, now=self.now, keep=keep, stop=Event())
                self._watched = self.now
            self.now += STEP

    def _work(self, run: runs.Run) -> None:
        held = runs.take(self.database, run, owner="w", seconds=60, now=self.now)
        if held is None:
            return
        self.runs += 1
        passed = (self.now - self._read.get(run.source, START)).total_seconds()
        self._read[run.source] = self.now
        expected = self._rate[run.source] * passed / 86_400
        new = sum(self._dice.random() < expected / 8 for _ in range(8))
        counters = {"requests": 1 + new, "bytes": 20_000 * (1 + new)}
        counters |= {"new": new} if new else {"unchanged": 1}
        wait = self.interval * self._dice.uniform(0.9, 1.1)
        sources.reschedule(
            self.database, run.source, next_due=self.now + timedelta(seconds=wait), now=self.now
        )
        ended = "failed" if self._dice.random() < 0.002 else "done"
        runs.finish(
            self.database,
            held,
            state=ended,  # type: ignore[arg-type]
            reason="" if ended == "done" else "no answer",
            now=self.now,
            counters=counters,
            log=("12:00:00 began", "12:00:01 ended"),
            brought=Brought(
                news=new, articles=new, titled=new, dated=new, signed=new, length=7.0 * new
            ),
        )

    def sizes(self) -> dict[str, int]:
        """Return how many documents each collection has."""
        return {name: self.database.raw[name].count_documents({}) for name in COLLECTIONS}


def memory() -> float:
    """Return this process's memory in MB."""
    gc.collect()
    return psutil.Process().memory_info().rss / 1e6


def run() -> None:
    """Print a row a day, and the slope of the memory."""
    print(
        f"\n{DAYS} simulated days of {SOURCES} sources, asked every {INTERVAL:.0f} s; runs kept for 5 days"
    )
    print("day    runs  MB of memory  " + "  ".join(f"{name:>9}" for name in COLLECTIONS))
    with tempfile.TemporaryDirectory(prefix="newsbot-bench-") as folder:
        # Shorter than it is, so that a week shows the end of it.
        config = Config(data_dir=Path(folder), runs_keep_days=5)
        with connect(config) as database:
            week = Week(config, database, SOURCES, INTERVAL)
            seen = []
            for day in range(1, DAYS + 1):
                week.pass_by(timedelta(days=1))
                seen.append(memory())
                sizes = "  ".join(f"{count:9}" for count in week.sizes().values())
                print(f"{day:3}  {week.runs:6}  {seen[-1]:12.1f}  {sizes}", flush=True)
            slope = (seen[-1] - seen[1]) / (DAYS - 2)
            print(
                f"memory from the second day on: {slope:+.2f} MB a day, {slope / week.runs * DAYS * 1e3:+.3f} kB a run"
            )


def worker(polled: int = 20, rounds: int = 150) -> None:
    """Print by how much a worker's memory grows with each poll that finds nothing."""
    with tempfile.TemporaryDirectory(prefix="newsbot-bench-") as name:
        folder = Path(name)
        config = Config(data_dir=folder / "data", mongodb_uri=None)
        port = free_port()
        polls._site(folder / "site")
        with (
            served(folder / "site", port, folder / "nginx", address="0.0.0.0"),
            connect(config) as database,
        ):
            found = [polls._source(database, number, port) for number in range(polled)]
            newsbot = Command(config, poll_fastest=1, poll_slowest=1, poll_rarest=1)
            process = newsbot.start("part", "worker", output=folder / "worker.log")
            try:
                seen = []
                for number in range(rounds):
                    polls._round(database, found, str(number))
                    seen.append(psutil.Process(process.pid).memory_info().rss / 1e3)
            finally:
                process.terminate()
                process.wait(20)
    half = seen[len(seen) // 2 :]
    slope = linear_regression(range(len(half)), half).slope / polled
    print(
        f"\nA worker after {polled} polls {seen[0] / 1e3:.1f} MB, after {polled * rounds // 2} {half[0] / 1e3:.1f} MB, "
        f"after {polled * rounds} {seen[-1] / 1e3:.1f} MB: {slope:+.2f} kB a poll in the second half"
    )


if __name__ == "__main__":
    parts = {"week": run, "worker": worker}
    for each in sys.argv[1:] or parts:
        parts[each]()
