"""Articles that a file brings: into the archive, as of when their pages were read.

Held against the archive an article is *new*; an *edit*, where the archive's is of an earlier page and
says something else; *removed*, where it was taken out of the archive before; or *known*, where it is of the same page or a later one, or the file does not say
when its page was read. So a file that is imported once more changes nothing, and no file puts what it
says in the place of what this archive read itself.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs
from pymongo import UpdateOne

from newsbot.archive import articles
from newsbot.archive.articles import Judged, Kept
from newsbot.archive.connection import Database, Document, patiently
from newsbot.reading import Candidate


@attrs.frozen(kw_only=True)
class Brought:
    """A normalized article out of a file, with what the file tells of it besides.

    ``sources`` are the ids of all sources that led to it, ``also_at`` further addresses of its text;
    ``dated``: the file tells when its page was read; ``deleted_at`` is when it was found taken down, and
    ``text_expired_at`` when its text was let go.
    """

    candidate: Candidate
    sources: tuple[str, ...] = ()
    also_at: tuple[str, ...] = ()
    dated: bool = False
    deleted_at: datetime | None = None
    text_expired_at: datetime | None = None


def keep(
    database: Database, brought: Sequence[Brought], *, now: datetime, watched: bool
) -> list[Kept]:
    """Store articles out of a file; returns what became of each, in their order.

    ``watched`` says that alerts are in force: what is new is then pending and quiet, for its matches to
    be written, of which nobody is told. May be repeated at any time.
    """
    return [kept for some in _each_once(brought) for kept in _keep(database, some, now, watched)]


def _each_once(brought: Iterable[Brought]) -> Iterable[list[Brought]]:
    """Yield batches in which no article stands twice: its second is held against the first."""
    batch: dict[str, Brought] = {}
    for each in brought:
        if each.candidate.article.id in batch:
            yield list(batch.values())
            batch = {}
        batch[each.candidate.article.id] = each
    if batch:
        yield list(batch.values())


def _keep(database: Database, batch: Sequence[Brought], now: datetime, watched: bool) -> list[Kept]:
    done: dict[str, Kept] = {}
    judged = articles.judge(database, [each.candidate for each in batch])
    some: list[Judged] = []
    for each, found in zip(batch, judged, strict=True):
        stored = found.stored
        if stored is None or stored.article.id != found.article.id or _later(each, stored):
            some.append(found)
        else:
            done[found.article.id] = attrs.evolve(stored, verdict="known")
    if some:
        stored_now = articles.keep(database, some, now=now, pending=watched, quiet="imported")
        done |= {found.article.id: kept for found, kept in zip(some, stored_now, strict=True)}
    kept = [done[each.candidate.article.id] for each in batch]
    _add(database, batch, kept)
    return kept


def _later(brought: Brought, stored: Kept) -> bool:
    return brought.dated and brought.candidate.article.fetched_at > stored.article.fetched_at


@patiently
def _add(database: Database, batch: Sequence[Brought], kept: Sequence[Kept]) -> None:
    """Write what the file tells of articles besides what they say, where the archive lacks it."""
    changes = []
    for each, found in zip(batch, kept, strict=True):
        record = found.record
        sources = [one for one in each.sources if one not in record.sources]
        also_at = [one for one in each.also_at if one not in record.also_at]
        lists = {name: {"$each": more} for name, more in (("sources", sources), ("also_at", also_at)) if more}  # fmt: skip
        change: Document = {"$addToSet": lists} if lists else {}
        moments = {"deleted_at": each.deleted_at, "text_expired_at": each.text_expired_at}
        told = {name: moment for name, moment in moments.items() if moment}
        if told and found.verdict == "new":
            change["$set"] = told
        if change:
            changes.append(UpdateOne({"_id": found.article.id}, change))
    if changes:
        database.articles.bulk_write(changes, ordered=False)
