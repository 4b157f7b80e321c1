"""Why nobody is told of a match: one table of words, and the rules by which each is given.

What holds a message back never holds back the match, which is on record with the word. The first that
applies is given, in this order: first what the alert's owner asked for (such a match is not released with
old ones), then what makes an article old.

When an article is old
    It is *old* for an alert when its page was read more than the alert's ``max_age`` after its publication;
    a date without a time counts to the end of its day, and an article of which no date is believed counts
    by the day on which it was read, so it is never old.

    It belongs to its source's *first crawl* when it was published before the source was added; or, where
    the date does not tell (it has none, or it is of that very day), when no run of the source had ended
    well before its page was read. What is published once a source is there is news, during the first crawl
    as well. An alert that tells of articles however old they are (``max_age`` 0) is told of those that
    later crawls find.

    An edit of an article is news, whatever crawl had found it, but by its publication it may be old.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Literal, get_args

import attrs

from newsbot.archive import runs, sources, stories
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.naming import Names
from newsbot.archive.rules import Rule
from newsbot.items import Article
from newsbot.query import Document, Query, evaluate
from newsbot.search.passages import mentions
from newsbot.text.doubts import believed

Noise = Literal["left out", "muted", "title", "mentions"]
Old = Literal["replayed", "imported", "restored", "backfill", "first crawl", "old"]
Edit = Literal["known", "edited"]
Held = Literal[Noise, Edit, Old]

NOISE: tuple[Noise, ...] = get_args(Noise)
OLD: tuple[Old, ...] = get_args(Old)

REASONS: Mapping[Held, str] = {
    "left out": "it is of a source or a group that the alert leaves out",
    "muted": "its story is muted",
    "title": "its headline alone does not meet the query",
    "mentions": "too few of its passages meet the query",
    "known": "it met the query before, when the alert was not there yet or asked for something else",
    "edited": "it meets the query only since an edit, and the alert does not tell of these",
    "replayed": "it was read again from a page that was kept",
    "imported": "it came with a file",
    "restored": "it was waiting in a backup that was restored",
    "backfill": "it was found in a walk back in time",
    "first crawl": "it was there before its source was added, and found when that was crawled first",
    "old": "it was published longer ago than the alert tells of",
}
"""Each word with the sentence that people read."""

# What an alert is told of all the same, once a later version of the article is without it.
PASSING: frozenset[str] = frozenset({"left out", "title", "mentions"})


def left_out(rule: Rule, names: Names, source: str) -> bool:
    """Say whether a source, given by its id, is one that the alert is not told of."""
    if not rule.noise.without:
        return False
    without = {each.casefold() for each in rule.noise.without}
    called = (*names.names([source]), *names.groups([source]))
    return not without.isdisjoint(each.casefold() for each in called)


def is_muted(database: Database, rule: Rule, story: str) -> bool:
    """Say whether a story, or one that it was found to be one with, is muted."""
    return bool(muted(database, rule, [story]))


def muted(database: Database, rule: Rule, some: Collection[str]) -> set[str]:
    """Return which of these stories are muted, or were found to be one with some that is."""
    if not rule.muted or set(some) <= set(rule.muted):
        return set(some) & set(rule.muted)
    heads = stories.heads(database, [*rule.muted, *some])
    quiet = {heads[each] for each in rule.muted}
    return {each for each in some if heads[each] in quiet}


def by_text(rule: Rule, query: Query, document: Document) -> Literal["", "title", "mentions"]:
    """Return which of the alert's wishes about a text that meets its query this one does not meet."""
    if rule.noise.title_only and not evaluate(query, attrs.evolve(document, body="")):
        return "title"
    if rule.noise.mentions > 1 and mentions(query, document) < rule.noise.mentions:
        return "mentions"
    return ""


def is_old(rule: Rule, article: Article) -> bool:
    """Say whether an article was published longer ago than the alert tells of, when it was read."""
    stated = believed(article.published)
    if not rule.max_age or stated is None:
        return False
    published = stated.instant or datetime.combine(stated.day, time(), UTC) + timedelta(days=1)
    return article.fetched_at - published > timedelta(days=rule.max_age)


class Arrivals:
    """Since when sources are there, and since when they are crawled. For one batch of articles."""

    def __init__(self, database: Database, articles: Iterable[Article]) -> None:
        self._database = database
        self._sources = {each.source for each in articles}
        self._added: dict[str, datetime] | None = None
        self._crawled: dict[str, datetime | None] = {}

    def in_first_crawl(self, rule: Rule, article: Article) -> bool:
        """Say whether an article is one that its source's first crawl brings, as the rules above say."""
        if self._added is None:
            self._added = sources.added(self._database, self._sources)
        added = self._added.get(article.source)
        if added is None:
            return False
        since = _since(article, added)
        if since:
            return False
        return (since is False and rule.max_age > 0) or not self._crawled_before(article)

    def _crawled_before(self, article: Article) -> bool:
        source, moment = article.source, article.fetched_at
        ended = self._crawled.get(source)
        if ended is None or ended >= moment:
            ended = runs.ended_well(self._database, source, before=moment)
            self._crawled[source] = ended
        return ended is not None


def _since(article: Article, added: datetime) -> bool | None:
    """Say whether an article was published since its source was added; None where its date does not tell."""
    stated = believed(article.published)
    if stated is None:
        return None
    if stated.instant is not None:
        return stated.instant >= added
    day = added.astimezone(UTC).date()
    # The day is by the publisher's clock, which may be ahead of or behind ours.
    return None if abs((stated.day - day).days) <= 1 else stated.day > day


def by_age(rule: Rule, kept: Kept, arrivals: Arrivals, *, edited: bool) -> str:
    """Return why an article is no news for an alert, "" where it is. ``edited``: it is a later version."""
    article = kept.article
    if kept.record.quiet:
        return kept.record.quiet
    if not edited and article.found_by:
        return article.found_by
    if not edited and arrivals.in_first_crawl(rule, article):
        return "first crawl"
    return "old" if is_old(rule, article) else ""
