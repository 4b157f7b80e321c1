"""What a query means: whether an article matches it, decided from the article's words alone.

This is the definition. The index and the percolator answer the same, by other ways.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Self

import attrs

from newsbot.query.analysis import edges, spellings, ways_of
from newsbot.query.places import Span, apart, beginning, pairs_within
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
from newsbot.text.tokens import Token, is_character, tokenize

_BOTH = ("title", "body")


class Field:
    """One text of an article, with its terms by where they stand."""

    def __init__(self, text: str, tokens: tuple[Token, ...]) -> None:
        self.text = text
        self.tokens = tokens

    @cached_property
    def terms(self) -> dict[str, list[Span]]:
        """Where each term stands."""
        found: dict[str, list[Span]] = {}
        for first, last, term, start, end in edges(self.tokens):
            found.setdefault(term, []).append((first, last, start, end))
        return found

    def where(self, term: str) -> list[Span]:
        """Return where a term stands, in any of its spellings."""
        return [span for spelling in spellings(term) for span in self.terms.get(spelling, ())]

    def beginning(self, prefix: str) -> list[Span]:
        """Return where terms stand that begin so."""
        return [
            span for term, spans in self.terms.items() if term.startswith(prefix) for span in spans
        ]


@attrs.frozen(kw_only=True, slots=False)
class Document:
    """An article as queries see it.

    ``sources`` are all names by which the sources it belongs to may be called, ``source_ids`` what
    stands for these in an index, and ``site`` is its host; ``published_day`` is None where no day is
    known; ``seen`` is when it was first stored (UTC).
    """

    title: str
    body: str
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()
    site: str = ""
    groups: tuple[str, ...] = ()
    language: str = ""
    section: str = ""
    url: str = ""
    published_day: date | None = None
    seen: datetime | None = None

    @classmethod
    def of(
        cls,
        *,
        title: str,
        body: str,
        authors: Iterable[str] = (),
        tags: Iterable[str] = (),
        sources: Iterable[str] = (),
        source_ids: Iterable[str] = (),
        site: str = "",
        groups: Iterable[str] = (),
        language: str = "",
        section: str = "",
        url: str = "",
        published_day: date | None = None,
        seen: datetime | None = None,
    ) -> Self:
        """Return the document of these texts, which are analysed when they are first asked for."""
        return cls(
            title=title,
            body=body,
            authors=tuple(authors),
            tags=tuple(tags),
            sources=tuple(sources),
            source_ids=tuple(source_ids),
            site=site,
            groups=tuple(groups),
            language=language,
            section=section.strip(),
            url=url,
            published_day=published_day,
            seen=seen,
        )

    @cached_property
    def fields(self) -> dict[str, list[Field]]:
        """The texts by field."""
        return {
            "title": [Field(self.title, tokenize(self.title))],
            "body": [Field(self.body, tokenize(self.body))],
            "author": [Field(each, tokenize(each)) for each in self.authors],
            "tag": [Field(each, tokenize(each)) for each in self.tags],
        }

    @cached_property
    def source_keys(self) -> frozenset[str]:
        """What ``source:`` may name: its sources, and its host."""
        return frozenset(key.casefold() for key in (*self.sources, self.site) if key)

    @cached_property
    def url_keys(self) -> frozenset[str]:
        """What ``url:`` may name: the address, its host, each host above it, each path above it.

        All without scheme and ``www.``.
        """
        return frozenset(_url_keys(self.url))

    @cached_property
    def terms(self) -> frozenset[str]:
        """All terms of title and body."""
        return frozenset(
            term for name in _BOTH for field in self.fields[name] for term in field.terms
        )

    def equal_keys(self, field: str) -> frozenset[str]:
        """Return the values that a field of values has, case-folded."""
        if field == "source":
            return self.source_keys
        if field == "url":
            return self.url_keys
        if field == "lang":
            tag = self.language.casefold()
            return frozenset({tag, tag.partition("-")[0]}) if tag else frozenset()
        if field == "section":
            return frozenset({" ".join(self.section.casefold().split())} - {""})
        return frozenset(group.casefold() for group in self.groups)


def _url_keys(url: str) -> Iterable[str]:
    address = url_value(url.partition("://")[2].partition("#")[0])
    if not address:
        return
    host, _, rest = address.partition("/")
    bare = host.partition(":")[0]
    yield host
    parts = bare.split(".")
    if not bare.replace(".", "").isdigit():
        yield from (".".join(parts[place:]) for place in range(len(parts) - 1))
    yield bare
    path = f"{host}/{rest.partition('?')[0]}".rstrip("/")
    while "/" in path:
        yield path
        path = path.rpartition("/")[0]
    yield address.rstrip("/")


def equal_value(field: str, value: str) -> str:
    """Return what is looked for in a field of values, in the form of a document's keys."""
    if field == "url":
        return url_value(value)
    folded = value.casefold()
    return " ".join(folded.split()) if field == "section" else folded


def url_value(value: str) -> str:
    """Return the value of ``url:`` in the form of a document's keys."""
    folded = value.casefold()
    bare = folded.partition("://")[2] or folded
    return bare.removeprefix("www.").rstrip("/*")


def evaluate(query: Query, document: Document, *, now: datetime | None = None) -> bool:
    """Say whether an article matches a query.

    ``now`` is the moment of the search; a query with a relative age needs it.

    Raises:
        ValueError: for a relative age without ``now``.
    """
    return _evaluate(query, document, now)


def _evaluate(query: Query, document: Document, now: datetime | None) -> bool:
    match query:
        case And(children):
            return all(_evaluate(child, document, now) for child in children)
        case Or(children):
            return any(_evaluate(child, document, now) for child in children)
        case Not(child):
            return not _evaluate(child, document, now)
        case Equal(field, value):
            return equal_value(field, value) in document.equal_keys(field)
        case HasDate():
            return document.published_day is not None
        case Days(field, first, last):
            day = _day(document, field)
            return day is not None and (first or day) <= day <= (last or day)
        case Age():
            return _age(query, document, now)
        case _:
            return any(True for _ in _found(query, document))


def _day(document: Document, field: str) -> date | None:
    if field == "date":
        return document.published_day
    return document.seen.astimezone(UTC).date() if document.seen else None


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


def _found(query: Query, document: Document) -> Iterable[tuple[str, Span]]:
    """Yield where the text of an article matches a word, a phrase or a proximity."""
    for name in names_of(query):
        for field in document.fields[name]:
            for span in _spans(query, field, name):
                yield name, span


def names_of(query: Query) -> tuple[str, ...]:
    """Return the fields in which a word, a phrase or a proximity is looked for."""
    if isinstance(query, (Word, Phrase)):
        return (query.field,) if query.field else _BOTH
    if isinstance(query, Near):
        left, right = names_of(query.left), names_of(query.right)
        return tuple(name for name in left if name in right)
    if isinstance(query, Or):
        return tuple(dict.fromkeys(name for child in query.children for name in names_of(child)))
    return ()


def _spans(query: Query, field: Field, name: str) -> list[Span]:
    match query:
        case Word():
            if query.field not in ("", name):
                return []
            if query.exact:
                return _as_written(query.text, field)
            return _rows(field, query.text, prefix=query.prefix)
        case Phrase():
            if query.field not in ("", name):
                return []
            if query.slop is None:
                return _rows(field, query.text, stars=True)
            return _within(field, query.text, query.slop)
        case Or(children):
            return [span for child in children for span in _spans(child, field, name)]
        case Near():
            return _near(query, field, name)
        case _:
            return []


def _as_written(text: str, field: Field) -> list[Span]:
    pattern = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
    return [(0, 0, found.start(), found.end()) for found in pattern.finditer(field.text)]


def _rows(field: Field, text: str, *, prefix: bool = False, stars: bool = False) -> list[Span]:
    """Return where the terms of a text stand next to each other, in order, by any reading."""
    rows: list[Span] = []
    for places in _places(field, pattern_ways(text, prefix=prefix, stars=stars)):
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
        rows += current
    return rows


def _places(
    field: Field, ways: Iterable[tuple[tuple[str, bool], ...]]
) -> Iterable[list[list[Span]]]:
    """Yield, for each reading of a text, where each of its terms stands."""
    for way in ways:
        places = [
            field.beginning(term) if open_ended else field.where(term) for term, open_ended in way
        ]
        if places and all(places):
            yield places


def pattern_ways(
    text: str, *, prefix: bool = False, stars: bool = False
) -> list[tuple[tuple[str, bool], ...]]:
    """Return each reading of a text as terms, each with whether it is a prefix.

    A single character of a script without spaces is one: 京 is asked for wherever a pair begins so.
    """
    if not stars or "*" not in text:
        ways = ways_of(text)
        return [
            tuple(
                (term, (prefix and place == len(way) - 1) or is_character(term))
                for place, term in enumerate(way)
            )
            for way in ways
        ]
    rows: list[tuple[tuple[str, bool], ...]] = [()]
    for part in text.split():
        bare = part.rstrip("*")
        parts = pattern_ways(bare, prefix=bare != part)
        rows = [row + way for row in rows for way in (parts or [()])][:16]
    return [row for row in rows if row]


def is_said(term: tuple[str, bool], before: tuple[str, bool]) -> bool:
    """Say whether a term is what a run of a script without spaces ends with: the pair before it says that."""
    # A character may be several letters: ก็ is one.
    ends = is_character(term[0]) and before[0].endswith(term[0])
    return ends and not is_character(before[0])


def unordered_ways(text: str) -> list[tuple[tuple[str, bool], ...]]:
    """Return each reading of a phrase in any order as terms, each with whether it is a prefix."""
    return [
        tuple(
            each
            for before, each in zip((("", False), *way), way, strict=False)
            if not is_said(each, before)
        )
        for way in pattern_ways(text, stars=True)
    ]


def _within(field: Field, text: str, slop: int) -> list[Span]:
    """Return where the terms of a text stand within so many positions more than they need.

    Each has a first position of its own, whatever their order.
    """
    found = []
    for places in _places(field, unordered_ways(text)):
        reach = len(places) + slop
        in_order = [sorted(spans) for spans in places]
        for low in sorted({span[0] for spans in places for span in spans}):
            inside = apart(
                [
                    [span for span in beginning(spans, low, low + reach) if span[1] < low + reach]
                    for spans in in_order
                ]
            )
            if inside:
                found.append(
                    (
                        min(span[0] for span in inside),
                        max(span[1] for span in inside),
                        min(span[2] for span in inside),
                        max(span[3] for span in inside),
                    )
                )
    return found


def _near(query: Near, field: Field, name: str) -> list[Span]:
    """Return where the sides stand near each other: each match of a side with the nearest of the other.

    All pairs would be as many as the square of an article's words.
    """
    left, right = _spans(query.left, field, name), _spans(query.right, field, name)
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
            if name in _BOTH:
                mark((name, start, end))
