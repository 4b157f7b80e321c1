"""Articles, alerts and messages as tests of delivery want them: stored, matched and announced for real."""

from datetime import datetime

import attrs

from newsbot.alerts.matches import announce
from newsbot.archive import articles, channels, outbox, rules
from newsbot.archive.channels import Channel, ChannelKind
from newsbot.archive.connection import Database
from newsbot.archive.kept import Kept
from newsbot.archive.outbox import Message
from newsbot.archive.rules import Rule
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.text import repaired

SHOTS = "It was cold. Then shots were fired at the harbour. Nobody came."


def store(database: Database, articles_: list[Article], now: datetime) -> list[Kept]:
    """Store and announce articles."""
    judged = articles.judge(database, [Candidate.of(each) for each in articles_])
    kept = articles.keep(database, judged, now=now)
    announce(database, kept, now=now)
    return kept


def article(
    number: int = 1,
    *,
    now: datetime,
    title: str = "Ferries sail",
    body: str = SHOTS,
    source: str = "s",
    **values: object,
) -> Article:
    """Return an article; its texts are as published, disguises and all."""
    url = f"https://harbour.example/{number}"
    read, headline = repaired(body).text, repaired(title).text
    made = Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source=source,
        fetched_at=now,
        title=headline,
        body=read,
        title_as_published=title if headline != title else None,
        body_as_published=body if read != body else None,
    )
    return attrs.evolve(made, **values)  # type: ignore[arg-type]


def channel(
    database: Database, target: str, kind: ChannelKind = "webhook", **values: str
) -> Channel:
    """Return a channel that is added."""
    return channels.add(database, kind=kind, target=target, **values)  # type: ignore[arg-type]


def rule(database: Database, query: str, *told: Channel, now: datetime, **values: object) -> Rule:
    """Return an alert that is in force."""
    made = Rule(
        id="r",
        name="harbour",
        query=query,
        channels=tuple(each.id for each in told),
        created_at=now,
    )
    made = attrs.evolve(made, **values)  # type: ignore[arg-type]
    rules.add(database, made)
    return made


def all_messages(database: Database) -> list[Message]:
    """Return what is in the outbox, oldest first."""
    ids = [each["_id"] for each in database.outbox.find({}, {"_id": 1})]
    found = outbox.many(database, ids).values()
    return sorted(found, key=lambda each: (each.created_at, each.id))
