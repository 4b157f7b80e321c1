"""What a change of a rule would have made of the last 30 days, before it takes effect.

Held against each other are the stories that the rule as it is and as it is wished for would have told: which
the change adds, and which it drops. A story is named by the first of its articles that would have been told.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import attrs

from newsbot.alerts import backtest as tested
from newsbot.alerts.backtest import Backtest
from newsbot.alerts.past import Met, Past, named, past, told
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.search.documents import Documents
from newsbot.search.results import Reader

# Of the stories that are added, and of those that are dropped, so many are named, the newest.
NAMED = 10


@attrs.frozen(kw_only=True)
class Story:
    """A story, by the article that would have told it: id, headline, source's name, when it was stored."""

    article: str
    title: str
    source: str
    seen: datetime


@attrs.frozen(kw_only=True)
class Preview:
    """What a change adds and drops, from ``first`` to ``last``: how many stories, and the newest of them.

    ``stays`` counts what both tell; ``before`` and ``after`` are messages to one channel.
    """

    first: datetime
    last: datetime
    stays: int
    adds: int
    drops: int
    added: tuple[Story, ...]
    dropped: tuple[Story, ...]
    before: int
    after: int
    warnings: tuple[str, ...] = ()


def preview(
    database: Database, reader: Reader, before: Rule, after: Rule, *, now: datetime
) -> Preview:
    """Return what a change makes of the last 30 days, raising as ``compared`` does."""
    return compared(database, reader, before, after, now=now)[0]


def compared(
    database: Database, reader: Reader, before: Rule, after: Rule, *, now: datetime
) -> tuple[Preview, Backtest]:
    """Return what a change makes of the last 30 days, and what the changed rule would have sent.

    Raises:
        RuleError: when a query is none.
        QuerySyntaxError: when one takes too long to decide.
    """
    first = now - timedelta(days=tested.DAYS)
    then, that = (past(database, reader, each, first=first, last=now) for each in (before, after))
    old, new = _stories(before, then), _stories(after, that)
    more, less = new.keys() - old.keys(), old.keys() - new.keys()
    moments = [each.seen for each in told(before, then)]
    sent = [*tested.sent(before.timing, moments, first=first, last=now)]
    made = tested.of_past(database, reader, after, that)
    change = Preview(
        first=first,
        last=now,
        stays=len(old.keys() & new.keys()),
        adds=len(more),
        drops=len(less),
        added=_named(database, that, new, more),
        dropped=_named(database, then, old, less),
        before=len(sent),
        after=made.messages,
        warnings=made.warnings,
    )
    return change, made


def _stories(rule: Rule, found: Past) -> dict[int, Met]:
    first: dict[int, Met] = {}
    for each in told(rule, found):
        first.setdefault(each.story, each)
    return first


def _named(
    database: Database, found: Past, stories: Mapping[int, Met], which: Collection[int]
) -> tuple[Story, ...]:
    newest = sorted((stories[each] for each in which), key=lambda met: met.seen)[: -NAMED - 1 : -1]
    there = named(database, found, [each.key for each in newest])
    documents = Documents.of(database)
    return tuple(
        Story(
            article=(article := there[each.key].article).id,
            title=article.title,
            source=documents.source_name(article.source),
            seen=each.seen,
        )
        for each in newest
        if each.key in there
    )
