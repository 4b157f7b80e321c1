"""Which articles tell of the same event, each in its own words. Pure.

Two reports of one event share its names, its numbers and its rare words, in their headlines and first
sentences above all; two reports of different events share at most a subject. What is compared is what
a text tells of itself there, weighted by how rare its words are. A wrong join is worse than a missed
one: the thresholds were set where no pair of labelled pages of the same days was joined wrongly.
"""

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import islice

import attrs

from newsbot.text.rarity import is_number, knows, weight

# Words of a text in which its event is told; what follows is background.
_LEAD = 150
# A word of the headline tells more.
_HEADLINE = 1.6
# Terms that are kept of a text; of the most telling ones, two reports of an event share at least two.
TERMS, _TELLING, COMMON = 60, 7, 2
# A text with fewer telling terms tells of no event that could be recognised.
_FEWEST = 12
# From which likeness, and how many terms in common, two texts tell of one event; and the likeness to
# all that is known of an event, on average.
LIKENESS, IN_COMMON, ON_AVERAGE = 0.42, 12, 0.3
# Days that may lie between two reports of one event.
DAYS = 2


@attrs.frozen
class Facts:
    """What an article tells of its event.

    ``terms`` are hashes of its telling words with their weights, the most telling first; ``numbers`` those
    of its numbers of two digits or more, years aside.
    """

    terms: Mapping[int, float]
    numbers: frozenset[int] = frozenset()

    def telling(self) -> tuple[int, ...]:
        """Return the most telling terms: two reports of an event have ``COMMON`` of them in common."""
        return tuple(islice(self.terms, _TELLING))

    def packed(self) -> bytes:
        """Return terms and numbers in twelve bytes each; a number that is no term weighs nothing."""
        weights = dict(self.terms)
        weights |= dict.fromkeys(self.numbers - weights.keys(), 0.0)
        return b"".join(
            struct.pack("<qf", term, -value if term in self.numbers else value)
            for term, value in weights.items()
        )

    @classmethod
    def unpacked(cls, packed: bytes) -> "Facts":
        """Return what ``packed`` packed."""
        weights = dict(struct.iter_unpack("<qf", packed))
        return cls(
            {term: abs(value) for term, value in weights.items() if value},
            frozenset(term for term, value in weights.items() if math.copysign(1, value) < 0),
        )


def facts(title: Sequence[str], body: Sequence[str], language: str) -> Facts | None:
    """Return what an article tells of its event, by its analysed words; None where that is too little.

    ``language`` is a BCP 47 tag; words of one language are never those of another. Where nothing is
    known of how rare its words are, nothing tells.
    """
    if not knows(language):
        return None
    headline = set(title)
    weights = {}
    for word in (*title, *body[:_LEAD]):
        if word not in weights:
            told = weight(word, language)
            weights[word] = told * _HEADLINE if word in headline else told
    ranked = sorted(
        (word for word, told in weights.items() if told > 0),
        key=lambda word: (-weights[word], word),
    )
    if len(ranked) < _FEWEST:
        return None
    terms = {_hash(language, word): weights[word] for word in ranked[:TERMS]}
    numbers = frozenset(_hash(language, word) for word in weights if is_number(word))
    return Facts(terms, numbers)


def likeness(one: Facts, other: Facts) -> float:
    """Return how alike what two texts tell is: the cosine of their weighted terms, from 0 to 1."""
    shared = sum(
        value * other.terms[term] for term, value in one.terms.items() if term in other.terms
    )
    return shared / (_norm(one.terms) * _norm(other.terms)) if shared else 0.0


def contradict(one: Facts, other: Facts) -> bool:
    """Say whether two texts give other numbers, as two reports of one form do: of two days' weather, say."""
    fewer = min(len(one.numbers), len(other.numbers))
    shared = len(one.numbers & other.numbers)
    return (fewer >= 2 and not shared) or (fewer >= 3 and shared * 3 < fewer)


def same_event(told: Facts, known: Iterable[Facts]) -> float:
    """Return how surely a text tells of the event that some others tell of, by what each tells.

    It is the likeness to all of them on average; 0 where the text is not of that event.
    """
    likes = []
    close = False
    for other in known:
        alike = likeness(told, other)
        likes.append(alike)
        close = close or (
            alike >= LIKENESS
            and len(told.terms.keys() & other.terms.keys()) >= IN_COMMON
            and not contradict(told, other)
        )
    average = sum(likes) / len(likes) if likes else 0.0
    return average if close and average >= ON_AVERAGE else 0.0


def _norm(terms: Mapping[int, float]) -> float:
    return math.sqrt(sum(value * value for value in terms.values()))


def _hash(*words: str) -> int:
    digest = blake2b("\x1f".join(words).encode("utf8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
