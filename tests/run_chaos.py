"""Runs while everything breaks: schedulers and workers killed with -9 at random, the broker too.

The sites themselves keep the log that decides. Each source lives at an address of its own and is asked one
request at a time, so two of its requests under way at once are two runs of it at once, whichever processes they
are of; unless the earlier one's process had been killed by then.
"""

import contextlib
import http.server
import itertools
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import attrs

from newsbot.archive import runs, sources
from newsbot.archive.connection import Database, Document, patiently
from newsbot.archive.sources import Source, Way
from tests.conftest import Command, free_port

FEED = '<rss version="2.0"><channel><title>Paper</title>{items}</channel></rss>'
ITEM = "<item><title>{title}</title><link>{link}</link></item>"
PAGE = (
    "<html><head><title>{title}</title></head><body><article><h1>{title}</h1>"
    "<p>The harbour opened at dawn, said the harbour master, and {title} was read aloud to those who came.</p>"
    "<p>Nobody was hurt, and the ships that had waited for three days left one after the other.</p>"
    "</article></body></html>"
)
# New articles at each look into a feed, and how long (seconds) an answer takes.
NEW = 2
ANSWER = (0.05, 0.4)
# A process that was killed is started again after so long, and one is killed every so often (seconds).
AGAIN = (0.1, 1.5)
# What every run of newsbot here is told.
SETTINGS: dict[str, object] = {
    "poll_fastest": 2,
    "poll_slowest": 4,
    "poll_rarest": 8,
    "lease_seconds": 3,
    "download_delay": 0,
    "extraction_processes": 0,
    "warc": "false",
    "retries": 0,
}


@attrs.define
class Asked:
    """One request: of which source, for what, by which process (its mark), from when until when (``time.time``)."""

    source: int
    path: str
    mark: str
    began: float
    ended: float = float("inf")


class Sites:
    """So many sites, each at an address of its own (127.0.1.N), with one log."""

    def __init__(self, count: int, seed: int) -> None:
        self.count = count
        self.port = free_port()
        self.log: list[Asked] = []
        self._looks: Counter[int] = Counter()
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        sites = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                sites._answer(self)

            def log_message(self, *args: object) -> None:
                pass

        class Listening(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                pass  # whoever asked was killed

        self._server = Listening(("0.0.0.0", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def host(self, number: int) -> str:
        """Return where a source's site is, as ``address:port``."""
        return f"127.0.1.{number + 1}:{self.port}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, asked: http.server.BaseHTTPRequestHandler) -> None:
        number = int(asked.headers["host"].partition(":")[0].rpartition(".")[2]) - 1
        if asked.path == "/robots.txt":
            self._say(asked, 404, "")
            return
        mark = asked.headers["user-agent"].partition("mark-")[2].partition(")")[0]
        with self._lock:
            seconds = self._chance.uniform(*ANSWER)
            entry = Asked(number, asked.path, mark, time.time())
            self.log.append(entry)
        time.sleep(seconds)
        # Before the answer leaves: whoever has it may ask for the next.
        entry.ended = time.time()
        if asked.path == "/feed.xml":
            self._say(asked, 200, self._feed(number), "application/rss+xml")
        else:
            self._say(asked, 200, PAGE.format(title=f"story {asked.path[3:]} of paper {number}"))

    def _feed(self, number: int) -> str:
        with self._lock:
            self._looks[number] += 1
            newest = self._looks[number] * NEW
        links = (f"http://{self.host(number)}/a/{each}" for each in range(newest, newest - 12, -1))
        return FEED.format(items="".join(ITEM.format(title=each, link=each) for each in links))

    @staticmethod
    def _say(
        asked: http.server.BaseHTTPRequestHandler, status: int, body: str, kind: str = "text/html"
    ) -> None:
        with contextlib.suppress(OSError):
            asked.send_response(status)
            asked.send_header("content-type", kind)
            asked.send_header("content-length", str(len(body.encode())))
            asked.end_headers()
            asked.wfile.write(body.encode())


class Kept:
    """One process of newsbot that is started again whenever it was killed; each time with another mark."""

    def __init__(self, newsbot: Command, part: str, number: int, folder: Path) -> None:
        self.part = part
        self._newsbot = newsbot
        self._name = f"{part}{number}"
        self._log = folder / f"{self._name}.log"
        self._starts = 0
        self.died: dict[str, float] = {}
        self.mark = ""
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it."""
        self._starts += 1
        self.mark = f"{self._name}x{self._starts}"
        self._newsbot.environment["NEWSBOT_CONTACT"] = f"mark-{self.mark}"
        self.process = self._newsbot.start(
            "part", self.part, output=self._log.with_suffix(f".{self._starts}")
        )

    def kill(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.died[self.mark] = time.time()
            self.process = None

    def end(self, seconds: float) -> float:
        """End it as an operator does; returns how long that took."""
        if self.process is None:
            return 0.0
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(seconds)
        self.died[self.mark] = time.time()
        self.process = None
        return time.monotonic() - began


@attrs.frozen(kw_only=True)
class Told:
    """What came of it. ``longest_gap`` is the longest time (seconds) between two looks at one source."""

    requests: int
    looks: int
    kills: Counter[str]
    runs: Counter[str]
    attempts: int
    at_once: list[str]
    forgotten: list[str]
    longest_gap: float
    ended_in: float
    seconds: float


def chaos(
    newsbot: Command,
    database: Database,
    folder: Path,
    *,
    workers: int,
    schedulers: int,
    seconds: float,
    every: tuple[float, float] = (1.0, 5.0),
    count: int = 12,
    seed: int = 7,
    kill_broker: Callable[[], None] | None = None,
) -> Told:
    """Let newsbot poll some sources for so long while its processes are killed.

    ``every`` says how long (seconds) it is from one kill to the next. ``kill_broker`` kills the broker and starts
    it again.
    """
    chance = random.Random(seed)
    sites = Sites(count, seed)
    newsbot.environment |= {f"NEWSBOT_{name.upper()}": str(each) for name, each in SETTINGS.items()}
    _add(database, sites)
    kept = [Kept(newsbot, "worker", each, folder) for each in range(workers)]
    kept += [Kept(newsbot, "scheduler", each, folder) for each in range(schedulers)]
    kills: Counter[str] = Counter()
    began = time.time()
    try:
        for each in kept:
            each.start()
        again: list[tuple[float, Kept]] = []
        next_kill = began + 8.0  # first of all it has to be there
        while time.time() < began + seconds:
            now = time.time()
            for due in [each for each in again if each[0] <= now]:
                due[1].start()
                again.remove(due)
            if now >= next_kill:
                next_kill = now + chance.uniform(*every)
                victim = chance.choice([*kept, None] if kill_broker else kept)
                if victim is None:
                    assert kill_broker is not None
                    kill_broker()
                    kills["broker"] += 1
                elif victim.process is not None:
                    victim.kill()
                    kills[victim.part] += 1
                    again.append((now + chance.uniform(*AGAIN), victim))
            time.sleep(0.05)
        for _, each in again:
            each.start()
        calm = time.time()
        forgotten = _forgotten(database, sites, calm)
        # Before processes end, and hand runs back that count as not taken then.
        looks = sum(each.path == "/feed.xml" for each in list(sites.log))
        found = _all_runs(database)
        ended_in = max(each.end(30) for each in kept)
    finally:
        for each in kept:
            each.kill()
        sites.close()
    died = {mark: at for each in kept for mark, at in each.died.items()}
    return Told(
        requests=len(sites.log),
        looks=looks,
        kills=kills,
        runs=Counter(str(each["state"]) for each in found),
        attempts=sum(each["attempt"] for each in found),
        at_once=list(overlapping(sites.log, died)),
        forgotten=forgotten,
        longest_gap=_longest_gap(sites, began, calm),
        ended_in=ended_in,
        seconds=time.time() - began,
    )


def _add(database: Database, sites: Sites) -> None:
    for number in range(sites.count):
        base = f"http://{sites.host(number)}"
        sources.add(
            database,
            Source(
                id=f"s{number}",
                name=f"paper{number}",
                homepage=f"{base}/",
                entry_points=(Way(url=f"{base}/feed.xml", kind="feed"),),
                allowed_hosts=(sites.host(number),),
                concurrency=1,
                delay=0.0,
                next_due=datetime.now(UTC),
                added_at=datetime.now(UTC),
            ),
        )


def _forgotten(database: Database, sites: Sites, calm: float, patience: float = 60.0) -> list[str]:
    """Return the sources of which no run was asked for and done since nothing is killed any more."""
    since = datetime.fromtimestamp(calm, UTC)
    left = {f"s{number}" for number in range(sites.count)}
    deadline = time.monotonic() + patience
    while left and time.monotonic() < deadline:
        left -= _done(database, since)
        time.sleep(0.2)
    return sorted(left)


@patiently
def _done(database: Database, since: datetime) -> set[str]:
    asked = {"requested_at": {"$gte": since}, "state": "done"}
    return {each["source"] for each in database.runs.find(asked, {"source": 1})}


def overlapping(log: list[Asked], died: dict[str, float]) -> Iterator[str]:
    """Name each two requests for one source that were under way at once, in words."""
    under_way: dict[int, Asked] = {}
    for each in sorted(log, key=lambda asked: asked.began):
        before = under_way.get(each.source)
        if before is not None and each.began < min(
            before.ended, died.get(before.mark, float("inf"))
        ):
            yield (
                f"paper{each.source}: {each.mark} asked for {each.path} {before.ended - each.began:.3f} s before "
                f"{before.mark} had its answer for {before.path}"
            )
        under_way[each.source] = each


def _longest_gap(sites: Sites, began: float, calm: float) -> float:
    gaps = [0.0]
    for number in range(sites.count):
        times = [
            each.began
            for each in sites.log
            if (each.source, each.path) == (number, "/feed.xml") and each.began < calm
        ]
        gaps += [b - a for a, b in itertools.pairwise([began, *times, calm])]
    return max(gaps)


@patiently
def _all_runs(database: Database) -> list[Document]:
    return list(database.runs.find({}, {"state": 1, "attempt": 1}))


def check(told: Told) -> list[str]:
    """Return what should not have been; empty where all is as it has to be."""
    wrong = [f"two runs of one source at once: {each}" for each in told.at_once]
    wrong += [f"{name} was forgotten" for name in told.forgotten]
    # One look a run, and one more for each time that it was taken again: a due time is never run twice.
    if not told.runs["done"] <= told.looks <= told.attempts:
        wrong.append(
            f"{told.looks} looks for {told.runs['done']} runs done, taken {told.attempts} times"
        )
    for state in set(told.runs) - {"done", *runs.ACTIVE}:
        wrong.append(f"{told.runs[state]} runs are {state}")
    return wrong
