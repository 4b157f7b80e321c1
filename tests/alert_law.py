"""The law of alerts, over a random archive: what fired while it was crawled is what searches find in it.

Articles are drawn and go the way of a crawl (judged, kept, announced) in several rounds; in the later ones
some that are there are edited. After each round the index has caught up, and every rule's query is
searched for. An alert speaks of an article as it read when it was stored: it has a match with just those
articles that a search found after one of the rounds, of the revision that was the first to be found.
"""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import attrs

from newsbot.alerts.matches import announce
from newsbot.alerts.rules import RuleBook, RuleError, understand, whole_query
from newsbot.archive import articles, sources
from newsbot.archive.connection import Database
from newsbot.archive.records import to_document
from newsbot.archive.rule_changes import change
from newsbot.archive.rules import Rule
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.items import Article
from newsbot.query import Document, Query, evaluate
from newsbot.reading import Candidate
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from newsbot.text.dates import ParsedDate
from tests.one_meaning import NOW, WORDS, document, query, text

# The part of all articles that is new in each round, and the part of those there that is edited then.
ROUNDS = (0.6, 0.2, 0.2)
EDITED = 0.15
# A query that more of a sample meet is met by much of everything: the words of the articles are few.
OFTEN = 0.01
BATCH = 100
SOURCES = ("one.example", "two.example", "three.example")


@attrs.frozen
class Verdict:
    """What was compared: how many articles (``edits`` among their versions), rules and matches.

    ``wrong`` are pairs of a rule's query and an article of which alert and searches say different things.
    """

    articles: int
    edits: int
    rules: int
    matches: int
    always: int
    wrong: Sequence[tuple[str, str]]

    @property
    def pairs(self) -> int:
        """How many pairs of an alert and an article were compared."""
        return self.articles * self.rules


class _Drawing:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self._number = 0

    def article(self, now: datetime) -> Article:
        """Return a new article."""
        self._number += 1
        drawn = document(self.rng)
        url = f"{drawn.url.partition('?')[0]}{self._number}"
        day = drawn.published_day
        return Article(
            id=articles.article_id(url),
            url=url,
            fetched_url=url,
            source=self.rng.choice(SOURCES).partition(".")[0],
            fetched_at=now,
            title=drawn.title,
            body=drawn.body,
            authors=drawn.authors,
            tags=drawn.tags,
            language=drawn.language,
            section=drawn.section,
            published=ParsedDate(min(day, date(2026, 3, 1))) if day else None,
        )

    def edited(self, before: Article, now: datetime) -> Article:
        """Return an article as it reads after an edit."""
        language = before.language.partition("-")[0] or "en"
        more = text(self.rng, language, 4)
        if self.rng.random() < 0.3:
            return attrs.evolve(before, title=f"{before.title} {more}", fetched_at=now)
        body = f"{before.body}\n{more}"
        if self.rng.random() < 0.3:
            body = f"{more} {before.body.partition(' ')[2] or before.body}"
        return attrs.evolve(before, body=body, fetched_at=now)

    def rules(self, number: int, spared: int) -> list[Rule]:
        """Return so many rules; of queries that much of everything meets one in ``spared`` becomes one."""
        sample = [document(self.rng) for _ in range(150)]
        found: list[Rule] = []
        while len(found) < number:
            rule = self._rule(len(found))
            try:
                tree = understand(whole_query(rule), {})
            except RuleError:
                continue
            if _share(tree, sample) <= OFTEN or self.rng.randrange(spared) == 0:
                found.append(rule)
        return found

    def _rule(self, number: int) -> Rule:
        rng = self.rng
        language = rng.choice(list(WORDS))
        asked = query(rng, language)
        if rng.random() < 0.1:
            asked = f"({asked}) {rng.choice(('source:one', 'group:wires', 'source:two.example'))}"
        return Rule(
            id=f"{number:032x}",
            name=f"rule {number}",
            query=asked,
            sources=(rng.choice(("one", "wires")),) if rng.random() < 0.1 else (),
            languages=(language,) if rng.random() < 0.2 else (),
            created_at=NOW,
        )


def _share(tree: Query, sample: Sequence[Document]) -> float:
    return sum(evaluate(tree, each) for each in sample) / len(sample)


def judged(
    database: Database,
    settings: Config,
    *,
    seed: int,
    articles_drawn: int,
    rules_drawn: int,
    spared: int,
) -> Verdict:
    """Crawl, search, and compare; ``spared`` says how few rules are met by much of everything."""
    drawing = _Drawing(seed)
    rules = drawing.rules(rules_drawn, spared)
    for host in SOURCES:
        name = host.partition(".")[0]
        groups = ("wires",) if name == "one" else ()
        home = f"https://{host}/"
        sources.add(
            database, Source(id=name, name=name, homepage=home, groups=groups, added_at=NOW)
        )
    for place in range(0, len(rules), 500):
        some = rules[place : place + 500]
        with change(database, [rule.id for rule in some]):
            database.alerts.insert_many([to_document(rule) for rule in some])
    there: dict[str, Article] = {}
    expected: dict[tuple[str, str], int] = {}
    edits = 0
    for round_, part in enumerate(ROUNDS):
        now = NOW + timedelta(hours=round_)
        new = [drawing.article(now) for _ in range(int(part * articles_drawn))]
        known = drawing.rng.sample(sorted(there), int(EDITED * len(there)))
        changed = [drawing.edited(there[article], now) for article in known]
        crawled = new + changed
        drawing.rng.shuffle(crawled)
        for place in range(0, len(crawled), BATCH):
            candidates = [Candidate.of(each) for each in crawled[place : place + BATCH]]
            kept = articles.keep(database, articles.judge(database, candidates), now=now)
            edits += sum(each.verdict == "edited" for each in kept)
            announce(database, kept, now=now)
            there.update((each.article.id, each.article) for each in kept)
        revisions = {
            each["_id"]: each["revision"] for each in database.articles.find({}, {"revision": 1})
        }
        catch_up(settings, database, patience=60)
        reader = Reader(settings, database)
        for rule in rules:
            for found in reader.select(whole_query(rule), now=now):
                expected.setdefault((rule.id, found.id), revisions[found.id])
    matches = {
        (each["alert"], each["article"]): each["revision"]
        for each in database.matches.find({}, {"alert": 1, "article": 1, "revision": 1})
    }
    queries = {rule.id: whole_query(rule) for rule in rules}
    return Verdict(
        articles=len(there),
        edits=edits,
        rules=len(rules),
        matches=len(matches),
        always=RuleBook.of(database).in_force().percolator.always,
        wrong=[
            (queries[alert], article)
            for alert, article in sorted(expected.keys() | matches.keys())
            if expected.get((alert, article)) != matches.get((alert, article))
        ],
    )
