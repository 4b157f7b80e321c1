"""Words of a query by the same analyser as the words of a text."""

import re
from functools import lru_cache

from newsbot.text.letters import ARABIC_LETTERS, skeleton
from newsbot.text.tokens import SKELETON, Token, tokenize_query

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


@lru_cache(maxsize=4096)
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
