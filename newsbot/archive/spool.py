"""The spool: articles that wait on disk while MongoDB is away, and what was noted of their pages.

Each process that spools has a folder of its own under ``spool/`` in the data folder, and holds a lock
in it for as long as it lives; the files in it are filled and emptied in the order of their numbers. An
entry counts as kept when it is on disk (``fsync``). A file goes when all of it is acknowledged by
MongoDB; who dies in between leaves it to the next, and what is written twice is written once: ids are
derived. Bytes that a crash or a bad disk tore are moved to ``spool/torn``, entries that MongoDB itself
refused to ``spool/refused``: neither holds up what comes behind.
"""

import logging
import os
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC
from pathlib import Path
from typing import IO, ClassVar

import attrs
import bson

from newsbot.archive.connection import AWAY, Document
from newsbot.archive.pages import Visit
from newsbot.archive.records import from_document, to_document
from newsbot.archive.spool_folders import folders, hold, own_folder, remove_folder, sync_folder
from newsbot.archive.spool_records import Torn, Whole, frame, records
from newsbot.config import Config
from newsbot.items import Article
from newsbot.reading import Candidate, Fingerprint
from newsbot.revisits import RevisitPlan

# Bytes at which the next file is begun: so much is done again at most when MongoDB goes once more.
FILE_BYTES = 8_000_000
# Seconds between two tries to empty the spool.
AGAIN = 0.5
# Seconds between two requests of one crawl while articles are spooled: with an empty spool, and as much
# more with a full one.
PACE, PACE_MORE = 0.5, 9.5

_log = logging.getLogger(__name__)

TORN, REFUSED = "torn", "refused"


class SpoolError(Exception):
    """What cannot be spooled; the text says why and what to do. It does not count as kept."""


class SpoolFullError(SpoolError):
    """The spool has taken as many bytes as it may."""


class DiskFullError(SpoolError):
    """The disk of the data folder takes no more."""


@attrs.frozen
class Visits:
    """Visits whose outcome stands before them in the spool, and the plan of looks that they follow."""

    visits: tuple[Visit, ...]
    plan: RevisitPlan


Entry = Candidate | Visits


@attrs.frozen
class Emptied:
    """What came of entries: the verdict on each article by its id, and what MongoDB refused, with why."""

    verdicts: Mapping[str, str] = attrs.Factory(dict)
    refused: Sequence[tuple[Entry, str]] = ()


# Brings entries into the archive; raises one of ``AWAY`` where MongoDB is not there. ``damaged`` says that
# some of what stood among them is lost.
Sink = Callable[[Sequence[Entry], bool], Emptied]
# Is told what the archive made of an article.
Told = Callable[[str], None]


def encode(entry: Entry) -> bytes:
    """Return an entry as it stands in the spool."""
    if isinstance(entry, Visits):
        return b"V" + bson.encode(to_document(entry))
    return b"A" + bson.encode(to_document(entry))


def decode(payload: bytes) -> Entry:
    """Return the entry that was written, by this newsbot or one before it."""
    options: bson.CodecOptions[Document] = bson.CodecOptions(tz_aware=True, tzinfo=UTC)
    document = bson.decode(payload[1:], options)
    if payload[:1] == b"V":
        return from_document(Visits, document)
    article = from_document(Article, document["article"])
    try:
        return Candidate(article=article, prints=from_document(Fingerprint, document["prints"]))
    except Exception:  # noqa: BLE001 - an older newsbot's fingerprint is made anew
        return Candidate.of(article)


class Spool:
    """The spool of this process. Safe for threads; makes no folder before the first entry."""

    _made: ClassVar[dict[Path, "Spool"]] = {}
    _making = threading.Lock()

    def __init__(self, data_dir: Path, most: int) -> None:
        self._root = data_dir / "spool"
        self._most = most
        self._lock = threading.RLock()
        self._writer = ThreadPoolExecutor(1, "spool")
        self._queue: queue.SimpleQueue[tuple[Entry, Told | None, Future[None]]] = (
            queue.SimpleQueue()
        )
        self._under_way = 0
        self._folder: Path | None = None
        self._held: IO[str] | None = None
        self._file: IO[bytes] | None = None
        self._number = 0
        self._files: list[Path] = []
        self._bytes = 0
        self._told: dict[str, list[Told]] = {}
        self._sink: Sink | None = None
        self._emptying: threading.Thread | None = None

    @classmethod
    def of(cls, config: Config) -> "Spool":
        """Return this process's spool in the configured data folder."""
        with cls._making:
            folder = config.data_dir.absolute()
            if folder not in cls._made:
                cls._made[folder] = cls(folder, config.spool_bytes)
            return cls._made[folder]

    @property
    def active(self) -> bool:
        """Whether something waits: what comes then has to wait behind it."""
        return self._under_way > 0 or bool(self._files)

    @property
    def fill(self) -> float:
        """How full the spool is, from 0 to 1."""
        return min(1.0, self._bytes / self._most) if self._most else 1.0

    def pace(self) -> float:
        """Return the seconds that a crawl leaves between two requests; 0 while nothing is spooled."""
        return PACE + PACE_MORE * self.fill**2 if self.active else 0.0

    def empty_into(self, sink: Sink) -> None:
        """Have what waits brought into the archive in this way, as soon as MongoDB is there."""
        self._sink = sink

    # In

    def keep(self, entry: Entry, told: Told | None = None) -> "Future[None]":
        """Have an entry written. The future is done when it is on disk.

        It raises ``SpoolFullError`` or ``DiskFullError`` where it could not be kept. ``told`` is called, in
        a thread, with what the archive made of an article, if this process lives to see it.
        """
        future: Future[None] = Future()
        with self._lock:
            self._under_way += 1
        self._queue.put((entry, told, future))
        self._writer.submit(self._write)
        return future

    def _write(self) -> None:
        """Write what waits, all at once: the disk is asked once for many."""
        waiting = []
        while True:
            try:
                waiting.append(self._queue.get_nowait())
            except queue.Empty:
                break
        framed = [_framed(entry) for entry, _, _ in waiting]
        with self._lock:
            refusal = self._append(framed)
            for (entry, told, _), why in zip(waiting, refusal, strict=True):
                self._under_way -= 1
                if why is None and told is not None and isinstance(entry, Candidate):
                    self._told.setdefault(entry.article.id, []).append(told)
            self._empty_soon()
        for (_, _, future), why in zip(waiting, refusal, strict=True):
            if why is None:
                future.set_result(None)
            else:
                future.set_exception(why)

    def _append(self, framed: Sequence[bytes | SpoolError]) -> list[SpoolError | None]:
        """Write records to the disk; returns for each why it could not be, None where it was."""
        fitting: list[bytes] = []
        refusal: list[SpoolError | None] = []
        size = self._bytes
        for record in framed:
            if isinstance(record, SpoolError):
                refusal.append(record)
                continue
            if size + len(record) > self._most:
                refusal.append(self._full())
                continue
            size += len(record)
            refusal.append(None)
            fitting.append(record)
        if not fitting:
            return refusal
        try:
            self._append_to_file(b"".join(fitting))
        except OSError as error:
            why = DiskFullError(
                f"the spool in {self._root} cannot be written ({error.strerror or error}); make room "
                "on the disk"
            )
            return [each or why for each in refusal]
        self._bytes = size
        return refusal

    def _full(self) -> SpoolFullError:
        return SpoolFullError(
            f"the spool in {self._root} is full ({self._bytes / 1e6:,.0f} MB wait, spool_bytes allows "
            f"{self._most / 1e6:,.0f} MB): the crawl waits until MongoDB is back"
        )

    def _append_to_file(self, data: bytes) -> None:
        if self._file is None:
            self._begin()
        file = self._file
        assert file is not None
        before = file.seek(0, os.SEEK_END)
        try:
            written = 0
            while written < len(data):
                written += file.write(data[written:]) or 0
            os.fsync(file.fileno())
        except OSError:
            # What did not reach the disk was not acknowledged, and must not look as if it were.
            os.ftruncate(file.fileno(), before)
            raise
        if before + len(data) >= FILE_BYTES:
            self._seal()

    def _begin(self) -> None:
        if self._folder is None:
            self._folder, self._held = own_folder(self._root)
        self._number += 1
        path = self._folder / f"{self._number:08}.spool"
        self._file = path.open("xb", buffering=0)
        self._files.append(path)
        sync_folder(self._folder)

    def _seal(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    # Out

    def _empty_soon(self) -> None:
        if self._files and self._sink is not None and self._emptying is None:
            self._emptying = threading.Thread(target=self._empty, name="spool", daemon=True)
            self._emptying.start()

    def _empty(self) -> None:
        """Bring file after file into the archive, until nothing waits."""
        pause = threading.Event()
        while True:
            path = self._oldest()
            if path is None:
                return
            sink = self._sink
            assert sink is not None
            try:
                emptied = _empty_file(path, sink, self._root)
            except AWAY:
                pause.wait(AGAIN)
                continue
            except Exception as error:  # noqa: BLE001 - what waits has to stay, and be tried again
                _log.error("what waits in %s could not be stored: %s", path, error)
                pause.wait(10 * AGAIN)
                continue
            self._emptied(path, emptied)

    def _oldest(self) -> Path | None:
        with self._lock:
            if not self._files:
                self._emptying = None
                self._leave()
                return None
            if len(self._files) == 1:
                self._seal()
            return self._files[0]

    def _emptied(self, path: Path, emptied: Emptied) -> None:
        with self._lock:
            told = [
                (each, verdict)
                for article, verdict in emptied.verdicts.items()
                for each in self._told.pop(article, ())
            ]
        # Before the spool looks empty: who waits for that has been told by then.
        for tell, verdict in told:
            tell(verdict)
        with self._lock:
            self._bytes -= path.stat().st_size
            path.unlink()
            self._files.remove(path)

    def _leave(self) -> None:
        if self._folder is not None and self._held is not None:
            remove_folder(self._folder)
            self._held.close()
            self._folder = self._held = None
            self._number = 0


def take_over(data_dir: Path, sink: Sink) -> int:
    """Bring into the archive what processes that died have left in their spools, oldest first.

    Returns how many articles it were. May be called by any number of processes at once.

    Raises:
        AutoReconnect: or another of ``AWAY``, when MongoDB goes away; what is left stays.
    """
    count = 0
    root = data_dir / "spool"
    for folder in folders(root):
        held = hold(folder)
        if held is None:
            continue
        with held:
            for path in sorted(folder.glob("*.spool")):
                count += len(_empty_file(path, sink, root).verdicts)
                path.unlink()
            remove_folder(folder)
    return count


@attrs.frozen
class Standing:
    """What a data folder's spool holds.

    ``waiting`` counts the articles that wait, ``bytes`` what all entries take; ``left`` counts those of
    dead processes. ``torn`` and ``refused`` count the files that were set aside.
    """

    waiting: int
    bytes: int
    left: int
    torn: int
    refused: int


def standing(data_dir: Path) -> Standing:
    """Return what waits in the spool of a data folder."""
    root = data_dir / "spool"
    waiting = size = left = 0
    for folder in folders(root):
        mine = 0
        for path in sorted(folder.glob("*.spool")):
            try:
                data = path.read_bytes()
            except OSError:
                continue  # it was emptied just now
            size += len(data)
            mine += sum(isinstance(r, Whole) and r.payload[:1] == b"A" for r in records(data))
        waiting += mine
        held = hold(folder)
        if held is not None:
            held.close()
            left += mine
    aside = [sum(1 for _ in (root / kind).glob("*")) for kind in (TORN, REFUSED)]
    return Standing(waiting, size, left, *aside)


def _empty_file(path: Path, sink: Sink, root: Path) -> Emptied:
    """Bring one file's entries into the archive; set aside what is torn or refused."""
    entries: list[Entry] = []
    torn: list[Torn] = []
    for number, record in enumerate(records(path.read_bytes())):
        if isinstance(record, Torn):
            torn.append(record)
            continue
        try:
            entries.append(decode(record.payload))
        except Exception as error:  # noqa: BLE001 - it holds nothing else up
            aside = _set_aside(
                root / REFUSED, f"{path.parent.name}-{path.stem}-unread-{number}", record.payload
            )
            _log.warning(
                "a record of %s cannot be read (%s); it was moved to %s", path, error, aside
            )
    for each in torn:
        aside = _set_aside(root / TORN, f"{path.parent.name}-{path.stem}-{each.offset}", each.data)
        _log.warning(
            "%d bytes of %s at byte %d are no whole record (a crash, or the disk); they were moved to %s, "
            "what stands before and behind them is kept",
            *(len(each.data), path, each.offset, aside),
        )
    # A visit may stand in a later file than the article that it is of.
    damaged = any(
        next((root / kind).glob(f"{path.parent.name}-*"), None) for kind in (TORN, REFUSED)
    )
    emptied = sink(entries, damaged)
    for number, (entry, why) in enumerate(emptied.refused):
        aside = _set_aside(
            root / REFUSED, f"{path.parent.name}-{path.stem}-{number}", frame(encode(entry))
        )
        what = entry.article.url if isinstance(entry, Candidate) else "visits of pages"
        _log.warning("MongoDB refused %s (%s); it was moved to %s", what, why, aside)
    return emptied


def _framed(entry: Entry) -> bytes | SpoolError:
    try:
        return frame(encode(entry))
    except Exception as error:  # noqa: BLE001 - whatever cannot be written down is its sender's to know
        return SpoolError(f"it cannot be written down: {type(error).__name__}: {error}")


def _set_aside(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return path
