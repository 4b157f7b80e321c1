"""The embedded MongoDB: started when first needed, kept alive, ended when nobody uses it.

Every process of newsbot that works on a data folder is a *client* and holds a shared lock on
``mongodb.clients``. One *keeper* process (``python -m newsbot.archive.server``) holds the lock
``mongodb.keeper``, runs the server as its child and starts it again when it dies. The keeper ends
when it can have ``mongodb.clients`` to itself: locks are released by the operating system, so this
holds however a client ended, ``kill -9`` included.

The server is SecantusDB (WiredTiger behind MongoDB's wire protocol). It is GPL-2.0: it is only ever
run as a process of its own and never imported.
"""

import ctypes
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO

import attrs

# A server that died is started again after these pauses (seconds); the last one repeats. A server
# that then ran for a minute starts the row anew.
PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0)
# How long the server stays up after its last client, so that a row of commands shares one server.
LINGER = 2.0
START_TIMEOUT = 30.0
# A server whose storage has stopped, as on a full disk, lives on and answers nothing any more. WiredTiger
# says so in its log ("the application must be restarted", its manual on WT_PANIC), and it is started again
# when there is so much room on the disk (bytes): what its log and its first checkpoint take.
_STOPPED, ROOM = b"WT_PANIC", 64_000_000
# How often (seconds) it is said that there is none.
_SAY_AGAIN = 60.0

_ENDED = "MongoDB ended with"


class ServerError(Exception):
    """The embedded MongoDB cannot run; the text says why and what to do."""


@attrs.frozen
class Running:
    """Where an embedded server answers: its keeper's and its own process id, and its port."""

    keeper: int
    server: int
    port: int

    @property
    def uri(self) -> str:
        """The MongoDB address of the server."""
        return f"mongodb://127.0.0.1:{self.port}/"


def running(data_dir: Path) -> Running | None:
    """Return the embedded server that works on this data folder, or None."""
    try:
        keeper = (data_dir / "mongodb.keeper").open("a")
    except OSError:
        return None
    with keeper:
        if _locked(keeper):
            fcntl.flock(keeper, fcntl.LOCK_UN)
            return None
    record = _recorded(data_dir)
    try:
        return Running(record["keeper"], record["server"], record["port"])
    except KeyError:
        return None


def _recorded(data_dir: Path) -> dict[str, int]:
    """Return what the folder's keeper wrote down of itself and its server; {} for nothing."""
    try:
        record = json.loads((data_dir / "mongodb.json").read_text())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def release(data_dir: Path, *, patience: float) -> None:
    """Have the server end without lingering, now that this process needs it no more.

    It stays where another client holds it up. Waits for its end, ``patience`` seconds at most.
    """
    found = running(data_dir)
    if found is None:
        return
    with suppress(ProcessLookupError):
        os.kill(found.keeper, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while running(data_dir) is not None and time.monotonic() < deadline:
        time.sleep(0.02)


@contextmanager
def client(data_dir: Path, *, cache: str) -> Iterator[Running]:
    """Hold the embedded server of a data folder up, starting it if need be.

    Raises:
        ServerError: when the folder cannot be written or the server does not come up.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        clients = (data_dir / "mongodb.clients").open("a")
    except OSError as error:
        raise ServerError(
            f"the data folder {data_dir} cannot be written ({error.strerror}); "
            "set NEWSBOT_DATA_DIR to a folder that can"
        ) from None
    with clients:
        fcntl.flock(clients, fcntl.LOCK_SH)
        yield _ensure(data_dir, cache)


def _ensure(data_dir: Path, cache: str) -> Running:
    deadline = time.monotonic() + START_TIMEOUT
    keeper: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        found = running(data_dir)
        if found and _answers(found.port):
            return found
        if found is None and (keeper is None or keeper.poll() is not None):
            with (data_dir / "mongodb.log").open("ab") as log:
                keeper = subprocess.Popen(
                    [sys.executable, "-m", "newsbot.archive.server", str(data_dir), cache],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        time.sleep(0.05)
    raise ServerError(
        f"the embedded MongoDB did not come up within {START_TIMEOUT:.0f} s; "
        f"its log {data_dir / 'mongodb.log'} ends: {_last_line(data_dir / 'mongodb.log')}"
    )


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
        # Its own last words, rather than those of the keeper on its end.
        theirs = [line for line in lines if _ENDED not in line]
        return (theirs or lines or ["(empty)"])[-1]
    except OSError as error:
        return f"(unreadable: {error})"


def _locked(file: IO[str]) -> bool:
    """Try to take the lock for oneself; say whether that worked."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _die_with_parent() -> None:
    """Have Linux end this process when its parent does, even by ``kill -9``."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG, prctl(2)


class _Keeper:
    """Runs one server until nobody needs it."""

    def __init__(self, data_dir: Path, cache: str) -> None:
        self._data_dir = data_dir
        self._cache = cache
        self._port = _free_port()
        self._hurry = False
        # The server whose storage has stopped, if one has.
        self._stopped: subprocess.Popen[bytes] | None = None
        self._say_again = 0.0
        self._follower: threading.Thread | None = None

    def run(self) -> None:
        with (
            (self._data_dir / "mongodb.keeper").open("a") as keeper,
            (self._data_dir / "mongodb.clients").open("a") as clients,
        ):
            if not _locked(keeper):
                return
            signal.signal(signal.SIGTERM, self._stop_soon)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            self._end_leftover()
            mine = os.fstat(keeper.fileno()).st_ino
            server = self._start()
            deaths, started, alone_since = 0, time.monotonic(), time.monotonic()
            while self._holds(mine):
                if server.poll() is None and server is self._stopped:
                    _say("MongoDB's storage has stopped; it is ended, to be started again")
                    self._terminate(server)
                if server.poll() is not None and self._has_room(server):
                    deaths = 0 if time.monotonic() - started > 60 else deaths
                    pause = PAUSES[min(deaths, len(PAUSES) - 1)]
                    deaths += 1
                    _say(f"{_ENDED} {server.returncode}; again in {pause} s")
                    time.sleep(pause)
                    server, started = self._start(), time.monotonic()
                if not _locked(clients):
                    alone_since = time.monotonic()
                elif self._hurry or time.monotonic() - alone_since > LINGER:
                    break
                else:
                    fcntl.flock(clients, fcntl.LOCK_UN)
                time.sleep(0.1)
            self._end(server)

    def _follow(self, server: "subprocess.Popen[bytes]") -> None:
        """Pass on what the server says, and note when its storage has stopped.

        It is read here and not from the log: that stands on the disk that may be full.
        """
        assert server.stdout is not None
        for line in server.stdout:
            if _STOPPED in line:
                self._stopped = server
            with suppress(OSError):
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()

    def _has_room(self, server: "subprocess.Popen[bytes]") -> bool:
        """Say whether a server whose storage had stopped would find room again; one that died may try."""
        free = shutil.disk_usage(self._data_dir).free
        if server is not self._stopped or free >= ROOM:
            return True
        if time.monotonic() >= self._say_again:
            self._say_again = time.monotonic() + _SAY_AGAIN
            _say(
                f"the disk is full: {free / 1e6:,.0f} MB are left in {self._data_dir}; make room, MongoDB "
                f"is started again when there are {ROOM / 1e6:,.0f} MB"
            )
        return False

    def _holds(self, lock: int) -> bool:
        """Say whether the folder is still the one that was locked, and not another of its name."""
        try:
            return (self._data_dir / "mongodb.keeper").stat().st_ino == lock
        except OSError:
            return False

    def _stop_soon(self, _signal: int, _frame: FrameType | None) -> None:
        self._hurry = True

    def _start(self) -> subprocess.Popen[bytes]:
        command = shutil.which("secantusd-py", path=str(Path(sys.executable).parent))
        if command is None:
            raise SystemExit("secantusd-py is not installed beside Python; install SecantusDB")
        if self._follower is not None:  # a process of one thread is safe to fork
            self._follower.join(timeout=1)
        storage = self._data_dir / "mongodb"
        server = subprocess.Popen(
            [
                *(command, "--port", str(self._port), "--storage-path", str(storage)),
                *("--cache-size", self._cache, "--log-level", "WARNING"),
                # The search index resumes from the oplog; a day of it spares a scan.
                *("--oplog-retention-seconds", "86400"),
                *("--oplog-max-entries", "500000"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent,
        )
        self._follower = threading.Thread(target=self._follow, args=(server,), daemon=True)
        self._follower.start()
        record = {"keeper": os.getpid(), "server": server.pid, "port": self._port}
        draft = self._data_dir / "mongodb.json.new"
        draft.write_text(json.dumps(record))
        draft.replace(self._data_dir / "mongodb.json")
        return server

    def _end_leftover(self) -> None:
        """End a server whose keeper was killed where the system did not do it for us."""
        try:
            left = _recorded(self._data_dir)["server"]
            command = Path(f"/proc/{left}/cmdline").read_bytes()
        except (OSError, KeyError):
            return
        if str(self._data_dir / "mongodb").encode() in command:
            os.kill(left, signal.SIGTERM)
            deadline = time.monotonic() + 5
            while Path(f"/proc/{left}").exists() and time.monotonic() < deadline:
                time.sleep(0.05)

    def _end(self, server: subprocess.Popen[bytes]) -> None:
        self._terminate(server)
        # The folder may have been removed, and another of its name have another keeper by now.
        if _recorded(self._data_dir).get("keeper") == os.getpid():
            (self._data_dir / "mongodb.json").unlink(missing_ok=True)

    def _terminate(self, server: subprocess.Popen[bytes]) -> None:
        server.terminate()
        deadline = time.monotonic() + 3
        while server.poll() is None and time.monotonic() < deadline:
            # Its listening thread wakes for a connection alone; unwoken it takes 2 s to end.
            _answers(self._port)
            time.sleep(0.05)
        if server.poll() is None:
            server.kill()
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _say(line: str) -> None:
    with suppress(OSError):  # the disk may be full
        print(time.strftime("%Y-%m-%d %H:%M:%S"), line, flush=True)  # noqa: T201 - this is its log


if __name__ == "__main__":
    _Keeper(Path(sys.argv[1]), sys.argv[2]).run()
