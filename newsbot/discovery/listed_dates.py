"""Dates as feeds and sitemaps write them: RFC 822, W3C's form of ISO 8601, and as people write.

The day is the publisher's own. A time without a zone tells no moment: its day alone is kept.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from newsbot.text.dates import ParsedDate, parse_date

# A date without a year would be counted from a day that is not known here; one of two digits is in
# the hundred years up to this.
_YEAR = re.compile(r"\d{4}|\b\d{2}\s+\d{1,2}:\d{2}")
_LATEST = datetime(2050, 1, 1, tzinfo=UTC)
_MONTHS = {
    name: number
    for number, name in enumerate(
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1
    )
}
# What nearly all write, read without asking what else it might be.
_RFC822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4})"
    r" (\d\d):(\d\d)(?::(\d\d))? ([+-]\d{4}|GMT|UTC|Z)"
)
# Of years that a news site can mean: systems write year 1 where they know none.
_W3C = re.compile(r"(?:19[7-9]|20[0-4])\d-\d\d-\d\d(?:T\d\d:\d\d[\d:.]*(?:Z|[+-]\d\d:\d\d)?)?")


def listed_date(
    text: str, source: str, *, language: str = "", now: datetime | None = None
) -> ParsedDate | None:
    """Return the date of an entry; None where it cannot be read.

    ``source`` says what the entry is of, ``language`` in which names of months may be. ``now`` is what
    a date without a year is counted from; without it such a date is left unread. Never raises.
    """
    try:
        if _W3C.fullmatch(text):
            return _of_w3c(text, source)
        usual = _RFC822.fullmatch(text)
        if usual:
            return _of_rfc822(usual, source)
    except (ValueError, OverflowError):
        pass
    if not text or (now is None and not _YEAR.search(text)):
        return None
    found, elsewhere = (
        parse_date(text, language=language, reference=now or _LATEST, timezone=zone)
        for zone in ("UTC", "Asia/Tokyo")
    )
    if found is None:
        return None
    zoned = elsewhere is not None and elsewhere.instant == found.instant
    return ParsedDate(found.day, found.instant if zoned else None, source)


def _of_w3c(text: str, source: str) -> ParsedDate:
    if len(text) == len("2024-05-17"):
        return ParsedDate(date.fromisoformat(text), None, source)
    moment = datetime.fromisoformat(text)
    return ParsedDate(moment.date(), moment.astimezone(UTC) if moment.tzinfo else None, source)


def _of_rfc822(found: re.Match[str], source: str) -> ParsedDate:
    day, month, year, hour, minute, second, zone = found.groups()
    minutes = int(zone[1:3]) * 60 + int(zone[3:5]) if zone[0] in "+-" else 0
    offset = timedelta(minutes=-minutes if zone[0] == "-" else minutes)
    local = datetime(
        int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second or 0),
        tzinfo=timezone(offset),
    )  # fmt: skip
    return ParsedDate(local.date(), local.astimezone(UTC), source)
