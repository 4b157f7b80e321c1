"""How many messages an alert has sent at once on a day: those that it may send at most, and no more.

One document a day and alert names what went out, so that whoever asks for the same again is answered the
same, and of several workers that ask at once no more get a yes than there may be.
"""

from datetime import date, timedelta

from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, patiently

# In the west it is still the day before, and an article may wait on disk.
_KEPT = timedelta(days=7)


@patiently
def take(database: Database, alert: str, day: date, what: str, *, most: int) -> bool:
    """Say whether this may go out at once on a day of which ``most`` may, and count it in."""
    name = f"{day} {alert}"
    while True:
        found = database.allowances.find_one({"_id": name})
        count = found["count"] if found else 0
        if found and what in found["told"]:
            return True
        if count >= most:
            return False
        if found is None:
            try:
                database.allowances.insert_one({"_id": name, "count": 1, "told": [what]})
            except DuplicateKeyError:
                continue  # another worker's was the first of the day
            return True
        # As it was read: another worker may have counted one in meanwhile.
        changed = database.allowances.update_one(
            {"_id": name, "count": count}, {"$set": {"count": count + 1}, "$push": {"told": what}}
        )
        if changed.modified_count:
            return True


@patiently
def prune(database: Database, *, today: date) -> int:
    """Forget the days that nobody asks for any more; returns how many documents that were."""
    return database.allowances.delete_many({"_id": {"$lt": f"{today - _KEPT} "}}).deleted_count
