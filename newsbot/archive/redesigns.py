"""Pages of known articles before and after their source changed them so that they are not read as they were.

One document a page, of the last run that found its source so (:mod:`newsbot.redesign`). They stay for a while
when it is well again, for who wants to know what it was; an article that is removed takes its page along.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.items import derived_id
from newsbot.redesign import Witness

_KEPT = timedelta(days=90)


@attrs.frozen(kw_only=True)
class ChangedPage:
    """The page of a known ``article`` of a ``source``, as a ``run`` found it at a moment, and what it was."""

    id: str
    source: str
    article: str
    run: str
    at: datetime
    page: Witness


@patiently
def keep(
    database: Database, source: str, run: str, pages: Iterable[Witness], *, now: datetime
) -> None:
    """Write down what a run found; what one before it found goes. May be repeated."""
    made = [
        ChangedPage(
            id=derived_id("changed page", run, each.article),
            source=source,
            article=each.article,
            run=run,
            at=now,
            page=attrs.evolve(each, lines={}),
        )
        for each in pages
    ]
    for each in made:
        database.redesigns.replace_one({"_id": each.id}, to_document(each), upsert=True)
    database.redesigns.delete_many({"source": source, "run": {"$ne": run}})


@patiently
def of(database: Database, source: str) -> list[ChangedPage]:
    """Return the pages of a source that were found changed last; those that are lost first."""
    found = [
        from_document(ChangedPage, each) for each in database.redesigns.find({"source": source})
    ]
    return sorted(found, key=lambda each: (not each.page.lost, each.page.url))


@patiently
def prune(database: Database, now: datetime) -> None:
    """Forget what was found long ago."""
    database.redesigns.delete_many({"at": {"$lt": now - _KEPT}})
