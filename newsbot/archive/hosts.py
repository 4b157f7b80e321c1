"""The hosts that are fetched from: their robots.txt, and until when they are to be left alone.

One document a host, shared by all sources that live on it and all workers that fetch from it, so
that a poll need not ask for robots.txt anew and a pause that a host asked for outlasts the run.
"""

import zlib
from contextlib import suppress
from datetime import datetime

import attrs
from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, Document, patiently
from newsbot.archive.records import from_document


@attrs.frozen(kw_only=True)
class RobotsCopy:
    """A robots.txt as it was last read, with its validators.

    ``status`` is the answer's, ``packed`` its body (see ``body``), ``read_at`` the moment it was
    last confirmed and ``fresh_until`` until when it need not be asked for. ``unread_since`` is the
    moment since which it could not be read, None where it could, and ``unread_why`` says why.
    """

    status: int = 0
    packed: bytes = b""
    etag: str = ""
    modified: str = ""
    read_at: datetime | None = None
    fresh_until: datetime | None = None
    unread_since: datetime | None = None
    unread_why: str = ""

    @property
    def body(self) -> bytes:
        """The file's own bytes."""
        return zlib.decompress(self.packed) if self.packed else b""


def pack(body: bytes) -> bytes:
    """Return a robots.txt's bytes as they are kept."""
    return zlib.compress(body, 6)


@attrs.frozen(kw_only=True)
class HostRecord:
    """One host. ``robots`` is by scheme; ``why`` says why it is left alone."""

    id: str
    robots: dict[str, RobotsCopy] = attrs.Factory(dict)
    left_alone_until: datetime | None = None
    why: str = ""


@patiently
def get(database: Database, host: str) -> HostRecord:
    """Return what is known of a host."""
    found = database.hosts.find_one({"_id": host})
    return from_document(HostRecord, found) if found else HostRecord(id=host)


@patiently
def keep_robots(database: Database, host: str, scheme: str, copy: RobotsCopy) -> None:
    """Write down a host's robots.txt."""
    fields: Document = attrs.asdict(copy)
    database.hosts.update_one({"_id": host}, {"$set": {f"robots.{scheme}": fields}}, upsert=True)


@patiently
def leave_alone(database: Database, host: str, *, until: datetime, why: str) -> None:
    """Write down until when a host is to be left alone; a longer pause that another noted stays."""
    change = {"$set": {"left_alone_until": until, "why": why}}
    shorter = {"_id": host, "left_alone_until": {"$not": {"$gte": until}}}
    with suppress(DuplicateKeyError):  # it is there, and is left alone for longer
        database.hosts.update_one(shorter, change, upsert=True)
