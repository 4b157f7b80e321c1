"""Crawls of a server on loopback, each in a process of its own that is measured."""

import contextlib
import json
import re
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import psutil

from newsbot.archive import sources
from newsbot.archive.connection import connect
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from tests.conftest import Command
from tests.hostile_server import HostileServer

# Small limits, so that what takes a minute in earnest takes a second here.
LIMITS: dict[str, object] = {
    "page_bytes": 2_000_000,
    "entry_point_bytes": 20_000_000,
    "page_timeout": 6,
    "first_byte_timeout": 1.5,
    "retry_pause": 0.02,
    "trap_pages": 10,
    "depth": 3,
    "sitemaps_per_run": 50,
    "links_per_page": 200,
    "host_pause_wait": 2,
}


# The largest resident set so far, of the program that runs now (unlike ru_maxrss, which begins with
# that of the process it was forked from).
_LARGEST = re.compile(r"VmHWM:\s*(\d+) kB")


@attrs.frozen
class Crawled:
    """What one run did: its record, how long it took (seconds), its largest process (bytes)."""

    run: dict[str, Any]
    kept: set[str]
    seconds: float
    peak: int

    @property
    def log(self) -> str:
        """All that the run said."""
        return "\n".join(self.run["log"])


def crawl(
    server: HostileServer,
    config: Config,
    *paths: str,
    name: str = "site",
    delay: float = 0.0,
    **limits: object,
) -> Crawled:
    """Crawl these entry points in a process of its own, and measure it."""
    with connect(config) as database:
        if sources.find(database, name) is None:
            ways = tuple(Way(url=server.base + path, kind=_kind(path)) for path in paths)
            sources.add(
                database,
                Source(
                    id=name,
                    name=name,
                    homepage=server.base + "/",
                    entry_points=ways,
                    allowed_hosts=(f"127.0.0.1:{server.port}",),
                    delay=delay,
                    concurrency=8,
                    added_at=datetime.now(UTC),
                ),
            )
        environment = Command(config, **(LIMITS | limits)).environment
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "newsbot.cli", "crawl", name, "--json"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        peaks: dict[int, int] = {}
        watching = threading.Thread(target=_watch, args=(process, peaks))
        watching.start()
        said, wrong = process.communicate(timeout=200)
        seconds = time.monotonic() - began
        watching.join()
        assert said, wrong
        kept = {each["fetched_url"] for each in database.articles.find({}, {"fetched_url": 1})}
        return Crawled(json.loads(said), kept, seconds, max(peaks.values()))


def _watch(process: "subprocess.Popen[str]", peaks: dict[int, int]) -> None:
    """Note the largest memory of a process and of each of its own, as the kernel keeps it."""
    main = psutil.Process(process.pid)
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            for each in (main, *main.children(recursive=True)):
                with contextlib.suppress(OSError):
                    found = _LARGEST.search(Path(f"/proc/{each.pid}/status").read_text())
                    if found:
                        peaks[each.pid] = max(peaks.get(each.pid, 0), int(found[1]) * 1024)
        time.sleep(0.05)


def _kind(path: str) -> str:
    if "sitemap" in path or ".gz" in path or "index" in path:
        return "sitemap"
    return "feed" if path.endswith(".xml") else "page"
