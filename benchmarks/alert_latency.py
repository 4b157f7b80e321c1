"""From a page being published to the webhook's receipt, while a worker crawls as fast as it can.

The demo newsroom publishes; its sites are polled at one interval. Beside them the same worker fetches a site
of labelled pages, extracts and stores them, and the index follows. What is told is when a post was published
by the newsroom's own ledger, and when its message came to the receiver.

``python -m benchmarks.alert_latency [SECONDS [COPIES]]``: of so many copies of the labelled pages the other
site consists; of none, where it is 0, for what the newsroom takes by itself.
"""

import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.site import CASES, build, served
from newsbot.archive.connection import Database, connect
from newsbot.config import Config
from newsbot.demo import SITES, statefile
from newsbot.demo.addresses import path_of
from newsbot.demo.newsroom import Newsroom
from newsbot.demo.stock import stock
from tests.conftest import Command, Receiver, free_port

INTERVAL, PUBLISHED_EVERY = 5.0, 0.5
SECONDS, COPIES = 240.0, 60
# The demo's sites that need no browser, which is another benchmark's.
POLLED = tuple(site for site in SITES if not site.javascript)
BOUND = 2.0


def run(seconds: float = SECONDS, copies: int = COPIES) -> None:
    """Print the distribution."""
    with tempfile.TemporaryDirectory(prefix="newsbot-bench-") as name:
        folder = Path(name)
        config = Config(data_dir=folder / "data", webhook_hosts=("127.0.0.1",), mongodb_uri=None)
        receiver = Receiver()
        with connect(config) as database, _newsroom(folder) as port:
            _measure(config, database, receiver, folder, port, seconds, copies)
        receiver.close()


def _measure(
    config: Config,
    database: Database,
    receiver: Receiver,
    folder: Path,
    port: int,
    seconds: float,
    copies: int,
) -> None:
    newsbot = Command(
        config,
        extraction_processes=2,
        poll_fastest=INTERVAL,
        poll_slowest=INTERVAL,
        poll_rarest=INTERVAL,
    )
    for site in POLLED:
        home = site.homepage(port)
        newsbot("source", "add", home, "--name", site.name, "--group", "polled", "--delay", "0")
    newsbot("alert", "add", "all", "group:polled", "--each", "article", "--webhook", receiver.url)
    (folder / "load").mkdir()
    load = free_port()
    base = f"http://127.0.0.1:{load}"
    build(folder / "load", base, "aeb", copies=max(1, copies))
    parts = {}
    with served(folder / "load", load, folder / "nginx"):
        for part in ("indexer", "delivery", "worker", "scheduler"):
            parts[part] = newsbot.start("part", part, output=folder / f"{part}.log")
        _until(lambda: database.runs.count_documents({"state": "done"}) >= len(POLLED), 120)
        if copies:
            newsbot(
                *("source", "add", base, "--name", "load", "--no-poll", "--delay", "0"),
                *("--concurrency", "8"),
            )
            newsbot("schedule", "add", "load", "--every", "24h")
            newsbot("schedule", "run", newsbot.json("schedule", "list")[0]["schedule"]["id"])
            _until(lambda: _loaded(database) > 50, 120)
        began, before = datetime.now(UTC), _loaded(database)
        time.sleep(seconds)
        ended, after = datetime.now(UTC), _loaded(database)
        running = database.runs.count_documents({"state": "running"})
        time.sleep(INTERVAL * 4)
        for process in parts.values():
            process.send_signal(signal.SIGTERM)
        for process in parts.values():
            process.wait(30)
    stored = {
        urlsplit(each["url"]).netloc + urlsplit(each["url"]).path: each["first_seen"].timestamp()
        for each in database.articles.find({"source": {"$nin": _ids(database)}})
    }
    written = {each["_id"]: each["created_at"].timestamp() for each in database.outbox.find({})}
    polls = [
        each
        for each in database.runs.find({"requested_at": {"$gte": began}})
        if each["trigger"] == "poll" and each["state"] == "done" and each["finished_at"] <= ended
    ]
    rate = (after - before) / (ended - began).total_seconds()
    print(
        f"\nFrom publication to the webhook: polls every {INTERVAL:g} s, beside a crawl of {rate:.0f} articles/s"
        + ("" if running or not copies else " (which ended before the measurement did)")
    )
    _tell(folder, receiver, port, began, ended, stored, written)
    _tell_polls(polls)


def _tell_polls(polls: list[dict[str, Any]]) -> None:
    """Print where the polls' time went, those that brought something beside the others."""
    for what, some in (
        ("empty", [each for each in polls if not each["counters"].get("new")]),
        ("with news", [each for each in polls if each["counters"].get("new")]),
    ):
        for step, since, until in (
            ("waited for a worker", "requested_at", "started_at"),
            ("took", "started_at", "finished_at"),
        ):
            took = sorted((each[until] - each[since]).total_seconds() for each in some)
            if took:
                print(_row(f"polls {what} {step} ({len(took)})", took))


def _loaded(database: Database) -> int:
    return database.articles.count_documents({"source": {"$in": _ids(database)}})


def _ids(database: Database) -> list[str]:
    return [each["_id"] for each in database.sources.find({"name": "load"}, {"_id": 1})]


def _tell(
    folder: Path,
    receiver: Receiver,
    port: int,
    began: datetime,
    ended: datetime,
    stored: dict[str, float],
    written: dict[str, float],
) -> None:
    newsroom = Newsroom(
        stock(), interval=PUBLISHED_EVERY, ledger=statefile.load(folder / "newsroom.json")
    )
    came: dict[str, float] = {}
    made: dict[str, float] = {}
    for message, at in zip(receiver.messages, receiver.arrived, strict=True):
        url = message["article"]["url"]  # type: ignore[index]
        came.setdefault(urlsplit(url).netloc + urlsplit(url).path, at)
        made.setdefault(urlsplit(url).netloc + urlsplit(url).path, written[str(message["id"])])
    delays, matched, after, missing = [], [], [], 0
    for site in POLLED:
        host = urlsplit(site.homepage(port)).netloc
        for number in range(newsroom.ledger.origin, newsroom.ledger.published):
            post = newsroom.post(site.name, number, datetime.now(UTC))
            if post is None or not began <= post.published <= ended:
                continue
            at = came.get(host + path_of(post))
            if at is None:
                missing += 1
            else:
                delays.append(at - post.published.timestamp())
                matched.append(made[host + path_of(post)] - stored[host + path_of(post)])
                after.append(at - made[host + path_of(post)])
    if not delays:
        raise SystemExit("nothing arrived")
    print(f"{len(delays)} posts told, {missing} not")
    print(f"{'seconds':34} {'least':>7} {'median':>7} {'p90':>7} {'p95':>7} {'p99':>7} {'most':>7}")
    for what, values in (
        ("from publication to receipt", delays),
        ("of these, from storing to matching", matched),
        ("and from matching to receipt", after),
    ):
        print(_row(what, sorted(values)))
    print(
        f"p99 is {_at(sorted(delays), 0.99) - INTERVAL:+.1f} s beyond the interval (wanted: {BOUND:g} s at most)"
    )


def _row(what: str, values: list[float]) -> str:
    """Return a line on sorted values."""
    shown = [values[0], *(_at(values, share) for share in (0.5, 0.9, 0.95, 0.99)), values[-1]]
    return f"{what:34} " + " ".join(f"{value:7.2f}" for value in shown)


def _at(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]


@contextlib.contextmanager
def _newsroom(folder: Path) -> Iterator[int]:
    port = free_port(7)
    command = [sys.executable, "-m", "newsbot.demo", "--base-port", str(port)]
    state = str(folder / "newsroom.json")
    process = subprocess.Popen(
        [*command, "--interval", str(PUBLISHED_EVERY), "--state", state],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "Send webhooks" in line:
            break
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _until(condition: object, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise SystemExit("it did not come to pass in time")
        time.sleep(0.1)


if __name__ == "__main__":
    if not CASES.is_dir():
        raise SystemExit(f"the labelled pages are not beside the checkout ({CASES})")
    run(*(kind(each) for kind, each in zip((float, int), sys.argv[1:], strict=False)))  # type: ignore[operator]
