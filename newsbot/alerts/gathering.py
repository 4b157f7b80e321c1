"""What messages say, read out of the archive: many at a time, in a number of questions that does not grow."""

from collections.abc import Iterable, Mapping, Sequence

from newsbot.alerts.telling import MOST_PARTS, Known, Telling, shortened, telling
from newsbot.archive import articles, matches, outbox, revisions, rules, sources
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.outbox import Message
from newsbot.edits.differences import Piece


def tell(database: Database, messages: Sequence[Message], *, base: str) -> dict[str, Telling]:
    """Return what each of these messages says, by its id; ``base`` is newsbot's own address.

    One is missing whose alert was removed, or the only article that it tells of.
    """
    parts = {each.id: _parts(database, each) for each in messages if each.kind == "digest"}
    about = [
        *(each for each in messages if each.article),
        *(part for some, _ in parts.values() for part in some if part.article),
    ]
    known = _known(database, about)
    by_id = rules.many(database, {each.alert for each in messages if each.alert})
    said = {}
    for each in messages:
        if (each.alert and each.alert not in by_id) or (
            each.article and each.kind != "digest" and each.id not in known.kept
        ):
            continue
        some, left_out = parts.get(each.id, ((), 0))
        said[each.id] = telling(
            each, by_id.get(each.alert), some, known, base=base, left_out=left_out
        )
    return said


def _parts(database: Database, digest: Message) -> tuple[list[Message], int]:
    """Return those parts of a digest that are told, and how many more there are."""
    found = outbox.parts(database, digest.id)
    count = max(len(found), int(digest.said.get("count", 0)))
    return found[:MOST_PARTS], count - min(len(found), MOST_PARTS)


def _known(database: Database, about: Sequence[Message]) -> Known:
    there = articles.many(database, sorted({each.article for each in about}))
    kept = {each.id: there[each.article] for each in about if each.article in there}
    for each in about:
        if each.id not in kept and (other := _another(database, each)) is not None:
            kept[each.id] = other
    telling_it = articles.sources_telling(database, {each.story for each in about if each.story})
    met = _matches(database, about, kept)
    return Known(
        kept=kept,
        sources=sources.names(database, {each.article.source for each in kept.values()}),
        more_sources={story: max(0, len(some) - 1) for story, some in telling_it.items()},
        matches=met,
        changes={
            each.id: _changes(database, kept[each.id], each)
            for each in about
            if each.kind == "edit" and each.id in kept
        },
    )


def _matches(
    database: Database, about: Iterable[Message], kept: Mapping[str, Kept]
) -> dict[str, matches.Match]:
    ids = {
        each.id: matches.match_id(each.alert, kept[each.id].article.id)
        for each in about
        if each.id in kept
    }
    found = matches.many(database, set(ids.values()))
    return {message: found[match] for message, match in ids.items() if match in found}


def _another(database: Database, message: Message) -> Kept | None:
    """Return what else the alert met of a story whose article was found to be part of another."""
    if not message.story:
        return None
    told = {each.article.id: each for each in articles.of_story(database, message.story)}
    met = matches.of_articles(database, told)
    of_it = (each for each in met if each.alert == message.alert and not each.held)
    return next((told[each.article] for each in of_it), None)


def _changes(database: Database, kept: Kept, edit: Message) -> Mapping[str, tuple[Piece, ...]]:
    """Return what an edit changed: from the revision before it to that which it made."""
    number = int(edit.said.get("revision", 0)) or kept.record.revision
    said = {each.number: each for each in revisions.versions(database, kept)}
    if number not in said or number - 1 not in said:
        return {}
    before, after = said[number - 1], said[number]
    if (before.title, before.body, before.authors) == (after.title, after.body, after.authors):
        return {}
    return shortened(revisions.changes(before, after))


def one(database: Database, message: Message, *, base: str) -> Telling | None:
    """Return what one message says; None where it has nothing to tell of any more."""
    return tell(database, [message], base=base).get(message.id)
