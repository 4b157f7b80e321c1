"""A query, lowered to Tantivy.

Tantivy finds candidates; where it cannot decide as the evaluator does, it finds more, never fewer:

- ``strict`` is exact for articles whose words have one reading each;
- ``loose`` finds every article that can match at all, and the evaluator decides.

``exact`` says whether ``strict`` decides by itself. Proximity and ``=exact`` words are never exact.
``decided`` says that it does so whatever readings an article's words have: no row of words is asked for.
"""

from collections.abc import Collection
from datetime import UTC, datetime

import attrs
import tantivy
from tantivy import Occur
from tantivy import Query as Lowered

from newsbot.archive.naming import Names
from newsbot.query.analysis import spellings, ways_of
from newsbot.query.evaluate import pattern_ways, url_value
from newsbot.query.syntax import (
    Age,
    And,
    Days,
    Equal,
    HasDate,
    Near,
    Not,
    Or,
    Phrase,
    Query,
    Word,
)
from newsbot.search.index import ordinal

_BOTH = ("title", "body")
_FAR = 3_000_000  # days; beyond the calendar


@attrs.frozen
class Plan:
    """How a query is asked: see the module."""

    strict: Lowered
    loose: Lowered
    exact: bool
    decided: bool


def lower(query: Query, schema: tantivy.Schema, now: datetime, names: Names) -> Plan:
    """Return the plan of a query.

    ``now`` is what relative ages are counted from, ``names`` say which sources are meant.
    """
    return Plan(
        strict=_Lowering(schema, now, names, strict=True).of(query),
        loose=_Lowering(schema, now, names, strict=False).of(query),
        exact=_exact(query),
        decided=_exact(query) and _decided(query),
    )


def _exact(query: Query) -> bool:
    match query:
        case Near():
            return False
        case Word():
            return not query.exact
        case Phrase():
            return query.slop is None
        case Not(child):
            return _exact(child)
        case And(children) | Or(children):
            return all(map(_exact, children))
        case Age(field):
            return field == "date"
        case _:
            return True


class _Lowering:
    def __init__(
        self, schema: tantivy.Schema, now: datetime, names: Names, *, strict: bool
    ) -> None:
        self._schema = schema
        self._now = now
        self._names = names
        self._strict = strict

    def of(self, query: Query) -> Lowered:
        match query:
            case And(children):
                return self._all([self.of(child) for child in children])
            case Or(children):
                return self._any([self.of(child) for child in children])
            case Not(child):
                return self._not(child)
            case Word():
                return self._text(query.text, query.field, prefix=query.prefix, stars=False)
            case Phrase() if query.slop is not None:
                return self._words(query.text, query.field)
            case Phrase():
                return self._text(query.text, query.field, prefix=False, stars=True)
            case Near(left, right):
                return self._all([self.of(left), self.of(right)])
            case Equal():
                return self._equal(query)
            case HasDate():
                return self._range("day", -_FAR, _FAR)
            case Days(field, first, last):
                return self._range(
                    "day" if field == "date" else "seen_day",
                    ordinal(first) if first else -_FAR,
                    ordinal(last) if last else _FAR,
                )
            case Age():
                return self._age(query)

    def _equal(self, query: Equal) -> Lowered:
        value = query.value.casefold()
        if query.field == "source":  # the host stands in that field, too
            return self._of_sources({*self._names.called(value), value})
        if query.field == "group":
            return self._of_sources(self._names.grouped(value))
        key = url_value(value) if query.field == "url" else value
        return Lowered.term_query(self._schema, query.field, key)

    def _of_sources(self, keys: Collection[str]) -> Lowered:
        if not keys:
            return Lowered.empty_query()
        return Lowered.term_set_query(self._schema, "source", sorted(keys))

    def _all(self, parts: list[Lowered]) -> Lowered:
        return Lowered.boolean_query([(Occur.Must, part) for part in parts])

    def _any(self, parts: list[Lowered]) -> Lowered:
        if not parts:
            return Lowered.empty_query()
        return (
            parts[0]
            if len(parts) == 1
            else Lowered.boolean_query([(Occur.Should, p) for p in parts])
        )

    def _not(self, child: Query) -> Lowered:
        if not (self._strict or _decided(child)) or not _exact(child):
            return Lowered.all_query()  # more, never fewer
        return Lowered.boolean_query(
            [(Occur.Must, Lowered.all_query()), (Occur.MustNot, self.of(child))]
        )

    def _range(self, field: str, low: int, high: int) -> Lowered:
        return Lowered.range_query(self._schema, field, tantivy.FieldType.Integer, low, high)

    def _age(self, query: Age) -> Lowered:
        if query.field == "seen":
            edge = int((self._now.timestamp() - query.seconds) * 1_000_000)
            low, high = (edge, 2**62) if query.younger else (0, edge)
            return self._range("seen", low, high)
        today = ordinal(self._now.astimezone(UTC).date())
        days = query.seconds / 86_400
        whole = int(days)
        if query.younger:
            # age < days: strictly, so a whole number of days is left out
            return self._range("day", today - (whole if whole < days else whole - 1), _FAR)
        return self._range("day", -_FAR, today - whole - 1)

    def _text(self, text: str, field: str, *, prefix: bool, stars: bool) -> Lowered:
        ways = pattern_ways(text, prefix=prefix, stars=stars)
        names = (field,) if field else _BOTH
        return self._any([self._row(name, way) for name in names for way in ways])

    def _row(self, name: str, way: tuple[tuple[str, bool], ...]) -> Lowered:
        if len(way) == 1:
            return self._term(name, *way[0])
        if any(open_ended for _, open_ended in way) or not self._strict:
            pairs = [self._pair(name, way[place], way[place + 1]) for place in range(len(way) - 1)]
            if not self._strict:
                return self._all(pairs)
            return Lowered.regex_phrase_query(
                self._schema, name, [_pattern(term, open_ended) for term, open_ended in way]
            )
        return Lowered.phrase_query(self._schema, name, [term for term, _ in way])

    def _pair(self, name: str, one: tuple[str, bool], other: tuple[str, bool]) -> Lowered:
        if one[1] or other[1]:
            return self._all([self._term(name, *one), self._term(name, *other)])
        return self._any(
            [
                Lowered.phrase_query(self._schema, name, [left, right])
                for left in spellings(one[0])
                for right in spellings(other[0])
            ]
        )

    def _term(self, name: str, term: str, open_ended: bool) -> Lowered:
        if open_ended:
            return Lowered.regex_query(self._schema, name, _pattern(term, open_ended=True))
        return self._any(
            [Lowered.term_query(self._schema, name, spelling) for spelling in spellings(term)]
        )

    def _words(self, text: str, field: str) -> Lowered:
        """Return a query for all terms of a text, wherever they stand in one field."""
        names = (field,) if field else _BOTH
        rows = (
            pattern_ways(text, stars=True)
            if "*" in text
            else [tuple((term, False) for term in way) for way in ways_of(text)]
        )
        return self._any(
            [self._all([self._term(name, *term) for term in row]) for name in names for row in rows]
        )


def _decided(query: Query) -> bool:
    """Say whether Tantivy decides this for articles of several readings, too: no row of words."""
    match query:
        case Word() | Phrase() | Near():
            return isinstance(query, Word) and all(len(way) == 1 for way in ways_of(query.text))
        case Not(child):
            return _decided(child)
        case And(children) | Or(children):
            return all(map(_decided, children))
        case _:
            return True


_SPECIAL = frozenset(r"\.+*?()|[]{}^$#&-~/\"<>@")


def _pattern(term: str, open_ended: bool) -> str:
    escaped = "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in term)
    return escaped + (".*" if open_ended else "")
