"""From the records of a WARC file to pages: what can be an article, as it came.

Files of newsbot's own and of others, ``.warc``, ``.warc.gz`` and ``.warc.zst``. A damaged record is
told and passed over: reading goes on at the next that can be found.
"""

import re
from collections import Counter, OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import attrs
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from newsbot.fetching.captures import METADATA_TYPE, Provenance, read_provenance
from newsbot.fetching.raw_files import OPEN, whole_bytes
from newsbot.items import Raw
from newsbot.replay.decoding import TooLargeError, unpack
from newsbot.replay.wanted import Wanted
from newsbot.spiders.making import stated_charset
from newsbot.text.urls import is_web_url

_TYPES = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.metadata
# How a record may begin that can be found again: a gzip member, a frame of Zstandard, a line.
_BEGINNINGS = re.compile(rb"\x1f\x8b\x08|\x28\xb5\x2f\xfd|(?<=\r\n\r\n)WARC/1\.")
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", ""})
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?!\?xml|rss|feed)", re.IGNORECASE)
# Metadata records whose page has not come yet; it comes next.
_AHEAD = 64
_MOST_HEADERS = 256 << 10
# Records after which whoever reads is told how far it is, page or no page.
_BREATH = 200


class UnreadableFileError(Exception):
    """A file that cannot be replayed; the text says why."""


@attrs.frozen(kw_only=True)
class Page:
    """A page out of a WARC file. ``at`` is when it was fetched, in UTC, to the millisecond.

    ``provenance`` is None in a file that is not newsbot's own.
    """

    url: str
    body: bytes
    charset: str
    at: datetime
    raw: Raw
    provenance: Provenance | None = None


class _PassedOverError(Exception):
    """A record that holds no page that is wanted; the text is the cause, as it is counted."""


class _DamagedError(Exception):
    """A record that cannot be read; the text says why."""


@attrs.frozen
class Damage:
    """Part of a file that could not be read: where it begins, and what is wrong."""

    file: str
    offset: int
    why: str

    def __str__(self) -> str:
        """Return this as a sentence."""
        return f"{self.file}, from byte {self.offset}: {self.why}"


class Reader:
    """Reads one file, from a record at ``start`` on. ``at`` is how far it is, in bytes."""

    def __init__(
        self, path: Path, wanted: Wanted, tally: Counter[str], *, most: int, start: int = 0
    ) -> None:
        self._path = path
        self._wanted = wanted
        self._tally = tally
        self._most = most
        self._start = start
        self._ahead: OrderedDict[str, Provenance] = OrderedDict()
        self.at = start
        self.damage: list[Damage] = []

    @property
    def name(self) -> str:
        """The file's name, as articles keep it."""
        return self._path.name.removesuffix(OPEN)

    def pages(self) -> Iterator[Page | None]:
        """Yield the pages that are wanted, in their order, and None now and then where there are none.

        Raises:
            UnreadableFileError: when this is no WARC file, or cannot be read.
        """
        with _opened(self._path) as file:
            at: int | None = self._start
            read = False
            while at is not None:
                file.seek(at)
                self.at = at
                try:
                    for page in self._pages(file):
                        read = True
                        yield page
                    self._tell_torn_tail(file)
                    return
                except (OSError, ValueError) as error:
                    read = read or self.at > at
                    if not read and at == self._start:
                        at = self._elsewhere(file)
                        read = at is not None
                        continue
                    after = max(self.at, at) + 1
                    at = _next_record(file, after)
                    self._note(after - 1, f"damaged ({error}); " + _resumed(at))

    def _elsewhere(self, file: IO[bytes]) -> int | None:
        """Return where to begin in a file that does not begin with a record."""
        if self._start:  # it was packed as a whole: only its beginning can be found
            self._start = 0
            return 0
        at = _next_record(file, 1)
        if at is None:
            raise UnreadableFileError(f"{self._path} is no WARC file")
        self._note(0, "its beginning is damaged; " + _resumed(at))
        return at

    def _pages(self, file: IO[bytes]) -> Iterator[Page | None]:
        records = ArchiveIterator(
            file, record_types=_TYPES, parse_http=False, max_header_len=_MOST_HEADERS
        )
        for record in records:
            self.at = record.stream_pos
            if record.record_type == WarcRecordType.metadata:
                self._note_provenance(record)
                continue
            self._tally["records"] += 1
            if self._tally["records"] % _BREATH == 0:
                yield None
            try:
                page = self._page(record)
            except _PassedOverError as cause:
                self._tally[str(cause)] += 1
            except _DamagedError as why:
                self._note(record.stream_pos, str(why))
            else:
                yield page

    def _note_provenance(self, record: WarcRecord) -> None:
        about = record.headers.get("WARC-Concurrent-To")
        if about and record.headers.get("Content-Type") == METADATA_TYPE:
            provenance = read_provenance(record.reader.read())
            if provenance is not None:
                self._ahead[about] = provenance
                if len(self._ahead) > _AHEAD:
                    self._ahead.popitem(last=False)

    def _page(self, record: WarcRecord) -> Page:
        provenance = self._ahead.pop(record.headers.get("WARC-Record-ID") or "", None)
        url = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
        if not is_web_url(url):
            raise _PassedOverError("no_page")
        if not self._wanted.host(url):
            raise _PassedOverError("other_host")
        at: datetime | None = record.record_date
        if at is None:
            raise _DamagedError("its WARC-Date is no date")
        if not self._wanted.fetched(at):
            raise _PassedOverError("other_day")
        if record.record_type == WarcRecordType.response:
            content_type, transfer, content = _http(record)
        else:
            content_type, transfer, content = record.headers.get("Content-Type") or "", "", ""
        kind = content_type.partition(";")[0].strip().lower()
        if kind not in _PAGE_TYPES:
            raise _PassedOverError("no_page")
        body = self._body(record, transfer, content)
        if not kind and not _HTML.match(body):
            raise _PassedOverError("no_page")
        at = at.astimezone(UTC)
        return Page(
            url=url,
            body=body,
            charset=stated_charset(content_type),
            at=at.replace(microsecond=at.microsecond // 1000 * 1000),
            raw=Raw(file=self.name, offset=record.stream_pos),
            provenance=provenance,
        )

    def _body(self, record: WarcRecord, transfer: str, content: str) -> bytes:
        length = record.content_length
        if length > self._most:
            raise _PassedOverError("too_large")
        body: bytes = record.reader.read()
        if len(body) < length:
            raise _DamagedError(f"cut off: {len(body)} of {length} bytes are there")
        try:
            return unpack(body, transfer=transfer, content=content, most=self._most)
        except TooLargeError:
            raise _PassedOverError("too_large") from None
        except ValueError as error:
            raise _DamagedError(f"its body cannot be unpacked: {error}") from None

    def _note(self, offset: int, why: str) -> None:
        self._tally["damaged"] += 1
        self.damage.append(Damage(self.name, offset, why))

    def _tell_torn_tail(self, file: IO[bytes]) -> None:
        """Tell of a last record of which so little is there that it was none to be read."""
        size = self._path.stat().st_size
        file.seek(self.at)
        if file.read(2) == b"\x1f\x8b":
            whole = whole_bytes(file, self.at)
            if whole < size and not (self.damage and self.damage[-1].offset >= self.at):
                self._note(whole, f"cut off: the last {size - whole} bytes are no whole record")
        self.at = size


def _http(record: WarcRecord) -> tuple[str, str, str]:
    """Return Content-Type, Transfer-Encoding and Content-Encoding of an answer that succeeded."""
    record.parse_http(max_header_len=_MOST_HEADERS, strict_mode=False)
    if not record.is_http_parsed:
        raise _PassedOverError("no_page")
    headers = record.http_headers
    if headers.status_code is None:
        raise _DamagedError("its HTTP status line is none")
    if not 200 <= headers.status_code < 300:
        raise _PassedOverError("other_status")
    return (
        headers.get("Content-Type") or "",
        headers.get("Transfer-Encoding") or "",
        headers.get("Content-Encoding") or "",
    )


def _resumed(at: int | None) -> str:
    return "nothing after it could be read" if at is None else f"went on at byte {at}"


def _opened(path: Path) -> IO[bytes]:
    try:
        if path.is_dir():
            raise UnreadableFileError(f"{path} is a folder; name the WARC files in it: {path}/*.gz")
        file = path.open("rb")
        if not path.stat().st_size:
            file.close()
            raise UnreadableFileError(f"{path} is empty")
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read ({error.strerror})") from None
    return file


def _next_record(file: IO[bytes], after: int) -> int | None:
    """Return the offset of the next record that can be read, at ``after`` or later."""
    file.seek(after)
    at, before = after, b""
    while block := file.read(1 << 20):
        data = before + block
        for found in _BEGINNINGS.finditer(data):
            place = at - len(before) + found.start()
            if place >= after and _is_record(file, place):
                return place
        file.seek(at + len(block))
        at += len(block)
        before = data[-8:]
    return None


def _is_record(file: IO[bytes], place: int) -> bool:
    file.seek(place)
    try:
        next(iter(ArchiveIterator(file, parse_http=False)))
    except (OSError, ValueError, StopIteration):
        return False
    return True
