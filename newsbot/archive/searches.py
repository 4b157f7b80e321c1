"""Saved searches: queries under names that a desk shares.

A saved search is who it is, not what it is called: its id is derived when it is saved and stays, so that
it may be renamed and its feed goes on. Its name differs from all others by more than case.
"""

import unicodedata
from datetime import datetime
from typing import Literal

import attrs
from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.items import derived_id

SavedOrder = Literal["newest", "relevance"]

LONGEST_NAME = 100
# What Persian, Arabic and Indian writing joins and parts letters with: invisible, and part of words.
_JOINERS = "\u200c\u200d"


@attrs.frozen(kw_only=True)
class SavedSearch:
    """A query under a name. ``by`` is who saved it, ``created_at`` when; ``order`` is how it is listed."""

    id: str
    name: str
    query: str
    order: SavedOrder = "newest"
    by: str
    created_at: datetime


class SearchExistsError(Exception):
    """A saved search of that name is there already."""


class SearchNameError(ValueError):
    """A name that no saved search can have; the text says why."""


def new(name: str, query: str, *, order: SavedOrder, by: str, now: datetime) -> SavedSearch:
    """Return a saved search that is not kept yet.

    Raises:
        SearchNameError: for a name that it cannot have.
    """
    name = checked_name(name)
    now = now.replace(microsecond=now.microsecond // 1_000 * 1_000)  # as MongoDB keeps it
    return SavedSearch(
        id=derived_id("search", _key(name), now.isoformat()),
        name=name,
        query=query,
        order=order,
        by=by,
        created_at=now,
    )


def checked_name(name: str, of: str = "a saved search") -> str:
    """Return a name as it is kept, without spaces around it. ``of`` is what errors call its bearer.

    Raises:
        SearchNameError: for a name that commands could not say or that cannot be seen.
    """
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not name or len(name) > LONGEST_NAME:
        raise SearchNameError(
            f"{of}'s name has between 1 and {LONGEST_NAME} characters, and this has {len(name)}"
        )
    if name.startswith("-"):
        raise SearchNameError(f"{name!r} can be no name: commands would take it for an option")
    if not all(letter.isprintable() or letter in _JOINERS for letter in name):
        raise SearchNameError(f"{name!r} can be no name: it has characters that cannot be seen")
    return name


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())


@patiently
def add(database: Database, search: SavedSearch) -> None:
    """Keep a new saved search.

    Raises:
        SearchExistsError: when the name is taken.
    """
    try:
        database.searches.insert_one(to_document(search) | {"key": _key(search.name)})
    except DuplicateKeyError:
        there = database.searches.find_one({"key": _key(search.name)})
        if there is not None and there["_id"] == search.id:
            return
        raise _taken(there["name"] if there else search.name) from None


@patiently
def everything(database: Database) -> list[SavedSearch]:
    """Return all saved searches, by name."""
    found = [from_document(SavedSearch, each) for each in database.searches.find({})]
    return sorted(found, key=lambda search: (_key(search.name), search.id))


@patiently
def find(database: Database, name: str) -> SavedSearch | None:
    """Return the saved search of that name, case aside, or of that id."""
    key = _key(" ".join(name.split()))
    found = database.searches.find_one({"$or": [{"key": key}, {"_id": name}]})
    return from_document(SavedSearch, found) if found else None


@patiently
def of_id(database: Database, search: str) -> SavedSearch | None:
    """Return the saved search of that id."""
    found = database.searches.find_one({"_id": search})
    return from_document(SavedSearch, found) if found else None


@patiently
def rename(database: Database, search: str, name: str) -> None:
    """Give a saved search, named by its id, another name.

    Raises:
        SearchNameError: for a name that it cannot have.
        SearchExistsError: when the name is another's.
    """
    name = checked_name(name)
    try:
        database.searches.update_one({"_id": search}, {"$set": {"name": name, "key": _key(name)}})
    except DuplicateKeyError:
        raise _taken(name) from None


@patiently
def remove(database: Database, search: str) -> None:
    """Remove a saved search, named by its id. Its feed says from then on that it is gone."""
    database.searches.delete_one({"_id": search})


def _taken(name: str) -> SearchExistsError:
    return SearchExistsError(f"there is a saved search {name!r} already")
