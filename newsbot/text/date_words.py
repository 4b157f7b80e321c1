"""The words of printed dates, language by language.

Months and phrases like "3 hours ago" come from Unicode CLDR through babel, with the forms of several
countries where they differ (Arabic has four sets of month names); ``date_words.tsv`` adds what CLDR
does not have: further spellings, the Islamic and Persian months, today and yesterday, halves of the
day. All words are folded as :func:`newsbot.text.folding.fold` folds the line they are looked for in.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import attrs

from newsbot.text.folding import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

Calendar = Literal["gregorian", "hijri", "persian"]
Unit = Literal["second", "minute", "hour", "day", "week", "month", "year"]

# Locales whose month names a language's sites print. Source: CLDR, where they differ by country.
_LOCALES: dict[str, tuple[str, ...]] = {
    "ar": ("ar", "ar_LB", "ar_DZ", "ar_MA", "ar_MR"),
    "de": ("de", "de_AT"),
    "sr": ("sr", "sr_Latn"),
    "bs": ("bs", "bs_Cyrl"),
    "no": ("nb", "nn"),
    "ku": ("ku", "ckb"),
}
# Every site may print English words; so do templates that nobody translated.
_ALWAYS = "en"
_SECONDS: dict[Unit, int] = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_592_000,
    "year": 31_536_000,
}
# Numbers that between them take every plural form of CLDR's languages.
_COUNTS = (1, 2, 3, 5, 11, 21, 100)


@attrs.frozen
class Ago:
    """A phrase for a time before the reference: a pattern with the count, or a count of its own."""

    pattern: re.Pattern[str]
    unit: Unit
    count: int | None


@attrs.frozen
class Vocabulary:
    """A language's words: what each means, and patterns that find the longest of them."""

    months: "Mapping[str, tuple[Calendar, int]]"
    month: str
    days: "Mapping[str, int]"
    day: re.Pattern[str]
    ago: tuple[Ago, ...]


def any_of(words: "Mapping[str, object]") -> str:
    """Return a pattern for any of the words, the longest first."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest_first)


@cache
def vocabulary(language: str) -> Vocabulary:
    """Return the words of a language (a BCP 47 tag, or ""), and English ones after them."""
    base = re.split("[-_]", language)[0].lower()
    months: dict[str, tuple[Calendar, int]] = {}
    days: dict[str, int] = {}
    ago: list[Ago] = []
    for each in dict.fromkeys((base, _ALWAYS) if base else (_ALWAYS,)):
        for name, number in _month_names(each):
            months.setdefault(name, ("gregorian", number))
        ago += _phrases(each)
        days = dict(_extra("day", each)) | days
    for calendar in ("hijri", "persian") if base not in ("fa", "ps") else ("persian", "hijri"):
        for name, number in _extra(calendar, "*"):
            # اسد and its like are words of Arabic; only Persian dates mean months by them.
            if calendar == "hijri" or base in ("fa", "ps", "ku", "az"):
                months.setdefault(name, (calendar, number))
    return Vocabulary(
        months=MappingProxyType(months),
        month=any_of(months),
        days=MappingProxyType(days),
        day=re.compile(
            rf"(?<!\w)(?:{any_of(days)})(?!\w)" if base not in _UNSPACED else any_of(days)
        ),
        ago=tuple(ago),
    )


_UNSPACED = ("zh", "ja", "th", "ko")


@cache
def _rows() -> tuple[tuple[str, str, int, tuple[str, ...]], ...]:
    table = (files("newsbot.text") / "date_words.tsv").read_text("utf8")
    rows = (line.split("\t") for line in table.splitlines() if line[:1] not in ("#", ""))
    return tuple(
        (kind, language, int(number), tuple(words.split("|")))
        for kind, language, number, words in rows
    )


def _extra(kind: str, language: str) -> Iterator[tuple[str, int]]:
    for row_kind, row_language, number, words in _rows():
        if row_kind == kind and row_language == language:
            for word in words:
                yield fold(word), number


@cache
def halves() -> "Mapping[str, int]":
    """Return the words for the halves of the day: 0 before noon, 1 after."""
    return MappingProxyType(dict(_extra("half", "*")))


def _locales(language: str) -> tuple[str, ...]:
    from babel.localedata import exists

    return tuple(name for name in _LOCALES.get(language, (language,)) if exists(name))


_WIDTHS: tuple[Literal["wide", "abbreviated"], ...] = ("wide", "abbreviated")
_CONTEXTS: tuple[Literal["format", "stand-alone"], ...] = ("format", "stand-alone")


def _month_names(language: str) -> Iterator[tuple[str, int]]:
    from babel.dates import get_month_names

    yield from _extra("month", language)
    for locale in _locales(language):
        for width in _WIDTHS:
            for context in _CONTEXTS:
                names = get_month_names(width, context, locale)
                for number, name in names.items():
                    folded = fold(name.rstrip(".").strip())
                    # 3月 is a number and a sign; numbers are read elsewhere.
                    if len(folded) > 1 and not folded[0].isdigit():
                        yield folded, number


def _phrases(language: str) -> Iterator[Ago]:
    seen: set[str] = set()
    for locale in _locales(language)[:1]:
        for unit in _SECONDS:
            for count in _COUNTS:
                for phrase in _told(unit, count, locale):
                    pattern = _pattern(phrase, count, language)
                    if pattern not in seen:
                        seen.add(pattern)
                        yield Ago(re.compile(pattern), unit, None if _COUNT in pattern else count)


def _told(unit: Unit, count: int, locale: str) -> Iterator[str]:
    """Yield how CLDR tells so long ago."""
    from babel.dates import format_timedelta

    widths: tuple[Literal["long", "short"], ...] = ("long", "short")
    for width in widths:
        try:
            phrase = format_timedelta(
                timedelta(seconds=-_SECONDS[unit] * count),
                granularity=unit,
                threshold=float("inf"),
                add_direction=True,
                format=width,
                locale=locale,
            )
        except KeyError:  # CLDR has no such phrase for this language
            continue
        yield fold(phrase)


_COUNT = r"(\d{1,3})"


def _pattern(phrase: str, count: int, language: str) -> str:
    """Return a pattern for a phrase: its count any number, its words in any of their spellings."""
    pattern = re.escape(phrase).replace(r"\ ", " ")
    for first, spelt in _respelt(language):
        pattern = re.sub(rf"(?<![\w|(:]){first}(?![\w|)])", spelt, pattern, count=1)
    if "(?:1|" not in pattern:
        pattern = re.sub(rf"(?<!\d){count}(?!\d)", lambda _: _COUNT, pattern, count=1)
    pattern = pattern.replace(_COUNT + " ", _COUNT + r"\s*")
    edge = "" if language in _UNSPACED else r"(?<!\w)"
    spaced = pattern.replace(" ", r"\s*" if language in _UNSPACED else r"\s+")
    return edge + spaced + ("" if language in _UNSPACED else r"(?!\w)")


def _respelt(language: str) -> Iterator[tuple[str, str]]:
    """Yield words of CLDR's phrases, as patterns, with the patterns of all their spellings."""
    for kind, row_language, _, words in _rows():
        if kind == "ago" and row_language == language:
            folded = [re.escape(fold(word)).replace(r"\ ", " ") for word in words]
            yield folded[0], f"(?:{'|'.join(folded)})"
