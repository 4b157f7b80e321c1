"""Who did what to the record, and why: entries that are only ever added.

An entry names articles, sources and holds by their ids; no text of an article is ever in it.
"""

import os
import pwd
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document


@attrs.frozen(kw_only=True)
class Entry:
    """One thing that was done: by whom (the system's user), when, why, and to what, by ids.

    ``action`` is what was done, as "remove" or "hold add"; ``counts`` says how much of what it met.
    """

    id: str
    at: datetime
    by: str
    action: str
    why: str = ""
    ids: tuple[str, ...] = ()
    counts: Mapping[str, int] = attrs.Factory(dict)


def acting_user() -> str:
    """Return the user of this process by the system's own record, and who became that by sudo."""
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:  # a container's user need have no entry
        name = f"uid {number}"
    through = os.environ.get("SUDO_USER") if number == 0 else None
    return f"{name} (sudo: {through})" if through else name


def note(
    database: Database,
    action: str,
    *,
    why: str = "",
    ids: Sequence[str] = (),
    counts: Mapping[str, int] | None = None,
    by: str = "",
) -> Entry:
    """Add an entry; it is on disk when this returns."""
    entry = Entry(
        id=uuid4().hex[:24],
        at=datetime.now(UTC),
        by=by or acting_user(),
        action=action,
        why=why,
        ids=tuple(ids),
        counts=dict(counts or {}),
    )
    _add(database, entry)
    return entry


@patiently
def _add(database: Database, entry: Entry) -> None:
    # Drawn once and written again where an answer was lost: the same entry, not another.
    document = to_document(entry)
    database.audit.update_one({"_id": entry.id}, {"$setOnInsert": document}, upsert=True)


@patiently
def latest(database: Database, *, since: datetime, at_most: int = 100) -> list[Entry]:
    """Return the newest entries since then, newest first."""
    found = database.audit.find({"at": {"$gte": since}}).sort("at", -1).limit(at_most)
    return [from_document(Entry, each) for each in found]


@patiently
def before(
    database: Database,
    moment: datetime,
    *,
    last: str = "",
    by: str = "",
    action: str = "",
    at_most: int = 100,
) -> list[Entry]:
    """Return entries until a moment, newest first, behind the one of the id ``last`` of that moment.

    ``by`` and ``action`` leave those of others out: a name, and how an action begins ("user" is of all that
    is done to people). Time is looked through in steps that grow, so that the newest of a long record are
    found without the rest.
    """
    wanted: dict[str, Any] = {"by": by} if by else {}
    if action:
        wanted["action"] = {"$regex": f"^{re.escape(action)}( |$)"}
    found: list[Entry] = []
    until, step = moment, _FIRST_STEP
    oldest = _oldest(database)
    while oldest is not None and len(found) < at_most and until >= oldest:
        since = until - step
        within = (
            {"$gte": since, "$lte": until} if until == moment else {"$gte": since, "$lt": until}
        )
        entries = [
            from_document(Entry, each) for each in database.audit.find(wanted | {"at": within})
        ]
        entries.sort(key=lambda each: (each.at, each.id), reverse=True)
        found += [each for each in entries if not last or (each.at, each.id) < (moment, last)]
        until, step = since, min(step * 2, _LONGEST_STEP)
    return found[:at_most]


_FIRST_STEP, _LONGEST_STEP = timedelta(days=1), timedelta(days=366)


def _oldest(database: Database) -> datetime | None:
    found = list(database.audit.find({}, {"at": 1}).sort("at", 1).limit(1))
    return found[0]["at"] if found else None


@patiently
def about(database: Database, key: str) -> list[Entry]:
    """Return all entries about an article, source or hold, newest first."""
    found = database.audit.find({"ids": key})
    return sorted((from_document(Entry, each) for each in found), key=lambda e: e.at, reverse=True)
