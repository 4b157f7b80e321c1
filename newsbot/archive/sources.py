"""The sources: sites that are crawled, and how."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, TypedDict, Unpack

import attrs
from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document, to_value
from newsbot.items import Overrides, derived_id
from newsbot.text.urls import canonical_url

State = Literal["active", "paused"]


@attrs.frozen(kw_only=True)
class Way:
    """An entry point: an address of the site that leads to new articles.

    ``kind`` is ``"feed"``, ``"sitemap"`` or ``"page"``.
    """

    url: str
    kind: str


@attrs.frozen(kw_only=True)
class Source:
    """A site that newsbot crawls.

    ``delay`` (seconds) and ``concurrency`` are the limits of its crawls, None for the configured
    ones. ``allowed_hosts`` are those (``host`` or ``host:port``) that it may be fetched from although
    they are not public. ``interval`` is the time between two crawls in seconds as it has been learnt;
    ``next_due`` is when the next is due, None while the source is crawled on request or on a
    schedule alone. ``javascript`` says that its pages need a browser. ``overrides`` say where its pages
    show a field, for the few sites that the general rules misread.

    ``former_names`` are names it had, ``addresses`` further addresses by which it is known: homepages
    and entry points that it had, addresses that lead on to its homepage.
    """

    id: str
    name: str
    homepage: str
    title: str = ""
    entry_points: tuple[Way, ...] = ()
    groups: tuple[str, ...] = ()
    state: State = "active"
    javascript: bool = False
    delay: float | None = None
    concurrency: int | None = None
    interval: float | None = None
    next_due: datetime | None = None
    overrides: Overrides = attrs.field(factory=Overrides)
    former_names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    added_at: datetime


class Changes(TypedDict, total=False):
    """What ``change`` sets of a source; the fields of :class:`Source` that are simply settings."""

    title: str
    entry_points: tuple[Way, ...]
    groups: tuple[str, ...]
    state: State
    javascript: bool
    delay: float | None
    concurrency: int | None
    interval: float | None
    next_due: datetime | None
    overrides: Overrides
    allowed_hosts: tuple[str, ...]


class SourceExistsError(Exception):
    """A source of that name or of that site is there already; ``.source`` is it."""

    def __init__(self, source: Source) -> None:
        super().__init__(f"the source {source.name!r} is there already ({source.homepage})")
        self.source = source


def source_id(homepage: str) -> str:
    """Return the id of the source with this homepage."""
    return derived_id("source", canonical_url(homepage))


@patiently
def add(database: Database, source: Source) -> None:
    """Keep a new source.

    Raises:
        SourceExistsError: when the site or the name is taken.
    """
    try:
        database.sources.insert_one(to_document(source))
    except DuplicateKeyError:
        there = database.sources.find_one({"$or": [{"_id": source.id}, {"name": source.name}]})
        if there is None:
            raise
        raise SourceExistsError(from_document(Source, there)) from None


@patiently
def find(database: Database, name: str) -> Source | None:
    """Return the source of that name, id or homepage."""
    found = database.sources.find_one(
        {"$or": [{"name": name}, {"_id": {"$in": [name, source_id(name)]}}]}
    )
    return from_document(Source, found) if found else None


@patiently
def everything(database: Database) -> list[Source]:
    """Return all sources, by name."""
    found = [from_document(Source, each) for each in database.sources.find({})]
    return sorted(found, key=lambda source: source.name)


@patiently
def names(database: Database, ids: Iterable[str]) -> dict[str, str]:
    """Return the names of these sources, by id."""
    found = database.sources.find({"_id": {"$in": list(set(ids))}}, {"name": 1})
    return {each["_id"]: each["name"] for each in found}


@patiently
def due(database: Database, now: datetime, *, at_most: int = 200) -> list[Source]:
    """Return active sources whose crawl is due, longest due first."""
    found = database.sources.find({"next_due": {"$lte": now}, "state": "active"})
    return [from_document(Source, each) for each in found.sort("next_due", 1).limit(at_most)]


@patiently
def change(database: Database, source: str, **changes: Unpack[Changes]) -> None:
    """Set fields of a source, given by its id, all in one write; the others stay as they are."""
    fields = {name: to_value(value) for name, value in changes.items()}
    if fields:
        database.sources.update_one({"_id": source}, {"$set": fields})


@patiently
def reschedule(database: Database, source: str, *, interval: float, now: datetime) -> None:
    """Set the learnt time between two crawls, and the next one by it.

    A source that is crawled on request alone stays so.
    """
    database.sources.update_one(
        {"_id": source, "next_due": {"$ne": None}},
        {"$set": {"interval": interval, "next_due": now + timedelta(seconds=interval)}},
    )


@patiently
def postpone(database: Database, source: str, *, until: datetime) -> None:
    """Put a due source off, so that it is not asked for again while its run is under way."""
    database.sources.update_one(
        {"_id": source, "next_due": {"$ne": None}}, {"$set": {"next_due": until}}
    )


@patiently
def remove(database: Database, source: str) -> None:
    """Forget a source and its visited pages; its articles stay."""
    database.pages.delete_many({"source": source})
    database.schedules.delete_many({"source": source})
    database.sources.delete_one({"_id": source})
