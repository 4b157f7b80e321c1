"""What is learnt of each entry point: how often it brings news first, and how to ask it for more.

One document of ``pages`` each, beside the pages that it led to. A source's entry points are those of
its record and, where one is an index of sitemaps, those that it names (``children``).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs
from pymongo import ReplaceOne

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.archive.sources import Source
from newsbot.cadence import Rhythm
from newsbot.items import derived_id

# Entry points of a source that are asked, with those that its indexes name.
MOST = 1_000


@attrs.frozen(kw_only=True)
class EntryPointRecord:
    """An entry point of a source, and what is known of it.

    ``parent`` is the index that named it ("" for one of the source's own), ``depth`` how many indexes
    led to it. ``address`` is where it
    has moved to for good ("" where it has not). ``brought`` counts the articles to which nothing else
    had led before, the latest at ``last_new``; ``readings`` counts the answers, ``unchanged`` those
    that needed no reading. ``etag``, ``last_modified`` and ``digest`` name the version read last, and
    ``links`` what it led to; they are empty while a link of it is neither visited nor on the frontier.

    ``full_at`` is when a body was last asked for unconditionally, or came; ``honest`` counts how often
    in a row that showed the server's "not modified" to be true; until ``distrusted_until`` it is not
    asked for it. ``failing_since`` is when it last answered, if it fails; then ``trouble`` says how and
    ``gone`` that there is nothing there, ``failures`` how often in a row, the last time at ``failed_at``. ``turned`` is what it turned out to
    be, where that is a page in place of a feed or sitemap, and ``empty_since`` from when on it named nothing
    that had named articles; then ``missing`` of them were to be expected.
    """

    id: str
    source: str
    url: str
    kind: str
    parent: str = ""
    depth: int = 0
    children: tuple[str, ...] = ()
    address: str = ""
    rhythm: Rhythm = attrs.field(factory=Rhythm)
    next_due: datetime | None = None
    readings: int = 0
    unchanged: int = 0
    brought: int = 0
    last_new: datetime | None = None
    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    links: str = ""
    full_at: datetime | None = None
    honest: int = 0
    distrusted_until: datetime | None = None
    failing_since: datetime | None = None
    trouble: str = ""
    gone: bool = False
    failures: int = 0
    failed_at: datetime | None = None
    turned: str = ""
    empty_since: datetime | None = None
    missing: float = 0.0


def entry_point_id(source: str, url: str) -> str:
    """Return the id of a source's entry point at this address."""
    return derived_id("entry point", source, url)


def new(
    source: str, url: str, kind: str, parent: EntryPointRecord | None = None
) -> EntryPointRecord:
    """Return the record of an entry point that was never asked."""
    return EntryPointRecord(
        id=entry_point_id(source, url),
        source=source,
        url=url,
        kind=kind,
        parent=parent.url if parent else "",
        depth=parent.depth + 1 if parent else 0,
    )


def load(database: Database, source: Source) -> list[EntryPointRecord]:
    """Return a source's entry points: its own in their order, then those that they name."""
    found: dict[str, EntryPointRecord] = {}
    level = _learnt(database, [new(source.id, way.url, way.kind) for way in source.entry_points])
    while level and len(found) < MOST:
        found |= {each.id: each for each in level}
        named = {
            child.id: child
            for each in level
            for url in each.children
            if (child := new(source.id, url, "sitemap", each)).id not in found
        }
        level = _learnt(database, list(named.values())[: MOST - len(found)])
    return list(found.values())


@patiently
def _learnt(database: Database, unlearnt: Sequence[EntryPointRecord]) -> list[EntryPointRecord]:
    """Return these entry points as they are known, in their order."""
    if not unlearnt:
        return []
    ids = [each.id for each in unlearnt]
    found = {each["_id"]: each for each in database.pages.find({"_id": {"$in": ids}})}
    return [
        from_document(EntryPointRecord, found[each.id]) if each.id in found else each
        for each in unlearnt
    ]


@patiently
def save(database: Database, records: Iterable[EntryPointRecord]) -> None:
    """Write down what was learnt."""
    changes = [ReplaceOne({"_id": each.id}, _document(each), upsert=True) for each in records]
    if changes:
        database.pages.bulk_write(changes, ordered=False)


def _document(record: EntryPointRecord) -> dict[str, object]:
    document = to_document(record)
    document["outcome"] = "entry point"
    return document
