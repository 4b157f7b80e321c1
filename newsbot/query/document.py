"""An article as queries see it: its texts, analysed, and the values of its fields."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import chain, compress, pairwise
from operator import eq
from typing import Self, TypeVar

import attrs

from newsbot.query.analysis import Way, edges, spellings
from newsbot.query.places import Span
from newsbot.text.tokens import LONG, Token, placed, tokenize

# The fields in which a bare word is looked for.
BOTH = ("title", "body")


F = TypeVar("F", bound="Field")


class Field:
    """One text of an article, with its terms by where they stand."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The words of the text."""
        return tokenize(self.text)

    @cached_property
    def _spans(self) -> Mapping[str, Sequence[Span]]:
        found: dict[str, list[Span]] = {}
        for first, last, term, start, end in edges(self.tokens):
            found.setdefault(term, []).append((first, last, start, end))
        return found

    @property
    def terms(self) -> Collection[str]:
        """All terms of the text."""
        return self._spans.keys()

    def at(self, term: str) -> Sequence[Span]:
        """Return where a term stands, spelt so."""
        return self._spans.get(term, ())

    def where(self, term: str) -> Sequence[Span]:
        """Return where a term stands, in any of its spellings."""
        named = spellings(term)
        if len(named) == 1:
            return self.at(term)
        return [span for each in named for span in self.at(each)]

    def beginning(self, prefix: str) -> Sequence[Span]:
        """Return where terms stand that begin so."""
        return [span for term in self._from(prefix) for span in self.at(term)]

    def has(self, term: str) -> bool:
        """Say whether a term stands there, in any of its spellings."""
        terms, named = self.terms, spellings(term)
        return named[0] in terms or (len(named) > 1 and named[1] in terms)

    def has_beginning(self, prefix: str) -> bool:
        """Say whether a term stands there that begins so."""
        in_order = self._in_order
        place = bisect_left(in_order, prefix)
        return place < len(in_order) and in_order[place].startswith(prefix)

    @cached_property
    def _in_order(self) -> Sequence[str]:
        return sorted(self.terms)

    def _from(self, prefix: str) -> Iterator[str]:
        for place in range(bisect_left(self._in_order, prefix), len(self._in_order)):
            if not self._in_order[place].startswith(prefix):
                return
            yield self._in_order[place]


class Sketch(Field):
    """A text with its terms by their positions alone: all that a decision needs, for half the work.

    The characters of all places are 0.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._made: dict[str, Sequence[Span]] = {}

    @cached_property
    def row(self) -> tuple[list[str], list[int]]:
        """The readings in order and where they begin, as :func:`newsbot.text.tokens.placed` says."""
        return placed(self.text)

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where each term begins that takes one position."""
        found = defaultdict[str, list[int]](list)
        for term, at in zip(*self.row, strict=True):
            found[term].append(at)
        found.default_factory = None
        if LONG not in "".join(found):
            return found
        for marked in [term for term in found if LONG in term]:
            term, _, length = marked.partition(LONG)
            spans = [(at, at + int(length) - 1, 0, 0) for at in found.pop(marked)]
            self._long.setdefault(term, []).extend(spans)
            found.setdefault(term, [])
        return found

    @cached_property
    def _long(self) -> dict[str, list[Span]]:
        """Where terms stand that take several positions."""
        return {}

    @property
    def terms(self) -> Collection[str]:
        """All terms of the text."""
        return self._places.keys()

    def at(self, term: str) -> Sequence[Span]:
        """Return where a term stands, spelt so."""
        known = self._made.get(term)
        if known is None:
            places = self._places.get(term, ())
            known = [*((at, at, 0, 0) for at in places), *self._long.get(term, ())]
            self._made[term] = known
        return known

    def in_a_row(self, way: Way) -> bool | None:
        """Say whether terms stand in a row; None where it takes more than their positions to tell.

        That is where one is a prefix, has several spellings, or takes several positions.
        """
        known, long, places = self._places, self._long, []
        for term, open_ended in way:
            if open_ended or len(spellings(term)) > 1 or term in long:
                return None
            at = known.get(term)
            if not at:
                return False
            places.append(at)
        # From the rarest word.
        pivot = min(range(len(places)), key=lambda each: len(places[each]))
        return any(
            all(at - pivot + offset in each for offset, each in enumerate(places))
            for at in places[pivot]
        )

    def pairs(self) -> Iterable[tuple[str, str]]:
        """Return all pairs of terms of which one ends where the other begins, and maybe some others."""
        terms, at = self.row
        several = set(compress(at, map(eq, at, at[1:])))
        return chain(pairwise(terms), self._pairs_around(several)) if several else pairwise(terms)

    def _pairs_around(self, several: Iterable[int]) -> Iterator[tuple[str, str]]:
        """Yield the pairs before, in and behind positions that have several readings."""
        for place in several:
            around = self._readings(place - 1, place + 1)
            for one, _, last in around:
                if last > place:
                    around_end = self._readings(last + 1, last + 1)
                    yield from ((one, other) for other, _, _ in around_end)
                for other, first, _ in around:
                    if first == last + 1:
                        yield one, other

    def _readings(self, low: int, high: int) -> list[tuple[str, int, int]]:
        """Return the terms that begin at these positions, each with the first and the last that it takes."""
        terms, at = self.row
        found = []
        for place in range(bisect_left(at, low), bisect_right(at, high)):
            term, first = terms[place], at[place]
            if LONG in term:
                term, _, length = term.partition(LONG)
                found.append((term, first, first + int(length) - 1))
            else:
                found.append((term, first, first))
        return found


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
    def fields(self) -> Mapping[str, Sequence[Field]]:
        """The texts by field."""
        return self._texts(Field)

    @cached_property
    def sketches(self) -> Mapping[str, Sequence[Sketch]]:
        """The texts by field, for who does not ask at which characters something stands."""
        return self._texts(Sketch)

    def _texts(self, kind: type[F]) -> dict[str, list[F]]:
        return {
            "title": [kind(self.title)],
            "body": [kind(self.body)],
            "author": [kind(each) for each in self.authors],
            "tag": [kind(each) for each in self.tags],
        }

    @property
    def seen_day(self) -> date | None:
        """The day (UTC) when it was first stored."""
        return self.seen.astimezone(UTC).date() if self.seen else None

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


def runs(text: str) -> frozenset[str]:
    """Return the longest runs of letters, digits and underscores of a text, as they were written."""
    return frozenset(_RUN.findall(text))


_RUN = re.compile(r"\w+")


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
