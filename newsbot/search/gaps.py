"""Days on which sources were not collected as usual, so that no chart takes our own outage for news.

A source has a *gap* on a day (UTC) when, in this order:

- it was not yet added, or only in the course of that day (days that a walk back in time has read are
  none), or it was removed since its last article;
- it was ill: its runs of the day failed or were refused; or, where it is polled, none ended well for
  twelve hours in a row; or, where it is crawled on a schedule or on request, none ended well on that
  day or in the seven days after, in which feeds and lists still name what it published;
- what was collected is below its expected band (``newsbot.search.band``).

A source that has a gap on every day of a time and brought nothing in it makes no rise and no fall there:
it is named once, as absent. Days that the search index has not reached are marked as a whole.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import attrs

from newsbot.archive import backfills, coverage, sources
from newsbot.archive.connection import Database
from newsbot.archive.coverage import SourceDay
from newsbot.archive.naming import Family, Names
from newsbot.search.band import WEEKS, below
from newsbot.search.daily import SourceDays, days_of, per_source_and_day
from newsbot.search.documents import Documents
from newsbot.search.selection import Selection

Why = Literal["not added", "removed", "ill", "not crawled", "below", "not indexed"]

# Hours in a row without a run that ended well, of a source that is polled at least every six.
_HOURS = 12
# How long feeds and lists name an article at least, for sources that are not polled.
_NAMED = 7
_ALL_HOURS = (1 << 24) - 1
_REMOVED = "(removed source)"


@attrs.frozen(kw_only=True)
class Gap:
    """A source that was not collected as usual on a day: its id and name, and ``said``, why."""

    source: str
    name: str
    why: Why
    said: str


@attrs.frozen(kw_only=True)
class Gaps:
    """What was collected of sources in a time, and the gaps in it, by day; days without any are left out.

    ``collected`` also has the eight weeks before. ``absent`` are sources that were not collected at all.
    """

    first: date
    last: date
    days: Mapping[date, tuple[Gap, ...]]
    absent: tuple[Gap, ...]
    collected: SourceDays
    # By the days from and to which they were asked for: charts ask for the same again and again.
    _told: dict[tuple[date, date], tuple[Gap, ...]] = attrs.field(
        factory=dict, init=False, repr=False, eq=False
    )

    def of(self, first: date, last: date, among: Collection[str] | None = None) -> tuple[Gap, ...]:
        """Return the gaps from a day to another: of each source and reason the first.

        ``among`` are the ids of sources in scope; None: all.
        """
        found = self._told.get((first, last))
        if found is None:
            each_first: dict[tuple[str, str], Gap] = {}
            for day in days_of(max(first, self.first), min(last, self.last)):
                for gap in self.days.get(day, ()):
                    each_first.setdefault((gap.source, gap.why), gap)
            found = self._told[first, last] = tuple(each_first.values())
        if among is None:
            return found
        return tuple(gap for gap in found if not gap.source or gap.source in among)


@attrs.frozen(kw_only=True)
class _Known:
    """What is known of a source besides its articles. ``walked_to`` is how far back it was read."""

    family: Family
    added: datetime
    polled: bool
    paused: bool
    slowest: float
    walked_to: date | None
    ran: Mapping[date, SourceDay]


def gaps(
    database: Database,
    everything: Selection,
    first: date,
    last: date,
    *,
    now: datetime,
    slowest: float,
    among: Collection[str] | None = None,
) -> Gaps:
    """Return the gaps of sources from a day to another (of the future there are none).

    ``everything`` is all that the index has, ``slowest`` the longest time between two polls (seconds),
    ``among`` the ids of the sources in scope, None for all.
    """
    last = min(last, now.astimezone(UTC).date())
    start = first - timedelta(weeks=WEEKS)
    names = Documents.of(database).names()
    known = _known(database, names, start, last + timedelta(days=_NAMED), slowest)
    raw = per_source_and_day(everything, start, last, sources=len(known) + 16)
    collected = _by_family(raw, names)
    listed: dict[date, list[Gap]] = {}
    absent: list[Gap] = []
    for source in sorted({*known, *(each for day in collected.values() for each in day)}):
        if among is not None and source not in among:
            continue
        found = _of_source(source, known.get(source), collected, first, last, now)
        brought = any(_count(collected, day, source) for day in days_of(first, last))
        if found and len(found) == (last - first).days + 1 and not brought:
            absent.append(found[last])
            continue
        for day, gap in found.items():
            listed.setdefault(day, []).append(gap)
    for day, gap in _not_indexed(everything, first, last, now):
        listed.setdefault(day, []).append(gap)
    return Gaps(
        first=first,
        last=last,
        days={day: tuple(sorted(each, key=lambda gap: gap.name)) for day, each in listed.items()},
        absent=tuple(sorted(absent, key=lambda gap: gap.name)),
        collected=collected,
    )


def _known(
    database: Database, names: Names, first: date, last: date, slowest: float
) -> dict[str, _Known]:
    ran = coverage.between(database, first, last)
    walked = backfills.reached(database)
    families: dict[str, list[sources.Source]] = {}
    heads: dict[str, Family] = {}
    for record in sources.records(database):
        family = names.family(record.id)
        if family is not None:
            families.setdefault(family.id, []).append(record)
            heads[family.id] = family
    found = {}
    for head, members in families.items():
        own = next((each for each in members if each.id == head), members[0])
        days: dict[date, SourceDay] = {}
        for each in heads[head].ids:
            for day, said in ran.get(each, {}).items():
                days[day] = days[day].joined(said) if day in days else said
        found[head] = _Known(
            family=heads[head],
            added=min(each.added_at for each in members).astimezone(UTC),
            polled=own.next_due is not None,
            paused=own.state == "paused",
            slowest=slowest,
            walked_to=min(
                (walked[each] for each in heads[head].ids if each in walked), default=None
            ),
            ran=days,
        )
    return found


def _by_family(raw: SourceDays, names: Names) -> SourceDays:
    found: SourceDays = {}
    for day, counts in raw.items():
        of_day = found.setdefault(day, Counter())
        for source, count in counts.items():
            family = names.family(source)
            of_day[family.id if family else source] += count
    return found


def _count(collected: SourceDays, day: date, source: str) -> int:
    return collected[day][source] if day in collected else 0


def _of_source(
    source: str,
    known: _Known | None,
    collected: SourceDays,
    first: date,
    last: date,
    now: datetime,
) -> dict[date, Gap]:
    name = known.family.name if known else _REMOVED
    counts = {day: _count(collected, day, source) for day in days_of(first, last)}
    if known is None:
        ended = max((day for day, count in counts.items() if count), default=first)
        return {
            day: Gap(source=source, name=name, why="removed", said="was removed")
            for day in counts
            if day > ended
        }
    found: dict[date, Gap] = {}
    clean: dict[date, bool] = {}

    def is_clean(day: date) -> bool:
        if day not in clean:
            clean[day] = _trouble(known, day, now) is None
        return clean[day]

    for day, count in counts.items():
        trouble = _trouble(known, day, now)
        if trouble is None and day < now.astimezone(UTC).date():
            before: list[int] = []
            for week in range(1, WEEKS + 1):
                then = day - timedelta(weeks=week)
                if is_clean(then):
                    before.append(_count(collected, then, source))
                    if before[-1] <= count:  # within the band, whatever the others say
                        break
            usual = below(count, before)
            if usual is not None:
                trouble = ("below", f"{count} articles, {usual:g} are usual on this weekday")
        if trouble is not None:
            found[day] = Gap(source=source, name=name, why=trouble[0], said=trouble[1])
    return found


def _trouble(known: _Known, day: date, now: datetime) -> tuple[Why, str] | None:
    """Return what kept a source from being collected on a day."""
    added = known.added
    if day <= added.date():
        if known.walked_to is not None and known.walked_to <= day:
            return None
        if day < added.date():
            return "not added", f"was not yet added (it was on {added:%Y-%m-%d})"
        return "not added", f"was added in the course of this day, at {added:%H:%M} UTC"
    said = known.ran.get(day, SourceDay())
    if known.polled or known.paused:
        return _not_polled(known, day, said, now)
    after = [known.ran.get(day + timedelta(days=each), SourceDay()) for each in range(_NAMED + 1)]
    if any(each.well for each in after):
        return None
    if said.failed:
        return "ill", f"its runs failed: {said.why}"
    return "not crawled", "no run ended well on this day or in the week after"


def _not_polled(known: _Known, day: date, said: SourceDay, now: datetime) -> tuple[Why, str] | None:
    today = now.astimezone(UTC)
    hours = today.hour if day == today.date() else 24
    low, high = _longest(said.well, hours)
    if high - low < min(24, max(_HOURS, 2 * known.slowest / 3600)):
        busy = (said.well | said.failed).bit_count()
        if said.failed.bit_count() * 2 >= busy > 0 and said.failed & ~said.well & _ALL_HOURS:
            return (
                "ill",
                f"its runs failed in {said.failed.bit_count()} of {busy} hours: {said.why}",
            )
        return None
    if said.failed:
        when = "" if not said.well else f" from {low:02}:00 to {high:02}:00 UTC"
        return "ill", f"its runs failed{when}: {said.why}"
    if not said.well:
        return "not crawled", "no run, it is paused" if known.paused else "no run of it ended"
    return "not crawled", f"no run of it ended from {low:02}:00 to {high:02}:00 UTC"


def _longest(bits: int, hours: int) -> tuple[int, int]:
    """Return the longest stretch of hours without a bit among so many from midnight."""
    best, start = (0, 0), 0
    for hour in range(hours + 1):
        if hour == hours or bits >> hour & 1:
            if hour - start > best[1] - best[0]:
                best = (start, hour)
            start = hour + 1
    return best


def _not_indexed(
    everything: Selection, first: date, last: date, now: datetime
) -> Iterator[tuple[date, Gap]]:
    """Yield the days that the search index has not reached, or not to their end."""
    up_to = everything.up_to
    if up_to is None or now - up_to < timedelta(hours=1):
        return
    said = f"the search index reaches to {up_to.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    for day in days_of(max(first, up_to.astimezone(UTC).date()), last):
        yield day, Gap(source="", name="(all sources)", why="not indexed", said=said)
