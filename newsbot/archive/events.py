"""What the news of these days tells of its events, so that rewrites of one event become one story.

The collection ``events`` holds a document an article for as long as others may still report the same:
what it tells of its event, and the keys by which its likes are found. An event of which several reports
are known needs no more of them, so the collection stays small and a question to it cheap.

Whoever asks has written what it tells first. So of two workers that meet two reports of one event at
the same time, at least one finds the other's, and links them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import attrs
from bson import Int64
from pymongo.errors import BulkWriteError

from newsbot.archive import stories
from newsbot.archive.connection import DUPLICATE_KEY, Database, Document, patiently
from newsbot.events import DAYS, Facts, same_event

# Reports of one event that are kept, and days for which they are.
MOST, KEPT = 5, 4
# Keys that are asked for at a time.
_AT_ONCE = 210


@attrs.frozen(kw_only=True)
class Told:
    """An article that was stored: its story, source and day, and what it tells of its event."""

    article: str
    story: str
    source: str
    day: date
    facts: Facts


@patiently
def join(database: Database, told: Sequence[Told], *, now: datetime) -> int:
    """Link the stories of these articles to those of other sources that tell of the same event.

    Returns how many links were made. May be repeated.
    """
    if not told:
        return 0
    _write(database, told, now)
    found = _found(database, told)
    heads = stories.heads(
        database, {each["story"] for each in found} | {each.story for each in told}
    )
    links = 0
    for each in told:
        known = _by_story(each, found, heads)
        mine = known.pop(heads[each.story], [])
        sure = {
            head: same_event(each.facts, (Facts.unpacked(report["terms"]) for report in reports))
            for head, reports in known.items()
        }
        if any(sure.values()):
            head = max(sure, key=lambda one: (sure[one], one))
            stories.link(database, each.story, head, how="event")
            links += 1
            mine = [*mine, *known[head]]
        if len(mine) >= MOST:
            database.events.delete_one({"_id": each.article})
    return links


def prune(database: Database, *, now: datetime) -> int:
    """Forget what is too old for others to report it still; returns of how many articles."""
    old = {"at": {"$lt": now - timedelta(days=KEPT)}}
    return database.events.delete_many(old).deleted_count


def _write(database: Database, told: Iterable[Told], now: datetime) -> None:
    documents = [
        {
            "_id": each.article,
            "story": each.story,
            "source": each.source,
            "day": each.day.toordinal(),
            "at": now,
            "keys": [Int64(key) for key in each.facts.keys],
            "terms": each.facts.packed(),
        }
        for each in told
    ]
    try:
        database.events.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        if any(each["code"] != DUPLICATE_KEY for each in error.details["writeErrors"]):
            raise


def _found(database: Database, told: Iterable[Told]) -> list[Document]:
    keys = sorted({key for each in told for key in each.facts.keys})
    found: dict[str, Document] = {}
    for at in range(0, len(keys), _AT_ONCE):
        some = [Int64(key) for key in keys[at : at + _AT_ONCE]]
        for each in database.events.find({"keys": {"$in": some}}):
            found[each["_id"]] = each
    return [found[key] for key in sorted(found)]


def _by_story(
    told: Told, found: Iterable[Document], heads: dict[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the reports that may be of the same event, by the stories that they are of, oldest first."""
    keys, day = set(told.facts.keys), told.day.toordinal()
    known: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        if (
            each["source"] != told.source
            and abs(each["day"] - day) <= DAYS
            and not keys.isdisjoint(each["keys"])
        ):
            known.setdefault(heads[each["story"]], []).append(each)
    return known
