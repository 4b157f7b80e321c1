"""How the parts of `newsbot up` fare: written down by the service, read by whoever asks.

The service holds a lock in the data folder for as long as it lives, so that what a killed one left
written is not taken for true.
"""

import contextlib
import fcntl
import json
import multiprocessing
import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import connection
from pathlib import Path

import attrs

_LOCK, _FILE = "service.lock", "service.json"


class TakenError(Exception):
    """Another service works on the data folder."""


@attrs.frozen(kw_only=True)
class Part:
    """A part: its process id, how often it died of late, and whether it waits to be started again."""

    name: str
    pid: int
    deaths: int
    waiting: bool


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Be the one service of a data folder.

    Raises:
        TakenError: when there is one.
        OSError: when the folder cannot be written.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / _LOCK).open("a") as lock:
        for patience in range(9, -1, -1):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not patience:
                    raise TakenError(str(data_dir)) from None
                time.sleep(0.02)  # it may be somebody who only asks, below
        yield
        (data_dir / _FILE).unlink(missing_ok=True)


def note(data_dir: Path, parts: Iterable[Part]) -> None:
    """Write down how the parts fare."""
    draft = data_dir / f"{_FILE}.new"
    draft.write_text(json.dumps([attrs.asdict(part) for part in parts]))
    draft.replace(data_dir / _FILE)


def running(data_dir: Path) -> list[Part] | None:
    """Return the parts of the service that works on this folder; None where there is none."""
    try:
        with (data_dir / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    except OSError:
        return None
    else:
        return None
    try:
        return [Part(**each) for each in json.loads((data_dir / _FILE).read_text())]
    except (OSError, ValueError, TypeError):
        return []  # it is only just starting


def end_with_parent() -> None:
    """End this process when its parent does, however that ends."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        with contextlib.suppress(OSError):
            connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
