"""Runs that are over, forgotten in time: of a busy archive they are more than its articles.

A poll that found nothing, which is most of them, is kept for a day; every other run for a time that is set. What
runs taught stays: how sources stand, in which hours they were read, and since when a source is crawled at all.

Each look begins where the one before ended (``meta``), so that it costs what there is to forget.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Event

from pymongo import UpdateOne

from newsbot.archive.connection import Database, Document, patiently

EMPTY_KEPT = timedelta(days=1)
# Runs of so long a time are looked at together, so many times a look, and so many forgotten at once.
_TOGETHER, _LOOKS, _AT_ONCE = timedelta(minutes=10), 1_000, 100
# Pause (seconds) after each lot: others have the database, too.
_PAUSE = 0.02
# What a run that found nothing may have counted.
_NOTHING = frozenset(
    {"requests", "bytes", "entry_points", "unchanged", "known", "links", "waiting"}
)
_READ = {"source": 1, "state": 1, "trigger": 1, "counters": 1, "finished_at": 1, "requested_at": 1}


def prune(database: Database, *, now: datetime, keep: timedelta, stop: Event) -> int:
    """Forget what is old; returns how many runs. Runs that are not over are never forgotten."""
    return _forget(database, "empty", now - EMPTY_KEPT, stop) + _forget(
        database, "all", now - max(keep, EMPTY_KEPT), stop
    )


def _forget(database: Database, what: str, until: datetime, stop: Event) -> int:
    begin, count = _reached(database, what), 0
    if begin is None and (begin := _oldest(database)):
        _reach(database, what, begin)
    for _ in range(_LOOKS):
        if begin is None or begin >= until or stop.is_set():
            break
        end = min(begin + _TOGETHER, until)
        over = [each for each in _of(database, begin, end) if each.get("finished_at")]
        gone = [each for each in over if what == "all" or _empty(each)]
        for at in range(0, len(gone), _AT_ONCE):
            _drop(database, gone[at : at + _AT_ONCE])
            if stop.wait(_PAUSE):
                return count
        count += len(gone)
        # What is empty of time is passed over at once.
        begin = end if over else _first_since(database, end, until)
        _reach(database, what, begin)
    return count


def _empty(run: Document) -> bool:
    counted = (name for name, count in run.get("counters", {}).items() if count)
    return run["state"] == "done" and run["trigger"] == "poll" and _NOTHING.issuperset(counted)


@patiently
def _reached(database: Database, what: str) -> datetime | None:
    found = database.meta.find_one({"_id": "old runs"}) or {}
    reached: datetime | None = found.get(what)
    return reached


@patiently
def _reach(database: Database, what: str, moment: datetime) -> None:
    database.meta.update_one({"_id": "old runs"}, {"$set": {what: moment}}, upsert=True)


@patiently
def _oldest(database: Database) -> datetime | None:
    found = list(database.runs.find({}, {"requested_at": 1}).sort("requested_at", 1).limit(1))
    return found[0]["requested_at"] if found else None


@patiently
def _first_since(database: Database, begin: datetime, until: datetime) -> datetime:
    """Return when the first run after a moment was asked for, looking further and further."""
    far = _TOGETHER
    while begin < until:
        end = min(begin + far, until)
        within = {"requested_at": {"$gte": begin, "$lt": end}}
        found: datetime | None = min(
            (each["requested_at"] for each in database.runs.find(within, {"requested_at": 1})),
            default=None,
        )
        if found is not None:
            return found
        begin, far = end, far * 4
    return until


@patiently
def _of(database: Database, begin: datetime, end: datetime) -> list[Document]:
    return list(database.runs.find({"requested_at": {"$gte": begin, "$lt": end}}, _READ))


@patiently
def _drop(database: Database, some: Iterable[Document]) -> None:
    """Forget runs; since when their sources are crawled is written down before."""
    since: dict[str, datetime] = {}
    gone = list(some)
    for each in gone:
        if each["state"] == "done" and each["trigger"] != "backfill":
            ended = each["finished_at"]
            since[each["source"]] = min(ended, since.get(each["source"], ended))
    if since:
        database.sources.bulk_write(
            [
                UpdateOne({"_id": name}, {"$min": {"crawled_since": at}})
                for name, at in since.items()
            ],
            ordered=False,
        )
    database.runs.delete_many({"_id": {"$in": [each["_id"] for each in gone]}})
