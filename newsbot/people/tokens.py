"""Tokens: made, told apart from chance, and what they allow."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from newsbot.archive import audit, tokens, users
from newsbot.archive.connection import Database
from newsbot.archive.tokens import Token
from newsbot.archive.users import User
from newsbot.people.changing import PeopleError
from newsbot.people.roles import SCOPES, Role, allowed_by

# By which a token is found where it should not stand: in files, in logs.
PREFIX = "nb_"
_LONGEST_NAME = 64
# "Last used" is written so often at most.
_USED = timedelta(minutes=5)


def make(
    database: Database,
    user: User,
    name: str,
    scopes: tuple[str, ...],
    *,
    days: float | None,
    by: str,
) -> tuple[Token, str]:
    """Make a token of somebody's; returns it, and the token itself, which is nowhere again.

    Raises:
        PeopleError: when the name or a scope cannot be, or is above what its owner may.
    """
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise PeopleError(
            f"a token has a name that says what it is for, {_LONGEST_NAME} characters at most"
        )
    if not scopes:
        raise PeopleError(f"say what the token is for: {', '.join(SCOPES)}")
    for scope in scopes:
        if scope not in SCOPES:
            raise PeopleError(f"there is no scope {scope!r}; there are {', '.join(SCOPES)}")
        if SCOPES[scope] > Role.named(user.role):
            raise PeopleError(f"{scope!r} is more than {user.name!r} may, who is {user.role}")
    secret = PREFIX + secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    token = Token(
        id=_hashed(secret),
        name=name,
        user=user.id,
        serial=user.serial,
        scopes=tuple(each for each in SCOPES if each in scopes),
        made_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
    )
    tokens.add(database, token)
    audit.note(
        database, "token add", ids=(user.id, token.short), why=f"{name}: {' '.join(scopes)}", by=by
    )
    return token, secret


def find(database: Database, short: str, *, owner: str | None = None) -> Token:
    """Return a token by what it is called where it is removed.

    Raises:
        PeopleError: when there is none, or it is not this owner's.
    """
    for token in tokens.everything(database, owner):
        if token.short == short:
            return token
    raise PeopleError(f"there is no token {short!r}")


def remove(database: Database, token: Token, *, by: str) -> None:
    """Remove a token: it is worth nothing from now on."""
    tokens.remove(database, token)
    audit.note(database, "token remove", ids=(token.user, token.short), why=token.name, by=by)


def known(database: Database, secret: str, *, now: datetime) -> tuple[User, Role, Token] | None:
    """Return whose token it is and what it allows; None where it is nobody's any more."""
    token = tokens.find(database, _hashed(secret)) if secret.startswith(PREFIX) else None
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        return None
    user = users.find(database, token.user)
    if user is None or user.serial != token.serial:
        return None
    if token.used_at is None or now - token.used_at > _USED:
        tokens.used(database, token, now=now)
    return user, allowed_by(token.scopes, Role.named(user.role)), token


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
