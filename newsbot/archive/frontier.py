"""The frontier: links that were found and not yet visited, so that a crawl that ends goes on.

Links are kept in *chunks*, one document for some hundred links of one reading of one entry point. A
chunk is inserted before the first of its links is requested and deleted after the last of them was
visited, so a link costs a five-hundredth of a write, and a process killed at any moment leaves every
link either here or among the visited pages. A chunk of an earlier run may hold links that were
visited: whoever loads it holds it against the pages.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
from pymongo.errors import BulkWriteError

from newsbot.archive.connection import DUPLICATE_KEY, Database, patiently
from newsbot.archive.pages import page_id
from newsbot.archive.records import from_document, to_document
from newsbot.items import derived_id

# Links of a chunk, and bytes of text in one: a MongoDB document ends at 16 MB.
LINKS = 500
SIZE = 2_000_000

_KEY_BYTES = 8


@attrs.frozen(kw_only=True)
class Link:
    """A link that waits: its canonical ``url``, its ``address`` as given, what was ``said`` of it.

    ``said`` is the entry that led to it, as a document without what is empty.
    """

    url: str
    address: str
    said: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen(kw_only=True)
class Chunk:
    """Some links of one reading of an entry point, newest first; without them it is a header.

    ``lane`` is the entry point of the source that they are from. ``newest`` is the publication date
    of the newest link, or when an undated one was found. ``keys`` are the links' keys, packed.
    ``backfill`` is set where a walk back in time found them.
    """

    id: str
    source: str
    lane: str
    found_at: datetime
    newest: datetime
    keys: bytes
    backfill: bool = False
    links: tuple[Link, ...] = ()

    def __len__(self) -> int:
        """Return how many links it was made of."""
        return len(self.keys) // _KEY_BYTES

    def each_key(self) -> Iterable[int]:
        """Return its links' keys."""
        packed = self.keys
        return (
            int.from_bytes(packed[at : at + _KEY_BYTES], "big")
            for at in range(0, len(packed), _KEY_BYTES)
        )


def key_of(url: str) -> int:
    """Return what stands for a page in memory: the first half of its id, as a number."""
    return key_of_id(page_id(url))


def key_of_id(page: str) -> int:
    """Return what stands for a page in memory, by the page's id."""
    return int(page[: 2 * _KEY_BYTES], 16)


def chunk(
    links: Sequence[Link],
    *,
    source: str,
    lane: str,
    found_at: datetime,
    newest: datetime,
    backfill: bool = False,
) -> Chunk:
    """Return the chunk of these links; the same links of one source are always the same one."""
    urls = [link.url for link in links]
    return Chunk(
        id=derived_id("chunk", source, lane, *urls),
        source=source,
        lane=lane,
        found_at=found_at,
        newest=newest,
        keys=b"".join(key_of(url).to_bytes(_KEY_BYTES, "big") for url in urls),
        backfill=backfill,
        links=tuple(links),
    )


@patiently
def put(database: Database, chunks: Sequence[Chunk]) -> None:
    """Write chunks down, acknowledged and on disk; one that is there already stays."""
    if not chunks:
        return
    try:
        database.frontier.insert_many([to_document(each) for each in chunks], ordered=False)
    except BulkWriteError as error:
        if any(each["code"] != DUPLICATE_KEY for each in error.details["writeErrors"]):
            raise


@patiently
def headers(database: Database, source: str) -> list[Chunk]:
    """Return the chunks that a source has, without their links."""
    found = database.frontier.find({"source": source}, {"links": 0})
    return [from_document(Chunk, each) for each in found]


@patiently
def links_of(database: Database, chunk_id: str) -> tuple[Link, ...]:
    """Return the links of a chunk; none where it is gone."""
    found = database.frontier.find_one({"_id": chunk_id})
    return from_document(Chunk, found).links if found else ()


@patiently
def holding(database: Database, url: str, *, source: str | None = None) -> Chunk | None:
    """Return a chunk of a source in which a link to this page waits, without its links; None for none.

    Without a source those of all are looked through, the first ``_LOOKED_THROUGH`` of them.
    """
    key = page_id(url)[: 2 * _KEY_BYTES]
    wanted = bytes.fromhex(key)
    asked = {} if source is None else {"source": source}
    for each in database.frontier.find(asked, {"links": 0}).limit(_LOOKED_THROUGH):
        at = each["keys"].find(wanted)
        while at >= 0 and at % _KEY_BYTES:
            at = each["keys"].find(wanted, at + 1)
        if at >= 0:
            return from_document(Chunk, each)
    return None


# Chunks that are looked through for one link: two million links, and 16 MB.
_LOOKED_THROUGH = 4_000


@patiently
def drop(database: Database, chunk_ids: Collection[str]) -> None:
    """Delete chunks: all their links were visited, or are left out."""
    if chunk_ids:
        database.frontier.delete_many({"_id": {"$in": list(chunk_ids)}})


def waiting(database: Database, source: str) -> int:
    """Return how many links a source has waiting, at most: some may have been visited."""
    return sum(len(each) for each in headers(database, source))


@patiently
def size(database: Database) -> tuple[int, bool]:
    """Return how many links wait in all, at most, and whether these are all: so many chunks are counted."""
    found = list(database.frontier.find({}, {"keys": 1}).limit(_LOOKED_THROUGH))
    return sum(len(each["keys"]) for each in found) // _KEY_BYTES, len(found) < _LOOKED_THROUGH
