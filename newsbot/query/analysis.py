"""Words of a query by the same analyser as the words of a text."""

import re
import sys
from functools import lru_cache

from newsbot.text.letters import ARABIC_LETTERS, skeleton
from newsbot.text.tokens import SKELETON, Token, is_character, tokenize_query

# A run of words with several readings is read in at most so many ways.
WAYS = 16

Edge = tuple[int, int, str, int, int]  # first position, last position, term, start, end


def edges(tokens: tuple[Token, ...]) -> list[Edge]:
    """Return each reading once, with the positions it covers.

    A reading that spans several positions stands in the tokens at its first and at its last.
    """
    spans: dict[tuple[str, int, int], list[int]] = {}
    for token in tokens:
        spans.setdefault((token.text, token.start, token.end), []).append(token.position)
    return [
        (min(positions), max(positions), text, start, end)
        for (text, start, end), positions in spans.items()
    ]


_ARABIC = re.compile(rf"[{ARABIC_LETTERS}]")


@lru_cache(maxsize=1 << 16)
def spellings(term: str) -> tuple[str, ...]:
    """Return the tokens that a term is found by: itself, and its shape in a text without dots."""
    if _ARABIC.search(term):
        return (term, SKELETON + skeleton(term))
    return (term,)


@lru_cache(maxsize=4096)
def words_of(text: str) -> tuple[str, ...]:
    """Return the terms of a text in order, by its first reading; () where it has no word."""
    ways = ways_of(text)
    return ways[0] if ways else ()


@lru_cache(maxsize=4096)
def ways_of(text: str) -> tuple[tuple[str, ...], ...]:
    """Return every way to read a text as a row of terms, sixteen at most."""
    found = edges(tokenize_query(text))
    if not found:
        return ()
    last = max(edge[1] for edge in found)
    starts: dict[int, list[Edge]] = {}
    for edge in found:
        starts.setdefault(edge[0], []).append(edge)
    ways: list[tuple[str, ...]] = []
    stack: list[tuple[int, tuple[str, ...]]] = [(min(starts), ())]
    while stack and len(ways) < WAYS:
        position, row = stack.pop()
        if position > last:
            ways.append(row)
            continue
        following = starts.get(position)
        if not following:
            position = min((start for start in starts if start > position), default=last + 1)
            stack.append((position, row))
            continue
        stack.extend((edge[1] + 1, (*row, edge[2])) for edge in reversed(following))
    return tuple(dict.fromkeys(ways))


# A reading of a text as terms, each with whether it is a prefix.
Way = tuple[tuple[str, bool], ...]


def pattern_ways(text: str, *, prefix: bool = False, stars: bool = False) -> tuple[Way, ...]:
    """Return each reading of a text as terms, each with whether it is a prefix.

    A single character of a script without spaces is one: 京 is asked for wherever a pair begins so.
    """
    if not stars or "*" not in text:
        ways = ways_of(text)
        return tuple(
            tuple(
                (sys.intern(term), (prefix and place == len(way) - 1) or is_character(term))
                for place, term in enumerate(way)
            )
            for way in ways
        )
    rows: list[Way] = [()]
    for part in text.split():
        bare = part.rstrip("*")
        parts = pattern_ways(bare, prefix=bare != part)
        rows = [row + way for row in rows for way in (parts or [()])][:WAYS]
    return tuple(row for row in rows if row)


def is_said(term: tuple[str, bool], before: tuple[str, bool]) -> bool:
    """Say whether a term is what a run of a script without spaces ends with: the pair before it says that."""
    # A character may be several letters: ก็ is one.
    ends = is_character(term[0]) and before[0].endswith(term[0])
    return ends and not is_character(before[0])


def unordered_ways(text: str) -> tuple[Way, ...]:
    """Return each reading of a phrase in any order as terms, each with whether it is a prefix."""
    return tuple(
        tuple(
            each
            for before, each in zip((("", False), *way), way, strict=False)
            if not is_said(each, before)
        )
        for way in pattern_ways(text, stars=True)
    )
