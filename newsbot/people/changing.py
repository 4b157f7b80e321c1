"""People, changed by people: added, given another role or password, removed; each of it on record.

There is always an admin: the first person is one, and the last one stays one.
"""

import re
import secrets
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime

import attrs

from newsbot.archive import audit, sessions, tokens, tries, users
from newsbot.archive.connection import Database
from newsbot.archive.users import User
from newsbot.people import passwords
from newsbot.people.roles import ROLES, Role

LONGEST_NAME = 64
# Letters of any script, digits, and what stands in names and addresses.
_NAME = re.compile(r"[\w@+.'’-]+( [\w@+.'’-]+)*")


class PeopleError(Exception):
    """What cannot be done to people; the text says what and why."""


class LastAdminError(PeopleError):
    """It would leave nobody who may see to people."""


def key_of(name: str) -> str:
    """Return under what a name is kept: names that differ in case alone are one."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


def find(database: Database, name: str) -> User:
    """Return a person by name.

    Raises:
        PeopleError: when there is none.
    """
    found = users.find(database, key_of(name))
    if found is None:
        raise PeopleError(f"there is nobody called {name!r}")
    return found


def add(database: Database, name: str, *, role: str, password: str, by: str) -> User:
    """Add a person.

    Raises:
        PeopleError: when the name, the role or the password cannot be, or the first one is no admin.
    """
    name = _name(name)
    role = _role(role)
    kept = _hashed(password, name)
    if role != users.ADMIN and not users.any_there(database):
        raise PeopleError(
            "the first one has to be an admin, or nobody could add others; use the role admin"
        )
    user = User(
        id=key_of(name),
        name=name,
        role=role,
        password=kept,
        serial=secrets.token_hex(8),
        epoch=secrets.token_hex(8),
        made_at=datetime.now(UTC),
        by=by,
    )
    if not users.add(database, user):
        raise PeopleError(f"there is somebody called {name!r} already")
    if role == users.ADMIN:
        users.count_as_admin(database, user.id)
    audit.note(database, "user add", ids=(user.id,), why=role, by=by)
    return user


def set_role(database: Database, name: str, role: str, *, by: str) -> User:
    """Give somebody another role; all sessions of theirs end, and tokens allow no more than it.

    Raises:
        PeopleError: when there is nobody of that name, or it is the last admin.
    """
    role = _role(role)
    user = find(database, name)
    if user.role == role:
        return user
    if role == users.ADMIN:
        users.count_as_admin(database, user.id)
    else:
        _not_the_last(database, user)
    changed = _change(
        database, user, lambda now: attrs.evolve(now, role=role, epoch=secrets.token_hex(8))
    )
    sessions.end_all(database, user.id)
    audit.note(database, "user role", ids=(user.id,), why=f"{user.role} → {role}", by=by)
    return changed


def set_password(database: Database, name: str, password: str, *, by: str) -> User:
    """Give somebody another password; all sessions of theirs end.

    Raises:
        PeopleError: when there is nobody of that name, or the password cannot be.
    """
    user = find(database, name)
    kept = _hashed(password, user.name)
    changed = _change(
        database, user, lambda now: attrs.evolve(now, password=kept, epoch=secrets.token_hex(8))
    )
    sessions.end_all(database, user.id)
    tries.forget(database, f"name {user.id}")
    audit.note(database, "user password", ids=(user.id,), by=by)
    return changed


def remove(database: Database, name: str, *, by: str) -> User:
    """Remove a person, with tokens and sessions; what was done by that name stays on record.

    Raises:
        PeopleError: when there is nobody of that name, or it is the last admin.
    """
    user = find(database, name)
    _not_the_last(database, user)
    tokens.remove_all(database, user.id)
    users.remove(database, user)
    sessions.end_all(database, user.id)
    audit.note(database, "user remove", ids=(user.id,), by=by)
    return user


def end_sessions(database: Database, name: str, *, by: str) -> int:
    """End all of somebody's sessions; returns how many went on.

    Raises:
        PeopleError: when there is nobody of that name.
    """
    user = find(database, name)
    ended = len(sessions.of(database, user.id, now=datetime.now(UTC)))
    _change(database, user, lambda now: attrs.evolve(now, epoch=secrets.token_hex(8)))
    sessions.end_all(database, user.id)
    audit.note(database, "user end-sessions", ids=(user.id,), counts={"sessions": ended}, by=by)
    return ended


def without_codes(database: Database, name: str, *, by: str) -> User:
    """Take somebody's one-time codes away, who has lost what makes them.

    Raises:
        PeopleError: when there is nobody of that name.
    """
    user = find(database, name)
    changed = _change(
        database, user, lambda now: attrs.evolve(now, code_secret="", code_step=0, recovery=())
    )
    audit.note(database, "user codes off", ids=(user.id,), by=by)
    return changed


def change(database: Database, user: User, made: Callable[[User], User]) -> User:
    """Change what is kept of a person, by comparing and setting: nobody's change is written over.

    Raises:
        PeopleError: when the person is gone meanwhile.
    """
    return _change(database, user, made)


def _change(database: Database, user: User, made: Callable[[User], User]) -> User:
    while True:
        there = users.find(database, user.id)
        if there is None or there.serial != user.serial:
            raise PeopleError(f"{user.name!r} is gone meanwhile")
        changed = attrs.evolve(made(there), version=there.version + 1, change=secrets.token_hex(8))
        if users.replace(database, changed):
            return changed


def _not_the_last(database: Database, user: User) -> None:
    if Role.named(user.role) is Role.ADMIN and not users.count_out(database, user.id):
        raise LastAdminError(
            f"{user.name!r} is the last admin, and there has to be one; make somebody else an admin first"
        )


def _name(name: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", name).split())
    if not _NAME.fullmatch(text) or len(text) > LONGEST_NAME:
        raise PeopleError(
            f"{name!r} is no name: it has letters, digits, single spaces and any of @ + . ' - _, "
            f"{LONGEST_NAME} at most"
        )
    return text


def _role(role: str) -> str:
    if role not in ROLES:
        raise PeopleError(f"there is no role {role!r}; there are {', '.join(ROLES)}")
    return role


def _hashed(password: str, name: str) -> str:
    try:
        return passwords.hashed(passwords.checked(password, name=name))
    except passwords.PasswordError as error:
        raise PeopleError(str(error)) from None
