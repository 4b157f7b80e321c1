"""Runs: one crawl of one source each, and the leases that keep them apart.

A run is *active* while it is queued or running; a unique index allows one active run a source.
Whoever runs it holds its lease: an owner, a number that only grows, a deadline. A lease is taken by
comparing and setting: the update names the number that was read, so that two takers cannot both
succeed. Its holder renews it at a third of its time, and lets no request leave after the deadline
that it could not renew.

What a person asked for by name is *urgent* while it is queued, and is taken first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import attrs
from pymongo.errors import BulkWriteError, DuplicateKeyError

from newsbot.archive import coverage, standings
from newsbot.archive.connection import DUPLICATE_KEY, Database, Document, or_away, patiently
from newsbot.archive.newest import Behind, newest
from newsbot.archive.records import from_document, to_document
from newsbot.items import derived_id
from newsbot.standing import NOTHING, Brought

State = Literal["queued", "running", "done", "failed", "cancelled", "lost"]
Trigger = Literal["request", "schedule", "poll", "backfill"]

# What a run is in while its source can have no other.
ACTIVE: tuple[State, ...] = ("queued", "running")
# A run whose worker died this often is given up as lost.
ATTEMPTS = 20


@attrs.frozen(kw_only=True)
class Lease:
    """Who may run a run, and until when. ``number`` grows with every taking."""

    owner: str
    number: int
    until: datetime


@attrs.frozen(kw_only=True)
class Cancellation:
    """That a run is not to go on: who said so, when, and why (as they put it, or "")."""

    by: str
    at: datetime
    why: str = ""

    @property
    def sentence(self) -> str:
        """The same as a run's reason."""
        return f"by {self.by}: {self.why}" if self.why else f"by {self.by}"


@attrs.frozen(kw_only=True)
class Run:
    """One crawl of one source.

    ``counters`` counts requests, bytes, articles new, edited and known, and pages refused or failed by
    cause, over all its workers. ``reason`` says in words why a run failed, was cancelled or lost.
    ``log`` is the tail of what it said. ``attempt`` is how many workers took it and did not hand it back.
    ``due_at`` is when it was due, of a poll or a schedule's run.
    """

    id: str
    source: str
    state: State
    trigger: Trigger
    requested_at: datetime
    due_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempt: int = 0
    lease: Lease | None = None
    counters: dict[str, int] = attrs.Factory(dict)
    reason: str = ""
    log: tuple[str, ...] = ()
    cancellation: Cancellation | None = None

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.state not in ("queued", "running")


@patiently
def request(
    database: Database, source: str, *, trigger: Trigger, occasion: str, now: datetime
) -> Run | None:
    """Queue a run of a source for an occasion (a due time, say); a person's own request is urgent.

    Returns None where a run of the source is active already, or the occasion was served: the
    request is then one with it.
    """
    run = Run(
        id=derived_id("run", source, occasion),
        source=source,
        state="queued",
        trigger=trigger,
        requested_at=now,
    )
    urgent = {"urgent": True} if trigger == "request" else {}
    try:
        database.runs.insert_one(to_document(run) | {"active": True} | urgent)
    except DuplicateKeyError:
        return None
    return run


@patiently
def request_many(
    database: Database,
    wanted: Sequence[tuple[str, str, datetime]],
    *,
    trigger: Trigger,
    now: datetime,
) -> list[Run]:
    """Queue runs of sources at once, each for an occasion and the moment when it was due.

    Returns those that were queued. One of a source that is crawled already, or whose occasion was served, is
    one with that, as in :func:`request`.
    """
    made = [
        Run(
            id=derived_id("run", source, occasion),
            source=source,
            state="queued",
            trigger=trigger,
            requested_at=now,
            due_at=due_at,
        )
        for source, occasion, due_at in wanted
    ]
    refused: set[int] = set()
    try:
        database.runs.insert_many(
            [to_document(each) | {"active": True} for each in made], ordered=False
        )
    except BulkWriteError as error:
        if any(each["code"] != DUPLICATE_KEY for each in error.details["writeErrors"]):
            raise
        refused = {each["index"] for each in error.details["writeErrors"]}
    return [each for place, each in enumerate(made) if place not in refused]


@patiently
def queued(database: Database, *, at_most: int) -> int:
    """Return how many runs no worker has begun, counted up to ``at_most``."""
    return database.runs.count_documents({"state": "queued"}, limit=at_most)


@patiently
def active(database: Database, source: str) -> Run | None:
    """Return the source's queued or running run."""
    found = database.runs.find_one({"source": source, "active": True})
    return from_document(Run, found) if found else None


@patiently
def get(database: Database, run: str) -> Run | None:
    """Return a run by its id."""
    found = database.runs.find_one({"_id": run})
    return from_document(Run, found) if found else None


@patiently
def several(database: Database, ids: Sequence[str]) -> list[Run]:
    """Return runs by their ids, those that there are; for a few."""
    return [from_document(Run, each) for each in database.runs.find({"_id": {"$in": list(ids)}})]


@patiently
def ended_well(database: Database, source: str, *, before: datetime) -> datetime | None:
    """Return when a run of the source had ended well before that moment; None where none had.

    A walk back in time is none. It looks at the last day's first: a source that is polled has many. Of runs
    that were forgotten the source's record says when the first of them ended.
    """
    wanted = {"state": 1, "trigger": 1, "finished_at": 1}
    for since in (before - timedelta(days=1), datetime.min.replace(tzinfo=before.tzinfo)):
        asked = {"source": source, "requested_at": {"$gte": since, "$lt": before}}
        ended = [
            each["finished_at"]
            for each in database.runs.find(asked, wanted)
            if each["state"] == "done" and each["trigger"] != "backfill"
        ]
        if (first := min(ended, default=before)) < before:
            return first
    crawled = database.sources.find_one({"_id": source}, {"crawled_since": 1}) or {}
    forgotten: datetime | None = crawled.get("crawled_since")
    return forgotten if forgotten and forgotten < before else None


@patiently
def under_way(database: Database, source: str, moment: datetime) -> Run | None:
    """Return the run of a source that was under way at a moment, of those begun in the week before it."""
    asked = {"$gte": moment - timedelta(days=7), "$lte": moment}
    found = database.runs.find({"source": source, "requested_at": asked}, {"log": 0})
    going = [
        run
        for each in found
        if (run := from_document(Run, each)).started_at
        and run.started_at <= moment
        and (run.finished_at is None or run.finished_at >= moment)
    ]
    return max(going, key=lambda run: run.requested_at, default=None)


@patiently
def claimable(
    database: Database,
    now: datetime,
    *,
    at_most: int,
    paused: bool = False,
    urgent_alone: bool = False,
) -> list[Run]:
    """Return active runs that nobody holds: what people asked for first, then the oldest request.

    While everything is ``paused``, those alone that people asked for, and those that had been begun.
    """
    found = _unheld(database, now, at_most, paused=paused, urgent_alone=urgent_alone)
    return [from_document(Run, each) for each in found]


@patiently
def claimable_ids(
    database: Database, now: datetime, *, at_most: int, paused: bool = False
) -> list[tuple[str, int]]:
    """Return the same runs as ids, each with the number of the lease that it had last; 0 for none."""
    wanted = {"requested_at": 1, "lease.number": 1}
    found = _unheld(database, now, at_most, paused=paused, wanted=wanted)
    return [(each["_id"], (each.get("lease") or {}).get("number", 0)) for each in found]


def _unheld(
    database: Database,
    now: datetime,
    at_most: int,
    *,
    paused: bool,
    urgent_alone: bool = False,
    wanted: Document | None = None,
) -> list[Document]:
    urgent: Document = {"urgent": True, "active": True, "lease": None}
    found = list(database.runs.find(urgent, wanted).sort("requested_at", 1).limit(at_most))
    if not urgent_alone:
        free = {
            "state": "running" if paused else {"$in": list(ACTIVE)},
            "active": True,
            "$or": [{"lease": None}, {"lease.until": {"$lt": now}}],
        }
        found += database.runs.find(free, wanted).sort("requested_at", 1).limit(at_most)
    return list({each["_id"]: each for each in found}.values())[:at_most]


@patiently
def take(database: Database, run: Run, *, owner: str, seconds: float, now: datetime) -> Run | None:
    """Take the lease of a run as it was read. Returns the run as held, None if another was faster.

    Taking it again under the same owner's number (after an answer that was lost) succeeds.
    """
    number = run.lease.number + 1 if run.lease else 1
    lease = Lease(owner=owner, number=number, until=now + timedelta(seconds=seconds))
    held: Document = {"lease.number": run.lease.number} if run.lease else {"lease": None}
    changed = database.runs.update_one(
        {"_id": run.id, "active": True, **held},
        {
            "$set": {
                "state": "running",
                "started_at": run.started_at or now,
                "attempt": run.attempt + 1,
                "lease": to_document(lease),
            },
            "$unset": {"urgent": 1},
        },
    )
    if changed.modified_count == 0 and not _holds(database, run.id, lease):
        return None
    return attrs.evolve(
        run,
        state="running",
        started_at=run.started_at or now,
        attempt=run.attempt + 1,
        lease=lease,
    )


def _holds(database: Database, run: str, lease: Lease) -> bool:
    mine = {"_id": run, "lease.owner": lease.owner, "lease.number": lease.number}
    return database.runs.find_one(mine, {"_id": 1}) is not None


@or_away
def renew(
    database: Database,
    run: Run,
    *,
    seconds: float,
    now: datetime,
    counters: Mapping[str, int],
    log: tuple[str, ...],
) -> bool:
    """Renew the lease that this run holds, and write down how far it is.

    Returns False when the lease is another's by now or the run was ended by someone: stop then.
    It is not retried here: whoever holds a lease has its deadline to watch.
    """
    lease = _lease_of(run)
    changed = database.runs.update_one(
        {"_id": run.id, "active": True, "lease.number": lease.number, "lease.owner": lease.owner},
        {
            "$set": {
                "lease.until": now + timedelta(seconds=seconds),
                "counters": dict(counters),
                "log": list(log),
            }
        },
    )
    return changed.matched_count == 1


@patiently
def finish(
    database: Database,
    run: Run,
    *,
    state: State,
    reason: str = "",
    now: datetime,
    counters: Mapping[str, int],
    log: tuple[str, ...] = (),
    brought: Brought = NOTHING,
    address: str = "",
    ours: bool = False,
) -> bool:
    """End a run, if its lease is still the one held. Says whether it was.

    ``brought`` is what it brought and ``address`` what IP address answered. ``ours`` says that its failure
    is no fault of the source's.
    """
    lease = _lease_of(run)
    coverage.note(
        database,
        run.source,
        state,
        reason=reason,
        counters=counters,
        started=run.started_at,
        ended=now,
    )
    if state != "cancelled" and not ours:
        well, why = coverage.fared(state, reason, counters)
        standings.note(
            database,
            run.source,
            mark=f"{run.id} {lease.number}",
            at=now,
            well=well,
            trouble=why,
            brought=brought,
            address=address,
        )
    changed = database.runs.update_one(
        {"_id": run.id, "active": True, "lease.number": lease.number, "lease.owner": lease.owner},
        {
            "$set": {
                "state": state,
                "reason": reason,
                "finished_at": now,
                "counters": dict(counters),
                "log": list(log),
            },
            "$unset": {"active": 1, "lease": 1},
        },
    )
    return changed.matched_count == 1


@patiently
def hand_back(
    database: Database,
    run: Run,
    *,
    counters: Mapping[str, int] | None = None,
    log: tuple[str, ...] | None = None,
) -> None:
    """Give up the lease of a run that was not finished, for another worker to take at once.

    It has done nothing wrong: it does not count among the workers that died of the run.
    """
    lease = _lease_of(run)
    told: Document = {} if counters is None else {"counters": dict(counters)}
    told |= {} if log is None else {"log": list(log)}
    database.runs.update_one(
        {"_id": run.id, "active": True, "lease.number": lease.number, "lease.owner": lease.owner},
        {
            "$set": {
                "lease.until": datetime.fromtimestamp(0, tz=lease.until.tzinfo),
                "attempt": max(0, run.attempt - 1),
                **told,
            }
        },
    )


@patiently
def give_up(
    database: Database, run: Run, *, reason: str, now: datetime, state: State = "lost"
) -> bool:
    """End a run that nobody holds, as it was read: as lost, or as cancelled. Says whether it was still so."""
    held: Document = {"lease.number": run.lease.number} if run.lease else {"lease": None}
    coverage.note(database, run.source, state, reason=reason, counters={}, started=None, ended=now)
    changed = database.runs.update_one(
        {"_id": run.id, "active": True, **held},
        {
            "$set": {"state": state, "reason": reason, "finished_at": now},
            "$unset": {"active": 1, "lease": 1, "urgent": 1},
        },
    )
    return changed.matched_count == 1


@patiently
def latest(
    database: Database,
    *,
    since: datetime,
    source: str | None = None,
    behind: Behind | None = None,
    at_most: int = 50,
) -> list[Run]:
    """Return the newest runs requested since then, newest first; or those behind one."""
    of: Document = {"source": source} if source else {}
    found = newest(database.runs, of, "requested_at", since=since, behind=behind, at_most=at_most)
    return [from_document(Run, each) for each in found]


def _lease_of(run: Run) -> Lease:
    if run.lease is None:
        raise ValueError(f"run {run.id} holds no lease")
    return run.lease
