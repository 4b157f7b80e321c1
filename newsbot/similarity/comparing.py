"""Whether two texts are copies: by their sentences, and by what differs in those that are alike.

Sentences that are the same in both are what they have in common; so are those of which most words
are. Then, in this order:

1. Of the sentences in common that say something, many have another number or name in them: the two
   are a *template*, filled twice (weather, markets, matches, obituaries), and apart.
2. Most of each is in common: a *copy*.
3. The shorter is in the longer nearly whole, and the longer begins as the shorter does: a copy that
   was cut, or that was added to. Where the longer begins otherwise it is another article that quotes
   the shorter, and apart; and so are two of which parts are in common.
"""

from collections import Counter
from functools import cached_property
from typing import Literal

import attrs

from newsbot.similarity.differences import Difference, difference
from newsbot.similarity.sentences import Sentence, sentences

Verdict = Literal["same", "copy", "template", "quote", "apart"]

# Of a text, how much is to be in the other: of both for a copy whatever else they say, for a copy that
# has its own beginning and end, and of the shorter and the longer where one was cut.
_MOST = 0.75
_MUCH = 0.55
_NEARLY_ALL, _OF_LONGER = 0.8, 0.42
_IDENTICAL = 0.9
# In fewer words, what little differs may be what makes it another article: no other word is to stand
# in the place of one.
_ENOUGH = 100
# Of a short text each sentence counts: it is a copy where next to nothing differs.
_SHORT = 60
# How many of the sentences in common may have something else filled in, and of the numbers.
_FILLED = 0.2
_OTHER_NUMBERS, _NUMBERS = 0.25, 3
_OTHER_WORDS = 0.5
# Sentences are alike when so much of them is in common.
_ALIKE = 0.5
# … or when one was cut from the other: so much of it, and of so many words.
_WHOLE, _FEW = 0.8, 4
# A word of so many sentences does not lead from one to those that are like it: the time would grow by
# the square of a text, and of 4,000 sentences that took 1.2 s. Few articles have as many.
_EVERYWHERE = 200
# A text has its own part when more than this of it is not in the other.
_OWN = 0.15
_ABOUT = 0.4
_LONG_WORD = 4
# A text's beginning, in words.
_BEGINNING = 40


@attrs.frozen(slots=False)
class Text:
    """A title and a body (paragraphs, one a line), taken apart for comparing."""

    title: str
    body: str

    @cached_property
    def headline(self) -> Sentence:
        """The title's words."""
        return Sentence(self.title)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The body's sentences."""
        return sentences(self.body)

    @cached_property
    def length(self) -> int:
        """How many words the body has."""
        return sum(len(each.texts) for each in self.sentences)


@attrs.frozen
class Likeness:
    """What two texts are to each other.

    ``verdict``: "same" (next to nothing differs, nor do the titles), "copy", "template" (the same
    sentences filled with other things), "quote" (one has the other in it, and is another), "apart".
    ``resemblance`` is the share of the two texts' words that is in both; ``shorter`` and ``longer``
    are the shares of each that are in the other.
    """

    verdict: Verdict
    resemblance: float
    shorter: float
    longer: float

    @property
    def copies(self) -> bool:
        """Whether the two are copies of one text."""
        return self.verdict in ("same", "copy")

    @property
    def distance(self) -> float:
        """How far the two are from each other: 0 for the same words, 1 for none in common."""
        return round(1 - self.resemblance, 3)


@attrs.define
class _Common:
    """What two texts have in common: words of each, the sentences, and how these differ."""

    words: int = 0
    kept: int = 0
    numbers: int = 0
    filled: int = 0
    other_numbers: int = 0
    other_words: int = 0
    vocabulary: set[str] = attrs.Factory(set)
    begins: bool = False

    def add(self, sentence: Sentence, found: Difference) -> None:
        self.words += found.common
        self.vocabulary.update(sentence.texts)
        self.filled += found.filled
        self.other_numbers += found.numbers
        if not found.filled:
            self.kept += sentence.telling
            self.other_words += found.words > 0
            self.numbers += sentence.numbers
        else:
            self.numbers += max(0, sentence.numbers - found.numbers)


def compare(one: Text, other: Text) -> Likeness:
    """Return what two texts are to each other. It does not matter which comes first."""
    longer, shorter = sorted((one, other), key=lambda text: (text.length, text.body), reverse=True)
    common = _common(longer, shorter)
    of_shorter = common.words / max(1, shorter.length)
    of_longer = common.words / max(1, longer.length)
    both = longer.length + shorter.length - common.words
    verdict = _verdict(longer, shorter, common, of_shorter, of_longer)
    return Likeness(verdict, common.words / max(1, both), of_shorter, of_longer)


def _verdict(
    longer: Text, shorter: Text, common: _Common, of_shorter: float, of_longer: float
) -> Verdict:
    titles = _titles(longer, shorter)
    if of_shorter < _MUCH:
        return "apart"
    if _is_template(common, titles):
        return "template"
    if of_longer < _MUCH:
        cut = of_shorter >= _NEARLY_ALL and of_longer >= _OF_LONGER and shorter.length >= _SHORT
        if cut and common.begins:
            return "copy"
        return "quote" if of_shorter >= _NEARLY_ALL else "apart"
    if shorter.length < _ENOUGH and (common.filled or common.other_words):
        return "template"
    if shorter.length < _SHORT and of_longer < _NEARLY_ALL:
        return "apart"
    if (
        shorter.length >= _ENOUGH
        and min(of_shorter, of_longer) >= _IDENTICAL
        and not common.filled
        and titles >= _ALIKE
    ):
        return "same"
    if of_longer < 1 - _OWN and of_shorter < 1 - _OWN:
        return "copy" if _is_about(longer, common) or _is_about(shorter, common) else "apart"
    if of_longer >= _MOST or common.begins or _is_about(longer, common):
        return "copy"
    return "quote"


def _is_template(common: _Common, titles: float) -> bool:
    filled, kept = common.filled + (titles < 0), common.kept
    if filled > _FILLED * (filled + kept):
        return True
    if common.other_numbers >= _NUMBERS and common.other_numbers > _OTHER_NUMBERS * (
        common.other_numbers + common.numbers
    ):
        return True
    return common.other_words > _OTHER_WORDS * (common.other_words + kept)


def _titles(one: Text, other: Text) -> float:
    """Return how alike the titles are; -1 where they are one with something else filled in."""
    if not one.headline.texts or not other.headline.texts:
        return 1.0
    found = difference(one.headline, other.headline)
    alike = 2 * found.common / (len(one.headline.texts) + len(other.headline.texts))
    return -1.0 if alike >= _ALIKE and found.numbers else alike


def _is_about(text: Text, common: _Common) -> bool:
    """Say whether what is in common is what a text is about, and no boilerplate around it."""
    for said in (text.headline, text.sentences[0]):
        telling = {word for word in said.texts if len(word) >= _LONG_WORD or word > "\u2e80"}
        if telling and len(telling & common.vocabulary) >= _ABOUT * len(telling):
            return True
    return False


def _begins(text: Text, over: list[Sentence]) -> bool:
    """Say whether a text begins with what is in common, ``over`` being its sentences that are not."""
    own = {id(sentence) for sentence in over}
    found = words = 0
    for sentence in text.sentences:
        words += len(sentence.texts)
        found += len(sentence.texts) * (id(sentence) not in own)
        if words >= _BEGINNING:
            break
    return 2 * found > words


def _common(longer: Text, shorter: Text) -> _Common:
    common = _Common()
    left = Counter(each.texts for each in longer.sentences)
    missing: list[Sentence] = []
    for sentence in shorter.sentences:
        if left[sentence.texts] > 0:
            left[sentence.texts] -= 1
            common.add(sentence, Difference(len(sentence.texts)))
        else:
            missing.append(sentence)
    over: list[Sentence] = []
    for sentence in longer.sentences:
        if left[sentence.texts] > 0:
            left[sentence.texts] -= 1
            over.append(sentence)
    _pair(missing, over, common)
    common.begins = _begins(longer, over)
    return common


def _pair(missing: list[Sentence], over: list[Sentence], common: _Common) -> None:
    """Pair the sentences that are not the same with those of the other text that are most alike.

    What was paired is taken out of ``over``.
    """
    shapes: dict[tuple[str, ...], list[int]] = {}
    holders: dict[str, list[int]] = {}
    for at in reversed(range(len(over))):
        shapes.setdefault(over[at].shape, []).append(at)
    for at, sentence in enumerate(over):
        for word in set(sentence.texts):
            holders.setdefault(word, []).append(at)
    taken: set[int] = set()
    for sentence in missing:
        ends = shapes.get(sentence.shape, [])
        while ends and ends[-1] in taken:
            ends.pop()
        best = ends[-1] if ends else None
        if best is None:
            shared = Counter(
                at
                for word in set(sentence.texts)
                if len(holders.get(word, ())) <= _EVERYWHERE
                for at in holders.get(word, ())
                if at not in taken
            )
            best = max(shared, key=lambda at: (shared[at] / len(over[at].texts), -at), default=None)
            if best is not None and not _are_alike(sentence, over[best]):
                best = None
        if best is not None:
            taken.add(best)
            common.add(sentence, difference(sentence, over[best]))
    over[:] = [sentence for at, sentence in enumerate(over) if at not in taken]


def _are_alike(one: Sentence, other: Sentence) -> bool:
    """Say whether two sentences share most of their words, or one is nearly whole in the other."""
    mine, theirs = set(one.texts), set(other.texts)
    shared = len(mine & theirs)
    fewer, more = sorted((len(mine), len(theirs)))
    return 2 * shared >= _ALIKE * (fewer + more) or (fewer >= _FEW and shared >= _WHOLE * fewer)
