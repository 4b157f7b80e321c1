"""What a rule would have sent in the last 30 days, and why it never met anything."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest

from newsbot.alerts import fields, lists
from newsbot.alerts.backtest import Backtest, backtest, sent
from newsbot.alerts.causes import causes
from newsbot.alerts.matches import announce
from newsbot.alerts.past import held_by, past
from newsbot.alerts.rules import whole_query
from newsbot.archive import articles, channels, rules, stories
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule, Timing
from newsbot.config import Config
from newsbot.reading import read
from newsbot.search.results import Reader
from tests.past_articles import NOW, PastArticles

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def archive(database: Database, settings: Config) -> PastArticles:
    made = PastArticles(database, settings)
    made.source("Coast", groups=("harbours",))
    made.source("Hills")
    return made


def rule(query: str = "storm", **values: Any) -> Rule:
    made = Rule(id="r", name="r", query=query, created_at=NOW)
    return fields.evolved(made, {key.replace("__", "."): each for key, each in values.items()})


def sends(archive: PastArticles, of: Rule) -> Backtest:
    return backtest(archive.database, archive.reader(), of, now=NOW)


def test_each_article_counts_on_its_day_and_in_its_hour(archive: PastArticles) -> None:
    archive.store("storm one", ago=2 * DAY)
    archive.store("storm two", ago=2 * DAY + HOUR)
    archive.store("storm three", ago=29 * DAY)
    archive.store("storm before", ago=31 * DAY)
    archive.store("sunshine", ago=DAY)
    made = sends(archive, rule(each="article"))
    assert (made.met, made.told, made.messages, made.ever) == (3, 3, 3, 4)
    days = {each.day: each for each in made.days if each.messages}
    assert {day: each.messages for day, each in days.items()} == {
        date(2026, 3, 2): 1,
        date(2026, 3, 29): 2,
    }
    assert [hour for hour, count in enumerate(days[date(2026, 3, 29)].hours) if count] == [11, 12]
    assert made.a_day == pytest.approx(0.1)
    assert [each.title for each in made.newest] == ["storm one", "storm two", "storm three"]


def test_a_story_is_told_once_also_where_it_began_before(archive: PastArticles) -> None:
    text = " ".join(f"storm word{number}" for number in range(60))
    archive.store("a storm", text, ago=33 * DAY)
    archive.store("the storm", text, ago=29 * DAY, source="hills")
    archive.store("storm of another kind", ago=5 * DAY)
    assert sends(archive, rule()).told == 1
    assert sends(archive, rule(each="article")).told == 2


def test_stories_that_were_found_to_be_one_are_one(archive: PastArticles) -> None:
    one = archive.store("storm in the east", ago=4 * DAY)
    other = archive.store("gale, a storm, in the west", ago=3 * DAY, source="hills")
    assert sends(archive, rule()).told == 2
    found = articles.many(archive.database, [one.id, other.id])
    stories.link(
        archive.database, found[one.id].record.story, found[other.id].record.story, how="event"
    )
    assert sends(archive, rule()).told == 1


def test_what_the_options_hold_back_is_counted_by_its_reason(archive: PastArticles) -> None:
    archive.source("New", added=NOW - 10 * DAY)
    archive.store("storm told", "A storm. And a storm again.", ago=2 * DAY)
    archive.store("storm once", "Nothing else.", ago=2 * DAY)
    archive.store("sunny", "A storm. Then a storm again.", ago=2 * DAY)
    archive.store("storm left out", "A storm. A storm.", ago=2 * DAY, source="hills")
    archive.store("storm old", "A storm. A storm.", ago=2 * DAY, published=5 * DAY)
    archive.store("storm at the border", "A storm. A storm!", ago=2 * DAY, published=3 * DAY)
    archive.store(
        "storm before", "A storm. A storm now.", ago=10 * DAY, published=3 * DAY, source="new"
    )
    muted = archive.store("storm muted", "A storm here. A storm there.", ago=2 * DAY)
    story = articles.many(archive.database, [muted.id])[muted.id].record.story
    of = rule(noise__without=("Hills",), noise__title_only=True, noise__mentions=3, muted=(story,))
    made = sends(archive, of)
    assert made.met == 8
    assert made.held == {
        "left out": 1,
        "muted": 1,
        "title": 1,
        "mentions": 1,
        "old": 1,
        "first crawl": 1,
    }
    assert made.told == 2
    assert not made.estimated
    assert sends(archive, attrs.evolve(of, max_age=0.0)).told == 4
    assert sends(archive, rule(noise__without=("harbours",))).held["left out"] == 7 - 1


def test_mentions_in_more_articles_than_are_read_are_estimated(archive: PastArticles) -> None:
    for number in range(220):
        twice = " And the storm again." if number % 2 else ""
        archive.store(f"number{number}", f"The storm of word{number}.{twice}", ago=number * HOUR)
    made = sends(archive, rule(each="article", noise__mentions=2))
    assert made.estimated
    assert 85 <= made.told <= 135
    assert made == sends(archive, rule(each="article", noise__mentions=2))


def test_what_meets_it_is_what_a_search_finds(archive: PastArticles) -> None:
    for number in range(40):
        archive.store(
            f"storm{number % 3} flood{number % 5}",
            ago=number * DAY,
            source="hills" if number % 2 else "coast",
            language="en" if number % 4 else "ar",
        )
    for query in ("storm1", "storm1 OR flood2", "storm* -flood3", 'title:"storm2 flood1"'):
        of = rule(query, sources=("Coast",), languages=("en", "ar"))
        reader = archive.reader()
        found = past(archive.database, reader, of, first=NOW - 30 * DAY, last=NOW)
        hits = reader.search(whole_query(of), limit=100, passages=False).hits
        seen = [each.kept.record.first_seen for each in hits]
        assert sorted(each.seen for each in found.met) == sorted(
            moment for moment in seen if NOW - 30 * DAY <= moment < NOW
        )
        assert found.ever == len(hits)
        assert held_by(found) == {}


# When it goes out


def moments(*hours: float) -> list[datetime]:
    return [datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=each) for each in hours]


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        (Timing(), [(1, 1), (1.5, 1), (9, 1), (30, 1)]),
        (Timing(how="hourly", at="00:30"), [(1.5, 1), (2.5, 1), (9.5, 1), (30.5, 1)]),
        (Timing(how="daily", at="08:00"), [(8, 2), (32, 2)]),
        (Timing(how="daily", at="08:00", even_empty=True), [(8, 2), (32, 2), (56, 0), (80, 0)]),
        (Timing(how="weekly", at="08:00", weekday=2), [(56, 4)]),
        (Timing(quiet=("22:00", "07:00")), [(7, 2), (9, 1), (31, 1)]),
        (Timing(most=1), [(1, 1), (24, 2), (30, 1)]),
    ],
)
def test_messages_go_out_as_the_timing_says(
    timing: Timing, expected: list[tuple[float, int]]
) -> None:
    first = datetime(2026, 3, 2, tzinfo=UTC)
    found = sent(timing, moments(1, 1.5, 9, 30), first=first, last=first + 4 * DAY)
    told = sorted(((each.at - first) / HOUR, each.count) for each in found)
    assert told == expected


def test_a_day_is_one_by_the_clocks_of_the_rule(archive: PastArticles) -> None:
    archive.store("storm", ago=timedelta(hours=13))  # 23:00 UTC on the 30th
    made = sends(archive, rule(timing__zone="Europe/Berlin"))
    assert [each.day for each in made.days if each.messages] == [date(2026, 3, 31)]


def test_a_flood_is_told_with_its_number(archive: PastArticles) -> None:
    archive.store("first", ago=4 * DAY)
    for number in range(101):
        archive.store(f"storm{number} w{number}", ago=DAY + number * HOUR / 101)
    flood = rule("storm*", each="article")
    warning = sends(archive, flood).warnings[0]
    assert warning.startswith("it would flood: 25 messages a day (more than 24")
    daily = sends(archive, attrs.evolve(flood, timing=Timing(how="daily")))
    assert daily.warnings[0].startswith("its digests would flood: 101 in each (more than 100")
    assert (daily.messages, daily.digests, daily.largest) == (1, 1, 101)


def test_a_young_archive_and_held_matches_are_told(archive: PastArticles) -> None:
    archive.store("storm", ago=2 * DAY, published=9 * DAY)
    made = sends(archive, rule())
    assert made.reaches == pytest.approx(2)
    assert [each.split(":")[0] for each in made.warnings] == [
        "it would have told nothing",
        "the archive reaches back 2.0 days alone; averages are over those",
    ]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("storm seen:2026-01-01", "seen:2026-01-01 is past"),
        ("storm date:2026-01-01", "older than 3 days"),
        ("storm date:2026-03-29", ""),
        ("storm date:[2026-01-01 TO *]", ""),
    ],
)
def test_days_that_are_past_are_told(archive: PastArticles, query: str, said: str) -> None:
    archive.store("rain")
    warned = [each for each in sends(archive, rule(query)).warnings if "archive" not in each]
    assert len(warned) == bool(said)
    assert said in "".join(warned)


# Why there was never anything


def looked(archive: PastArticles, of: Rule) -> list[tuple[str, str, str, int]]:
    found = causes(archive.database, archive.reader(), of, now=NOW)
    return [(each.part, each.said, each.instead, each.finds) for each in found]


def test_an_empty_archive_says_so(archive: PastArticles) -> None:
    assert looked(archive, rule()) == [("", "the archive has no article yet", "", 0)]


CAUSES = [
    ("hurricnae", "hurricnae", "did you mean Hurricane, which is in 2?", "Hurricane", 2),
    ("huricane warning", "huricane", "did you mean Hurricane", "Hurricane", 2),
    ("hurrr*", "hurrr*", "did you mean", "Hurricane*", 2),
    ('"huricane reaches"', "huricane", "did you mean Hurricane", "Hurricane", 2),
    ("الاعصر", "الاعصر", "did you mean", "الإعصار", 1),
    ("zqxzqx", "zqxzqx", "nor a word spelt much like it", "", 0),
    ("=hurricane", "=hurricane", "without the =", "hurricane", 2),
    ("=Zurich", "=Zurich", "accents", "Zurich", 1),
    ("title:harbour", "title:harbour", "as the title no article has it", "harbour", 1),
    ("author:hurricane", "author:hurricane", "as an author no article", "hurricane", 2),
    (
        '"hurricane the coast"',
        '"hurricane the coast"',
        "never stand so",
        '"hurricane the coast"~3',
        1,
    ),
    ('"warning hurricane quiet"', '"warning hurricane quiet"', "no article has all", "", 0),
    (
        "hurricane NEAR/1 coast",
        "hurricane NEAR/1 coast",
        "within 5 positions",
        "hurricane NEAR/5 coast",
        1,
    ),
    ("reaches Zürich", "reaches AND Zürich", "reaches: 1, Zürich: 1", "", 0),
    ("reaches hurricane Zürich", "reaches", "without this one", "hurricane AND Zürich", 1),
    ("hurricane -coast -hurricane*", "NOT hurricane*", "excludes all 2", "", 1),
    ("source:Caost hurricane", 'source:"Caost"', "did you mean Coast?", 'source:"Coast"', 4),
    ("group:harbour", 'group:"harbour"', "did you mean harbours?", 'group:"harbours"', 4),
    ("source:Hills hurricane", 'source:"Hills"', "has no article of this source", "", 0),
    ("lang:fr hurricane", 'lang:"fr"', "there are en (3), ar (1)", "", 0),
    ("date:2026-01-05 hurricane", "date:2026-01-05", "no article is of those days", "", 0),
    ("@winds hurricnae", "hurricnae", "did you mean Hurricane", "Hurricane", 2),
]


def test_the_likely_cause_is_named(archive: PastArticles) -> None:
    lists.change(archive.database, "winds", lambda _: ("hurricane", "gale"), by="x", now=NOW)
    archive.store("Hurricane reaches land", "Hurricane over the coast.")
    archive.store("Quiet day", "No wind in the harbour.")
    archive.store("Warning lifted", "The Hurricane is gone. Zürich saw it.", ago=2 * DAY)
    archive.store("ضرب الإعصار الساحل", "خبر", language="ar")
    for query, part, said, instead, finds in CAUSES:
        found = looked(archive, rule(query))
        assert found, query
        assert found[0][0] == part, (query, found)
        assert said in found[0][1], (query, found)
        assert instead in found[0][2], (query, found)
        assert found[0][3] == finds, (query, found)


def test_a_source_or_a_language_that_excludes_all_is_named(archive: PastArticles) -> None:
    archive.store("storm one")
    archive.store("storm two", ago=2 * DAY)
    archive.store("quiet", source="hills", language="ar")
    (found,) = looked(archive, rule(sources=("Hills",)))
    assert found[0] == "Hills"
    assert found[1] == (
        "its query alone is met by 2 articles, and none of them is of its sources, which have "
        "1 article in all"
    )
    (found,) = looked(archive, rule(languages=("ar", "fa")))
    assert found[1].endswith("none of them is in its languages; they are in en (2)")
    made = sends(archive, rule(sources=("Hills",)))
    assert (made.ever, len(made.causes)) == (0, 1)


def test_causes_are_told_only_where_there_never_was_a_match(archive: PastArticles) -> None:
    archive.store("storm", ago=200 * DAY)
    made = sends(archive, rule())
    assert (made.met, made.ever, made.causes) == (0, 1, ())


def test_an_archive_that_was_never_indexed_has_nothing(
    database: Database, settings: Config
) -> None:
    made = backtest(database, Reader(settings, database), rule(), now=NOW)
    assert (made.met, made.reaches, made.messages) == (0, 0.0, 0)
    assert made.causes[0].said == "the archive has no article yet"


def test_it_would_have_sent_what_was_sent(archive: PastArticles) -> None:
    """An alert that was in force all along told the very stories that its backtest tells of."""
    hook = channels.add(archive.database, kind="webhook", target="https://desk.example/hook")
    of = attrs.evolve(rule("storm OR flood*"), channels=(hook.id,), created_at=NOW - 60 * DAY)
    rules.add(archive.database, of)
    rng = random.Random(9)
    texts = [
        f"{rng.choice(('A storm', 'Floods', 'Sunshine'))} at place{n}: "
        + " ".join(f"word{rng.randrange(900)}" for _ in range(60))
        for n in range(14)
    ]
    moments = sorted((rng.uniform(0, 29.9) for _ in range(40)), reverse=True)
    for moment in moments:
        source = rng.choice(("coast", "hills"))
        made = archive.article("News", rng.choice(texts), ago=moment * DAY, source=source)
        kept = articles.keep(
            archive.database, articles.judge(archive.database, [read(made)]), now=made.fetched_at
        )
        announce(archive.database, kept, now=made.fetched_at)
    sent_to = archive.database.outbox.count_documents({"alert": of.id})
    assert 5 < sent_to < 20
    assert sends(archive, of).told == sent_to
