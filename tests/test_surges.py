"""A surge is told when more is written of an alert's query than its own past explains, and only then."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from newsbot.alerts.surges import look
from newsbot.archive.connection import Database
from newsbot.archive.rules import Noise
from newsbot.archive.rules import Spread as Asked
from newsbot.config import Config
from newsbot.items import Article
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from tests.announcing import add_rule
from tests.constructed import add_source, days_before, failed, keep, made, ran

SOURCES = ("alpha", "beta", "gamma", "delta", "epsilon")
NOW = datetime.now(UTC)
SHORTLY = NOW - timedelta(minutes=5)
TODAY = SHORTLY.date()
BEFORE = days_before(TODAY, 30)
WORDS = (
    "council budget school hospital teacher farmer bridge road market price water power "
    "concert museum library stadium player coach season match weather summer harvest tourist"
).split()
DRAWN = random.Random(7)


def everyday(source: str, name: str, day: date | None, extra: str = "") -> Article:
    words = [DRAWN.choice(WORDS) for _ in range(24)]
    return made(source, name, day, f"{words[0]} {words[1]}", f"{' '.join(words)}. {extra}")


def past(database: Database, *, without: str = "") -> None:
    """Thirty days of five sources, each with four articles a day; two of them tell of a storm each day."""
    for source in SOURCES:
        add_source(database, source, NOW - timedelta(days=400), "coast")
        ran(database, source, [*BEFORE, *([] if source == without else [TODAY, NOW.date()])])
    for place, day in enumerate(BEFORE):
        some = [
            everyday(
                source,
                f"{day}-{n}",
                day,
                "A storm came." if (place + number) % 5 < 2 and n < 1 else "",
            )
            for number, source in enumerate(SOURCES)
            for n in range(4)
        ]
        keep(database, some, SHORTLY - (TODAY - day))


def today(
    database: Database, count: int, extra: str, *, of: Any = SOURCES, day: Any = TODAY
) -> None:
    for source in of:
        some = [
            everyday(source, f"now-{extra[:9]}-{n}", day, f"{extra} Number {n} of {source}.")
            for n in range(count)
        ]
        keep(database, some, SHORTLY)


def surges(settings: Config, database: Database, now: datetime = NOW) -> list[Any]:
    catch_up(settings, database)
    look(database, Reader(settings, database), now=now, slowest=21_600.0)
    return [each["said"] for each in database.outbox.find({})]


@pytest.fixture(params=["hour", "day"])
def span(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_a_surge_is_told_once_with_its_sources_and_terms(
    settings: Config, database: Database, span: Any
) -> None:
    past(database)
    add_rule(database, query="storm", spread=Asked(surge=span))
    today(database, 3, "A storm shook Port Sudan, Fatima Rahimi said.")
    today(database, 2, "")
    (said,) = surges(settings, database)
    assert (said["what"], said["span"], said["number"]) == ("surge", span, 15)
    assert 0 < said["usual"] < 4
    assert sorted(said["sources"]) == sorted(SOURCES)
    assert {"Port Sudan", "Fatima Rahimi"} <= set(said["terms"])
    assert "storm" not in said["terms"]
    for hours in (0, 1, 2, 11):
        surges(settings, database, NOW + timedelta(hours=hours))
    assert database.outbox.count_documents({}) == 1


def test_what_is_usual_is_no_surge(settings: Config, database: Database, span: Any) -> None:
    past(database)
    add_rule(database, query="storm", spread=Asked(surge=span))
    today(database, 1, "A storm came.")
    today(database, 3, "")
    assert surges(settings, database) == []


def test_more_of_everything_is_no_surge(settings: Config, database: Database, span: Any) -> None:
    """After an hour's outage of ours all comes at once."""
    past(database)
    add_rule(database, query="storm", spread=Asked(surge=span))
    today(database, 2, "A storm came.")
    today(database, 16, "")
    assert surges(settings, database) == []


def test_many_copies_of_one_story_are_no_surge(
    settings: Config, database: Database, span: Any
) -> None:
    past(database)
    add_rule(database, query="storm", spread=Asked(surge=span))
    text = f"A storm came. {' '.join(WORDS)}"
    for number in range(3):
        copies = [made(each, f"copy-{number}", TODAY, "Storm", text) for each in SOURCES]
        keep(database, copies, SHORTLY + timedelta(seconds=number))
    assert surges(settings, database) == []


def test_nothing_surges_out_of_a_gap_or_out_of_what_is_old(
    settings: Config, database: Database, span: Any
) -> None:
    past(database, without="alpha")
    failed(database, "alpha", [TODAY, NOW.date()], "HTTP 503")
    add_rule(database, query="storm", spread=Asked(surge=span))
    add_rule(
        database, "left", query="flood", noise=Noise(without=("coast",)), spread=Asked(surge=span)
    )
    today(database, 20, "A storm shook Port Sudan.", of=("alpha",))  # it was ill for half a day
    today(database, 20, "A storm shook Port Sudan long ago.", day=TODAY - timedelta(days=40))
    today(database, 4, "A flood came.")
    assert surges(settings, database) == []


def test_a_new_source_takes_no_part(settings: Config, database: Database, span: Any) -> None:
    past(database)
    new = ("zeta", "eta", "theta")
    for source in new:
        add_source(database, source, NOW - timedelta(days=3))
        ran(database, source, [*BEFORE[-3:], TODAY, NOW.date()])
    add_rule(database, query="storm", spread=Asked(surge=span))
    today(database, 9, "A storm shook Port Sudan.", of=new)
    assert surges(settings, database) == []
