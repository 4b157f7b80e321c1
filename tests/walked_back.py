"""A walk back in time over many old articles, with random alerts in force, and what came of it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import attrs

from newsbot.alerts.matches import announce
from newsbot.alerts.rules import RuleBook, RuleError, understand, whole_query
from newsbot.archive import articles, channels, rules
from newsbot.archive.connection import Database
from newsbot.archive.rules import Noise, OfEdits, Rule, Spread, Timing
from newsbot.config import Config
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from newsbot.spiders.making import found_by
from newsbot.text.dates import ParsedDate
from tests import one_meaning
from tests.announcing import add_source, told
from tests.one_meaning import WORDS
from tests.test_kills import wait_until

SOURCES = ("herald", "post", "mail", "sun", "echo")
# So many articles are stored and announced at a time, as a crawl does.
BATCH = 50


@attrs.frozen(kw_only=True)
class Outcome:
    """What came of it: pairs of an alert and an article, by alerts and by searches afterwards."""

    articles: int
    rules: int
    alerts: frozenset[tuple[str, str]]
    searches: frozenset[tuple[str, str]]
    held: frozenset[str]
    messages: int


def draw_rules(rng: random.Random, count: int, channel: str) -> Iterator[Rule]:
    """Yield alerts with random queries and options; none of them minds how old an article is."""
    made = 0
    options = (
        {},
        {"each": "article"},
        {"timing": Timing(how="daily")},
        {"timing": Timing(most=3)},
        {"noise": Noise(title_only=True)},
        {"noise": Noise(mentions=2)},
        {"noise": Noise(without=("post",))},
        {"spread": Spread(publishers=2, groups=1)},
        {"edits": OfEdits(kinds=("addition", "deletion"))},
    )
    while made < count:
        query = one_meaning.query(rng, rng.choice(list(WORDS)))
        try:
            understand(query, {})
        except RuleError:
            continue
        yield Rule(
            id=f"r{made}",
            name=f"r{made}",
            query=query,
            channels=(channel,),
            max_age=0,
            created_at=datetime.now(UTC),
            **options[made % len(options)],  # type: ignore[arg-type]
        )
        made += 1


def draw_articles(rng: random.Random, count: int, now: datetime) -> Iterator[Article]:
    """Yield articles as a walk back finds them, published between three days and ten years ago."""
    for number in range(count):
        drawn = one_meaning.document(rng)
        source = SOURCES[number % len(SOURCES)]
        url = f"https://{source}.example/{number}"
        day = (now - timedelta(days=rng.randint(3, 3_650))).date()
        article = Article(
            id=articles.article_id(url),
            url=url,
            fetched_url=url,
            source=source,
            fetched_at=now,
            title=drawn.title,
            body=drawn.body,
            authors=drawn.authors,
            tags=drawn.tags,
            section=drawn.section,
            language=drawn.language,
            published=ParsedDate(day, datetime.combine(day, time(9), UTC), "test"),
        )
        yield attrs.evolve(article, found_by=found_by(article, backfill=True))


def walk_back(config: Config, database: Database, *, count: int, alerts: int, seed: int) -> Outcome:
    """Store and announce so many old articles while so many alerts are in force; search for all afterwards."""
    rng = random.Random(seed)
    now = datetime.now(UTC)
    for place, source in enumerate(SOURCES):
        add_source(database, source, f"group{place % 2}", added=now - timedelta(days=99))
    channel = channels.add(database, kind="webhook", target="http://127.0.0.1:9/").id
    asked = list(draw_rules(rng, alerts, channel))
    for rule in asked:
        rules.add(database, rule)
    wait_until(lambda: len(RuleBook.of(database).in_force().rules) == alerts)
    batch: list[Article] = []
    for article in draw_articles(rng, count, now):
        batch.append(article)
        if len(batch) == BATCH:
            _store(database, batch)
            batch = []
    _store(database, batch)
    catch_up(config, database)
    reader = Reader(config, database)
    searches = {
        (rule.id, found.id)
        for rule in asked
        for found in reader.select(whole_query(rule), now=datetime.now(UTC))
    }
    met = list(database.matches.find({}, {"alert": 1, "article": 1, "held": 1}))
    return Outcome(
        articles=database.articles.estimated_document_count(),
        rules=len(asked),
        alerts=frozenset((each["alert"], each["article"]) for each in met),
        searches=frozenset(searches),
        held=frozenset(each["held"] for each in met),
        messages=len(told(database)),
    )


def _store(database: Database, batch: list[Article]) -> None:
    now = datetime.now(UTC)
    judged = articles.judge(database, [Candidate.of(each) for each in batch])
    announce(database, articles.keep(database, judged, now=now), now=now)
