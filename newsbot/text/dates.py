"""Dates as publishers print them.

A date is kept to the precision at which it was published: a day is a day, and an instant is known
only where a time was printed.
"""

from datetime import date, datetime

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
