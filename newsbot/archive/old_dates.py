"""Dates of articles that were stored before any date was doubted: how far judging them is, and what came of it.

Such an article lacks ``published.doubt``; a later one has it, "" where its date is believed. That a date is not
believed is no edit, as for a batch (see ``same_dates``).
"""

from collections.abc import Mapping
from datetime import datetime

import attrs

from newsbot.archive.changes import Span
from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.items import derived_id
from newsbot.text.dates import ParsedDate

_ID = "old dates"
_WANTED = ("source", "url", "fetched_at", "published")


@attrs.frozen(kw_only=True)
class Dated:
    """An article's date, and what it is judged by. ``judged``: it was when the article was stored."""

    id: str
    source: str
    url: str
    fetched_at: datetime
    published: ParsedDate
    judged: bool = True


@attrs.frozen(kw_only=True)
class Standing:
    """How far it is: ``done`` of so many ``parts``, walked through twice. ``finished``: there is nothing to do.

    ``counts`` are how many articles print a second, by its hash (see ``newsbot.keeping.old_dates``).
    """

    parts: int
    done: int = 0
    second_walk: bool = False
    counts: bytes = b""
    finished: bool = False


@patiently
def standing(database: Database) -> Standing | None:
    """Return how far judging is; None where it was never begun."""
    found = database.meta.find_one({"_id": _ID})
    return from_document(Standing, found) if found else None


@patiently
def note(database: Database, reached: Standing) -> None:
    """Write down how far it is."""
    database.meta.replace_one({"_id": _ID}, {"_id": _ID, **to_document(reached)}, upsert=True)


@patiently
def dated(database: Database, span: Span) -> list[Dated]:
    """Return the articles of a part that have a date."""
    inside = {"$gte": span.low} | ({"$lt": span.high} if span.high else {})
    found = database.articles.find({"content_hash": inside}, dict.fromkeys(_WANTED, 1))
    return [
        from_document(Dated, each | {"judged": "doubt" in each["published"]})
        for each in found
        if each.get("published")
    ]


@patiently
def distrust(database: Database, doubts: Mapping[Dated, str], *, now: datetime) -> int:
    """Have articles say why their dates are not believed; returns how many did not say so before."""
    ids = sorted(each.id for each in doubts)
    if not ids:
        return 0
    # Before the articles change: an index that lost the thread finds by it those that did.
    database.same_dates.update_one(
        {"_id": derived_id(_ID, *ids)}, {"$set": {"at": now, "articles": ids}}, upsert=True
    )
    changed = 0
    for each, why in doubts.items():
        # The very date that was judged: an edit may have brought another meanwhile.
        same = {
            "_id": each.id,
            "published.day": each.published.day.isoformat(),
            "published.doubt": {"$in": ["", None]},
        }
        done = database.articles.update_one(same, {"$set": {"published.doubt": why}})
        changed += done.modified_count
    return changed
