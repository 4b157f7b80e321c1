"""The words of printed dates, language by language.

Months and phrases like "3 hours ago" come from Unicode CLDR through babel, with the forms of several
countries where they differ (Arabic has four sets of month names); ``date_words.tsv`` adds what CLDR
does not have: further spellings, the Islamic and Persian months, today and yesterday, halves of the
day, labels. All words are folded as :func:`newsbot.text.folding.fold` folds the line they are looked
for in.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import attrs

from newsbot.text.folding import fold

Calendar = Literal["gregorian", "hijri", "persian"]

# One code for a language that has several. Source: IANA language subtag registry; fil is Tagalog's
# standard form, and CLDR has Norwegian under nb.
_ALIASES = {
    "iw": "he", "in": "id", "no": "nb", "nn": "nb", "fil": "tl", "sh": "sr", "cnr": "sr",
    "cmn": "zh", "yue": "zh", "mo": "ro", "kmr": "ku", "sdh": "ckb", "prs": "fa", "pes": "fa",
}  # fmt: skip
# Locales whose month names a language's sites print. Source: CLDR, where they differ by country.
_LOCALES: dict[str, tuple[str, ...]] = {
    "ar": ("ar", "ar_LB", "ar_DZ", "ar_MA", "ar_MR"),
    "de": ("de", "de_AT"),
    "sr": ("sr", "sr_Latn"),
    "bs": ("bs", "bs_Cyrl"),
    "uz": ("uz", "uz_Cyrl"),
    "az": ("az", "az_Cyrl"),
    "nb": ("nb", "nn"),
    "ku": ("ku", "ckb"),
    "tl": ("fil",),
}
# Languages that print the words of another, too.
_ALSO: dict[str, tuple[str, ...]] = {"ku": ("ckb",), "ckb": ("ku",), "bs": ("hr", "sr")}
# Every site may print English words; so do templates that nobody translated.
ALWAYS = "en"
# Scripts without spaces between words: what they mean may stand inside a run of letters.
UNSPACED = frozenset(("zh", "ja", "th", "ko", "lo", "km", "my"))
# Where a word ends. The vowel signs of India's scripts are no letters to ``re``.
INSIDE = r"[\w\u0900-\u0963\u0966-\u0dff]"
# Languages whose dates without a word of their own are in the Persian calendar.
PERSIAN_WRITERS = frozenset(("fa", "ps", "ckb", "ku", "az"))


@attrs.frozen
class Vocabulary:
    """A language's words for days: what each means, and patterns that find the longest of them.

    ``beside`` are the words that stand next to a date where it is no part of a sentence.
    """

    language: str
    months: Mapping[str, tuple[Calendar, int]]
    month: str
    days: Mapping[str, int]
    day: re.Pattern[str]
    beside: frozenset[str]


def base_language(tag: str) -> str:
    """Return the language of a BCP 47 tag, by one code for each."""
    base = re.split("[-_]", tag, maxsplit=1)[0].lower()
    return _ALIASES.get(base, base)


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of the words, the longest first."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest_first)


def edged(pattern: str, language: str) -> str:
    """Return a pattern that matches whole words only, where a language parts them."""
    if language in UNSPACED:
        return f"(?:{pattern})"
    return rf"(?<!{INSIDE})(?:{pattern})(?!{INSIDE})"


def languages_read(language: str) -> tuple[str, ...]:
    """Return the languages whose words a page in a language prints: its own, and English."""
    own = (language, *_ALSO.get(language, ())) if language else ()
    return tuple(dict.fromkeys((*own, ALWAYS)))


@cache
def vocabulary(language: str) -> Vocabulary:
    """Return the words of a language (as of :func:`base_language`), and English ones after them."""
    months: dict[str, tuple[Calendar, int]] = {}
    days: dict[str, int] = {}
    beside = set(_words_beside())
    for each in languages_read(language):
        for name, number in _month_names(each):
            months.setdefault(name, ("gregorian", number))
        days = dict(listed("day", each)) | days
        beside.update(_weekdays(each))
    persian_first = language in ("fa", "ps")
    calendars: tuple[Calendar, Calendar] = ("hijri", "persian")
    for calendar in calendars[::-1] if persian_first else calendars:
        for name, number in listed(calendar, "*"):
            # اسد and its like are words of Arabic; only Persian dates mean months by them.
            if calendar == "hijri" or language in PERSIAN_WRITERS:
                months.setdefault(name, (calendar, number))
    beside.update(word for phrase in (*days, *months) for word in phrase.split())
    own = edged(any_of(days), language)
    return Vocabulary(
        language=language,
        months=MappingProxyType(months),
        month=any_of(months),
        days=MappingProxyType(days),
        day=re.compile(own),
        beside=frozenset(beside),
    )


@cache
def _rows() -> Mapping[tuple[str, str], tuple[tuple[str, int], ...]]:
    table = (files("newsbot.text") / "date_words.tsv").read_text("utf8")
    rows: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for line in table.splitlines():
        if line[:1] not in ("#", ""):
            kind, language, number, words = line.split("\t")
            rows.setdefault((kind, language), []).extend(
                (fold(word), int(number)) for word in words.split("|")
            )
    return MappingProxyType({key: tuple(words) for key, words in rows.items()})


def listed(kind: str, language: str) -> tuple[tuple[str, int], ...]:
    """Return the words of a kind in ``date_words.tsv``, folded, each with its number."""
    return _rows().get((kind, language), ())


@cache
def halves() -> Mapping[str, int]:
    """Return the words for the halves of the day: 0 before noon, 1 after, 2 the night."""
    return MappingProxyType(dict(listed("half", "*")))


@cache
def labels(kind: Literal["published", "updated"]) -> re.Pattern[str]:
    """Return a pattern for what stands in front of a date of publication, or of an update."""
    # Hangul, kana and Han words stand without spaces around them.
    words = [word for word, _ in listed(kind, "*")]
    east = any_of(word for word in words if word >= "\u3040")
    spaced = any_of(word for word in words if word < "\u3040")
    return re.compile(rf"{edged(spaced, '')}|{east}")


@cache
def _words_beside() -> frozenset[str]:
    phrases = [
        word
        for kind in ("published", "updated", "beside", "half", "noon")
        for word, _ in listed(kind, "*")
    ]
    return frozenset(
        part.strip(".:") for phrase in phrases for part in phrase.split() if part.strip(".:")
    )


def locales(language: str) -> tuple[str, ...]:
    """Return the CLDR locales of a language."""
    from babel.localedata import exists

    return tuple(name for name in _LOCALES.get(language, (language,)) if exists(name))


_WIDTHS: tuple[Literal["wide", "abbreviated"], ...] = ("wide", "abbreviated")
_CONTEXTS: tuple[Literal["format", "stand-alone"], ...] = ("format", "stand-alone")


def _month_names(language: str) -> Iterator[tuple[str, int]]:
    from babel.dates import get_month_names

    yield from listed("month", language)
    for locale in locales(language):
        for width in _WIDTHS:
            for context in _CONTEXTS:
                names = get_month_names(width, context, locale)
                for number, name in names.items():
                    folded = fold(name.rstrip(".").strip())
                    # 3月 is a number and a sign; numbers are read elsewhere.
                    if len(folded) > 1 and not folded[0].isdigit():
                        yield folded, number


def _weekdays(language: str) -> Iterator[str]:
    from babel.dates import get_day_names

    for locale in locales(language):
        for width in _WIDTHS:
            for context in _CONTEXTS:
                for name in get_day_names(width, context, locale).values():
                    yield from fold(name.rstrip(".")).split()
