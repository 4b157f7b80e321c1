"""From asking for a run to its start, and what an empty poll costs each part: local, and by a broker.

``python -m benchmarks.dispatching``. Sources of which each poll brings nothing (304 for the feed) are asked for in
waves; one worker, one scheduler, the embedded MongoDB, and a real Redis for the second way.
"""

import contextlib
import http.server
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil

from newsbot.archive import server, sources
from newsbot.archive.connection import Database, connect
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from schedules.dispatch import dispatch
from tests.brokers import Redis, by_way_of
from tests.conftest import free_port

SOURCES, WAVES = 16, 20
FEED = b'<rss version="2.0"><channel><title>Paper</title></channel></rss>'
ETAG = '"one"'


@contextlib.contextmanager
def quiet_sites() -> Iterator[int]:
    """Serve feeds that never change on every address of loopback; returns their port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            known = self.headers.get("if-none-match") == ETAG
            status = 404 if self.path == "/robots.txt" else 304 if known else 200
            body = FEED if status == 200 else b""
            self.send_response(status)
            if self.path != "/robots.txt":
                self.send_header("etag", ETAG)
                self.send_header("content-type", "application/rss+xml")
            if status != 304:
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    port = free_port()
    listening = http.server.ThreadingHTTPServer(("0.0.0.0", port), Handler)
    listening.daemon_threads = True
    threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield port
    finally:
        listening.shutdown()
        listening.server_close()


def measure(config: Config, database: Database, folder: Path, way: str) -> None:
    """Print what one way costs."""
    with by_way_of(way, config, folder) as opened, contextlib.ExitStack() as ending:
        newsbot = opened.newsbot
        newsbot.environment |= {"NEWSBOT_WARC": "false", "NEWSBOT_DOWNLOAD_DELAY": "0"}
        started = {}
        for part in ("worker", "scheduler"):
            process = newsbot.start("part", part, output=folder / f"{part}-{way}.log")
            ending.callback(process.wait, 20)
            ending.callback(process.terminate)
            started[part] = psutil.Process(process.pid)
        there = server.running(config.data_dir)
        assert there is not None
        started["MongoDB"] = psutil.Process(there.server)
        if opened.redis:
            started["Redis"] = psutil.Process(_pid_of(opened.redis))
        _wave(database, f"{way} warm")
        before = {name: _cpu(each) for name, each in started.items()}
        began = time.monotonic()
        for number in range(WAVES):
            _wave(database, f"{way} {number}")
        seconds = time.monotonic() - began
        costs = {name: _cpu(each) - before[name] for name, each in started.items()}
        idle_before = {name: _cpu(each) for name, each in started.items()}
        time.sleep(10)
        idle = {name: (_cpu(each) - idle_before[name]) / 10 for name, each in started.items()}
    found = list(
        database.runs.find(
            {"requested_at": {"$gte": datetime.fromtimestamp(time.time() - seconds - 12, UTC)}}
        )
    )
    lags = sorted((each["started_at"] - each["requested_at"]).total_seconds() for each in found)
    count = SOURCES * WAVES
    print(f"{way}: {count} empty polls in {seconds:.1f} s; from asking to the start: median "
          f"{statistics.median(lags):.2f} s, p99 {lags[int(len(lags) * 0.99)]:.2f} s")  # fmt: skip
    for name in started:
        net = 1_000 * (costs[name] - idle[name] * seconds) / count
        print(f"  {name}: {1_000 * costs[name] / count:.1f} ms of CPU a poll, {net:.1f} without what it takes "
              f"idle ({100 * idle[name]:.1f} % of a core)")  # fmt: skip


def _wave(database: Database, occasion: str) -> None:
    for number in range(SOURCES):
        dispatch(database, f"s{number}", trigger="request", occasion=occasion)
    deadline = time.monotonic() + 60
    while database.runs.count_documents({"active": True}):
        if time.monotonic() > deadline:
            raise SystemExit("runs were not done within a minute")
        time.sleep(0.05)


def _cpu(process: psutil.Process) -> float:
    """Return the seconds of CPU of a process and its living children."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            total += times.user + times.system
    return total


def _pid_of(redis: Redis) -> int:
    assert redis.process is not None
    return redis.process.pid


def run() -> None:
    """Print what each way costs."""
    with tempfile.TemporaryDirectory(prefix="newsbot-bench-") as name, quiet_sites() as port:
        folder = Path(name)
        config = Config(data_dir=folder / "data", mongodb_uri=None)
        with connect(config) as database:
            for number in range(SOURCES):
                host = f"127.0.2.{number + 1}:{port}"
                sources.add(
                    database,
                    Source(
                        id=f"s{number}",
                        name=f"paper{number}",
                        homepage=f"http://{host}/",
                        entry_points=(Way(url=f"http://{host}/feed.xml", kind="feed"),),
                        allowed_hosts=(host,),
                        added_at=datetime.now(UTC),
                    ),
                )
            for way in ("local", "celery"):
                measure(config, database, folder, way)


if __name__ == "__main__":
    run()
