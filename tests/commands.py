"""Runs commands of newsbot in processes that have loaded it already.

Hundreds of commands are run by the tests, and a process of Python needs half a second before it begins
with any. So one process loads what the commands need and waits; for each command it forks, and the
child runs ``python -m newsbot.cli`` with the environment, folder and files that the command was given:
a process of its own with its own end, as a user's is. What a command loads, and how soon it begins, is
tested with commands that are started from nothing (``test_cli_loading.py``).
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_LENGTH = 8


def _loaded() -> None:
    """Load whatever a command may need; no connection, thread or reactor is begun by that."""
    package = importlib.import_module("newsbot.cli")
    for module in pkgutil.iter_modules(package.__path__, "newsbot.cli."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in ("newsbot.spiders.news", "schedules.worker", "pymongo", "tantivy"):
        importlib.import_module(name)
    if "twisted.internet.reactor" in sys.modules or threading.active_count() != 1:
        raise RuntimeError("something begins a reactor or a thread when it is loaded")
    gc.freeze()


def _received(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def _serve(listening: socket.socket) -> None:
    """Fork for each command that is asked for; tell its id, and then how it ended."""
    running: dict[int, socket.socket] = {}
    woken, wakes = socket.socketpair()
    woken.setblocking(False)
    wakes.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)

    while True:
        ready, _, _ = select.select([listening, woken], [], [])
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                while woken.recv(4096):
                    pass
        for pid in list(running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                with running.pop(pid) as asked, contextlib.suppress(OSError):
                    asked.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        if listening not in ready:
            continue
        connection, _ = listening.accept()
        head, files, _, _ = socket.recv_fds(connection, _LENGTH, 3)
        if not head:
            return
        request = json.loads(_received(connection, int(head)))
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for each in (listening, woken, wakes, connection, *running.values()):
                each.close()
            _become(request, files)
            return
        for file in files:
            os.close(file)
        running[pid] = connection
        connection.sendall(f"{pid}\n".encode())


def _become(request: dict[str, Any], files: Sequence[int]) -> None:
    """Be the process of a command."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["newsbot", *request["words"]]
    sys.path[0] = request["folder"]
    runpy.run_module("newsbot.cli", run_name="__main__", alter_sys=True)


class Commands:
    """A process that is ready to become any command, for as long as the tests need it."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="newsbot-commands-")
        self._path = f"{self._folder}/socket"
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(self._path)
        listening.listen(64)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.commands", str(listening.fileno())],
            pass_fds=[listening.fileno()],
            cwd=Path(__file__).parents[1],
        )
        listening.close()

    def run(
        self,
        words: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path | None,
        timeout: float,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end.

        Raises:
            subprocess.TimeoutExpired: when it takes longer than this; it is killed then.
        """
        with (
            tempfile.TemporaryFile("w+") as said,
            tempfile.TemporaryFile("w+") as complained,
            Path(os.devnull).open() as nothing,
            socket.socket(socket.AF_UNIX) as connection,
        ):
            connection.connect(self._path)
            request = json.dumps(
                {
                    "words": list(words),
                    "environment": dict(environment),
                    "folder": str(folder or Path.cwd()),
                }
            ).encode()
            given = [each.fileno() for each in (nothing, said, complained)]
            socket.send_fds(connection, [f"{len(request):{_LENGTH}}".encode()], given)
            connection.sendall(request)
            with connection.makefile() as answers:
                pid = int(answers.readline())
                connection.settimeout(timeout)
                try:
                    code = int(answers.readline())
                except TimeoutError:
                    os.kill(pid, signal.SIGKILL)
                    raise subprocess.TimeoutExpired(["newsbot", *words], timeout) from None
            return subprocess.CompletedProcess(
                ["newsbot", *words], code, _whole(said), _whole(complained)
            )

    def close(self) -> None:
        """End the process that waits."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self._path)
        self._process.wait(timeout=30)


def _whole(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as listening:
        _loaded()
        _serve(listening)
