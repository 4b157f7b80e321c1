"""Dates as the sites print them for readers."""

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Final

from newsbot.demo.sites import Site

_MONTHS: Final = {
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}

_SHAPES: Final = {
    "madapost": "{day} {month}، {year}",
    "wire": "{day} {month} {year}, {time} UTC",
    "courier": "{month} {day}, {year} at {time}",
    "mirror": "{month} {day}, {year}",
    "gazette": "{day}. {month} {year}, {time} Uhr",
    "jsdaily": "{day} {month} {year} à {time}",
}


def local(site: Site, instant: datetime) -> datetime:
    """Return ``instant`` by the site's own clock, to the second."""
    return instant.astimezone(timezone(timedelta(hours=site.utc_offset))).replace(microsecond=0)


def printed(site: Site, instant: datetime) -> str:
    """Return the date as the site prints it beside an article."""
    there = local(site, instant)
    month = _MONTHS[site.language].split()[there.month - 1]
    return _SHAPES[site.name].format(
        day=there.day, month=month, year=there.year, time=f"{there:%H:%M}"
    )


def iso(site: Site, instant: datetime) -> str:
    """Return the date in ISO 8601 with the site's offset, for machines."""
    return local(site, instant).isoformat()


def rfc822(site: Site, instant: datetime) -> str:
    """Return the date as RSS writes it."""
    return format_datetime(local(site, instant))
