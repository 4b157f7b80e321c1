"""What a query means: whether an article matches it, decided from the article's words alone.

This is the definition. The index and the percolator answer the same, by other ways.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain

from newsbot.query.analysis import Way
from newsbot.query.document import BOTH, Document, Field, Sketch, equal_value
from newsbot.query.places import Span, gathered, pairs_within
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


def evaluate(query: Query, document: Document, *, now: datetime | None = None) -> bool:
    """Say whether an article matches a query.

    ``now`` is the moment of the search; a query with a relative age needs it.

    Raises:
        ValueError: for a relative age without ``now``.
    """
    if isinstance(query, (Word, Phrase)):
        return _is_said(query, document)
    match query:
        case And(children):
            return all(evaluate(child, document, now=now) for child in children)
        case Or(children):
            return any(evaluate(child, document, now=now) for child in children)
        case Not(child):
            return not evaluate(child, document, now=now)
        case Near():
            return _is_found(query, document)
        case Equal(field, value):
            return equal_value(field, value) in document.equal_keys(field)
        case HasDate():
            return document.published_day is not None
        case Days(field, first, last):
            day = _day(document, field)
            return day is not None and (first or day) <= day <= (last or day)
        case Age():
            return _age(query, document, now)


def _day(document: Document, field: str) -> date | None:
    return document.published_day if field == "date" else document.seen_day


def _age(query: Age, document: Document, now: datetime | None) -> bool:
    if now is None:
        raise ValueError("a relative age needs the moment of the search")
    if query.field == "seen":
        if document.seen is None:
            return False
        age = (now - document.seen).total_seconds()
    else:
        if document.published_day is None:
            return False
        age = (now.astimezone(UTC).date() - document.published_day).days * 86_400.0
    return age < query.seconds if query.younger else age > query.seconds


def _is_said(query: Word | Phrase, document: Document) -> bool:
    """Say whether the text of an article has a word or a phrase."""
    if not query.simple:
        return _is_found(query, document)
    for name in (query.field,) if query.field else BOTH:
        for sketch in document.sketches[name]:
            for way in query.ways:
                if len(way) == 1:
                    ((term, open_ended),) = way
                    if sketch.has_beginning(term) if open_ended else sketch.has(term):
                        return True
                elif _is_row(way, sketch):
                    return True
    return False


def _is_row(way: Way, sketch: Sketch) -> bool:
    found = sketch.in_a_row(way)
    return any(True for _ in _rows(sketch, (way,))) if found is None else found


def _is_found(query: Query, document: Document) -> bool:
    """Say whether the text of an article matches a word, a phrase or a proximity."""
    return any(
        True
        for name in names_of(query)
        for sketch in document.sketches[name]
        for _ in _spans(query, sketch, name)
    )


def _found(query: Query, document: Document) -> Iterable[tuple[str, Span]]:
    """Yield where the text of an article matches a word, a phrase or a proximity."""
    for name in names_of(query):
        for field in document.fields[name]:
            for span in _spans(query, field, name):
                yield name, span


def names_of(query: Query) -> tuple[str, ...]:
    """Return the fields in which a word, a phrase or a proximity is looked for."""
    if isinstance(query, (Word, Phrase)):
        return (query.field,) if query.field else BOTH
    if isinstance(query, Near):
        left, right = names_of(query.left), names_of(query.right)
        return tuple(name for name in left if name in right)
    if isinstance(query, Or):
        return tuple(dict.fromkeys(name for child in query.children for name in names_of(child)))
    return ()


def _spans(query: Query, field: Field, name: str) -> Iterable[Span]:
    match query:
        case Word():
            if query.field not in ("", name):
                return ()
            return _as_written(query.text, field) if query.exact else _rows(field, query.ways)
        case Phrase():
            if query.field not in ("", name):
                return ()
            if query.slop is None:
                return _rows(field, query.ways)
            return _within(field, query.ways, query.slop)
        case Or(children):
            return chain.from_iterable(_spans(child, field, name) for child in children)
        case Near():
            return _near(query, field, name)
        case _:
            return ()


def _as_written(text: str, field: Field) -> Iterator[Span]:
    """Yield where a text stands with no letter, digit or underscore beside it."""
    at = field.text.find(text)
    while at >= 0:
        end = at + len(text)
        if _parted(field.text[max(0, at - 1) : at]) and _parted(field.text[end : end + 1]):
            yield 0, 0, at, end
            at = field.text.find(text, end)
        else:
            at = field.text.find(text, at + 1)


def _parted(beside: str) -> bool:
    return not (beside.isalnum() or beside == "_")


def _rows(field: Field, ways: Iterable[Way]) -> Iterator[Span]:
    """Yield where the terms of a text stand next to each other, in order, by any reading."""
    for places in _places(field, ways):
        current = places[0]
        for following in places[1:]:
            by_first: dict[int, list[Span]] = {}
            for span in following:
                by_first.setdefault(span[0], []).append(span)
            current = [
                (first, span[1], start, span[3])
                for first, last, start, _ in current
                for span in by_first.get(last + 1, ())
            ]
        yield from current


def _places(field: Field, ways: Iterable[Way]) -> Iterator[list[Sequence[Span]]]:
    """Yield, for each reading of a text, where each of its terms stands."""
    for way in ways:
        places = []
        for term, open_ended in way:
            found = field.beginning(term) if open_ended else field.where(term)
            if not found:
                break
            places.append(found)
        else:
            if places:
                yield places


def _within(field: Field, ways: Iterable[Way], slop: int) -> Iterator[Span]:
    """Yield where the terms of a text stand within so many positions more than they need.

    Each has a first position of its own, whatever their order.
    """
    for places in _places(field, ways):
        for inside in gathered(places, len(places) + slop):
            yield (
                min(span[0] for span in inside),
                max(span[1] for span in inside),
                min(span[2] for span in inside),
                max(span[3] for span in inside),
            )


def _near(query: Near, field: Field, name: str) -> list[Span]:
    """Return where the sides stand near each other: each match of a side with the nearest of the other.

    All pairs would be as many as the square of an article's words.
    """
    left, right = list(_spans(query.left, field, name)), list(_spans(query.right, field, name))
    pairs = set(pairs_within(left, right, query.distance))
    if not query.ordered:
        pairs.update(pairs_within(right, left, query.distance))
    return [
        (
            min(one[0], other[0]),
            max(one[1], other[1]),
            min(one[2], other[2]),
            max(one[3], other[3]),
        )
        for one, other in pairs
    ]


def spans(query: Query, document: Document) -> list[tuple[str, int, int]]:
    """Return what of title and body matched: field and character range, in no order.

    What a query excludes marks nothing.
    """
    marked: set[tuple[str, int, int]] = set()
    _collect(query, document, marked.add)
    return sorted(marked)


def _collect(
    query: Query, document: Document, mark: Callable[[tuple[str, int, int]], None]
) -> None:
    if isinstance(query, (And, Or)):
        for child in query.children:
            _collect(child, document, mark)
    elif isinstance(query, (Word, Phrase, Near)):
        for name, (_, _, start, end) in _found(query, document):
            if name in BOTH:
                mark((name, start, end))
