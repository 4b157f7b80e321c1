"""The ledger of collecting: for each source and day, in which hours its runs ended well, or did not.

Runs are many (a source is asked some hundred times a day), and whoever draws a chart has to know of each
day whether a fall in it is only that nothing was read. So each run that ends adds a bit for its hours to
one document a source and month; adding it again changes nothing. It is written before the run is ended:
a process that dies in between leaves the run to another, which ends it again.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import attrs

from newsbot.archive.connection import Database, Document, patiently

# A run that took longer has its last days noted alone.
_LONGEST = timedelta(days=7)
_HOUR = timedelta(hours=1)
_REASON = 200  # characters
# What a run counts of the articles that it could read, and what says that it could not.
_READ = ("new", "edited", "known", "duplicate", "completed", "removed", "doubtful")
_NOT_READ = ("refused", "failed")
_NO_LOSS = "refused_in_browser"
# The collection's own document that says that the runs of before the ledger are in it.
_FILLED = "filled"


@attrs.frozen(kw_only=True)
class SourceDay:
    """How the runs of a source fared on a day (UTC): bit 0 is the hour from midnight.

    ``why`` is the last reason for which one failed.
    """

    well: int = 0
    failed: int = 0
    why: str = ""

    def joined(self, other: "SourceDay") -> "SourceDay":
        """Return what both say, of two records that are one source's."""
        return SourceDay(
            well=self.well | other.well,
            failed=self.failed | other.failed,
            why=self.why or other.why,
        )


def note(
    database: Database,
    source: str,
    state: str,
    *,
    reason: str,
    counters: Mapping[str, int],
    started: datetime | None,
    ended: datetime,
) -> None:
    """Note a run that ends in this state. May be repeated; waits for nobody: its caller does."""
    well, why = fared(state, reason, counters)
    begun = max(started or ended, ended - _LONGEST) if well else ended
    changes: dict[str, Document] = {}
    for day, bits in _hours(begun, ended).items():
        name = f"days.{day.day}"
        change = changes.setdefault(_key(day, source), {"$bit": {}})
        change["$bit"][f"{name}.{'well' if well else 'failed'}"] = {"or": bits}
        if not well:
            change["$set"] = {f"{name}.why": why}
    for key, change in changes.items():
        database.coverage.update_one({"_id": key}, change, upsert=True)


def fared(state: str, reason: str, counters: Mapping[str, int]) -> tuple[bool, str]:
    """Say whether a run ended well, and if not, why."""
    if state != "done":
        return False, (reason or state)[:_REASON]
    lost = sum(
        count
        for name, count in counters.items()
        if name.split("_")[0] in _NOT_READ and name != _NO_LOSS
    )
    # Of an entry point that failed the others tell; where all did, the run has failed.
    lost -= counters.get("ways_failed", 0)
    if lost > 0 and not any(counters.get(name) for name in _READ):
        return False, f"none of {lost} pages could be read"
    return True, ""


def _hours(begun: datetime, ended: datetime) -> dict[date, int]:
    """Return the hours of a time, as bits by day."""
    moment = begun.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    last = ended.astimezone(UTC)
    found: dict[date, int] = {}
    while moment <= last:
        found[moment.date()] = found.get(moment.date(), 0) | 1 << moment.hour
        moment += _HOUR
    return found


def _key(day: date, source: str) -> str:
    # A range of months is a range of ids: no further index is needed.
    return f"{day:%Y-%m} {source}"


@patiently
def between(database: Database, first: date, last: date) -> dict[str, dict[date, SourceDay]]:
    """Return how the sources' runs fared from a day to another, by source and day."""
    _fill(database)
    months = {"_id": {"$gte": f"{first:%Y-%m}", "$lt": f"{last:%Y-%m}~"}}
    found: dict[str, dict[date, SourceDay]] = {}
    for each in database.coverage.find(months):
        month, _, source = each["_id"].partition(" ")
        for number, said in each["days"].items():
            day = date(int(month[:4]), int(month[5:]), int(number))
            if first <= day <= last:
                found.setdefault(source, {})[day] = SourceDay(
                    well=said.get("well", 0),
                    failed=said.get("failed", 0),
                    why=said.get("why", ""),
                )
    return found


@patiently
def of(database: Database, source: str, first: date, last: date) -> dict[date, SourceDay]:
    """Return how one source's runs fared from a day to another."""
    keys = sorted({_key(day, source) for day in (first, last)})
    found: dict[date, SourceDay] = {}
    for each in database.coverage.find({"_id": {"$in": keys}}):
        month = each["_id"].partition(" ")[0]
        for number, said in each["days"].items():
            day = date(int(month[:4]), int(month[5:]), int(number))
            if first <= day <= last:
                found[day] = SourceDay(well=said.get("well", 0), failed=said.get("failed", 0))
    return found


def _fill(database: Database) -> None:
    """Note the runs that ended before there was a ledger; once, and again where that was cut off."""
    if database.coverage.find_one({"_id": _FILLED}):
        return
    wanted = {
        "source": 1,
        "state": 1,
        "reason": 1,
        "counters": 1,
        "started_at": 1,
        "finished_at": 1,
    }
    for each in database.runs.find({"finished_at": {"$ne": None}}, wanted):
        note(
            database,
            each["source"],
            each["state"],
            reason=each.get("reason", ""),
            counters=each.get("counters", {}),
            started=each.get("started_at"),
            ended=each["finished_at"],
        )
    database.coverage.update_one({"_id": _FILLED}, {"$set": {"days": {}}}, upsert=True)
