"""Words in their places: what a word, a phrase or a proximity becomes for Tantivy.

A *row* is terms at offsets from its first, and how many positions it takes. A phrase is a few rows, one
for each way in which its words may be read; a proximity is a row for each distance that it allows.
The index marks a reading of several positions with their number (``newsbot.text.tokens.long``), so
that what follows it has a fixed offset, and a row is found by a phrase query and nothing else.

Tantivy's *slop* spares the distances where just two terms are asked for: it takes two terms whose
distance differs by so much from the one that is asked for, in either direction.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, permutations, product
from typing import TypeVar

import attrs
import tantivy
from tantivy import Query as Lowered

from newsbot.query.analysis import is_said, pattern_ways, spellings, unordered_ways
from newsbot.query.syntax import Near, Or, Phrase, Query, Word
from newsbot.search.asking import any_of
from newsbot.text.tokens import LONG, LONGEST, long

T = TypeVar("T")
_NOTHING = ("", False)

# Rows of one word, phrase or proximity. A phrase takes a Tantivy of a million articles about 1 ms.
MOST = 200
# Terms of rows with a prefix among them, all of which Tantivy looks up as patterns, one by one.
MOST_PATTERNS = 2_000
# Terms that begin with a prefix and are looked through for readings of several positions.
_LOOKED_THROUGH = 2_000
# Words that are looked for in any order: of six there are more orders than ``MOST``.
_ORDERED = 5


class TooManyRowsError(Exception):
    """A query asks for more arrangements of its words than can be looked for one by one."""


@attrs.frozen
class _Term:
    """A term as the index has it, or a pattern of such (``open_ended``), and the positions it takes."""

    text: str
    length: int
    open_ended: bool = False


@attrs.frozen
class _Row:
    """Terms and their offsets from the first, and how many positions they take."""

    terms: tuple[tuple[int, _Term], ...]
    length: int

    def then(self, other: "_Row", gap: int) -> "_Row":
        """Return this row followed by another whose first position is so far behind this one's last."""
        start = self.length - 1 + gap
        terms = (*self.terms, *((start + offset, term) for offset, term in other.terms))
        return _Row(terms, start + other.length)


class Rows:
    """Finds rows in what a searcher sees."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema) -> None:
        self._searcher = searcher
        self._schema = schema
        self._known: dict[tuple[str, str, bool], tuple[_Term, ...]] = {}

    def of(self, query: Word | Phrase | Near, field: str) -> Lowered:
        """Return what finds the articles in which a query matches in a field.

        Raises:
            TooManyRowsError: when it asks for too many arrangements.
        """
        pairs = self._pairs(query, field)
        if pairs is not None:
            return any_of(self._pair(field, *pair) for pair in pairs)
        rows = self._rows(query, field)
        if len(rows) > 1 and sum(map(_patterns, rows)) > MOST_PATTERNS:
            raise TooManyRowsError
        return any_of(self._row(field, row) for row in rows)

    def term(self, field: str, term: str, open_ended: bool) -> Lowered:
        """Return what finds a term, or all that begin so, wherever it stands in a field."""
        return any_of(self._one(field, each) for each in self._terms(field, term, open_ended))

    # Terms

    def _terms(self, field: str, term: str, open_ended: bool) -> tuple[_Term, ...]:
        """Return what a term is in the index: its spellings and readings that are there."""
        key = field, term, open_ended
        if key not in self._known:
            find = self._beginning if open_ended else self._spelt
            self._known[key] = tuple(find(field, term))
        return self._known[key]

    def _spelt(self, field: str, term: str) -> Iterator[_Term]:
        for spelling in spellings(term):
            if self._searcher.doc_freq(field, spelling):
                yield _Term(spelling, 1)
            for found, _ in self._searcher.terms_with_prefix(field, spelling + LONG, limit=LONGEST):
                yield _Term(found, int(found.rpartition(LONG)[2]))

    def _beginning(self, field: str, prefix: str) -> Iterator[_Term]:
        found = [
            term
            for term, _ in self._searcher.terms_with_prefix(field, prefix, limit=_LOOKED_THROUGH)
        ]
        lengths: Iterable[int] = range(1, LONGEST + 1)
        if len(found) < _LOOKED_THROUGH:
            lengths = {
                int(marked) if marked else 1
                for _, _, marked in (term.partition(LONG) for term in found)
            }
        for length in sorted(lengths):
            rest = f"[^{LONG}]*"
            pattern = _literal(prefix) + (rest if length == 1 else long(rest, length))
            yield _Term(pattern, length, open_ended=True)

    def _one(self, field: str, term: _Term) -> Lowered:
        if term.open_ended:
            return Lowered.regex_query(self._schema, field, term.text)
        return Lowered.term_query(self._schema, field, term.text)

    # Rows

    def _rows(self, query: Query, field: str) -> list[_Row]:
        match query:
            case Word(text, own):
                return self._of_ways(text, field, prefix=query.prefix) if own in ("", field) else []
            case Phrase(text, own, slop):
                if own not in ("", field):
                    return []
                if slop is None:
                    return self._of_ways(text, field, stars=True)
                return self._in_any_order(text, field, slop)
            case Or(children):
                return _few(row for child in children for row in self._rows(child, field))
            case Near(left, right, distance, ordered):
                ones, others = self._rows(left, field), self._rows(right, field)
                both = [(one, other) for one in ones for other in others]
                if not ordered:
                    both += [(other, one) for one, other in both]
                return _few(
                    one.then(other, gap) for one, other in both for gap in range(1, distance + 1)
                )
            case _:
                return []

    def _of_ways(
        self, text: str, field: str, *, prefix: bool = False, stars: bool = False
    ) -> list[_Row]:
        return _few(
            _next_to_each_other(terms)
            for way in pattern_ways(text, prefix=prefix, stars=stars)
            for terms in product(
                *(
                    (None,) if is_said(each, before) else self._terms(field, *each)
                    for before, each in zip((_NOTHING, *way), way, strict=False)
                )
            )
        )

    def _in_any_order(self, text: str, field: str, slop: int) -> list[_Row]:
        return _few(
            row
            for terms in self._choices(text, field)
            for row in _arrangements(terms, len(terms) + slop)
        )

    def _choices(self, text: str, field: str) -> Iterator[tuple[_Term, ...]]:
        for way in unordered_ways(text):
            yield from product(*(self._terms(field, *each) for each in way))

    def _row(self, field: str, row: _Row) -> Lowered:
        if len(row.terms) == 1:
            return self._one(field, row.terms[0][1])
        if not any(term.open_ended for _, term in row.terms):
            return Lowered.phrase_query(
                self._schema, field, [(offset, term.text) for offset, term in row.terms]
            )
        return Lowered.regex_phrase_query(
            self._schema,
            field,
            [
                (offset, term.text if term.open_ended else _literal(term.text))
                for offset, term in row.terms
            ],
        )

    # Two terms, so far apart

    def _pairs(
        self, query: Word | Phrase | Near, field: str
    ) -> set[tuple[_Term, _Term, int, int]] | None:
        """Return the pairs of terms that a query asks for: one, other, and from which distance to which.

        None where it asks for something else.
        """
        if isinstance(query, Phrase) and query.slop is not None:
            if query.field not in ("", field):
                return set()
            choices = _few(self._choices(query.text, field))
            if any(len(terms) != 2 for terms in choices):
                return None
            return {
                (one, other, 1, 2 + query.slop - other.length)
                for terms in choices
                for one, other in (terms, terms[::-1])
                if max(one.length, other.length) <= 2 + query.slop
            }
        if isinstance(query, Near):
            ones = self._singles(query.left, field)
            others = self._singles(query.right, field)
            if ones is None or others is None:
                return None
            both = [(one, other) for one in ones for other in others]
            if not query.ordered:
                both += [(other, one) for one, other in both]
            return {
                (one, other, one.length, one.length - 1 + query.distance) for one, other in both
            }
        return None

    def _singles(self, query: Query, field: str) -> list[_Term] | None:
        if isinstance(query, Near) or (isinstance(query, Phrase) and query.slop is not None):
            return None
        if isinstance(query, Or):
            parts = [self._singles(child, field) for child in query.children]
            return None if None in parts else [term for part in parts for term in part or ()]
        rows = self._rows(query, field)
        if any(len(row.terms) > 1 for row in rows):
            return None
        return [row.terms[0][1] for row in rows]

    def _pair(self, field: str, one: _Term, other: _Term, low: int, high: int) -> Lowered:
        if low > high:
            return Lowered.empty_query()
        if (high - low) % 2:  # a slop reaches equally far to both sides
            return any_of(
                (
                    self._pair(field, one, other, low, high - 1),
                    self._pair(field, one, other, high, high),
                )
            )
        terms = [(0, one), ((low + high) // 2, other)]
        slop = (high - low) // 2
        if one.open_ended or other.open_ended:
            patterns: list[str | tuple[int, str]] = [
                (at, term.text if term.open_ended else _literal(term.text)) for at, term in terms
            ]
            return Lowered.regex_phrase_query(self._schema, field, patterns, slop)
        return Lowered.phrase_query(
            self._schema, field, [(at, term.text) for at, term in terms], slop
        )


def _patterns(row: _Row) -> int:
    return len(row.terms) if any(term.open_ended for _, term in row.terms) else 0


def _few(rows: Iterable[T]) -> list[T]:
    found: dict[T, None] = {}
    for row in rows:
        found[row] = None
        if len(found) > MOST:
            raise TooManyRowsError
    return list(found)


def _next_to_each_other(terms: Sequence[_Term | None]) -> _Row:
    """Return the row of these terms; None is a position that the term before it says enough of."""
    offset, placed = 0, []
    for term in terms:
        if term is None:
            offset += 1
            continue
        placed.append((offset, term))
        offset += term.length
    return _Row(tuple(placed), offset)


def _arrangements(terms: Sequence[_Term], reach: int) -> Iterator[_Row]:
    """Yield the ways to place terms within so many positions, each first at one of its own."""
    if len(terms) > _ORDERED:
        raise TooManyRowsError
    for order in permutations(terms):
        for later in combinations(range(1, reach), len(order) - 1):
            offsets = (0, *later)
            ends = [offset + term.length for offset, term in zip(offsets, order, strict=True)]
            if max(ends) <= reach:
                yield _Row(tuple(zip(offsets, order, strict=True)), max(ends))


_SPECIAL = frozenset(r"\.+*?()|[]{}^$#&-~/\"<>@")


def _literal(term: str) -> str:
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in term)
