"""Times that are counted from now: three hours ago, منذ ساعتين, 15分前.

A length of time is a count and a unit, or two of them ("1 hour 20 minutes"), or a unit that bears
its count (ساعتين); a word before or behind it says that it is past. Words are of
``date_words.tsv``; the phrases of CLDR are read too, for the languages that are not in it.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Literal, get_args

import attrs

from newsbot.text.date_words import (
    UNSPACED,
    any_of,
    edged,
    languages_read,
    listed,
    locales,
)
from newsbot.text.folding import fold

Unit = Literal["second", "minute", "hour", "days", "week"]

_SECONDS: dict[Unit, int] = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "days": 86_400,
    "week": 604_800,
}
# CLDR's names of the units. Months and years ago tell no day.
_UNITS: dict[Unit, Literal["second", "minute", "hour", "day", "week"]] = {
    "second": "second",
    "minute": "minute",
    "hour": "hour",
    "days": "day",
    "week": "week",
}
# Numbers that between them take every plural form of CLDR's languages.
_COUNTS = (1, 2, 3, 5, 11, 21, 100)


@attrs.frozen
class Ago:
    """A length of time before now, where it stands in its line, and whether it is exact to the hour."""

    start: int
    end: int
    length: timedelta
    to_the_hour: bool


@attrs.frozen
class _Told:
    """A phrase of CLDR; ``own`` is its count where it has no digits."""

    pattern: re.Pattern[str]
    unit: Unit
    own: int

    def read(self, line: str) -> Ago | None:
        match = self.pattern.search(line)
        if match is None:
            return None
        count = self.own or int(match["count"])
        length = timedelta(seconds=_SECONDS[self.unit] * count)
        return Ago(match.start(), match.end(), length, self.unit not in ("days", "week"))


@attrs.frozen
class _Phrases:
    """Patterns of counts and units that share their words."""

    pattern: re.Pattern[str]
    units: dict[str, tuple[Unit, int]]
    numbers: dict[str, int]

    def read(self, line: str) -> Ago | None:
        for match in self.pattern.finditer(line):
            parts = match.groupdict()
            first = self._length(parts.get("count"), parts["unit"])
            if first is None:
                continue
            (unit, length), second = first, None
            if parts.get("unit2"):
                second = self._length(parts.get("count2"), parts["unit2"])
            if second:
                unit, length = second[0], length + second[1]
            return Ago(match.start(), match.end(), length, unit not in ("days", "week"))
        return None

    def _length(self, count: str | None, word: str) -> tuple[Unit, timedelta] | None:
        word = " ".join(word.split())
        unit, own = self.units[word]
        # "m ago" and "s" alone are no time; "час назад" is an hour.
        if count is None and not own and len(word) < 3 and not word >= "\u3040":
            return None
        count = " ".join(count.split()) if count else None
        number = own or (1 if count is None else self.numbers.get(count, 0))
        if count is not None and count.isdigit():
            number = int(count)
        return unit, timedelta(seconds=_SECONDS[unit] * number)


def read_ago(line: str, language: str) -> Ago | None:
    """Return the length of time before now that a folded line tells, or None."""
    for each in languages_read(language):
        for phrases in _phrases(each):
            found = phrases.read(line)
            if found:
                return found
    return None


@cache
def now_pattern(language: str) -> re.Pattern[str]:
    """Return a pattern for words that mean this moment."""
    words = [word for each in languages_read(language) for word, _ in listed("now", each)]
    return re.compile(edged(any_of(words), language))


@cache
def _phrases(language: str) -> tuple[_Phrases | _Told, ...]:
    return (*_listed_phrases(language), *_cldr_phrases(language))


def _listed_phrases(language: str) -> Iterator[_Phrases]:
    units: dict[str, tuple[Unit, int]] = {}
    past: dict[str, tuple[Unit, int]] = {}
    for unit in get_args(Unit):
        units |= {word: (unit, own) for word, own in listed(unit, language)}
        past |= {word: (unit, 0) for word, _ in listed(f"past-{unit}", language)}
    if not units:
        return
    numbers = dict(listed("number", language))
    space = r"\s*" if language in UNSPACED else r"\s+"
    count = rf"\d{{1,3}}|{any_of(numbers)}" if numbers else r"\d{1,3}"

    def one(which: str, words: dict[str, tuple[Unit, int]] = units) -> str:
        counted = rf"(?:(?P<count{which}>{count})(?:(?<=\d)\s*|(?<=['’])|{space}))"
        return rf"{counted}?(?P<unit{which}>{any_of(words)})"

    # Tamil writes மணி நேரத்திற்கு முன், Swahili saa 3 zilizopita: the count may stand behind its unit.
    turned = rf"(?P<unit>{any_of(units)}){space}(?P<count>{count})"
    two = rf"{one('')}(?:\.?[\s,]+(?:and\s+|و\s*|und\s+|et\s+)?{one('2')})?\.?"
    before = any_of(word for word, _ in listed("before", language))
    behind = any_of(word for word, _ in listed("behind", language))
    if before:
        too = rf"(?:{space}(?:{behind}))?" if behind else ""
        yield _compiled(rf"(?:{before}){space}{two}{too}", language, units, numbers)
    if behind:
        yield _compiled(rf"{two}{space}(?:{behind})", language, units, numbers)
        yield _compiled(rf"{turned}{space}(?:{behind})", language, units, numbers)
    if past:
        yield _compiled(one("", past), language, past, numbers)


def _compiled(
    pattern: str, language: str, units: dict[str, tuple[Unit, int]], numbers: dict[str, int]
) -> _Phrases:
    return _Phrases(re.compile(edged(pattern, language)), units, numbers)


def _cldr_phrases(language: str) -> Iterator[_Told]:
    seen: set[str] = set()
    for locale in locales(language)[:1]:
        for unit in get_args(Unit):
            for count in _COUNTS:
                for phrase in _told(unit, count, locale):
                    pattern = re.escape(phrase).replace(r"\ ", r"\s+")
                    pattern = re.sub(
                        rf"(?<!\d){count}(?!\d)(?:\\s\+)?",
                        r"(?P<count>\\d{1,3})\\s*",
                        pattern,
                        count=1,
                    )
                    if pattern not in seen:
                        seen.add(pattern)
                        compiled = re.compile(edged(pattern, language))
                        yield _Told(compiled, unit, 0 if "?P<count>" in pattern else count)


def _told(unit: Unit, count: int, locale: str) -> Iterator[str]:
    """Yield how CLDR tells so long ago."""
    from babel.dates import format_timedelta

    widths: tuple[Literal["long", "short"], ...] = ("long", "short")
    for width in widths:
        try:
            phrase = format_timedelta(
                timedelta(seconds=-_SECONDS[unit] * count),
                granularity=_UNITS[unit],
                threshold=float("inf"),
                add_direction=True,
                format=width,
                locale=locale,
            )
        except KeyError:  # CLDR has no such phrase for this language
            continue
        yield fold(phrase)
