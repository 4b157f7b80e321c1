"""A restored archive put in the place of the one that was there.

It is complete in collections of their own (``restoring.NAME``) and verified before the first is put in
place. From then on it is only ever gone on with: whoever opens the archive next does that.
"""

from contextlib import suppress
from typing import Any

from pymongo.database import Database
from pymongo.errors import OperationFailure

STAGING = "restoring"


def staged(name: str) -> str:
    """Return the collection in which a restored one stands until it is put in place."""
    return f"{STAGING}.{name}"


def decide(database: Database[dict[str, Any]], names: list[str]) -> None:
    """Decide that the restored collections are the archive. From here on they are, whatever happens."""
    document = {"_id": "swap", "names": names}
    database[STAGING].replace_one({"_id": "swap"}, document, upsert=True)


def go_on(database: Database[dict[str, Any]]) -> bool:
    """Put restored collections in place, if that was decided and is not done. Returns whether it was."""
    decided = database[STAGING].find_one({"_id": "swap"})
    if decided is None:
        return False
    there = set(database.list_collection_names())
    for name in decided["names"]:
        if staged(name) in there:
            with suppress(OperationFailure):  # another process was faster
                database[staged(name)].rename(name, dropTarget=True)
    for name in there:
        if not name.startswith((STAGING, "system.")) and name not in decided["names"]:
            database.drop_collection(name)  # the backup had none of that name
    left = [name for name in database.list_collection_names() if name.startswith(f"{STAGING}.")]
    if not any(name in left for name in map(staged, decided["names"])):
        database.drop_collection(STAGING)
    return True


def clear(database: Database[dict[str, Any]]) -> None:
    """Drop what a restore that was broken off before it was decided has left."""
    for name in database.list_collection_names():
        if name.startswith(f"{STAGING}."):
            database.drop_collection(name)
