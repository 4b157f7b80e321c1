"""Hands a run to the workers: one document in the archive, which a worker takes by its lease."""

from collections.abc import Sequence
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


def dispatch_many(
    database: Database,
    wanted: Sequence[tuple[str, str, datetime]],
    *,
    trigger: Trigger,
    now: datetime,
) -> list[Run]:
    """Ask for runs of sources at once, each given by source, occasion and when it was due.

    Returns those that are new; the others are as with :func:`dispatch`.
    """
    return runs.request_many(database, wanted, trigger=trigger, now=now) if wanted else []
