"""The articles: each once, with every edit.

``keep`` is the one way in. It may be repeated with the same articles at any time, by any number of
processes: ids are derived, inserts of what is there already do nothing, and an edit is a comparison
and set on the revision that was read.

An article or an edit is stored as *pending* and stays so until its last step is done (its matches
and messages are written); ``finish`` says that, and ``unfinished`` finds what a crash left behind.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Literal

import attrs
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from newsbot.archive.connection import DUPLICATE_KEY, Database, Document, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.items import Article, derived_id
from newsbot.reading import Candidate, Fingerprint

# "duplicate": the source shows the same text at another address already. "completed": it was kept in
# part, and its page can be read by now.
Verdict = Literal["new", "edited", "completed", "known", "duplicate"]


@attrs.frozen(kw_only=True)
class Record:
    """What the archive knows of an article besides its text.

    ``story`` is the id shared by all articles that tell the same; ``revision`` counts from 1;
    ``sources`` are the ids of all sources that led to it; ``also_at`` are further addresses of the
    same text at the same source. ``first_seen`` is when it was stored, ``changed_at`` when its last
    revision was. ``quiet`` is a pending article that is no news (it is replayed): nobody is to be told.
    """

    story: str
    revision: int
    content_hash: str
    body_hash: str
    first_seen: datetime
    changed_at: datetime
    sources: tuple[str, ...]
    also_at: tuple[str, ...] = ()
    pending: bool = False
    quiet: bool = False


@attrs.frozen(kw_only=True)
class Kept:
    """An article and what the archive made of it; ``number`` is its revision."""

    article: Article
    record: Record
    verdict: Verdict


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


def story_of(article: Article, prints: Fingerprint) -> str:
    """Return the story that a new article belongs to: that of its text, or one of its own.

    The id follows from the body that was first seen, so that two workers that meet two copies at
    the same time name the same story.
    """
    return derived_id("story", prints.body if prints.telling else article.id)


@attrs.frozen(kw_only=True)
class Judged:
    """A normalized article held against the archive: what it is there, and what it met."""

    article: Article
    prints: Fingerprint
    verdict: Verdict
    stored: Kept | None = None


@patiently
def judge(database: Database, candidates: Sequence[Candidate]) -> list[Judged]:
    """Hold a batch of normalized articles against the archive, in their order. Writes nothing.

    An article that is stored but whose last steps are still to do is judged as it was then: "new"
    or "edited", with itself as what it met.
    """
    ids = list({each.article.id for each in candidates})
    there = {
        each["_id"]: _kept(each, "known") for each in database.articles.find({"_id": {"$in": ids}})
    }
    hashes = list(
        {c.prints.content for c in candidates if c.prints.telling and c.article.id not in there}
    )
    twins = {
        (each["content_hash"], source): each
        for each in (database.articles.find({"content_hash": {"$in": hashes}}) if hashes else ())
        for source in each["sources"]
    }
    judged = []
    for candidate in candidates:
        article, prints = candidate.article, candidate.prints
        stored = there.get(article.id)
        verdict: Verdict = "new"
        if stored:
            verdict = _verdict(stored, article, prints)
        elif prints.telling and (prints.content, article.source) in twins:
            verdict = "duplicate"
            stored = _kept(twins[prints.content, article.source], "known")
        judged.append(Judged(article=article, prints=prints, verdict=verdict, stored=stored))
    return judged


def _verdict(stored: Kept, article: Article, mine: Fingerprint) -> Verdict:
    # What an entry point carries never stands in for more that was read.
    if article.partial and mine.content != stored.record.content_hash:
        return "known"
    if stored.article.partial and not article.partial:
        return "completed"
    if mine.content != stored.record.content_hash:
        return "edited"
    if stored.record.pending:
        return "new" if stored.record.revision == 1 else "edited"
    return "known"


@patiently
def keep(
    database: Database,
    judged: Sequence[Judged],
    *,
    now: datetime,
    pending: bool = True,
    quiet: bool = False,
) -> list[Kept]:
    """Store a batch of judged articles; returns what became of each, in their order.

    New articles and edits are pending when this returns (``quiet``: without news in them), unless there
    is nothing left to do with them; they are acknowledged and on disk. What another process stored
    between the judgement and this is judged anew.
    """
    steps = _Steps(pending=pending, quiet=pending and quiet)
    done: dict[str, Kept] = {}
    todo = list({each.article.id: each for each in judged}.values())
    while todo:
        done |= _insert(database, [each for each in todo if each.stored is None], now, steps)
        for each in todo:
            if each.stored is not None:
                kept = _meet(database, each, each.stored, now, steps)
                if kept:
                    done[each.article.id] = kept
        todo = judge(
            database,
            [
                Candidate(article=each.article, prints=each.prints)
                for each in todo
                if each.article.id not in done
            ],
        )
    return [done[each.article.id] for each in judged]


@attrs.frozen(kw_only=True)
class _Steps:
    """What is left to do with what is stored."""

    pending: bool
    quiet: bool

    def document(self, article: Article, record: Record) -> Document:
        document = to_document(article) | to_document(record)
        if not self.pending:  # as ``finish`` leaves it
            del document["pending"], document["quiet"]
        return document


def _insert(
    database: Database, fresh: Sequence[Judged], now: datetime, steps: _Steps
) -> dict[str, Kept]:
    kept: dict[str, Kept] = {}
    first: set[tuple[str, str]] = set()
    for each in fresh:
        if each.prints.telling:
            # The second of two same texts of a source waits, to be met when the first is stored.
            text = (each.article.source, each.prints.content)
            if text in first:
                continue
            first.add(text)
        record = Record(
            story=story_of(each.article, each.prints),
            revision=1,
            content_hash=each.prints.content,
            body_hash=each.prints.body,
            first_seen=now,
            changed_at=now,
            sources=(each.article.source,),
            pending=steps.pending,
            quiet=steps.quiet,
        )
        kept[each.article.id] = Kept(article=each.article, record=record, verdict="new")
    documents = [steps.document(each.article, each.record) for each in kept.values()]
    if not documents:
        return {}
    try:
        database.articles.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        if any(each["code"] != DUPLICATE_KEY for each in error.details["writeErrors"]):
            raise
        for each in error.details["writeErrors"]:
            del kept[documents[each["index"]]["_id"]]
    return kept


def _meet(
    database: Database, judged: Judged, stored: Kept, now: datetime, steps: _Steps
) -> Kept | None:
    """Write what an article adds to the stored one. None: that one changed under our eyes."""
    article, mine, record = judged.article, judged.prints, stored.record
    news: Document = {}
    if article.source not in record.sources:
        news["sources"] = article.source
    if judged.verdict == "duplicate" and article.url not in record.also_at:
        news["also_at"] = article.url
    if news:
        database.articles.update_one({"_id": stored.article.id}, {"$addToSet": news})
    if judged.verdict == "completed":
        return _complete(database, judged, stored, now, steps)
    if judged.verdict in ("duplicate", "known") or mine.content == record.content_hash:
        return attrs.evolve(stored, verdict=judged.verdict)
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


_UNTOUCHED = frozenset({"_id", "sources", "also_at", "first_seen", "story"})


def _complete(
    database: Database, judged: Judged, stored: Kept, now: datetime, steps: "_Steps"
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
def finish(database: Database, kept: Iterable[Kept]) -> None:
    """Say that all steps of these revisions are done."""
    changes = [
        UpdateOne(
            {"_id": each.article.id, "revision": each.record.revision},
            {"$unset": {"pending": 1, "quiet": 1}},
        )
        for each in kept
    ]
    if changes:
        database.articles.bulk_write(changes, ordered=False)


@patiently
def unfinished(database: Database, *, before: datetime, at_most: int = 200) -> list[Kept]:
    """Return articles that were stored before that moment and whose last steps are still to do."""
    found = database.articles.find({"pending": True}).limit(at_most * 2)
    return [
        _kept(document, "new" if document["revision"] == 1 else "edited")
        for document in found
        if document["changed_at"] < before
    ][:at_most]


@patiently
def get(database: Database, article: str) -> Kept | None:
    """Return an article by its id."""
    document = database.articles.find_one({"_id": article})
    return _kept(document, "known") if document else None


@patiently
def many(database: Database, ids: Sequence[str]) -> dict[str, Kept]:
    """Return those of the articles that are there, by id."""
    found = database.articles.find({"_id": {"$in": list(ids)}})
    return {document["_id"]: _kept(document, "known") for document in found}


@patiently
def at(database: Database, url: str) -> Kept | None:
    """Return the article with this canonical URL."""
    return get(database, article_id(url))


@patiently
def of_story(database: Database, story: str, *, at_most: int = 50) -> list[Kept]:
    """Return articles of a story, first seen first."""
    found = database.articles.find({"story": story}).limit(at_most)
    kept = [_kept(document, "known") for document in found]
    return sorted(kept, key=lambda each: (each.record.first_seen, each.article.id))


@patiently
def revisions(database: Database, article: Kept) -> list[Revision]:
    """Return what the article said before each of its edits, oldest first."""
    found = database.revisions.find(
        {"article": article.article.id, "number": {"$lt": article.record.revision}}
    )
    return [from_document(Revision, each) for each in found.sort("number", 1)]


@patiently
def count(database: Database) -> int:
    """Return how many articles there are."""
    return database.articles.estimated_document_count()


def article_id(url: str) -> str:
    """Return the id of the article with this canonical URL."""
    return derived_id("article", url)


def from_stored(document: Document) -> Kept:
    """Return the article that a stored document holds."""
    return _kept(document, "known")


def _kept(document: Document, verdict: Verdict) -> Kept:
    return Kept(
        article=from_document(Article, document),
        record=from_document(Record, document),
        verdict=verdict,
    )
