"""Two sources that are one: what was the one's becomes the other's.

One write decides it (``merged_into``): from then on every name, id and address of the one stands for
the other, in queries, alerts and commands. What is left is to carry over what is filed under the old
id, in batches. Each batch may be repeated, and what was carried over is not met again; so whoever
finds a merge unfinished goes on with it.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice

import attrs
from pymongo import UpdateOne
from pymongo.collection import Collection

from newsbot.archive import naming
from newsbot.archive.connection import Database, Document, patiently
from newsbot.archive.records import from_document, to_value
from newsbot.archive.sources import Source, Way
from newsbot.text.urls import canonical_url

AT_ONCE = 100
# A merge that is given up on after this many scans has a writer that never stops; the next goes on.
_MOST_SCANS = 20

Progress = Callable[[int], None]


@attrs.frozen
class Merge:
    """A merge under way: ``source`` becomes part of ``into``."""

    source: Source
    into: Source


class MergeError(Exception):
    """Two sources that cannot be merged; the text says why."""


@patiently
def begin(database: Database, source: Source, into: Source) -> Merge:
    """Decide that a source is part of another. From here on it is, whatever happens.

    Raises:
        MergeError: when they are the same.
    """
    if source.id == into.id:
        raise MergeError(f"{source.name} and {into.name} are the same source")
    gone = {"merged_into": into.id, "merging": True, "state": "paused", "next_due": None}
    database.sources.update_one({"_id": source.id}, {"$set": gone})
    database.sources.update_many({"merged_into": source.id}, {"$set": {"merged_into": into.id}})
    naming.changed(database)
    return Merge(attrs.evolve(source, merged_into=into.id, state="paused", next_due=None), into)


@patiently
def unfinished(database: Database) -> list[Merge]:
    """Return the merges that were begun and not carried through."""
    found = []
    for document in database.sources.find({"merging": True}):
        into = database.sources.find_one({"_id": document["merged_into"]})
        if into is not None:
            found.append(Merge(from_document(Source, document), from_document(Source, into)))
    return found


@patiently
def carry_over(
    database: Database, merge: Merge, progress: Progress = lambda _: None
) -> datetime | None:
    """Carry over what is filed under the merged source. ``progress`` is told the articles so far.

    A crawl of that source that is under way is ended; its holder notices when it cannot renew its
    lease, and may write until then. Returns until when that is, for the caller to come again; None
    when all is done, and said to be. It may be repeated at any time, by several at once.
    """
    _widen(database, merge)
    _refile(database.schedules, merge)
    until = _end_run(database, merge)
    _refile(database.runs, merge)
    _carry_articles(database, merge, progress)
    _refile(database.pages, merge)
    # Links that were found and not visited yet.
    _refile(database.frontier, merge)
    _reshare(database, merge)
    if until is None:
        database.sources.update_one(
            {"_id": merge.source.id}, {"$unset": {"merging": 1, "written_until": 1}}
        )
    return until


def go_on(database: Database) -> None:
    """Go on with merges that a process which died has left."""
    for left in unfinished(database):
        carry_over(database, left)


def _widen(database: Database, merge: Merge) -> None:
    """Give the other what leads to the one's articles, and its groups."""
    now = database.sources.find_one({"_id": merge.into.id})
    if now is None:
        return
    into = from_document(Source, now)
    ways: dict[str, Way] = {}
    for way in (*into.entry_points, *merge.source.entry_points):
        ways.setdefault(canonical_url(way.url), way)
    groups: dict[str, str] = {}
    for group in (*into.groups, *merge.source.groups):
        groups.setdefault(group.casefold(), group)
    hosts = dict.fromkeys((*into.allowed_hosts, *merge.source.allowed_hosts))
    fields = {
        "entry_points": to_value(tuple(ways.values())),
        "groups": list(groups.values()),
        "allowed_hosts": list(hosts),
    }
    database.sources.update_one({"_id": into.id}, {"$set": fields})
    naming.changed(database)


def _end_run(database: Database, merge: Merge) -> datetime | None:
    """End the merged source's run, if one is active; return until when it may still write."""
    one = merge.source.id
    ended = {
        "state": "cancelled",
        "reason": f"its source was merged into {merge.into.name}",
        "finished_at": datetime.now(UTC),
    }
    active = {"source": one, "active": True}
    database.runs.update_many(active, {"$set": ended, "$unset": {"active": 1}})
    now = datetime.now(UTC)
    for run in database.runs.find({"source": one, "lease.until": {"$gt": now}}, {"lease": 1}):
        until = {"written_until": run["lease"]["until"]}
        database.sources.update_one({"_id": one}, {"$max": until})
    source = database.sources.find_one({"_id": one}) or {}
    last: datetime | None = source.get("written_until")
    return last if last and last > now else None


def _refile(collection: Collection[Document], merge: Merge) -> None:
    """File under the other what is filed under the one, batch by batch (``source`` is indexed)."""
    one, other = merge.source.id, merge.into.id
    while found := list(collection.find({"source": one}, {"_id": 1}).limit(AT_ONCE)):
        ids = [each["_id"] for each in found]
        collection.update_many({"_id": {"$in": ids}}, {"$set": {"source": other}})


def _carry_articles(database: Database, merge: Merge, progress: Progress) -> None:
    """Have the articles belong to the other, one scan after the other until none is left."""
    done = 0
    for _ in range(_MOST_SCANS):
        before = done
        query, wanted = {"sources": merge.source.id}, {"source": 1, "sources": 1}
        for batch in _batches(database.articles, query, wanted):
            done += _carry_batch(database, merge, batch)
            progress(done)
        if done == before:
            return


def _batches(
    collection: Collection[Document], query: Document, wanted: Document
) -> Iterator[list[Document]]:
    """Yield what a scan finds: the list of an article's sources is not indexed."""
    found = collection.find(query, wanted, batch_size=AT_ONCE)
    while batch := list(islice(found, AT_ONCE)):
        yield batch


def _carry_batch(database: Database, merge: Merge, batch: list[Document]) -> int:
    one, other = merge.source.id, merge.into.id
    changes = []
    for article in batch:
        sources = dict.fromkeys(other if each == one else each for each in article["sources"])
        fields: Document = {"sources": list(sources)}
        if article["source"] == one:
            fields["source"] = other
        # As it was read: another source may have met it meanwhile.
        as_read = {"_id": article["_id"], "sources": article["sources"]}
        changes.append(UpdateOne(as_read, {"$set": fields}))
    return database.articles.bulk_write(changes, ordered=False).modified_count


def _reshare(database: Database, merge: Merge) -> None:
    one, other = merge.source.id, merge.into.id
    for batch in _batches(database.pages, {"shared_with": one}, {"_id": 1}):
        ids = {"_id": {"$in": [each["_id"] for each in batch]}}
        database.pages.update_many(ids, {"$addToSet": {"shared_with": other}})
        database.pages.update_many(ids, {"$pull": {"shared_with": one}})
