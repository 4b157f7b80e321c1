"""Backfills: how far the walk back in time of each source is.

One document a source. It is written after what a list named is in the frontier, so that a process
killed at any moment reads at most that one list again.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

import attrs

from newsbot.archive.articles import article_id
from newsbot.archive.connection import Database, patiently
from newsbot.archive.pages import AT_ONCE
from newsbot.archive.records import from_document, to_document

State = Literal["going", "done", "bounded"]
Kind = Literal["feed", "sitemap", "page"]


@attrs.frozen(kw_only=True)
class Step:
    """A list that is to be read: its ``kind``, the index ``depth``, the entry point (``root``) it is of.

    ``barren`` counts the lists in a row before it, in its chain, that named nothing of the days wanted,
    or after them, that the one before had not. ``before`` are the keys (eight bytes each) of what the list before it
    named. ``last`` is the last day that it can name, None where that is not known.
    """

    url: str
    kind: Kind
    root: str
    depth: int = 0
    barren: int = 0
    before: bytes = b""
    last: date | None = None


@attrs.frozen(kw_only=True)
class Backfill:
    """A walk back to ``since`` (and not after ``until``) through at most ``most`` lists.

    ``id`` is the source. ``steps`` are the lists yet to be read, ``asked`` the keys of all that were
    named (eight bytes each), ``lists`` how many were read, in ``slices`` runs. ``months`` counts the
    articles that these runs found by month, ``undated`` those without a known day. ``unread`` says which lists could
    not be read and why. ``state`` is "done" when every list was read back to that day, and "bounded"
    when the walk ended because it may read no more. ``still`` counts the slices in a row that came no
    further.
    """

    id: str
    since: date
    until: date | None = None
    most: int
    state: State = "going"
    started_at: datetime
    changed_at: datetime
    slices: int = 0
    still: int = 0
    lists: int = 0
    steps: tuple[Step, ...] = ()
    asked: bytes = b""
    months: dict[str, int] = attrs.Factory(dict)
    undated: int = 0
    unread: tuple[str, ...] = ()


@patiently
def get(database: Database, source: str) -> Backfill | None:
    """Return the backfill of a source; None where there was none."""
    found = database.backfills.find_one({"_id": source})
    return from_document(Backfill, found) if found else None


@patiently
def save(database: Database, backfill: Backfill) -> None:
    """Write down how far a backfill is."""
    database.backfills.replace_one({"_id": backfill.id}, to_document(backfill), upsert=True)


@patiently
def days(database: Database, urls: Iterable[str]) -> list[date]:
    """Return on which days those articles at these canonical URLs were published that are there."""
    ids, found = [article_id(url) for url in urls], []
    for at in range(0, len(ids), AT_ONCE):
        some = {"_id": {"$in": ids[at : at + AT_ONCE]}, "published.day": {"$ne": None}}
        found += [
            date.fromisoformat(str(each["published"]["day"])[:10])
            for each in database.articles.find(some, {"published.day": 1})
        ]
    return found


@patiently
def reached(database: Database) -> dict[str, date]:
    """Return to which day sources were read back from now on, of those whose walk got there."""
    found = database.backfills.find({"state": "done", "until": None}, {"since": 1})
    return {each["_id"]: date.fromisoformat(each["since"]) for each in found}
