"""The terms of some articles: which of them may be told as rising, and how they are printed.

Pure. Terms are the analyser's. Left aside are the most frequent words of the article's language, names of
months and weekdays (they rise with the calendar), numbers, and the names of an article's own authors.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import combinations, product

import attrs

from newsbot.text.folding import fold
from newsbot.text.rarity import is_everywhere
from newsbot.text.tokens import LONG, SKELETON, Token, is_character, placed, tokenize

_SHORTEST = 2
# Two readings of one word are one term where they stand at the same places so often, and two words are a
# phrase where so much of the one stands beside the other.
_SAME, _BESIDE = 0.8, 0.6


@attrs.frozen(kw_only=True)
class Text:
    """An article as its terms are counted: whose it is, its language (BCP 47), and what it says."""

    source: str
    language: str
    title: str
    body: str
    authors: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """Headline and body."""
        return f"{self.title}\n{self.body}"


@attrs.frozen(kw_only=True)
class Term:
    """One word, or two that stand beside each other, by their analysed ``words``.

    ``shown`` is how it is most often printed, ``articles`` are the places of those that have it.
    """

    words: tuple[str, ...]
    shown: str
    articles: frozenset[int]


def frequent(texts: Sequence[Text], *, articles: int, sources: int) -> dict[str, list[int]]:
    """Return the terms of at least so many articles and sources, with the places of the articles."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        words = {*placed(text.whole)[0]}
        for author in text.authors:
            words.difference_update(placed(author)[0])
        for word in words:
            found[word].append(place)
    return {
        word: places
        for word, places in found.items()
        if len(places) >= articles
        and _is_word(word)
        and _several((texts[place].source for place in places), sources)
        and not _common(word, _most_frequent([texts[place].language for place in places]))
    }


def _several(values: Iterable[str], least: int) -> bool:
    """Say whether there are so many different ones; looks no further than that."""
    seen: set[str] = set()
    for each in values:
        seen.add(each)
        if len(seen) >= least:
            return True
    return False


def _most_frequent(languages: list[str]) -> str:
    first = languages[0]
    if languages.count(first) * 2 > len(languages):
        return first
    return Counter(languages).most_common(1)[0][0]


def _is_word(word: str) -> bool:
    if len(word) < _SHORTEST or LONG in word or word.startswith(SKELETON):
        return False
    return not (any(letter.isdigit() for letter in word) or is_character(word))


@cache
def _common(word: str, language: str) -> bool:
    primary = language.split("-")[0].lower()
    try:
        return word in _calendar(primary) or is_everywhere(word, primary)
    except LookupError:  # there is no list of this language's words
        return word in _calendar(primary)


@cache
def _calendar(language: str) -> frozenset[str]:
    from babel import UnknownLocaleError
    from babel.dates import get_day_names, get_month_names

    try:
        names = [
            name
            for get in (get_month_names, get_day_names)
            for width in ("wide", "abbreviated")
            for name in get(width, locale=language or "en").values()
        ]
    except (UnknownLocaleError, ValueError):
        return frozenset()
    return frozenset(fold(word) for name in names for word in name.strip(".").split())


class _Places:
    """Where some words stand in texts: how printed, which at one place, which beside each other."""

    def __init__(self, words: Collection[str]) -> None:
        self.printed: dict[str, Counter[str]] = {word: Counter() for word in words}
        self.having: dict[str, set[int]] = {word: set() for word in words}
        self.together: Counter[tuple[str, str]] = Counter()
        self.beside: dict[tuple[str, str], set[int]] = {}
        self.beside_printed: dict[tuple[str, str], Counter[str]] = {}

    def take(self, place: int, text: str) -> None:
        """Take the words of a text."""
        at: dict[int, list[Token]] = {}
        for token in tokenize(text):
            if token.text in self.printed:
                self.printed[token.text][text[token.start : token.end]] += 1
                self.having[token.text].add(place)
                at.setdefault(token.position, []).append(token)
        for position, tokens in at.items():
            names = sorted({token.text for token in tokens})
            self.together.update(combinations(names, 2))
            for one, following in product(tokens, at.get(position + 1, ())):
                pair = one.text, following.text
                self.beside.setdefault(pair, set()).add(place)
                said = text[one.start : following.end]
                self.beside_printed.setdefault(pair, Counter())[said] += 1

    def word(self, word: str) -> Term:
        """Return a word as a term."""
        shown = self.printed[word].most_common(1)[0][0]
        return Term(words=(word,), shown=shown, articles=frozenset(self.having[word]))

    def phrases(self) -> Iterator[Term]:
        """Yield the pairs of words of which much stands beside the other, the most frequent first."""
        for pair, common in sorted(self.beside.items(), key=lambda each: (-len(each[1]), each[0])):
            shown = self.beside_printed[pair].most_common(1)[0][0]
            most = max(len(self.having[word]) for word in pair)
            if pair[0] != pair[1] and len(common) >= _BESIDE * most and "\n" not in shown:
                yield Term(words=pair, shown=shown, articles=frozenset(common))


def terms_of(texts: Sequence[Text], words: Collection[str], places: Iterable[int]) -> list[Term]:
    """Return these words as terms, those that stand beside each other joined, the most frequent first."""
    seen = _Places(words)
    for place in places:
        seen.take(place, texts[place].whole)
    left = {word for word in words if seen.having[word]}
    left -= _second_readings(seen.together, seen.printed)
    made: list[Term] = []
    for phrase in seen.phrases():
        if left.issuperset(phrase.words):
            made.append(phrase)
            left -= set(phrase.words)
    made += map(seen.word, left)
    return sorted(made, key=lambda term: (-len(term.articles), term.words))


def _second_readings(
    together: Counter[tuple[str, str]], printed: dict[str, Counter[str]]
) -> set[str]:
    """Return the words that stand nearly always where a more frequent one stands."""
    out: set[str] = set()
    for pair, count in together.items():
        (often, rarer), (_, more) = sorted((printed[word].total(), word) for word in pair)
        if count >= _SAME * often and more not in out:
            out.add(rarer)
    return out
