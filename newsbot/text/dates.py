"""Dates as publishers print them.

A date is kept to the precision at which it was published: a day is a day, and an instant is known
only where a time was printed.
"""

import re
from datetime import UTC, date, datetime, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs


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


# The clock of stated time zones that news prints; names by RFC 2822 and habit.
_EPOCH = re.compile(r"\d{10}(?:\d{3})?$")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?$")
_NUMBERS = re.compile(r"\d+")
# A second name of the same month, as the Levant prints it beside the first: "مارس/ آذار".
_SECOND_MONTH = re.compile(
    r"(?<=[^\W\d_])\s*/\s*[^\W\d_]+(?:\s+(?:الأول|الثاني|أول|ثاني))?(?=\s|$)"
)
_YEARS = range(1990, 2100)


def parse_date(
    text: str, *, language: str, reference: datetime, timezone: str
) -> ParsedDate | None:
    """Read a date as a publisher prints it; None where there is none that can be.

    ``reference`` is the moment that relative and yearless dates are counted from; ``timezone`` is
    the zone of times that name none.
    """
    line = " ".join(text.translate(_DIGITS).split())[:200]
    if _EPOCH.match(line):
        moment = datetime.fromtimestamp(int(line[:10]), UTC)
        return ParsedDate(moment.date(), moment)
    zone = _zone(timezone)
    return _iso(line, zone) or _mail(line) or _printed(line, language, reference, zone)


_DIGITS = {
    ord(digit): str(value)
    for start in "٠۰०"
    for value, digit in enumerate(chr(ord(start) + place) for place in range(10))
}


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _iso(line: str, zone: tzinfo) -> ParsedDate | None:
    if not _ISO.match(line):
        return None
    try:
        if len(line) == 10:
            return _plausible(ParsedDate(date.fromisoformat(line)))
        moment = datetime.fromisoformat(line)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return _plausible(ParsedDate(moment.date(), aware.astimezone(UTC)))
    except (ValueError, OverflowError):
        return None


def _mail(line: str) -> ParsedDate | None:
    """Read the date of RFC 5322, which feeds use."""
    if "," not in line[:6]:
        return None
    try:
        moment = parsedate_to_datetime(line)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        return None
    return _plausible(ParsedDate(moment.date(), moment.astimezone(UTC)))


def _printed(line: str, language: str, reference: datetime, zone: tzinfo) -> ParsedDate | None:
    if not 4 <= len(line) <= 80 or not _NUMBERS.search(line):
        return None
    import dateparser

    settings = {
        "RELATIVE_BASE": reference.astimezone(zone).replace(tzinfo=None),
        "PREFER_DATES_FROM": "past",
        "REQUIRE_PARTS": ["day", "month"],
    }
    try:
        found = dateparser.parse(
            _SECOND_MONTH.sub("", line),
            languages=[language] if language else None,
            settings=settings,
        )
    except ValueError:  # a language that it does not know
        found = dateparser.parse(_SECOND_MONTH.sub("", line), settings=settings)
    if found is None:
        return None
    timed = ":" in line
    moment = found if found.tzinfo else found.replace(tzinfo=zone)
    return _plausible(ParsedDate(found.date(), moment.astimezone(UTC) if timed else None))


def _plausible(parsed: ParsedDate) -> ParsedDate | None:
    return parsed if parsed.day.year in _YEARS else None
