"""Attention over time: how much several queries find, side by side, and out of how much.

Each bucket (a day, a week or a month) says what each query found, what was collected in its scope, and
which sources of its scope were not collected as usual. Nothing is said to rise or fall out of a bucket
that has such a gap or is not over: changes are told of the others alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import attrs

from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.archive.naming import Names
from newsbot.query import Query
from newsbot.query.syntax import And, Equal, Not, Or
from newsbot.search.change import Change, change
from newsbot.search.daily import days_of, of_sources, per_day, per_source_and_day
from newsbot.search.documents import Documents
from newsbot.search.facets import By, first_of, next_of
from newsbot.search.gaps import Gap, Gaps, gaps
from newsbot.search.lists import Lists
from newsbot.search.results import Reader
from newsbot.search.selection import Selection

Parts = Literal["", "source", "group"]

MOST_QUERIES = 5
LONGEST = 1_830  # days
_Counts = Mapping[date, int]


class AttentionError(Exception):
    """What cannot be compared; the text says why and what to do."""


@attrs.frozen(kw_only=True)
class Bucket:
    """A day, week or month: ``over`` says whether it has ended, ``gaps`` who was not collected as usual."""

    first: date
    last: date
    over: bool
    gaps: tuple[Gap, ...]

    @property
    def counts(self) -> bool:
        """Whether a change may be told of it."""
        return self.over and not self.gaps


@attrs.frozen(kw_only=True)
class Line:
    """What a query found in each bucket; ``part`` is the source or group that it is about, "" for all.

    ``totals`` are what was collected in its scope, ``buckets`` say what is missing there.
    """

    query: str
    part: str
    counts: tuple[int, ...]
    totals: tuple[int, ...]
    buckets: tuple[Bucket, ...]
    change: Change

    @property
    def label(self) -> str:
        """What the line is called."""
        return f"{self.query} · {self.part}" if self.part else self.query

    @property
    def shares(self) -> tuple[float | None, ...]:
        """The share of what was collected, of each bucket; None where nothing was."""
        pairs = zip(self.counts, self.totals, strict=True)
        return tuple(count / total if total else None for count, total in pairs)


@attrs.frozen(kw_only=True)
class Attention:
    """Queries side by side. ``buckets`` have the gaps of all their scopes.

    ``undated`` of the articles found count by the day on which they were first stored. ``absent`` are
    sources that were not collected in all this time, ``left_out`` counts the smaller lines left out;
    ``unsteady`` are sources that were left out since they were not collected on all days.
    """

    by: By
    share: bool
    parts: Parts
    first: date
    last: date
    buckets: tuple[Bucket, ...]
    lines: tuple[Line, ...]
    undated: int
    absent: tuple[Gap, ...]
    left_out: int = 0
    unsteady: tuple[Gap, ...] = ()


@attrs.frozen
class _Part:
    """A part of a query's scope: its name, and the ids of its sources; None for all."""

    query: str
    name: str
    among: frozenset[str] | None
    found: _Counts
    collected: _Counts


def attention(
    database: Database,
    reader: Reader,
    queries: Sequence[str],
    first: date,
    last: date,
    *,
    now: datetime,
    slowest: float,
    by: By = "day",
    share: bool = False,
    parts: Parts = "",
    steady: bool = False,
    most: int = 12,
) -> Attention:
    """Compare what queries find from a day to another, whole weeks or months where it is by these.

    ``slowest`` is the longest time between two polls of a source (seconds), ``most`` how many lines there
    are at most. ``steady`` counts only articles of sources that were collected on all days: in a large
    archive some source is ill every day.

    Raises:
        AttentionError: when there are too many queries or days.
        QuerySyntaxError: when one is no query, or takes too long to decide.
    """
    first, last = _whole(first, last, by, now.astimezone(UTC).date())
    _check(queries, first, last)
    *found, everything = reader.beside(queries, now=now)
    names = Documents.of(database).names()
    missing = gaps(database, everything, first, last, now=now, slowest=slowest)
    ends = _buckets(first, last, by)
    lists = Lists.of(database).now()
    scopes = [scope(lists.understood(query), names) for query in queries]
    unsteady: tuple[Gap, ...] = ()
    if steady:
        unsteady = _unsteady(missing, now.astimezone(UTC).date())
        left = names.everyone() - {gap.source for gap in unsteady}
        scopes = [left if each is None else left & each for each in scopes]
    made: list[_Part] = []
    undated = 0
    for query, selection, among in zip(queries, found, scopes, strict=True):
        of = () if among is None else (of_sources(selection.schema, _ids(among, names)),)
        counts, without = per_day(selection, first, last, *(of if steady else ()))
        undated += without
        whole = _Part(query, "", among, counts, _collected(everything, first, last, among, names))
        made += (
            [whole]
            if not parts
            else _parts(database, selection, everything, whole, first, last, parts, names, missing)
        )
    lines = [_line(each, ends, missing, by, share=share, now=now) for each in made]
    if parts:
        lines.sort(key=lambda line: (queries.index(line.query), -sum(line.counts), line.part))
    whole_scope = None if None in scopes else frozenset().union(*(each or () for each in scopes))
    return Attention(
        by=by,
        share=share,
        parts=parts,
        first=first,
        last=last,
        buckets=_marked(ends, missing, whole_scope, now),
        lines=tuple(_largest(lines, most)),
        undated=undated,
        absent=tuple(
            each for each in missing.absent if whole_scope is None or each.source in whole_scope
        ),
        left_out=max(0, len(lines) - most),
        unsteady=unsteady,
    )


def _unsteady(missing: Gaps, today: date) -> tuple[Gap, ...]:
    """Return, of each source that was not collected on some day before today, one gap.

    That there was little of it is no reason: to leave out sources for that would hide a fall.
    """
    found = (*missing.of(missing.first, today - timedelta(days=1)), *missing.absent)
    gaps_of = {gap.source: gap for gap in found if gap.source and gap.why != "below"}
    return tuple(gaps_of.values())


def _check(queries: Sequence[str], first: date, last: date) -> None:
    if not 1 <= len(queries) <= MOST_QUERIES:
        raise AttentionError(f"between 1 and {MOST_QUERIES} queries are compared")
    if len(set(queries)) < len(queries):
        raise AttentionError("a query stands there twice")
    if last < first:
        raise AttentionError(f"the time ends ({last}) before it begins ({first})")
    if (last - first).days >= LONGEST:
        raise AttentionError(f"at most {LONGEST} days (five years) are compared at a time")


def _whole(first: date, last: date, by: By, today: date) -> tuple[date, date]:
    """Return the time widened to whole weeks or months, of the future nothing."""
    end = next_of(first_of(last, by), by) - timedelta(days=1)
    return first_of(first, by), min(end, today)


def _buckets(first: date, last: date, by: By) -> list[tuple[date, date]]:
    found = []
    while first <= last:
        following = next_of(first, by)
        found.append((first, following - timedelta(days=1)))
        first = following
    return found


def _marked(
    ends: Iterable[tuple[date, date]],
    missing: Gaps,
    among: frozenset[str] | None,
    now: datetime,
) -> tuple[Bucket, ...]:
    today = now.astimezone(UTC).date()
    return tuple(
        Bucket(first=first, last=last, over=last < today, gaps=missing.of(first, last, among))
        for first, last in ends
    )


# What a query's scope is


def scope(tree: Query, names: Names) -> frozenset[str] | None:
    """Return the ids of the sources that a query can find articles of, as it says; None: of all."""
    match tree:
        case Equal(field="source", value=value):
            return _families(names.called(value.casefold()), names)
        case Equal(field="group", value=value):
            return _families(names.grouped(value), names)
        case And(children):
            return _joined(children, names, lambda one, other: one & other, all_of=True)
        case Or(children):
            return _joined(children, names, lambda one, other: one | other, all_of=False)
        case Not(Equal(field="source" | "group") as left):
            out = scope(left, names)
            return None if out is None else names.everyone() - out
        case _:
            return None


def _families(ids: Iterable[str], names: Names) -> frozenset[str] | None:
    # A host may stand there, too: which sources have articles of it is not known.
    found = {family.id for each in ids if (family := names.family(each))}
    return frozenset(found) or None


def _joined(
    children: Iterable[Query],
    names: Names,
    join: Callable[[frozenset[str], frozenset[str]], frozenset[str]],
    *,
    all_of: bool,
) -> frozenset[str] | None:
    scopes = [scope(each, names) for each in children]
    known = [each for each in scopes if each is not None]
    if not known or (not all_of and len(known) < len(scopes)):
        return None
    found = known[0]
    for each in known[1:]:
        found = join(found, each)
    return found or None


def _collected(
    everything: Selection, first: date, last: date, among: frozenset[str] | None, names: Names
) -> _Counts:
    if among is None:
        return per_day(everything, first, last)[0]
    of = of_sources(everything.schema, _ids(among, names))
    return per_day(everything, first, last, of)[0]


def _ids(families: Iterable[str], names: Names) -> set[str]:
    found: set[str] = set()
    for each in families:
        family = names.family(each)
        found |= family.ids if family else {each}
    return found


# By source or group


def _parts(
    database: Database,
    selection: Selection,
    everything: Selection,
    whole: _Part,
    first: date,
    last: date,
    parts: Parts,
    names: Names,
    missing: Gaps,
) -> list[_Part]:
    if parts == "source":
        return _by_source(selection, whole, first, last, names, missing)
    groups: dict[str, str] = {}
    for source in sources.everything(database):
        for group in source.groups:
            groups.setdefault(group.casefold(), group)
    found = []
    for key, name in groups.items():
        ids = names.grouped(key)
        among = _families(ids, names)
        if among and whole.among is not None:
            among &= whole.among
        if among:
            of = of_sources(everything.schema, _ids(among, names))
            counts, _ = per_day(selection, first, last, of)
            total = _collected(everything, first, last, among, names)
            found.append(_Part(whole.query, name, among, counts, total))
    return found


def _by_source(
    selection: Selection, whole: _Part, first: date, last: date, names: Names, missing: Gaps
) -> list[_Part]:
    raw = per_source_and_day(selection, first, last, sources=len(names.everyone()) + 16)
    counts: dict[str, Counter[date]] = {}
    for day, of_day in raw.items():
        for each, count in of_day.items():
            family = names.family(each)
            counts.setdefault(family.id if family else each, Counter())[day] += count
    found = []
    for source, of_source in counts.items():
        family = names.family(source)
        if whole.among is None or source in whole.among:
            total = {
                day: missing.collected[day][source]
                for day in days_of(first, last)
                if day in missing.collected
            }
            name = family.name if family else "(removed source)"
            found.append(_Part(whole.query, name, frozenset({source}), of_source, total))
    return found


def _line(
    part: _Part,
    ends: list[tuple[date, date]],
    missing: Gaps,
    by: By,
    *,
    share: bool,
    now: datetime,
) -> Line:
    counts, totals = _summed(part.found, by), _summed(part.collected, by)
    buckets = _marked(ends, missing, part.among, now)
    found = tuple(counts[first] for first, _ in ends)
    collected = tuple(totals[first] for first, _ in ends)
    days = [float((last - first).days + 1) for first, last in ends]
    return Line(
        query=part.query,
        part=part.name,
        counts=found,
        totals=collected,
        buckets=buckets,
        change=change(
            [
                (count, float(total) if share else length)
                for count, total, length, bucket in zip(
                    found, collected, days, buckets, strict=True
                )
                if bucket.counts and (total or not share)
            ],
            left_out=sum(not bucket.counts for bucket in buckets),
        ),
    )


def _summed(days: _Counts, by: By) -> Counter[date]:
    found: Counter[date] = Counter()
    for day, count in days.items():
        found[first_of(day, by)] += count
    return found


def _largest(lines: list[Line], most: int) -> list[Line]:
    """Return the lines with the most articles, in the order in which they stand."""
    kept = {
        id(each) for each in sorted(lines, key=lambda each: sum(each.counts), reverse=True)[:most]
    }
    return [each for each in lines if id(each) in kept]
