"""Which alerts an article meets, and the messages that follow.

An article is announced in three steps that may be repeated: its matches and messages are written
(their ids are derived), then it is finished. Whoever starts sweeps what a crash left between them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import attrs

from newsbot.alerts.rules import InForce, RuleBook
from newsbot.archive import articles, events, matches, outbox, stories
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.emptying import sink
from newsbot.archive.matches import Match
from newsbot.archive.outbox import Message
from newsbot.archive.rules import Rule
from newsbot.archive.spool import Sink
from newsbot.reading import Candidate
from newsbot.search.documents import Documents
from newsbot.search.passages import passage
from newsbot.text.doubts import believed

# The one occasion on which a story is told so far.
FIRST = "first"

# Why nobody is told of a match with an article that is no news.
REPLAYED = "replayed"

# An article that is pending for longer than this (seconds) was left by a process that died.
LEFT_AFTER = 30.0


def announce(database: Database, kept: Sequence[Kept], *, now: datetime) -> list[int]:
    """Write the matches and messages of stored articles and finish them.

    Of an article that is no news (it was replayed, or found in a walk back in time) nobody is told; its
    matches say so.

    Returns how many alerts each of them met, in their order.
    """
    _join_events(database, kept, now)
    book = RuleBook.of(database).in_force()
    documents = Documents.of(database)
    found: list[Match] = []
    messages: list[Message] = []
    counts = []
    for each in kept:
        met = _matches(each, book, documents, now) if book.rules else []
        counts.append(len(met))
        for match in met:
            rule = book.rules[match.alert]
            if not _held(each):
                match = attrs.evolve(match, told_as=_told_as(database, match, rule))
                messages += _messages(match, rule, match.told_as or match.story, now)
            found.append(match)
    matches.record(database, found)
    outbox.put(database, messages)
    articles.finish(database, kept)
    return counts


def _matches(kept: Kept, book: InForce, documents: Documents, now: datetime) -> list[Match]:
    document = documents.document(kept)
    return [
        Match(
            id=matches.match_id(rule, kept.article.id),
            alert=rule,
            article=kept.article.id,
            story=kept.record.story,
            revision=kept.record.revision,
            matched_at=now,
            passage=passage(book.queries[rule], document, kept.article),
            held=_held(kept),
            version=book.rules[rule].version,
            lists=book.lists[rule],
        )
        for rule in book.percolator.match(document)
    ]


def _held(kept: Kept) -> str:
    """Return why nobody is told of an article; "" where they are."""
    return REPLAYED if kept.record.quiet else kept.article.found_by


def _join_events(database: Database, kept: Sequence[Kept], now: datetime) -> None:
    """Have news that tells of the same event as other news be of one story, before it is announced."""
    told = []
    for each in kept:
        if each.verdict != "new" or each.article.partial or _held(each):
            continue
        event = each.event or Candidate.of(each.article).prints.event  # left by a process that died
        if event is not None:
            stated = believed(each.article.published)
            told.append(
                events.Told(
                    article=each.article.id,
                    story=each.record.story,
                    source=each.article.source,
                    day=stated.day if stated else each.article.fetched_at.date(),
                    facts=event,
                )
            )
    events.join(database, told, now=now)


def _told_as(database: Database, match: Match, rule: Rule) -> str:
    """Return the story as which a match is told, "" for its own: stories that are one are told once.

    It is the one that was told already, and else the one that stands for all.
    """
    one = stories.members(database, match.story)
    if len(one) == 1 or not rule.channels:
        return ""
    ids = {outbox.message_id(rule.id, story, FIRST, rule.channels[0]): story for story in one}
    told = sorted(ids[message] for message in outbox.many(database, ids))
    return told[0] if told else stories.heads(database, [match.story])[match.story]


def _messages(match: Match, rule: Rule, story: str, now: datetime) -> list[Message]:
    return [
        Message(
            id=outbox.message_id(rule.id, story, FIRST, channel),
            alert=rule.id,
            article=match.article,
            story=story,
            occasion=FIRST,
            channel=channel,
            passage=match.passage,
            created_at=now,
            next_attempt=now,
        )
        for channel in rule.channels
    ]


def from_spool(database: Database) -> Sink:
    """Return the way of spooled articles into the archive, announced as any others."""
    return sink(database, lambda there, kept: announce(there, kept, now=datetime.now(UTC)))


def sweep(database: Database, *, now: datetime, left_after: float = LEFT_AFTER) -> int:
    """Announce what a process that died had stored and not announced. Returns how many."""
    total = 0
    while left := articles.unfinished(database, before=now - timedelta(seconds=left_after)):
        announce(database, left, now=now)
        total += len(left)
    return total
