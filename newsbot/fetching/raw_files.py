"""The WARC files of one process: named, filled, closed when large or when the day ends, given up when old.

A file that is being written ends in ``.open`` and is locked by its writer, so that two never write one.
Each page is appended by a single write: a process that is killed leaves whole records and at most one
torn tail, which the next writer on this folder cuts off before it closes the file.
"""

import fcntl
import json
import os
import platform
import re
import shutil
import zlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import IO
from uuid import uuid4

from fastwarc.warc import ArchiveIterator

from newsbot.fetching.captures import (
    REMOVED_TYPE,
    Capture,
    Earlier,
    info_record,
    page_records,
    record_id,
)
from newsbot.items import Raw

OPEN = ".open"
# Names the files that are kept because of legal holds.
_KEPT = "held.json"
# Addresses whose last payload is known, so that the same one is not written again.
REMEMBERED = 20_000
# Bytes that a page can not take from the disk: MongoDB stands on the same, and an archive that cannot
# be written is worse than a page that is not kept as it came.
SPARE = 2_000_000_000
_CHECK_SPACE_EVERY = 32_000_000

_NAME = re.compile(r"newsbot-(\d{4})(\d{2})(\d{2})\d{6}-\d{5}-[\w.-]+\.warc\.gz")


class RawNotKeptError(Exception):
    """A page that was not kept as it came, or is not any more; the text says why."""


class NoRoomError(OSError):
    """The disk has no room for raw pages; the text says how much there is."""


def folder_of(data_dir: Path) -> Path:
    """Return where the WARC files of a data folder stand."""
    return data_dir / "warc"


def path_of(data_dir: Path, name: str) -> Path | None:
    """Return the path of a WARC file of ours by its name, closed or still open; None if it is gone."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    path = folder_of(data_dir) / f"{found[1]}-{found[2]}-{found[3]}" / name
    return next((each for each in (path, path.with_name(name + OPEN)) if each.exists()), None)


def named_here(data_dir: Path, name: str) -> Path | None:
    """Return where a WARC file of this name, closed or open, has its place; None: it is no name of ours."""
    found = _NAME.fullmatch(name.removesuffix(OPEN))
    return folder_of(data_dir) / f"{found[1]}-{found[2]}-{found[3]}" / name if found else None


def closed_files(data_dir: Path) -> list[Path]:
    """Return the closed WARC files of ours, oldest first."""
    found = folder_of(data_dir).glob("*/newsbot-*.warc.gz")
    return sorted((each for each in found if _NAME.fullmatch(each.name)), key=lambda p: p.name)


def keep_files(data_dir: Path, names: Collection[str] | None) -> None:
    """Have these WARC files kept whatever room they take; None: all of them."""
    path = folder_of(data_dir) / _KEPT
    if names is not None and not names:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(_KEPT + ".new")
    draft.write_text(json.dumps({"all": names is None, "files": sorted(names or ())}))
    draft.replace(path)


def is_kept(data_dir: Path) -> Callable[[str], bool]:
    """Return what says of a WARC file's name whether the file may not be removed."""
    try:
        kept = json.loads((folder_of(data_dir) / _KEPT).read_text())
    except FileNotFoundError:
        return lambda _name: False
    except (OSError, ValueError):
        return lambda _name: True  # who cannot read what is held lets nothing go
    files = frozenset(kept["files"])
    return lambda name: kept["all"] or name in files


def raw_block(data_dir: Path, place: Raw) -> bytes:
    """Return a page as it came: what its record holds.

    Raises:
        RawNotKeptError: when the file is gone, or is none of this data folder's.
    """
    path = path_of(data_dir, place.file)
    if path is None:
        raise RawNotKeptError(
            f"the page stands in {place.file} at byte {place.offset}; that file is not under "
            f"{folder_of(data_dir)} (any more)"
        )
    with path.open("rb") as file:
        file.seek(place.offset)
        try:
            record = next(iter(ArchiveIterator(file, parse_http=False)))
            if record.headers.get("Content-Type") == REMOVED_TYPE:
                raise RawNotKeptError(
                    f"the page was removed from {path} on {record.record_date:%Y-%m-%d}"
                )
            block: bytes = record.reader.read()
        except (OSError, StopIteration):
            raise RawNotKeptError(f"{path} has no record at byte {place.offset}") from None
    return block


class RawFiles:
    """Appends pages to WARC files. Of one thread; makes no file before the first page."""

    def __init__(
        self,
        data_dir: Path,
        *,
        user_agent: str,
        file_bytes: int,
        keep_bytes: int,
        keep_days: float,
        spare: int = SPARE,
    ) -> None:
        self._data_dir = data_dir
        self._user_agent = user_agent
        self._file_bytes = file_bytes
        self._keep_bytes = keep_bytes
        self._keep_days = keep_days
        self._spare = spare
        host = re.sub(r"[^\w.-]", "-", platform.node()) or "host"
        self._writer = f"{host}-{os.getpid()}-{uuid4().hex[:6]}"
        self._number = 0
        self._file: IO[bytes] | None = None
        self._path = Path()
        self._day = date.min
        self._size = 0
        self._unchecked = _CHECK_SPACE_EVERY
        self._last: OrderedDict[str, tuple[Earlier, Raw]] = OrderedDict()

    def write(self, capture: Capture) -> Raw:
        """Append a page; returns where its payload stands.

        Raises:
            NoRoomError: when the disk is nearly full; nothing was written.
            OSError: when it cannot be written; the file is as it was before.
        """
        file = self._ready(capture.at.date())
        response, there = record_id(), self._last.get(capture.url)
        digest = "" if capture.rendered else capture.payload_digest
        earlier = there[0] if there and there[0].digest == digest else None
        records = page_records(capture, response, earlier)
        start = self._size
        self._append(file, b"".join(records))
        if earlier and there:
            self._last.move_to_end(capture.url)
            return there[1]
        raw = Raw(file=self._name, offset=start + sum(map(len, records[:-1])))
        if not capture.rendered:
            self._last[capture.url] = (Earlier(response, capture.at, digest), raw)
            self._last.move_to_end(capture.url)
            if len(self._last) > REMEMBERED:
                self._last.popitem(last=False)
        return raw

    def close_if_over(self, now: datetime) -> None:
        """Close the file of a day that is over."""
        if self._file is not None and now.date() != self._day:
            self.close()

    def close(self) -> None:
        """Close the file that is open, under its final name."""
        if self._file is not None:
            file, self._file = self._file, None
            self._path.replace(self._path.with_name(self._name))  # while it is locked
            file.close()

    @property
    def _name(self) -> str:
        return self._path.name.removesuffix(OPEN)

    def _ready(self, day: date) -> IO[bytes]:
        if self._file is not None and (day > self._day or self._size >= self._file_bytes):
            self.close()
        if self._unchecked >= _CHECK_SPACE_EVERY:
            self._check_space()
        if self._file is None:
            self._prune()
            self._file = self._begin(day)
        return self._file

    def _begin(self, day: date) -> IO[bytes]:
        now = datetime.now(UTC)
        self._number += 1
        self._day = day
        folder = folder_of(self._data_dir) / f"{day:%Y-%m-%d}"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"newsbot-{day:%Y%m%d}{now:%H%M%S}-{self._number:05}-{self._writer}.warc.gz"
        self._path = folder / (name + OPEN)
        # Locked before it has its name: nobody may take it for a file that was left behind.
        unnamed = folder / f".{name}"
        file = unnamed.open("xb", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX)
        unnamed.replace(self._path)
        self._size = 0
        info = info_record(
            name, now, software=f"newsbot/{version('newsbot')}", user_agent=self._user_agent
        )
        try:
            self._append(file, info)
        except OSError:
            file.close()
            self._path.unlink(missing_ok=True)
            raise
        return file

    def _append(self, file: IO[bytes], data: bytes) -> None:
        try:
            written = 0
            while written < len(data):
                written += file.write(data[written:]) or 0
        except OSError:
            os.ftruncate(file.fileno(), self._size)
            file.seek(self._size)
            self._unchecked = _CHECK_SPACE_EVERY
            raise
        self._size += len(data)
        self._unchecked += len(data)

    def _check_space(self) -> None:
        folder = self._data_dir
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < self._spare:
            raise NoRoomError(f"the disk of {folder} has {free / 1e9:.1f} GB left")
        self._unchecked = 0

    def _prune(self) -> None:
        """Remove the oldest files that are past their time, or too many."""
        oldest = (
            f"{datetime.now(UTC) - timedelta(days=self._keep_days):%Y%m%d%H%M%S}"
            if self._keep_days
            else ""
        )
        files = closed_files(self._data_dir)
        sizes = {path: path.stat().st_size for path in files}
        total = sum(sizes.values())
        held = is_kept(self._data_dir)
        for path in files:
            if held(path.name):
                continue
            too_old = path.name.split("-")[1] < oldest
            if not too_old and not (self._keep_bytes and total > self._keep_bytes):
                break
            path.unlink(missing_ok=True)
            total -= sizes[path]


def mend(data_dir: Path) -> list[str]:
    """Close the files that killed processes left open, without their torn tails.

    Returns a sentence for each that had one.
    """
    said = []
    for path in sorted(folder_of(data_dir).glob(f"*/newsbot-*{OPEN}")):
        try:
            file = path.open("r+b")
        except OSError:  # another process closed it just now
            continue
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue  # its writer lives
            if not path.exists():
                continue
            size, whole = path.stat().st_size, whole_bytes(file)
            if whole < size:
                file.truncate(whole)
                said.append(f"{path.name}: cut {size - whole} bytes of a record that was torn")
            if whole:
                path.replace(path.with_name(path.name.removesuffix(OPEN)))
            else:
                path.unlink()
    return said


def whole_bytes(file: IO[bytes], start: int = 0) -> int:
    """Return the offset at which the last whole gzip member ends, from the member at ``start``."""
    file.seek(start)
    whole = at = start
    unpacker = zlib.decompressobj(31)
    for block in _blocks(file):
        data = block
        while data:
            try:
                rest = unpacker.decompress(data, 1 << 20)
                while rest and unpacker.unconsumed_tail and not unpacker.eof:
                    rest = unpacker.decompress(unpacker.unconsumed_tail, 1 << 20)
            except zlib.error:
                return whole
            if not unpacker.eof:
                at += len(data)
                break
            at += len(data) - len(unpacker.unused_data)
            whole, data, unpacker = at, unpacker.unused_data, zlib.decompressobj(31)
    return whole


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(1 << 20):
        yield block
