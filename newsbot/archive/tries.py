"""How often somebody has tried to sign in of late, counted by name, by address and by browser.

A try is counted before its password is looked at, by comparing and setting: of many at once no more get
through than one at a time would. Counts are forgotten (a TTL index), and none closes a door for good.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, patiently


@patiently
def take(
    database: Database,
    what: str,
    *,
    now: datetime,
    pause: Callable[[int], timedelta],
    kept: timedelta,
) -> timedelta:
    """Count a try; returns how long it is too early for one, zero where it may be made now.

    ``pause`` says how long to wait after so many; ``kept`` is how long after the last try they are
    forgotten. A try that is too early is not counted.
    """
    while True:
        found = database.sign_ins.find_one({"_id": what})
        if found is not None and found["forgotten_at"] <= now:
            database.sign_ins.delete_one({"_id": what, "count": found["count"]})
            continue
        count = found["count"] if found else 0
        if found is not None and now < found["next_at"]:
            wait: timedelta = found["next_at"] - now
            return wait
        changed = {
            "count": count + 1,
            "next_at": now + pause(count + 1),
            "forgotten_at": now + kept,
        }
        if found is None:
            try:
                database.sign_ins.insert_one({"_id": what, **changed})
            except DuplicateKeyError:
                continue
            return timedelta(0)
        # As it was read: another try may have been counted meanwhile.
        done = database.sign_ins.update_one({"_id": what, "count": count}, {"$set": changed})
        if done.modified_count:
            return timedelta(0)


@patiently
def forget(database: Database, what: str) -> None:
    """Forget the tries of a name or a browser: it was its owner."""
    database.sign_ins.delete_one({"_id": what})


@patiently
def give_back(database: Database, what: str, *, now: datetime) -> None:
    """Take back the try that was counted last; those before it stay."""
    found = database.sign_ins.find_one({"_id": what})
    if found is not None and found["count"] > 0:
        database.sign_ins.update_one(
            {"_id": what, "count": found["count"]},
            {"$set": {"count": found["count"] - 1, "next_at": now}},
        )
