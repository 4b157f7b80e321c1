"""MongoDB away for a minute in mid-crawl: what waits on disk, how soon the crawl goes on, what is lost.

The embedded server is killed, and its keeper held, so that nothing starts it again for 60 seconds.
"""

import contextlib
import os
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.site import build, free_port
from newsbot.archive import server, spool
from newsbot.archive.connection import Database, connect
from newsbot.config import Config
from tests.conftest import Command, Site

AWAY = 60.0
COPIES = 8
LEASES = (15.0, 90.0)
SECONDS = 300.0


def run() -> None:
    """Print one row a lease: the default, and one that outlasts the minute."""
    print(f"\nMongoDB away for {AWAY:.0f} s in mid-crawl")
    print(
        "lease  stored before  spooled  asked after the lease  goes on after  spool empty after  "
        "missing  twice  fetched twice"
    )
    for lease in LEASES:
        with tempfile.TemporaryDirectory(prefix="newsbot-bench-") as folder:
            _one(lease, Path(folder))


def _one(lease: float, folder: Path) -> None:
    (folder / "site").mkdir()
    site = Site(folder / "site", free_port())
    wanted = build(site.root, site.base, "aeb", copies=COPIES)
    config = Config(
        data_dir=folder / "data", lease_seconds=lease, extraction_processes=1, mongodb_uri=None
    )
    newsbot = Command(config)
    with connect(config) as database, contextlib.closing(site):
        newsbot("source", "add", site.base, "--name", "bench", "--delay", "0", "--concurrency", "8")
        newsbot("schedule", "add", "bench", "--every", "1h")
        schedule = newsbot.json("schedule", "list")[0]["schedule"]["id"]
        newsbot("schedule", "run", schedule)
        worker = newsbot.start("part", "worker", output=folder / "worker.log")
        _until(lambda: database.articles.count_documents({}) >= wanted // 4)
        there = server.running(config.data_dir)
        assert there is not None
        os.kill(there.keeper, signal.SIGSTOP)
        stored = database.articles.count_documents({})
        os.kill(there.server, signal.SIGKILL)
        gone = time.monotonic()
        time.sleep(min(lease + 1, AWAY))
        asked = len(site.requests)
        time.sleep(max(0.0, gone + AWAY - time.monotonic()))
        asked_after = len(site.requests) - asked
        spooled = spool.standing(config.data_dir).waiting
        os.kill(there.keeper, signal.SIGCONT)
        back, before = time.monotonic(), len(site.requests)
        _until(lambda: len(site.requests) > before)
        goes_on = time.monotonic() - back
        _until(lambda: not spool.standing(config.data_dir).bytes)
        emptied = time.monotonic() - back
        _until(lambda: database.runs.count_documents({"state": "done"}) == 1)
        worker.terminate()
        worker.wait(20)
        _report(lease, stored, spooled, asked_after, goes_on, emptied, wanted, database, site)


def _report(
    lease: float,
    stored: int,
    spooled: int,
    asked_after: int,
    goes_on: float,
    emptied: float,
    wanted: int,
    database: Database,
    site: Site,
) -> None:
    articles = database.articles.count_documents({})
    revisions = database.revisions.count_documents({})
    pages = Counter(path for path in site.requests if path.startswith("/a/"))
    twice = sum(count - 1 for count in pages.values())
    print(
        f"{lease:4.0f} s  {stored:13}  {spooled:7}  {asked_after if lease < AWAY else '-':>21}  "
        f"{goes_on:12.1f} s  {emptied:15.1f} s  {wanted - articles:7}  {revisions:5}  {twice:13}"
    )


def _until(condition: object) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise SystemExit("it did not come to pass in time")
        time.sleep(0.05)


if __name__ == "__main__":
    run()
