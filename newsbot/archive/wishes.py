"""What people want of runs: one now, one no more, one found, one watched as it goes on.

A run that nobody holds is cancelled at once; who holds one is asked to stop, looks for that each second,
and ends it.
"""

import re
from datetime import datetime, timedelta

import attrs

from newsbot.archive.connection import Database, or_away, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.archive.runs import Cancellation, Run, active, get, give_up, request

_ID = re.compile(r"[0-9a-f]{4,}")


@attrs.frozen(kw_only=True)
class Wishes:
    """What people want of a run that is under way: that it stops; that it tells how far it is, until then."""

    cancellation: Cancellation | None = None
    watched_until: datetime | None = None


def at_once(
    database: Database, source: str, *, by: str, now: datetime
) -> tuple[Run | None, Run | None]:
    """Ask for a run of a source on behalf of a person, to be taken before all others.

    One that is queued already becomes that run. Returns it; or None, and the one that is under way.
    """
    made = request(database, source, trigger="request", occasion=f"{by} {now.isoformat()}", now=now)
    if made is not None:
        return made, None
    there = active(database, source)
    if there is not None and there.state == "queued" and hurry(database, there.id):
        return attrs.evolve(there, trigger="request"), None
    return None, there


@patiently
def hurry(database: Database, run: str) -> bool:
    """Make a queued run one that a person asks for, to be taken first. Says whether it was queued still."""
    changed = database.runs.update_one(
        {"_id": run, "active": True, "state": "queued", "lease": None},
        {"$set": {"trigger": "request", "urgent": True}},
    )
    return changed.matched_count == 1


def cancel(database: Database, run: str, *, by: str, why: str, now: datetime) -> Run | None:
    """Cancel a run; returns it as it is then, None where there is none of that id.

    One that nobody holds, since it is queued or its worker is dead, has ended when this returns. Of another
    its holder is asked to end it, and looks for that each second; asked again, it stays as asked first.
    """
    wanted = Cancellation(by=by, at=now, why=why)
    while (found := get(database, run)) is not None and not found.ended:
        said = found.cancellation or wanted
        if found.lease is None or found.lease.until < now:
            give_up(database, found, reason=said.sentence, now=now, state="cancelled")
        elif found.cancellation is not None or _ask_to_end(database, found, said):
            return attrs.evolve(found, cancellation=said)
    return found


@patiently
def _ask_to_end(database: Database, run: Run, said: Cancellation) -> bool:
    asked = database.runs.update_one(
        {"_id": run.id, "active": True, "lease.number": run.lease and run.lease.number},
        {"$set": {"cancellation": to_document(said)}},
    )
    return asked.matched_count == 1


@patiently
def watch(database: Database, run: str, *, until: datetime) -> None:
    """Have a run that is under way write down each second how far it is, until then."""
    database.runs.update_one({"_id": run, "active": True}, {"$set": {"watched_until": until}})


@or_away
def of(database: Database, run: str) -> Wishes:
    """Return what people want of a run that this process holds."""
    found = database.runs.find_one({"_id": run}, {"cancellation": 1, "watched_until": 1})
    return from_document(Wishes, found or {})


@patiently
def named(database: Database, beginning: str, *, now: datetime) -> list[Run]:
    """Return the runs whose ids begin so: among those under way and of the last day, or else among all."""
    if exactly := get(database, beginning):
        return [exactly]
    if not _ID.fullmatch(beginning):
        return []
    begins = {"_id": {"$regex": f"^{beginning}"}}
    for some in (
        {"state": {"$in": ["queued", "running"]}},
        {"requested_at": {"$gte": now - timedelta(days=1)}},
        {},
    ):
        found = [from_document(Run, each) for each in database.runs.find(some | begins)]
        if found:
            return found
    return []


@patiently
def under_way(database: Database) -> list[Run]:
    """Return the runs that are queued or running, oldest request first."""
    found = database.runs.find({"state": {"$in": ["queued", "running"]}, "active": True})
    return sorted((from_document(Run, each) for each in found), key=lambda run: run.requested_at)
