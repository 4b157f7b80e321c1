"""How common a word is, by the word lists of the package wordfreq.

Frequencies are on the Zipf scale: the logarithm to base ten of occurrences in a thousand million
words. The lists used here hold words from about 3.0 (once in a million) up; 0.0 means rarer or no
word at all. They are loaded on first use.
"""

import math
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from newsbot.text.letters import FOLDED

if TYPE_CHECKING:
    from collections.abc import Mapping

# Which lists know the words of a script. Arabic words in Persian and Urdu are words there too.
ARABIC_SCRIPT = ("ar", "fa", "ur")


def listed(name: str) -> frozenset[str]:
    """Return the words of a list that comes with newsbot; lines that begin with # are comments."""
    lines = (files("newsbot.text") / name).read_text("utf8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _frequencies(language: str) -> "Mapping[str, float]":
    import wordfreq

    known: Mapping[str, float] = wordfreq.get_frequency_dict(language, "small")
    return known


@cache
def _folded(languages: tuple[str, ...]) -> "Mapping[str, float]":
    """Return frequencies by folded spelling: the sum over spellings, the most over languages."""
    best: dict[str, float] = {}
    for language in languages:
        sums: dict[str, float] = {}
        for word, frequency in _frequencies(language).items():
            folded = word.translate(FOLDED)
            sums[folded] = sums.get(folded, 0.0) + frequency
        for word, frequency in sums.items():
            if frequency > best.get(word, 0.0):
                best[word] = frequency
    return MappingProxyType(best)


def _zipf(frequency: float) -> float:
    return math.log10(frequency) + 9 if frequency > 0 else 0.0


def zipf(word: str, language: str) -> float:
    """Return how common a word is in a language, spelt as it is (letter case folded)."""
    return _zipf(_frequencies(language).get(word, 0.0))


def arabic_zipf(folded: str) -> float:
    """Return how common a folded word is in Arabic."""
    return _zipf(_folded(("ar",)).get(folded, 0.0))


def script_zipf(folded: str) -> float:
    """Return how common a folded word is in that language of Arabic script where it is most so."""
    return _zipf(_folded(ARABIC_SCRIPT).get(folded, 0.0))


@cache
def hamza_share() -> "Mapping[str, float]":
    """Return, for Arabic words that begin with alef and lam, how often the alef bears a hamza.

    ألمانيا nearly always does, الماني never: so the first has no article, and the second may.
    """
    bearing: dict[str, float] = {}
    total: dict[str, float] = {}
    for word, frequency in _frequencies("ar").items():
        folded = word.translate(FOLDED)
        if folded.startswith("ال"):
            total[folded] = total.get(folded, 0.0) + frequency
            if word[0] in "أإآ":
                bearing[folded] = bearing.get(folded, 0.0) + frequency
    return MappingProxyType({word: share / total[word] for word, share in bearing.items()})


# Written onto words in Arabic. An alef with hamza or madda begins no article.
_PROCLITICS = (
    "وبال",
    "وال",
    "بال",
    "كال",
    "فال",
    "ولل",
    "لل",
    "ال",
    "و",
    "ف",
    "ب",
    "ل",
    "ك",
    "س",
    "وس",
)
_ENCLITICS = ("هم", "ها", "نا", "ات", "ون", "ين", "ية", "ه")
_SHORTEST_STEM = 3
_SHORTEST_BARE = 4
# س is written onto verbs of the present alone, which begin so.
_OF_FUTURE = ("ي", "ت", "ن", "أ")


@lru_cache(maxsize=1 << 14)
def arabic_word(word: str) -> float:
    """Return how common an Arabic word is, with what is written onto it or without."""
    folded = word.translate(FOLDED)
    best = arabic_zipf(folded)
    if best >= _LISTED:
        return best
    for proclitic in ("", *_PROCLITICS):
        if not word.startswith(proclitic) or word.startswith("الال"):
            continue
        if proclitic.endswith("س") and word[len(proclitic) :][:1] not in _OF_FUTURE:
            continue
        stem = folded[len(proclitic) :]
        if proclitic and len(stem) >= _SHORTEST_STEM:
            best = max(best, arabic_zipf(stem))
        for enclitic in _ENCLITICS:
            bare = stem.removesuffix(enclitic.translate(FOLDED))
            if bare != stem and len(bare) >= _SHORTEST_BARE:
                best = max(best, arabic_zipf(bare) - _DOUBT)
    return best


# The lists begin there; a word that is only known by its stem is so much less certain.
_LISTED = 3.0
_DOUBT = 0.5
