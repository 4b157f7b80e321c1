"""What is no news, or noise, is matched and on record, and nobody is told of it."""

from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from newsbot.alerts.holding import REASONS
from newsbot.archive import runs, stories
from newsbot.archive.connection import Database
from newsbot.archive.rules import Noise, OfEdits, Spread, Timing
from newsbot.text.dates import ParsedDate
from tests.announcing import (
    HARBOUR,
    LONG_AGO,
    NOW,
    REPORT,
    add_rule,
    add_source,
    held,
    publish,
    story,
    told,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def crawled(database: Database, source: str, *, ended: bool = True, trigger: Any = "poll") -> None:
    """Have a run of a source end half an hour ago, well or not."""
    at = NOW - HOUR / 2
    run = runs.request(database, source, trigger=trigger, occasion="x", now=at)
    assert run is not None
    mine = runs.take(database, run, owner="w", seconds=60, now=at)
    assert mine is not None
    runs.finish(database, mine, state="done" if ended else "failed", now=at, counters={})


@pytest.mark.parametrize(
    ("name", "published", "why"),
    [
        ("two-days", NOW - 2 * DAY, ""),
        ("four-days", NOW - 4 * DAY, "old"),
        ("that-day", (NOW - 3 * DAY).date(), ""),  # it may have been at its end
        ("the-day-before", (NOW - 4 * DAY).date(), "old"),
        ("undated", None, ""),
    ],
)
def test_an_article_is_old_by_its_publication(
    database: Database, name: str, published: Any, why: str
) -> None:
    add_rule(database)
    add_rule(database, "always", max_age=0)
    add_rule(database, "day", max_age=1)
    publish(database, story(name, published=published))
    found = held(database)
    assert (found[f"r {name}"], found[f"always {name}"]) == (why, "")
    assert found[f"day {name}"] == ("old" if published else "")


def test_a_date_that_is_not_believed_makes_nothing_old(database: Database) -> None:
    add_rule(database)
    doubted = ParsedDate(date(1970, 1, 1), doubt="no date")
    publish(database, attrs.evolve(story("a"), published=doubted))
    assert held(database) == {"r a": ""}


def test_an_article_that_waited_on_disk_is_as_old_as_when_it_was_read(database: Database) -> None:
    add_rule(database)
    publish(database, story("a"), now=NOW + 9 * DAY)
    assert held(database) == {"r a": ""}


def test_a_new_source_with_twenty_articles_in_its_feed_sends_nothing(database: Database) -> None:
    add_rule(database)
    add_source(database, "herald", added=NOW - HOUR)
    some = [
        story(f"{n}", body=f"{HARBOUR} Number {n}.", published=NOW - HOUR * (n + 2))
        for n in range(20)
    ]
    publish(database, *some)
    assert set(held(database).values()) == {"first crawl"}
    assert told(database) == []
    # What is published once it is there is news, during the first crawl as well.
    publish(database, story("new", published=NOW - HOUR / 2))
    assert held(database)["r new"] == ""
    assert len(told(database)) == 1


@pytest.mark.parametrize("published", [None, NOW.date(), (NOW - DAY).date()])
def test_where_the_date_does_not_tell_the_first_crawl_ends_with_a_run_that_ended_well(
    database: Database, published: Any
) -> None:
    add_rule(database)
    add_source(database, "herald", added=NOW - HOUR)
    publish(database, story("first", published=published))
    crawled(database, "herald", ended=False)
    publish(database, story("second", published=published))
    crawled(database, "post", trigger="backfill")
    add_source(database, "post", added=NOW - HOUR)
    publish(database, story("walk", "post", published=published))
    assert set(held(database).values()) == {"first crawl"}


def test_a_later_crawl_brings_news(database: Database) -> None:
    add_rule(database)
    add_rule(database, "always", max_age=0)
    add_source(database, "herald", added=NOW - HOUR)
    crawled(database, "herald")
    publish(database, story("undated", published=None))
    publish(database, story("before", published=NOW - 2 * HOUR))
    found = held(database)
    assert (found["r undated"], found["r before"]) == ("", "first crawl")
    assert (found["always undated"], found["always before"]) == ("", "")


def test_an_article_of_a_removed_source_is_news(database: Database) -> None:
    add_rule(database)
    publish(database, story("a", "nobody", published=None))
    assert held(database) == {"r a": ""}


def test_noise_is_held_and_says_of_what_kind(database: Database) -> None:
    add_source(database, "herald", "State")
    add_source(database, "post", "Coast")
    add_rule(database, "group", noise=Noise(without=("state",)))
    add_rule(database, "source", noise=Noise(without=("Herald",)))
    add_rule(database, "title", noise=Noise(title_only=True))
    add_rule(database, "two", noise=Noise(mentions=2))
    add_rule(database, "three", noise=Noise(mentions=3))
    publish(database, story("a"), story("b", "post", title="Harbour open", body=HARBOUR[::-1]))
    assert held(database) == {
        "group a": "left out",
        "group b": "",
        "source a": "left out",
        "source b": "",
        "title a": "title",
        "title b": "",
        "two a": "",
        "two b": "mentions",
        "three a": "mentions",
        "three b": "mentions",
    }


def test_a_muted_story_is_muted_under_whatever_name_it_goes(database: Database) -> None:
    (one,) = publish(database, story("a", body=REPORT))
    (other,) = publish(database, story("b", body=REPORT[::-1]))
    stories.link(database, other.record.story, one.record.story, how="test")
    add_rule(database, muted=(other.record.story,))
    publish(database, story("c", "post", body=REPORT), story("d", "post"))
    assert held(database) == {"r c": "muted", "r d": ""}


def test_each_word_has_a_sentence() -> None:
    assert all(each.startswith("it") or "its" in each for each in REASONS.values())


def test_no_option_holds_back_a_match(database: Database) -> None:
    """The law: whatever options a rule has, it meets what the same rule without them does."""
    add_source(database, "herald", "State", added=NOW - HOUR)
    add_source(database, "post", "Coast")
    options: dict[str, dict[str, Any]] = {
        "plain": {},
        "nobody": {"channels": ()},
        "noise": {"noise": Noise(title_only=True, mentions=4, without=("post", "State"))},
        "timing": {"timing": Timing(how="daily", quiet=("22:00", "07:00"), most=0)},
        "most": {"timing": Timing(most=1)},
        "age": {"max_age": 0.5},
        "each": {"each": "article"},
        "edits": {"edits": OfEdits(meets=False, kinds=("addition", "deletion"), least=99)},
        "spread": {"spread": Spread(publishers=2, groups=2, surge="hour")},
    }
    for name, how in options.items():
        add_rule(database, name, **how)
    some = [
        story(
            f"{n}",
            ("herald", "post", "gone")[n % 3],
            title="Harbour news" if n % 4 == 0 else "News",
            body=f"{HARBOUR} {'Ships ' * n}" if n % 5 else f"Nothing here, number {n}.",
            published=[NOW, NOW - 2 * DAY, LONG_AGO, None][n % 4],
        )
        for n in range(24)
    ]
    publish(database, *some)
    later = [
        attrs.evolve(each, body=f"{each.body} The harbour, once more.", fetched_at=NOW + HOUR)
        for each in some[::2]
    ]
    publish(database, *later, now=NOW + HOUR)
    met: dict[str, set[str]] = {name: set() for name in options}
    for each in database.matches.find({}):
        met[each["alert"]].add(each["article"])
    assert len(met["plain"]) > 15
    assert all(found == met["plain"] for found in met.values())
