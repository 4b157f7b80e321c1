"""What a query finds, counted: by source, language, section, author, and by the days of a timeline.

All numbers are exact, and are what the query finds once a value narrows it (its ``clause``). Where values are so
many that the index alone would guess which are the largest, those that may be are counted one by one.

A language that names no country counts those that do, too, as ``lang:`` finds them. Spellings of one name that
queries do not tell apart are one value, by the most frequent of them.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import attrs
import tantivy

from newsbot.archive.naming import Names
from newsbot.query import QuerySyntaxError, parse
from newsbot.query.document import equal_value
from newsbot.query.lexing import QUOTES
from newsbot.search.asking import all_of, any_of, by_day, counted_days, how_many
from newsbot.search.lower import lower
from newsbot.text.tokens import words

By = Literal["day", "week", "month"]
Of = Literal["date", "seen"]
Field = Literal["source", "language", "section", "author", "day"]

FIELDS: tuple[Field, ...] = ("source", "language", "section", "author", "day")
BY: tuple[By, ...] = ("day", "week", "month")
# How many values a facet names.
LARGEST = 10

# Values that are asked of each segment of the index: first so many, then, where that does not tell which
# are the largest, all of them. Tantivy counts no more than 65,000.
_ALL = 60_000
_ASKED = (5_000, _ALL)
# What stands for the lack of a value; no value of an article is so.
_NONE = "\x00"


@attrs.frozen(kw_only=True)
class Value:
    """A value of a facet: how many articles have it.

    ``name`` is what people read, ``id`` the source's id for a source, ``clause`` the part of a query that
    asks for it, "" where none can.
    """

    name: str
    count: int
    id: str = ""
    clause: str = ""


@attrs.frozen(kw_only=True)
class Facet:
    """What was found, by one field: the ten largest values, largest first.

    ``others`` counts the articles that have other values alone, ``without`` those that have none. An
    article with two authors counts for both.
    """

    field: Field
    values: tuple[Value, ...]
    others: int
    without: int


@attrs.frozen(kw_only=True)
class Bar:
    """The articles of some days, the ``last`` included."""

    first: date
    last: date
    count: int


@attrs.frozen(kw_only=True)
class Timeline:
    """What was found, over time: each day, week (from Monday) or month from the first to the last.

    ``of`` says what day counts: "date" is that of publication where it is known and believed, "seen"
    that of first storing (UTC). ``undated`` are in no bar.
    """

    by: By
    of: Of
    bars: tuple[Bar, ...]
    undated: int


@attrs.frozen(kw_only=True)
class Facets:
    """What a query found, counted: ``total`` articles, ``undated`` of them without a known day."""

    query: str
    total: int
    undated: int
    facets: tuple[Facet, ...]
    timeline: Timeline

    def facet(self, field: Field) -> Facet:
        """Return the facet of a field."""
        return next(each for each in self.facets if each.field == field)


class Counting:
    """Counts what one query finds, as one searcher sees it."""

    def __init__(
        self,
        searcher: tantivy.Searcher,
        schema: tantivy.Schema,
        query: tantivy.Query,
        names: Names,
    ) -> None:
        self._searcher = searcher
        self._schema = schema
        self._query = query
        self._names = names
        # A query may take long to evaluate: all that can be counted at once is.
        self._buckets = self._counted()
        self.days: dict[Of, dict[date, int]] = {
            "date": counted_days(self._buckets["day"]),
            "seen": counted_days(self._buckets["seen_day"]),
        }
        # Each article has one day of first storing.
        self.total = sum(self.days["seen"].values())

    def facets(self) -> tuple[Facet, ...]:
        """Return all facets."""
        return (
            self._sources(),
            self._languages(),
            self._sections(),
            self._authors(),
            self._of_days(self.days["date"]),
        )

    def timeline(self, by: By | None, of: Of) -> Timeline:
        """Return how much was found over time; ``by`` None takes what makes at most some sixty bars."""
        days = self.days[of]
        by = by or fitting(days)
        return Timeline(by=by, of=of, bars=bars(days, by), undated=self.total - sum(days.values()))

    def _counted(self) -> dict[str, Any]:
        asked = {
            **{each: by_day(each) for each in ("day", "seen_day")},
            **{f"by_{each}": _terms(f"by_{each}", _ASKED[0]) for each in FIELDS if each != "day"},
        }
        try:
            found: dict[str, Any] = self._searcher.aggregate(self._query, asked)
        except ValueError:  # too many buckets for one answer
            found = {
                name: self._searcher.aggregate(self._query, {name: each})[name]
                for name, each in asked.items()
            }
        return found

    # By one field

    def _of_days(self, days: Mapping[date, int]) -> Facet:
        largest = sorted(days.items(), key=lambda each: (-each[1], each[0]))[:LARGEST]
        dated = sum(days.values())
        return Facet(
            field="day",
            values=tuple(
                Value(name=day.isoformat(), count=count, clause=f"date:{day.isoformat()}")
                for day, count in largest
            ),
            others=dated - sum(count for _, count in largest),
            without=self.total - dated,
        )

    def _sources(self) -> Facet:
        found, _ = self._values("by_source", _ASKED[0])
        if not self._whole("by_source"):
            found, _ = self._values("by_source", _ALL)
        ids: dict[str, frozenset[str]] = {}
        for source in found:
            family = self._names.family(source)
            ids[family.id if family else source] = family.ids if family else frozenset({source})
        counts = {
            # An article that two sources have which are one by now counts once.
            head: found[one[0]]
            if len(one := sorted(each & found.keys())) == 1
            else self._having("by_source", one)
            for head, each in ids.items()
        }
        largest = _largest(counts)
        listed = [each for head, _ in largest for each in ids[head]]
        values = []
        for head, count in largest:
            family = self._names.family(head)
            clause = clause_of("source", family.name if family else head)
            if "." in clause:  # a host may be called so as well
                clause, query = self._asked(clause)
                count = count if query is None else self._count(query)
            values.append(
                Value(name=family.name if family else "", count=count, id=head, clause=clause)
            )
        values.sort(key=lambda each: -each.count)
        return self._facet("source", "by_source", values, listed)

    def _languages(self) -> Facet:
        counts = self._contenders("by_language")
        members = {
            tag: [each for each in counts if each == tag or each.partition("-")[0] == tag]
            for tag in counts
        }
        largest = _largest({tag: sum(counts[each] for each in of) for tag, of in members.items()})
        values = [Value(name=tag, count=count, clause=f"lang:{tag}") for tag, count in largest]
        listed = [each for tag, _ in largest for each in members[tag]]
        return self._facet("language", "by_language", values, listed)

    def _sections(self) -> Facet:
        spellings = _spellings(
            self._contenders("by_section"), lambda name: equal_value("section", name)
        )
        values = [
            Value(name=name, count=sum(of.values()), clause=clause_of("section", name))
            for name, of in spellings
        ]
        listed = [each for _, of in spellings for each in of]
        return self._facet("section", "by_section", values, listed)

    def _authors(self) -> Facet:
        column = "by_author"
        spellings = _spellings(self._contenders(column), lambda name: " ".join(words(name)) or name)
        values, asked = [], []
        for name, of in spellings:
            clause, query = self._asked(clause_of("author", name))
            if query is None:
                query = tantivy.Query.term_set_query(self._schema, column, list(of))
            values.append(Value(name=name, count=self._count(query), clause=clause))
            asked.append(query)
        having = self._count(tantivy.Query.exists_query(column))
        return Facet(
            field="author",
            values=tuple(sorted(values, key=lambda each: (-each.count, each.name))),
            others=having - (self._count(any_of(asked)) if asked else 0),
            without=self.total - having,
        )

    def _asked(self, clause: str) -> tuple[str, tantivy.Query | None]:
        """Return what finds the articles that a clause asks for; "" and None where it is none."""
        try:
            tree = parse(clause) if clause else None
        except QuerySyntaxError:
            tree = None
        if tree is None:
            return "", None
        plan = lower(tree, self._searcher, self._schema, datetime.now(UTC), self._names)
        return (clause, plan.query) if plan.exact else ("", None)

    def _facet(
        self, field: Field, column: str, values: Iterable[Value], listed: list[str]
    ) -> Facet:
        shown = tuple(values)
        if self._whole(column):
            counts = {
                each["key"]: int(each["doc_count"]) for each in self._buckets[column]["buckets"]
            }
            without = counts.get(_NONE, 0)
            if sum(counts.values()) == self.total:  # no article has two values
                others = self.total - without - sum(counts.get(each, 0) for each in {*listed})
            else:
                others = self.total - without - self._having(column, listed)
        else:
            having = self._count(tantivy.Query.exists_query(column))
            without, others = self.total - having, having - self._having(column, listed)
        return Facet(field=field, values=shown, others=others, without=without)

    def _contenders(self, column: str) -> dict[str, int]:
        """Return the values of a column that may be among the ten largest, with their exact counts."""
        for size in _ASKED:
            counts, missed = self._values(column, size)
            if not missed:
                break
            # A value that was given has up to ``missed`` articles more than was said; so has one that
            # was not, which is at most as large as the last. Those that may be among the ten are counted.
            beyond = min(counts.values()) + missed
            least = _largest(counts)[-1][1]
            counts = {
                value: self._having(column, [value])
                for value, count in counts.items()
                if count + missed >= least
            }
            if _largest(counts)[-1][1] > beyond:
                break
        return counts

    def _values(self, column: str, size: int) -> tuple[dict[str, int], int]:
        """Return the largest values with their counts, and by how much these may be too small."""
        if size == _ASKED[0]:
            found = self._buckets[column]
        else:
            asked = {"values": _terms(column, size)}
            found = self._searcher.aggregate(self._query, asked)["values"]
        counts = {
            str(value["key"]): int(value["doc_count"])
            for value in found["buckets"]
            if value["key"] != _NONE
        }
        return counts, int(found.get("doc_count_error_upper_bound") or 0)

    def _whole(self, column: str) -> bool:
        """Say whether all values of a column were given, with all that they have."""
        found = self._buckets[column]
        return not found["sum_other_doc_count"] and not found.get("doc_count_error_upper_bound")

    def _having(self, column: str, values: list[str]) -> int:
        return self._count(tantivy.Query.term_set_query(self._schema, column, values))

    def _count(self, further: tantivy.Query) -> int:
        return how_many(self._searcher, all_of((self._query, further)))


def _terms(column: str, size: int) -> dict[str, Any]:
    terms = {"field": column, "size": size + 1, "segment_size": size + 1, "missing": _NONE}
    return {"terms": terms}


def bars(days: Mapping[date, int], by: By) -> tuple[Bar, ...]:
    """Return the bars of a timeline; those between the first and the last that have none are 0."""
    counts: dict[date, int] = {}
    for day, count in days.items():
        first = first_of(day, by)
        counts[first] = counts.get(first, 0) + count
    made: list[Bar] = []
    if not counts:
        return ()
    first, last = min(counts), max(counts)
    while first <= last:
        following = next_of(first, by)
        made.append(
            Bar(first=first, last=following - timedelta(days=1), count=counts.get(first, 0))
        )
        first = following
    return tuple(made)


def first_of(day: date, by: By) -> date:
    """Return the first day of the day, week (from Monday) or month that a day is in."""
    if by == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by == "month" else day


def next_of(first: date, by: By) -> date:
    """Return the first day of the day, week or month after the one that begins with this day."""
    if by == "month":
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if by == "week" else 1)


def fitting(days: Iterable[date]) -> By:
    """Return by what a timeline of these days is told in at most some sixty bars."""
    told = sorted(days)
    span = (told[-1] - told[0]).days if told else 0
    return "day" if span <= 62 else "week" if span <= 7 * 62 else "month"


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the ten largest, those of one size by name."""
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:LARGEST]


def _spellings(
    counts: Mapping[str, int], folded: Callable[[str], str]
) -> list[tuple[str, dict[str, int]]]:
    """Return the ten largest names with all their spellings, each by the most frequent of these."""
    names: dict[str, dict[str, int]] = {}
    for spelling, count in counts.items():
        names.setdefault(folded(spelling), {})[spelling] = count
    by_spelling = {_largest(of)[0][0]: of for of in names.values()}
    sums = {name: sum(of.values()) for name, of in by_spelling.items()}
    return [(name, by_spelling[name]) for name, _ in _largest(sums)]


def clause_of(field: str, value: str) -> str:
    """Return what asks for a value; "" where a quote in it would end it."""
    closes = {*QUOTES, *"".join(QUOTES.values())}
    return "" if closes & set(value) or "*" in value else f'{field}:"{value}"'
