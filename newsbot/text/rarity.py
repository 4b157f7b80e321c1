"""How telling a word is: names, numbers and rare words say of which event a text is, common ones do not.

Frequencies are those of the package wordfreq, by folded spelling, for the languages that it has lists of.
"""

import math
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from newsbot.text.folding import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

# Words from this Zipf value on (once in ten thousand words) tell nothing; rarer than the other they are
# all alike, for the lists end there and what is in none may be a misprint.
_COMMON, _RAREST = 5.0, 1.5
_EVERYWHERE = 6.0
# A number of two digits or more tells as much as a rare word; a year of this time next to nothing.
_NUMBER, _YEAR = 2.0, 0.5
_YEARS = range(1900, 2100)


def is_number(word: str) -> bool:
    """Say whether an analysed word is a number that tells something: of two digits or more, and no year."""
    return len(word) > 1 and word.isdigit() and not (len(word) == 4 and int(word) in _YEARS)


@lru_cache(maxsize=65_536)
def weight(word: str, language: str) -> float:
    """Return how much an analysed word tells, from 0 (nothing) to 3.5.

    ``language`` is a BCP 47 tag.

    Raises:
        LookupError: when there is no list of its words.
    """
    if word.isdigit():
        return _NUMBER if is_number(word) else _YEAR if len(word) == 4 else 0.0
    return max(0.0, _COMMON - max(_zipf(word, language), _RAREST))


def is_everywhere(word: str, language: str) -> bool:
    """Say whether an analysed word is one in a thousand or more: *of*, *who*, *said*, but not *war*.

    Raises:
        LookupError: when there is no list of the language's words.
    """
    return _zipf(word, language) >= _EVERYWHERE


def _zipf(word: str, language: str) -> float:
    frequency = _folded(_primary(language)).get(word, 0.0)
    return math.log10(frequency) + 9 if frequency > 0 else 0.0


@cache
def knows(language: str) -> bool:
    """Say whether there is a list of a language's words; ``language`` is a BCP 47 tag."""
    import wordfreq

    return _primary(language) in wordfreq.available_languages()


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()


@cache
def _folded(language: str) -> "Mapping[str, float]":
    """Return frequencies by folded spelling; of words of ideographs, by each pair of characters."""
    import wordfreq

    listed = wordfreq.get_frequency_dict(language, "small")
    sums: dict[str, float] = {}
    for word, frequency in listed.items():
        folded = fold(word)
        sums[folded] = sums.get(folded, 0.0) + frequency
        if len(folded) > 2 and folded[0] >= "\u3040":
            for at in range(len(folded) - 1):
                pair = folded[at : at + 2]
                sums[pair] = sums.get(pair, 0.0) + frequency
    return sums
