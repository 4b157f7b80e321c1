"""Rows as bytes, a chunk at a time, in each format.

What a chunk becomes depends on its rows alone. So the chunks of an export that was killed and went on
are byte for byte those of one that was not.
"""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from newsbot.export.cells import as_cell, settled
from newsbot.export.columns import Column, Kind, Row, Value

Name = Literal["jsonl", "csv", "parquet"]

# What a file's name says of its format, and whether it is packed with gzip.
ENDINGS: Mapping[str, tuple[Name, bool]] = {
    ".jsonl": ("jsonl", False),
    ".ndjson": ("jsonl", False),
    ".csv": ("csv", False),
    ".parquet": ("parquet", False),
    ".jsonl.gz": ("jsonl", True),
    ".ndjson.gz": ("jsonl", True),
    ".csv.gz": ("csv", True),
}

# Excel shows no more of a cell, and breaks a CSV file's longer ones over several (its own limit).
CELL = 32_767

# A row group of a Parquet file: as large as can be while it is one of many in memory.
_GROUP_BYTES = 16_000_000
_GROUP_ROWS = 50_000


# Columns whose values repeat, so that Parquet keeps each once; of others a dictionary costs memory only.
_REPEATED = frozenset(
    {
        *("source", "source_id", "publisher", "language", "section", "published_day"),
        *("published_precision", "published_from", "modified_from", "partial", "found_by"),
    }
)


# The system's allocator gives back what is freed; Arrow's own keeps 40 MB of it.
_POOL = pa.system_memory_pool()


class FormatError(Exception):
    """A file's name that tells no format, or a format that cannot be so; the text says what to do."""


def of_file(path: Path, form: str = "") -> tuple[Name, bool]:
    """Return a file's format and whether it is packed, by ``form`` or else by the file's ending.

    Raises:
        FormatError: where neither tells.
    """
    name = path.name.lower()
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if name.endswith(ending) and form in ("", ENDINGS[ending][0]):
            return ENDINGS[ending]
    packed = name.endswith(".gz")
    if packed and (form == "parquet" or name.endswith(".parquet.gz")):
        raise FormatError("a Parquet file is packed in itself; name one that ends in .parquet")
    if form == "jsonl":
        return "jsonl", packed
    if form == "csv":
        return "csv", packed
    if form == "parquet":
        return "parquet", False
    if form:
        raise FormatError(f"there is no format {form!r}; there are jsonl, csv and parquet")
    raise FormatError(
        f"what {path.name} is to be cannot be told by its name; let it end in one of "
        f"{', '.join(ENDINGS)}, or give --format"
    )


class Format(Protocol):
    """A format: how a file of it begins, goes on by a chunk of rows, and is put together."""

    def head(self) -> bytes:
        """Return what stands before the first row."""

    def chunk(self, rows: Sequence[Row]) -> bytes:
        """Return rows as they follow what stands there."""

    def finish(self, draft: Path, whole: Path) -> None:
        """Make the file of a draft that has all its chunks. May be repeated."""


def plain(value: Value) -> Any:
    """Return a value as JSON knows it: days and moments in ISO 8601, moments in UTC."""
    if isinstance(value, datetime):  # always with milliseconds, for readers guess by the first
        return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z"
    if isinstance(value, date):
        return value.isoformat()
    return value


class _Text:
    """A text format, packed or not: each chunk is a gzip member of its own."""

    def __init__(self, write: Callable[[Sequence[Row]], str], head: str, *, packed: bool) -> None:
        self._write = write
        self._head = head
        self._packed = packed

    def head(self) -> bytes:
        return self._bytes(self._head) if self._head else b""

    def chunk(self, rows: Sequence[Row]) -> bytes:
        return self._bytes(self._write(rows))

    def finish(self, draft: Path, whole: Path) -> None:
        if draft.exists():
            draft.replace(whole)

    def _bytes(self, text: str) -> bytes:
        # A half of a surrogate pair cannot be written; MongoDB keeps none, but a test's texts may.
        written = text.encode("utf8", "replace")
        return gzip.compress(written, 6, mtime=0) if self._packed else written


def _lines(rows: Sequence[Row]) -> str:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    return "".join(
        f"{encode({name: plain(value) for name, value in row.items()})}\n" for row in rows
    )


def _table(rows: Sequence[Row]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    for row in rows:
        writer.writerow(map(_cell, row.values()))
    return text.getvalue()


def _cell(value: Value) -> str:
    if isinstance(value, str):
        return as_cell(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return settled(json.dumps(value, ensure_ascii=False)) if value else ""
    return str(plain(value))


class _Parquet:
    """Parquet by way of a draft of Arrow streams, a chunk each, for a Parquet file cannot be resumed."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._schema = arrow_schema(columns)

    def head(self) -> bytes:
        return b""

    def chunk(self, rows: Sequence[Row]) -> bytes:
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_stream(sink, self._schema, options=options) as stream:
            stream.write_batch(batch(rows, self._schema))
        return bytes(sink.getvalue())

    def finish(self, draft: Path, whole: Path) -> None:
        if not draft.exists():
            return
        part = whole.with_name(whole.name + ".joining")
        with (
            draft.open("rb") as file,
            pq.ParquetWriter(
                part,
                self._schema,
                compression="zstd",
                version="2.6",
                use_dictionary=[name for name in self._schema.names if name in _REPEATED],
                memory_pool=_POOL,
            ) as writer,
        ):
            waiting: list[pa.RecordBatch] = []
            for each in _streamed(file):
                waiting.append(each)
                if _is_group(waiting):
                    writer.write_table(pa.Table.from_batches(waiting))
                    waiting = []
            if waiting:
                writer.write_table(pa.Table.from_batches(waiting))
        part.replace(whole)
        draft.unlink()


def _is_group(batches: Sequence[pa.RecordBatch]) -> bool:
    rows = sum(each.num_rows for each in batches)
    size: int = sum(each.nbytes for each in batches)
    return rows >= _GROUP_ROWS or size >= _GROUP_BYTES


def _streamed(file: BinaryIO) -> Iterator[pa.RecordBatch]:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    while file.tell() < size:
        with pa.ipc.open_stream(file, memory_pool=_POOL) as stream:
            yield from stream


_ARROW: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "flag": pa.bool_(),
    "number": pa.int32(),
    "day": pa.date32(),
    "moment": pa.timestamp("ms", tz="UTC"),
    "pictures": pa.list_(pa.struct([("url", pa.string()), ("caption", pa.string())])),
}


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the columns as Arrow knows them; each says what it means."""
    return pa.schema(
        [
            pa.field(column.name, _ARROW[column.kind], metadata={"meaning": column.meaning})
            for column in columns
        ]
    )


def batch(rows: Sequence[Row], schema: pa.Schema) -> pa.RecordBatch:
    """Return rows as Arrow knows them."""
    arrays = [pa.array([row[field.name] for row in rows], type=field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def make(name: Name, columns: Sequence[Column], *, packed: bool, bom: bool) -> Format:
    """Return a format for these columns; ``bom``: CSV begins with a byte order mark."""
    if name == "parquet":
        return _Parquet(columns)
    if name == "jsonl":
        return _Text(_lines, "", packed=packed)
    head = ("\ufeff" if bom else "") + ",".join(column.name for column in columns) + "\r\n"
    return _Text(_table, head, packed=packed)
