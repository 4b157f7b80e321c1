"""How far the replay of a WARC file has come, so that one that was stopped goes on from there."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document


@attrs.frozen(kw_only=True)
class Progress:
    """What is done of a file: all of it, or what stands before ``offset`` (bytes).

    ``id`` follows from the file and from what of it is wanted; ``file`` is its name.
    """

    id: str
    file: str
    offset: int = 0
    done: bool = False
    at: datetime


@patiently
def get(database: Database, ids: Iterable[str]) -> dict[str, Progress]:
    """Return what is done of these files, by id."""
    found = database.replays.find({"_id": {"$in": list(ids)}})
    return {each["_id"]: from_document(Progress, each) for each in found}


@patiently
def save(database: Database, progress: Progress) -> None:
    """Write down how far a file's replay is. What was done before that is in the archive."""
    document = to_document(progress)
    database.replays.replace_one({"_id": progress.id}, document, upsert=True)


@patiently
def forget(database: Database, ids: Iterable[str]) -> None:
    """Forget these files, so that their next replay begins at the beginning."""
    database.replays.delete_many({"_id": {"$in": list(ids)}})
