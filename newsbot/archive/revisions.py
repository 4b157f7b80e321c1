"""What articles said before their edits; whether what a page shows now is one.

An edit is a comparison and set on the revision that was read, so that two who find one at the same time
make one of it. What tells edits apart is loaded where something differs: most commands need none of it.
What is doubted (see :mod:`newsbot.edits.plausible`) is no edit until it is seen again
while the rest of its site is seen whole.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import attrs
from pymongo.errors import DuplicateKeyError

from newsbot.archive import pages
from newsbot.archive.connection import Database, Document, patiently
from newsbot.archive.kept import Doubt, Judged, Kept, Record, Steps, kept_of
from newsbot.archive.records import from_document, to_document, to_value
from newsbot.edits.version import Kind, Version
from newsbot.items import Article, derived_id
from newsbot.text.dates import ParsedDate
from newsbot.text.doubts import preferred

if TYPE_CHECKING:
    from newsbot.edits.differences import Piece

_UNTOUCHED = frozenset({"_id", "sources", "also_at", "first_seen", "story"})


# A doubted version is believed at the earliest after this time, if it is shown again; and where no other
# page of the site can tell, after a day and three looks.
CONFIRMED_AFTER = timedelta(hours=6)
_ALONE, _ALONE_LOOKS = timedelta(days=1), 3
# Looks of this long before a doubt tell of the same time.
_AROUND = timedelta(hours=1)
# A site is well while so many of its pages at most fail for each that is seen whole.
_FAILING = 0.25


@attrs.frozen(kw_only=True)
class Revision:
    """What an article said from one edit to the next.

    ``number`` counts from 1; ``kinds`` are the kinds of change that led to it (of the first: none).
    ``seen_from`` is when it was seen first, ``seen_until`` when the edit after it was found, None of what
    the article says now. Texts are as :class:`newsbot.items.Article` has them.
    """

    id: str
    article: str
    number: int
    title: str
    body: str
    title_as_published: str | None = None
    body_as_published: str | None = None
    authors: tuple[str, ...] = ()
    published: ParsedDate | None = None
    modified: ParsedDate | None = None
    kinds: tuple[Kind, ...] = ()
    seen_from: datetime
    seen_until: datetime | None = None


def _revision(kept: Kept, until: datetime | None) -> Revision:
    article, record = kept.article, kept.record
    return Revision(
        id=derived_id("revision", article.id, str(record.revision), record.content_hash),
        article=article.id,
        number=record.revision,
        title=article.title,
        body=article.body,
        title_as_published=article.title_as_published,
        body_as_published=article.body_as_published,
        authors=article.authors,
        published=article.published,
        modified=article.modified,
        kinds=record.kinds,
        seen_from=record.changed_at,
        seen_until=until,
    )


# Judging


def compared(met: Judged, stored: Kept) -> Judged:
    """Return what a page that was read again is to the stored article: known, edited or doubtful."""
    from newsbot.edits.kinds import kinds_of
    from newsbot.edits.plausible import doubt

    article, mine, record = met.article, met.prints, stored.record
    if article.fetched_at < stored.article.fetched_at:  # it waited on disk, say
        return attrs.evolve(met, doubt=record.doubt)
    same_text = mine.content == record.content_hash
    if same_text and record.text_expired_at is not None:  # of its text the hash is left to compare
        return met
    kinds: tuple[Kind, ...] = ()
    before, after = _version(stored.article), _version(article)
    if not same_text or (article.authors, article.published) != (before.authors, before.published):
        kinds = kinds_of(before, after)
    why = doubt(before, after) if kinds and not same_text else ""
    if why:
        held = record.doubt
        doubted = Doubt(
            since=held.since if held else article.fetched_at,
            looks=held.looks + 1 if held else 1,
            why=why,
            body_hash=mine.body,
        )
        return attrs.evolve(met, verdict="doubtful", kinds=(), doubt=doubted)
    if record.deleted_at is not None:
        kinds = (*kinds, "restored")
    return attrs.evolve(met, verdict="edited", kinds=kinds) if kinds else met


def _version(article: Article) -> Version:
    return Version(
        title=article.title,
        body=article.body,
        authors=article.authors,
        published=article.published,
        modified=article.modified,
        language=article.language,
        publisher=article.publisher,
    )


def confirmed(database: Database, judged: Sequence[Judged]) -> list[Judged]:
    """Return the judgements with those doubtful ones as edits that may be believed by now.

    One is, if it shows the same once more, or is a third that is not to be believed, while other pages of
    its site are seen whole. Where the site's pages fail together nothing of it is believed.
    """
    again = [each for each in judged if _is_shown_again(each)]
    if not again:
        return list(judged)
    since: dict[str, datetime] = {}
    for each in again:
        since[each.article.source] = min(_since(each), since.get(each.article.source, _since(each)))
    looks = {source: pages.looks(database, source, since=at) for source, at in since.items()}
    believed = {each.article.id for each in again if _is_alone(each, looks[each.article.source])}
    return [_believed(each) if each.article.id in believed else each for each in judged]


def _is_shown_again(judged: Judged) -> bool:
    from newsbot.edits.plausible import UNREADABLE

    before = judged.stored.record.doubt if judged.stored else None
    now = judged.doubt
    if judged.verdict != "doubtful" or before is None or now is None or now.why == UNREADABLE:
        return False
    again = before.body_hash == now.body_hash or now.looks >= _ALONE_LOOKS
    return again and judged.article.fetched_at - before.since >= CONFIRMED_AFTER


def _since(judged: Judged) -> datetime:
    """Return from when on looks at other pages tell of the time of a doubt."""
    return (judged.doubt.since if judged.doubt else judged.article.fetched_at) - _AROUND


def _is_alone(judged: Judged, looks: Sequence[pages.Look]) -> bool:
    """Say whether other pages of a site were seen whole while this one was not."""
    others = [
        each.whole
        for each in looks
        if each.article != judged.article.id and each.at >= _since(judged)
    ]
    if not others:
        passed = judged.article.fetched_at - _since(judged) - _AROUND
        return passed >= _ALONE and judged.doubt is not None and judged.doubt.looks >= _ALONE_LOOKS
    whole = sum(others)
    return len(others) - whole <= _FAILING * whole


def _believed(judged: Judged) -> Judged:
    from newsbot.edits.kinds import kinds_of

    assert judged.stored is not None
    kinds = kinds_of(_version(judged.stored.article), _version(judged.article))
    return attrs.evolve(judged, verdict="edited", kinds=kinds, doubt=None)


# Writing


def note_doubt(database: Database, doubted: Doubt | None, stored: Kept) -> Kept:
    """Keep what was doubted of an article at the last look; None: it was seen as it is."""
    database.articles.update_one(
        {"_id": stored.article.id, "revision": stored.record.revision},
        {"$set": {"doubt": to_value(doubted)}},
    )
    return attrs.evolve(stored, record=attrs.evolve(stored.record, doubt=doubted))


def edit(
    database: Database, judged: Judged, stored: Kept, now: datetime, steps: Steps
) -> Kept | None:
    """Put an edited article in the place of what was stored. None: it changed under our eyes."""
    article, mine, record = judged.article, judged.prints, stored.record
    _keep(database, _revision(stored, now))
    # Whoever finds the edit: the source that found the article first stays its source. What a page does
    # not show any more, or tells elsewhere, is not unsaid.
    edited = attrs.evolve(
        article if article.title else _under_its_headline(article, stored.article),
        source=stored.article.source,
        found_by=stored.article.found_by,
        published=article.published if "date" in judged.kinds else stored.article.published,
        authors=article.authors or stored.article.authors,
    )
    after = attrs.evolve(
        record,
        revision=record.revision + 1,
        content_hash=mine.content,
        body_hash=mine.body,
        changed_at=now,
        pending=steps.pending,
        quiet=steps.quiet,
        kinds=judged.kinds,
        deleted_at=None,
        doubt=None,
        text_expired_at=None,
    )
    fields = _back(record) | steps.document(edited, after)
    # Its content too: completed meanwhile, it is of the same revision, and says more.
    changed = database.articles.update_one(
        {"_id": article.id, "revision": record.revision, "content_hash": record.content_hash},
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
        published=preferred(article.published, stored.article.published),
        authors=article.authors or stored.article.authors,
    )
    after = attrs.evolve(
        record,
        content_hash=judged.prints.content,
        body_hash=judged.prints.body,
        changed_at=now,
        pending=steps.pending,
        quiet=steps.quiet,
        text_expired_at=None,
    )
    fields = _back(record) | steps.document(whole, after)
    changed = database.articles.update_one(
        {"_id": article.id, "revision": record.revision, "partial": stored.article.partial},
        {"$set": {name: value for name, value in fields.items() if name not in _UNTOUCHED}},
    )
    return (
        Kept(article=whole, record=after, verdict="completed") if changed.modified_count else None
    )


def _under_its_headline(article: Article, stored: Article) -> Article:
    return attrs.evolve(article, title=stored.title, title_as_published=stored.title_as_published)


def _keep(database: Database, before: Revision) -> None:
    # It may be there: written by a process that died before its next step, or by a faster one.
    with suppress(DuplicateKeyError):
        database.revisions.insert_one(to_document(before))


@patiently
def note_deletion(database: Database, article: str, *, now: datetime) -> bool:
    """Note that a publisher has taken an article down. It stays as it was; returns whether that is new.

    A page that shows it again is an edit that says so.
    """
    while True:
        document = database.articles.find_one({"_id": article})
        if document is None:
            return False
        stored = kept_of(document, "known")
        if stored.record.deleted_at is not None:
            return False
        _keep(database, _revision(stored, now))
        changes: Document = {
            "revision": stored.record.revision + 1,
            "changed_at": now,
            "deleted_at": now,
            "kinds": ["deletion"],
            "doubt": None,
            # Who asked to be told of it is told by the next sweep.
            "pending": True,
        }
        changed = database.articles.update_one(
            {"_id": article, "revision": stored.record.revision}, {"$set": changes}
        )
        if changed.modified_count:
            return True


# Reading


@patiently
def versions(database: Database, article: Kept) -> list[Revision]:
    """Return all that an article has said, oldest first; the last is what it says now."""
    told = [*revisions(database, article), _revision(article, None)]
    # Edits that were stored before their kinds were say them by what they changed.
    return [
        told[0],
        *(
            after if after.kinds else attrs.evolve(after, kinds=_kinds(before, after, article))
            for before, after in pairwise(told)
        ),
    ]


def changes(before: Revision, after: Revision) -> dict[str, tuple["Piece", ...]]:
    """Return what changed between two versions, as published: by "headline", "by", "published", "text".

    Those that did not change are left out.
    """
    from newsbot.edits.differences import difference

    one, other = _fields(before), _fields(after)
    found = {label: difference(one[label], other[label]) for label in one}
    return {
        label: pieces
        for label, pieces in found.items()
        if any(each.change != "same" for each in pieces)
    }


def _fields(revision: Revision) -> dict[str, str]:
    published = revision.published
    told = str(published.day) if published else ""
    if published and published.instant:
        told = f"{published.instant:%Y-%m-%d %H:%M} UTC"
    return {
        "headline": revision.title_as_published or revision.title,
        "by": ", ".join(revision.authors),
        "published": told,
        "text": revision.body_as_published or revision.body,
    }


def _kinds(before: Revision, after: Revision, kept: Kept) -> tuple[Kind, ...]:
    from newsbot.edits.kinds import kinds_of

    return kinds_of(
        *(
            Version(
                title=each.title,
                body=each.body,
                authors=each.authors,
                published=each.published,
                modified=each.modified,
                language=kept.article.language,
                publisher=kept.article.publisher,
            )
            for each in (before, after)
        )
    )


@patiently
def before(database: Database, article: Kept) -> Revision | None:
    """Return what the article said before its last edit."""
    last = {"article": article.article.id, "number": article.record.revision - 1}
    found = database.revisions.find_one(last)
    return from_document(Revision, found) if found else None


def _back(record: Record) -> Document:
    """Return what is to be set of an article whose text had expired and that has one again."""
    return {} if record.text_expired_at is None else {"text_expired_at": None}


@patiently
def revisions(database: Database, article: Kept) -> list[Revision]:
    """Return what the article said before each of its edits, oldest first."""
    found = database.revisions.find(
        {"article": article.article.id, "number": {"$lt": article.record.revision}}
    )
    return [from_document(Revision, each) for each in found.sort("number", 1)]
