"""Pages taken out of WARC files, in place: every other record stays where it is, byte for byte.

The records of a page (its request, what is known of it, its answer) are overwritten by gzip members of
the very same length, each of which holds one ``metadata`` record without an address that says when
something was removed here. So the files go on being read by everybody, and the places that articles and
replays have noted stay true, also in a file that is being written. The padding is zeros, which are
given back to the disk where its file system can do that.

What is about to be overwritten is written down first. Who is killed in the middle leaves a list from
which the next goes on, so that no file stays half overwritten.
"""

import ctypes
import fcntl
import json
import os
import struct
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import UUID, uuid5

import attrs
from fastwarc.warc import ArchiveIterator, WarcRecordType

from newsbot.fetching.captures import METADATA_TYPE, REMOVED_TYPE, read_provenance
from newsbot.fetching.raw_files import OPEN, folder_of, whole_bytes

_LIST, _LOCK = "erasing.json", "erasing.lock"
_MEMBER = b"\x1f\x8b\x08"
# Bytes of a stored block of deflate, and of what stands before it (RFC 1951, 3.2.4).
_BLOCK, _BLOCK_HEAD = 65_535, 5
_GZIP_HEAD, _GZIP_TAIL = 10, 8
# The smallest member that a tombstone fits into.
SMALLEST = 320
_NAMES = UUID("6f0c2a3e-6f1f-4b43-9d55-2c0f7ad9a9a1")
_PUNCH = 0x01 | 0x02  # FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, fallocate(2)


@attrs.frozen(kw_only=True)
class Held:
    """A page as it stands in a file: its records from ``start`` to ``end``, the answer from ``answer`` on.

    ``urls`` are the addresses that its records give: the page's own, and the link's that led to it.
    """

    file: str
    start: int
    answer: int
    end: int
    urls: tuple[str, ...] = ()
    source: str = ""
    at: datetime | None = None


@attrs.frozen
class Unread:
    """Part of a file that could not be looked through."""

    file: str
    offset: int
    why: str

    def __str__(self) -> str:
        """Return this as a sentence."""
        return f"{self.file}, from byte {self.offset} on: {self.why}"


class BusyError(Exception):
    """Another process is erasing pages."""


def files_of(data_dir: Path) -> list[Path]:
    """Return all WARC files of ours, those that are being written among them, oldest first."""
    found = folder_of(data_dir).glob("*/newsbot-*.warc.gz*")
    ours = (path for path in found if path.name.endswith((".warc.gz", OPEN)))
    return sorted(ours, key=lambda path: path.name)


def pages_in(path: Path, tell: Callable[[Unread], None] = lambda _: None) -> Iterator[Held]:
    """Yield the pages that a file holds, in their order; those that were removed are none.

    ``tell`` is told of what could not be read; reading goes on at the next record that can be.
    """
    at: int | None = 0
    with path.open("rb") as file:
        while at is not None:
            file.seek(at)
            begun = at
            groups = _Groups(path.name.removesuffix(OPEN))
            try:
                for record in ArchiveIterator(file, parse_http=False, max_header_len=256 << 10):
                    at = record.stream_pos
                    yield from groups.take(record)
                yield from groups.end(whole_bytes(file, at))
                return
            except (OSError, ValueError) as error:
                tell(Unread(path.name, at, str(error)[:200]))
                yield from groups.end(at)
                at = _next_member(file, max(at, begun) + 1)


class _Groups:
    """Puts the records of a page together: they stand one after the other, the answer last."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._of = ""
        self._start = self._answer = 0
        self._urls: dict[str, None] = {}
        self._source = ""
        self._at: datetime | None = None

    def take(self, record: object) -> Iterator[Held]:
        headers = record.headers  # type: ignore[attr-defined]
        place: int = record.stream_pos  # type: ignore[attr-defined]
        kind = record.record_type  # type: ignore[attr-defined]
        belongs = headers.get("WARC-Concurrent-To") or headers.get("WARC-Record-ID") or ""
        if belongs != self._of:
            yield from self.end(place)
        stated = headers.get("Content-Type") or ""
        if kind == WarcRecordType.warcinfo or stated == REMOVED_TYPE:
            return
        if not self._of:
            self._of, self._start, self._answer = belongs, place, place
        if headers.get("WARC-Record-ID") == belongs:
            self._answer = place
        self._at = record.record_date or self._at  # type: ignore[attr-defined]
        url = (headers.get("WARC-Target-URI") or "").strip("<> ")
        if url:
            self._urls[url] = None
        if stated == METADATA_TYPE:
            provenance = read_provenance(record.reader.read())  # type: ignore[attr-defined]
            if provenance is not None:
                self._source = provenance.source
                if provenance.link:
                    self._urls[provenance.link] = None

    def end(self, place: int) -> Iterator[Held]:
        """Yield the page that ends here, if one does, and begin anew."""
        if self._of:
            yield Held(
                file=self._file,
                start=self._start,
                answer=self._answer,
                end=place,
                urls=tuple(self._urls),
                source=self._source,
                at=self._at and self._at.astimezone(UTC),
            )
        self._of, self._urls, self._source, self._at = "", {}, "", None


def _next_member(file: IO[bytes], after: int) -> int | None:
    """Return where the next record that can be read begins."""
    at, before = after, b""
    file.seek(after)
    while block := file.read(1 << 20):
        data = before + block
        place = data.find(_MEMBER)
        while place >= 0:
            found = at - len(before) + place
            with suppress(OSError, ValueError, StopIteration):
                file.seek(found)
                next(iter(ArchiveIterator(file, parse_http=False)))
                return found
            place = data.find(_MEMBER, place + 1)
        at += len(block)
        file.seek(at)
        before = data[-2:]
    return None


# Overwriting


@contextmanager
def eraser(data_dir: Path) -> Iterator["Eraser"]:
    """Be the one who erases pages of a data folder; what another left half done is done first.

    Raises:
        BusyError: when another process is at it.
    """
    root = folder_of(data_dir)
    root.mkdir(parents=True, exist_ok=True)
    with (root / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                "pages are being removed from the WARC files by another process"
            ) from None
        made = Eraser(data_dir)
        made.go_on()
        yield made


class Eraser:
    """Overwrites pages in the WARC files of a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._list = folder_of(data_dir) / _LIST

    def go_on(self) -> None:
        """Carry through what was written down and not done."""
        try:
            noted = json.loads(self._list.read_text())
        except (OSError, ValueError):  # none, or it was not written whole: nothing was done then
            return
        self._overwrite(noted["file"], noted["places"], noted["at"])
        self._list.unlink(missing_ok=True)

    def erase(self, path: Path, pages: Iterable[Held], now: datetime) -> int:
        """Overwrite these pages of a file; returns how many bytes. They are gone when this returns."""
        places = [place for page in pages for place in _places(page)]
        if not places:
            return 0
        at = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        name = path.name.removesuffix(OPEN)
        draft = self._list.with_name(_LIST + ".new")
        with draft.open("w") as file:
            json.dump({"file": name, "places": places, "at": at}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._list)
        _sync_folder(self._list.parent)
        self._overwrite(name, places, at)
        self._list.unlink()
        return sum(length for _, length in places)

    def _overwrite(self, name: str, places: list[tuple[int, int]], at: str) -> None:
        folder = folder_of(self._data_dir)
        paths = [*folder.glob(f"*/{name}"), *folder.glob(f"*/{name}{OPEN}")]
        if not paths:
            return  # the file is gone, and with it what was to be erased
        # Not truncated, and never past its end: its writer may be appending.
        with paths[0].open("r+b", buffering=0) as file:
            for offset, length in places:
                member, zeros = tombstone(f"{name} {offset}", length, at)
                written = 0
                while written < length:
                    written += os.pwrite(file.fileno(), member[written:], offset + written)
                for start, size in zeros:
                    _give_back(file.fileno(), offset + start, size)
            os.fsync(file.fileno())


def _places(page: Held) -> list[tuple[int, int]]:
    """Return what of a page is overwritten by a member of its own: offset and length of each."""
    before, answer = page.answer - page.start, page.end - page.answer
    if before >= SMALLEST and answer >= SMALLEST:
        return [(page.start, before), (page.answer, answer)]
    return [(page.start, before + answer)]


def tombstone(name: str, length: int, at: str) -> tuple[bytes, list[tuple[int, int]]]:
    """Return a gzip member of exactly this length that says that something was removed at a moment.

    With it come the ranges of it that are zeros, as start and size. ``name`` decides its record's id.

    Raises:
        ValueError: when the length is below ``SMALLEST``.
    """
    if length < SMALLEST:
        raise ValueError(f"no tombstone has {length} bytes")
    # Stored, not packed: any length can be met, for a block may be as short as it likes.
    inside = length - _GZIP_HEAD - _GZIP_TAIL
    blocks = -(-inside // (_BLOCK + _BLOCK_HEAD))
    size = inside - blocks * _BLOCK_HEAD
    head = (
        "WARC/1.1\r\nWARC-Type: metadata\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid5(_NAMES, name)}>\r\n"
        f"WARC-Date: {at}\r\nContent-Type: {REMOVED_TYPE}\r\n"
    )
    rest = size - len(head) - len("Content-Length: 0000000000\r\n\r\n") - 4
    record = f"{head}Content-Length: {rest:010}\r\n\r\n".encode() + bytes(rest) + b"\r\n\r\n"
    out = bytearray(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")
    zeros = []
    # Of the record; what ends it may be parted by the edge of a block.
    rest_end = len(record) - 4
    for number in range(blocks):
        part = record[number * _BLOCK : (number + 1) * _BLOCK]
        last = number == blocks - 1
        out += struct.pack("<BHH", last, len(part), len(part) ^ 0xFFFF)
        begins = max(0, rest_end - rest - number * _BLOCK)
        ends = min(len(part), rest_end - number * _BLOCK)
        if begins < ends:
            zeros.append((len(out) + begins, ends - begins))
        out += part
    out += struct.pack("<II", zlib.crc32(record), len(record) & 0xFFFFFFFF)
    return bytes(out), zeros


def _give_back(descriptor: int, offset: int, size: int) -> None:
    """Have zeros take no room on the disk, where its file system knows holes. They read the same."""
    if sys.platform != "linux" or size < 8_192:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    with suppress(AttributeError):
        libc.fallocate(descriptor, _PUNCH, ctypes.c_int64(offset), ctypes.c_int64(size))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
