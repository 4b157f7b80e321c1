"""The archive from Python, for analysts and notebooks.

>>> from newsbot.client import Archive           # doctest: +SKIP
>>> with Archive() as archive:                   # doctest: +SKIP
...     for kept in archive.search('"وقف إطلاق النار"', limit=5):
...         print(kept.article.published, kept.article.title)
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from newsbot.archive import articles
from newsbot.archive.articles import Kept, Revision
from newsbot.archive.connection import connect
from newsbot.config import load_config
from newsbot.items import Article
from newsbot.search.export import export_lines
from newsbot.search.follow import catch_up
from newsbot.search.results import Order, Reader


class Archive:
    """A connection to the archive; a context manager.

    ``uri`` is a MongoDB address; None takes the configured one, or the embedded MongoDB of the
    data folder (which is started, and ended again, as needed).

    Raises:
        ArchiveError: when no MongoDB can be reached.
    """

    def __init__(self, uri: str | None = None, *, data_dir: Path | None = None) -> None:
        given = {"mongodb_uri": uri, "data_dir": data_dir}
        self._config = load_config(**{key: value for key, value in given.items() if value})
        self._held = ExitStack()
        self._database = self._held.enter_context(connect(self._config))
        self._reader = Reader(self._config, self._database)

    def search(self, query: str, *, limit: int = 100, order: Order = "newest") -> Iterator[Kept]:
        """Yield the articles that a query finds, newest first or most relevant first.

        Raises:
            QuerySyntaxError: when it is no query; its ``explain()`` shows where.
        """
        catch_up(self._config, self._database)
        for hit in self._reader.search(query, order=order, limit=limit).hits:
            yield hit.kept

    def article(self, article: str) -> Article | None:
        """Return an article by its id, as it reads now; None when there is none."""
        kept = articles.get(self._database, article)
        return kept.article if kept else None

    def history(self, article: str) -> list[Revision]:
        """Return what an article said before each of its edits, oldest first."""
        kept = articles.get(self._database, article)
        return articles.revisions(self._database, kept) if kept else []

    def export(self, query: str, path: Path | str) -> int:
        """Write the articles that a query finds to a file, a JSON object a line; returns how many.

        Raises:
            QuerySyntaxError: when it is no query.
        """
        catch_up(self._config, self._database)
        return export_lines(self._reader, query, Path(path))

    def close(self) -> None:
        """Let go of the connection."""
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
