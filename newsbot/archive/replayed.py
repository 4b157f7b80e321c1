"""Articles that are read again from pages kept as they came: into the archive, as of when they came.

A page tells what its article said at the moment it was fetched. Held against the archive that is

- new, where the archive has no such article;
- an edit, where the archive's is of an earlier page and says something else;
- read again, where the archive's is of the very same page: what is read better now takes the place of
  what was read before, and is no edit of the publisher's;
- known, where the archive's is of the same text or of a later page. The past overwrites nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import attrs

from newsbot.archive import articles
from newsbot.archive.articles import Judged, Kept
from newsbot.archive.connection import Database, patiently
from newsbot.archive.kept import Steps
from newsbot.archive.records import to_document
from newsbot.reading import Candidate
from newsbot.text.dates import ParsedDate
from newsbot.text.doubts import preferred

Outcome = Literal["new", "edited", "completed", "reread", "known", "duplicate", "removed"]


@attrs.frozen
class Replayed:
    """A replayed article as the archive keeps it, and what became of it."""

    kept: Kept
    outcome: Outcome


def keep(
    database: Database, candidates: Sequence[Candidate], *, now: datetime, watched: bool
) -> list[Replayed]:
    """Store replayed articles, in the order in which their pages came; returns what became of each.

    ``watched`` says that alerts are in force: what is new is then pending and quiet, for its matches
    to be written. May be repeated at any time.
    """
    done = []
    for batch in _each_article_once(candidates):
        done += _keep(database, batch, now, watched)
    return done


def _each_article_once(candidates: Iterable[Candidate]) -> Iterable[list[Candidate]]:
    """Yield batches in which no article stands twice: its second page is held against the first."""
    batch: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.article.id in batch:
            yield list(batch.values())
            batch = {}
        batch[candidate.article.id] = candidate
    yield list(batch.values())


def _keep(
    database: Database, batch: Sequence[Candidate], now: datetime, watched: bool
) -> list[Replayed]:
    done: dict[str, Replayed] = {}
    new: list[Judged] = []
    for judged in articles.judge(database, batch):
        stored, article = judged.stored, judged.article
        if stored is None or stored.article.id != article.id:
            new.append(judged)
        elif stored.article.fetched_at > article.fetched_at:
            done[article.id] = Replayed(_also_of(database, judged, stored), "known")
        elif stored.article.fetched_at == article.fetched_at:
            done[article.id] = _read_again(database, judged, stored, now, watched)
        else:
            new.append(judged)
    if new:
        stored_now = articles.keep(database, new, now=now, pending=watched, quiet="replayed")
        for judged, kept in zip(new, stored_now, strict=True):
            outcome = "known" if kept.verdict == "doubtful" else kept.verdict
            done[judged.article.id] = Replayed(kept, outcome)
    return list(done.values())


@patiently
def _also_of(database: Database, judged: Judged, stored: Kept) -> Kept:
    source = judged.article.source
    if source not in stored.record.sources:
        database.articles.update_one({"_id": stored.article.id}, {"$addToSet": {"sources": source}})
    return stored


def _date(read: ParsedDate | None, stored: ParsedDate | None) -> ParsedDate | None:
    """Return the date that is read now; what was found out about the very same date stays known."""
    return stored if read == stored else preferred(read, stored)


@patiently
def _read_again(
    database: Database, judged: Judged, stored: Kept, now: datetime, watched: bool
) -> Replayed:
    """Put what is read now of a page in the place of what was read of the same page before."""
    # Who found it stays who found it, and a date that only an earlier page told stays as well.
    article = attrs.evolve(
        judged.article,
        source=stored.article.source,
        run=stored.article.run,
        published=_date(judged.article.published, stored.article.published),
    )
    before = attrs.evolve(stored.article, raw=article.raw)
    # A text whose time was over does not come back because its page is still there.
    if article == before or stored.record.text_expired_at is not None:
        _also_of(database, judged, stored)
        return Replayed(stored, "known")
    steps = Steps(pending=watched, quiet="replayed" if watched else "").after(stored.record)
    record = attrs.evolve(
        stored.record,
        content_hash=judged.prints.content,
        body_hash=judged.prints.body,
        changed_at=now,
        pending=steps.pending,
        quiet=steps.quiet,
    )
    fields = to_document(article) | {
        name: value
        for name, value in to_document(record).items()
        if name in ("content_hash", "body_hash", "changed_at")
        or (steps.pending and name in ("pending", "quiet"))
    }
    del fields["_id"]
    same = {"_id": article.id, "revision": record.revision, "fetched_at": article.fetched_at}
    database.articles.update_one(
        same, {"$set": fields, "$addToSet": {"sources": judged.article.source}}
    )
    return Replayed(Kept(article=article, record=record, verdict="edited"), "reread")
