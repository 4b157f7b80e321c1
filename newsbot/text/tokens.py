"""The analyser: a text as the words by which it is found and compared.

Search, alerts and fingerprints share it. A token has its folded text, its position (words are
counted from 0) and its place in the text it was read from. Several readings of one word share a
position:

- a word with clitics that may also be none (see :mod:`newsbot.text.clitics`);
- a word written in parts (``e-mail``, ``U.S.``, ``don't``, ``ح.ماس``): each part has a position, and
  the joined reading stands at the first and at the last, so that phrases hold on both sides;
- a word of a text that is written without dots, which is also found by its skeleton: a token that
  begins with ``~``, which no other token does.

Scripts that put no space between words (Chinese, Japanese, Thai …) and Korean, which writes particles
onto them, give one token for each pair of neighbouring characters, and one for a run's last
character. A query for part of a run is the phrase of its pairs, so 北京 is found in 北京大学.

Texts of other scripts than the tables know are folded and kept; nothing raises.
"""

import re
import sys
from collections.abc import Iterable
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from newsbot.text.clitics import stems
from newsbot.text.draft import MARKS
from newsbot.text.folding import fold
from newsbot.text.letters import (
    ARABIC_LETTERS,
    ARABIC_MARKS,
    DOTLESS,
    TATWEEL,
    is_dotless,
    skeleton,
)
from newsbot.text.lexicon import zipf

SKELETON = "~"
# In an index, between a reading and how many positions it takes; and how many that are at most.
LONG, LONGEST = "\x01", 8

# No word of any language is longer; what is, is cut, so that no page fills the index with noise.
_LONGEST = 64


class Token(NamedTuple):
    """A word: folded text, position, and its characters ``[start, end)`` in the text."""

    text: str
    position: int
    start: int
    end: int


_UNSPACED = (
    "\u0e01-\u0e2e\u0e30-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecd\u1000-\u109f\u1780-\u17d3"  # Thai to Khmer
    "\u3005-\u3007\u3041-\u3096\u309b-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"  # Han
    "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3\uff66-\uffdc"  # Hangul, half-width kana
)
# Signs that part one word, or part two that belong together; a quote does so in Hebrew (צה"ל).
_PARTING = r"['’ʼ‘`.·•\-‐‑‒–/*,،٫٬:|\\~^+=_״׳\"]"
_THOUSANDS = r"[0-9]{1,3}(?: [0-9]{3})++(?![\w.,])"
# Most words are followed by a space: to ask for that first halves the time.
_UNIT = re.compile(rf"{_THOUSANDS}|\w++(?:(?! )(?:[{MARKS}\u200c\u200d]++\w*+|{_PARTING}\w++))*+")
# The same for ASCII, with the signs that matter there: half the time, and half of all news.
_ASCII_UNIT = re.compile(rf"{_THOUSANDS}|[A-Za-z0-9]++(?:(?! )['`.,\-][A-Za-z0-9]++)*+")
# What a unit is made of: runs of one kind of letter. Persian's non-joiner parts as a hyphen does.
_ARABIC = rf"{ARABIC_LETTERS}{ARABIC_MARKS}{TATWEEL}"
_NON_JOINER = rf"\u200c(?<=[{_ARABIC}].)(?=[{_ARABIC}])"
_RUN = re.compile(
    rf"(?P<arabic>(?:(?!\d)[{_ARABIC}])+)"
    rf"|(?P<unspaced>(?:(?!\d)[{_UNSPACED}{MARKS}])+)"
    rf"|(?P<plain>(?:(?![{_ARABIC}{_UNSPACED}]|{_PARTING}|{_NON_JOINER})\S|[{MARKS}]|\d)+)"
)
_CHARACTER = re.compile(rf"[{_UNSPACED}][{MARKS}]*")
_CLUSTER = re.compile(rf".[{MARKS}\uff9e\uff9f]*", re.DOTALL)
_DOTLESS = re.compile(rf"[{DOTLESS}]")
_GROUPED_DIGITS = re.compile(r"\d{1,3}(?:[.,٬'’ ]\d{3})+")

# Which signs give a joined reading besides the parts: in Arabic any single one, elsewhere hyphens
# and apostrophes, and full stops between single letters (U.S.).
_JOINING = frozenset("'’ʼ‘`-‐‑·")
_JOINING_HEBREW = frozenset("\"'״׳’-")
_HEBREW = re.compile("[א-ת]")
# One word each, whatever stands in them; elsewhere an apostrophe parts an elision from its word.
_ONE_WORD = re.compile(r"aujourd['’]hui|prud['’]hom\w+|presqu['’]îles?", re.IGNORECASE)
# Digits that stand for a letter inside a word (k1lled) give a second reading where that is a word.
_LEET = re.compile(r"[A-Za-z]+(?:[013457][A-Za-z]+)+")
_LETTER_FOR = str.maketrans("013457", "oieast")
_LEET_LEXICA = ("en", "de", "fr", "es")
_LEET_KNOWN = 3.5
_SHORTEST_LEET = 5
_MOST_PARTS = LONGEST
_LONGEST_JOINED = 32

# A piece of a unit's reading: text, position, start and end, all relative to the unit. A reading is
# the pieces and how many positions they take; most are one word at one position, and only that.
_Piece = tuple[str, int, int, int]
_Reading = str | tuple[tuple[_Piece, ...], int]


def tokenize(text: str) -> tuple[Token, ...]:
    """Return the tokens of a text, in order of position. Offsets count characters of ``text``."""
    return _analyse(text, asked=False)


def words(text: str) -> list[str]:
    """Return the texts of a text's tokens, in their order: what :func:`tokenize` says without places."""
    if _DOTLESS.search(text):
        return [token.text for token in _analyse_dotless(text)]
    found: list[str] = []
    readings = _READ
    for unit in (_ASCII_UNIT if text.isascii() else _UNIT).findall(text):
        read = readings[unit]
        if isinstance(read, str):
            found.append(read)
        else:
            found += [piece[0] for piece in read[0]]
    return found


def placed(text: str) -> tuple[list[str], list[int]]:
    """Return the readings of a text and their first positions: what an index of it is made of.

    A reading that takes several positions (``e-mail`` as *email*) is marked with their number, see
    :func:`long`. Takes a quarter of the time of :func:`tokenize`.
    """
    found: list[str] = []
    positions: list[int] = []
    if _DOTLESS.search(text):
        for texts, at in _marked(_analyse_dotless(text)):
            found.append(texts)
            positions.append(at)
        return found, positions
    position = 0
    readings, several = _READ, _PLACED
    for unit in (_ASCII_UNIT if text.isascii() else _UNIT).findall(text):
        read = readings[unit]
        if isinstance(read, str):
            found.append(read)
            positions.append(position)
            position += 1
        else:
            pieces, width = several[unit]
            for word, at in pieces:
                found.append(word)
                positions.append(position + at)
            position += width
    return found, positions


def long(text: str, length: int) -> str:
    """Return how an index marks a reading that takes so many positions, two or more."""
    return f"{text}{LONG}{length}"


def _marked(tokens: Iterable[Token]) -> list[tuple[str, int]]:
    """Return each reading once, at its first position, marked with how many it takes."""
    last: dict[tuple[str, int, int], list[int]] = {}
    for text, position, start, end in tokens:
        last.setdefault((text, start, end), []).append(position)
    found = [
        (text if len(at) == 1 else long(text, at[-1] - at[0] + 1), at[0])
        for (text, _, _), at in last.items()
    ]
    return sorted(found, key=itemgetter(1))


def tokenize_query(words: str) -> tuple[Token, ...]:
    """Return the tokens by which the words of a query are to be found in a tokenized text.

    The same as :func:`tokenize`, but a word that may have clitics or none is meant as it stands,
    and what a run of unspaced script ends with is in the pair before it already.
    """
    tokens = _analyse(words, asked=True)
    if len(tokens) > 1 and _is_rest(tokens[-1], tokens[-2]):
        return tokens[:-1]
    return tokens


def _is_rest(last: Token, before: Token) -> bool:
    return is_character(last.text) and before.end == last.end and before.start < last.start


def is_character(term: str) -> bool:
    """Say whether a token is a single character of a script without spaces.

    In a text it stands there only as the last of its run; elsewhere a pair begins with it.
    """
    return _CHARACTER.fullmatch(term) is not None


def _analyse(text: str, *, asked: bool) -> tuple[Token, ...]:
    if not asked and _DOTLESS.search(text):
        return _analyse_dotless(text)
    tokens: list[Token] = []
    append, make, position = tokens.append, tuple.__new__, 0
    readings = _ASKED if asked else _READ
    for match in (_ASCII_UNIT if text.isascii() else _UNIT).finditer(text):
        unit, start = match.group(), match.start()
        read = readings[unit]
        if isinstance(read, str):
            append(make(Token, (read, position, start, start + len(unit))))
            position += 1
            continue
        pieces, width = read
        for word, offset, low, high in pieces:
            append(make(Token, (word, position + offset, start + low, start + high)))
        position += width
    return tuple(tokens)


# A word written without dots in a line that has some.
_SHORTEST_SHAPE = 3


def _analyse_dotless(text: str) -> tuple[Token, ...]:
    """Return the tokens of a text of which some lines or words are written without dots."""
    tokens: list[Token] = []
    position = line_start = 0
    for line in text.splitlines(keepends=True):
        dotless = is_dotless(line)
        for match in _UNIT.finditer(line):
            unit, start = match.group(), line_start + match.start()
            bare = dotless or (len(unit) >= _SHORTEST_SHAPE and is_dotless(unit))
            pieces, width = _with_skeletons(unit) if bare else _pieces(unit, asked=False)
            tokens += [
                Token(word, position + offset, start + low, start + high)
                for word, offset, low, high in pieces
            ]
            position += width
        line_start += len(line)
    return tuple(tokens)


class _Readings(dict[str, "_Reading"]):
    """The readings of the units met so far; forgets all of them when they grow too many."""

    def __init__(self, most: int, *, asked: bool) -> None:
        self._most = most
        self._asked = asked

    def __missing__(self, unit: str) -> "_Reading":
        reading = _reading(unit, asked=self._asked)
        if len(unit) <= _LONGEST:  # longer ones are rare, and not to be remembered
            if len(self) >= self._most:
                self.clear()
            self[unit] = reading
        return reading


class _PlacedReadings(dict[str, tuple[tuple[tuple[str, int], ...], int]]):
    """The readings of units of several pieces, as an index has them; forgets as ``_Readings`` does."""

    def __missing__(self, unit: str) -> tuple[tuple[tuple[str, int], ...], int]:
        pieces, width = _pieces(unit, asked=False)
        made = tuple(_marked(Token(*piece) for piece in pieces)), width
        if len(unit) <= _LONGEST:
            if len(self) >= 1 << 16:
                self.clear()
            self[unit] = made
        return made


_PLACED = _PlacedReadings()
_READ = _Readings(1 << 17, asked=False)
_ASKED = _Readings(1 << 12, asked=True)


def _reading(unit: str, *, asked: bool) -> _Reading:
    """Return how a unit is read."""
    pieces, width = _pieces(unit, asked=asked)
    if len(pieces) == 1 and pieces[0][1:] == (0, 0, len(unit)):
        return sys.intern(pieces[0][0])
    return tuple(pieces), width


def _pieces(unit: str, *, asked: bool) -> tuple[list[_Piece], int]:
    """Return the pieces of a unit and how many positions it takes."""
    if unit.isascii() and unit.isalnum():
        plain = unit[:_LONGEST].lower()
        meant = None if asked or unit.isalpha() else _unleet(plain)
        return [(word, 0, 0, len(unit)) for word in (plain, meant) if word], 1
    if _ONE_WORD.fullmatch(unit):
        return [(fold("".join(filter(str.isalpha, unit))), 0, 0, len(unit))], 1
    pieces: list[_Piece] = []
    position = 0
    for run in _RUN.finditer(unit):
        if run.lastgroup == "unspaced":
            found = _pairs(run.group())
            pieces += [
                (text, position + at, run.start() + low, run.start() + high)
                for text, at, low, high in found
            ]
            position += found[-1][1] + 1 if found else 0
            continue
        for text in _word(run.group(), arabic=run.lastgroup == "arabic", asked=asked):
            pieces.append((text, position, *run.span()))
        position += pieces[-1][1] == position if pieces else 0
    if position > 1:
        pieces = _with_joined(unit, pieces, position)
    return pieces, position


def _unleet(word: str) -> str | None:
    if len(word) < _SHORTEST_LEET or not _LEET.fullmatch(word):
        return None
    meant = word.translate(_LETTER_FOR)
    known = max(zipf(meant, language) for language in _LEET_LEXICA)
    return meant if known >= _LEET_KNOWN else None


def _word(run: str, *, arabic: bool, asked: bool) -> tuple[str, ...]:
    folded = fold(run[:_LONGEST])
    if not folded:
        return ()
    if not arabic:
        return (folded,)
    found = stems(folded)
    return (folded,) if asked and folded in found else found


def _pairs(run: str) -> list[_Piece]:
    """Return a run's pairs of neighbouring characters, and its last character by itself."""
    spans = [match.span() for match in _CLUSTER.finditer(run)]
    folded = [fold(run[low:high]) for low, high in spans]
    pieces = [
        (one + two, at, low, high)
        for at, (one, two, (low, _), (_, high)) in enumerate(
            zip(folded, folded[1:], spans, spans[1:], strict=False)
        )
    ]
    return [*pieces, (folded[-1], len(folded) - 1, *spans[-1])]


def _with_joined(unit: str, pieces: list[_Piece], width: int) -> list[_Piece]:
    """Add, at the first and the last position, the word that a unit's parts may be."""
    joined = _joined(unit, [match.span() for match in _RUN.finditer(unit)])
    if not joined:
        return pieces
    extra = [(text, at, 0, len(unit)) for text in joined for at in (0, width - 1)]
    return sorted((*pieces, *extra), key=lambda piece: piece[1])


def _joined(unit: str, spans: list[tuple[int, int]]) -> tuple[str, ...]:
    if len(unit) > _LONGEST_JOINED or len(spans) > _MOST_PARTS:
        return ()
    if _GROUPED_DIGITS.fullmatch(unit):
        return (fold("".join(unit[low:high] for low, high in spans)),)
    between = {unit[high:low] for (_, high), (low, _) in pairwise(spans)}
    parts = [unit[low:high] for low, high in spans]
    kinds = {match.lastgroup for match in _RUN.finditer(unit)}
    if "unspaced" in kinds or "" in between:
        return ()
    if kinds == {"arabic"}:
        return stems(fold("".join(parts)))
    letters = between == {"."} and max(map(len, parts)) == 1 and not unit[0].isdigit()
    joining = _JOINING_HEBREW if _HEBREW.match(unit) else _JOINING
    if kinds == {"plain"} and (between <= joining or letters) and not all(map(str.isdigit, parts)):
        return (fold("".join(parts)),)
    return ()


def _with_skeletons(unit: str) -> tuple[list[_Piece], int]:
    """Return the readings of a unit of a dotless line, and its words' skeletons besides."""
    pieces, width = _pieces(unit, asked=False)
    for run in _RUN.finditer(unit):
        if run.lastgroup == "arabic":
            at = next((piece[1] for piece in pieces if piece[2] == run.start()), 0)
            pieces += [(SKELETON + shape, at, *run.span()) for shape in _shapes(run.group())]
    return sorted(pieces, key=lambda piece: piece[1]), width


# The clitics as they are written without dots; no lexicon knows dotless words, so all are tried.
_DOTLESS_CLITICS = ("و", "ال", "وال", "ٮال", "ٮ", "ل", "لل", "ڡال", "ڡ", "كال", "وٮال", "ولل")


def _shapes(word: str) -> tuple[str, ...]:
    shape = skeleton(fold(word))
    bare = [
        shape[len(clitic) :]
        for clitic in _DOTLESS_CLITICS
        if shape.startswith(clitic) and len(shape) - len(clitic) > 1
    ]
    return tuple(dict.fromkeys((shape, *bare)))
