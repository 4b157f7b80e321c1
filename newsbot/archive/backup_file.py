"""A backup's file: frames in a gzip stream, each a letter and a BSON document.

::

    H  {format, made_at, database, schema, newsbot}            first
    C  {name, indexes}      a collection begins
    D  any document         one of its documents, byte for byte as the server has it
    E  {name, count, digest}
    F  {name, size}         a WARC file begins
    B  {data}               some of its bytes
    G  {name, size, sha256}
    Z  {collections, files}                                    last

A collection's digest is the sum, modulo 2 to the 256, of the SHA-256 of each of its documents: it is the
same in whatever order they come, so neither a backup nor its verification has to sort them.
"""

import gzip
import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import attrs
import bson
from bson.codec_options import CodecOptions
from bson.errors import BSONError

FORMAT = 1
# Packs articles to a third at the speed at which the embedded server reads them.
LEVEL = 2
_SIZE = struct.Struct("<i")
_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
# What MongoDB takes for a document, and what its own protocol adds.
_LARGEST = 17_000_000
_MODULUS = 1 << 256


class BackupError(Exception):
    """A backup that cannot be used; the text says why."""


@attrs.frozen(kw_only=True)
class Header:
    """When and of what a backup was made: the database's name, its schema's version, newsbot's."""

    made_at: datetime
    database: str
    schema: int
    newsbot: str


@attrs.frozen(kw_only=True)
class Sum:
    """How many documents a collection has, and their digest (64 hexadecimal digits)."""

    count: int = 0
    digest: str = "0" * 64


class Summing:
    """Counts documents and sums their digests up."""

    def __init__(self) -> None:
        self._count = self._sum = 0

    def add(self, document: bytes) -> None:
        """Take a document up, as BSON."""
        self._count += 1
        self._sum += int.from_bytes(hashlib.sha256(document).digest(), "big")

    @property
    def sum(self) -> Sum:
        """What there is so far."""
        return Sum(count=self._count, digest=f"{self._sum % _MODULUS:064x}")


def documents_in(batch: bytes) -> Iterator[bytes]:
    """Yield the documents of a batch as MongoDB sends it: one after the other."""
    at = 0
    while at < len(batch):
        (size,) = _SIZE.unpack_from(batch, at)
        yield batch[at : at + size]
        at += size


class Writer:
    """Writes frames to a file that is open for writing."""

    def __init__(self, file: IO[bytes], header: Header) -> None:
        self._packed = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=LEVEL, mtime=0)
        self._frame(b"H", {"format": FORMAT, **attrs.asdict(header)})
        self.collections: dict[str, Sum] = {}
        self.files = 0

    def collection(
        self, name: str, indexes: list[dict[str, Any]], documents: Iterable[bytes]
    ) -> Sum:
        """Write a collection: its indexes and its documents, as BSON."""
        self._frame(b"C", {"name": name, "indexes": indexes})
        summing = Summing()
        for document in documents:
            self._packed.write(b"D" + document)
            summing.add(document)
        self.collections[name] = summing.sum
        self._frame(b"E", {"name": name, **attrs.asdict(summing.sum)})
        return summing.sum

    def file(self, name: str, blocks: Iterable[bytes]) -> None:
        """Write a file in blocks of a few megabytes at most."""
        self._frame(b"F", {"name": name})
        digest, size = hashlib.sha256(), 0
        for block in blocks:
            self._frame(b"B", {"data": block})
            digest.update(block)
            size += len(block)
        self._frame(b"G", {"name": name, "size": size, "sha256": digest.hexdigest()})
        self.files += 1

    def close(self) -> None:
        """Write the last frame; a file without it is no backup."""
        sums = {name: attrs.asdict(each) for name, each in self.collections.items()}
        self._frame(b"Z", {"collections": sums, "files": self.files})
        self._packed.close()

    def _frame(self, kind: bytes, document: dict[str, Any]) -> None:
        self._packed.write(kind + bson.encode(document))


@attrs.frozen
class Frame:
    """One frame: its letter, and its document as BSON."""

    kind: str
    raw: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The document, decoded."""
        return bson.decode(self.raw, codec_options=_OPTIONS)


def frames(path: Path) -> Iterator[Frame]:
    """Yield the frames of a backup in their order; what they say is checked on the way.

    Raises:
        BackupError: when this is no backup, or a damaged one.
        OSError: when the file cannot be read.
    """
    try:
        with path.open("rb") as file, gzip.GzipFile(fileobj=file, mode="rb") as packed:
            yield from _Checking(path).all(packed)
    except (gzip.BadGzipFile, zlib.error, EOFError, BSONError, KeyError, struct.error) as error:
        raise BackupError(f"{path} is damaged, or no backup of newsbot ({error})") from None


class _Checking:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._summing: Summing | None = None
        self._digest, self._size = hashlib.sha256(), 0
        self._sums: dict[str, dict[str, Any]] = {}
        self._files = 0

    def all(self, packed: gzip.GzipFile) -> Iterator[Frame]:
        first = True
        while kind := packed.read(1):
            head = packed.read(4)
            size = _SIZE.unpack(head)[0] if len(head) == 4 else 0
            if not 5 <= size <= _LARGEST or kind not in b"HCDEFBGZ":
                raise self._broken("a frame is none")
            raw = head + packed.read(size - 4)
            if len(raw) != size:
                raise self._broken("it ends in the middle")
            frame = Frame(kind.decode(), raw)
            if first:
                self._head(frame)
            elif frame.kind == "H":
                raise self._broken("it begins twice")
            first = False
            self._check(frame)
            yield frame
            if frame.kind == "Z":
                if packed.read(1):
                    raise self._broken("something stands behind its end")
                return
        raise self._broken("it is empty" if first else "its end is missing")

    def _head(self, frame: Frame) -> None:
        if frame.kind != "H":
            raise self._broken("it does not begin as one")
        version = frame.document["format"]
        if version != FORMAT:
            raise BackupError(
                f"{self._path} is a backup of format {version}, and this newsbot reads {FORMAT}; "
                "use the newsbot that wrote it, or a newer one"
            )

    def _check(self, frame: Frame) -> None:
        if frame.kind == "D":
            if self._summing is None:
                raise self._broken("a document is of no collection")
            self._summing.add(frame.raw)
            return
        told = frame.document
        if frame.kind == "C":
            self._summing = Summing()
        elif frame.kind == "E":
            found = attrs.asdict(self._summing.sum) if self._summing else {}
            if found != {"count": told["count"], "digest": told["digest"]}:
                raise self._broken(
                    f"the documents of {told['name']} are not those that were written"
                )
            self._sums[told["name"]] = found
            self._summing = None
        elif frame.kind == "F":
            self._digest, self._size = hashlib.sha256(), 0
        elif frame.kind == "B":
            self._digest.update(told["data"])
            self._size += len(told["data"])
        elif frame.kind == "G":
            if (self._size, self._digest.hexdigest()) != (told["size"], told["sha256"]):
                raise self._broken(f"the bytes of {told['name']} are not those that were written")
            self._files += 1
        elif frame.kind == "Z" and (self._sums, self._files) != (
            told["collections"],
            told["files"],
        ):
            raise self._broken("parts of it are missing")

    def _broken(self, why: str) -> BackupError:
        return BackupError(f"{self._path} is damaged, or no backup of newsbot: {why}")
