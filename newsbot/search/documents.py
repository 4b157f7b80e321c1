"""An article as queries see it: one way from the archive to the evaluator, for search and alerts."""

import threading
import time
from typing import ClassVar
from weakref import WeakKeyDictionary

from newsbot.archive import naming
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.naming import Names
from newsbot.query import Document
from newsbot.text.doubts import believed
from newsbot.text.urls import site_of

# Whether names and groups of sources have changed is asked when the last answer is older than this
# (seconds), and sooner where a name is missing. Reading them costs 65 µs a source.
REFRESH = 1.0
# They are read again after this time (seconds) whoever forgot to say that they changed, as in a crash.
TRUSTED = 60.0


class Documents:
    """Makes documents of articles; knows what their sources are called. Safe for threads."""

    _made: ClassVar["WeakKeyDictionary[Database, Documents]"] = WeakKeyDictionary()
    _making = threading.Lock()

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._asked_at = self._read_at = float("-inf")
        self._version = -1
        self._names = Names(())
        # Ids of sources that were removed, as articles still have them.
        self._missing: set[str] = set()

    @classmethod
    def of(cls, database: Database) -> "Documents":
        """Return the one maker of this connection."""
        with cls._making:
            if database not in cls._made:
                cls._made[database] = cls(database)
            return cls._made[database]

    def names(self, *sources: str) -> Names:
        """Return the names that hold; read anew at once where one of these ids is missing for the first time.

        A source may be added, and an article of it stored, right after the last look.
        """
        with self._lock:
            now = time.monotonic()
            missing = {each for each in sources if not self._names.family(each)}
            age = now - self._asked_at
            if missing - self._missing or age > (REFRESH / 10 if missing else REFRESH):
                version = naming.version(self._database)
                if version != self._version or now - self._read_at > TRUSTED:
                    self._names = naming.read(self._database)
                    self._version, self._read_at = version, now
                    self._missing.clear()
                self._asked_at = now
                self._missing.update(each for each in missing if not self._names.family(each))
            return self._names

    def source_name(self, source: str) -> str:
        """Return the name of the source that an id stands for; "" when it was removed."""
        family = self.names(source).family(source)
        return family.name if family else ""

    def document(self, kept: Kept) -> Document:
        """Return the article as queries see it."""
        article, record = kept.article, kept.record
        names = self.names(*record.sources)
        stated = believed(article.published)
        return Document.of(
            title=article.title,
            body=article.body,
            authors=article.authors,
            tags=article.tags,
            sources=names.names(record.sources),
            source_ids=record.sources,
            site=site_of(article.url),
            groups=names.groups(record.sources),
            language=article.language,
            section=article.section,
            url=article.url,
            published_day=stated.day if stated else None,
            seen=record.first_seen,
        )
