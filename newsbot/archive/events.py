"""What the news of these days tells of its events, so that rewrites of one event become one story.

The collection ``events`` holds a document an article for as long as others may still report the same, and
each process that stores articles has them in memory, where their likes are found: a database that holds
a word's articles by the hundred is asked for none of them.

Whoever asks has written what it tells first, and reads what others wrote then. So of two workers that
meet two reports of one event at the same time, at least one finds the other's, and links them.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar
from weakref import WeakKeyDictionary

import attrs
from pymongo.errors import BulkWriteError

from newsbot.archive import stories
from newsbot.archive.connection import DUPLICATE_KEY, Database, Document, patiently
from newsbot.events import COMMON, DAYS, Facts, same_event

# Reports of one event that are kept, days for which they are, and how many a process has in memory
# (about two kilobytes each).
MOST, KEPT, IN_MEMORY = 5, 4, 30_000
# What others write is read from so long before it was read last: clocks of several machines differ, and
# what is being written is not there yet.
_OVERLAP = timedelta(seconds=3)
_AT_ONCE = 50


@attrs.frozen(kw_only=True)
class Told:
    """An article that was stored: its story, source and day, and what it tells of its event."""

    article: str
    story: str
    source: str
    day: date
    facts: Facts


@patiently
def join(database: Database, told: Sequence[Told], *, now: datetime) -> int:
    """Link the stories of these articles to those of other sources that tell of the same event.

    Returns how many links were made. May be repeated.
    """
    if not told:
        return 0
    window = Window.of(database)
    window.write(database, told, now)
    window.read(database, now)
    found = {each.article: window.alike(each) for each in told}
    likes = [each for each in told if found[each.article]]
    if not likes:
        return 0
    heads = stories.heads(
        database,
        {each.story for each in likes} | {each.story for some in found.values() for each in some},
    )
    links = 0
    for each in likes:
        known: dict[str, list[Told]] = {}
        for other in found[each.article]:
            known.setdefault(heads[other.story], []).append(other)
        mine = known.pop(heads[each.story], [])
        sure = {
            head: same_event(each.facts, (report.facts for report in reports))
            for head, reports in known.items()
        }
        if any(sure.values()):
            head = max(sure, key=lambda one: (sure[one], one))
            stories.link(database, each.story, head, how="event")
            links += 1
            mine = [*mine, *known[head]]
        if len(mine) >= MOST:  # enough is known of it
            database.events.delete_one({"_id": each.article})
            window.drop([each.article])
    return links


@patiently
def prune(database: Database, *, now: datetime) -> int:
    """Forget what is too old for others to report it still; returns of how many articles."""
    old = {"at": {"$lt": now - timedelta(days=KEPT)}}
    return database.events.delete_many(old).deleted_count


class Window:
    """The reports of these days in the memory of this process. Safe for threads."""

    _windows: ClassVar["WeakKeyDictionary[Database, Window]"] = WeakKeyDictionary()
    _opening = threading.Lock()

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reports: dict[str, Told] = {}
        self._written: dict[str, datetime] = {}
        self._telling: dict[int, list[str]] = {}
        self._read_to: datetime | None = None

    @classmethod
    def of(cls, database: Database) -> "Window":
        """Return what this process has in memory of an archive."""
        with cls._opening:
            if database not in cls._windows:
                cls._windows[database] = cls()
            return cls._windows[database]

    def write(self, database: Database, told: Sequence[Told], now: datetime) -> None:
        """Write what these articles tell, and take it up."""
        _write(database, told, now)
        with self._lock:
            for each in told:
                if each.article not in self._reports:
                    self._take_up(each, now)

    def read(self, database: Database, now: datetime) -> None:
        """Take up what was written since it was read last, and let go of what is too old."""
        with self._lock:
            oldest = now - timedelta(days=KEPT)
            since = max(oldest, self._read_to - _OVERLAP) if self._read_to else oldest
            recent = database.events.find({"at": {"$gte": since}}, {"at": 1})
            new = {each["_id"]: each["at"] for each in recent if each["_id"] not in self._reports}
            newest = sorted(new, key=lambda key: new[key])[-IN_MEMORY:]
            for at in range(0, len(newest), _AT_ONCE):
                for each in database.events.find({"_id": {"$in": newest[at : at + _AT_ONCE]}}):
                    self._take_up(_told(each), each["at"])
            self._read_to = max(now, self._read_to or now)
            beyond = len(self._reports) - IN_MEMORY
            old = [key for key, at in self._written.items() if at < oldest]
            if beyond > 0:
                old += sorted(self._written, key=lambda key: self._written[key])[:beyond]
            self._let_go(old)

    def _take_up(self, told: Told, at: datetime) -> None:
        self._reports[told.article] = told
        self._written[told.article] = at
        for term in told.facts.telling():
            self._telling.setdefault(term, []).append(told.article)

    def drop(self, articles: Iterable[str]) -> None:
        """Let go of reports that are not needed."""
        with self._lock:
            self._let_go(articles)

    def _let_go(self, articles: Iterable[str]) -> None:
        for key in articles:
            report = self._reports.pop(key, None)
            self._written.pop(key, None)
            for term in report.facts.telling() if report else ():
                left = [each for each in self._telling.get(term, ()) if each != key]
                if left:
                    self._telling[term] = left
                else:
                    self._telling.pop(term, None)

    def alike(self, told: Told) -> list[Told]:
        """Return the reports of other sources and about that day that tell of the same, by their words."""
        with self._lock:
            shared = Counter(
                key for term in told.facts.telling() for key in self._telling.get(term, ())
            )
            found = [self._reports[key] for key, count in shared.items() if count >= COMMON]
        return [
            each
            for each in found
            if each.source != told.source
            and each.article != told.article
            and abs((each.day - told.day).days) <= DAYS
        ]


def _write(database: Database, told: Iterable[Told], now: datetime) -> None:
    documents = [
        {
            "_id": each.article,
            "story": each.story,
            "source": each.source,
            "day": each.day.toordinal(),
            "at": now,
            "terms": each.facts.packed(),
        }
        for each in told
    ]
    try:
        database.events.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        if any(each["code"] != DUPLICATE_KEY for each in error.details["writeErrors"]):
            raise


def _told(document: Document) -> Told:
    return Told(
        article=document["_id"],
        story=document["story"],
        source=document["source"],
        day=date.fromordinal(document["day"]),
        facts=Facts.unpacked(document["terms"]),
    )
