"""Times in HTTP headers: when a thing was, and how long to wait."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Digits of a number of seconds that are read: longer numbers say no more than "never".
_DIGITS = 12


def http_date(text: str) -> datetime | None:
    """Return the moment that a header's date names, in its obsolete forms as well; None for no date.

    RFC 9110, 5.6.7. One without a zone is in UTC, as all of them should be.
    """
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def seconds(text: str) -> float | None:
    """Return a header's number of seconds (RFC 9110, 10.2.3; RFC 9111, 1.2.2); None for no number."""
    return float(text[:_DIGITS]) if text.isascii() and text.isdigit() else None


def retry_after(text: str, now: datetime) -> float | None:
    """Return the seconds that a ``Retry-After`` names; None where it names none.

    RFC 9110, 10.2.3: seconds, or a date. A date that has passed is no time at all.
    """
    text = text.strip()
    asked = seconds(text)
    if asked is not None:
        return asked
    until = http_date(text)
    return None if until is None else max(0.0, (until - now).total_seconds())
