"""Tokens: what programs show instead of signing in.

Kept is a token's hash; the token itself is shown once, to who makes it.
"""

from datetime import datetime

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document


@attrs.frozen(kw_only=True)
class Token:
    """One token: ``id`` is its hash, ``user`` whose it is (``serial``: that person, none of the same name).

    ``scopes`` are of "read", "write", "operate" and "admin". ``expires_at`` None: it does not.
    ``used_at`` is the last use that was written, which not every one is.
    """

    id: str
    name: str
    user: str
    serial: str = attrs.field(repr=False)
    scopes: tuple[str, ...]
    made_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None

    @property
    def short(self) -> str:
        """What a token is called where it is removed: enough to tell it from others."""
        return self.id[:12]


@patiently
def add(database: Database, token: Token) -> None:
    """Keep a new token."""
    database.tokens.update_one({"_id": token.id}, {"$setOnInsert": to_document(token)}, upsert=True)


@patiently
def find(database: Database, hashed: str) -> Token | None:
    """Return a token by its hash, whether it has expired or not."""
    found = database.tokens.find_one({"_id": hashed})
    return from_document(Token, found) if found else None


@patiently
def everything(database: Database, user: str | None = None) -> list[Token]:
    """Return all tokens, or those of one person, the newest first."""
    asked = {} if user is None else {"user": user}
    found = (from_document(Token, each) for each in database.tokens.find(asked))
    return sorted(found, key=lambda each: each.made_at, reverse=True)


@patiently
def used(database: Database, token: Token, *, now: datetime) -> None:
    """Note when a token was used."""
    database.tokens.update_one({"_id": token.id}, {"$set": {"used_at": now}})


@patiently
def remove(database: Database, token: Token) -> None:
    """Remove a token."""
    database.tokens.delete_one({"_id": token.id})


@patiently
def remove_all(database: Database, user: str) -> int:
    """Remove somebody's tokens; returns how many that were."""
    return database.tokens.delete_many({"user": user}).deleted_count
