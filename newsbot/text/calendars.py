"""Days of other calendars as days of the Gregorian one."""

from datetime import date, timedelta

from newsbot.text.date_words import Calendar

# The Persian year has leap years by a cycle of 33 years, which agrees with the equinox at Tehran
# from 1178 to 1633 (K. M. Borkowski, "The Persian calendar for 3000 years", 1996).
_PERSIAN_LEAP = frozenset((1, 5, 9, 13, 17, 22, 26, 30))
_PERSIAN_YEARS = range(1250, 1500)
_PERSIAN_ORIGIN = (1399, date(2020, 3, 20))
# The Thai calendar counts years from the Buddha's death; months and days are Gregorian.
_BUDDHIST_AHEAD = 543
_BUDDHIST_YEARS = range(2400, 2700)


def gregorian(calendar: Calendar, year: int, month: int, day: int) -> date:
    """Return the day in the Gregorian calendar; Islamic dates by Umm al-Qura.

    Raises:
        ValueError: when the calendar has no such day, or its year is not known here.
    """
    if calendar == "persian":
        return _from_persian(year, month, day)
    if calendar == "hijri":
        from hijridate import Hijri

        try:
            found: date = Hijri(year, month, day).to_gregorian()
        except OverflowError as error:
            raise ValueError(str(error)) from None
        return date(found.year, found.month, found.day)
    return date(year - _BUDDHIST_AHEAD if year in _BUDDHIST_YEARS else year, month, day)


def year_of(calendar: Calendar, day: date) -> int:
    """Return the year of a calendar in which a Gregorian day lies, or that before it."""
    if calendar == "persian":
        return day.year - 622
    if calendar == "hijri":
        from hijridate import Gregorian

        hijri_year: int = Gregorian(day.year, day.month, day.day).to_hijri().year
        return hijri_year
    return day.year


def _from_persian(year: int, month: int, day: int) -> date:
    if year not in _PERSIAN_YEARS or not 1 <= month <= 12:
        raise ValueError(f"{year}-{month} is no month of the Persian calendar known here")
    lengths = [31] * 6 + [30] * 5 + [30 if _is_leap(year) else 29]
    if not 1 <= day <= lengths[month - 1]:
        raise ValueError(f"the month {year}-{month} has no day {day}")
    origin, start = _PERSIAN_ORIGIN
    years = range(origin, year) if year >= origin else range(year, origin)
    length = sum(366 if _is_leap(each) else 365 for each in years)
    new_year = start + timedelta(days=length if year >= origin else -length)
    return new_year + timedelta(days=sum(lengths[: month - 1]) + day - 1)


def _is_leap(year: int) -> bool:
    return year % 33 in _PERSIAN_LEAP
