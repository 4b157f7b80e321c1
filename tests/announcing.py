"""Articles as a crawl stores and announces them, and what alerts make of them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs

from newsbot.alerts.matches import announce
from newsbot.alerts.rules import RuleBook
from newsbot.archive import articles, channels, matches, rules, sources
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.matches import Match
from newsbot.archive.records import from_document
from newsbot.archive.rules import Rule
from newsbot.archive.sources import Source
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.text.dates import ParsedDate
from tests.test_kills import wait_until

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
HARBOUR = "The harbour opened at dawn. Nobody came. At noon the harbour closed."
# Long enough to be a text whose copies are one story.
REPORT = (
    "The harbour opened at dawn after crews had worked through the night to raise the sunken barge. "
    "Forty ships had been waiting outside for nine days, the port authority said on Tuesday morning."
)


def add_rule(database: Database, name: str = "r", query: str = "harbour", **how: Any) -> Rule:
    """Add an alert with one channel, unless told otherwise."""
    if "channels" not in how:
        target = f"http://127.0.0.1:9/{name}"
        how["channels"] = (channels.add(database, kind="webhook", target=target).id,)
    how.setdefault("created_at", LONG_AGO)
    rule = Rule(id=name, name=name, query=query, **how)
    rules.add(database, rule)
    wait_until(lambda: name in RuleBook.of(database).in_force().rules)
    return rule


def change_rule(database: Database, rule: Rule, **how: Any) -> Rule:
    """Change an alert, which is then its next version."""
    changed = attrs.evolve(rule, version=rule.version + 1, **how)
    assert rules.replace(database, changed)
    wait_until(lambda: RuleBook.of(database).in_force().rules[rule.id].version == changed.version)
    return changed


def add_source(database: Database, name: str, *groups: str, added: datetime = LONG_AGO) -> None:
    """Add a source."""
    homepage = f"https://{name}.example/"
    sources.add(
        database, Source(id=name, name=name, homepage=homepage, groups=groups, added_at=added)
    )


def story(
    name: str,
    source: str = "herald",
    *,
    title: str = "Ferries sail",
    body: str = HARBOUR,
    published: datetime | date | None = NOW,
    read: datetime = NOW,
    **more: Any,
) -> Article:
    """Return an article of a source, by its own name in it."""
    url = f"https://{source}.example/{name}"
    stated = None
    if isinstance(published, datetime):
        stated = ParsedDate(published.date(), published, "test")
    elif published is not None:
        stated = ParsedDate(published)
    return Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source=source,
        fetched_at=read,
        title=title,
        body=body,
        language="en",
        published=stated,
        **more,
    )


def store(database: Database, *found: Article, now: datetime = NOW) -> list[Kept]:
    """Store articles as a crawl does, and leave them to be announced."""
    judged = articles.judge(database, [Candidate.of(each) for each in found])
    return articles.keep(database, judged, now=now)


def publish(database: Database, *found: Article, now: datetime = NOW) -> list[Kept]:
    """Store and announce articles as a crawl does."""
    kept = store(database, *found, now=now)
    announce(database, [each for each in kept if each.verdict != "known"], now=now)
    return kept


def held(database: Database) -> Mapping[str, str]:
    """Return why matches are held, by alert and the article's own name."""
    named = {each["_id"]: each["url"].rpartition("/")[2] for each in database.articles.find({})}
    return {
        f"{each['alert']} {named[each['article']]}": each["held"]
        for each in database.matches.find({})
    }


def told(database: Database) -> list[tuple[str, str, str]]:
    """Return the messages there are: alert, kind and occasion; ids of articles by their own names."""
    named = {each["_id"]: each["url"].rpartition("/")[2] for each in database.articles.find({})}
    found = []
    for each in database.outbox.find({}):
        occasion = each["occasion"]
        for name, own in named.items():
            occasion = occasion.replace(name, own)
        found.append((each["alert"], each["kind"], occasion))
    return sorted(found)


def match_of(database: Database, alert: str, article: Article) -> Match:
    """Return the match of an alert and an article."""
    return from_document(
        Match, database.matches.find_one({"_id": matches.match_id(alert, article.id)}) or {}
    )
