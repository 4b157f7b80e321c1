"""Legal holds: what neither retention nor removal may touch, and why.

A hold is on one article, on all that a query finds, or on all of a source. It holds for what comes
later as well: whether an article is held is asked when something is about to happen to it. What a hold
covers is decided in ``newsbot/keeping/holding.py``.
"""

from datetime import datetime
from typing import Literal

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.items import derived_id

Kind = Literal["article", "query", "source"]


@attrs.frozen(kw_only=True)
class Hold:
    """A hold on ``what``: an article's id, a query, or a source's id. ``by`` is who set it, ``at`` when."""

    id: str
    kind: Kind
    what: str
    reason: str
    by: str
    at: datetime


def hold_id(kind: Kind, what: str) -> str:
    """Return the id of the hold on this; there is at most one."""
    return derived_id("hold", kind, what)


@patiently
def add(database: Database, hold: Hold) -> bool:
    """Keep a hold. False: there is one on the same already, and it stays as it is."""
    done = database.holds.update_one(
        {"_id": hold.id}, {"$setOnInsert": to_document(hold)}, upsert=True
    )
    return done.upserted_id is not None


@patiently
def everything(database: Database) -> list[Hold]:
    """Return all holds, oldest first."""
    found = [from_document(Hold, each) for each in database.holds.find({})]
    return sorted(found, key=lambda hold: (hold.at, hold.id))


@patiently
def remove(database: Database, hold: str) -> Hold | None:
    """Lift a hold; returns it, or None where there is none of that id."""
    found = database.holds.find_one({"_id": hold})
    if found is None:
        return None
    database.holds.delete_one({"_id": hold})
    return from_document(Hold, found)
