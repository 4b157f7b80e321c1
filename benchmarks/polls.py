"""What an empty poll costs: 200 sources that have nothing new, polled by one worker, and by a process each.

Each source is a site of its own (``127.0.x.y``), served by nginx, with a feed that was read before and is
answered by *304 Not Modified*. The worker is asked for all of them, some times over, through the same
queue as always; what is told is the CPU time of its processes, divided by its polls. Beside it some of the
same polls are made by ``scrapy crawl news``, a process each.

``python -m benchmarks.polls [SOURCES [ROUNDS]]``.
"""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.site import served
from newsbot.archive import runs, sources, wishes
from newsbot.archive.connection import Database, connect
from newsbot.archive.sources import Source, Way, source_id
from newsbot.config import Config
from tests.conftest import Command, free_port

SOURCES, ROUNDS, ALONE = 200, 5, 20
# Wanted at most, in milliseconds of CPU a poll.
BOUND = 25.0
ROOT = Path(__file__).parents[1]
_ITEM = "<item><title>Story {n} of the harbour</title><link>{base}/a/story-{n}.html</link></item>"
_PAGE = (
    "<html><head><title>Story {n} of the harbour</title></head><body><article><h1>Story {n} of the harbour</h1>"
    "<p>{text}</p></article></body></html>"
)
_TEXT = "The harbour opened at dawn, said the harbour master, and the ships left it. " * 10


def run(count: int = SOURCES, rounds: int = ROUNDS) -> None:
    """Print what a poll costs, either way."""
    with tempfile.TemporaryDirectory(prefix="newsbot-bench-") as name:
        folder = Path(name)
        config = Config(data_dir=folder / "data", mongodb_uri=None)
        port = free_port()
        _site(folder / "site")
        with (
            served(folder / "site", port, folder / "nginx", address="0.0.0.0"),
            connect(config) as database,
        ):
            found = [_source(database, number, port) for number in range(count)]
            _measure(config, database, found, folder, rounds)


def _site(root: Path) -> None:
    """Lay out one folder, which is every source's site: a feed without a host's name, and its articles."""
    (root / "a").mkdir(parents=True)
    items = "".join(_ITEM.format(n=n, base="") for n in range(3))
    (root / "feed.xml").write_text(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour</title>{items}</channel></rss>'
    )
    for n in range(3):
        (root / "a" / f"story-{n}.html").write_text(_PAGE.format(n=n, text=_TEXT))
    for each in root.rglob("*"):
        os.utime(each, (time.time() - 86_400,) * 2)


def _source(database: Database, number: int, port: int) -> Source:
    host = f"127.0.{1 + number // 250}.{1 + number % 250}:{port}"
    base = f"http://{host}"
    source = Source(
        id=source_id(f"{base}/"),
        name=f"harbour-{number}",
        homepage=f"{base}/",
        entry_points=(Way(url=f"{base}/feed.xml", kind="feed"),),
        allowed_hosts=(host,),
        delay=0.0,
        added_at=datetime.now(UTC),
    )
    sources.add(database, source)
    return source


def _measure(
    config: Config, database: Database, found: list[Source], folder: Path, rounds: int
) -> None:
    newsbot = Command(config, poll_fastest=1, poll_slowest=1, poll_rarest=1)
    newsbot.environment["NEWSBOT_EXTRACTION_PROCESSES"] = "2"
    worker = newsbot.start("part", "worker", output=folder / "worker.log")
    try:
        for number in (
            1,
            2,
        ):  # the first reads all; by the second each feed is known by its version
            _round(database, found, f"before {number}")
        before, began = _cpu(worker.pid), time.monotonic()
        made = [run for number in range(rounds) for run in _round(database, found, str(number))]
        used, took = _cpu(worker.pid) - before, time.monotonic() - began
        memory = psutil.Process(worker.pid).memory_info().rss
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(20)
    done = [runs.get(database, each) for each in made]
    empty = [
        each
        for each in done
        if each
        and each.state == "done"
        and each.counters == {**each.counters, "requests": 1, "unchanged": 1}
    ]
    if len(empty) < len(made):
        raise SystemExit(f"{len(made) - len(empty)} of {len(made)} polls were not answered by 304")
    mine = 1000 * used / len(made)
    print(
        f"\nEmpty polls: {len(found)} sources, {len(made):,} polls in {took:.0f} s "
        f"({len(made) / took:.0f}/s), each answered by 304"
    )
    print(
        f"CPU of the worker's processes: {mine:.1f} ms a poll; its own memory {memory / 1e6:.0f} MB"
    )
    alone = _alone(newsbot, found[:ALONE])
    print(
        f"CPU of `scrapy crawl news`, a process a poll: {alone:.0f} ms; {alone / mine:.0f} times as much"
    )
    if mine > BOUND:
        raise SystemExit(f"more than {BOUND:g} ms")


def _round(database: Database, found: list[Source], occasion: str) -> list[str]:
    """Ask for a poll of every source; return when all have been made."""
    made = []
    for source in found:
        run = runs.request(
            database, source.id, trigger="poll", occasion=occasion, now=datetime.now(UTC)
        )
        if run is None:
            raise SystemExit(f"{source.name} is being polled still")
        made.append(run.id)
    deadline = time.monotonic() + 300
    while wishes.under_way(database):
        if time.monotonic() > deadline:
            raise SystemExit("the polls did not end in time")
        time.sleep(0.5)
    return made


def _cpu(pid: int) -> float:
    """Return the seconds of CPU that a process and those that it started have used."""
    process = psutil.Process(pid)
    every = [process, *process.children(recursive=True)]
    return sum(sum(each.cpu_times()[:2]) for each in every)


def _alone(newsbot: Command, found: list[Source]) -> float:
    """Return the milliseconds of CPU of a poll by a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for source in found:
        done = subprocess.run(
            [sys.executable, "-m", "scrapy", "crawl", "news", "-a", f"source={source.id}"],
            cwd=ROOT,
            env=newsbot.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode:
            raise SystemExit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * used / len(found)


if __name__ == "__main__":
    run(*map(int, sys.argv[1:]))
