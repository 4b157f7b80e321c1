"""What share of articles has a term, a pair of terms, a beginning or a value of a field, about.

Words by the word lists of their language (:mod:`newsbot.text.common`); of scripts that have none, by how
many of the articles seen so far have them, and before that by their length and by how many queries ask
for them. It is an estimate: what is chosen by it is fast or slow, never wrong.
"""

import math
import re
from collections.abc import Iterable
from functools import lru_cache

from newsbot.query.required import BEGINS, FIELDS, RUN, Need, bare
from newsbot.text.common import LEAST, common, script_of
from newsbot.text.folding import fold

# Words of an article, about.
_WORDS = 500
# Of two common words that are a pair, this share of the articles that have the rarer one.
_AS_PAIR = 0.2
# A word that is in no list: so rare, and the rarer the longer.
_UNLISTED, _BY_LETTER = LEAST / 5, 0.9
# Values of fields, and words in fields other than the text.
_OF_FIELD = {
    "lang": 0.3, "group": 0.2, "section": 0.05, "source": 0.01, "url": 0.01, "date": 0.9, "day": 0.3,
    "run": 0.7, "title": 0.05, "author": 0.5, "tag": 0.3,
}  # fmt: skip
_ADDRESS = 0.002

# Articles after which their counts are believed, and those that are counted before all counts are halved.
_ENOUGH, _MOST = 100, 4_000
_NO_LIST = re.compile("[\u0530-\u058f\u0a00-\u0b7f\u0c00-\u10ff\u1200-\u139f\u1780-\u17ff]")


class Rarity:
    """Knows how rare terms are, the better the more articles it has seen. Safe for threads."""

    def __init__(self) -> None:
        self._seen = 0
        self._having: dict[str, int] = {}

    def see(self, text: str, terms: Iterable[str]) -> None:
        """Learn from an article, where it is in a script of which there is no word list."""
        if not _NO_LIST.search(text):
            return
        self._seen += 1
        having = self._having
        for term in terms:
            if _NO_LIST.match(term):
                having[term] = having.get(term, 0) + 1
        if self._seen >= _MOST:
            self._seen //= 2
            self._having = {term: count // 2 for term, count in having.items() if count > 1}

    def share(self, need: Need, asking: int = 0) -> float:
        """Return what share of articles has it, from 0 to 1; ``asking`` queries are filed under it."""
        if isinstance(need, tuple):
            return _AS_PAIR * min(self._word(term, asking) for term in need)
        if need.startswith(BEGINS):
            return _beginning(need[len(BEGINS) :])
        field, term = bare(need)
        if field in FIELDS or field == RUN:
            return _OF_FIELD[field] * self._word(fold(term), asking)
        if field:
            return _ADDRESS if field == "url" and "/" in term else _OF_FIELD[field]
        return self._word(term, asking)

    def _word(self, term: str, asking: int) -> float:
        if not _NO_LIST.match(term):
            return _listed(term)
        if self._seen >= _ENOUGH:
            return (self._having.get(term, 0) + 0.5) / (self._seen + 1)
        return _share(_UNLISTED * 100 * _BY_LETTER ** len(term)) * math.sqrt(1 + asking)


def _share(frequency: float) -> float:
    return 1 - math.exp(-_WORDS * frequency)


@lru_cache(maxsize=1 << 16)
def _listed(term: str) -> float:
    script = script_of(term)
    frequency = common(script).words.get(term, 0.0) if script else 0.0
    if term.isdigit():
        frequency = 10 ** -(2 + len(term) / 2)
    return _share(frequency or _UNLISTED * _BY_LETTER ** len(term))


@lru_cache(maxsize=1 << 14)
def _beginning(prefix: str) -> float:
    field, term = bare(prefix)
    script = script_of(term)
    frequency = common(script).beginning(term) if script else 0.2 ** len(term)
    return _share(frequency + _UNLISTED) * _OF_FIELD.get(field, 1.0)
