"""A real Redis for tests of runs that a broker hands out, and both ways in which runs reach workers.

``NEWSBOT_TEST_BROKER_URL`` names another broker (a RabbitMQ) to run them over; what kills the broker is skipped then.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest

from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.archive.sources import Way as EntryPoint
from newsbot.config import Config
from tests.conftest import Command, Site, free_port

PAGE = (
    "<html><body><article><h1>Story number {number}</h1><p>The harbour opened at dawn, said the harbour "
    "master, and ship number {number} was the first to leave for the open sea.</p></article></body></html>"
)
# A worker hands its runs back within so many seconds of SIGTERM.
ENDS_WITHIN = 10.0


class Redis:
    """A Redis server of our own, which keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._log = folder / "redis.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns when it answers."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *("redis-server", "--port", str(self.port), "--bind", "127.0.0.1"),
                    *("--save", "", "--appendonly", "no", "--dir", str(self._log.parent)),
                ],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 20
        while self.ask("PING") != "+PONG":
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill it: what it has is gone."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def ask(self, *words: str) -> str:
        """Return the first line of its answer to a command; "" where it gives none."""
        try:
            opened = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        except OSError:
            return ""
        with opened:
            opened.sendall((" ".join(words) + "\r\n").encode())
            return opened.makefile().readline().strip()


def redis_or_skip(folder: Path) -> Redis:
    """Return a Redis that is not started yet, or skip the test loudly."""
    if shutil.which("redis-server") is None:
        pytest.skip("NO REDIS on this machine: runs that a broker hands out are not tested")
    return Redis(folder)


@contextlib.contextmanager
def a_redis(folder: Path) -> Iterator[Redis]:
    """Open a Redis for so long."""
    made = redis_or_skip(folder)
    made.start()
    try:
        yield made
    finally:
        made.kill()


@attrs.frozen
class Way:
    """How runs reach workers in a test: its configuration, and the commands under it."""

    config: Config
    newsbot: Command
    redis: Redis | None

    @property
    def our_redis(self) -> Redis:
        """The Redis of this test alone, which may be killed."""
        if self.redis is None:
            pytest.skip("the broker is not of this test alone")
        return self.redis


@contextlib.contextmanager
def by_way_of(dispatch: str, settings: Config, folder: Path) -> Iterator[Way]:
    """Open a way to the workers: ``local`` or ``celery``."""
    given = os.environ.get("NEWSBOT_TEST_BROKER_URL", "")
    with contextlib.ExitStack() as opened:
        ours = dispatch == "celery" and not given
        redis = opened.enter_context(a_redis(folder)) if ours else None
        url = redis.url if redis else given if dispatch == "celery" else ""
        config = settings.model_copy(update={"dispatch": dispatch, "broker_url": url})
        yield Way(config, Command(config, dispatch=dispatch, broker_url=config.broker_url), redis)


class Parts:
    """The parts that a test started; they end with it."""

    def __init__(self, newsbot: Command, folder: Path) -> None:
        self._newsbot = newsbot
        self._folder = folder
        self._all: list[subprocess.Popen[str]] = []

    def start(self, part: str) -> "subprocess.Popen[str]":
        """Start a part."""
        self._all.append(
            self._newsbot.start("part", part, output=self._folder / f"{part}{len(self._all)}.log")
        )
        return self._all[-1]

    def said(self) -> str:
        """Return what all of them logged."""
        return "\n".join(each.read_text() for each in sorted(self._folder.glob("*.log")))

    def end(self) -> None:
        """End them all."""
        for each in self._all:
            each.terminate()
        for each in self._all:
            try:
                each.wait(ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                each.kill()
                raise


@contextlib.contextmanager
def parts_of(newsbot: Command, folder: Path) -> Iterator["Parts"]:
    """Open parts that end with the test; their logs go to a folder of it."""
    logs = folder / "logs"
    logs.mkdir()
    made = Parts(newsbot, logs)
    try:
        yield made
    finally:
        made.end()


def add(database: Database, site: Site, stories: int, *, due: bool = True) -> str:
    """Add a source of so many stories; returns its id."""
    items = "".join(
        f"<item><title>Story number {each}</title><link>{site.base}/a/{each}.html</link></item>"
        for each in range(stories)
    )
    feed = site.write("feed.xml", f'<rss version="2.0"><channel>{items}</channel></rss>')
    for number in range(stories):
        site.write(f"a/{number}.html", PAGE.format(number=number))
    name = f"s{site.base.rpartition(':')[2]}"
    sources.add(
        database,
        Source(
            id=name,
            name=name,
            homepage=f"{site.base}/",
            entry_points=(EntryPoint(url=feed, kind="feed"),),
            allowed_hosts=(site.base.partition("://")[2],),
            delay=0.0,
            next_due=datetime.now(UTC) if due else None,
            added_at=datetime.now(UTC),
        ),
    )
    return name


def done(database: Database) -> bool:
    """Say whether a run is done, and none is under way."""
    return (
        database.runs.count_documents({"state": "done"}) > 0
        and database.runs.count_documents({"active": True}) == 0
    )
