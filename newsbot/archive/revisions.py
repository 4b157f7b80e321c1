"""What articles said before their edits.

An edit is a comparison and set on the revision that was read, so that two who find one at the same time
make one of it.
"""

from contextlib import suppress
from datetime import datetime

import attrs
from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, patiently
from newsbot.archive.kept import Judged, Kept, Steps
from newsbot.archive.records import from_document, to_document
from newsbot.items import derived_id

_UNTOUCHED = frozenset({"_id", "sources", "also_at", "first_seen", "story"})


@attrs.frozen(kw_only=True)
class Revision:
    """What an article said before an edit. ``seen_until`` is when the edit was found."""

    id: str
    article: str
    number: int
    title: str
    body: str
    authors: tuple[str, ...] = ()
    seen_from: datetime
    seen_until: datetime


def edit(
    database: Database, judged: Judged, stored: Kept, now: datetime, steps: Steps
) -> Kept | None:
    """Put an edited article in the place of what was stored. None: it changed under our eyes."""
    article, mine, record = judged.article, judged.prints, stored.record
    before = Revision(
        id=derived_id("revision", article.id, str(record.revision), record.content_hash),
        article=article.id,
        number=record.revision,
        title=stored.article.title,
        body=stored.article.body,
        authors=stored.article.authors,
        seen_from=record.changed_at,
        seen_until=now,
    )
    # It may be there: written by a process that died before the next line, or by a faster one.
    with suppress(DuplicateKeyError):
        database.revisions.insert_one(to_document(before))
    # Whoever finds the edit: the source that found the article first stays its source.
    edited = attrs.evolve(
        article,
        source=stored.article.source,
        found_by=stored.article.found_by,
        published=article.published or stored.article.published,
    )
    after = attrs.evolve(
        record,
        revision=record.revision + 1,
        content_hash=mine.content,
        body_hash=mine.body,
        changed_at=now,
        pending=steps.pending,
        quiet=steps.quiet,
    )
    fields = steps.document(edited, after)
    changed = database.articles.update_one(
        {"_id": article.id, "revision": record.revision},
        {"$set": {name: value for name, value in fields.items() if name not in _UNTOUCHED}},
    )
    if changed.modified_count == 0:
        return None
    return Kept(article=edited, record=after, verdict="edited")


def complete(
    database: Database, judged: Judged, stored: Kept, now: datetime, steps: Steps
) -> Kept | None:
    """Put the whole article in the place of the part that was kept: no edit, and no other story.

    Its last steps are done again, for what only the whole text meets; what was announced is not
    announced again. None: it changed under our eyes.
    """
    article, record = judged.article, stored.record
    whole = attrs.evolve(
        article,
        source=stored.article.source,
        found_by=stored.article.found_by,
        published=article.published or stored.article.published,
        authors=article.authors or stored.article.authors,
    )
    after = attrs.evolve(
        record,
        content_hash=judged.prints.content,
        body_hash=judged.prints.body,
        changed_at=now,
        pending=steps.pending,
        quiet=steps.quiet,
    )
    fields = steps.document(whole, after)
    changed = database.articles.update_one(
        {"_id": article.id, "revision": record.revision, "partial": stored.article.partial},
        {"$set": {name: value for name, value in fields.items() if name not in _UNTOUCHED}},
    )
    return (
        Kept(article=whole, record=after, verdict="completed") if changed.modified_count else None
    )


@patiently
def revisions(database: Database, article: Kept) -> list[Revision]:
    """Return what the article said before each of its edits, oldest first."""
    found = database.revisions.find(
        {"article": article.article.id, "number": {"$lt": article.record.revision}}
    )
    return [from_document(Revision, each) for each in found.sort("number", 1)]
