"""A restored archive put in the place of the one that was there.

It is complete in collections of their own (``restoring.NAME``) and verified before the first is put in
place. From then on it is only ever gone on with: whoever opens the archive next does that.

Most indexes are created in place: the embedded server renames a collection by moving each row and each
entry of its indexes (20,000 texts' prints: 10.7 s with their index, 1.2 s without).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pymongo import IndexModel
from pymongo.database import Database
from pymongo.errors import OperationFailure

STAGING = "restoring"


def staged(name: str) -> str:
    """Return the collection in which a restored one stands until it is put in place."""
    return f"{STAGING}.{name}"


def index_of(told: Mapping[str, Any]) -> IndexModel:
    """Return an index as a backup tells it."""
    options = {name: value for name, value in told.items() if name != "key"}
    return IndexModel(list(told["key"].items()), **options)


def decide(
    database: Database[dict[str, Any]],
    names: list[str],
    indexes: Mapping[str, Sequence[Mapping[str, Any]]],
) -> None:
    """Decide that the restored collections are the archive. From here on they are, whatever happens.

    ``indexes`` are those that are created when a collection is in its place, by its name.
    """
    left = [{"of": name, "indexes": list(told)} for name, told in indexes.items() if told]
    document = {"_id": "swap", "names": names, "indexes": left}
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
    for each in decided.get("indexes", ()):
        database[each["of"]].create_indexes([index_of(told) for told in each["indexes"]])
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
