"""`newsbot up`: every part runs, a part that dies comes back, Ctrl-C leaves nothing behind."""

import contextlib
import json
import os
import re
import signal
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from newsbot.config import Config
from tests.conftest import Command, chromium, free_port
from tests.test_kills import wait_until

PARTS = {"indexer", "delivery", "worker", "scheduler", "web"}


class Up:
    """A running service, and what it said."""

    def __init__(self, newsbot: Command, *words: str) -> None:
        self._output = Path(tempfile.mkstemp(prefix="newsbot-up-")[1])
        self.process = newsbot.start("up", *words, output=self._output)

    def said(self) -> str:
        """Return what it has printed so far."""
        return self._output.read_text(encoding="utf8")

    def open(self, seconds: float = 60) -> str:
        """Wait until it says at which address it is; returns that."""
        with contextlib.suppress(AssertionError):  # what it said tells more
            wait_until(
                lambda: "Open http://" in self.said() or self.process.poll() is not None, seconds
            )
        address = re.search(r"Open (http://\S+)", self.said())
        assert address is not None, self.said()
        return address[1]

    def parts(self) -> dict[str, psutil.Process]:
        """Return the processes of its parts, by name."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # it ended just now
                words = child.cmdline()
                if "part" in words:
                    found[words[-1]] = child
        return found

    def stop(self) -> float:
        """Press Ctrl-C; returns how long it took to end, in seconds."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        return time.monotonic() - started


def of_folder(folder: Path) -> list[str]:
    """Return the processes that work on a data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            mine = str(folder) in " ".join(process.cmdline()) or str(
                folder
            ) == process.environ().get("NEWSBOT_DATA_DIR")
        except psutil.Error:
            continue
        if mine and process.pid != os.getpid():
            found.append(" ".join(process.cmdline()))
    return found


@pytest.fixture
def own(config: Config) -> tuple[Command, Config]:
    """The command line on an embedded MongoDB and ports of its own."""
    settings = {
        "web_port": free_port(),
        "demo_port": free_port(7),
        "demo_interval": 1.0,
        "extraction_processes": 1,
    }
    return Command(config, **settings), config.model_copy(update=settings)


def read(url: str) -> str:
    """Return the page at an address."""
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode("utf8")


@pytest.mark.alone
def test_the_demo_shows_articles_and_a_fired_alert_within_30_seconds_and_stops_within_5(
    own: tuple[Command, Config],
) -> None:
    chromium()
    newsbot, config = own
    up = Up(newsbot, "--demo")
    try:
        address = up.open()
        announced = time.monotonic()
        inbox = f"http://127.0.0.1:{config.demo_port + 6}/messages"
        wait_until(lambda: "إطلاق النار" in read(inbox), 30)
        wait_until(lambda: "/article/" in read(address), 30)
        assert time.monotonic() - announced < 30
        assert set(up.parts()) == PARTS | {"demo"}

        wait_until(lambda: newsbot("--demo", "search", '"إطلاق النار"').returncode == 0, 30)
        runs = lambda: newsbot.json("--demo", "runs", "--limit", "100")  # noqa: E731
        wait_until(lambda: sum(run["counters"].get("edited", 0) for run in runs()) > 0, 90)
        done = {run["source"] for run in runs() if run["counters"].get("new")}
        assert len(done) == 6, "each of the six sites brought articles"
    finally:
        seconds = up.stop()
    assert seconds < 5
    assert up.process.returncode == 0
    assert of_folder(config.data_dir) == []


def sick(newsbot: Command) -> list[str]:
    """Return what the doctor finds wrong with the parts."""
    done = newsbot("doctor", "--json")
    return [
        each["says"]
        for each in json.loads(done.stdout)
        if each["part"] == "parts" and each["state"] == "wrong"
    ]


@pytest.mark.alone
def test_a_part_that_dies_is_started_again_and_said_so(own: tuple[Command, Config]) -> None:
    newsbot, config = own
    up = Up(newsbot)
    try:
        up.open()
        for name in sorted(PARTS):
            dead = up.parts()[name]
            dead.kill()
            wait_until(lambda name=name: f"{name} is started again" in up.said())
            wait_until(lambda name=name, dead=dead: up.parts().get(name, dead).pid != dead.pid)
        assert "ended with -9" in up.said()
        assert sick(newsbot) == []
        for _ in range(2):
            dead = up.parts()["web"]
            dead.kill()
            wait_until(lambda dead=dead: up.parts().get("web", dead).pid != dead.pid)
        wait_until(lambda: sick(newsbot))
        assert "web died 3 times of late" in sick(newsbot)[0]
        pauses = re.findall(r"web ended with -9; it is started again in (\S+) s", up.said())
        assert [float(pause) for pause in pauses] == [0.5, 1.0, 2.0]
    finally:
        assert up.stop() < 5
    assert of_folder(config.data_dir) == []


def test_a_second_service_on_the_same_data_is_refused_and_the_first_killed_leaves_no_process_behind(
    own: tuple[Command, Config],
) -> None:
    newsbot, config = own
    up = Up(newsbot)
    try:
        up.open()
        second = newsbot("up")
        assert second.returncode == 1
        assert "is up on the data folder" in second.stderr
    finally:
        up.process.kill()
        up.process.wait()
    wait_until(lambda: of_folder(config.data_dir) == [], 20)


def test_a_schedule_starts_a_run(own: tuple[Command, Config]) -> None:
    newsbot, _ = own
    up = Up(newsbot, "--demo")
    try:
        up.open()
        newsbot("--demo", "source", "pause", "wire")
        added = newsbot("--demo", "schedule", "add", "wire", "--every", "2s")
        assert added.returncode == 0, added.stderr
        wait_until(
            lambda: any(
                run["trigger"] == "schedule" and run["state"] == "done"
                for run in newsbot.json("--demo", "runs", "wire")
            )
        )
    finally:
        up.stop()
