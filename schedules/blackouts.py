"""Windows of the week in which a schedule starts nothing: ``22:00-06:00``, ``sat,sun``, ``fri 10:00-14:00 Asia/Damascus``.

A window is meant by the clock on the wall of its zone: a moment is in it when that clock shows a time of the
window, in an hour that comes twice both times. It begins with its first minute and ends before its last. One
that ends at or before the time it begins goes over midnight, and belongs to the day on which it begins.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)")
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_WHOLE_DAY = 24 * 60
# What a clock is set forward by is no more than this (minutes).
_LONGEST_GAP = 26 * 60
EXAMPLE = 'as "22:00-06:00", "sat,sun" or "fri 10:00-14:00 Asia/Damascus"'


class WindowError(Exception):
    """A window that cannot be read; the text says why and what would be right."""


@attrs.frozen(kw_only=True)
class Window:
    """A part of the day (minutes from midnight) on some weekdays (Monday is 0)."""

    days: frozenset[int]
    begins: int
    ends: int
    zone: ZoneInfo

    def contains(self, moment: datetime) -> bool:
        """Say whether a moment is in it."""
        return self._began(moment.astimezone(self.zone)) is not None

    def end(self, moment: datetime) -> datetime:
        """Return when the window is over that a moment is in, in UTC."""
        local = moment.astimezone(self.zone)
        began = self._began(local)
        if began is None:
            return moment.astimezone(UTC)
        days, minutes = divmod(self.ends, _WHOLE_DAY)
        over = self.begins >= self.ends
        day = local.date() + (timedelta(days=days + over) - began)
        wall = datetime.combine(day, time(minutes // 60, minutes % 60), self.zone)
        first, second = (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        found = first if first > moment else max(second, moment.astimezone(UTC) + _MINUTE)
        # Where the clock was set forward over that time, it was over when it was.
        for _ in range(_LONGEST_GAP):
            if found - _MINUTE <= moment or self.contains(found - _MINUTE):
                break
            found -= _MINUTE
        return found

    def _began(self, local: datetime) -> timedelta | None:
        """Return how many days before it the window began that a local time is in, None where it is in none."""
        at, day = local.hour * 60 + local.minute, local.weekday()
        if self.begins < self.ends:
            inside = self.begins <= at < self.ends and day in self.days
            return timedelta() if inside else None
        if at >= self.begins and day in self.days:
            return timedelta()
        return _DAY if at < self.ends and (day - 1) % 7 in self.days else None


def windows(texts: Iterable[str], zone: str) -> tuple[Window, ...]:
    """Return windows as they are written; ``zone`` is meant where one names none.

    Raises:
        WindowError: where one cannot be read.
    """
    return tuple(_window(each, zone) for each in texts)


def blocked(some: Iterable[Window], moment: datetime) -> bool:
    """Say whether a moment is in one of these windows."""
    return any(each.contains(moment) for each in some)


def over(some: tuple[Window, ...], moment: datetime) -> datetime | None:
    """Return the first moment from this one on that is in none of these windows, None where there is none in weeks."""
    for _ in range(200):
        found = next((each for each in some if each.contains(moment)), None)
        if found is None:
            return moment
        moment = found.end(moment)
    return None


def free_for(some: tuple[Window, ...], moment: datetime, at_most: timedelta) -> timedelta:
    """Return how long from a moment on none of these windows begins, ``at_most`` at the longest."""
    later = moment.replace(second=0, microsecond=0) + _MINUTE
    while later < moment + at_most:
        if blocked(some, later):
            return later - moment
        later += _MINUTE
    return at_most


@lru_cache(maxsize=1_000)
def _window(text: str, zone: str) -> Window:
    days, begins, ends = frozenset(range(7)), 0, _WHOLE_DAY
    seen: set[str] = set()
    for what, value in _parts(text):
        if what in seen:
            raise WindowError(f"the window {text!r} has two of its {what}s; write one, {EXAMPLE}")
        seen.add(what)
        if what == "zone":
            zone = value
        elif what == "day":
            days = frozenset(_weekdays(value, text))
        else:
            begins, ends = _minutes(value, text)
    if not seen & {"day", "time"}:
        raise WindowError(f"the window {text!r} cannot be read; write one {EXAMPLE}")
    try:
        return Window(days=days, begins=begins, ends=ends, zone=ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        raise WindowError(
            f"the window {text!r} names no time zone that there is ({zone!r}); write it {EXAMPLE}"
        ) from None


def _parts(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split():
        if _SPAN.fullmatch(part):
            yield "time", part
        elif part[:3].lower() in _DAYS and "/" not in part:
            yield "day", part.lower()
        else:
            yield "zone", part


def _weekdays(value: str, text: str) -> Iterator[int]:
    for each in value.split(","):
        first, _, last = each.partition("-")
        try:
            begin, end = _DAYS.index(first), _DAYS.index(last or first)
        except ValueError:
            raise WindowError(
                f"the window {text!r} has no weekdays that can be read ({each!r}); they are "
                f"{', '.join(_DAYS)}, and a row as mon-fri"
            ) from None
        while True:
            yield begin
            if begin == end:
                break
            begin = (begin + 1) % 7


def _minutes(value: str, text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(value)
    if found is None:
        raise WindowError(f"the window {text!r} cannot be read; write one {EXAMPLE}")
    first, second, third, fourth = map(int, found.groups())
    begins, ends = first * 60 + second, third * 60 + fourth
    if second > 59 or fourth > 59 or begins >= _WHOLE_DAY or ends > _WHOLE_DAY:
        raise WindowError(
            f"the window {text!r} has a time that no clock shows; write one {EXAMPLE}"
        )
    if begins == ends:
        raise WindowError(
            f"the window {text!r} begins when it ends; for whole days name the days alone, as sat,sun"
        )
    return begins, ends
