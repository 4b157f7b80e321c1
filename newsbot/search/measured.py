"""A timeline with what it rests on: what was collected in its scope, and which sources were missing."""

from collections import Counter
from datetime import date, datetime, timedelta

import attrs

from newsbot.archive.connection import Database
from newsbot.search.asking import by_day, counted_days
from newsbot.search.attention import LONGEST, scope
from newsbot.search.daily import of_sources
from newsbot.search.documents import Documents
from newsbot.search.facets import Of, Timeline, first_of
from newsbot.search.gaps import Gap, Gaps, gaps
from newsbot.search.lists import Lists
from newsbot.search.remembered import Remembered
from newsbot.search.results import Reader
from newsbot.search.selection import Selection

# Days of sources that are looked at while somebody waits: some 0.3 s.
_AT_ONCE = 20_000
# Gaps that are named where there is little room.
NAMED = 6


@attrs.frozen(kw_only=True)
class MeasuredBar:
    """A bar: ``collected`` are all articles of its days from the sources that the query may find.

    ``gaps`` are those of these sources that were not collected as usual on one of its days.
    """

    first: date
    last: date
    count: int
    collected: int
    gaps: tuple[Gap, ...]

    @property
    def share(self) -> float | None:
        """The share of what was collected; None where nothing was."""
        return self.count / self.collected if self.collected else None

    @property
    def gap(self) -> str:
        """Who was not collected as usual, and why."""
        return "; ".join(f"{gap.name}: {gap.said}" for gap in self.gaps)

    @property
    def gap_in_short(self) -> str:
        """The same of the first few of them."""
        return "; ".join(f"{gap.name}: {gap.said}" for gap in self.gaps[:NAMED])

    @property
    def unnamed(self) -> int:
        """How many are not among those few."""
        return max(0, len(self.gaps) - NAMED)


@attrs.frozen(kw_only=True)
class Measured:
    """A timeline's bars; ``absent`` are sources in scope that were not collected in all this time.

    ``known`` is False while gaps are still looked for, and none are told.
    """

    bars: tuple[MeasuredBar, ...]
    absent: tuple[Gap, ...]
    known: bool = True


def measured(
    database: Database,
    reader: Reader,
    query: str,
    timeline: Timeline,
    *,
    now: datetime,
    slowest: float,
    kept: "KeptGaps | None" = None,
    wait: bool = True,
) -> Measured:
    """Return the bars of a query's timeline with what was collected, and the gaps in it.

    ``slowest`` is the longest time between two polls of a source (seconds). Gaps are looked for in the
    last five years of the timeline; ``kept`` spares a page from doing so at each view, and with ``wait``
    False from waiting where that takes long.

    Raises:
        QuerySyntaxError: when it is no query.
    """
    if not timeline.bars:
        return Measured(bars=(), absent=())
    names = Documents.of(database).names()
    among = scope(Lists.of(database).now().understood(query), names) if query else None
    everything = reader.select("", now=now)
    first, last = timeline.bars[0].first, timeline.bars[-1].last
    collected: Counter[date] = Counter()
    ids = among and frozenset(
        each for one in among if (family := names.family(one)) for each in family.ids
    )
    for day, count in _collected(everything, timeline.of, ids).items():
        collected[first_of(day, timeline.by)] += count
    since = max(first, last - timedelta(days=LONGEST - 1))
    missing: Gaps | None
    if kept is not None:
        missing = kept.gaps(database, everything, since, last, now=now, slowest=slowest, wait=wait)
    else:
        missing = gaps(database, everything, since, last, now=now, slowest=slowest, among=among)
    return Measured(
        bars=tuple(
            MeasuredBar(
                first=bar.first,
                last=bar.last,
                count=bar.count,
                collected=collected[bar.first],
                gaps=missing.of(bar.first, bar.last, among) if missing else (),
            )
            for bar in timeline.bars
        ),
        absent=tuple(
            gap
            for gap in (missing.absent if missing else ())
            if among is None or gap.source in among
        ),
        known=missing is not None,
    )


class KeptGaps:
    """Gaps of all sources, found once for many views. Safe for threads.

    They are looked for anew after five minutes: of 200 sources over half a year it takes half a second.
    """

    def __init__(self) -> None:
        self._found: Remembered[tuple[date, date], Gaps] = Remembered()

    def gaps(
        self,
        database: Database,
        everything: Selection,
        first: date,
        last: date,
        *,
        now: datetime,
        slowest: float,
        wait: bool = True,
    ) -> Gaps | None:
        """Return the gaps of all sources in a time that this one is in.

        None where they are not known yet and ``wait`` is False: of many sources over years they are looked for
        meanwhile.
        """
        today = now.date()
        many = len(Documents.of(database).names().everyone()) * (last - first).days > _AT_ONCE
        begin = first.replace(month=1, day=1) if many else _quarter(first)
        end = today if many else min(_quarter(last + timedelta(days=92)), today)

        def find() -> Gaps:
            return gaps(database, everything, begin, end, now=now, slowest=slowest)

        looked_up = self._found.soon if many and not wait else self._found.of
        return looked_up((begin, end), find)


def _quarter(day: date) -> date:
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def _collected(everything: Selection, of: Of, ids: frozenset[str] | None) -> dict[date, int]:
    field = "day" if of == "date" else "seen_day"
    among = [of_sources(everything.schema, ids)] if ids else []
    found = everything.aggregate({"days": by_day(field)}, *among)
    return counted_days(found["days"]) if found else {}
