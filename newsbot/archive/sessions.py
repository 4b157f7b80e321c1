"""Sessions: browsers that somebody has signed in with.

What the browser holds is 256 bits of chance; kept is its hash, so that whoever reads the archive, or a
backup of it, has nobody's session. MongoDB removes those that have ended (a TTL index), some time after
they have: whether one has ended is asked at every look.
"""

import hashlib
from datetime import datetime, timedelta

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document


@attrs.frozen(kw_only=True)
class Session:
    """One session: of whom (``user``, and the ``epoch`` that it holds for), since when, until when.

    ``id`` is the hash of what the browser holds. ``last_end`` is when it ends however much it is used,
    ``ends_at`` when it ends unless it is used; ``seen_at`` is when that was written, which is not at
    every use. ``address`` and ``agent`` are where it was begun, for its owner to know it by.
    """

    id: str
    user: str
    epoch: str = attrs.field(repr=False)
    made_at: datetime
    seen_at: datetime
    ends_at: datetime
    last_end: datetime
    address: str = ""
    agent: str = ""

    @property
    def short(self) -> str:
        """What a session is called on pages: enough to tell it from others, too little to be it."""
        return self.id[:12]


def hashed(secret: str) -> str:
    """Return under what a secret of 256 bits of chance is kept; it needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


@patiently
def add(database: Database, session: Session) -> None:
    """Keep a new session."""
    database.sessions.update_one(
        {"_id": session.id}, {"$setOnInsert": to_document(session)}, upsert=True
    )


@patiently
def find(database: Database, secret: str, *, now: datetime) -> Session | None:
    """Return the session of a browser that holds this; None where there is none, or it has ended."""
    found = database.sessions.find_one({"_id": hashed(secret)})
    if found is None:
        return None
    session = from_document(Session, found)
    return session if now < min(session.ends_at, session.last_end) else None


@patiently
def seen(database: Database, session: Session, *, now: datetime, idle: timedelta) -> None:
    """Note that a session is used: it goes on for ``idle`` from now, not past its last end."""
    database.sessions.update_one(
        {"_id": session.id},
        {"$set": {"seen_at": now, "ends_at": min(now + idle, session.last_end)}},
    )


@patiently
def of(database: Database, user: str, *, now: datetime) -> list[Session]:
    """Return somebody's sessions that have not ended, those used last first."""
    found = [from_document(Session, each) for each in database.sessions.find({"user": user})]
    going = (each for each in found if now < min(each.ends_at, each.last_end))
    return sorted(going, key=lambda each: each.seen_at, reverse=True)


@patiently
def end(database: Database, session: str) -> None:
    """End a session, by its id."""
    database.sessions.delete_one({"_id": session})


@patiently
def end_all(database: Database, user: str, *, but: str = "") -> int:
    """End somebody's sessions, but that of this id; returns how many that were."""
    return database.sessions.delete_many({"user": user, "_id": {"$ne": but}}).deleted_count
