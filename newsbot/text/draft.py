"""A text while rules change it, and where each of its characters was published.

Every rule is written once, against :class:`Draft`. To read a text, a plain draft is enough and costs
nothing more; to show a match as it was published, the same rules run over a :class:`TrackedDraft`,
which keeps the published range of every character.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, starmap

Replacement = str | Callable[[re.Match[str]], str]
# What repairs leave alone: in an address every character counts.
ADDRESS = re.compile(r"(?:[Hh][Tt][Tt][Pp][Ss]?://|www\.)\S+")

Edit = tuple[int, int, str]  # characters [start, end) of the text, and what stands for them

# Where Unicode has combining marks: all but the planes of ideographs, syllables and private use.
_WITH_MARKS = (
    (0x300, 0x3100),
    (0xA600, 0xAC00),
    (0xFB00, 0x10000),
    (0x10A00, 0x12000),
    (0x1E000, 0x1E960),
)


def _marks() -> str:
    """Return the combining marks, which belong to the letter before them, as a character class."""
    characters = map(chr, chain.from_iterable(starmap(range, _WITH_MARKS)))
    ranges: list[list[int]] = []
    for code in [ord(each) for each in characters if unicodedata.category(each)[0] == "M"]:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(low)}-{chr(high)}" for low, high in ranges)


MARKS = _marks()
# A character and what may compose with it: combining marks, and the vowels and finals of Hangul.
_COMPOSING = rf"{MARKS}\u1160-\u11ff"
_CLUSTER = re.compile(rf"[^\x00-\x7f][{_COMPOSING}]*|[\x00-\x7f][{_COMPOSING}]+")


class Draft:
    """A text under repair: rules are applied in place."""

    def __init__(self, text: str) -> None:
        self.text = text

    def sub(
        self,
        pattern: re.Pattern[str],
        replacement: Replacement,
        *,
        suspect: re.Pattern[str] | None = None,
        unless: re.Pattern[str] | None = None,
        outside: re.Pattern[str] | None = None,
    ) -> None:
        """Replace what a pattern finds. A string stands for itself: no groups are expanded.

        With ``suspect``, only lines where that is found are looked at: most have nothing to repair,
        and looking is cheap. Of those, lines with a find of ``unless`` stay as they are, and so does
        what touches a find of ``outside``.
        """
        if suspect is None:
            self._sub(pattern, replacement)
        else:
            self.apply(
                edit
                for low, high in lines_with(suspect, self.text)
                if unless is None or not unless.search(self.text, low, high)
                for edit in _changes(self.text, low, high, pattern, replacement, outside)
            )

    def _sub(self, pattern: re.Pattern[str], replacement: Replacement) -> None:
        self.text = pattern.sub(replacement, self.text)

    def apply(self, edits: Iterable[Edit]) -> None:
        """Apply edits, which come in order and do not overlap."""
        pieces, last = [], 0
        for start, end, new in edits:
            pieces += [self.text[last:start], new]
            last = end
        if last or pieces:
            self.text = "".join((*pieces, self.text[last:]))

    def strip(self, characters: str) -> None:
        """Drop these characters at both ends."""
        self.text = self.text.strip(characters)

    def compose(self) -> None:
        """Bring the text into Unicode's form NFC."""
        self.text = unicodedata.normalize("NFC", self.text)


class TrackedDraft(Draft):
    """A draft that knows the published range of each of its characters."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.starts = list(range(len(text)))
        self.ends = list(range(1, len(text) + 1))

    def _sub(self, pattern: re.Pattern[str], replacement: Replacement) -> None:
        literal = isinstance(replacement, str)
        self.apply(
            (*found.span(), replacement if literal else replacement(found))  # type: ignore[misc, operator]
            for found in pattern.finditer(self.text)
        )

    def apply(self, edits: Iterable[Edit]) -> None:
        """Apply edits, which come in order and do not overlap."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for start, end, new in edits:
            pieces += [self.text[last:start], new]
            starts += self.starts[last:start]
            ends += self.ends[last:start]
            for low, high in _placed(self.text[start:end], new):
                starts.append(self.starts[start + low])
                ends.append(self.ends[start + high - 1])
            last = end
        pieces.append(self.text[last:])
        self.starts = starts + self.starts[last:]
        self.ends = ends + self.ends[last:]
        self.text = "".join(pieces)

    def strip(self, characters: str) -> None:
        """Drop these characters at both ends."""
        kept = self.text.strip(characters)
        low = len(self.text) - len(self.text.lstrip(characters)) if kept else 0
        self.starts = self.starts[low : low + len(kept)]
        self.ends = self.ends[low : low + len(kept)]
        self.text = kept

    def compose(self) -> None:
        """Bring the text into Unicode's form NFC."""
        self._sub(_CLUSTER, lambda found: unicodedata.normalize("NFC", found.group()))

    def published(self, start: int, end: int) -> tuple[int, int]:
        """Return the published range of characters ``[start, end)``."""
        length = len(self.starts)
        start, end = max(0, start), min(end, length)
        if start >= end:
            at = self.starts[start] if start < length else (self.ends[-1] if length else 0)
            return at, at
        return self.starts[start], self.ends[end - 1]

    def reading(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of characters that were published within ``[start, end)``."""
        low = bisect_right(self.ends, start)
        return low, max(low, bisect_left(self.starts, end))


def lines_with(suspect: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Yield where the lines begin and end that hold a find of a pattern."""
    position = 0
    while found := suspect.search(text, position):
        low = max(position, text.rfind("\n", position, found.start()) + 1)
        high = text.find("\n", found.end())
        position = len(text) if high < 0 else high
        yield low, position
        if position >= len(text):
            return


def _changes(
    text: str,
    low: int,
    high: int,
    pattern: re.Pattern[str],
    replacement: Replacement,
    outside: re.Pattern[str] | None,
) -> Iterator[Edit]:
    """Yield the edits that a rule makes between two places of a text."""
    spared = deque(kept.span() for kept in outside.finditer(text, low, high)) if outside else None
    for match in pattern.finditer(text, low, high):
        start, end = match.span()
        while spared and spared[0][1] <= start:
            spared.popleft()
        if spared and spared[0][0] < end:
            continue
        new = replacement if isinstance(replacement, str) else replacement(match)
        if new != match.group():
            yield start, end, new


def _placed(old: str, new: str) -> Iterator[tuple[int, int]]:
    """Yield, for each character of a replacement, the characters that it stands for.

    Where characters were only dropped, or one put for one, each has its own; else all have all.
    """
    places, at = [], 0
    for character in new:
        at = old.find(character, at) + 1
        if not at:
            break
        places.append((at - 1, at))
    else:
        return iter(places)
    if len(old) == len(new):
        return zip(range(len(old)), range(1, len(old) + 1), strict=True)
    return iter([(0, len(old))] * len(new))
