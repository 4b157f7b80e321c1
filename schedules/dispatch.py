"""Hands a run to the workers: one document in the archive, which a worker takes by its lease."""

from datetime import UTC, datetime

from newsbot.archive import runs
from newsbot.archive.connection import Database
from newsbot.archive.runs import Run, Trigger


def dispatch(database: Database, source: str, *, trigger: Trigger, occasion: str) -> Run | None:
    """Ask for a run of a source.

    The occasion names the reason once and for all (a due time, a request): asked for again it is
    the same run. Returns None where the source is being crawled already or that run was had.
    """
    return runs.request(database, source, trigger=trigger, occasion=occasion, now=datetime.now(UTC))
