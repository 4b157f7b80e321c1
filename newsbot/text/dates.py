"""Dates as publishers print them.

A date is kept to the precision at which it was published: a day is a day, and an instant is known
only where a time was printed. What is read, in this order:

1. seconds or milliseconds since 1970;
2. ISO 8601, and other numbers from year to day (2020年3月23日);
3. a month's name with its day and year, in the language given or in English; the Islamic and Persian
   calendars; of several dates one with a year and of the Gregorian calendar, then the first;
4. numbers from day to year, or from month to year where the country writes so;
5. today, yesterday, and so long ago.

A day that the calendar does not have is no date, and nor is a year alone, a month alone or *two
months ago*: none of them tells a day.
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache

import attrs

from newsbot.text.calendars import gregorian, year_of
from newsbot.text.clock import DATE, read_clock, zone_named
from newsbot.text.date_words import Calendar, Vocabulary, vocabulary
from newsbot.text.folding import fold
from newsbot.text.unicode import clean


@attrs.frozen
class ParsedDate:
    """A publication date, as precise as it was printed and no more.

    ``day`` is the calendar day as published, in the publisher's own time zone. ``instant`` is the
    moment in UTC, or None where no time of day was given. ``source`` says where it was read
    (``"json-ld"``, ``"meta article:published_time"``, ``"text"`` …).
    """

    day: date
    instant: datetime | None = None
    source: str = "text"


_LONGEST_LINE = 200
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_YEARS = range(1900, 2101)
# Where no year is printed the date is the last one that may be meant; a clock may be a day ahead.
_AHEAD = timedelta(days=2)
# A date without a year, or counted from today, is believed in a dateline, not inside a sentence.
_MOST_LETTERS_BESIDE = 24

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s?([Zz]|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST = re.compile(
    r"(?<![\d.])(?P<year>\d{4})\s?[-/.年년]\s?(?P<month>\d{1,2})\s?[-/.月월]\s?(?P<day>\d{1,2})"
    r"(?!\d)\s?[日일]?"
    r"|^(?P<year8>(?:19|20)\d{2})(?P<month8>\d{2})(?P<day8>\d{2})(?=t|$)"
)
_YEAR_LAST = re.compile(
    r"(?<![\d.,/-])(?P<one>\d{1,2})\s?(?P<sep>[-/.])\s?(?P<two>\d{1,2})\s?(?P=sep)\s?"
    r"(?P<year>\d{4}|(?<=\d\d[-/.])\d{2})(?!\d|[./-]\d)"
)
# What may stand between the parts of a date.
_GAP = r"(?:[\s,،./–\-|'’]|\b(?:de|del|of|the|den|dem|m|d|g|gada|ta)\b|\(e\)ko)*+"
_DAY = r"(?<![\d.:])(?P<day>\d{1,2})(?:st|nd|rd|th|er|re|e|o|a|de|\.|-?го|-?е|-?ші)?(?![\d:]|\.\d)"
_YEAR = r"(?P<year>\d{4})(?![\d:])"


def parse_date(
    text: str, *, language: str, reference: datetime, timezone: str
) -> ParsedDate | None:
    """Read a date as a publisher prints it; None where there is none that can be.

    ``language`` is a BCP 47 tag or "". ``reference`` is the moment that relative and yearless dates
    are counted from; ``timezone`` is the IANA zone of times that name none, and with the language
    decides whether 03/04 is in March or in April. Reads the first 200 characters; never raises.
    """
    written = " ".join(text[: 4 * _LONGEST_LINE].split())[:_LONGEST_LINE]
    zone = zone_named(timezone)
    if _EPOCH.fullmatch(written):
        return _plausible(datetime.fromtimestamp(int(written[:10]), UTC), zone)
    iso = _ISO.fullmatch(written)
    if iso:
        return _iso(iso, zone)
    line = fold(clean(written))
    words = vocabulary(language)
    found = _dated(line, words, reference.astimezone(zone).date(), _month_first(language, timezone))
    if isinstance(found, _NoDate):
        return None
    if found is not None:
        day, rest = found
        return _with_clock(day, rest, written, zone)
    return _counted(line, written, words, reference, zone)


def _plausible(moment: datetime, zone: tzinfo) -> ParsedDate | None:
    day = moment.astimezone(zone).date()
    return ParsedDate(day, moment) if day.year in _YEARS else None


def _iso(match: re.Match[str], zone: tzinfo) -> ParsedDate | None:
    try:
        if match[4] is None:
            day = date(int(match[1]), int(match[2]), int(match[3]))
            return ParsedDate(day) if day.year in _YEARS else None
        parts = (int(part or 0) for part in match.groups()[:6])
        moment = datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001
        if match[7]:
            aware = datetime.fromisoformat(f"{moment.isoformat()}{match[7].upper()}")
        else:
            aware = moment.replace(tzinfo=zone)
        instant = aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return ParsedDate(moment.date(), instant) if moment.year in _YEARS else None


def _with_clock(day: date, rest: str, written: str, zone: tzinfo) -> ParsedDate:
    clock = read_clock(rest, written)
    if clock is None:
        return ParsedDate(day)
    local = datetime.combine(day, clock.time, clock.zone or zone)
    return ParsedDate(day, local.astimezone(UTC))


class _NoDate:
    """What looked like a date and cannot be one."""


def _dated(
    line: str, words: Vocabulary, today: date, month_first: bool
) -> tuple[date, str] | _NoDate | None:
    """Return the day that is printed and the rest of the line."""
    match = _YEAR_FIRST.search(line)
    if match:
        year, month, day = (int(match[part] or match[part + "8"]) for part in _PARTS)
        calendar = _numeric_calendar(year)
        return _built(line, match, calendar, (year, month, day))
    named = _best_named(line, words)
    if named:
        return _from_name(line, named, words, today)
    match = _YEAR_LAST.search(line)
    if match is None:
        return None
    one, two, year = int(match["one"]), int(match["two"]), int(match["year"])
    if len(match["year"]) == 2:
        year += 2000 if year <= today.year % 100 + 1 else 1900
    # 23/03 and 03/23 each have one reading; where both could be, the country decides.
    month_first = two > 12 or (month_first and one <= 12)
    month, day = (one, two) if month_first else (two, one)
    return _built(line, match, _numeric_calendar(year), (year, month, day))


_LONE_YEAR = re.compile(r"(?<![\d.,:/-])(?:19|20|25)\d{2}(?![\d:]|[.,/-]\d)")
_PARTS = ("year", "month", "day")


def _numeric_calendar(year: int) -> Calendar:
    """Return the calendar of a date in numbers: a year like 1399 is Persian, 1441 either."""
    if 1300 <= year < 1420:
        return "persian"
    return "hijri" if 1420 <= year < 1500 else "gregorian"


def _built(
    line: str, match: re.Match[str], calendar: Calendar, parts: tuple[int, int, int]
) -> tuple[date, str] | _NoDate:
    try:
        day = gregorian(calendar, *parts)
    except ValueError:
        return _NoDate()
    if day.year not in _YEARS:
        return _NoDate()
    return day, f"{line[: match.start()]} {DATE} {line[match.end() :]}"


def _month_first(language: str, timezone: str) -> bool:
    """Say whether a site writes the month first: English in the United States (CLDR, en-US)."""
    tag = language.lower()
    return tag == "en-us" or (tag[:2] in ("en", "") and timezone.startswith(("America/", "US/")))


@cache
def _named_patterns(month: str) -> tuple[re.Pattern[str], ...]:
    name = rf"(?<![^\W\d_])ב?(?P<month>{month})(?!\w)\.?(?:\s?/\s?(?:{month})(?!\w))?"
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"{_DAY}{_GAP}{name}(?:{_GAP}{_YEAR})?",
            rf"{name}{_GAP}{_DAY}(?:{_GAP}{_YEAR})?",
            rf"(?<!\d){_YEAR}{_GAP}{name}{_GAP}{_DAY}",
            rf"(?<!\d){_YEAR}{_GAP}{_DAY}{_GAP}{name}",
        )
    )


def _best_named(line: str, words: Vocabulary) -> re.Match[str] | None:
    """Return the date with a month's name that says most, or None."""
    found = [
        (place > 1, match)
        for place, pattern in enumerate(_named_patterns(words.month))
        for match in pattern.finditer(line)
    ]

    def rank(each: tuple[bool, re.Match[str]]) -> tuple[bool, bool, bool, int]:
        year_first, match = each
        calendar, _ = words.months[_one_space(match["month"])]
        return match["year"] is None, calendar != "gregorian", year_first, match.start()

    return min(found, key=rank)[1] if found else None


def _one_space(name: str) -> str:
    return " ".join(name.split())


def _from_name(
    line: str, match: re.Match[str], words: Vocabulary, today: date
) -> tuple[date, str] | _NoDate | None:
    calendar, month = words.months[_one_space(match["month"])]
    day = int(match["day"])
    year = match["year"] or _year_beside(line, match)
    if year:
        return _built(line, match, calendar, (int(year), month, day))
    if _letters_beside(line, match) > _MOST_LETTERS_BESIDE:
        return None
    newest = year_of(calendar, today) + 1
    for each in range(newest, newest - 6, -1):  # the 29th of February comes every four years
        found = _built(line, match, calendar, (each, month, day))
        if not isinstance(found, _NoDate) and found[0] <= today + _AHEAD:
            return found
    return _NoDate()


def _year_beside(line: str, match: re.Match[str]) -> str | None:
    """Return the one year that stands elsewhere in the line, set off by words not known here."""
    years = _LONE_YEAR.findall(line[: match.start()] + " " + line[match.end() :])
    return years[0] if len(years) == 1 else None


def _letters_beside(line: str, match: re.Match[str]) -> int:
    beside = line[: match.start()] + line[match.end() :]
    return sum(map(str.isalpha, beside))


def _counted(
    line: str, written: str, words: Vocabulary, reference: datetime, zone: tzinfo
) -> ParsedDate | None:
    """Return a date that is counted from the reference: today, yesterday, three hours ago."""
    today = reference.astimezone(zone).date()
    for ago in words.ago:
        match = ago.pattern.search(line)
        if match is None or _letters_beside(line, match) > _MOST_LETTERS_BESIDE:
            continue
        count = int(match[1]) if ago.count is None else ago.count
        if ago.unit in ("second", "minute", "hour"):
            moment = reference.astimezone(UTC) - timedelta(**{f"{ago.unit}s": count})
            return ParsedDate(moment.astimezone(zone).date(), moment)
        if ago.unit in ("day", "week"):
            return ParsedDate(today - timedelta(**{f"{ago.unit}s": count}))
        return None
    match = words.day.search(line)
    if match is None or _letters_beside(line, match) > _MOST_LETTERS_BESIDE:
        return None
    day = today + timedelta(days=words.days[_one_space(match.group())])
    return _with_clock(day, line[: match.start()] + line[match.end() :], written, zone)
