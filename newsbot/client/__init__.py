"""The archive from Python, for analysts and notebooks.

>>> from newsbot.client import Archive
>>> with Archive() as archive:
...     for kept in archive.search('"الدفاع الروسي"', limit=1):
...         print(kept.article.published.day, kept.article.title)
2020-03-23 وزير الدفاع الروسي في دمشق

Articles come as :class:`newsbot.archive.articles.Kept`: ``.article`` is what was published
(:class:`newsbot.items.Article`), ``.record`` what the archive knows of it (story, revision, first seen).
The columns of tables and exports are those of ``docs/export.md``.

``Archive("https://desk.example", token="…")`` is the archive of a newsbot elsewhere, asked by its API, with the
same methods; see :mod:`newsbot.client.remote`.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from newsbot.archive import articles
from newsbot.archive.articles import Kept, Revision
from newsbot.archive.connection import connect
from newsbot.archive.streaming import in_order
from newsbot.config import load_config
from newsbot.export import formats
from newsbot.export.columns import chosen
from newsbot.export.finding import Finding, find
from newsbot.export.making import Wanted, export
from newsbot.export.sampling import Sample
from newsbot.export.tables import table
from newsbot.items import Article
from newsbot.search.facets import By as TimelineBy
from newsbot.search.facets import Facets
from newsbot.search.facets import Of as TimelineOf
from newsbot.search.follow import catch_up
from newsbot.search.results import Order, Reader

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from newsbot.alerts.backtest import Backtest
    from newsbot.archive.matches import Match
    from newsbot.archive.rules import Rule
    from newsbot.search.measured import Measured

By = Literal["day", "source", ""]


class MissingLibraryError(ImportError):
    """A library that newsbot can do without, and this cannot; the text says how to install it."""


class Archive:
    """A connection to the archive; a context manager.

    ``uri`` is a MongoDB address; None takes the configured one, or the embedded MongoDB of the
    data folder (which is started, and ended again, as needed). ``data_dir`` is the data folder, where
    it is not the configured one. The address of a desk (``https://…``) is that of a newsbot elsewhere, and
    ``token`` what it knows you by.

    >>> with Archive() as archive:
    ...     print(len(list(archive.articles())), "articles")
    5 articles

    Raises:
        ArchiveError: when no MongoDB can be reached.
        newsbot.client.asking.RemoteError: by all methods, where a newsbot elsewhere does not do what it is
            asked; it says why.
    """

    def __new__(cls, uri: str | None = None, **_given: object) -> Self:
        """Return what asks a newsbot elsewhere, where the address is a desk's."""
        if cls is Archive and uri is not None and uri.lower().startswith(("http://", "https://")):
            from newsbot.client.remote import RemoteArchive

            return super().__new__(RemoteArchive)  # type: ignore[return-value]
        return super().__new__(cls)

    def __init__(
        self,
        uri: str | None = None,
        *,
        data_dir: Path | str | None = None,
        token: str | None = None,
    ) -> None:
        if token is not None:
            raise ValueError("a token is for a desk's address, as https://desk.example; give that")
        given = {"mongodb_uri": uri, "data_dir": data_dir}
        self._config = load_config(**{key: value for key, value in given.items() if value})
        self._held = ExitStack()
        self._database = self._held.enter_context(connect(self._config))
        self._reader = Reader(self._config, self._database)

    # To read

    def search(self, query: str, *, limit: int = 100, order: Order = "newest") -> Iterator[Kept]:
        """Yield the first articles that a query finds, newest or most relevant first.

        >>> [kept.article.title for kept in archive.search("storm OR عاصفة", order="relevance")]
        ['Storm shuts the harbour']

        Raises:
            QuerySyntaxError: when it is no query; its ``explain()`` shows where.
        """
        catch_up(self._config, self._database)
        for hit in self._reader.search(query, order=order, limit=limit).hits:
            yield hit.kept

    def facets(
        self, query: str = "", *, by: TimelineBy | None = None, of: TimelineOf = "date"
    ) -> Facets:
        """Return what a query finds, or all there is, counted by its fields and over time; all exact.

        A timeline's bar is a day, a week or a month as ``by`` says (None: what makes some sixty bars), of
        publication, where a day is known and believed, or with ``of="seen"`` of first storing.

        >>> found = archive.facets("", by="month")
        >>> found.total, found.undated
        (5, 0)
        >>> [(value.name, value.count) for value in found.facet("language").values]
        [('en', 3), ('ar', 2)]
        >>> [(bar.first.isoformat(), bar.count) for bar in found.timeline.bars]
        [('2020-03-01', 5)]
        >>> archive.facets("lang:en").facet("source").values[0].clause  # what narrows a query to it
        'source:"paper2.example"'

        Raises:
            QuerySyntaxError: when it is no query.
        """
        catch_up(self._config, self._database)
        return self._reader.facets(query, by=by, of=of)

    def timeline(
        self, query: str = "", *, by: TimelineBy | None = None, of: TimelineOf = "date"
    ) -> "Measured":
        """Return how much a query finds over time, out of how much, and which sources were missing.

        >>> for bar in archive.timeline("lang:ar", by="week").bars:
        ...     missing = {gap.name for gap in bar.gaps}
        ...     print(bar.first, bar.count, "of", bar.collected, f"{bar.share:.0%}", len(missing))
        2020-03-23 2 of 5 40% 5

        Raises:
            QuerySyntaxError: when it is no query.
        """
        from newsbot.search.measured import measured

        told = self.facets(query, by=by, of=of).timeline
        return measured(
            self._database,
            self._reader,
            query,
            told,
            now=datetime.now(UTC),
            slowest=self._config.poll_slowest,
        )

    def articles(self, query: str = "") -> Iterator[Kept]:
        """Yield every article that a query finds, or that there is; first seen first.

        However many there are, only some are in memory.

        >>> from collections import Counter
        >>> Counter(kept.article.language for kept in archive.articles())
        Counter({'en': 3, 'ar': 2})

        Raises:
            QuerySyntaxError: when it is no query.
        """
        with closing(in_order(self._database, self._find(query, None).ids)) as found:
            for _, kept in found:
                if kept is not None:
                    yield kept

    __iter__ = articles

    def article(self, article: str) -> Article | None:
        """Return an article by its id, as it reads now; None when there is none.

        >>> (kept,) = archive.search("title:storm")
        >>> print(archive.article(kept.article.id).body)
        The storm reached the coast at noon. The harbour is shut until Friday.
        """
        kept = articles.get(self._database, article)
        return kept.article if kept else None

    def history(self, article: str) -> list[Revision]:
        """Return what an article said before each of its edits, oldest first.

        >>> (kept,) = archive.search("title:storm")
        >>> [(before.number, before.title) for before in archive.history(kept.article.id)]
        [(1, 'Storm nears the harbour')]
        """
        kept = articles.get(self._database, article)
        return articles.revisions(self._database, kept) if kept else []

    # Alerts

    def alerts(self) -> "list[Rule]":
        """Return the alerts that there are, by name.

        >>> [(rule.name, rule.query, rule.timing.how) for rule in archive.alerts()]
        [('storms', 'storm OR عاصفة', 'at once')]
        """
        from newsbot.archive import rules

        return rules.everything(self._database)

    def matches(self, alert: str, *, days: float = 30, limit: int = 1_000) -> "Iterator[Match]":
        """Return what an alert, by its name, found in the last days, newest first, whether told or held.

        >>> [(found.article, found.clause) for found in archive.matches("storms", days=1)]
        []

        Raises:
            KeyError: when there is no such alert.
        """
        from newsbot.archive import matches, rules

        rule = rules.find(self._database, alert)
        if rule is None:
            raise KeyError(f"there is no alert {alert!r}")
        since = datetime.now(UTC) - timedelta(days=days)
        return iter(matches.latest(self._database, since=since, alert=rule.id, at_most=limit))

    def backtest(self, alert: str, **values: Any) -> "Backtest":
        """Return what an alert, by its name, or a query would have sent in the last 30 days.

        ``values`` are an alert's fields as ``newsbot alert show`` calls them, with ``__`` for the dot: what
        it would have sent if it were so.

        >>> found = archive.backtest("strom", noise__title_only=True)
        >>> found.messages, found.ever
        (0, 0)
        >>> print(found.causes[0].said)
        no article has it; did you mean Storm, which is in 1?
        >>> archive.backtest("storms", timing__how="daily", timing__even_empty=True).digests
        30

        Raises:
            RuleFieldError: when its query is none, or a value cannot be.
            QuerySyntaxError: when it takes too long to decide.
        """
        from newsbot.alerts import changing
        from newsbot.alerts.backtest import backtest
        from newsbot.archive import rules

        catch_up(self._config, self._database)
        now = datetime.now(UTC)
        given = {name.replace("__", "."): value for name, value in values.items()}
        rule = rules.find(self._database, alert)
        if rule is not None:
            rule = changing.wished(self._database, rule, given)
        else:
            wanted = {"name": "a query", "query": alert, **given}
            rule = changing.new(self._database, wanted, by="", now=now)
        return backtest(self._database, self._reader, rule, now=now)

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
        """Write the articles that a query finds to a file; returns how many. "" is all articles.

        The file's ending says whether it is CSV, JSON Lines or Parquet. Beside it stands
        ``FILE.manifest.json``. An export that was stopped goes on where it was. ``sample`` takes so many
        at random, the same by the same ``seed``, spread ``by`` "day" or "source".

        >>> archive.export("lang:en", "english.parquet", columns=["id", "title"])
        3
        >>> archive.export("", "two.csv", sample=2, seed=7)
        2

        Raises:
            QuerySyntaxError: when it is no query.
            FormatError: when the file's ending tells no format.
            UnknownColumnError: for a column that there is not.
            OSError: when the file cannot be written.
        """
        path = Path(path)
        form, packed = formats.of_file(path)
        wanted = Wanted(
            query=query,
            path=path,
            format=form,
            packed=packed,
            columns=tuple(columns),
            sample=_sample(sample, seed, by),
        )
        complete = catch_up(self._config, self._database)
        return export(self._database, self._reader, wanted, complete=complete).articles

    def to_arrow(
        self,
        query: str = "",
        *,
        columns: Sequence[str] = (),
        sample: int | None = None,
        seed: int = 0,
        by: By = "",
    ) -> "pa.Table":
        """Return the articles that a query finds, or all, as an Arrow table. It is all in memory.

        >>> archive.to_arrow("lang:ar", columns=["title", "published_day"]).num_rows
        2

        Raises:
            QuerySyntaxError: when it is no query.
            UnknownColumnError: for a column that there is not.
        """
        wanted = chosen(columns)
        return table(self._database, self._find(query, _sample(sample, seed, by)), wanted)

    def to_polars(
        self,
        query: str = "",
        *,
        columns: Sequence[str] = (),
        sample: int | None = None,
        seed: int = 0,
        by: By = "",
    ) -> "pl.DataFrame":
        """Return the articles that a query finds, or all, as a Polars data frame, all in memory.

        >>> frame = archive.to_polars(columns=["source", "language"])
        >>> frame.group_by("language").len().sort("language").rows()
        [('ar', 2), ('en', 3)]

        Raises:
            MissingLibraryError: when polars is not installed: ``pip install 'newsbot[polars]'``.
            QuerySyntaxError: when it is no query.
            UnknownColumnError: for a column that there is not.
        """
        library = _library("polars")
        found = self.to_arrow(query, columns=columns, sample=sample, seed=seed, by=by)
        frame: pl.DataFrame = library.from_arrow(found)
        return frame

    def to_pandas(
        self,
        query: str = "",
        *,
        columns: Sequence[str] = (),
        sample: int | None = None,
        seed: int = 0,
        by: By = "",
    ) -> "pd.DataFrame":
        """Return the articles that a query finds, or all, as a pandas data frame, all in memory.

        Its columns have Arrow's types, so that a missing value is missing and a day is a day.

        >>> frame = archive.to_pandas(columns=["title", "published_day", "first_of_story"])
        >>> int(frame["first_of_story"].sum())
        4
        >>> frame["published_day"].min()
        datetime.date(2020, 3, 23)

        Raises:
            MissingLibraryError: when pandas is not installed: ``pip install 'newsbot[pandas]'``.
            QuerySyntaxError: when it is no query.
            UnknownColumnError: for a column that there is not.
        """
        library = _library("pandas")
        found = self.to_arrow(query, columns=columns, sample=sample, seed=seed, by=by)
        frame: pd.DataFrame = found.to_pandas(types_mapper=library.ArrowDtype)
        return frame

    def _find(self, query: str, sample: Sample | None) -> Finding:
        catch_up(self._config, self._database)
        return find(self._database, self._reader, query, sample, now=datetime.now(UTC))

    # Its end

    def close(self) -> None:
        """Let go of the connection.

        >>> other = Archive()
        >>> other.close()
        """
        self._held.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the connection."""
        self.close()


def _sample(size: int | None, seed: int, by: By) -> Sample | None:
    if size is None and by:
        raise ValueError("by= says what a sample is spread over; give sample=, too")
    return None if size is None else Sample(size=size, seed=seed, by=by)


def _library(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise MissingLibraryError(
            f"{name} is not installed; install it with: pip install 'newsbot[{name}]'", name=name
        ) from None
