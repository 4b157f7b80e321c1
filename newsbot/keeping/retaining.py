"""Retention carried out on the archive: texts and records whose time is over leave, but for what is held.

For each time that a rule gives, only those articles are looked at whose time came since the rules were
last carried out; a change of the rules, of whom they are about, or of the holds begins anew. Everything
happens in small lots, and may be stopped and repeated at any point.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import attrs

from newsbot.archive import audit, pages, removal, removed, retention
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.retention import BEGINNING, Aged, Rule
from newsbot.config import Config
from newsbot.fetching.raw_erasure import BusyError
from newsbot.keeping.holding import Holds
from newsbot.keeping.policy import Policy
from newsbot.keeping.raw_retention import RawExpired, expire_pages
from newsbot.keeping.removing import settle
from newsbot.keeping.warc_holds import protect
from newsbot.search.documents import Documents

T = TypeVar("T")

LOT = 50
# Clocks of several machines differ; so much before the last time is looked at once more.
_OVERLAP = timedelta(minutes=10)


@attrs.frozen(kw_only=True)
class Expired:
    """What was due: by source id, records, texts and pages; ``held`` were due and are held.

    ``bytes`` were taken out of WARC files, ``files`` of them removed whole.
    """

    records: Counter[str]
    texts: Counter[str]
    raw: Counter[str]
    held: Counter[str]
    files: int = 0
    bytes: int = 0

    @property
    def totals(self) -> dict[str, int]:
        """The counts over all sources."""
        return {
            "records": self.records.total(),
            "texts": self.texts.total(),
            "raw": self.raw.total(),
            "held": self.held.total(),
            "files": self.files,
            "bytes": self.bytes,
        }


@attrs.frozen(kw_only=True)
class Pace:
    """How a walk goes: until ``stop`` is set, with a ``pause`` (seconds) after each lot."""

    stop: threading.Event = attrs.field(factory=threading.Event)
    pause: float = 0.0
    progress: Callable[[int], None] = lambda _: None

    def go_on(self) -> bool:
        """Wait, and say whether to go on."""
        return not self.stop.wait(self.pause) if self.pause else not self.stop.is_set()


def expire(
    config: Config,
    database: Database,
    *,
    now: datetime,
    dry: bool = False,
    rules: Sequence[Rule] | None = None,
    pace: Pace | None = None,
) -> Expired:
    """Carry retention's rules out, as of a moment; ``dry`` only counts.

    ``rules``: these in the place of those that are kept, for a preview. What was let go is put on record.

    Raises:
        HoldError: when a hold cannot be understood; nothing is let go then.
        BusyError: when another process is erasing pages.
    """
    pace = pace or Pace()
    names = Documents.of(database).names
    policy = Policy(
        tuple(retention.rules(database) if rules is None else rules), lambda ids: names(*ids)
    )
    holds = Holds.read(database)
    walk = _Walk(database, policy, holds, now=now, dry=dry, pace=pace)
    walk.run()
    raw = (
        expire_pages(config, database, policy, holds, now=now, dry=dry, go_on=pace.go_on)
        if policy.spans("raw")
        else RawExpired()
    )
    met = Expired(
        records=walk.records,
        texts=walk.texts,
        raw=raw.pages,
        held=walk.held + raw.held,
        files=raw.files,
        bytes=raw.bytes,
    )
    if not dry and any(number for name, number in met.totals.items() if name != "held"):
        audit.note(database, "retention", why="its time was over", counts=met.totals)
    return met


class _Walk:
    """Goes through the articles whose time may be over."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        holds: Holds,
        *,
        now: datetime,
        dry: bool,
        pace: Pace,
    ) -> None:
        self._database, self._policy, self._holds = database, policy, holds
        self._now, self._dry, self._pace = now, dry, pace
        self._seen = 0
        self.records: Counter[str] = Counter()
        self.texts: Counter[str] = Counter()
        self.held: Counter[str] = Counter()

    def run(self) -> None:
        spans = self._policy.spans("body", "record")
        if not spans:
            return
        key = self._policy.key(*(hold.id for hold in self._holds.all))
        before = None if self._dry else retention.reached(self._database, key)
        if before is None:
            spans = spans[:1]  # whatever a longer time meets, the shortest meets, too
        for days in spans:
            start = before - timedelta(days=days) - _OVERLAP if before else BEGINNING
            if not self._through(max(start, BEGINNING), self._now - timedelta(days=days)):
                return
        if not self._dry:
            retention.reach(self._database, key, self._now)

    def _through(self, start: datetime, end: datetime) -> bool:
        for window in retention.walk(self._database, start, end):
            for lot in _lots([each for each in window if self._is_due(each)]):
                self._let_go(lot)
                if not self._pace.go_on():
                    return False
            self._seen += len(window)
            self._pace.progress(self._seen)
            if self._pace.stop.is_set():
                return False
        return True

    def _is_due(self, each: Aged) -> bool:
        age = (self._now - each.changed_at) / timedelta(days=1)
        return age > self._policy.days("record", each.sources) or (
            each.text and age > self._policy.days("body", each.sources)
        )

    def _count(self, lot: Sequence[Aged]) -> None:
        """Count what is due, where nothing is held and nothing is to be done."""
        for each in lot:
            age = (self._now - each.changed_at) / timedelta(days=1)
            over = age > self._policy.days("record", each.sources)
            (self.records if over else self.texts)[each.sources[0] if each.sources else ""] += 1

    def _let_go(self, lot: Sequence[Aged]) -> None:
        if self._dry and not self._holds.all:
            self._count(lot)
            return
        records: list[Kept] = []
        texts: list[Kept] = []
        for kept in retention.articles_of(self._database, lot):
            age = (self._now - kept.record.changed_at) / timedelta(days=1)
            if self._holds.on(kept):
                self.held[kept.article.source] += 1
            elif age > self._policy.days("record", kept.record.sources):
                records.append(kept)
            else:
                texts.append(kept)
        self.records.update(kept.article.source for kept in records)
        self.texts.update(kept.article.source for kept in texts)
        if not self._dry:
            retention.expire_texts(self._database, texts, self._now)
            removal.put_aside(self._database, [self._tombstone(kept) for kept in records])

    def _tombstone(self, kept: Kept) -> removed.Tombstone:
        addresses = (kept.article.url, kept.article.fetched_url, *kept.record.also_at)
        shown = tuple(dict.fromkeys(map(pages.page_id, addresses)))
        return removal.tombstone(kept, shown, cause="retention", now=self._now)


def tend(
    config: Config, database: Database, *, now: datetime, stop: threading.Event, pause: float = 0.05
) -> Expired | None:
    """Do what is to be done now and then: settle removals, protect held files, carry out the rules.

    Returns what retention met; None where another process is erasing pages.

    Raises:
        HoldError: when a hold cannot be understood; retention stands still then.
    """
    try:
        protect(config.data_dir, database)
        settle(config, database, now=now)
        return expire(config, database, now=now, pace=Pace(stop=stop, pause=pause))
    except BusyError:
        return None


def _lots(found: Sequence[T]) -> Iterator[Sequence[T]]:
    return (found[start : start + LOT] for start in range(0, len(found), LOT))
