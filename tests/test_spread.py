"""How far a story has spread is told once, however its copies arrive."""

from datetime import timedelta

import pytest

from newsbot.alerts.matches import announce
from newsbot.archive import stories
from newsbot.archive.connection import Database
from newsbot.archive.rules import Noise, Spread
from tests.announcing import (
    NOW,
    REPORT,
    add_rule,
    add_source,
    publish,
    store,
    story,
    told,
)

HOUR = timedelta(hours=1)
PAPERS = ("herald", "post", "mail", "sun", "echo")
GROUPS = ("State", "State", "Coast", "coast", "Hills")
OTHER = "In other news, " + REPORT[::-1] + " The harbour was not named."


@pytest.fixture(autouse=True)
def _papers(database: Database) -> None:
    for paper, group in zip(PAPERS, GROUPS, strict=True):
        add_source(database, paper, group)


def spreads(database: Database) -> list[tuple[str, str]]:
    return [(alert, occasion) for alert, kind, occasion in told(database) if kind == "spread"]


def test_a_story_that_reaches_so_many_publishers_or_groups_is_told_once_more(
    database: Database,
) -> None:
    add_rule(database)
    add_rule(database, "three", spread=Spread(publishers=3))
    add_rule(database, "groups", spread=Spread(groups=2))
    for number, paper in enumerate(PAPERS):
        now = NOW + number * HOUR
        publish(database, story(f"{number}", paper, body=REPORT), now=now)
        wanted = [("groups", "groups:2")] * (number >= 2) + [("three", "publishers:3")] * (
            number >= 2
        )
        assert spreads(database) == wanted
    (said,) = [each["said"] for each in database.outbox.find({"occasion": "publishers:3"})]
    assert said == {
        "what": "publishers",
        "number": 3,
        "asked": 3,
        "sources": ["herald", "mail", "post"],
    }
    (said,) = [each["said"] for each in database.outbox.find({"occasion": "groups:2"})]
    assert (said["what"], said["number"], said["groups"]) == ("groups", 2, ["Coast", "State"])


def test_copies_that_arrive_in_one_batch_count_together(database: Database) -> None:
    add_rule(database, spread=Spread(publishers=3, groups=3))
    publish(database, *(story("a", paper, body=REPORT) for paper in PAPERS))
    assert spreads(database) == [("r", "groups:3"), ("r", "publishers:3")]


def test_further_articles_of_one_publisher_do_not_count(database: Database) -> None:
    add_rule(database, spread=Spread(publishers=2))
    some = [story(f"{n}", body=f"{REPORT} {n}") for n in range(4)]
    for each in some:
        publish(database, each)
    assert spreads(database) == []


def test_two_stories_that_are_joined_count_together_and_are_told_once(database: Database) -> None:
    add_rule(database, spread=Spread(publishers=2))
    kept = store(
        database,
        *(story("a", paper, body=REPORT) for paper in PAPERS[:2]),
        *(story("b", paper, body=OTHER) for paper in PAPERS[2:4]),
    )
    announce(database, kept[:2], now=NOW)
    announce(database, kept[2:], now=NOW)
    assert len(spreads(database)) == 2  # two stories, as far as anybody knows
    stories.link(database, kept[2].record.story, kept[0].record.story, how="test")
    publish(database, story("a", "echo", body=REPORT), story("b", "echo", body=OTHER))
    assert len(spreads(database)) == 2


def test_joining_them_is_what_reaches_it(database: Database) -> None:
    add_rule(database, spread=Spread(publishers=2))
    (one,) = publish(database, story("a", body=REPORT))
    (other,) = publish(database, story("b", "post", body=OTHER))
    assert spreads(database) == []
    # An article that does not meet the query itself shows that the two are one.
    (link,) = store(database, story("c", "mail", title="Ships", body="Nothing was said of it."))
    stories.link(database, other.record.story, one.record.story, how="test")
    stories.link(database, link.record.story, one.record.story, how="test")
    announce(database, [link], now=NOW)
    assert spreads(database) == [("r", "publishers:2")]


def test_old_copies_count_and_are_no_reason_to_tell(database: Database) -> None:
    add_rule(database, spread=Spread(publishers=3))
    long_ago = NOW - timedelta(days=30)
    old = [story("a", paper, body=REPORT, published=long_ago) for paper in PAPERS[:3]]
    publish(database, *old)
    assert told(database) == []
    publish(database, story("a", "sun", body=REPORT))
    assert spreads(database) == [("r", "publishers:3")]


def test_what_is_left_out_does_not_count(database: Database) -> None:
    add_rule(database, spread=Spread(publishers=3), noise=Noise(without=("State",)))
    publish(database, *(story("a", paper, body=REPORT) for paper in PAPERS[:4]))
    assert spreads(database) == []
    publish(database, story("a", "echo", body=REPORT))
    assert spreads(database) == [("r", "publishers:3")]
