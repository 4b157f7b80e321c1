"""The articles: each once, with every edit.

``keep`` is the one way in. It may be repeated with the same articles at any time, by any number of
processes: ids are derived, inserts of what is there already do nothing, and an edit is a comparison
and set on the revision that was read.

An article or an edit is stored as *pending* and stays so until its last step is done (its matches
and messages are written); ``finish`` says that, and ``unfinished`` finds what a crash left behind.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import chain

import attrs
import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.errors import BulkWriteError

from newsbot.archive import copies, removed, stories
from newsbot.archive import revisions as edits
from newsbot.archive.connection import DUPLICATE_KEY, Database, Document, patiently
from newsbot.archive.copies import Placing
from newsbot.archive.kept import Judged as Judged
from newsbot.archive.kept import Kept as Kept
from newsbot.archive.kept import Quiet as Quiet
from newsbot.archive.kept import Record as Record
from newsbot.archive.kept import Steps, kept_of
from newsbot.archive.kept import Verdict as Verdict
from newsbot.archive.pages import AT_ONCE
from newsbot.archive.revisions import Revision as Revision
from newsbot.archive.revisions import revisions as revisions
from newsbot.items import Article, derived_id
from newsbot.reading import Candidate, Fingerprint


def story_of(article: Article, prints: Fingerprint) -> str:
    """Return the story that a new article belongs to: that of its text, or one of its own.

    The id follows from the body that was first seen, so that two workers that meet two copies at
    the same time name the same story.
    """
    return derived_id("story", prints.body if prints.telling else article.id)


@patiently
def judge(database: Database, candidates: Sequence[Candidate]) -> list[Judged]:
    """Hold a batch of normalized articles against the archive, in their order. Writes nothing.

    An article that is stored but whose last steps are still to do is judged as it was then: "new"
    or "edited", with itself as what it met.
    """
    if not candidates:
        return []
    ids = list({each.article.id for each in candidates})
    there = {
        each["_id"]: kept_of(each, "known")
        for each in database.articles.find({"_id": {"$in": ids}})
    }
    hashes = list(
        {c.prints.content for c in candidates if c.prints.telling and c.article.id not in there}
    )
    twins = {
        (each["content_hash"], source): each
        for each in (database.articles.find({"content_hash": {"$in": hashes}}) if hashes else ())
        for source in each["sources"]
    }
    gone = removed.among(
        database,
        chain.from_iterable(map(_graves, (c for c in candidates if c.article.id not in there))),
    )
    judged = []
    for candidate in candidates:
        article, prints = candidate.article, candidate.prints
        stored = there.get(article.id)
        verdict: Verdict = "new"
        if stored:
            judged.append(_met(stored, candidate))
            continue
        if gone and not gone.isdisjoint(_graves(candidate)):
            verdict = "removed"
        elif prints.telling and (prints.content, article.source) in twins:
            verdict = "duplicate"
            stored = kept_of(twins[prints.content, article.source], "known")
        judged.append(Judged(article=article, prints=prints, verdict=verdict, stored=stored))
    return edits.confirmed(database, judged)


def _graves(each: Candidate | Judged) -> tuple[str, ...]:
    """Return the ids under which a tombstone of this article would stand."""
    article, prints = each.article, each.prints
    if not prints.telling:
        return (article.id,)
    return article.id, removed.text_id(article.source, prints.content)


def _met(stored: Kept, candidate: Candidate) -> Judged:
    article, prints, record = candidate.article, candidate.prints, stored.record
    met = Judged(article=article, prints=prints, verdict="known", stored=stored)
    # What an entry point carries never stands in for more that was read, nor tells of what its page shows.
    if article.partial and prints.content != record.content_hash:
        return attrs.evolve(met, doubt=record.doubt)
    if stored.article.partial and not article.partial:
        return attrs.evolve(met, verdict="completed")
    found = edits.compared(met, stored)
    if found.verdict == "known" and record.pending:
        return attrs.evolve(found, verdict="new" if record.revision == 1 else "edited")
    return found


@patiently
def keep(
    database: Database,
    judged: Sequence[Judged],
    *,
    now: datetime,
    pending: bool = True,
    quiet: Quiet = "",
) -> list[Kept]:
    """Store a batch of judged articles; returns what became of each, in their order.

    New articles and edits are pending when this returns (``quiet`` says why they are no news), unless there
    is nothing left to do with them; they are acknowledged and on disk. What another process stored
    between the judgement and this is judged anew; what was removed meanwhile does not stay.
    """
    steps = Steps(pending=pending, quiet=quiet if pending else "")
    done: dict[str, Kept] = {}
    todo = list({each.article.id: each for each in judged}.values())
    while todo:
        done |= {
            each.article.id: _as_removed(each, now) for each in todo if each.verdict == "removed"
        }
        fresh = [each for each in todo if each.stored is None and each.verdict != "removed"]
        done |= _insert(database, fresh, now, steps)
        for each in todo:
            if each.stored is not None:
                kept = _meet(database, each, each.stored, now, steps)
                if kept:
                    done[each.article.id] = kept
                # New: it was stored, and what follows that is still to do.
                if kept and kept.verdict in _WRITTEN:
                    copies.retold(database, kept, each.prints.signature)
        todo = judge(
            database,
            [
                Candidate(article=each.article, prints=each.prints)
                for each in todo
                if each.article.id not in done
            ],
        )
    _leave_removed(database, judged, done, now)
    return [done[each.article.id] for each in judged]


def _leave_removed(
    database: Database, judged: Sequence[Judged], done: dict[str, Kept], now: datetime
) -> None:
    """Take out again what was removed while it was being stored; its tombstone came before."""
    written = [each for each in judged if done[each.article.id].verdict in _WRITTEN]
    gone = removed.among(database, chain.from_iterable(map(_graves, written)))
    for each in written if gone else ():
        if not gone.isdisjoint(_graves(each)):
            database.articles.delete_one({"_id": each.article.id})
            database.prints.delete_one({"_id": each.article.id})
            database.revisions.delete_many({"article": each.article.id})
            done[each.article.id] = _as_removed(each, now)
    # An edit keeps what was said before it is stored, and may have been too late for that.
    late = [each for each in judged if each.stored and done[each.article.id].verdict == "removed"]
    if late:
        database.revisions.delete_many({"article": {"$in": [each.article.id for each in late]}})


_WRITTEN = frozenset({"new", "edited", "completed"})


def _as_removed(judged: Judged, now: datetime) -> Kept:
    """Return what becomes of an article that was taken out of the archive: nothing."""
    record = Record(
        story=story_of(judged.article, judged.prints),
        revision=0,
        content_hash=judged.prints.content,
        body_hash=judged.prints.body,
        first_seen=now,
        changed_at=now,
        sources=(judged.article.source,),
    )
    return Kept(article=judged.article, record=record, verdict="removed")


def _insert(
    database: Database, fresh: Sequence[Judged], now: datetime, steps: Steps
) -> dict[str, Kept]:
    kept: dict[str, Kept] = {}
    moved: dict[str, Kept] = {}
    first: set[tuple[str, str]] = set()
    placing = Placing.of(database, fresh)
    for each in fresh:
        if each.prints.telling:
            # The second of two same texts of a source waits, to be met when the first is stored.
            text = (each.article.source, each.prints.content)
            if text in first:
                continue
            first.add(text)
        place = placing.place(each, story_of(each.article, each.prints))
        if place is None:
            continue
        if place.moved is not None:
            twin = attrs.evolve(each, verdict="duplicate", stored=place.moved)
            met = _meet(database, twin, place.moved, now, steps)
            if met is not None:
                moved[each.article.id] = met
            continue
        record = Record(
            story=place.story,
            copy_of=place.copy_of,
            distance=place.distance,
            revision=1,
            content_hash=each.prints.content,
            body_hash=each.prints.body,
            first_seen=now,
            changed_at=now,
            sources=(each.article.source,),
            pending=steps.pending,
            quiet=steps.quiet,
        )
        kept[each.article.id] = Kept(
            article=each.article, record=record, verdict="new", event=each.prints.event
        )
        placing.put(kept[each.article.id], place)
    documents = [steps.document(each.article, each.record) for each in kept.values()]
    if not documents:
        return moved
    placing.file()
    try:
        database.articles.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        if any(each["code"] != DUPLICATE_KEY for each in error.details["writeErrors"]):
            raise
        for each in error.details["writeErrors"]:
            del kept[documents[each["index"]]["_id"]]
    return moved | kept | placing.settle(kept)


def _meet(
    database: Database, judged: Judged, stored: Kept, now: datetime, steps: Steps
) -> Kept | None:
    """Write what an article adds to the stored one. None: that one changed or went under our eyes."""
    article, record = judged.article, stored.record
    steps = steps.after(record)
    news: Document = {}
    if article.source not in record.sources:
        news["sources"] = article.source
    if judged.verdict == "duplicate" and article.url not in record.also_at:
        news["also_at"] = article.url
    if news:
        added = database.articles.update_one({"_id": stored.article.id}, {"$addToSet": news})
        if not added.matched_count:
            return None
    if judged.verdict == "completed":
        return edits.complete(database, judged, stored, now, steps)
    if judged.kinds:
        return edits.edit(database, judged, stored, now, steps)
    if judged.verdict in ("known", "doubtful") and judged.doubt != record.doubt:
        stored = edits.note_doubt(database, judged.doubt, stored)
    return attrs.evolve(stored, verdict=judged.verdict)


@patiently
def finish(database: Database, kept: Iterable[Kept]) -> None:
    """Say that all steps of these articles are done; what changed meanwhile has its own still to do."""
    # Completed or read again, an article is the same revision, and its steps are still to do: its content
    # tells them apart. What an entry point carried may have another's content, so it is asked for by itself.
    groups: defaultdict[tuple[int, str], dict[str, str]] = defaultdict(dict)
    for each in kept:
        name, record = each.article.id, each.record
        groups[record.revision, name if each.article.partial else ""][name] = record.content_hash
    for (revision, _), contents in groups.items():
        names = list(contents)
        for at in range(0, len(names), AT_ONCE):
            some = names[at : at + AT_ONCE]
            database.articles.update_many(
                {
                    "_id": {"$in": some},
                    "revision": revision,
                    "content_hash": {"$in": [contents[name] for name in some]},
                },
                {"$unset": {"pending": 1, "quiet": 1}},
            )


@patiently
def unfinished(database: Database, *, before: datetime, at_most: int = 200) -> list[Kept]:
    """Return articles that were stored before that moment and whose last steps are still to do."""
    found = database.articles.find({"pending": True}).limit(at_most * 2)
    return [
        kept_of(document, "new" if document["revision"] == 1 else "edited")
        for document in found
        if document["changed_at"] < before
    ][:at_most]


@patiently
def get(database: Database, article: str) -> Kept | None:
    """Return an article by its id."""
    document = database.articles.find_one({"_id": article})
    return kept_of(document, "known") if document else None


@patiently
def any_one(database: Database) -> Kept | None:
    """Return an article, None where there is none."""
    document = database.articles.find_one({})
    return kept_of(document, "known") if document else None


@patiently
def many(database: Database, ids: Sequence[str]) -> dict[str, Kept]:
    """Return those of the articles that are there, by id."""
    found = database.articles.find({"_id": {"$in": list(ids)}})
    return {document["_id"]: kept_of(document, "known") for document in found}


class Unread:
    """An article as it stands in the archive: what it is known by, without being read.

    ``mark`` is another one after any change of anything that is kept of it.
    """

    def __init__(self, stored: RawBSONDocument, options: CodecOptions[Document]) -> None:
        self._stored = stored
        self._options = options
        self.id = str(stored["_id"])
        self.source = str(stored["source"])
        self.mark = blake2b(stored.raw, digest_size=16).digest()

    def read(self) -> Kept:
        """Return it as it stood when it was found."""
        return from_stored(bson.decode(self._stored.raw, self._options))


@patiently
def unread(database: Database, ids: Sequence[str]) -> list[Unread]:
    """Return those of the articles that are there, in this order."""
    of = database.articles
    raw = of.with_options(of.codec_options.with_options(document_class=RawBSONDocument))
    found = (Unread(each, of.codec_options) for each in raw.find({"_id": {"$in": list(ids)}}))
    there = {each.id: each for each in found}
    return [there[each] for each in ids if each in there]


@patiently
def at(database: Database, url: str) -> Kept | None:
    """Return the article with this canonical URL."""
    return get(database, article_id(url))


@patiently
def sources_of(database: Database, ids: Iterable[str]) -> dict[str, str]:
    """Return the source (its id) of each of these articles, by id."""
    found = database.articles.find({"_id": {"$in": list(ids)}}, {"source": 1})
    return {each["_id"]: each["source"] for each in found}


@patiently
def of_story(database: Database, story: str, *, at_most: int = 50) -> list[Kept]:
    """Return articles of a story and of all that are one with it, first seen first."""
    all_of_it = {"story": {"$in": stories.members(database, story)}}
    found = database.articles.find(all_of_it).limit(at_most)
    kept = [kept_of(document, "known") for document in found]
    return sorted(kept, key=lambda each: (each.record.first_seen, each.article.id))


@patiently
def sources_telling(
    database: Database, told: Iterable[str], *, at_most: int = 5_000
) -> dict[str, frozenset[str]]:
    """Return the ids of all sources that tell each of these stories, or what is one with it."""
    heads = stories.heads(database, told)
    of = {
        member: head
        for head, members in stories.members_of(database, heads.values()).items()
        for member in members
    }
    found: dict[str, set[str]] = {head: set() for head in heads.values()}
    wanted = {"story": 1, "sources": 1}
    for each in database.articles.find({"story": {"$in": sorted(of)}}, wanted).limit(at_most):
        found[of[each["story"]]].update(each["sources"])
    return {story: frozenset(found[head]) for story, head in heads.items()}


@patiently
def count(database: Database) -> int:
    """Return how many articles there are."""
    return database.articles.estimated_document_count()


def article_id(url: str) -> str:
    """Return the id of the article with this canonical URL."""
    return derived_id("article", url)


def from_stored(document: Document) -> Kept:
    """Return the article that a stored document holds."""
    return kept_of(document, "known")
