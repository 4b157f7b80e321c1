"""A text as the sentences of which copies are made: the unit that newsrooms keep, drop and move."""

import re
from functools import cached_property

import attrs

from newsbot.text.tokens import tokenize, words

# Where a sentence ends: at a line's end, at a full stop of any script that a space follows, or at one
# of those that no space follows.
_END = re.compile(r"\n+|(?<=[.!?…؟۔।։።])[\"'”’»)\]]*\s+|(?<=[。！？])")

_DIGIT = re.compile(r"\d")

# A sentence of so many words says something even without a number or a name.
_MUCH = 8


@attrs.frozen
class Word:
    """A token as it is compared, and whether it was written as names are: with a capital."""

    text: str
    capital: bool

    @property
    def number(self) -> bool:
        """Whether it is a number, or has one in it."""
        return _is_number(self.text)


@attrs.frozen(slots=False)
class Sentence:
    """A sentence; two are the same where their ``texts`` are, however they are written."""

    written: str

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Its words as they are compared."""
        return tuple(words(self.written))

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Its words, as many as there are ``texts``."""
        found = tokenize(self.written)
        return tuple(Word(token.text, self.written[token.start].isupper()) for token in found)

    @cached_property
    def shape(self) -> tuple[str, ...]:
        """The words, with one sign for all numbers."""
        return tuple("#" if _is_number(word) else word for word in self.texts)

    @cached_property
    def numbers(self) -> int:
        """How many numbers are in it."""
        return sum(map(_is_number, self.texts))

    @property
    def telling(self) -> bool:
        """Whether it says something of its own: a number, a name, or much."""
        after = self.written[1:]
        return len(self.texts) >= _MUCH or bool(self.numbers) or after != after.lower()


def _is_number(word: str) -> bool:
    return _DIGIT.search(word) is not None


def sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text in their order, those without words left out."""
    found = map(Sentence, filter(None, _END.split(text)))
    return tuple(each for each in found if each.texts)
