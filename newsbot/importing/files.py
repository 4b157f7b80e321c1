"""A file's records, one by one, with where each stands: JSON Lines, CSV or Parquet.

What is wrong with a record is said in its place, and reading goes on with the next.
"""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

import attrs
import pyarrow as pa
import pyarrow.parquet as pq

from newsbot.export.cells import unguarded
from newsbot.export.columns import COLUMNS
from newsbot.export.formats import Name

# The longest line that is read, in bytes, and the longest cell, in characters.
LONGEST = 64_000_000
# Rows of a Parquet file that are read at a time.
_ROWS = 200

_KINDS = {column.name: column.kind for column in COLUMNS}


class UnreadableFileError(Exception):
    """A file that ends or breaks where it should not; the text says where and what that means."""


@attrs.frozen
class Found:
    """A record of a file: its number from 1, where it stands, and its fields, or what is wrong with it."""

    number: int
    place: str
    fields: Mapping[str, Any] | None
    wrong: str = ""


def records(path: Path, form: Name, *, packed: bool, skip: int = 0) -> Iterator[Found]:
    """Yield the records of a file but the first ``skip``.

    Raises:
        UnreadableFileError: when the rest of it cannot be read.
        OSError: when it is not there, or not allowed to be read.
    """
    try:
        if form == "parquet":
            yield from _parquet(path, skip)
            return
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            read = _lines if form == "jsonl" else _rows
            yield from read(cast("IO[bytes]", file), skip)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFileError(
            f"{path} is damaged or cut off ({error}); what stands before that was read"
        ) from None
    except UnicodeDecodeError:
        raise UnreadableFileError(
            f"{path} is not UTF-8; save it as UTF-8 (in Excel: CSV UTF-8) and import it again"
        ) from None
    except (pa.ArrowException, csv.Error) as error:
        raise UnreadableFileError(
            f"{path} cannot be read: {str(error).splitlines()[0]}; what stands before that was read"
        ) from None


def _lines(file: IO[bytes], skip: int) -> Iterator[Found]:
    number = 0
    while line := file.readline(LONGEST):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        whole = line.endswith(b"\n") or len(line) < LONGEST
        while not whole:
            rest = file.readline(LONGEST)
            whole = rest.endswith(b"\n") or not rest
            line = b"" if rest else line
        if number > skip and line.strip():
            yield _line(number, line)
        elif number > skip and not line:
            yield Found(number, f"line {number}", None, f"it is longer than {LONGEST} bytes")


def _line(number: int, line: bytes) -> Found:
    place = f"line {number}"
    try:
        fields = json.loads(line.strip())
    except UnicodeDecodeError as error:
        return Found(
            number, place, None, f"it is not UTF-8 (byte {error.start + 1}); save it as UTF-8"
        )
    except json.JSONDecodeError as error:
        return Found(number, place, None, f"it is no JSON: {error.msg} at character {error.colno}")
    except RecursionError:
        return Found(number, place, None, "it is nested too deeply")
    except ValueError as error:  # a number of more digits than Python reads
        return Found(number, place, None, f"it is not understood: {error}")
    if not isinstance(fields, dict):
        return Found(number, place, None, "it is no JSON object; write {…} on each line")
    return Found(number, place, fields)


def _rows(file: IO[bytes], skip: int) -> Iterator[Found]:
    csv.field_size_limit(LONGEST)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    first = text.readline()
    reader = csv.reader(chain([first], text), delimiter=_separator(first))
    head = [name.strip() for name in next(reader, [])]
    if "url" not in head:
        raise UnreadableFileError(
            f"there is no column `url` in the first line ({first.strip()[:80]!r}); name each column there"
        )
    begins = reader.line_num + 1
    for number, row in enumerate(reader, 1):
        place, begins = f"row {number} (line {begins})", reader.line_num + 1
        if number <= skip or not row:
            continue
        if len(row) != len(head):
            wrong = f"it has {len(row)} cells where the header has {len(head)}"
            yield Found(number, place, None, wrong)
        else:
            fields = {name: _cell(name, cell) for name, cell in zip(head, row, strict=True)}
            yield Found(number, place, fields)


def _separator(head: str) -> str:
    """Return what parts the cells: Excel writes a semicolon or a tab where a comma is in numbers."""
    names = ((each, next(csv.reader([head], delimiter=each), [])) for each in ",;\t")
    return next((each for each, found in names if "url" in map(str.strip, found)), ",")


def _cell(name: str, cell: str) -> Any:
    kind = _KINDS.get(name, "text")
    if not cell:
        return None
    if kind in ("texts", "pictures"):
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            return [cell]
    if kind == "flag":
        return {"true": True, "false": False}.get(cell.lower(), cell)
    return unguarded(cell)


def _parquet(path: Path, skip: int) -> Iterator[Found]:
    number = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_ROWS):
            if number + batch.num_rows <= skip:
                number += batch.num_rows
                continue
            for at in range(batch.num_rows):
                number += 1
                if number > skip:
                    yield _row(number, batch.slice(at, 1))


def _row(number: int, row: pa.RecordBatch) -> Found:
    place = f"row {number}"
    try:
        (fields,) = row.to_pylist()
    except (ValueError, ArithmeticError, LookupError) as error:
        # A moment that no calendar has, a time zone that there is not, a text that is not UTF-8.
        return Found(number, place, None, f"one of its cells is not understood: {error}")
    return Found(number, place, fields)
