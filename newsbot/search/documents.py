"""An article as queries see it: one way from the archive to the evaluator, for search and alerts."""

import threading
import time
from typing import ClassVar
from weakref import WeakKeyDictionary

from newsbot.archive import sources
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.query import Document
from newsbot.text.urls import site_of

# Names and groups of sources are read again when they are older than this (seconds), or missing.
REFRESH = 1.0


class Documents:
    """Makes documents of articles; knows the sources' names and groups. Safe for threads."""

    _made: ClassVar["WeakKeyDictionary[Database, Documents]"] = WeakKeyDictionary()
    _making = threading.Lock()

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._sources: dict[str, sources.Source] = {}

    @classmethod
    def of(cls, database: Database) -> "Documents":
        """Return the one maker of this connection."""
        with cls._making:
            if database not in cls._made:
                cls._made[database] = cls(database)
            return cls._made[database]

    def source(self, source: str) -> sources.Source | None:
        """Return a source by its id; None when it was removed."""
        with self._lock:
            age = time.monotonic() - self._read_at
            if age > (REFRESH if source in self._sources else REFRESH / 10):
                self._sources = {each.id: each for each in sources.everything(self._database)}
                self._read_at = time.monotonic()
            return self._sources.get(source)

    def document(self, kept: Kept) -> Document:
        """Return the article as queries see it."""
        article, record = kept.article, kept.record
        source = self.source(article.source)
        return Document.of(
            title=article.title,
            body=article.body,
            authors=article.authors,
            tags=article.tags,
            source=source.name if source else "",
            site=site_of(article.url),
            groups=source.groups if source else (),
            language=article.language,
            url=article.url,
            published_day=article.published.day if article.published else None,
            seen=record.first_seen,
        )
