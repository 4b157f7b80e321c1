"""Dates one cannot believe: kept as they were printed, and not trusted.

Such an article counts by when it was first seen. Why a date is not believed stands with it, in
``ParsedDate.doubt``; these are the reasons that a date and the moment of its reading show by themselves.
"""

from datetime import UTC, date, datetime, timedelta

import attrs

from newsbot.text.dates import ParsedDate

# A clock may be ahead, and the day begins earlier in the east.
AHEAD = timedelta(days=1)
# There was no page before; https://www.w3.org/History.html
FIRST_PAGE = date(1991, 8, 6)

# Pages of a source that print one second from which on it is that of a build or an import.
SAME_SECOND = 20

FUTURE = "in the future"
TOO_EARLY = "before there were web pages"
PLACEHOLDER = "what software prints where it knows no date"

# Days that stand for "no date", each with those who print it. With the day before, which the same moment
# has west of Greenwich.
_BEGINNINGS = (
    date(1, 1, 1),  # .NET, Go
    date(1601, 1, 1),  # Windows FILETIME
    date(1753, 1, 1),  # SQL Server
    date(1900, 1, 1),  # spreadsheets, NTP
    date(1904, 1, 1),  # the classic Macintosh
    date(1970, 1, 1),  # POSIX
    date(1980, 1, 1),  # FAT
)
_PLACEHOLDERS = frozenset(_BEGINNINGS) | {
    date(1899, 12, 30),  # OLE
    *(each - timedelta(days=1) for each in _BEGINNINGS if each > date.min),
}


def doubt(stated: ParsedDate, fetched_at: datetime, *, confirmed: bool = False) -> str:
    """Return why a date is not believed that was read at this moment; "" where it is.

    ``confirmed`` says that something else tells the day too, as the address of a page does in a newspaper's
    archive: it is then believed however early it is, unless it is one that stands for no date.
    """
    if stated.doubt:
        return stated.doubt
    if stated.day > (fetched_at.astimezone(UTC) + AHEAD).date():
        return FUTURE
    if stated.day in _PLACEHOLDERS:
        return PLACEHOLDER
    if stated.day < FIRST_PAGE and not confirmed:
        return TOO_EARLY
    return ""


def weighed(
    stated: ParsedDate | None, fetched_at: datetime, *, confirmed: bool = False
) -> ParsedDate | None:
    """Return a date with why it is not believed, if it is not."""
    if stated is None:
        return None
    return attrs.evolve(stated, doubt=doubt(stated, fetched_at, confirmed=confirmed))


def believed(stated: ParsedDate | None) -> ParsedDate | None:
    """Return a date if it is believed."""
    return stated if stated is not None and not stated.doubt else None


def preferred(*stated: ParsedDate | None) -> ParsedDate | None:
    """Return the first of several dates that is believed, or else the first that there is."""
    there = [each for each in stated if each is not None]
    return next((each for each in there if not each.doubt), there[0] if there else None)


def second_of(stated: ParsedDate) -> datetime | None:
    """Return the second that a date tells; None where that is a full minute, which says nothing."""
    if stated.instant is None or stated.instant.second == 0:
        return None
    return stated.instant.replace(microsecond=0)
