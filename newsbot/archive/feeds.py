"""The addresses of feeds: secrets, one for each saved search, source, alert and collection.

A feed reader sends no cookie, so whoever has a feed's address reads it: the address has 192 bits of
chance in it, is looked up by an index, and may be renewed, which ends the one before.
"""

import secrets
from datetime import UTC, datetime
from typing import Literal

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document
from newsbot.items import derived_id

Subject = Literal["search", "source", "alert", "collection"]

_BYTES = 24


@attrs.frozen(kw_only=True)
class FeedAddress:
    """Where a feed is read: ``kind`` and ``of`` say whose it is, by its id; ``made_at`` is of the token."""

    id: str
    kind: Subject
    of: str
    token: str = attrs.field(repr=False)
    made_at: datetime


def address(database: Database, kind: Subject, of: str) -> FeedAddress:
    """Return the address of a feed; it is drawn when it is asked for first."""
    return _there(database, kind, of) or _settle(
        database, kind, of, secrets.token_urlsafe(_BYTES), again=False
    )


def renew(database: Database, kind: Subject, of: str) -> FeedAddress:
    """Give a feed another address. Nothing is found at the one before from now on."""
    return _settle(database, kind, of, secrets.token_urlsafe(_BYTES), again=True)


@patiently
def _there(database: Database, kind: Subject, of: str) -> FeedAddress | None:
    found = database.feeds.find_one({"_id": derived_id("feed", kind, of)})
    return from_document(FeedAddress, found) if found else None


@patiently
def _settle(database: Database, kind: Subject, of: str, token: str, *, again: bool) -> FeedAddress:
    key = derived_id("feed", kind, of)
    drawn = {"token": token, "made_at": datetime.now(UTC)}
    whose = {"kind": kind, "of": of}
    change = {"$set": drawn, "$setOnInsert": whose} if again else {"$setOnInsert": drawn | whose}
    database.feeds.update_one({"_id": key}, change, upsert=True)
    found = database.feeds.find_one({"_id": key})
    assert found is not None  # no address is ever removed
    return from_document(FeedAddress, found)


@patiently
def find(database: Database, token: str) -> FeedAddress | None:
    """Return whose feed is read at this address; None where it is none, or none any more."""
    found = database.feeds.find_one({"token": token})
    return from_document(FeedAddress, found) if found else None
