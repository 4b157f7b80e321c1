"""The dates in a folded line, each with where it stands: names of months, and numbers.

What is read: a month's name with its day and year; numbers from year to day (2020年3月23日), from day
to year, or from month to year where the country writes so; 令和5年11月7日, 民國112年11月7日 and 11月7日.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import attrs

from newsbot.text.calendars import gregorian, year_of
from newsbot.text.date_words import INSIDE, PERSIAN_WRITERS, Calendar, Vocabulary

# No newspaper is older, and no calendar of a site runs further ahead.
YEARS = range(1900, 2101)
# Where no year is printed the date is the last one that may be meant; a clock may be a day ahead.
_AHEAD = timedelta(days=2)


@attrs.frozen
class Printed:
    """A date as it stands in a line; ``day`` is None where the calendar has no such day."""

    start: int
    end: int
    day: date | None
    has_year: bool = True
    calendar: Calendar = "gregorian"
    # Lower is surer: a year in front may be the year of another date.
    doubt: int = 0


_YEAR_FIRST = re.compile(
    r"(?<![\d.])(?P<year>\d{4})\s?[-/.年년]\s?(?P<month>\d{1,2})\s?[-/.月월]\s?(?P<day>\d{1,2})"
    r"(?!\d|\.\d(?!\d:))\s?[日일号號]?"
    r"|^(?P<year8>(?:19|20)\d{2})(?P<month8>\d{2})(?P<day8>\d{2})(?=t|$)"
    # Mongolian: 2023 оны 11 сарын 7
    r"|(?<!\d)(?P<yearm>\d{4})\s?он\w?\s(?P<monthm>\d{1,2})\s?(?:-?р\s|дугаар\s|дүгээр\s)?сар\w*\s(?P<daym>\d{1,2})"
)
# Years of the reign, and of the Republic of China. Source: Japan's Cabinet Office; Taiwan's MOI.
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "民國": 1911, "民国": 1911}
_ERA = re.compile(
    rf"(?P<era>{'|'.join(_ERAS)})\s?(?P<year>元|\d{{1,3}})\s?年\s?(?P<month>\d{{1,2}})\s?月\s?(?P<day>\d{{1,2}})\s?[日号號]?"
)
_MONTH_AND_DAY = re.compile(
    r"(?<![\d年년])(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일号號]"
)
# 3/23(月), as Japan's portals print it.
_MONTH_DAY_WEEKDAY = re.compile(
    r"(?<![\d/])(?P<month>\d{1,2})/(?P<day>\d{1,2})\s?\((?=[月火水木金土日][)・祝])"
)
_YEAR_LAST = re.compile(
    r"(?<![\d.,/:-])(?P<one>\d{1,2})\s?(?P<sep>[-/.|])\s?(?P<two>\d{1,2})\s?(?P=sep)\s?"
    r"(?P<year>\d{4}|(?<=\d\d[-/.])\d{2})(?!\d|[./-]\d)"
)
# What may stand between the parts of a date.
_GAP = r"(?:[\s,،./–\-|'’ʼ]|\b(?:de|del|of|the|den|dem|d|g|gada|ta)\b|\bm\.|\b(?:оны|он|г|р)\b\.?|\b(?:e?ko)\b|\(e\)ko)*+"
_DAY = (
    r"(?<![\d.:])(?P<day>\d{1,2})"
    r"(?:st|nd|rd|th|er|re|e|o|a|i|u|de|an|ste|eme|\.|-?го|-?е|-?ші|-?й|η|[يی]|-?[eéa]n|\s?일|日)?(?![\d:]|\.\d)"
)
_YEAR = r"(?P<year>\d{4})(?![\d:])"
# '23, -23 or 23 behind a month's name, where nothing that could make it an hour follows.
_SHORT_YEAR = r"(?:[\s/\-.]|,?\s?['’])(?P<short>\d{2})(?=\s*(?:$|[,|)·–-]|\d{1,2}[:.]\d))"

_EASTERN = re.compile("[月월火水木金土日]")
_HAN_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_HAN_DATE = re.compile(
    r"(?P<year>[〇零○一二三四五六七八九]{4})年(?P<month>[一二三四五六七八九十]{1,3})月(?P<day>[一二三四五六七八九十]{1,3})[日号號]"
)


def dates_in(
    line: str, words: Vocabulary, today: date, *, month_first: bool
) -> tuple[Printed, ...]:
    """Return the dates in a line from left to right; of two that overlap, the surer."""
    found = sorted(
        (
            *_numbered(line, words, today, month_first=month_first),
            *_named(line, words, today),
        ),
        key=lambda each: (not each.has_year, each.doubt, each.start - each.end),
    )
    kept: list[Printed] = []
    for each in found:
        if all(each.end <= other.start or each.start >= other.end for other in kept):
            kept.append(each)
    # 14.35.00 looks like a day of a month 35; beside a date that can be it is none.
    possible = [each for each in kept if each.day] or kept
    return tuple(sorted(possible, key=lambda each: each.start))


def _numbered(line: str, words: Vocabulary, today: date, *, month_first: bool) -> Iterator[Printed]:
    for match in _YEAR_FIRST.finditer(line):
        suffix = "" if match["year"] else "8" if match["year8"] else "m"
        year, month, day = (int(match[part + suffix]) for part in ("year", "month", "day"))
        calendar = _numeric_calendar(year, words.language)
        yield _printed(match, calendar, year, month, day)
    for match in _YEAR_LAST.finditer(line):
        one, two, year = int(match["one"]), int(match["two"]), int(match["year"])
        if len(match["year"]) == 2:
            year = _full_year(year, words.language, today)
        # 23/03 and 03/23 each have one reading; where both could be, the country decides.
        turned = two > 12 or (month_first and one <= 12)
        month, day = (one, two) if turned else (two, one)
        yield _printed(match, _numeric_calendar(year, words.language), year, month, day)
    if _EASTERN.search(line):
        yield from _eastern(line, today)


def _eastern(line: str, today: date) -> Iterator[Printed]:
    for match in _ERA.finditer(line):
        year = 1 if match["year"] == "元" else int(match["year"])
        month, day = int(match["month"]), int(match["day"])
        yield _printed(match, "gregorian", _ERAS[match["era"]] + year, month, day)
    for match in _HAN_DATE.finditer(line):
        year = int(match["year"].translate(_HAN_DIGITS))
        yield _printed(match, "gregorian", year, _han(match["month"]), _han(match["day"]))
    for match in (*_MONTH_AND_DAY.finditer(line), *_MONTH_DAY_WEEKDAY.finditer(line)):
        latest = _latest("gregorian", int(match["month"]), int(match["day"]), today)
        yield Printed(match.start(), match.end(), latest, has_year=False)


def _han(number: str) -> int:
    """Return a number below a hundred in Chinese numerals: 二十三 is 23."""
    tens, ten, ones = number.partition("十")
    if not ten:
        return int(number.translate(_HAN_DIGITS))
    return 10 * int(tens.translate(_HAN_DIGITS) or 1) + int(ones.translate(_HAN_DIGITS) or 0)


def _full_year(short: int, language: str, today: date) -> int:
    """Return the year of two digits: the last one that may be meant, in Thailand a Buddhist one."""
    if language == "th" and short > today.year % 100 + 2:
        return 2500 + short
    return short + (2000 if short <= today.year % 100 + 1 else 1900)


def _numeric_calendar(year: int, language: str) -> Calendar:
    """Return the calendar of a date in numbers: a year like 1399 is Persian, 1441 either."""
    if 1300 <= year < (1500 if language in PERSIAN_WRITERS else 1420):
        return "persian"
    return "hijri" if 1420 <= year < 1500 else "gregorian"


def _printed(match: re.Match[str], calendar: Calendar, year: int, month: int, day: int) -> Printed:
    found = _day(calendar, year, month, day)
    return Printed(match.start(), match.end(), found, calendar=calendar)


def _day(calendar: Calendar, year: int, month: int, day: int) -> date | None:
    try:
        found = gregorian(calendar, year, month, day)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _latest(calendar: Calendar, month: int, day: int, today: date) -> date | None:
    """Return the last such day that may be meant where no year is printed."""
    newest = year_of(calendar, today) + 1
    for year in range(newest, newest - 6, -1):  # the 29th of February comes every four years
        found = _day(calendar, year, month, day)
        if found is not None and found <= today + _AHEAD:
            return found
    return None


@cache
def _named_patterns(month: str) -> tuple[re.Pattern[str], ...]:
    edge = rf"(?!{INSIDE})"
    second = rf"(?:\s?[/\-–—|،,(]?\s?(?:{month}){edge}\s?\)?)?"
    name = rf"(?<![^\W\d_])[בה]?(?P<month>{month}){edge}\.?{second}"
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"{_DAY}{_GAP}{name}(?:{_GAP}{_YEAR}|{_SHORT_YEAR})?",
            rf"{name}{_GAP}{_DAY}(?:{_GAP}{_YEAR})?",
            rf"(?<!\d){_YEAR}{_GAP}{name}{_GAP}{_DAY}",
            rf"(?<!\d){_YEAR}{_GAP}{_DAY}{_GAP}{name}",
        )
    )


_LONE_YEAR = re.compile(r"(?<![\d.,:/-])(?:19|20|25)\d{2}(?![\d:]|[.,/-]\d)")


def _named(line: str, words: Vocabulary, today: date) -> Iterator[Printed]:
    for place, pattern in enumerate(_named_patterns(words.month)):
        for match in pattern.finditer(line):
            parts = match.groupdict()
            calendar, month = words.months[" ".join(match["month"].split())]
            day, year = int(match["day"]), match["year"]
            if year is None and parts.get("short"):
                year = str(_full_year(int(parts["short"]), words.language, today))
            if year is None:
                year = _year_beside(line, match)
            yield Printed(
                match.start(),
                match.end(),
                _day(calendar, int(year), month, day)
                if year
                else _latest(calendar, month, day, today),
                has_year=year is not None,
                calendar=calendar,
                doubt=int(place > 1),
            )


def _year_beside(line: str, match: re.Match[str]) -> str | None:
    """Return the one year that stands elsewhere in the line, set off by words not known here."""
    years = _LONE_YEAR.findall(line[: match.start()] + " " + line[match.end() :])
    return years[0] if len(years) == 1 else None
