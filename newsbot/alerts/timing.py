"""When a message goes out: at once, or in the digest of which slot. Pure.

A *slot* is a moment at which a digest is due. The rules, all by the clocks of the timing's own zone:

- A day, and so each of its times (that of a digest, the begin and the end of quiet hours, midnight),
  comes once. A time that the clocks pass over when they are put forward (02:30 in Berlin on the last Sunday
  of March) is the moment at which they are; of a time that comes twice when they are put back, it is the
  first. So cron does with jobs of a fixed time (cron(8)), where systemd passes over such a day's and
  Quartz does so or fires twice.
- An hourly digest is due whenever the clocks show its minutes: each hour that passes, whatever it is called.
- Quiet hours last from their begin, which is in them, to their end, which is not. A slot in them is put off
  to their end, and several that are become one.
- What comes after as many messages as a day has at most waits for that day's end: for the midnight that
  ends it, or for the end of the quiet hours that this is in.
- What comes at a slot's own moment is for the next one.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from typing import get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newsbot.archive.rules import How, Timing

HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_A_DAY = 10_000

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


class TimingError(Exception):
    """A timing that cannot be; the text says what of it, and what would be right."""


def check(timing: Timing) -> None:
    """See that a timing can be.

    Raises:
        TimingError: for the first thing of it that cannot.
    """
    if timing.how not in get_args(How):
        raise TimingError(f"{timing.how!r} is no way to be told; there are {', '.join(_HOWS)}")
    _checked_time(timing.at, "a digest")
    if timing.weekday not in range(7):
        raise TimingError(
            f"{timing.weekday!r} is no day of the week; they go from 0 for Monday to 6 for Sunday"
        )
    if not _known(timing.zone):
        raise TimingError(
            f"there is no time zone {timing.zone!r}; give an IANA name, as Asia/Damascus"
        )
    _check_quiet(timing.quiet)
    if not 0 <= timing.most <= MOST_A_DAY:
        raise TimingError(
            f"{timing.most} messages a day cannot be the most; give 1 to {MOST_A_DAY}, or 0 for all"
        )
    if timing.most and timing.how != "at once":
        raise TimingError(
            f"at most {timing.most} a day is for messages that go out at once; a digest that is "
            f"{timing.how} is one message already"
        )
    if timing.even_empty and timing.how == "at once":
        raise TimingError(
            "a message of no match is for digests; have it hourly, daily or weekly, or leave that out"
        )


def sound(timing: Timing) -> Timing:
    """Return a timing that can be; in place of one that cannot, at once.

    What is kept was checked; but systems differ in the zones that they know.
    """
    try:
        check(timing)
    except TimingError:
        return Timing(zone=timing.zone if _known(timing.zone) else "UTC")
    return timing


def _known(zone: str) -> bool:
    try:
        _zone(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


_HOWS: tuple[str, ...] = get_args(How)


def _checked_time(text: str, of: str) -> None:
    if not HOURS.fullmatch(text):
        raise TimingError(f"{text!r} is no time for {of}; give hours and minutes, as 08:00")


def _check_quiet(quiet: tuple[str, ...]) -> None:
    if not quiet:
        return
    if len(quiet) != 2:
        raise TimingError(
            f"quiet hours are two times, their begin and their end, as 22:00 and 07:00; "
            f"there are {len(quiet)}"
        )
    _checked_time(quiet[0], "the begin of quiet hours")
    _checked_time(quiet[1], "the end of quiet hours")
    if quiet[0] == quiet[1]:
        raise TimingError(
            f"quiet hours from {quiet[0]} to {quiet[1]} would never end; give two different times"
        )


def place(timing: Timing, now: datetime, *, told_today: int) -> datetime | None:
    """Return the slot of a message that is made now; None for one that goes out at once.

    ``told_today`` is how many went out at once on its ``local_day`` already.
    """
    if timing.how != "at once":
        return next_slot(timing, now)
    if timing.most and told_today >= timing.most:
        return day_end(timing, now)
    quiet = _quiet_around(timing, now)
    return quiet[1] if quiet else None


def local_day(timing: Timing, now: datetime) -> date:
    """Return the day that it is by the clocks of the timing's zone."""
    return now.astimezone(_zone(timing.zone)).date()


def day_begin(timing: Timing, now: datetime) -> datetime:
    """Return the moment (UTC) at which the local day began."""
    return _moment(local_day(timing, now), "00:00", timing.zone)


def day_end(timing: Timing, now: datetime) -> datetime:
    """Return the slot of what is too much for the local day: its end, or that of quiet hours then."""
    today = local_day(timing, now)
    ends = (_moment(today + _DAY * n, "00:00", timing.zone) for n in count(1))
    return _out_of_quiet(timing, next(end for end in ends if end > now))


def quiet_until(timing: Timing, now: datetime) -> datetime | None:
    """Return when the quiet hours end in which it is; None outside of them."""
    quiet = _quiet_around(timing, now)
    return quiet[1] if quiet else None


def next_slot(timing: Timing, after: datetime) -> datetime:
    """Return the first slot after a moment (UTC).

    Raises:
        ValueError: for messages that go out at once.
    """
    quiet = _quiet_around(timing, after)
    # A slot that was put off to the end of these quiet hours is still to come.
    begin = quiet[0] - _MINUTE if quiet else after
    slots = (_out_of_quiet(timing, each) for each in _forward(timing, begin))
    return next(slot for slot in slots if slot > after)


def last_slot(timing: Timing, now: datetime) -> datetime:
    """Return the last slot that has come (UTC).

    Raises:
        ValueError: for messages that go out at once.
    """
    step = {"hourly": _HOUR, "daily": _DAY, "weekly": 7 * _DAY}.get(timing.how, _HOUR)
    slots = (next_slot(timing, now - step * n) for n in count(1))
    found = next(slot for slot in slots if slot <= now)
    while (later := next_slot(timing, found)) <= now:
        found = later
    return found


def _forward(timing: Timing, after: datetime) -> Iterator[datetime]:
    """Yield the moments after one at which a digest would be due if no hours were quiet."""
    if timing.how == "at once":
        raise ValueError("messages that go out at once have no slots")
    if timing.how == "hourly":
        yield from _hours(timing, after)
        return
    today = local_day(timing, after)
    for days in count(-1):
        day = today + _DAY * days
        if timing.how == "daily" or day.weekday() == timing.weekday:
            moment = _moment(day, timing.at, timing.zone)
            if moment > after:
                yield moment


def _hours(timing: Timing, after: datetime) -> Iterator[datetime]:
    # Clocks differ from UTC by whole minutes (those of the present do), and are put forward and back by
    # whole minutes: so every minute is looked at that could show those of the digest.
    zone, minutes = _zone(timing.zone), int(timing.at[3:])
    moment = after.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
    while True:
        shown = moment.astimezone(zone)
        ahead = (minutes - shown.minute) % 60
        if ahead == 0:
            yield moment
            moment += _MINUTE
            continue
        there = moment + ahead * _MINUTE
        # Unless the clocks are changed on the way, it is as far as they show.
        if there.astimezone(zone).utcoffset() == shown.utcoffset():
            moment = there
        else:
            moment += _MINUTE


def _out_of_quiet(timing: Timing, moment: datetime) -> datetime:
    quiet = _quiet_around(timing, moment)
    return quiet[1] if quiet else moment


def _quiet_around(timing: Timing, moment: datetime) -> tuple[datetime, datetime] | None:
    """Return from when to when it is quiet around a moment; None: it is not."""
    if not timing.quiet:
        return None
    begin, end = timing.quiet
    over = _DAY if end < begin else 0 * _DAY
    today = local_day(timing, moment)
    found: tuple[datetime, datetime] | None = None
    for days in range(-3, 4):
        day = today + _DAY * days
        first, last = _moment(day, begin, timing.zone), _moment(day + over, end, timing.zone)
        if found and first <= found[1]:  # the clocks were put over what lay between
            found = (found[0], max(found[1], last))
        elif found and found[0] <= moment < found[1]:
            return found
        else:
            found = (first, last)
    return None


@lru_cache(maxsize=4096)
def _moment(day: date, at: str, zone: str) -> datetime:
    """Return when a time of a day comes: the first time, or when the clocks are put over it."""
    clocks = _zone(zone)
    local = datetime.combine(day, time(int(at[:2]), int(at[3:])), clocks)
    # What a clock shows with fold=0 is the first time that it does (PEP 495); for what it never shows,
    # fold=0 says when it would have been, had the clocks not been changed, and fold=1 is before the change.
    moment = local.astimezone(UTC)
    if moment.astimezone(clocks).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    return _change(local.replace(fold=1).astimezone(UTC), moment, clocks)


def _change(before: datetime, after: datetime, clocks: ZoneInfo) -> datetime:
    """Return the moment between two at which the clocks are changed, to the second."""
    offset = before.astimezone(clocks).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, clocks).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
