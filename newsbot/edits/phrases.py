"""The table ``phrases.tsv``: what lines say that tell of an edit, or that change without one."""

import re
from functools import cache
from importlib.resources import files

from newsbot.edits.differences import words_of
from newsbot.text.folding import fold

_WITHIN = re.compile(r"[\W_]+")


def bare(text: str) -> str:
    """Return a text's folded words, a space before, between and behind them; signs are left out."""
    folded = (fold(part) for word in words_of(text) for part in _WITHIN.split(word))
    return f" {' '.join(filter(None, folded))} "


@cache
def phrases(kind: str) -> tuple[str, ...]:
    """Return the phrases of a kind, bare, the longest first."""
    table = (files("newsbot.edits") / "phrases.tsv").read_text("utf8")
    rows = (line.split("\t") for line in table.splitlines() if line[:1] not in ("#", ""))
    found = {bare(each) for name, _, said in rows if name == kind for each in said.split("|")}
    return tuple(sorted(found, key=lambda each: (-len(each), each)))


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    # The space behind a phrase is the space before the next.
    return re.compile("|".join(re.escape(each[:-1]) + "(?= )" for each in phrases(kind)))


def says(kind: str, words: str) -> bool:
    """Say whether a bare text has a phrase of a kind."""
    return _pattern(kind).search(words) is not None


def begins(kind: str, words: str) -> bool:
    """Say whether a bare text begins with a phrase of a kind."""
    return _pattern(kind).match(words) is not None


def rest(kind: str, words: str) -> list[str]:
    """Return the words of a bare text that are no part of a phrase of a kind."""
    return _pattern(kind).sub(" ", words).split()
