"""Dates that a source prints on a whole batch of its pages, and that are therefore not believed.

A batch is one document; its articles say why their date is not believed themselves. That is no edit: it
makes no revision and tells nobody, and doing it again does nothing. A crawl that ends says that its batches
are *settled*; those of one that was killed are settled by the next.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

import attrs

from newsbot.archive.connection import Database, Document, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.items import derived_id

_AT_ONCE = 500


@attrs.frozen(kw_only=True)
class Batch:
    """A date that many pages of a source print: a ``day``, or a moment to the ``second``.

    ``why`` is what their articles say, ``since`` from when on articles that were stored may be of it, and
    ``at`` when some were found to be. ``spared`` are ids of articles whose day something else tells, too.
    """

    id: str
    source: str
    day: date | None = None
    second: datetime | None = None
    why: str
    since: datetime
    at: datetime
    settled: bool = False
    spared: tuple[str, ...] = ()


def batch_id(source: str, printed: date | datetime) -> str:
    """Return the id of the batch that a source prints this day or moment on."""
    return derived_id("same date", source, printed.isoformat())


@patiently
def known(database: Database, source: str) -> list[Batch]:
    """Return the batches that were found at a source."""
    found = database.same_dates.find({"source": source}, {"articles": 0})
    return [from_document(Batch, each) for each in found]


@patiently
def stored(
    database: Database, source: str, second: datetime, *, since: datetime, besides: str
) -> int:
    """Return how many articles of a source print a moment, stored since then by other runs than this."""
    query = {**_of(source, None, second, since), "run": {"$ne": besides}}
    return sum(1 for _ in database.articles.find(query, {"_id": 1}))


@patiently
def distrust(database: Database, batch: Batch, *, now: datetime, settled: bool) -> int:
    """Keep a batch, and have its articles that are stored say why their date is not believed.

    Returns how many did not say so before.
    """
    printed = _of(batch.source, batch.day, batch.second, batch.since)
    # None of a document that was stored before dates were doubted.
    query = {**printed, "published.doubt": {"$in": ["", None]}}
    ids = [each["_id"] for each in database.articles.find(query, {"_id": 1})]
    return _distrust(database, batch, sorted(set(ids) - set(batch.spared)), query, now, settled)


@patiently
def distrust_those(database: Database, batch: Batch, ids: Collection[str], *, now: datetime) -> int:
    """Do the same for the articles with these ids that print what the batch does, and settle it."""
    printed = _printed(batch.day, batch.second)
    query = {**printed, "published.doubt": {"$in": ["", None]}}
    return _distrust(database, batch, sorted(ids), query, now, settled=True)


def _distrust(
    database: Database,
    batch: Batch,
    ids: list[str],
    query: Document,
    now: datetime,
    settled: bool,
) -> int:
    kept = to_document(batch)
    for name in ("_id", "at", "settled", "spared"):
        del kept[name]
    # Before the articles change: an index that lost the thread finds by it those that did.
    database.same_dates.update_one(
        {"_id": batch.id},
        {
            "$setOnInsert": kept,
            "$set": {"at": now, "settled": settled},
            "$addToSet": {"articles": {"$each": ids}, "spared": {"$each": list(batch.spared)}},
        },
        upsert=True,
    )
    changed = 0
    for some in _parts(ids):
        done = database.articles.update_many(
            {**query, "_id": {"$in": some}}, {"$set": {"published.doubt": batch.why}}
        )
        changed += done.modified_count
    return changed


def changed_since(database: Database, since: datetime) -> Iterator[list[str]]:
    """Yield the ids of articles that were found to be of a batch since then, some at a time."""
    for each in database.same_dates.find({"at": {"$gte": since}}, {"articles": 1}):
        yield from _parts(each.get("articles", ()))


def _of(source: str, day: date | None, second: datetime | None, since: datetime) -> Document:
    return {"changed_at": {"$gte": since}, "sources": source, **_printed(day, second)}


def _printed(day: date | None, second: datetime | None) -> Document:
    if second is not None:
        return {"published.instant": {"$gte": second, "$lt": second + timedelta(seconds=1)}}
    return {"published.day": day.isoformat() if day else None}


def _parts(ids: Collection[str]) -> Iterator[list[str]]:
    listed = list(ids)
    return (listed[at : at + _AT_ONCE] for at in range(0, len(listed), _AT_ONCE))
