"""The archive into a backup: every collection, every document, while everything goes on.

Neither server is asked for a snapshot: the embedded one takes the words for it and gives none, and a
replica set forgets it after five minutes. What is promised instead rests on the order in which
collections are read. Each document is as it was at some moment of the backup; and

- a page that counts as visited has its article in the backup (pages are read before articles);
- an article that is finished has its matches and messages in it (those are read after articles);
- what was announced stays announced.

A collection with an index on a field that never changes is read in parts of that, because the embedded
server gathers in memory all that a query finds.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import pairwise
from operator import itemgetter
from typing import IO, Any, cast

import attrs
from pymongo.collection import Collection

from newsbot.archive.backup_file import Header, Sum, Writer, documents_in
from newsbot.archive.connection import Database, Document
from newsbot.archive.schema import MIGRATIONS
from newsbot.archive.swapping import STAGING

# In this order; what is not named comes before.
_ORDER = (
    *(
        "pages",
        "frontier",
        "runs",
        "stories",
        "articles",
        "revisions",
        "prints",
        "events",
        "matches",
        "outbox",
    ),
    *("removed", "audit"),
)
# What never changes of a document, is indexed, and begins with a hexadecimal digit.
PARTS = {
    "articles": "story",
    "revisions": "article",
    "matches": "article",
    "outbox": "alert",
    "pages": "source",
    "reader_marks": "story",
}
# Documents that are asked for at once where there is no such field, and otherwise about so many.
_WHOLE, _PART = 20_000, 1_000
_DIGITS = "0123456789abcdef"


@attrs.frozen(kw_only=True)
class Written:
    """What a backup holds: its header, and each collection's count and digest."""

    header: Header
    collections: dict[str, Sum]
    files: int = 0


def write(
    database: Database,
    file: IO[bytes],
    *,
    raw: Callable[[], Iterator[tuple[str, Iterator[bytes]]]] = lambda: iter(()),
    progress: Callable[[int], None] = lambda _: None,
) -> Written:
    """Write a backup of the archive, and of the files that ``raw`` yields, in bounded memory.

    ``progress`` is told now and then how many documents were written.

    Raises:
        PyMongoError: when MongoDB goes away; OSError: when the file cannot be written.
    """
    header = Header(
        made_at=datetime.now(UTC).replace(microsecond=0),
        database=database.name,
        schema=len(MIGRATIONS),
        newsbot=version("newsbot"),
    )
    writer = Writer(file, header)
    told = _Telling(progress)
    for name in collections_of(database):
        writer.collection(name, indexes_of(database, name), told.each(documents(database, name)))
    for name, blocks in raw():
        writer.file(name, blocks)
    writer.close()
    return Written(header=header, collections=writer.collections, files=writer.files)


class _Telling:
    def __init__(self, progress: Callable[[int], None]) -> None:
        self._progress = progress
        self._count = 0

    def each(self, found: Iterator[bytes]) -> Iterator[bytes]:
        for document in found:
            self._count += 1
            if self._count % 1_000 == 0:
                self._progress(self._count)
            yield document


def collections_of(database: Database) -> list[str]:
    """Return the names of the archive's collections, in the order of a backup."""
    found = [
        name
        for name in database.raw.list_collection_names()
        if not name.startswith(("system.", STAGING))
    ]
    return sorted(found, key=lambda name: (_ORDER.index(name) if name in _ORDER else -1, name))


def indexes_of(database: Database, name: str) -> list[dict[str, Any]]:
    """Return a collection's indexes but that of the id, by name, as they are told to ``createIndexes``."""
    kept = ("key", "name", "unique", "sparse", "partialFilterExpression", "expireAfterSeconds")
    return [
        {each: index[each] for each in kept if each in index}
        for index in sorted(database.raw[name].list_indexes(), key=itemgetter("name"))
        if index["name"] != "_id_"
    ]


def documents(database: Database, name: str, *, of: str = "") -> Iterator[bytes]:
    """Yield a collection's documents as BSON, in no order.

    ``of``: the documents are those of the collection of that name, for how they are read in parts.
    """
    collection: Collection[Document] = database.raw[name]
    field = PARTS.get(of or name)
    count = collection.estimated_document_count()
    if field is None or count <= _WHOLE:
        yield from _found(collection, {})
        return
    digits = 1
    while count / len(_DIGITS) ** digits > _PART:
        digits += 1
    edges = [f"{number:0{digits}x}" for number in range(1, len(_DIGITS) ** digits)]
    yield from _found(collection, {field: {"$lt": edges[0]}})
    for low, high in pairwise(edges):
        yield from _found(collection, {field: {"$gte": low, "$lt": high}})
    yield from _found(collection, {field: {"$gte": edges[-1]}})
    yield from _found(collection, {field: None})


def _found(collection: Collection[Document], query: Document) -> Iterator[bytes]:
    for batch in collection.find_raw_batches(query, batch_size=500):
        yield from documents_in(cast("bytes", batch))
