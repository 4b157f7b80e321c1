"""The passage that matched: the sentence or so around it, with the matched words marked."""

import re

from newsbot.archive.alerts import Passage
from newsbot.query import Document, Query, spans

# A passage of a long sentence is cut to about this many characters around its first match.
LONGEST = 280

_END = re.compile(r"[.!?؟。！？…]+[\s\"'»”)]*|\n")


def passage(query: Query, document: Document) -> Passage:
    """Return the first sentence of the body that the query matched, or else the title.

    An article that was matched by its fields alone gives its first sentence, unmarked.
    """
    found = spans(query, document)
    for field, text in (("body", document.body), ("title", document.title)):
        ranges = sorted((start, end) for name, start, end in found if name == field)
        if ranges:
            return _around(text, ranges)
    return _around(document.body or document.title, [])


def title_marks(query: Query, document: Document) -> tuple[tuple[int, int], ...]:
    """Return the character ranges of the title that the query matched."""
    found = {(start, end) for field, start, end in spans(query, document) if field == "title"}
    return _apart(sorted(found))


def _around(text: str, ranges: list[tuple[int, int]]) -> Passage:
    at = ranges[0][0] if ranges else 0
    start, end = _sentence(text, at)
    if end - start > LONGEST:
        start, end = _window(text, start, end, at)
    while start < end and text[start].isspace():
        start += 1
    inside = [(low - start, min(high, end) - start) for low, high in ranges if start <= low < end]
    return Passage(text=text[start:end].rstrip(), marks=_apart(inside))


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


def _apart(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Join ranges that touch or overlap."""
    joined: list[tuple[int, int]] = []
    for low, high in ranges:
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(joined)
