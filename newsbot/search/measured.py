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


@attrs.frozen(kw_only=True)
class Measured:
    """A timeline's bars; ``absent`` are sources in scope that were not collected in all this time."""

    bars: tuple[MeasuredBar, ...]
    absent: tuple[Gap, ...]


def measured(
    database: Database,
    reader: Reader,
    query: str,
    timeline: Timeline,
    *,
    now: datetime,
    slowest: float,
    kept: "KeptGaps | None" = None,
) -> Measured:
    """Return the bars of a query's timeline with what was collected, and the gaps in it.

    ``slowest`` is the longest time between two polls of a source (seconds). Gaps are looked for in the
    last five years of the timeline; ``kept`` spares a page from doing so at each view.

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
    if kept is not None:
        missing = kept.gaps(database, everything, since, last, now=now, slowest=slowest)
    else:
        missing = gaps(database, everything, since, last, now=now, slowest=slowest, among=among)
    return Measured(
        bars=tuple(
            MeasuredBar(
                first=bar.first,
                last=bar.last,
                count=bar.count,
                collected=collected[bar.first],
                gaps=missing.of(bar.first, bar.last, among),
            )
            for bar in timeline.bars
        ),
        absent=tuple(gap for gap in missing.absent if among is None or gap.source in among),
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
    ) -> Gaps:
        """Return the gaps of all sources in the quarters that a time is in."""
        key = _quarter(first), min(_quarter(last + timedelta(days=92)), now.date())
        return self._found.of(
            key, lambda: gaps(database, everything, *key, now=now, slowest=slowest)
        )


def _quarter(day: date) -> date:
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def _collected(everything: Selection, of: Of, ids: frozenset[str] | None) -> dict[date, int]:
    field = "day" if of == "date" else "seen_day"
    among = [of_sources(everything.schema, ids)] if ids else []
    found = everything.aggregate({"days": by_day(field)}, *among)
    return counted_days(found["days"]) if found else {}
