"""What may stand behind ``date:`` and ``seen:``: a day, a range of days, an age."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Literal, NoReturn

from newsbot.query.errors import QuerySyntaxError
from newsbot.query.lexing import Lexeme
from newsbot.query.tree import Age, Days

_SECONDS = {"h": 3_600, "d": 86_400, "w": 604_800, "m": 2_629_800, "y": 31_557_600}
_AGE = re.compile(r"([<>])(\d{1,5})([hdwmy])$")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_RANGE = re.compile(r"\[\s*(\S+)\s+TO\s+(\S+?)\s*\]$")

# Almost right: ages and days as other languages write them, to say how they are written here.
_AGE_OR_EQUAL = re.compile(r"([<>])=(\d{1,5}[hdwmy])$")
_BARE_AGE = re.compile(r"[<>=]*(\d{1,5})\s*([hdwmy])", re.IGNORECASE)
_COMPARED = re.compile(r"([<>]=?)(\d{4}-\d{2}-\d{2})$")
_NUMBER = re.compile(r"([<>])(\d{1,5})$")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})$")
_YEAR = re.compile(r"(\d{4})$")
_LOOSE_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
_DAY_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$")
_LOOSE_RANGE = re.compile(
    r"[\[{]?\s*(\d{4}-\d{2}-\d{2})\s*(?:\.\.+|,|to|TO|-|–|\s)\s*(\d{4}-\d{2}-\d{2})\s*[\]}]?$"
)


def time_of(query: str, field: Literal["date", "seen"], value: Lexeme) -> Days | Age:
    """Return the days or the age that a value means.

    Raises:
        QuerySyntaxError: when it is no time, with how it is written.
    """
    text, at = value.text, value.at
    if age := _AGE.match(text):
        return Age(field, int(age[2]) * _SECONDS[age[3]], younger=age[1] == "<")
    if _DAY.match(text):
        day = _day(query, text, at)
        return Days(field, day, day)
    ends = _RANGE.match(text)
    if not ends:
        _no_time(query, field, value)
    first, last = (
        None if ends[number] == "*" else _day(query, ends[number], at + ends.start(number))
        for number in (1, 2)
    )
    if first and last and first > last:
        raise QuerySyntaxError(query, at, "this range ends before it begins; exchange its days")
    return Days(field, first, last)


def _day(query: str, text: str, at: int) -> date:
    try:
        if _DAY.match(text):
            return date.fromisoformat(text)
    except ValueError:
        year, month = int(text[:4]), int(text[5:7])
        if year and 1 <= month <= 12 and text[8:] != "00":
            last = monthrange(year, month)[1]
            raise QuerySyntaxError(
                query,
                at,
                f"{text!r} is no day of the calendar: that month ends with {text[:8]}{last}",
            ) from None
        if 12 < month <= 31 and 1 <= int(text[8:]) <= 12:
            raise QuerySyntaxError(
                query,
                at,
                f"{text!r} is no day of the calendar: there are 12 months, and the month stands "
                f"before the day, as {text[:4]}-{text[8:]}-{text[5:7]}",
            ) from None
    if _BARE_AGE.match(text):
        reason = "a range goes from day to day; an age stands by itself, as <7d"
        raise QuerySyntaxError(query, at, f"{text!r} is no day: {reason}")
    raise QuerySyntaxError(query, at, f"{text!r} is no day of the calendar; write it as 2020-03-23")


def _no_time(query: str, field: str, value: Lexeme) -> NoReturn:
    text = value.text
    reason = _repair(field, text) or (
        f"write {field}:2020-03-23, {field}:[2020-03-01 TO 2020-03-31], {field}:<7d (the last seven "
        f"days) or {field}:>7d (before)"
    )
    raise QuerySyntaxError(query, value.at, f"{text!r} is no time; {reason}")


def _repair(field: str, text: str) -> str:
    """Return what was probably meant, "" where that cannot be told."""
    if found := _AGE_OR_EQUAL.match(text):
        return f"an age takes < or > alone; write {field}:{found[1]}{found[2]}"
    if found := _NUMBER.match(text):
        return f"an age has its unit at its number (h, d, w, m, y): {field}:{found[1]}{found[2]}d"
    if found := _COMPARED.match(text):
        return _compared(field, found[1], found[2])
    if found := _BARE_AGE.match(text):
        age = f"{found[1]}{found[2].lower()}"
        return f"write {field}:<{age} for what is younger, {field}:>{age} for what is older"
    if found := _LOOSE_RANGE.match(text):
        return f"write {field}:[{found[1]} TO {found[2]}], both days included"
    if found := _MONTH.match(text):
        return _month(field, int(found[1]), int(found[2]))
    if (found := _YEAR.match(text)) and int(text):
        return f"write {field}:[{text}-01-01 TO {text}-12-31]"
    if found := _LOOSE_DAY.match(text):
        return f"write {field}:{found[1]}-{found[2]:0>2}-{found[3]:0>2}"
    if found := _DAY_LAST.match(text):
        return f"the year stands first, then month and day: {field}:{found[3]}-MM-DD"
    return ""


def _compared(field: str, sign: str, text: str) -> str:
    try:
        day = date.fromisoformat(text)
        first = day + timedelta(days=1) if sign == ">" else day
        last = day - timedelta(days=1) if sign == "<" else day
    except (ValueError, OverflowError):
        return ""
    ends = f"{first} TO *" if sign.startswith(">") else f"* TO {last}"
    return f"write {field}:[{ends}]"


def _month(field: str, year: int, month: int) -> str:
    if not (year and 1 <= month <= 12):
        return ""
    first = date(year, month, 1)
    return f"write {field}:[{first} TO {first.replace(day=monthrange(year, month)[1])}]"
