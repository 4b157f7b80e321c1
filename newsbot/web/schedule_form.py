"""A schedule as somebody types it, and what that means."""

from collections.abc import Mapping
from datetime import datetime

from newsbot.archive import schedules
from newsbot.archive.schedules import Kind, Schedule
from newsbot.items import derived_id
from schedules.timing import ScheduleError, next_times

KINDS: tuple[Kind, ...] = ("cron", "interval", "once")
FIELDS = ("source", "kind", "when", "timezone", "jitter", "windows", "late")
BLANK = {
    "source": "",
    "kind": "cron",
    "when": "",
    "timezone": "UTC",
    "jitter": "",
    "windows": "",
    "late": "",
}


def typed(schedule: Schedule, source: str) -> dict[str, str]:
    """Return a schedule as its form shows it; ``source`` is the name of its source."""
    when = schedules.span(schedule.when) if schedule.kind == "interval" else schedule.when
    return {
        "source": source,
        "kind": schedule.kind,
        "when": when,
        "timezone": schedule.timezone,
        "jitter": schedules.span(schedule.jitter) if schedule.jitter else "",
        "windows": "\n".join(schedule.blackouts),
        "late": "" if schedule.late is None else schedules.span(schedule.late),
    }


def read(said: Mapping[str, str], source: str, *, now: datetime) -> Schedule:
    """Return the schedule of the source with this id that was typed.

    Raises:
        ScheduleError: saying what cannot be, and what would be right.
    """
    kind = said["kind"]
    if kind not in KINDS:
        raise ScheduleError(f"{kind!r} is no kind of schedule; there are {', '.join(KINDS)}")
    when = " ".join(said["when"].split())
    if not when:
        raise ScheduleError('say when: as "0 6 * * mon-fri", 6h or 2027-01-31T06:00')
    if kind == "interval":
        when = schedules.seconds_in(when)
    zone = said["timezone"].strip() or "UTC"
    late = said["late"].strip()
    made = Schedule(
        id=derived_id("schedule", source, kind, when, zone),
        source=source,
        kind=kind,
        when=when,
        timezone=zone,
        jitter=_seconds(said["jitter"].strip() or "0", "the jitter"),
        blackouts=tuple(line.strip() for line in said["windows"].splitlines() if line.strip()),
        late=None if late in ("", "always") else _seconds(late, "how late"),
        added_at=now,
    )
    if not next_times(made, now, count=1):
        raise ScheduleError(
            f"{when} never starts: all of its times are past, or in its windows; give one that is to come"
        )
    return made


def _seconds(text: str, what: str) -> float:
    try:
        seconds = float(schedules.seconds_in(text))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ScheduleError(f"{what}, {text!r}, is no time; give seconds, or as 5m, 2h, 1d")
    return seconds
