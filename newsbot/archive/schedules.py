"""Operators' schedules: when a source is crawled besides, or instead of, its learnt rhythm."""

from datetime import datetime
from typing import Literal

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
    ``kept_by_file`` is what files have to do with it.
    """

    id: str
    source: str
    kind: Kind
    when: str
    timezone: str = "UTC"
    paused: bool = False
    kept_by_file: FileMark | None = None
    added_at: datetime


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


class ScheduleExistsError(Exception):
    """The same schedule is there already."""


@patiently
def add(database: Database, schedule: Schedule) -> None:
    """Keep a new schedule.

    Raises:
        ScheduleExistsError: when the source has the same one already.
    """
    try:
        database.schedules.insert_one(to_document(schedule))
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
def set_paused(database: Database, schedule: str, *, paused: bool) -> None:
    """Pause or resume a schedule."""
    database.schedules.update_one({"_id": schedule}, {"$set": {"paused": paused}})


@patiently
def mark(database: Database, schedule: str, mark: FileMark | None, *, paused: bool) -> None:
    """Say what files have to do with a schedule, and whether it is paused, in one write."""
    fields = {"kept_by_file": to_value(mark), "paused": paused}
    database.schedules.update_one({"_id": schedule}, {"$set": fields})


@patiently
def remove(database: Database, schedule: str) -> None:
    """Remove a schedule."""
    database.schedules.delete_one({"_id": schedule})
