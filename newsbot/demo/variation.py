"""When the stock is used up it goes round again, and each story with it becomes another story.

Names, places, days, institutions and quantities give way to others by the written tables of
``stock/variations.toml``; numbers move within their own magnitude. Round 0 is the stock as written.
The same story in the same round always reads the same.
"""

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import attrs

from newsbot.demo.stock import Edit, Story

_ARABIC_PROCLITICS: Final = "[وفبلك]?"
"""One-letter words that Arabic writes joined to the next (and, so, with, for, like)."""

_LOWEST: Final = {1: 3, 2: 11}
"""Numbers never fall below these by count of digits: 3 to 10 and 11 up govern Arabic plurals."""

_STRIDE: Final = 0.382
"""Part of its range by which a number moves each round; far from simple fractions, so no number
comes back soon."""

_YEAR: Final = re.compile(r"1[789]\d\d|20\d\d")


@attrs.frozen
class _Tables:
    """A language's groups of words that can stand for one another, and how to find them."""

    groups: tuple[tuple[str, ...], ...]
    places: dict[str, tuple[int, int]]
    pattern: re.Pattern[str]


@cache
def _tables(language: str) -> _Tables:
    text = files(__package__).joinpath("stock", "variations.toml").read_text(encoding="utf8")
    groups = tuple(tuple(group) for group in tomllib.loads(text)[language]["groups"])
    places = {
        word: (number, place)
        for number, group in enumerate(groups)
        for place, word in enumerate(group)
    }
    longest_first = "|".join(re.escape(word) for word in sorted(places, key=len, reverse=True))
    before = _ARABIC_PROCLITICS if language == "ar" else ""
    # German adds an s to a name that owns something: "Altfeldens".
    after = "s?" if language == "de" else ""
    initial = "" if language == "ar" else "(?i:"
    closing = "" if language == "ar" else ")"
    pattern = re.compile(
        rf"(?<!\w)(?P<before>{before})(?P<word>{initial}{longest_first}{closing})(?P<after>{after})(?!\w)"
        r"|(?P<digits>\d+)"
    )
    return _Tables(groups=groups, places=places, pattern=pattern)


def _renumber(digits: str, round_number: int) -> str:
    if digits == "1" or _YEAR.fullmatch(digits):
        return digits
    width = len(digits)
    lowest = 0 if digits.startswith("0") else _LOWEST.get(width, 10 ** (width - 1))
    span = 10**width - lowest
    stride = int(span * _STRIDE) | 1
    moved = lowest + (int(digits) - lowest + round_number * stride) % span
    return str(moved).zfill(width)


def vary(text: str, language: str, round_number: int) -> str:
    """Return ``text`` as it reads in a later round; round 0 leaves it as written."""
    if not round_number:
        return text
    tables = _tables(language)

    def substitute(found: re.Match[str]) -> str:
        if found["digits"]:
            return _renumber(found["digits"], round_number)
        word = found["word"]
        capital = word not in tables.places
        at = tables.places.get(word[0].lower() + word[1:] if capital else word)
        if at is None:
            return found[0]
        group = tables.groups[at[0]]
        other = group[(at[1] + round_number) % len(group)]
        if capital:
            other = other[0].upper() + other[1:]
        return f"{found['before']}{other}{found['after']}"

    return tables.pattern.sub(substitute, text)


@lru_cache(maxsize=4096)
def varied(story: Story, language: str, round_number: int) -> Story:
    """Return the story that ``story`` becomes in round ``round_number`` of the stock."""
    if not round_number:
        return story

    def said(text: str) -> str:
        return vary(text, language, round_number)

    def edited(edit: Edit) -> Edit:
        return attrs.evolve(
            edit,
            title=said(edit.title),
            paragraph=said(edit.paragraph),
            correction=said(edit.correction),
        )

    return attrs.evolve(
        story,
        title=said(story.title),
        paragraphs=tuple(said(paragraph) for paragraph in story.paragraphs),
        byline=said(story.byline),
        tags=tuple(said(tag) for tag in story.tags),
        summary=said(story.summary),
        repost_title=said(story.repost_title),
        caption=said(story.caption),
        edit=tuple(edited(edit) for edit in story.edit),
    )
