"""The common words of each script, and how often they occur, by the word lists of the package wordfreq.

Only words that occur five times in a million or more: what is not among them is rare. A word that several
languages have counts as in that where it is commonest. Of scripts without spaces, and of Korean, the pairs
of characters are counted in place of words, as the analyser has them.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate, pairwise

import attrs

from newsbot.text.folding import fold

# Frequency below which a word is not listed: wordfreq keeps words by hundredths of its logarithm.
LEAST = 5e-6
_LEAST_BUCKET = 530

# Which languages' lists know the words of a script: those that news is most written in.
_LANGUAGES = {
    "latin": ("en", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "id", "sv", "vi"),
    "arabic": ("ar", "fa", "ur"),
    "cyrillic": ("ru", "uk", "bg"),
    "greek": ("el",),
    "hebrew": ("he",),
    "devanagari": ("hi",),
    "bengali": ("bn",),
    "tamil": ("ta",),
    "han": ("zh", "ja"),
    "hangul": ("ko",),
}
_SCRIPTS = tuple(
    (re.compile(f"[{letters}]"), name)
    for letters, name in (
        ("a-z\u00df-\u024f\u1e00-\u1eff", "latin"),
        ("\u0620-\u064a\u066e-\u06d3", "arabic"),
        ("\u0400-\u052f", "cyrillic"),
        ("\u0370-\u03ff\u1f00-\u1fff", "greek"),
        ("\u05d0-\u05ea", "hebrew"),
        ("\u0900-\u097f", "devanagari"),
        ("\u0980-\u09ff", "bengali"),
        ("\u0b80-\u0bff", "tamil"),
        ("\u3041-\u30ff\u3400-\u9fff", "han"),
        ("\uac00-\ud7a3", "hangul"),
    )
)
_PAIRED = frozenset({"han", "hangul"})


def script_of(word: str) -> str:
    """Return the script of an analysed word, by its first letter; "" where there is no list of its words."""
    first = word[:1]
    return next((name for letters, name in _SCRIPTS if letters.match(first)), "")


@attrs.frozen
class Common:
    """The common words of a script: how often each occurs, and how often any that begins so."""

    words: Mapping[str, float]
    _in_order: Sequence[str]
    _sums: Sequence[float]

    def beginning(self, prefix: str) -> float:
        """Return how often words occur that begin so."""
        low = bisect_left(self._in_order, prefix)
        high = bisect_left(self._in_order, prefix + "\U0010ffff")
        return self._sums[high] - self._sums[low]


@cache
def common(script: str) -> Common:
    """Return the common words of a script.

    Raises:
        KeyError: when there is no list of its words.
    """
    import wordfreq

    best: dict[str, float] = {}
    shares = [10 ** (-bucket / 100) for bucket in range(_LEAST_BUCKET + 1)]
    for language in _LANGUAGES[script]:
        sums: dict[str, float] = {}
        for bucket, listed in enumerate(wordfreq.get_frequency_list(language, "small")):
            if bucket > _LEAST_BUCKET:
                break
            for word in listed:
                for term in _terms(fold(word), paired=script in _PAIRED):
                    sums[term] = sums.get(term, 0.0) + shares[bucket]
        for term, frequency in sums.items():
            if frequency > best.get(term, 0.0):
                best[term] = frequency
    wordfreq.get_frequency_list.cache_clear()  # ten times as much, of which nobody asks again
    in_order = sorted(best)
    return Common(best, in_order, [0.0, *accumulate(best[word] for word in in_order)])


def _terms(word: str, *, paired: bool) -> Sequence[str]:
    return ["".join(pair) for pair in pairwise(word)] if paired and len(word) > 1 else [word]
