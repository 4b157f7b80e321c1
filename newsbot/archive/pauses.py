"""The pause of everything: while it stands, no poll and no schedule starts a run.

Runs that are under way go on, and what a person asks for by name is crawled. When it ends, sources that came
due meanwhile are polled once; what schedules would have started is left out, as with a schedule that is
paused by itself. One document of ``meta``.
"""

from datetime import datetime

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document

_KEY = {"_id": "pause"}


@attrs.frozen(kw_only=True)
class Pause:
    """Who paused everything, since when, and why (as they put it, or "")."""

    by: str
    since: datetime
    why: str = ""

    @property
    def sentence(self) -> str:
        """The same in words."""
        said = f"by {self.by} since {self.since:%Y-%m-%d %H:%M} UTC"
        return f"{said}: {self.why}" if self.why else said


@patiently
def begin(database: Database, *, by: str, why: str, now: datetime) -> Pause:
    """Pause everything; where it is paused already, that pause stands. Returns the one that stands."""
    pause = Pause(by=by, since=now, why=why)
    database.meta.update_one(_KEY, {"$setOnInsert": to_document(pause)}, upsert=True)
    return standing(database) or pause


@patiently
def end(database: Database) -> bool:
    """End the pause of everything. Says whether there was one."""
    return database.meta.delete_one(_KEY).deleted_count == 1


@patiently
def standing(database: Database) -> Pause | None:
    """Return the pause of everything; None where nothing is paused."""
    found = database.meta.find_one(_KEY)
    return from_document(Pause, found) if found else None
