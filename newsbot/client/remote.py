"""The archive of a newsbot elsewhere, by its API: what :class:`newsbot.client.Archive` does, done there.

What cannot be had from there: where a page is kept as it came (``article.raw`` is None), what the archive
compares texts by (a record's hashes are ""), and an export's manifest. An export that breaks off leaves no file.
"""

import csv
import gzip
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar
from urllib.parse import quote

import cattrs
from cattrs.preconf.json import make_converter

from newsbot.archive.articles import Kept, Revision
from newsbot.archive.kept import Record
from newsbot.client import Archive, By
from newsbot.client.asking import Desk, RemoteError
from newsbot.export import formats
from newsbot.items import Article
from newsbot.search.facets import By as TimelineBy
from newsbot.search.facets import Facets
from newsbot.search.facets import Of as TimelineOf
from newsbot.search.results import Order

if TYPE_CHECKING:
    import pyarrow as pa

    from newsbot.alerts.backtest import Backtest
    from newsbot.archive.matches import Match
    from newsbot.archive.rules import Rule
    from newsbot.search.measured import Measured

T = TypeVar("T")

# Articles that are asked for at once.
_AT_ONCE = 100
_CHUNK = 65_536


class RemoteArchive(Archive):
    """The archive of a newsbot elsewhere; made by ``Archive("https://…", token="…")``."""

    def __init__(
        self,
        uri: str | None = None,
        *,
        data_dir: Path | str | None = None,
        token: str | None = None,
    ) -> None:
        if data_dir is not None:
            raise ValueError(
                f"{uri} keeps its own data folder; leave data_dir out, or leave the address out to "
                "open an archive of this machine"
            )
        self._desk = Desk(str(uri), token)
        self._made = make_converter()

    def _record(self, kind: type[T], told: Any) -> T:
        try:
            return self._made.structure(told, kind)
        except (cattrs.BaseValidationError, KeyError, TypeError, ValueError) as error:
            raise RemoteError(
                f"{self._desk.address} answered with no {kind.__name__} as this newsbot knows it; "
                f"are both of one version? ({error})"
            ) from None

    # To read

    def search(self, query: str, *, limit: int = 100, order: Order = "newest") -> Iterator[Kept]:
        """Yield the first articles that a query finds; see :meth:`newsbot.client.Archive.search`."""
        asked = {"q": query, "order": order, "each": "article", "limit": min(limit, _AT_ONCE)}
        hits = (
            hit["article"]["id"]
            for page in self._desk.pages("/search", asked)
            for hit in page["items"]
        )
        yield from self._articles(islice(hits, limit))

    def facets(
        self, query: str = "", *, by: TimelineBy | None = None, of: TimelineOf = "date"
    ) -> Facets:
        """Return what a query finds, counted; see :meth:`newsbot.client.Archive.facets`."""
        return self._record(
            Facets, self._desk.get("/search/facets", {"q": query, "by": by, "of": of})
        )

    def timeline(
        self, query: str = "", *, by: TimelineBy | None = None, of: TimelineOf = "date"
    ) -> "Measured":
        """Return how much a query finds over time; see :meth:`newsbot.client.Archive.timeline`."""
        from newsbot.search.measured import Measured

        told = self._desk.get("/search/timeline", {"q": query, "by": by, "of": of})
        return self._record(Measured, told)

    def articles(self, query: str = "") -> Iterator[Kept]:
        """Yield every article that a query finds; see :meth:`newsbot.client.Archive.articles`."""
        asked = {"q": query, "format": "csv", "columns": "id", "bom": False}
        with self._desk.stream("/export", asked) as answer:
            ids = (line.strip() for line in answer.iter_lines())
            next(ids, None)  # the column's name
            yield from self._articles(each for each in ids if each)

    __iter__ = articles

    def article(self, article: str) -> Article | None:
        """Return an article by its id, as it reads now; None when there is none."""
        found = list(self._articles([article]))
        return found[0].article if found else None

    def history(self, article: str) -> list[Revision]:
        """Return what an article said before each of its edits, oldest first."""
        told = self._desk.find(f"/articles/{_in_path(article)}/revisions")
        if told is None:
            return []
        return [self._record(Revision, {**each, "article": article}) for each in told["items"][:-1]]

    def _articles(self, ids: Iterable[str]) -> Iterator[Kept]:
        rest = iter(ids)
        while some := list(islice(rest, _AT_ONCE)):
            for told in self._desk.get("/articles", {"id": some})["items"]:
                record = {
                    **told,
                    "sources": [each["id"] for each in told["sources"]],
                    "content_hash": "",
                    "body_hash": "",
                }
                yield Kept(
                    article=self._record(Article, told),
                    record=self._record(Record, record),
                    verdict="known",
                )

    # Alerts

    def alerts(self) -> "list[Rule]":
        """Return the alerts that there are, by name."""
        from newsbot.archive.rules import Rule

        pages = self._desk.pages("/alerts", {"limit": 200})
        return [self._record(Rule, each) for page in pages for each in page["items"]]

    def matches(self, alert: str, *, days: float = 30, limit: int = 1_000) -> "Iterator[Match]":
        """Return what an alert, by its name, found in the last days, newest first.

        Raises:
            KeyError: when there is no such alert.
        """
        from newsbot.archive.matches import Match

        path = f"/alerts/{_in_path(self._alert(alert))}/matches"
        pages = self._desk.pages(path, {"days": days, "limit": min(limit, 200)})
        found = (self._record(Match, each) for page in pages for each in page["items"])
        return islice(found, limit)

    def _alert(self, name: str) -> str:
        told = self._desk.find(f"/alerts/{_in_path(name)}")
        if told is None:
            raise KeyError(f"there is no alert {name!r}")
        return str(told["id"])

    def backtest(self, alert: str, **values: Any) -> "Backtest":
        """Return what an alert, by its name, or a query would have sent in the last 30 days."""
        from newsbot.alerts.backtest import Backtest

        sent: dict[str, Any] = {}
        for name, value in values.items():
            section, parts, field = name.partition("__")
            if parts:
                sent.setdefault(section, {})[field] = value
            else:
                sent[section] = value
        there = "/" not in alert and self._desk.find(f"/alerts/{_in_path(alert)}")
        if there:
            told = self._desk.post(f"/alerts/{there['id']}/backtest", sent)
        else:
            told = self._desk.post("/alerts/backtest", {"query": alert, **sent})
        return self._record(Backtest, told)

    # To take away

    def export(
        self,
        query: str,
        path: Path | str,
        *,
        columns: Sequence[str] = (),
        sample: int | None = None,
        seed: int = 0,
        by: By = "",
    ) -> int:
        """Write the articles that a query finds to a file; returns how many.

        The file is put in place when it is whole. Otherwise as :meth:`newsbot.client.Archive.export`.

        Raises:
            FormatError: when the file's ending tells no format.
            OSError: when the file cannot be written.
        """
        path = Path(path)
        form, packed = formats.of_file(path)
        part = path.with_name(f"{path.name}.part")
        try:
            with part.open("wb") as file:
                into: BinaryIO = gzip.GzipFile(fileobj=file, mode="wb") if packed else file  # type: ignore[assignment]
                self._take(query, form, into, columns, sample, seed, by)
                if into is not file:
                    into.close()
                file.flush()
                os.fsync(file.fileno())
            count = _count(part, form, packed=packed)
            part.replace(path)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
        return count

    def to_arrow(
        self,
        query: str = "",
        *,
        columns: Sequence[str] = (),
        sample: int | None = None,
        seed: int = 0,
        by: By = "",
    ) -> "pa.Table":
        """Return the articles that a query finds, or all, as an Arrow table. It is all in memory."""
        import pyarrow.parquet as pq

        taken = io.BytesIO()
        self._take(query, "parquet", taken, columns, sample, seed, by)
        return pq.read_table(taken)

    def _take(
        self,
        query: str,
        form: formats.Name,
        into: BinaryIO,
        columns: Sequence[str],
        sample: int | None,
        seed: int,
        by: By,
    ) -> None:
        if sample is None and by:
            raise ValueError("by= says what a sample is spread over; give sample=, too")
        asked = {
            "q": query,
            "format": form,
            "columns": ",".join(columns),
            "sample": sample,
            "seed": seed if sample else None,
            "by": by,
        }
        with self._desk.stream("/export", asked) as answer:
            into.writelines(answer.iter_bytes(_CHUNK))

    # Its end

    def close(self) -> None:
        """Let go of the connections."""
        self._desk.close()


def _in_path(name: str) -> str:
    return quote(name, safe="")


def _count(path: Path, form: formats.Name, *, packed: bool) -> int:
    """Return how many articles a file has that was taken."""
    if form == "parquet":
        import pyarrow.parquet as pq

        return int(pq.read_metadata(path).num_rows)
    opened = gzip.open if packed else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        if form == "jsonl":
            return sum(1 for _ in file)
        return sum(1 for _ in csv.reader(file)) - 1
