"""Dates of articles that were stored before any date was doubted, judged once, a few at a time.

A first walk through the archive judges each date by itself (``newsbot.text.doubts``), and counts by a hash of the
second how many articles of a source print it. A second walk gathers those of seconds that may be printed often
enough to be a batch, and counts them exactly. How far it is stands in the archive, so that it goes on where a
process ended; judging a date once more changes nothing.

What a batch that prints one *day* is told by, what feeds said of its pages, is not kept: those are not judged.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b

import attrs

from newsbot.archive import changes, old_dates, same_dates
from newsbot.archive.connection import Database
from newsbot.archive.old_dates import Dated, Standing
from newsbot.archive.same_dates import Batch, batch_id
from newsbot.extraction.stated_dates import address_days
from newsbot.text.dates import IMPORTED
from newsbot.text.doubts import SAME_SECOND, doubt, second_of

# Articles that are asked for at once; parts after which it is written down how far it is.
SIZE = 100
_NOTED_EVERY = 20
# Of the time, at most so much is spent on it.
_SHARE = 0.2
# Seconds that it rests at most: a part may have taken long because the machine was busy with other things.
_LONGEST_REST = 10.0
# Counters of seconds: of a million articles, hardly one in a thousand shares its own with another.
_COUNTERS = 1 << 20
_MOST = 255
# Dates that no page prints.
_NOT_PRINTED = ("url", "feed", "sitemap", IMPORTED)


def judge(database: Database, *, stop: threading.Event | None = None) -> int | None:
    """Judge what is left to judge, until the event is set; returns how many dates are not believed any more.

    None where all was judged before.
    """
    reached = old_dates.standing(database)
    if reached is not None and reached.finished:
        return None
    return _Walks(database, stop or threading.Event()).run(reached)


class _Walks:
    """The two walks through the archive."""

    def __init__(self, database: Database, stop: threading.Event) -> None:
        self._database, self._stop = database, stop
        self._changed = 0

    def run(self, reached: Standing | None) -> int:
        parts = changes.spans(self._database, SIZE)
        if reached is None or reached.parts != len(parts):  # from the beginning: other parts
            reached = Standing(parts=len(parts))
        counts = bytearray(reached.counts or bytes(_COUNTERS))
        if not reached.second_walk:
            for done, found in self._parts(parts, reached.done):
                self._by_themselves(found, counts)
                if done % _NOTED_EVERY == 0 or done == len(parts):
                    reached = attrs.evolve(reached, done=done, counts=bytes(counts))
                    old_dates.note(self._database, reached)
            if reached.done < len(parts):
                return self._changed
            reached = Standing(parts=len(parts), second_walk=True, counts=bytes(counts))
            old_dates.note(self._database, reached)
        # It gathers and writes nothing before its end: cut off, it begins anew.
        batches: defaultdict[tuple[str, datetime], list[Dated]] = defaultdict(list)
        for done, found in self._parts(parts, 0):
            for key, each in _seconds(found):
                if counts[_counter(*key)] >= SAME_SECOND:
                    batches[key].append(each)
            reached = attrs.evolve(reached, done=done)
        if reached.done < len(parts):
            return self._changed
        for (source, second), some in batches.items():
            if len(some) >= SAME_SECOND:
                self._distrust_batch(source, second, some)
        old_dates.note(self._database, Standing(parts=len(parts), finished=True))
        return self._changed

    def _parts(
        self, parts: Sequence[changes.Span], first: int
    ) -> Iterator[tuple[int, list[Dated]]]:
        """Yield how many parts are done with each, and its articles, in no hurry."""
        for done, part in enumerate(parts[first:], first + 1):
            if self._stop.is_set():
                return
            begun = time.monotonic()
            yield done, old_dates.dated(self._database, part)
            rest = (time.monotonic() - begun) * (1 / _SHARE - 1)
            self._stop.wait(min(rest, _LONGEST_REST))

    def _by_themselves(self, found: Iterable[Dated], counts: bytearray) -> None:
        now = datetime.now(UTC)
        doubts = {}
        for each in found:
            if each.judged:
                continue
            why = doubt(each.published, each.fetched_at, confirmed=_confirmed(each))
            if why:
                doubts[each] = why
        self._changed += old_dates.distrust(self._database, doubts, now=now)
        for key, each in _seconds(found):
            if each not in doubts:
                at = _counter(*key)
                counts[at] = min(counts[at] + 1, _MOST)

    def _distrust_batch(self, source: str, second: datetime, some: Sequence[Dated]) -> None:
        now = datetime.now(UTC)
        why = f"the same as at least {len(some) - 1} others of its source"
        batch = Batch(
            id=batch_id(source, second),
            source=source,
            second=second,
            why=why,
            since=min(each.fetched_at for each in some),
            at=now,
        )
        self._changed += same_dates.distrust_those(
            self._database, batch, [each.id for each in some], now=now
        )


def _seconds(found: Iterable[Dated]) -> Iterator[tuple[tuple[str, datetime], Dated]]:
    """Yield what could be of a batch, with its source and its second."""
    for each in found:
        second = second_of(each.published)
        if second and not each.published.doubt and each.published.source not in _NOT_PRINTED:
            yield (each.source, second), each


def _counter(source: str, second: datetime) -> int:
    told = f"{source} {second.isoformat()}".encode()
    return int.from_bytes(blake2b(told, digest_size=4).digest(), "big") % _COUNTERS


def _confirmed(each: Dated) -> bool:
    """Say whether something else tells the day, too: the address, or whoever made a file of an archive."""
    return each.published.source == IMPORTED or each.published.day in address_days(each.url)
