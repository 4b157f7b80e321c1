"""Which of the sources that an alert looks at were read in a time, so that silence is explained.

A source was read when a run of it ended well in one of the time's hours. One that is asked more rarely than
that was when one did within twice its own interval; one that is crawled on a schedule or on request
alone, within a week, for so long feeds and lists name what it published.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache

import attrs

from newsbot.alerts.rules import RuleError, understand
from newsbot.archive import coverage, sources
from newsbot.archive.connection import Database
from newsbot.archive.coverage import SourceDay
from newsbot.archive.naming import Family, Names
from newsbot.archive.rules import Rule
from newsbot.archive.sources import Source
from newsbot.search.attention import scope
from newsbot.search.documents import Documents
from newsbot.search.lists import Lists

# So many of those that were not read are named.
MOST_NAMED = 20
_ON_REQUEST = timedelta(days=7)
_LONGEST = timedelta(days=31)
_REASON = 80  # characters


@attrs.frozen
class _Known:
    """A source, with all that stands for it; ``missed`` says why it was not read, "" where it was."""

    family: Family
    missed: str


class SourcesRead:
    """What is known of sources at one moment, for as many alerts as ask."""

    def __init__(self, database: Database, now: datetime) -> None:
        self._database = database
        self._now = now
        self._in = cache(self._known)
        self._ran = cache(self._coverage)
        self._records: list[Source] | None = None

    def of(self, rule: Rule, since: datetime, until: datetime) -> dict[str, object]:
        """Return how many of an alert's sources were read from a moment to another, and which were not."""
        known = self._in(since, until)
        among = self.among(rule)
        of = [each for each in known if among is None or each.family.id in among]
        missing = [f"{each.family.name} ({each.missed})" for each in of if each.missed]
        return {
            "read": len(of) - len(missing),
            "of": len(of),
            "missing": missing[:MOST_NAMED],
        }

    def among(self, rule: Rule) -> frozenset[str] | None:
        """Return the sources of which a rule can tell; None: all."""
        names = Documents.of(self._database).names()
        try:
            query = understand(rule.query, Lists.of(self._database).now().entries)
            among = scope(query, names)
        except RuleError:  # a list that it used is gone: it looks at nothing until that is mended
            among = None
        if named := _families(rule.sources, names):
            among = named if among is None else among & named
        if out := _families(rule.noise.without, names):
            among = (names.everyone() if among is None else among) - out
        return among

    def _known(self, since: datetime, until: datetime) -> tuple[_Known, ...]:
        if self._records is None:
            self._records = sources.records(self._database)
        names = Documents.of(self._database).names()
        found: dict[str, tuple[Family, Source]] = {}
        for record in self._records:
            family = names.family(record.id)
            if family is not None and record.id == family.id and record.added_at < until:
                found[family.id] = (family, record)
        return tuple(
            _Known(family, self._missed(family, record, since, until))
            for family, record in sorted(found.values(), key=lambda pair: pair[0].name)
        )

    def _missed(self, family: Family, record: Source, since: datetime, until: datetime) -> str:
        """Say why a source was not read; "" where it was."""
        if record.next_due is None and record.state != "paused":
            rhythm = _ON_REQUEST
        else:
            rhythm = timedelta(seconds=2 * (record.interval or 0.0))
        begin = min(since, until - min(rhythm, _LONGEST))
        ran = self._ran(begin.astimezone(UTC).date(), until.astimezone(UTC).date())
        why = ""
        for source in family.ids:
            for day, said in ran.get(source, {}).items():
                hours = _hours(day, begin, until)
                if said.well & hours:
                    return ""
                if said.failed & hours:
                    why = said.why
        if record.state == "paused":
            return "it is paused"
        return f"its runs failed: {why[:_REASON]}" if why else "no run of it ended"

    def _coverage(self, first: date, last: date) -> Mapping[str, Mapping[date, SourceDay]]:
        return coverage.between(self._database, first, last)


def _families(named: Iterable[str], names: Names) -> frozenset[str]:
    """Return the sources that names of sources and groups stand for."""
    ids = {each for name in named for each in names.called(name) | names.grouped(name)}
    return frozenset(family.id for each in ids if (family := names.family(each)))


def _hours(day: date, begin: datetime, end: datetime) -> int:
    """Return the hours of a day (UTC) that a time has part in, as bits."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    first = max(0, int((begin - midnight) // timedelta(hours=1)))
    last = min(24, -int((midnight - end) // timedelta(hours=1)))
    return ((1 << last) - 1) & ~((1 << first) - 1) if last > first else 0
