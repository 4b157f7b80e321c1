"""The passage that matched: the sentence or so around it, with the matched words marked."""

import re
import threading
from bisect import bisect
from collections import OrderedDict
from collections.abc import Hashable

import attrs

from newsbot.archive.kept import Kept
from newsbot.archive.matches import Passage
from newsbot.items import Article
from newsbot.query import Document, Query, spans
from newsbot.search.documents import Documents
from newsbot.text import repaired

Ranges = tuple[tuple[int, int], ...]

# A passage of a long sentence is cut to about this many characters around its first match.
LONGEST = 280

# Of a long text so many characters are looked at first: what an article is about stands at its beginning,
# and to analyse all of it takes milliseconds.
_BEGINNING = 1_200

# Passages that are kept: each takes some 2 kB.
_KEPT = 5_000

_END = re.compile(r"[.!?؟。！？…]+[\s\"'»”)]*|\n")


class Passages:
    """What queries matched in articles, kept for a while: to analyse an article takes some milliseconds.

    Whoever pages, reloads or saves a search asks for the same again. Safe for threads.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Passage, Ranges]] = OrderedDict()

    def of(self, query: Query, kept: Kept) -> tuple[Passage, Ranges]:
        """Return the passage of an article that a query matched, and the marks of its title."""
        record = kept.record
        key = (query, kept.article.id, record.revision, record.content_hash, record.changed_at)
        with self._lock:
            there = self._kept.get(key)
            if there is not None:
                self._kept.move_to_end(key)
                return there
        document = self._documents.document(kept)
        searched = _beginning(query, document) or document
        found = passage(query, document, kept.article, searched), title_marks(query, searched)
        with self._lock:
            self._kept[key] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


def _beginning(query: Query, document: Document) -> Document | None:
    """Return a document with the first paragraphs of its body alone, if the query matched these."""
    end = document.body.rfind("\n", 0, _BEGINNING) + 1
    if not end or len(document.body) < 2 * _BEGINNING:
        return None
    short = attrs.evolve(document, body=document.body[:end])
    return short if any(field == "body" for field, _, _ in spans(query, short)) else None


def passage(
    query: Query, document: Document, article: Article, searched: Document | None = None
) -> Passage:
    """Return the first sentence of the body that the query matched, or else the title.

    An article that was matched by its fields alone gives its first sentence, unmarked. ``article``
    is the one that the document was made of: it knows what the publisher wrote. ``searched`` is the document
    with the beginning of its body alone, where that is known to be matched.
    """
    found = spans(query, searched or document)
    for field, text, published in (
        ("body", document.body, article.body_as_published),
        ("title", document.title, article.title_as_published),
    ):
        ranges = sorted((start, end) for name, start, end in found if name == field)
        if ranges:
            return _around(text, ranges, published)
    return _around(document.body or document.title, [], None)


def title_marks(query: Query, document: Document) -> tuple[tuple[int, int], ...]:
    """Return the character ranges of the title that the query matched."""
    found = {(start, end) for field, start, end in spans(query, document) if field == "title"}
    return _apart(sorted(found))


def mentions(query: Query, document: Document) -> int:
    """Return how many passages the query matched: sentences of the body, and the title."""
    found = spans(query, document)
    ends = [match.end() for match in _END.finditer(document.body)]
    inside = {bisect(ends, start) for field, start, _ in found if field == "body"}
    return len(inside) + any(field == "title" for field, _, _ in found)


def _around(text: str, ranges: list[tuple[int, int]], published: str | None) -> Passage:
    at = ranges[0][0] if ranges else 0
    start, end = _sentence(text, at)
    if end - start > LONGEST:
        start, end = _window(text, start, end, at)
    while start < end and text[start].isspace():
        start += 1
    end = start + len(text[start:end].rstrip())
    inside = _apart([(low, min(high, end)) for low, high in ranges if start <= low < end])
    found = Passage(text=text[start:end], marks=_from(start, inside))
    return _with_published(found, text, (start, end), inside, published) if published else found


def _with_published(
    found: Passage, text: str, place: tuple[int, int], marks: Ranges, published: str
) -> Passage:
    """Add the sentence as it was published, where it differs."""
    both = repaired(published)
    # An article read by an older version's rules may differ from what its text reads as now.
    if both.text != text:
        return found
    start, end = both.to_published(*place)
    sentence = published[start:end]
    if sentence == found.text:
        return found
    marked = _from(start, tuple(both.to_published(*mark) for mark in marks))
    return attrs.evolve(found, published=sentence, published_marks=marked)


def _from(start: int, ranges: Ranges) -> Ranges:
    return tuple((low - start, high - start) for low, high in ranges)


def _sentence(text: str, at: int) -> tuple[int, int]:
    start, end = 0, len(text)
    for match in _END.finditer(text):
        if match.end() <= at:
            start = match.end()
        elif match.start() >= at:
            end = match.end()
            break
    return start, end


def _window(text: str, start: int, end: int, at: int) -> tuple[int, int]:
    low = max(start, at - LONGEST // 3)
    high = min(end, low + LONGEST)
    while low > start and not text[low - 1].isspace():
        low -= 1
    while high < end and not text[high].isspace():
        high += 1
    return low, high


def _apart(ranges: list[tuple[int, int]]) -> Ranges:
    """Join ranges that touch or overlap."""
    joined: list[tuple[int, int]] = []
    for low, high in ranges:
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(joined)
