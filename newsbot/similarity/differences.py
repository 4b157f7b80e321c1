"""What differs between two sentences that are otherwise alike: a slot of a template, or an edit.

A template is the same sentence with another number or name in it. A copy has its sentences whole, or
changed in words that say no other thing.
"""

from collections import Counter
from collections.abc import Sequence

import attrs
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from newsbot.similarity.sentences import Sentence, Word

# What fills a slot is short; longer is written anew.
_LONGEST_FILLING = 6
# The same word in another spelling (per cent of letters in common).
_SAME_WORD = 75.0
_SHORTEST_NAME = 3
# Words of the one times words of the other that are held against each other in their order: 0.5 s. A
# text without any full stop may have more.
_MOST_PAIRS = 1_000_000_000


@attrs.frozen
class Difference:
    """How two sentences that are alike differ.

    ``common`` is how many words they share in the same order; ``numbers`` how many places have
    another number in the one than in the other, ``names`` how many have another name, ``words`` how
    many have another word.
    """

    common: int
    numbers: int = 0
    names: int = 0
    words: int = 0

    @property
    def filled(self) -> bool:
        """Whether the two are one sentence with something else filled in."""
        return self.numbers + self.names > 0


def difference(one: Sentence, other: Sentence) -> Difference:
    """Return how one sentence differs from another."""
    if len(one.texts) * len(other.texts) > _MOST_PAIRS:
        shared = (Counter(one.texts) & Counter(other.texts)).total()
        return Difference(shared, words=int(shared < max(len(one.texts), len(other.texts))))
    common = numbers = names = words = 0
    removed: list[Word] = []
    added: list[Word] = []
    for op in [*Levenshtein.opcodes(one.texts, other.texts), None]:
        if op is not None and op.tag != "equal":
            removed += one.words[op.src_start : op.src_end]
            added += other.words[op.dest_start : op.dest_end]
            continue
        match _kind(removed, added):
            case "number":
                numbers += 1
            case "name":
                names += 1
            case "word":
                words += 1
        removed, added = [], []
        common += op.src_end - op.src_start if op else 0
    return Difference(common, numbers, names, words)


def _kind(removed: Sequence[Word], added: Sequence[Word]) -> str:
    if not removed or not added:
        return ""  # put in or left out: says no other thing in the same place
    before = {word.text for word in removed if word.number}
    after = {word.text for word in added if word.number}
    if before and after and not (before <= after or after <= before):
        return "number"
    if _one_spelling(removed, added):
        return ""
    if max(len(removed), len(added)) > _LONGEST_FILLING:
        return "word"
    return "name" if _names(removed) and _names(added) else "word"


def _one_spelling(removed: Sequence[Word], added: Sequence[Word]) -> bool:
    one, other = ("".join(word.text for word in words) for words in (removed, added))
    if any(map(str.isdigit, one + other)):
        return one == other
    return one == other or fuzz.ratio(one, other, score_cutoff=_SAME_WORD) > 0


def _names(words: Sequence[Word]) -> bool:
    """Say whether there may be a name among words: with a capital, or in letters that have none."""
    return any(
        word.capital
        or (
            word.text.isalpha()
            and word.text.upper() == word.text
            and (len(word.text) >= _SHORTEST_NAME or not word.text[0] < "\u2e80")
        )
        for word in words
    )
