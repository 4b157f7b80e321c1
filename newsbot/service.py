"""``newsbot up``: starts the parts, watches them, and stops them in order.

Each part is a process of its own. One that dies is started again after a pause that grows while it
keeps dying; each start and death is said on the terminal and in the part's log.
"""

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import attrs
from rich.console import Console

from newsbot import demo, logs, parts
from newsbot.archive import channels, rules, sources
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.items import derived_id
from newsbot.people.doors import open_to_all

# Pauses before a part that died is started again, in seconds; the last one repeats. A part that ran
# for a minute starts the row anew.
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STEADY = 60.0
# What all parts together have for ending, in seconds, before they are killed: as long as a worker takes
# that has to leave crawls unfinished.
STOP_SECONDS = 4.0
START_SECONDS = 60.0
# How often it is looked whether a part's log is full, in seconds.
ROTATE_SECONDS = 30.0

# In the order of starting; they are stopped the other way round.
PARTS = ("indexer", "delivery", "worker", "scheduler", "web")

# The demo's sources count as watched since then, so that what its newsroom has is news, from the first crawl.
DEMO_SINCE = datetime(2020, 1, 1, tzinfo=UTC)


class ServiceError(Exception):
    """The service cannot start; the text says why and what to do."""


@attrs.define
class _Part:
    name: str
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
    again_at: float | None = None


class Service:
    """The parts, supervised."""

    def __init__(self, config: Config, database: Database, *, demo: bool) -> None:
        self._config = config
        self._database = database
        self._demo = demo
        self._parts: list[_Part] = []
        self._stopping = False
        self._rotate_at = 0.0
        self._console = Console(highlight=False, soft_wrap=True)

    def run(self) -> int:
        """Run until SIGINT or SIGTERM; returns the exit code.

        Raises:
            ServiceError: when another service works on the data folder, a port is taken, or others would
                reach a page without passwords.
        """
        if why := open_to_all(self._config, self._database):
            raise ServiceError(why)
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self._stop)
        with self._alone():
            _claim(
                self._config.web_host, self._config.web_port, "NEWSBOT_WEB_PORT", "NEWSBOT_WEB_HOST"
            )
            if self._demo:
                for port in range(self._config.demo_port, self._config.demo_port + 7):
                    _claim("127.0.0.1", port, "NEWSBOT_DEMO_PORT")
            try:
                self._start_all()
                self._watch()
            finally:
                self._end_all()
        return 0

    # Starting

    def _start_all(self) -> None:
        if self._demo:
            self._start("demo")
            self._until(lambda: _answers("127.0.0.1", self._config.demo_port), "demo")
        for name in PARTS:
            if not self._stopping:
                self._start(name)
        if self._demo and not self._stopping:
            self._furnish_demo()
        self._until(lambda: _answers(self._config.web_host, self._config.web_port), "web")
        if not self._stopping:
            self._greet()

    def _start(self, name: str) -> None:
        self._parts.append(_Part(name, self._spawn(name), time.monotonic()))
        self._note()

    def _spawn(self, name: str) -> subprocess.Popen[bytes]:
        logs = self._config.data_dir / "logs"
        logs.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "newsbot.cli", *(["--demo"] if self._demo else [])]
        with (logs / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [*command, "part", name],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A group of its own: Ctrl-C reaches this process alone, and stopping a part stops
                # what it started.
                start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )

    def _until(self, ready: Callable[[], bool], name: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._stopping and not ready():
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"{name} did not come up within {START_SECONDS:.0f} s; its log "
                    f"{self._log(name)} ends: {_last_line(self._log(name))}"
                )
            self._look_after()
            time.sleep(0.1)

    def _furnish_demo(self) -> None:
        """Add the demo's sources and its alert, where they are not there yet."""
        from newsbot.fetching.survey import SurveyError, survey
        from newsbot.spiders.adding import NothingFoundError, record

        for site in demo.SITES:
            homepage = site.homepage(self._config.demo_port)
            if sources.find(self._database, homepage) is not None:
                continue
            try:
                found = survey(homepage, self._config)
                sources.add(
                    self._database,
                    record(
                        found,
                        name=site.name,
                        groups=(demo.GROUP,),
                        javascript=site.javascript,
                        now=DEMO_SINCE,
                    ),
                )
            except (SurveyError, NothingFoundError, sources.SourceExistsError) as error:
                self._say(f"The demo site {site.name} was not added: {error}")
        name, query = demo.ALERT
        hook = demo.hook_url(self._config.demo_port)
        if rules.find(self._database, name) is None:
            channel = channels.add(self._database, kind="webhook", target=hook)
            rules.add(
                self._database,
                Rule(
                    id=derived_id("alert", name, demo.GROUP),
                    name=name,
                    query=query,
                    channels=(channel.id,),
                    max_age=0.0,
                    created_at=datetime.now(UTC),
                ),
            )

    def _greet(self) -> None:
        address = f"{self._config.web_address}/"
        self._say(f"newsbot is up. Open {address}")
        if not self._demo:
            self._say(
                f"Add a site in another terminal: {_as_typed()} source add https://news.example/"
            )
        else:
            inbox = self._config.demo_port + demo.INBOX_OFFSET
            first = demo.SITES[0].homepage(self._config.demo_port)
            hook = demo.hook_url(self._config.demo_port)
            command = _as_typed()
            for line in (
                f"  the demo's first site     {first}",
                f"  what its alert delivered  http://127.0.0.1:{inbox}/",
                "In another terminal, try:",
                f'  {command} --demo search "الدفاع الروسي"',
                f"  {command} --demo runs",
                f"  {command} --demo alert add storms 'storm* OR عاصفة' --webhook {hook}",
            ):
                self._say(line)
        self._say("Ctrl-C stops everything.")

    # Watching

    def _watch(self) -> None:
        while not self._stopping:
            self._look_after()
            if time.monotonic() >= self._rotate_at:
                self._rotate_at = time.monotonic() + ROTATE_SECONDS
                with suppress(OSError):  # it is tried again, and no reason to end
                    logs.rotate(self._config.data_dir / "logs")
            time.sleep(0.2)

    def _look_after(self) -> None:
        now = time.monotonic()
        for part in self._parts:
            if part.again_at is None and part.process.poll() is not None:
                pause = PAUSES[min(part.deaths, len(PAUSES) - 1)]
                part.deaths += 1
                part.again_at = now + pause
                self._note()
                self._say(
                    f"{part.name} ended with {part.process.returncode}; it is started again in "
                    f"{pause:g} s. Its log: {self._log(part.name)}"
                )
            elif part.deaths and part.again_at is None and now - part.started > STEADY:
                part.deaths = 0
                self._note()
            elif part.again_at is not None and now >= part.again_at and not self._stopping:
                _end_group(part.process, signal.SIGKILL)  # what it may have left behind
                part.process, part.started, part.again_at = self._spawn(part.name), now, None
                self._note()
                self._say(f"{part.name} is started again.")

    # Stopping

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _end_all(self) -> None:
        if self._parts:
            self._say("Stopping ...")
        deadline = time.monotonic() + STOP_SECONDS
        # The demo's sites answer until nobody asks: a crawl would wait, and try again.
        newsroom = [part for part in self._parts if part.name == "demo"]
        self._end_some([part for part in self._parts if part not in newsroom], deadline)
        self._end_some(newsroom, deadline)

    def _end_some(self, some: list[_Part], deadline: float) -> None:
        for part in reversed(some):
            _end_group(part.process, signal.SIGTERM, group=False)
        for part in reversed(some):
            try:
                part.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"{part.name} did not end in time and is killed.")
            _end_group(part.process, signal.SIGKILL)

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False)

    def _log(self, name: str) -> Path:
        return self._config.data_dir / "logs" / f"{name}.log"

    def _note(self) -> None:
        parts.note(
            self._config.data_dir,
            (
                parts.Part(
                    name=part.name,
                    pid=part.process.pid,
                    deaths=part.deaths,
                    waiting=part.again_at is not None,
                )
                for part in self._parts
            ),
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with ExitStack() as held:
            try:
                held.enter_context(parts.alone(self._config.data_dir))
            except parts.TakenError:
                raise ServiceError(
                    f"newsbot is up on the data folder {self._config.data_dir} already; stop it "
                    "first, or set NEWSBOT_DATA_DIR to another folder"
                ) from None
            yield


def _as_typed() -> str:
    """Return how `newsbot` is typed in another terminal opened in this folder."""
    beside = Path(sys.executable).parent / "newsbot"
    on_path = shutil.which("newsbot")
    if (on_path and Path(on_path).resolve() == beside.resolve()) or not beside.exists():
        return "newsbot"
    here = Path.cwd()
    return str(beside.relative_to(here) if beside.is_relative_to(here) else beside)


def _claim(host: str, port: int, setting: str, host_setting: str = "") -> None:
    """See that a port is free.

    Raises:
        ServiceError: saying which is not, and what to set.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if host_setting and error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise ServiceError(
                    f"{host} is no address of this machine ({error.strerror}); set {host_setting} "
                    "to one, as 127.0.0.1"
                ) from None
            raise ServiceError(
                f"port {port} on {host} cannot be used ({error.strerror}); stop what uses it, or "
                f"set {setting} to another"
            ) from None


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=0.5).close()
    except OSError:
        return False
    return True


def _end_group(
    process: subprocess.Popen[bytes], how: signal.Signals, *, group: bool = True
) -> None:
    try:
        if group:
            os.killpg(process.pid, how)
        else:
            process.send_signal(how)
    except ProcessLookupError:
        pass  # it had ended


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "(empty)"
