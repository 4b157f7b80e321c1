"""An export that is sent while it is made: nothing of it stands on the disk, and little in memory.

What is taken is settled before the first byte, as in every export. Whoever takes it has a whole file only
where the bytes end as they should: an error on the way ends them in their middle, and says so to its reader.
"""

import io
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import datetime

import attrs
import pyarrow as pa
import pyarrow.parquet as pq

from newsbot.archive.connection import Database
from newsbot.archive.streaming import in_order
from newsbot.export import formats
from newsbot.export.columns import Column, Row, chosen, row
from newsbot.export.finding import find
from newsbot.export.sampling import Sample
from newsbot.export.telling import Teller, chunks
from newsbot.search.results import Reader


@attrs.frozen(kw_only=True)
class Stream:
    """An export on its way: how many articles were found, how many it takes at most, and its bytes."""

    found: int
    data: Generator[bytes, None, None]


def stream(
    database: Database,
    reader: Reader,
    query: str,
    form: formats.Name,
    *,
    columns: Sequence[str] = (),
    sample: Sample | None = None,
    bom: bool = True,
    now: datetime,
) -> Stream:
    """Return what a query finds ("" is everything), or a sample of it, as bytes of a file of this format.

    Raises:
        QuerySyntaxError: when it is no query.
        UnknownColumnError: for a column that there is not.
    """
    wanted = chosen(columns)
    finding = find(database, reader, query, sample, now=now)
    data = written(database, finding.ids, form, wanted, bom=bom)
    return Stream(found=finding.selection.total, data=data)


def written(
    database: Database,
    ids: Iterator[str],
    form: formats.Name,
    columns: Sequence[Column],
    *,
    bom: bool = True,
) -> Generator[bytes, None, None]:
    """Return articles as bytes of a file of this format, in the order of their ids, without those there are not."""
    rows = _rows(database, ids, columns)
    if form == "parquet":
        return _parquet(rows, columns)
    return _text(rows, formats.make(form, tuple(columns), packed=False, bom=bom))


def _rows(
    database: Database, ids: Iterator[str], columns: Sequence[Column]
) -> Generator[list[Row], None, None]:
    teller = Teller(database)
    with closing(in_order(database, ids)) as found:
        for chunk in chunks(found):
            there = [each for each in chunk if each is not None]
            yield [row(each, columns) for each in teller.tell(there)]


def _text(
    rows: Generator[list[Row], None, None], form: formats.Format
) -> Generator[bytes, None, None]:
    with closing(rows):
        yield form.head()
        for some in rows:
            yield form.chunk(some)


def _parquet(
    rows: Generator[list[Row], None, None], columns: Sequence[Column]
) -> Generator[bytes, None, None]:
    """Yield a Parquet file, a row group a chunk; without its end, which is written last, it is none."""
    schema = formats.arrow_schema(columns)
    sink = _Sink()
    with closing(rows):
        writer = pq.ParquetWriter(
            pa.PythonFile(sink, "w"), schema, compression="zstd", version="2.6"
        )
        for some in rows:
            if some:
                writer.write_batch(formats.batch(some, schema))
            yield sink.taken()
        writer.close()
        yield sink.taken()


class _Sink(io.RawIOBase):
    """Where Arrow writes what is sent on at once; it knows how much that was."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._length = 0

    def writable(self) -> bool:
        """Say that it takes bytes."""
        return True

    def write(self, data: object, /) -> int:
        """Take bytes."""
        part = bytes(memoryview(data))  # type: ignore[arg-type]
        self._parts.append(part)
        self._length += len(part)
        return len(part)

    def tell(self) -> int:
        """Return how many bytes were taken in all."""
        return self._length

    def taken(self) -> bytes:
        """Return what was taken since this was asked last."""
        parts, self._parts = self._parts, []
        return b"".join(parts)
