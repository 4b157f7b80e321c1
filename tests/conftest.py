"""What tests share: the labelled pages, a real MongoDB, sites served on loopback."""

import atexit
import contextlib
import http.server
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from newsbot.archive.connection import Database, connect
from newsbot.config import Config
from tests.commands import Commands

SHARED = Path(__file__).parents[2] / "shared"

# How many of the tests of a session are to be alone.
ALONE = pytest.StashKey[int]()

# How often a server looks whether it is to end, in seconds; http.server's own half a second is what
# every test that has one would wait for.
POLL = 0.02


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of labelled pages and gold lists beside the checkout."""
    if not (SHARED / "gold").is_dir():
        pytest.skip(f"the labelled pages are not beside the checkout ({SHARED})")
    return SHARED


def pytest_configure(config: pytest.Config) -> None:
    """Keep a developer's own settings out of the tests."""
    for name in [name for name in os.environ if name.startswith("NEWSBOT_")]:
        if not name.startswith("NEWSBOT_TEST_"):
            del os.environ[name]
    # Hundreds of processes of newsbot are started. Where none may keep what it has compiled, each
    # compiles the whole of newsbot again, which takes half a second.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


# How long one example takes depends on what else the machine does.
hypothesis.settings.register_profile("newsbot", deadline=None)
hypothesis.settings.load_profile("newsbot")


def is_alone(item: pytest.Item) -> bool:
    """Say whether a test is marked ``alone``."""
    return item.get_closest_marker("alone") is not None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Count what is to be alone of what was chosen."""
    session.stash[ALONE] = sum(map(is_alone, session.items))


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Gives all that is alone to one process, and else each file to one."""

    def _split_scope(self, nodeid: str) -> str:
        return "alone" if nodeid.partition("[")[0] in _alone() else nodeid.partition("::")[0]


@cache
def _alone() -> frozenset[str]:
    """Return the tests that are marked so, as they are written: who shares the tests out collects none."""
    return frozenset(
        f"tests/{file.name}::{found[1]}"
        for file in Path(__file__).parent.glob("test_*.py")
        for found in _MARKED.finditer(file.read_text("utf8"))
    )


_MARKED = re.compile(r"^@pytest\.mark\.alone\n(?:[@ )\]].*\n)*?def (\w+)", re.MULTILINE)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """Share the tests out as is said above."""
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what is alone, then files of few tests, which are the long ones.

    The many short ones at the end keep all processes at work to the last.
    """
    of = Counter(item.path for item in items)
    items.sort(key=lambda item: (not is_alone(item), of[item.path], str(item.path)))


# For how long nothing may come to an end among what is alone before the others go on all the same (seconds):
# a process that dies in a test says nothing of it.
_SILENCE = 330.0


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """See that a test marked ``alone`` is alone, where several processes share the tests.

    Those come first, in one process. The others wait until all of them have ended.
    """
    folder = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if folder is None:
        return (yield)
    ended = Path(tempfile.gettempdir()) / f"newsbot-tests-{folder}"
    ended.touch()
    if is_alone(item):
        try:
            return (yield)
        finally:
            with ended.open("a") as told:
                told.write("x")
    while (
        ended.stat().st_size < item.session.stash[ALONE]
        and time.time() - ended.stat().st_mtime < _SILENCE
    ):
        time.sleep(POLL)
    return (yield)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The configuration of one test: a data folder and a database of its own."""
    return Config(
        data_dir=tmp_path / "data",
        database=f"newsbot_test_{abs(hash(tmp_path)):x}",
        mongodb_uri=os.environ.get("NEWSBOT_TEST_MONGODB_URI"),
        lease_seconds=10.0,
        extraction_processes=0,
        batch_seconds=0.01,
        # Where the tests' receivers are.
        webhook_hosts=("127.0.0.1",),
    )


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """One embedded MongoDB for all tests that only need a database."""
    shared_config = Config(
        data_dir=tmp_path_factory.mktemp("mongodb"),
        mongodb_uri=os.environ.get("NEWSBOT_TEST_MONGODB_URI"),
    )
    with connect(shared_config) as database:
        yield shared_config.model_copy(
            update={
                "mongodb_uri": f"mongodb://{database.client.address[0]}:{database.client.address[1]}/"
            }
        )


@pytest.fixture
def database(server: Config, config: Config) -> Iterator[Database]:
    """A real, empty archive."""
    with connect(config.model_copy(update={"mongodb_uri": server.mongodb_uri})) as opened:
        yield opened
        opened.client.drop_database(opened.name)


@pytest.fixture
def settings(server: Config, config: Config, database: Database) -> Config:
    """The configuration under which `database` is open."""
    return config.model_copy(update={"mongodb_uri": server.mongodb_uri})


@pytest.fixture(scope="module")
def own_archive(
    server: Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Config, Database]]:
    """A real archive, empty at first, for the tests of one file that only read what is put into it."""
    folder = tmp_path_factory.mktemp("archive")
    config = Config(
        data_dir=folder / "data",
        database=f"newsbot_test_{abs(hash(folder)):x}",
        mongodb_uri=server.mongodb_uri,
        extraction_processes=0,
    )
    with connect(config) as opened:
        yield config, opened
        opened.client.drop_database(opened.name)


# Below what systems give to connections that go out (from 32,768), so that nothing takes a port between
# the moment it is found free and the moment it is used.
# Processes that share the tests have ports of their own.
_SHARE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
_PORTS = range(12_000 + 2_500 * _SHARE, 12_000 + 2_500 * (_SHARE + 1))
_given = random.Random(os.getpid()).choice(_PORTS)


def free_port(count: int = 1) -> int:
    """Return the first of so many ports in a row that nothing uses, none of them given before."""
    global _given
    for _ in _PORTS:
        first = _given if _given + count in _PORTS else _PORTS.start
        _given = first + count
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(first, first + count):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise AssertionError(f"no {count} free ports in a row")


class Site:
    """A folder served over HTTP on loopback, with a log of what was asked for."""

    def __init__(self, root: Path, port: int) -> None:
        self.root = root
        self.base = f"http://127.0.0.1:{port}"
        self.requests: list[str] = []
        # What was asked for, and the status of the answer.
        self.answers: list[tuple[str, int]] = []
        # Statuses that are answered instead of pages, by path.
        self.refusals: dict[str, int] = {}
        self._changed = threading.Condition()
        self._left = float("inf")
        self._waiting = 0
        site = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.requests.append(self.path)
                if self.path.startswith("/a/"):
                    site._wait_for_leave()
                if self.path in site.refusals:
                    self.send_error(site.refusals[self.path])
                    return
                super().do_GET()

            def log_request(self, code: object = "-", size: object = "-") -> None:
                site.answers.append((self.path, int(code)))

            def log_message(self, *args: object) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                pass  # whoever asked has left

        self._server = Server(("127.0.0.1", port), partial(Handler, directory=str(root)))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(POLL,), daemon=True).start()

    def write(self, path: str, text: str) -> str:
        """Put a page there; returns its address."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf8")
        return f"{self.base}/{path}"

    def age(self, seconds: float = 3_600) -> None:
        """Let everything there have been written so long ago."""
        for file in self.root.rglob("*"):
            written = file.stat().st_mtime - seconds
            os.utime(file, (written, written))

    def allow(self, pages: float) -> None:
        """Answer those who wait for a page under /a/, and so many more; then let them wait."""
        with self._changed:
            self._left = pages + self._waiting
            self._changed.notify_all()

    def _wait_for_leave(self) -> None:
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: self._left > 0)
            self._waiting -= 1
            self._left -= 1

    def close(self) -> None:
        """Stop serving."""
        self.allow(float("inf"))
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[Callable[[], Site]]:
    """Return a function that makes an empty site."""
    with contextlib.ExitStack() as made:

        def make() -> Site:
            port = free_port()
            root = tmp_path / f"site-{port}"
            root.mkdir()
            site = Site(root, port)
            made.callback(site.close)
            return site

        yield make


class Receiver:
    """A webhook's receiving end: a real HTTP server that keeps what is posted to it.

    ``answers`` are the statuses of its next answers, and ``says`` the headers of all of them; ``seconds`` is
    how long each takes.
    """

    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []
        # The same as they came: headers, and bodies; and when, in seconds since 1970.
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.arrived: list[float] = []
        self.answers: list[int] = []
        self.says: dict[str, str] = {}
        self.seconds = 0.0
        # How many it had under way at a time, at most.
        self.at_once = 0
        under_way: set[object] = set()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.arrived.append(time.time())
                receiver.posts.append((headers, body))
                receiver.messages.append(json.loads(body))
                under_way.add(self)
                receiver.at_once = max(receiver.at_once, len(under_way))
                time.sleep(receiver.seconds)
                under_way.discard(self)
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                for name, value in receiver.says.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        threading.Thread(target=self._server.serve_forever, args=(POLL,), daemon=True).start()

    def close(self) -> None:
        """Stop receiving."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook's receiving end."""
    made = Receiver()
    yield made
    made.close()


def lay_out(
    shared: Path, out: Path, base: str, *sets: str, copies: int = 1
) -> list[dict[str, object]]:
    """Lay labelled pages out as a site; returns what is true of them."""
    subprocess.run(
        [
            *(sys.executable, str(shared / "eval" / "build_site.py")),
            *(str(shared / "eval" / "cases" / name) for name in sets),
            *(str(out), "--copies", str(copies), "--base", base),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return [json.loads(line) for line in (out / "truth.jsonl").open(encoding="utf8")]


class InProcess:
    """Runs commands of ``newsbot`` in the tests' own process: what they print and how they end."""

    def __init__(self, config: Config, patch: pytest.MonkeyPatch) -> None:
        for name in ("data_dir", "database", "mongodb_uri"):
            patch.setenv(f"NEWSBOT_{name.upper()}", str(getattr(config, name)))
        patch.setenv("NEWSBOT_WEBHOOK_HOSTS", json.dumps(config.webhook_hosts))
        patch.setenv("COLUMNS", "200")

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        from typer.testing import CliRunner

        from newsbot.cli import app

        done = CliRunner().invoke(app, words)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    def json(self, *words: str) -> object:
        """Run a command and return what it prints as JSON."""
        done = self(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def newsbot_here(settings: Config, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """The commands, on the archive that is open as `database`."""
    return InProcess(settings, monkeypatch)


@cache
def _commands() -> Commands:
    """Return what runs this process's commands; it ends with the process."""
    commands = Commands()
    atexit.register(commands.close)
    return commands


class Command:
    """Runs ``newsbot`` as a user does, in a process of its own."""

    def __init__(self, config: Config, **settings: object) -> None:
        self.environment = os.environ | {
            "NEWSBOT_DATA_DIR": str(config.data_dir),
            "NEWSBOT_DATABASE": config.database,
            "NEWSBOT_LEASE_SECONDS": str(config.lease_seconds),
            "NEWSBOT_EXTRACTION_PROCESSES": str(config.extraction_processes),
            "NEWSBOT_WEBHOOK_HOSTS": json.dumps(config.webhook_hosts),
            "NO_COLOR": "1",
            "COLUMNS": "200",
            **{f"NEWSBOT_{name.upper()}": str(value) for name, value in settings.items()},
        }
        self.folder: Path | None = None
        if config.mongodb_uri:
            self.environment["NEWSBOT_MONGODB_URI"] = config.mongodb_uri

    def __call__(self, *words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        return _commands().run(
            words, environment=self.environment, folder=self.folder, timeout=timeout
        )

    def json(self, *words: str) -> object:
        """Run the command and return what it prints as JSON."""
        done = self(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *words: str, output: Path | None = None) -> "subprocess.Popen[str]":
        """Start the command and return at once; what it says goes to a file, or is kept."""
        with contextlib.ExitStack() as opened:
            said = opened.enter_context(output.open("w")) if output else subprocess.PIPE
            return subprocess.Popen(
                [sys.executable, "-m", "newsbot.cli", *words],
                env=self.environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                text=True,
            )


@pytest.fixture
def newsbot(settings: Config) -> Command:
    """The command line, on the test's own archive."""
    return Command(settings)


def chromium() -> str:
    """Return the system's Chromium, or skip the test loudly."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    pytest.skip("NO CHROMIUM on this machine: pages that need JavaScript are not tested")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own, of 4 MB."""
    with mounted(tmp_path / "disk", "4m") as folder:
        yield folder


@contextlib.contextmanager
def mounted(folder: Path, size: str) -> Iterator[Path]:
    """Make a folder on a disk of its own, or skip the test loudly."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("NO SMALL DISK: this user may not mount a tmpfs; a full disk is not tested")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
