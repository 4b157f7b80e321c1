"""When a cron rule starts, across clock changes, as Debian's cron has it (cron(8)).

A rule of times of day goes by the clock on the wall: a time that the clock skips comes right after it, one that
comes twice comes the first time. A rule of every hour, or of some minutes of every hour (its minute or its hour
begins with ``*``), goes by the hours that there are.

Rules are read by cronsim. Of the second kind it is asked without time zones, for it takes an hour for what every
change is, and on Lord Howe it is half of one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


def check(rule: str) -> None:
    """See that a rule can be read.

    Raises:
        ValueError: saying why not.
    """
    if (count := len(rule.split())) != 5:  # cronsim takes seconds as a sixth
        raise ValueError(f"Wrong number of fields; got {count}, expected 5")
    try:
        CronSim(rule, datetime(2026, 1, 1))  # noqa: DTZ001 - any day
    except CronSimError as error:
        raise ValueError(str(error)) from None


def after(rule: str, zone: ZoneInfo, moment: datetime) -> Iterator[datetime]:
    """Yield when a rule starts after a moment, in UTC; it ends when there is nothing more in fifty years."""
    minute, hour, *_ = rule.split()
    found = _by_the_hours if "*" in minute[0] + hour[0] else _by_the_wall
    try:
        yield from found(rule, zone, moment.astimezone(UTC))
    except CronSimError:
        return


def _by_the_wall(rule: str, zone: ZoneInfo, last: datetime) -> Iterator[datetime]:
    for each in CronSim(rule, last.astimezone(zone)):
        found = each.astimezone(UTC)
        # Times that the clock skips all come right after it; those of an hour that comes twice came.
        if found > last:
            yield found
            last = found


def _by_the_hours(rule: str, zone: ZoneInfo, last: datetime) -> Iterator[datetime]:
    """Yield minutes that the clock shows: from one change of it to the next it is ahead of UTC by as much."""
    ahead = _ahead(zone, last)
    shown = last.replace(tzinfo=None) + ahead
    while True:
        change = None
        for each in CronSim(rule, shown):
            found = (each - ahead).replace(tzinfo=UTC)
            if change := _change(zone, last, found):
                break
            yield found
            last = found
        if change is None:
            return
        ahead = _ahead(zone, change)
        shown = change.replace(tzinfo=None) + ahead - _MINUTE
        last = change


def _change(zone: ZoneInfo, begin: datetime, end: datetime) -> datetime | None:
    """Return the minute in which the clock is changed first, after a moment and up to another."""
    before = _ahead(zone, begin)
    while begin < end:
        later = min(begin + _DAY, end)
        if _ahead(zone, later) != before:
            while later - begin > _MINUTE:
                middle = begin + (later - begin) / 2
                begin, later = (
                    (middle, later) if _ahead(zone, middle) == before else (begin, middle)
                )
            return later.replace(second=0, microsecond=0)
        begin = later
    return None


def _ahead(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
