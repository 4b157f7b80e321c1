"""The sources: sites that are crawled, and how.

A source is who it is, not what it is called or where it stands: its id is derived when it is added
and stays. Names it had go on naming it (``known_as``, a unique index, keeps them from others), and
addresses it had go on leading to it. A source that was merged into another stays as a record that
says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Literal, TypedDict, Unpack

import attrs
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from newsbot.archive import naming
from newsbot.archive.connection import DUPLICATE_KEY, Database, Document, patiently
from newsbot.archive.file_marks import FileMark
from newsbot.archive.records import from_document, to_document, to_value
from newsbot.items import Overrides, derived_id
from newsbot.revisits import Edits
from newsbot.text.site_key import site_key
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
class Pair:
    """A header or cookie by its name. Its value may be a secret, and is not in its ``repr``."""

    name: str
    value: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Source:
    """A site that newsbot crawls.

    ``delay`` (seconds) and ``concurrency`` are the limits of its crawls, None for the configured
    ones. ``allowed_hosts`` are those (``host`` or ``host:port``) that it may be fetched from although
    they are not public; ``headers``, ``cookies`` and ``proxy`` go with requests to its own hosts.
    ``next_due`` is when the next crawl is due, as it was learnt ``interval`` seconds before; None
    while the source is crawled on request or on a
    schedule alone. ``javascript`` says that its pages need a browser. ``overrides`` say where its pages
    show a field, for the few sites that the general rules misread. ``edits`` is what looks at its
    articles have found.

    ``former_names`` are names it had, ``addresses`` further addresses by which it is known: homepages
    and entry points that it had, addresses that lead on to its homepage. ``merged_into`` is the id of
    the source that it has become part of, or "". ``kept_by_file`` is what files have to do with it.
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
    edits: Edits = attrs.field(factory=Edits)
    former_names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    merged_into: str = ""
    allowed_hosts: tuple[str, ...] = ()
    headers: tuple[Pair, ...] = ()
    cookies: tuple[Pair, ...] = ()
    proxy: str = attrs.field(default="", repr=False)
    kept_by_file: FileMark | None = None
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
    edits: Edits
    allowed_hosts: tuple[str, ...]
    headers: tuple[Pair, ...]
    cookies: tuple[Pair, ...]
    proxy: str
    kept_by_file: FileMark | None


class SourceExistsError(Exception):
    """A source of that name or of that site is there already; ``.source`` is it."""

    def __init__(self, source: Source, sentence: str = "") -> None:
        super().__init__(
            sentence or f"the source {source.name!r} is there already ({source.homepage})"
        )
        self.source = source


class SourceNameError(Exception):
    """A name that no source can have; the text says why and what to do."""


LONGEST_NAME = 100
# A source is due so much later than its interval only where the clock was set back.
_SLACK = timedelta(minutes=1)
_AT_ONCE = 200


def checked_name(name: str) -> str:
    """Return a name as it is kept, without spaces around it.

    Raises:
        SourceNameError: for a name that commands and queries could not say.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise SourceNameError(f"a source's name has between 1 and {LONGEST_NAME} characters")
    if "/" in name or '"' in name or name.startswith("-") or not name.isprintable():
        raise SourceNameError(
            f"{name!r} can be no source's name: it begins with a letter or a digit and has no slash "
            "and no quotation mark"
        )
    return name


def source_id(homepage: str) -> str:
    """Return the id of the source with this homepage."""
    return derived_id("source", canonical_url(homepage))


@patiently
def add(database: Database, source: Source) -> None:
    """Keep a new source.

    Raises:
        SourceExistsError: when the site or the name is taken.
    """
    document = to_document(source) | {"known_as": [source.name.casefold()]}
    try:
        database.sources.insert_one(document)
    except DuplicateKeyError:
        there = database.sources.find_one({"_id": source.id})
        if there is None:
            raise _taken(database, source.name) from None
        if (
            from_document(Source, there) != source
        ):  # else an answer was lost, and this is the repeat
            raise SourceExistsError(_living(database, there)) from None
    naming.changed(database)


@patiently
def add_many(database: Database, made: Sequence[Source]) -> list[Source]:
    """Keep new sources at once; returns those that were not, for their id or name is taken."""
    documents = [to_document(each) | {"known_as": [each.name.casefold()]} for each in made]
    refused: list[int] = []
    try:
        database.sources.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        if any(each["code"] != DUPLICATE_KEY for each in error.details["writeErrors"]):
            raise
        refused = [each["index"] for each in error.details["writeErrors"]]
    naming.changed(database)
    return [made[place] for place in refused]


def free_id(database: Database, homepage: str) -> str:
    """Return the id of a new source with this homepage.

    It is another than ``source_id`` says where a source that has moved away keeps that one.
    """
    first = source_id(homepage)
    taken = {each["_id"] for each in database.sources.find({}, {"_id": 1})}
    numbered = (derived_id("source", canonical_url(homepage), str(n)) for n in range(2, 10_000))
    return next(each for each in chain((first,), numbered) if each not in taken)


@patiently
def rename(database: Database, source: Source, name: str) -> Source:
    """Give a source another name; those it had go on naming it. Returns it as it is then.

    Raises:
        SourceExistsError: when the name is another source's, or was one's.
        SourceNameError: when no source can be called so.
    """
    name = checked_name(name)
    names = (*source.former_names, source.name)
    changed = attrs.evolve(
        source, name=name, former_names=tuple(dict.fromkeys(n for n in names if n != name))
    )
    known_as = sorted({each.casefold() for each in (*names, name)})
    fields = {"name": name, "former_names": list(changed.former_names), "known_as": known_as}
    try:
        database.sources.update_one({"_id": source.id}, {"$set": fields})
    except DuplicateKeyError:
        raise _taken(database, name) from None
    naming.changed(database)
    return changed


def _taken(database: Database, name: str) -> SourceExistsError:
    """Return the error that says whose a name is, or was."""
    there = database.sources.find_one({"known_as": name.casefold()})
    if there is None:
        raise LookupError(f"the name {name!r} was taken, and is free again; try once more")
    source = _living(database, there)
    if source.name.casefold() == name.casefold():
        return SourceExistsError(source)
    return SourceExistsError(
        source,
        f"the name {name!r} is a former one of the source {source.name!r}: queries and alerts that "
        "name it mean that source, so no other is called so; choose another name",
    )


@patiently
def move(database: Database, moved: Source) -> None:
    """Write down where a source is now: its addresses, and what it is read from there."""
    of = to_document(moved)
    names = ("homepage", "title", "entry_points", "javascript", "allowed_hosts", "addresses")
    database.sources.update_one({"_id": moved.id}, {"$set": {name: of[name] for name in names}})


@patiently
def find(database: Database, name: str) -> Source | None:
    """Return the source of that name, id or address: one that it has, or else one that it had.

    Where it was merged into another, that one is returned.
    """
    # Asked for both at once, the embedded MongoDB looks at every source there is.
    asked = ({"known_as": name.casefold()}, {"_id": name}, {"_id": source_id(name)})
    there = (each for query in asked for each in database.sources.find(query))
    found = list({each["_id"]: each for each in there}.values())
    found.sort(key=lambda each: (each["name"] != name, each["_id"] == source_id(name)))
    if key := site_key(name):
        same = [each for each in database.sources.find({}) if key in _keys(each)]
        # An address that it has comes before one that it had.
        found = sorted(same, key=lambda each: site_key(each["homepage"]) != key) or found
    return _living(database, found[0]) if found else None


def _keys(document: Document) -> set[str]:
    return {site_key(each) for each in (document["homepage"], *document.get("addresses", ()))}


def _living(database: Database, document: Document) -> Source:
    """Return the source that a record stands for."""
    seen = {document["_id"]}
    while into := document.get("merged_into"):
        following = database.sources.find_one({"_id": into})
        if following is None or into in seen:
            break
        seen.add(into)
        document = following
    return from_document(Source, document)


def living(record: Source, records: Mapping[str, Source]) -> Source:
    """Return the source that a record stands for, out of all records by id."""
    passed = {record.id}
    while record.merged_into in records and record.merged_into not in passed:
        record = records[record.merged_into]
        passed.add(record.id)
    return record


@patiently
def some(database: Database, *, at_most: int) -> list[Source]:
    """Return so many sources at most, in no order."""
    found = database.sources.find({}).limit(at_most)
    return [each for stored in found if not (each := from_document(Source, stored)).merged_into]


@patiently
def everything(database: Database) -> list[Source]:
    """Return all sources, by name; those that were merged into others are none."""
    return [source for source in records(database) if not source.merged_into]


@patiently
def records(database: Database) -> list[Source]:
    """Return all sources and what is left of those that were merged into others, by name."""
    found = [from_document(Source, each) for each in database.sources.find({})]
    return sorted(found, key=lambda source: source.name)


@patiently
def names(database: Database, ids: Iterable[str]) -> dict[str, str]:
    """Return the names of these sources, by id."""
    found = list(database.sources.find({"_id": {"$in": list(set(ids))}}))
    return {each["_id"]: _living(database, each).name for each in found}


@patiently
def added(database: Database, ids: Iterable[str]) -> dict[str, datetime]:
    """Return when these sources were added, by id; those that were removed are left out."""
    found = database.sources.find({"_id": {"$in": list(set(ids))}}, {"added_at": 1})
    return {each["_id"]: each["added_at"] for each in found}


@attrs.frozen
class Due:
    """A source whose time had come at ``at``; it is asked every ``interval`` seconds, None where that is not known."""

    source: str
    at: datetime
    interval: float | None

    def urgency(self, now: datetime, unknown: float) -> float:
        """Return how long it has waited in its own intervals; ``unknown`` (seconds) stands for one not known."""
        return (now - self.at).total_seconds() / max(self.interval or unknown, 1.0)


@patiently
def due(database: Database, now: datetime) -> list[Due]:
    """Return all active sources whose crawl is due, in no order."""
    found = database.sources.find(
        {"next_due": {"$lte": now}, "state": "active"}, {"next_due": 1, "interval": 1}
    )
    return [Due(each["_id"], each["next_due"], each.get("interval")) for each in found]


@patiently
def change(database: Database, source: str, **changes: Unpack[Changes]) -> None:
    """Set fields of a source, given by its id, all in one write; the others stay as they are."""
    fields = {name: to_value(value) for name, value in changes.items()}
    if fields:
        database.sources.update_one({"_id": source}, {"$set": fields})
    if "groups" in fields:
        naming.changed(database)


@patiently
def reschedule(database: Database, source: str, *, next_due: datetime, now: datetime) -> None:
    """Say when a source is due again, by what was learnt of its entry points.

    A source that is crawled on request alone stays so.
    """
    interval = (next_due - now).total_seconds()
    database.sources.update_one(
        {"_id": source, "next_due": {"$ne": None}},
        {"$set": {"interval": interval, "next_due": next_due}},
    )


@patiently
def postpone(database: Database, source: str, *, until: datetime) -> None:
    """Have a polled source be due at a moment, whatever was said before."""
    database.sources.update_one(
        {"_id": source, "next_due": {"$ne": None}}, {"$set": {"next_due": until}}
    )


@patiently
def postpone_due(database: Database, later: Sequence[tuple[Due, datetime]]) -> None:
    """Put due sources off, each to its moment, unless somebody has said since when it is due."""
    if later:
        database.sources.bulk_write(
            [
                UpdateOne({"_id": each.source, "next_due": each.at}, {"$set": {"next_due": until}})
                for each, until in later
            ],
            ordered=False,
        )


@patiently
def bring_back(database: Database, now: datetime) -> int:
    """Have sources be due within their interval that are due later: the clock was set back. Returns how many."""
    found = database.sources.find(
        {"state": "active", "next_due": {"$gt": now + _SLACK}}, {"next_due": 1, "interval": 1}
    )
    moved = [
        UpdateOne(
            {"_id": each["_id"], "next_due": each["next_due"]},
            # As they were spread, so they stay.
            {"$set": {"next_due": now + (each["next_due"] - now) % interval}},
        )
        for each in found
        if each.get("interval")
        and each["next_due"] - now > _SLACK + (interval := timedelta(seconds=each["interval"]))
    ]
    for at in range(0, len(moved), _AT_ONCE):
        database.sources.bulk_write(moved[at : at + _AT_ONCE], ordered=False)
    return len(moved)


@patiently
def remove(database: Database, source: str) -> None:
    """Forget a source, its names, its visited pages and its waiting links; its articles stay."""
    database.pages.delete_many({"source": source})
    database.frontier.delete_many({"source": source})
    database.backfills.delete_one({"_id": source})
    database.schedules.delete_many({"source": source})
    database.standings.delete_one({"_id": source})
    database.redesigns.delete_many({"source": source})
    database.sources.delete_many({"merged_into": source})
    database.sources.delete_one({"_id": source})
    naming.changed(database)
