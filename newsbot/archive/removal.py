"""Taking articles out of the archive, with everything that is theirs.

Each step may be repeated: what was erased is not met again. So whoever finds a tombstone open goes on
with it. What stands in WARC files is erased by ``newsbot/fetching/raw_erasure.py``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import attrs
from pymongo import UpdateOne
from pymongo.collection import Collection

from newsbot.archive import collections, desk_marks, reader_marks, removed
from newsbot.archive.connection import Database, Document, patiently
from newsbot.archive.frontier import key_of_id
from newsbot.archive.kept import Kept
from newsbot.archive.matches import NO_PASSAGE
from newsbot.archive.pages import page_id
from newsbot.archive.records import to_value
from newsbot.archive.removed import Cause, Tombstone, text_id
from newsbot.archive.stories import members

AT_ONCE = 50

# What else is filed under an article's id, and in which field.
_OF_AN_ARTICLE = (
    ("revisions", "article"),
    ("matches", "article"),
    ("prints", "_id"),
    ("events", "_id"),
    ("redesigns", "article"),
)

# What a page's document keeps that tells of the article.
_TELLING_OF_PAGES = (
    *("url", "address", "said", "why", "version", "read_with"),
    *("look", "next_visit", "failures", "shared_with"),
)
_NO_PASSAGE = to_value(NO_PASSAGE)


@attrs.frozen(kw_only=True)
class Reach:
    """What there is of an article besides itself, and what stays when it is removed.

    ``waiting`` are messages that were not delivered yet, ``told`` those that were; ``copies`` are the
    ids of the other articles of its story.
    """

    article: str
    revisions: int
    matches: int
    waiting: int
    told: int
    pages: tuple[str, ...]
    copies: tuple[str, ...]


@patiently
def reach(database: Database, kept: Kept) -> Reach:
    """Return what a removal of this article would touch."""
    key = kept.article.id
    of_it = {"article": key}
    copies = database.articles.find({"story": kept.record.story}, {"_id": 1})
    return Reach(
        article=key,
        revisions=database.revisions.count_documents(of_it),
        matches=database.matches.count_documents(of_it),
        waiting=database.outbox.count_documents(of_it | {"state": "due"}),
        told=database.outbox.count_documents(of_it | {"state": {"$ne": "due"}}),
        pages=pages_of(database, kept),
        copies=tuple(each["_id"] for each in copies if each["_id"] != key),
    )


@patiently
def pages_of(database: Database, kept: Kept) -> tuple[str, ...]:
    """Return the ids of all pages that are known to show an article."""
    article, record = kept.article, kept.record
    found = set(map(page_id, (article.url, article.fetched_url, *record.also_at)))
    marked = {"source": {"$in": list(record.sources)}, "article": article.id}
    for page in database.pages.find(marked, {"url": 1, "address": 1}):
        found.add(page["_id"])
        found.update(page_id(page[name]) for name in ("url", "address") if page.get(name))
    for page in database.pages.find({"_id": {"$in": sorted(found)}}, {"address": 1}):
        if page.get("address"):
            found.add(page_id(page["address"]))
    return tuple(sorted(found))


def tombstone(kept: Kept, pages: Sequence[str], *, cause: Cause, now: datetime) -> Tombstone:
    """Return the tombstone of an article that these pages show."""
    article, record = kept.article, kept.record
    takedown = cause == "takedown"
    return Tombstone(
        id=article.id,
        at=now,
        cause=cause,
        pages=tuple(pages),
        sources=record.sources,
        text=text_id(article.source, record.content_hash) if takedown and article.body else "",
        story=record.story,
        open=takedown,
    )


@patiently
def erase(database: Database, tombstones: Sequence[Tombstone]) -> Counter[str]:
    """Erase what the archive has of articles whose tombstones stand; returns what was met, counted."""
    met: Counter[str] = Counter()
    for some in _parts(tombstones):
        ids = [each.id for each in some]
        met["articles"] += database.articles.delete_many({"_id": {"$in": ids}}).deleted_count
        met["messages"] += _silence(database, ids)
        for name, field in _OF_AN_ARTICLE:
            of: Collection[Document] = database.raw[name]
            met[name] += of.delete_many({field: {"$in": ids}}).deleted_count
        met["pages"] += _close_pages(database, some)
        met["collections"] += collections.take_out(database, some)
        met["marks"] += _forget_marks(database, {each.story for each in some if each.story})
    return met


def _forget_marks(database: Database, stories: Iterable[str]) -> int:
    """Drop what people marked of stories of which no article is left; returns of how many that was."""
    told = sorted(stories)
    marked = reader_marks.marked(database, told) | set(desk_marks.of(database, told))
    gone = [
        story
        for story in sorted(marked)
        if not any(
            database.articles.find_one({"story": each}, {"_id": 1})
            for each in members(database, story)
        )
    ]
    reader_marks.forget(database, gone)
    desk_marks.forget(database, gone)
    return len(gone)


def forget_links(database: Database, stone: Tombstone) -> int:
    """Take the links to a removed article, and what was said of them, off the frontier."""
    keys = {key_of_id(page) for page in stone.pages}
    gone = 0
    for source in stone.sources:
        for chunk in database.frontier.find({"source": source}, {"links": 0}):
            packed: bytes = chunk["keys"]
            if keys.isdisjoint(int.from_bytes(key, "big") for key in _eights(packed)):
                continue
            whole = database.frontier.find_one({"_id": chunk["_id"]})
            if whole is None:
                continue
            left = [link for link in whole["links"] if page_id(link["url"]) not in stone.pages]
            gone += len(whole["links"]) - len(left)
            # An empty chunk is dropped by the crawl that loads it; its id stays that of its reading.
            database.frontier.update_one({"_id": chunk["_id"]}, {"$set": {"links": left}})
    return gone


def _eights(packed: bytes) -> Iterator[bytes]:
    return (packed[at : at + 8] for at in range(0, len(packed), 8))


def _silence(database: Database, ids: Sequence[str]) -> int:
    """Take the texts out of messages. One that waits tells of another article of its story, or goes."""
    met = 0
    for message in list(database.outbox.find({"article": {"$in": list(ids)}})):
        met += 1
        key = {"_id": message["_id"]}
        if message["state"] in ("due", "waiting"):
            other = _other_match(database, message, ids)
            if other is None:
                database.outbox.delete_one(key)
            else:
                told = {"article": other["article"], "passage": other["passage"]}
                database.outbox.update_one(key, {"$set": told})
        else:
            # That the story was told stays on record, or its next copy would be told as news.
            database.outbox.update_one(key, {"$set": {"passage": _NO_PASSAGE, "failure": ""}})
    return met


def _other_match(database: Database, message: Document, ids: Sequence[str]) -> Document | None:
    found = database.matches.find({"alert": message["alert"], "story": message["story"]})
    others = (each for each in found if each["article"] not in ids and not each.get("held"))
    return min(others, key=lambda each: (each["matched_at"], each["_id"]), default=None)


def _close_pages(database: Database, stones: Iterable[Tombstone]) -> int:
    """Have the pages stand as visited for ever, with nothing in them that tells of the article."""
    changes = [
        UpdateOne(
            {"_id": page},
            {
                "$set": {"outcome": "removed", "article": stone.id},
                "$unset": dict.fromkeys(_TELLING_OF_PAGES, 1),
                "$setOnInsert": {
                    "source": next(iter(stone.sources), ""),
                    "fetched_at": stone.at,
                    "visits": 1,
                },
            },
            upsert=True,
        )
        for stone in stones
        for page in stone.pages
    ]
    if not changes:
        return 0
    done = database.pages.bulk_write(changes, ordered=False)
    return done.matched_count + len(done.upserted_ids or {})


def _parts(stones: Sequence[Tombstone]) -> Iterator[Sequence[Tombstone]]:
    return (stones[start : start + AT_ONCE] for start in range(0, len(stones), AT_ONCE))


def put_aside(database: Database, stones: Sequence[Tombstone]) -> Counter[str]:
    """Write tombstones and erase what they stand for."""
    removed.put(database, stones)
    return erase(database, stones)
