"""When a schedule starts: its rule, moved by its jitter, without what falls in its windows.

A rule names moments: of a cron rule as :mod:`schedules.cron` has them, of an interval every so many seconds since
it was added, whatever clocks do.

Each is moved by its jitter to a moment that follows from schedule and moment: the same for whoever asks, today or
after a restart. It moves neither as far as the rule's next moment nor into a window. A moment in a window is left
out; one that comes only once is moved to the window's end.

Of moments that were missed only the last counts (:meth:`Timing.get_next_fire_time`).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
from apscheduler.triggers.base import BaseTrigger

from newsbot.archive.schedules import Kind, Schedule
from schedules import cron
from schedules.blackouts import WindowError, blocked, free_for, over, windows

LONGEST_INTERVAL = 10 * 365 * 86_400.0
LONGEST_JITTER = 86_400.0
_EXAMPLES: dict[Kind, str] = {
    "cron": 'five fields, as "0 6 * * mon-fri" for weekdays at six',
    "interval": "a number of seconds, as 900",
    "once": "a moment, as 2027-01-31T06:00",
}
# How far back the last moment of a rule is looked for, step by step.
_BACK = tuple(timedelta(hours=hours) for hours in (1, 24, 8 * 24, 64 * 24, 512 * 24, 4_096 * 24))
# A rule whose next so many moments (or rows of them) are all in windows never starts.
_TRIES = 1_000


class ScheduleError(Exception):
    """A rule of time that cannot be; the text says why and what would be right."""


@attrs.frozen(kw_only=True)
class Timing(BaseTrigger):  # type: ignore[misc]
    """When a schedule starts, as APScheduler asks for it. ``jitter`` in seconds; see the module."""

    schedule: str
    kind: Kind
    when: str
    timezone: str
    since: datetime
    jitter: float = 0.0
    blackouts: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The zone that it is meant in."""
        return ZoneInfo(self.timezone)

    def after(self, moment: datetime) -> datetime | None:
        """Return when it starts next after a moment; None where never."""
        shut = windows(self.blackouts, self.timezone)
        if self.kind == "once":
            only = over(shut, self._once)
            found = self._moved(only) if only else None
            return found if found and found > moment else None
        # The rule's last moment may have been moved beyond this one.
        known = self._last_named(moment) if self.jitter else None
        named = known or next(self._named(moment), None)
        for _ in range(_TRIES):
            if named is None:
                return None
            if not blocked(shut, named):
                if (found := self._moved(named)) > moment:
                    return found
                named = next(self._named(named), None)
                continue
            free = over(shut, named)
            if free is None:
                return None
            named = next(self._named(free - timedelta(microseconds=1)), None)
        return None

    def last(self, moment: datetime) -> datetime | None:
        """Return when it started last, up to a moment; None where it did not for years."""
        shut = windows(self.blackouts, self.timezone)
        for back in _BACK:
            found = None
            for named in self._named(moment - back):
                if named > moment:
                    break
                if not blocked(shut, named) and (moved := self._moved(named)) <= moment:
                    found = moved
            if found is not None:
                return found
        return None

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """Return the next start after one; of those that were missed by now only the last."""
        following = self.after(previous or now)
        if following is None or following > now or self.kind == "once":
            return following
        return max(following, self.last(now) or following)

    def _moved(self, named: datetime) -> datetime:
        """Return the start of a moment that the rule names, by its jitter."""
        if not self.jitter:
            return named
        room = timedelta(seconds=self.jitter)
        following = next(self._named(named), None)
        if following is not None:
            room = min(room, following - named)
        shut = windows(self.blackouts, self.timezone)
        if shut:
            room = free_for(shut, named, room)
        drawn = blake2b(f"{self.schedule} {named.isoformat()}".encode(), digest_size=7).digest()
        share = int.from_bytes(drawn) / (1 << 56)
        found = named + timedelta(seconds=int(room.total_seconds() * share))
        return named if blocked(shut, found) else found

    def _last_named(self, moment: datetime) -> datetime | None:
        """Return the rule's last moment up to this one, if its jitter may have moved it beyond."""
        reach = timedelta(seconds=self.jitter)
        for back in _BACK:
            found = None
            for named in self._named(moment - min(back, reach)):
                if named > moment:
                    break
                found = named
            if found or back >= reach:
                return found
        return None

    def _named(self, moment: datetime) -> Iterator[datetime]:
        """Yield the moments that the rule names after a moment, in UTC."""
        if self.kind == "cron":
            yield from cron.after(self.when, self.zone, moment)
        elif self.kind == "interval":
            step = timedelta(seconds=float(self.when))
            number = max(0, (moment - self.since) // step)
            while True:
                number += 1
                yield self.since + step * number
        elif self._once > moment:
            yield self._once

    @property
    def _once(self) -> datetime:
        found = datetime.fromisoformat(self.when)
        return (found if found.tzinfo else found.replace(tzinfo=self.zone)).astimezone(UTC)


def timing_of(schedule: Schedule) -> Timing:
    """Return when a schedule starts.

    Raises:
        ScheduleError: when the rule of time, the time zone, the jitter or a window cannot be read.
    """
    try:
        ZoneInfo(schedule.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ScheduleError(
            f"there is no time zone {schedule.timezone!r}; give an IANA name, as Asia/Damascus"
        ) from None
    kind, when = schedule.kind, schedule.when
    try:
        if kind == "cron":
            cron.check(when)
        elif kind == "interval":
            if not 1 <= float(when) <= LONGEST_INTERVAL:
                raise ScheduleError("an interval is between one second and ten years")
        else:
            datetime.fromisoformat(when)
    except ValueError as error:
        raise ScheduleError(f"{kind} {when!r} cannot be read: {error}; {_EXAMPLES[kind]}") from None
    if not 0 <= schedule.jitter <= LONGEST_JITTER:
        raise ScheduleError("a jitter is between nothing and a day, as 5m")
    try:
        windows(schedule.blackouts, schedule.timezone)
    except WindowError as error:
        raise ScheduleError(str(error)) from None
    return Timing(
        schedule=schedule.id,
        kind=kind,
        when=when,
        timezone=schedule.timezone,
        since=schedule.added_at.astimezone(UTC).replace(microsecond=0),
        jitter=schedule.jitter,
        blackouts=schedule.blackouts,
    )


def starts(schedule: Schedule, now: datetime) -> Iterator[datetime]:
    """Yield the moments at which a schedule starts from now on, by the clock of its zone."""
    timing = timing_of(schedule)
    moment: datetime | None = now
    while moment is not None:
        moment = timing.after(moment)
        if moment is not None:
            yield moment.astimezone(timing.zone)


def next_times(schedule: Schedule, now: datetime, *, count: int = 5) -> list[datetime]:
    """Return the next moments at which a schedule starts a run."""
    return list(islice(starts(schedule, now), count))
