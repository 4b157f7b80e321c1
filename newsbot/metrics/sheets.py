"""The counts of all processes of one data folder, brought together.

Each process writes what it counts to a file of its own, its *sheet*, every few seconds, and holds a lock
beside it for as long as it lives. A sheet is named by the part and a number: the lowest that no living
process of that part has. These two are the labels ``part`` and ``process`` of its series, so a process that
takes the place of a dead one goes on with its series from zero, which Prometheus takes for a restart; and
there are never more series than processes at a time. The sheet of a dead process is not read, and is deleted.
"""

import fcntl
import os
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Metric,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

# When a series began stands in no series of its own: that doubles them for what few read.
disable_created_metrics()  # type: ignore[no-untyped-call]

# Seconds between two writings of a sheet.
EVERY = 5.0
_FOLDER = "metrics"
# Living processes of one part that have a sheet.
_MOST = 64


@contextmanager
def kept(data_dir: Path, part: str, registry: CollectorRegistry = REGISTRY) -> Iterator[None]:
    """Write what this process counts to its sheet until it ends; one that cannot be written harms nothing."""
    taken = _take(data_dir / _FOLDER, part)
    if taken is None:
        yield
        return
    path, lock = taken
    ended = threading.Event()

    def write() -> None:
        while True:
            with suppress(OSError):
                _write(path, generate_latest(registry))
            if ended.wait(EVERY):
                return

    writer = threading.Thread(target=write, daemon=True, name="metrics")
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join(0.2)
        with suppress(OSError):
            path.unlink(missing_ok=True)
        lock.close()


def _take(folder: Path, part: str) -> tuple[Path, IO[str]] | None:
    """Return the sheet that this process writes, and the lock that it holds; None where none can be had."""
    for number in range(1, _MOST + 1):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = (folder / f"{part}-{number}.lock").open("a")
        except OSError:
            return None
        if _locked(lock, patience=3):
            path = folder / f"{part}-{number}.prom"
            path.unlink(missing_ok=True)  # a dead process's
            return path, lock
        lock.close()
    return None


def _locked(lock: IO[str], *, patience: int = 0) -> bool:
    """Take a lock; False where a living process has it. Whoever only looks has it for a moment."""
    for left in range(patience, -1, -1):
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if left:
            time.sleep(0.01)
    return False


def _write(path: Path, text: bytes) -> None:
    draft = path.with_suffix(f".{os.getpid()}.new")
    draft.write_bytes(text)
    draft.replace(path)


def living(data_dir: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the sheets of the processes that live: part, number, and what is written there."""
    for path in sorted((data_dir / _FOLDER).glob("*.prom")):
        part, _, number = path.stem.rpartition("-")
        with suppress(OSError), path.with_suffix(".lock").open("a") as lock:
            if _locked(lock):  # nobody has it
                path.unlink(missing_ok=True)
                continue
            yield part, number, path.read_text()


def families(data_dir: Path) -> list[Metric]:
    """Return all that the living processes count, with labels for part and process, and how many they are."""
    there = GaugeMetricFamily(
        "newsbot_processes", "Processes that write what they count, by part.", labels=["part"]
    )
    found: dict[str, Metric] = {}
    processes: Counter[str] = Counter()
    for part, number, text in living(data_dir):
        processes[part] += 1
        of = {"part": part, "process": number}
        with suppress(ValueError):  # no sheet of ours
            for family in text_string_to_metric_families(text):
                into = found.setdefault(
                    family.name, Metric(family.name, family.documentation, family.type)
                )
                for sample in family.samples:
                    into.add_sample(sample.name, {**sample.labels, **of}, sample.value)
    for part, count in sorted(processes.items()):
        there.add_metric([part], count)
    return [*([there] if processes else []), *(found[name] for name in sorted(found))]


class Sheets:
    """A collector of what the living processes of a data folder count."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def collect(self) -> Iterable[Metric]:
        """Return it."""
        return families(self._data_dir)
