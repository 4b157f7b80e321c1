"""The words of bylines: what introduces a name, what stands beside one, and who is an agency.

``byline_words.tsv`` holds them by kind, ``agencies.tsv`` the agencies; both are compared folded,
word by word, so that a phrase is a tuple of folded words.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

import attrs

from newsbot.text.folding import fold

Phrase = tuple[str, ...]

# Agencies of so few letters are told from words and first names by their capitals.
_SHORT = 5
_SHORT_ARABIC = 3
_INSIDE = " ـ.'’\"״׳"


@attrs.frozen
class Words:
    """Phrases of one kind; ``longest`` is the length of the longest, in words."""

    phrases: frozenset[Phrase]
    longest: int

    def at_start(self, folded: Sequence[str]) -> int:
        """Return how many words at the start are a phrase; 0 where none are."""
        for length in range(min(self.longest, len(folded)), 0, -1):
            if tuple(folded[:length]) in self.phrases:
                return length
        return 0

    def at_end(self, folded: Sequence[str]) -> int:
        """Return how many words at the end are a phrase; 0 where none are."""
        for length in range(min(self.longest, len(folded)), 0, -1):
            if tuple(folded[-length:]) in self.phrases:
                return length
        return 0

    def __contains__(self, folded: object) -> bool:
        return folded in self.phrases


def folded_word(word: str) -> str:
    """Return a word of a byline as the tables spell it: folded, without points and quotes."""
    return fold(word).translate(_BARE) or fold(word)


_BARE = str.maketrans(dict.fromkeys(_INSIDE))


def _phrase(text: str) -> Phrase:
    return tuple(folded_word(word) for word in text.split())


def _collected(phrases: Iterable[Phrase]) -> Words:
    known = frozenset(phrases)
    return Words(known, max(map(len, known), default=0))


def _rows(name: str) -> list[list[str]]:
    table = (files("newsbot.text") / name).read_text("utf8")
    return [line.split("\t") for line in table.splitlines() if line[:1] not in ("#", "")]


@cache
def words(kind: str) -> Words:
    """Return the phrases of a kind of ``byline_words.tsv``."""
    return _collected(
        _phrase(spelling)
        for row_kind, _, spellings in _rows("byline_words.tsv")
        if row_kind == kind
        for spelling in spellings.split("|")
    )


@cache
def agency_spellings() -> frozenset[str]:
    """Return the spellings of agencies as ``agencies.tsv`` has them."""
    return frozenset(each for row in _rows("agencies.tsv") for each in row[0].split("|"))


@cache
def _agencies() -> Words:
    return _collected(_phrase(spelling) for spelling in agency_spellings())


_LEADING = frozenset(("the", "die", "der", "la", "le", "l'", "el", "l", "agence", "agency"))
# "News agency" in front of its name is no part of it.
_AGENCY_OF = frozenset(("وكاله", "خبرگزاري", "خبرگزاری"))


def agency_length(printed: Sequence[str], *, at_end: bool = False, any_case: bool = False) -> int:
    """Return how many words at the start (or the end) are an agency's name; 0 where none are.

    In brackets an agency may be spelt in any case: (Ansa).
    """
    folded = [folded_word(word) for word in printed]
    leads = len(folded) > 1 and folded[0] in _LEADING | _AGENCY_OF
    skipped = 1 if leads and not at_end else 0
    known = _agencies()
    length = known.at_end(folded) if at_end else known.at_start(folded[skipped:])
    if not length and skipped:
        skipped, length = 0, known.at_start(folded)
    if not length:
        return 0
    # وفا and بنا end names, too.
    if at_end and length == 1 and printed[-1][0] > "\u0600" and len(printed[-1]) <= _SHORT_ARABIC:
        return 0
    taken = printed[-length:] if at_end else printed[skipped : skipped + length]
    return skipped + length if any_case or _as_printed(" ".join(taken)) else 0


def without_agency_word(printed: Sequence[str]) -> Sequence[str]:
    """Return an agency's name without *agency* in front, where it is known without it too."""
    folded = tuple(map(folded_word, printed))
    return printed[1:] if folded[0] in _AGENCY_OF and folded[1:] in _agencies() else printed


def _as_printed(name: str) -> bool:
    """Say whether a short name is spelt as an agency's: PA and AP, not *Pa* and *ap*."""
    bare = name.replace(".", "")
    if len(bare) > _SHORT or not bare[:1].isalpha() or bare.lower() == bare.upper():
        return True
    return bare.isupper() or name in agency_spellings()
