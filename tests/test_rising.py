"""What rises is what is written about more than its own past says, and nothing else."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.items import Article
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from newsbot.search.rising import Rising, rising
from newsbot.search.surprise import log_likelihood, surprise
from newsbot.search.todays_terms import Text, frequent, terms_of
from tests.conftest import Command
from tests.constructed import add_source, at, days_before, keep, made, ran

NOW = datetime.now(UTC)
TODAY = NOW.date()
DAY = TODAY - timedelta(days=1)  # the day that is looked at
BEFORE = days_before(DAY, 28)
LONG_AGO = NOW - timedelta(days=400)
SOURCES = ("alpha", "beta", "gamma", "delta", "epsilon")
# Everyday words; each article draws some, so that none of them rises by more than chance.
WORDS = (
    "council budget school hospital teacher farmer bridge road market price water power "
    "concert museum library stadium player coach season match weather summer harvest tourist "
    "airport train station court judge lawyer police theft garden park river forest mayor"
).split()
LIVELY = random.Random(4)


def everyday(source: str, day: object, number: int, extra: str = "") -> Article:
    words = " ".join(LIVELY.sample(WORDS, 12))
    title = f"{LIVELY.choice(WORDS)} {LIVELY.choice(WORDS)}"
    told = f"{words}. {extra} {' '.join(LIVELY.sample(WORDS, 12))}."
    return made(source, f"{day}-{number}", day, title, told)  # type: ignore[arg-type]


def past(database: Database, *, without: object = None, each: int = 4) -> None:
    """Four weeks of five sources; on the day ``without`` three of them were ill and brought nothing."""
    days = (*BEFORE, DAY)
    of = {
        source: [day for day in days if day != without or source not in SOURCES[:3]]
        for source in SOURCES
    }
    for source in SOURCES:
        add_source(database, source, LONG_AGO, "coast" if source < "c" else "hills")
        ran(database, source, of[source])
    for day in BEFORE:
        weekly = day.weekday() == DAY.weekday()
        column = "Chess Corner grandmaster opening" if weekly else ""
        there = [source for source in SOURCES if day in of[source]]
        some = [everyday(source, day, n, column) for source in there for n in range(each)]
        keep(database, some, at(day))


def look(settings: Config, database: Database, **how: object) -> Rising:
    catch_up(settings, database)
    reader = Reader(settings, database)
    how = {"day": DAY} | how
    return rising(database, reader, now=NOW, slowest=21_600.0, **how)  # type: ignore[arg-type]


def shown(found: Rising) -> list[str]:
    return [term.shown for term in found.terms]


def test_an_event_rises_and_a_weekly_column_does_not(settings: Config, database: Database) -> None:
    past(database)
    event = (
        "A strong earthquake shook Port Sudan, said Fatima Rahimi.",
        "Fatima Rahimi saw houses fall in the earthquake near Port Sudan.",
        "After an earthquake, Port Sudan mourns; Fatima Rahimi was there.",
    )
    column = "Chess Corner grandmaster opening"
    for source in SOURCES:
        some = [everyday(source, DAY, n, event[n] if n < 3 else column) for n in range(4)]
        keep(database, some, at(DAY))
    found = look(settings, database)
    assert {"earthquake", "Port Sudan", "Fatima Rahimi"} <= set(shown(found))
    words = " ".join(shown(found)).casefold()
    assert not any(each in words for each in ("chess", "grandmaster", *WORDS))
    quake = next(term for term in found.terms if term.shown == "earthquake")
    assert (quake.count, quake.sources, quake.language) == (15, 5, "en")
    assert found.total == found.read == 20
    # In a group alone, too.
    assert "earthquake" in shown(look(settings, database, group="hills"))


def test_words_of_a_new_source_and_of_ones_template_do_not_rise(
    settings: Config, database: Database
) -> None:
    past(database)
    add_source(database, "zeta", at(DAY, 1))
    ran(database, "zeta", [DAY])
    for source in (*SOURCES, "zeta"):
        extra = {"alpha": "Subscribe to our newsletter", "zeta": "volcano eruption lava"}
        some = [everyday(source, DAY, n, extra.get(source, "")) for n in range(12)]
        keep(database, some, at(DAY))
    found = look(settings, database)
    assert shown(found) == []
    assert [(gap.name, gap.why) for gap in found.left_out] == [("zeta", "not added")]
    assert found.total == 60


def test_nothing_rises_because_of_an_outage_the_day_before(
    settings: Config, database: Database
) -> None:
    outage = BEFORE[-1]
    past(database, without=outage)
    for source in SOURCES:
        keep(database, (everyday(source, DAY, n) for n in range(4)), at(DAY))
    found = look(settings, database)
    assert shown(found) == []
    assert found.stories == ()
    assert found.all_source_days - found.source_days == 3


def test_without_a_past_nothing_rises_and_that_is_said(
    settings: Config, database: Database
) -> None:
    for source in SOURCES:
        add_source(database, source, at(DAY, 1))
        keep(database, (everyday(source, DAY, n, "earthquake") for n in range(4)), at(DAY))
    found = look(settings, database)
    assert (found.terms, found.total, len(found.left_out)) == ((), 0, 5)


def test_a_story_of_many_newsrooms_rises(settings: Config, database: Database) -> None:
    past(database, each=2)
    told = (
        "A strong earthquake shook the port in the night and many houses fell, said the governor. "
    )
    for source in SOURCES:
        some = [everyday(source, DAY, n) for n in range(2)]
        wire = made(source, "quake", DAY, "Earthquake shakes the port", told * 3)
        keep(database, [*some, wire], at(DAY))
    found = look(settings, database)
    (story,) = found.stories
    assert (story.title, story.newsrooms) == ("Earthquake shakes the port", tuple(sorted(SOURCES)))
    assert found.largest == 1.0


def test_the_last_day_and_night_are_looked_at_by_default(
    settings: Config, database: Database
) -> None:
    past(database)
    for source in SOURCES:
        some = [everyday(source, TODAY, n, "earthquake") for n in range(4)]
        keep(database, some, NOW - timedelta(hours=1))
        # Found just now, but published long ago: no news of today.
        old = [everyday(source, BEFORE[3], 100 + n, "volcano") for n in range(4)]
        keep(database, old, NOW - timedelta(hours=1))
    assert shown(look(settings, database, day=None)) == ["earthquake"]


def test_the_command(newsbot: Command, database: Database) -> None:
    past(database)
    for source in SOURCES:
        keep(database, (everyday(source, DAY, n, "earthquake") for n in range(4)), at(DAY))
    day = ("--day", DAY.isoformat())
    told = newsbot("rising", *day)
    assert told.returncode == 0, told.stderr
    assert "earthquake" in told.stdout
    assert "28 days" in told.stdout
    assert (
        newsbot("rising", *day, "--csv").stdout.splitlines()[1].startswith("term,earthquake,20,5,")
    )
    assert json.loads(newsbot("rising", *day, "--json").stdout)["terms"][0]["shown"] == "earthquake"
    assert newsbot("rising", "--day", "x").returncode == 2
    assert newsbot("rising", "--group", "nowhere").returncode == 2


# The parts


def test_dunnings_ratio() -> None:
    # Dunning 1993, table 2: "the swiss", 110 of 2,442 + 111 of 29,114 (k11 110, k12 2442, k21 111, k22 29114).
    assert log_likelihood(110, 2552, 111, 29225) == pytest.approx(270.72, abs=0.01)


def test_what_varies_much_anyway_surprises_less() -> None:
    steady = dict.fromkeys(BEFORE, (2, 100))
    wild = {day: (14 if n % 7 == 0 else 0, 100) for n, day in enumerate(BEFORE)}
    one, other = surprise(12, 100, steady, ()), surprise(12, 100, wild, ())
    assert one is not None
    assert other is not None
    assert one.chance < 0.001 < 0.05 < other.chance
    assert surprise(2, 100, steady, ()) is None


def test_terms_are_told_as_they_are_printed() -> None:
    texts = [
        Text(source=f"s{n}", language="ar", title="زلزال يضرب بورتسودان", body="قال والي بورتسودان")
        for n in range(3)
    ]
    found = frequent(texts, articles=3, sources=3)
    told = terms_of(texts, found, range(3))
    assert "زلزال" in " ".join(each.shown for each in told)
    assert not any("بورتسودان\nقال" in each.shown for each in told)


def test_frequent_words_months_numbers_and_authors_are_left_aside() -> None:
    texts = [
        Text(
            source=f"s{n}",
            language="en",
            title="Quake on Monday",
            body="Jane Doe reports that the quake of 17 November killed 40",
            authors=("Jane Doe",),
        )
        for n in range(3)
    ]
    assert set(frequent(texts, articles=3, sources=3)) == {"quake", "reports", "killed"}
    assert frequent(texts, articles=3, sources=4) == {}
