"""Operators' schedules: when a source is crawled besides, or instead of, its learnt rhythm."""

from datetime import datetime
from typing import Literal, TypedDict, Unpack

import attrs
from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, patiently
from newsbot.archive.file_marks import FileMark
from newsbot.archive.records import from_document, to_document, to_value

Kind = Literal["cron", "interval", "once"]


@attrs.frozen(kw_only=True)
class Schedule:
    """A rule of time for one source.

    ``kind`` says how ``when`` is read: five cron fields, seconds, or an ISO 8601 moment; ``timezone``
    (an IANA name) is the one that cron fields and moments without an offset are meant in.

    A start comes up to ``jitter`` seconds later, and none is in one of the windows ``blackouts``
    (:mod:`schedules.blackouts`). One that was missed is made up for up to ``late`` seconds later, None for
    however late. What counts as missed is after ``in_force_at``, when it was added, changed or resumed, and after
    ``last``, the last time that was started or let pass. ``kept_by_file`` is what files have to do with it.
    """

    id: str
    source: str
    kind: Kind
    when: str
    timezone: str = "UTC"
    jitter: float = 0.0
    blackouts: tuple[str, ...] = ()
    late: float | None = None
    paused: bool = False
    in_force_at: datetime | None = None
    last: datetime | None = None
    kept_by_file: FileMark | None = None
    added_at: datetime


class Changes(TypedDict, total=False):
    """What may be changed of a schedule."""

    jitter: float
    blackouts: tuple[str, ...]
    late: float | None
    paused: bool


def seconds_in(every: str) -> str:
    """Return an interval in seconds, as it is kept, from ``15m``, ``6h``, ``1d`` or a number.

    What is none of these is returned as it is.
    """
    unit = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}.get(every[-1:], 0)
    if not unit:
        return every
    try:
        return str(float(every[:-1]) * unit)
    except ValueError:
        return every


def span(seconds: float | str) -> str:
    """Return seconds as they are written, in the largest unit that they have whole: ``15m``."""
    seconds = float(seconds)
    units = ((86_400, "d"), (3_600, "h"), (60, "m"))
    size, unit = next((each for each in units if seconds and seconds % each[0] == 0), (1, "s"))
    return f"{seconds / size:.15g}{unit}"


class ScheduleExistsError(Exception):
    """The same schedule is there already."""


@patiently
def add(database: Database, schedule: Schedule) -> None:
    """Keep a new schedule.

    Raises:
        ScheduleExistsError: when the source has the same one already.
    """
    try:
        document = to_document(schedule)
        database.schedules.insert_one(document | {"in_force_at": schedule.added_at})
    except DuplicateKeyError:
        raise ScheduleExistsError(f"the schedule {schedule.id} is there already") from None


@patiently
def everything(database: Database) -> list[Schedule]:
    """Return all schedules, oldest first."""
    found = [from_document(Schedule, each) for each in database.schedules.find({})]
    return sorted(found, key=lambda schedule: (schedule.added_at, schedule.id))


@patiently
def find(database: Database, schedule: str) -> Schedule | None:
    """Return the schedule whose id begins so, if there is just one."""
    found = [each for each in everything(database) if each.id.startswith(schedule)]
    return found[0] if len(found) == 1 else None


@patiently
def get(database: Database, schedule: str) -> Schedule | None:
    """Return the schedule with this id."""
    found = database.schedules.find_one({"_id": schedule})
    return from_document(Schedule, found) if found else None


@patiently
def change(database: Database, schedule: str, now: datetime, **changes: Unpack[Changes]) -> None:
    """Change a schedule; what was missed before is not made up for."""
    fields = {name: to_value(value) for name, value in changes.items()} | {"in_force_at": now}
    database.schedules.update_one({"_id": schedule}, {"$set": fields})


@patiently
def mark(
    database: Database,
    schedule: str,
    mark: FileMark | None,
    now: datetime,
    **changes: Unpack[Changes],
) -> None:
    """Say what files have to do with a schedule, and change it, in one write."""
    fields = {name: to_value(value) for name, value in changes.items()}
    if fields:
        fields["in_force_at"] = now
    fields["kept_by_file"] = to_value(mark)
    database.schedules.update_one({"_id": schedule}, {"$set": fields})


@patiently
def served(database: Database, schedule: str, moment: datetime) -> None:
    """Note that the start of that moment was made or let pass."""
    database.schedules.update_one({"_id": schedule}, {"$max": {"last": moment}})


@patiently
def remove(database: Database, schedule: str) -> None:
    """Remove a schedule."""
    database.schedules.delete_one({"_id": schedule})
