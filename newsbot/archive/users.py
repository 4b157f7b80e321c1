"""People who may sign in: what they are called, what they may do, what their passwords are checked against.

No password is kept, only its argon2id hash; the secret of somebody's one-time codes is sealed.
"""

from datetime import datetime

import attrs
from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document

ADMIN = "admin"
# Where it is kept who the admins are: one document, so that no two changes at once leave none.
_ADMINS = "admins"


@attrs.frozen(kw_only=True)
class User:
    """One person.

    ``id`` is the name, case-folded; ``role`` is "viewer", "analyst", "operator" or "admin". ``serial`` is
    drawn when a person is added: a token of an earlier one of the same name is nobody's. ``epoch`` is
    drawn anew with each change that ends all sessions (password, role). ``code_secret`` is that of
    one-time codes, sealed, "" without; ``code_step`` the last step whose code was taken;
    ``recovery`` the hashes of recovery codes that are left. ``version`` grows by one with each change,
    and ``change`` is drawn anew with it: two that make the same change at once made two.
    """

    id: str
    name: str
    role: str
    password: str = attrs.field(repr=False)
    serial: str
    epoch: str = attrs.field(repr=False)
    made_at: datetime
    by: str
    version: int = 1
    change: str = attrs.field(default="", repr=False)
    code_secret: str = attrs.field(default="", repr=False)
    code_step: int = 0
    recovery: tuple[str, ...] = attrs.field(default=(), repr=False)
    signed_in_at: datetime | None = None


@patiently
def any_there(database: Database) -> bool:
    """Say whether there is anybody; from then on everybody signs in."""
    return database.users.find_one({}, {"_id": 1}) is not None


@patiently
def everything(database: Database) -> list[User]:
    """Return all people, by name."""
    found = (from_document(User, each) for each in database.users.find({}))
    return sorted(found, key=lambda each: each.id)


@patiently
def find(database: Database, key: str) -> User | None:
    """Return a person by the case-folded name."""
    found = database.users.find_one({"_id": key})
    return from_document(User, found) if found else None


@patiently
def add(database: Database, user: User) -> bool:
    """Add a person. False: there is one of that name."""
    try:
        database.users.insert_one(to_document(user))
    except DuplicateKeyError:
        there = find(database, user.id)
        return there is not None and there.serial == user.serial
    return True


@patiently
def replace(database: Database, changed: User) -> bool:
    """Write a person whose version is one more than that which is kept. False: somebody was faster."""
    done = database.users.update_one(
        {"_id": changed.id, "serial": changed.serial, "version": changed.version - 1},
        {"$set": to_document(changed)},
    )
    if done.modified_count == 1:
        return True
    there = find(database, changed.id)  # written by a try whose answer was lost
    return there is not None and there.change == changed.change


@patiently
def remove(database: Database, user: User) -> None:
    """Remove a person."""
    database.users.delete_one({"_id": user.id, "serial": user.serial})


@patiently
def count_as_admin(database: Database, key: str) -> None:
    """Count somebody among the admins; done before the role is given."""
    _know_the_admins(database)
    database.meta.update_one({"_id": _ADMINS}, {"$addToSet": {"names": key}})


@patiently
def count_out(database: Database, key: str) -> bool:
    """Count somebody out of the admins, before the role is taken. False: there would be no other."""
    _know_the_admins(database)
    others = {"role": ADMIN, "_id": {"$ne": key}}
    database.meta.update_one(
        {"_id": _ADMINS, "names": key, "names.1": {"$exists": True}}, {"$pull": {"names": key}}
    )
    left = database.meta.find_one({"_id": _ADMINS})
    return bool(
        left is not None
        and left["names"]
        and key not in left["names"]
        and database.users.find_one(others, {"_id": 1})
    )


def _know_the_admins(database: Database) -> None:
    if database.meta.find_one({"_id": _ADMINS}) is None:
        names = [each["_id"] for each in database.users.find({"role": ADMIN}, {"_id": 1})]
        database.meta.update_one(
            {"_id": _ADMINS}, {"$setOnInsert": {"names": sorted(names)}}, upsert=True
        )
