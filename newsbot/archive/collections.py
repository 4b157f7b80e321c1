"""Collections: articles that somebody put aside, in an order, with notes, for himself or for the desk.

A change is a comparison and set on the collection's version. What two people do at once to different
things (one adds an article, one writes a note) is both done; what one has written over the other's change
of the same thing is refused, and says whose it is. A collection names articles by their ids; of one that
is removed from the archive the place stays, with nothing of it.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal, get_args

import attrs
from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.archive.removed import Tombstone
from newsbot.archive.searches import SearchNameError, checked_name
from newsbot.items import derived_id

Sharing = Literal["private", "desk", "edited by the desk"]
"""Who sees a collection: its owner; everybody, and the owner changes it; everybody, and so may change it."""
SHARINGS: tuple[Sharing, ...] = get_args(Sharing)

MOST = 1_000
"""Articles in one collection."""
LONGEST_NOTE = 4_000
"""Characters of a note, and of what a collection says of itself."""
MOST_TAGS, LONGEST_TAG = 20, 50
MOST_COLLECTIONS = 500
"""Collections that are listed."""


class CollectionError(ValueError):
    """Something that cannot be done with a collection; the text says why and what to do."""


class ChangedError(CollectionError):
    """Somebody else has changed it since it was looked at: ``found`` is the collection as it is now."""

    def __init__(self, told: str, found: "Collection") -> None:
        super().__init__(told)
        self.found = found


@attrs.frozen(kw_only=True)
class Entry:
    """An article in a collection: who put it there and when, what he noted, with tags.

    ``version`` grows with each change of its note and tags, ``changed_by`` is who made the last. ``gone_at``
    is when it was removed from the archive, None where it was not.
    """

    article: str
    by: str
    at: datetime
    note: str = ""
    tags: tuple[str, ...] = ()
    version: int = 1
    changed_by: str = ""
    gone_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Collection:
    """Articles that were put aside: ``entries`` in their order.

    ``about`` is what it says of itself. ``version`` grows with each change, ``told_version`` with those of
    name, ``about``, tags and sharing; ``by`` is who made the last change, ``at`` when. ``articles`` are the
    ids of the articles that are in the archive.
    """

    id: str
    name: str
    owner: str
    created_at: datetime
    at: datetime
    by: str
    about: str = ""
    tags: tuple[str, ...] = ()
    sharing: Sharing = "private"
    version: int = 1
    told_version: int = 1
    entries: tuple[Entry, ...] = ()
    articles: tuple[str, ...] = ()

    def seen_by(self, name: str) -> bool:
        """Whether somebody of that name may see it."""
        return self.sharing != "private" or name == self.owner

    def changed_by(self, name: str) -> bool:
        """Whether somebody of that name may change what is in it."""
        return name == self.owner or self.sharing == "edited by the desk"

    def entry(self, article: str) -> Entry | None:
        """Return what it has of an article."""
        return next((each for each in self.entries if each.article == article), None)


def new(
    name: str,
    *,
    by: str,
    now: datetime,
    about: str = "",
    tags: Iterable[str] = (),
    sharing: Sharing = "private",
) -> Collection:
    """Return an empty collection that is not kept yet.

    Raises:
        CollectionError: for what it cannot have.
    """
    now = now.replace(microsecond=now.microsecond // 1_000 * 1_000)  # as MongoDB keeps it
    return Collection(
        id=derived_id("collection", by, name, now.isoformat()),
        name=_name(name),
        owner=by,
        created_at=now,
        at=now,
        by=by,
        about=_text(about),
        tags=tags_of(tags),
        sharing=sharing,
    )


def _name(name: str) -> str:
    try:
        return checked_name(name, "a collection")
    except SearchNameError as error:
        raise CollectionError(str(error)) from None


def _text(text: str) -> str:
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if len(text) > LONGEST_NOTE:
        raise CollectionError(
            f"a note has at most {LONGEST_NOTE:,} characters, and this has {len(text):,}; shorten it"
        )
    return text


def tags_of(typed: Iterable[str]) -> tuple[str, ...]:
    """Return tags as they are kept: without spaces around them, each once.

    Raises:
        CollectionError: for too many, or too long ones.
    """
    tags = tuple(dict.fromkeys(each for tag in typed if (each := " ".join(tag.split()))))
    if len(tags) > MOST_TAGS:
        raise CollectionError(f"there may be {MOST_TAGS} tags, and these are {len(tags)}")
    for tag in tags:
        if len(tag) > LONGEST_TAG or not tag.replace(" ", "x").isprintable():
            raise CollectionError(
                f"a tag has at most {LONGEST_TAG} characters that can be seen; {tag[:20]!r} is none"
            )
    return tags


# Reading


@patiently
def find(database: Database, collection: str) -> Collection | None:
    """Return a collection by its id."""
    found = database.collections.find_one({"_id": collection})
    return from_document(Collection, found) if found else None


@patiently
def everything(database: Database, *, seen_by: str | None = None) -> list[Collection]:
    """Return the collections that somebody may see, all where that is None, the last changed first."""
    found = [
        from_document(Collection, each)
        for each in database.collections.find({}).limit(MOST_COLLECTIONS)
    ]
    shown = [each for each in found if seen_by is None or each.seen_by(seen_by)]
    return sorted(shown, key=lambda each: (each.at, each.id), reverse=True)


@patiently
def containing(database: Database, article: str) -> list[Collection]:
    """Return the collections that an article is in."""
    found = database.collections.find({"articles": article})
    return [from_document(Collection, each) for each in found]


# Changing


@patiently
def add(database: Database, collection: Collection) -> None:
    """Keep a new collection.

    Raises:
        CollectionError: where there are as many as there may be.
    """
    if database.collections.estimated_document_count() >= MOST_COLLECTIONS:
        raise CollectionError(
            f"there are {MOST_COLLECTIONS} collections already; remove one that is not needed"
        )
    try:
        database.collections.insert_one(to_document(collection))
    except DuplicateKeyError:  # written by a try whose answer was lost
        return


@patiently
def remove(database: Database, collection: str) -> bool:
    """Remove a collection; says whether it was there. Its articles stay in the archive."""
    return database.collections.delete_one({"_id": collection}).deleted_count > 0


def tell(
    database: Database,
    collection: str,
    *,
    by: str,
    now: datetime,
    name: str,
    about: str,
    tags: Iterable[str],
    sharing: Sharing,
    version: int,
) -> Collection:
    """Change what a collection says of itself, as it was at ``told_version``.

    Raises:
        ChangedError: where somebody else has changed it since.
        CollectionError: for what it cannot have.
    """
    name, about, told = _name(name), _text(about), tags_of(tags)

    def changed(there: Collection) -> Collection:
        same = (there.name, there.about, there.tags, there.sharing) == (name, about, told, sharing)
        if same:
            return there
        if there.told_version != version:
            raise ChangedError(_changed_by(there.by, "the collection"), there)
        return attrs.evolve(
            there,
            name=name,
            about=about,
            tags=told,
            sharing=sharing,
            told_version=version + 1,
        )

    return _change(database, collection, changed, by=by, now=now)


def put_in(
    database: Database,
    collection: str,
    articles: Sequence[str],
    *,
    by: str,
    now: datetime,
    note: str = "",
    tags: Iterable[str] = (),
) -> Collection:
    """Put articles at the end of a collection; those that are in it stay as they are.

    Raises:
        CollectionError: where there would be too many, or the note is too long.
    """
    note, told = _text(note), tags_of(tags)

    def changed(there: Collection) -> Collection:
        known = {each.article for each in there.entries}
        more = [each for each in dict.fromkeys(articles) if each not in known]
        if len(there.entries) + len(more) > MOST:
            raise CollectionError(
                f"a collection has at most {MOST:,} articles, this one has {len(there.entries):,}, "
                f"and {len(more):,} were to be added; make another, or save the search instead"
            )
        added = tuple(Entry(article=each, by=by, at=now, note=note, tags=told) for each in more)
        return attrs.evolve(there, entries=there.entries + added) if added else there

    return _change(database, collection, changed, by=by, now=now)


def annotate(
    database: Database,
    collection: str,
    article: str,
    *,
    by: str,
    now: datetime,
    note: str,
    tags: Iterable[str],
    version: int,
) -> Collection:
    """Change the note and tags of an article in a collection, as they were at its ``version``.

    Raises:
        ChangedError: where somebody else has changed them since.
        CollectionError: where it is not there, or the note is too long.
    """
    text, told = _text(note), tags_of(tags)

    def changed(there: Collection) -> Collection:
        entry = _entry(there, article)
        if (entry.note, entry.tags) == (text, told):
            return there
        if entry.version != version:
            raise ChangedError(_changed_by(entry.changed_by or entry.by, "the note"), there)
        noted = attrs.evolve(entry, note=text, tags=told, version=entry.version + 1, changed_by=by)
        return _with(there, (noted if each is entry else each for each in there.entries))

    return _change(database, collection, changed, by=by, now=now)


def move(
    database: Database, collection: str, article: str, *, to: int, by: str, now: datetime
) -> Collection:
    """Put an article of a collection at another place: the first is 1; beyond the last is the last.

    Raises:
        CollectionError: where it is not there.
    """

    def changed(there: Collection) -> Collection:
        entry = _entry(there, article)
        others = [each for each in there.entries if each is not entry]
        others.insert(max(to, 1) - 1, entry)
        return _with(there, others)

    return _change(database, collection, changed, by=by, now=now)


def leave_out(
    database: Database, collection: str, article: str, *, by: str, now: datetime
) -> Collection:
    """Take an article out of a collection; it may be out already."""

    def changed(there: Collection) -> Collection:
        return _with(there, (each for each in there.entries if each.article != article))

    return _change(database, collection, changed, by=by, now=now)


def _with(there: Collection, entries: Iterable[Entry]) -> Collection:
    told = tuple(entries)
    return there if told == there.entries else attrs.evolve(there, entries=told)


def _entry(there: Collection, article: str) -> Entry:
    entry = there.entry(article)
    if entry is None:
        raise CollectionError("the article is not in this collection any more; nothing was changed")
    return entry


def _changed_by(name: str, what: str) -> str:
    return (
        f"{name} has changed {what} since you opened it: it stands as it is now. What you typed is kept "
        "in the form; look at both, then save again"
    )


@patiently
def _change(
    database: Database,
    collection: str,
    changed: Callable[[Collection], Collection],
    *,
    by: str,
    now: datetime,
) -> Collection:
    """Change a collection by comparing and setting, again where somebody was faster.

    Raises:
        CollectionError: where it was removed, and what ``changed`` raises.
    """
    while True:
        there = find(database, collection)
        if there is None:
            raise CollectionError("there is no such collection any more; nothing was changed")
        wanted = changed(there)
        if wanted is there:
            return there
        wanted = attrs.evolve(
            wanted,
            version=there.version + 1,
            by=by,
            at=now,
            articles=tuple(each.article for each in wanted.entries if each.gone_at is None),
        )
        key = {"_id": collection, "version": there.version}
        if database.collections.replace_one(key, to_document(wanted)).matched_count:
            return wanted


@patiently
def take_out(database: Database, stones: Sequence[Tombstone]) -> int:
    """Have nothing of removed articles be in collections; returns in how many of their places something was.

    The place of each stays. What was noted of one that was taken down goes with it.
    """
    by_article = {each.id: each for each in stones}
    met = 0
    for each in database.collections.find({"articles": {"$in": list(by_article)}}, {"_id": 1}):
        count = 0

        def without(there: Collection) -> Collection:
            nonlocal count
            entries = tuple(_gone(entry, by_article.get(entry.article)) for entry in there.entries)
            count = sum(a is not b for a, b in zip(entries, there.entries, strict=True))
            return attrs.evolve(there, entries=entries) if count else there

        found = find(database, each["_id"])
        if found is not None:
            _change(database, found.id, without, by=found.by, now=found.at)
            met += count
    return met


def _gone(entry: Entry, stone: Tombstone | None) -> Entry:
    if stone is None or entry.gone_at is not None:
        return entry
    if stone.cause == "takedown":
        entry = attrs.evolve(entry, note="", tags=())
    return attrs.evolve(entry, gone_at=stone.at, version=entry.version + 1)
