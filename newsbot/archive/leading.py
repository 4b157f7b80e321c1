"""Who leads in what one process does for all: a lease by the name of the task, taken by comparing and setting."""

from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, patiently


@patiently
def lead(database: Database, task: str, owner: str, *, seconds: float, now: datetime) -> bool:
    """Be the one who does a task for so long; False while another is. Who leads already goes on."""
    key = f"leader of {task}"
    found = database.meta.find_one({"_id": key})
    until = now + timedelta(seconds=seconds)
    if found is None:
        try:
            database.meta.insert_one({"_id": key, "owner": owner, "number": 1, "until": until})
        except DuplicateKeyError:
            return False
        return True
    if found["owner"] != owner and found["until"] > now:
        return False
    taken = database.meta.update_one(
        {"_id": key, "number": found["number"]},
        {"$set": {"owner": owner, "until": until}, "$inc": {"number": 1}},
    )
    return taken.modified_count == 1
