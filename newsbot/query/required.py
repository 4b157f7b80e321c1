"""What an article must have to match a query: terms, pairs of terms, beginnings, values of fields.

Each article that matches has all that one of the query's *demands* names. The reverse need not hold: who has
it is only a candidate. A query that demands nothing (``NOT a`` by itself, a day that is open on one side)
has no demands, ``None``; one that nothing can match has none of them, ``()``.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import pairwise, product

from newsbot.query.analysis import Way
from newsbot.query.document import BOTH, Document, equal_value, runs
from newsbot.query.tree import And, Days, Equal, HasDate, Near, Or, Phrase, Query, Word

# Two terms of title or body of which one ends where the other begins.
Pair = tuple[str, str]

# A term of title or body as it is; one of a field, a value of a field, or the beginning of a term, marked.
Need = str | Pair
Demand = frozenset[Need]
Share = Callable[[Need], float]

# Before the beginning of a term; around the name of a field. No term has these characters.
BEGINS, _MARK = "\x03", "\x02"
# Fields with words of their own.
FIELDS = ("title", "author", "tag")
# A run of letters as it was written, for words that are asked for so.
RUN = "run"

# Alternatives of several parts of a query are joined, each with each, where these are no more than so many.
_JOINED = 16
# Days of a range that are named one by one.
_DAYS = 31


def of_field(field: str, value: str) -> str:
    """Return how a field's term or value is named among what articles have."""
    return f"{_MARK}{field}{_MARK}{value}"


def bare(need: str) -> tuple[str, str]:
    """Return the field of what is named so, "" for title and body, and the term or value."""
    if not need.startswith(_MARK):
        return "", need
    field, _, value = need[1:].partition(_MARK)
    return field, value


def demands(query: Query, share: Share) -> tuple[Demand, ...] | None:
    """Return what an article must have to match: all of one of these.

    ``share`` says what share of articles has something; where a query leaves a choice of demands, those
    are taken that fewest articles meet.
    """
    match query:
        case Word(exact=True):
            return _written(query)
        case Word():
            return tuple(_of_row(way, query.field, in_a_row=True) for way in query.ways)
        case Phrase():
            in_a_row = query.slop is None
            return tuple(_of_row(way, query.field, in_a_row=in_a_row) for way in query.ways)
        case Equal(field, value):
            return (frozenset({of_field(field, equal_value(field, value))}),)
        case HasDate() | Days():
            return _dated(query)
        case Or(children):
            found = [demands(child, share) for child in children]
            if any(each is None for each in found):
                return None
            return tuple(dict.fromkeys(one for each in found for one in each or ()))
        case And(children):
            return _all_of([demands(child, share) for child in children], share)
        case Near(left, right):
            return _all_of([demands(left, share), demands(right, share)], share)
        case _:
            return None


def _written(word: Word) -> tuple[Demand, ...] | None:
    found = runs(word.text)
    if not found:
        return None
    return (frozenset(of_field(RUN, run) for run in found),)


def _of_row(way: Way, field: str, *, in_a_row: bool) -> Demand:
    named = field if field in FIELDS else ""
    needs: set[Need] = set()
    for term, open_ended in way:
        own = of_field(named, term) if named else term
        needs.add(BEGINS + own if open_ended else own)
    if in_a_row and field not in ("author", "tag"):
        needs.update(
            (one, two)
            for (one, open_one), (two, open_two) in pairwise(way)
            if not open_one and not open_two
        )
    return frozenset(needs)


def _dated(query: HasDate | Days) -> tuple[Demand, ...] | None:
    if isinstance(query, Days):
        if query.first and query.last and (query.last - query.first).days < _DAYS:
            days = (query.last - query.first).days + 1
            return tuple(
                frozenset({_day(query.field, query.first + timedelta(days=past))})
                for past in range(days)
            )
        if query.field == "seen":
            return None
    return (frozenset({of_field("date", "")}),)


def _day(field: str, day: date) -> str:
    return of_field("day", f"{field}{day}")


def _all_of(parts: Iterable[tuple[Demand, ...] | None], share: Share) -> tuple[Demand, ...] | None:
    """Return the demands of several parts at once.

    What has no alternative is part of all; alternatives are joined, each with each, where they are few.
    """
    known = sorted((part for part in parts if part is not None), key=len)
    if not known:
        return None
    alone = _NOTHING
    for part in known:
        if len(part) == 1:
            alone = _joined(alone, part)
    joined, many = alone, []
    for part in known:
        if len(part) == 1:
            continue
        if len(joined) * len(part) <= _JOINED:
            joined = _joined(joined, part)
        else:
            many.append(_joined(alone, part))
    return min((joined, *many), key=lambda part: sum(at_most(demand, share) for demand in part))


_NOTHING: tuple[Demand, ...] = (frozenset(),)


def _joined(one: tuple[Demand, ...], other: tuple[Demand, ...]) -> tuple[Demand, ...]:
    return tuple(each | every for each, every in product(one, other))


def at_most(demand: Demand, share: Share) -> float:
    """Return what share of articles meets a demand, at most."""
    return min(map(share, demand), default=1.0)


def has(document: Document, *, fields: Iterable[str], written: frozenset[str]) -> set[str]:
    """Return what an article has of all that demands name, but for pairs and beginnings.

    Of words in fields of their own only those of ``fields`` are named, and of the runs of letters as they
    were written only those of ``written``.
    """
    found: set[str] = set()
    for name in BOTH:
        for sketch in document.sketches[name]:
            found.update(sketch.terms)
    for name in fields:
        for sketch in document.sketches[name]:
            found.update(of_field(name, term) for term in sketch.terms)
    if written:
        for text in (document.title, document.body, *document.authors, *document.tags):
            found.update(of_field(RUN, run) for run in runs(text) & written)
    for name in ("source", "url", "lang", "section", "group"):
        found.update(of_field(name, key) for key in document.equal_keys(name))
    if document.published_day:
        found.update((of_field("date", ""), _day("date", document.published_day)))
    if day := document.seen_day:
        found.add(_day("seen", day))
    return found
