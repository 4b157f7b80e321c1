"""A change of a rule shows which stories it adds and drops, before it takes effect."""

from datetime import timedelta
from typing import Any

import pytest

from newsbot.alerts import fields
from newsbot.alerts.previewing import Preview, preview
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.config import Config
from tests.past_articles import NOW, PastArticles

DAY = timedelta(days=1)
RULE = Rule(id="r", name="r", query="storm", created_at=NOW)


@pytest.fixture
def archive(database: Database, settings: Config) -> PastArticles:
    made = PastArticles(database, settings)
    made.source("Coast")
    made.source("Hills")
    return made


def shown(archive: PastArticles, **changes: Any) -> Preview:
    after = fields.evolved(RULE, {key.replace("__", "."): each for key, each in changes.items()})
    return preview(archive.database, archive.reader(), RULE, after, now=NOW)


def test_stories_that_a_change_adds_and_drops_are_named(archive: PastArticles) -> None:
    archive.store("storm in the east", ago=2 * DAY)
    archive.store("storm and flood", ago=3 * DAY, source="hills")
    archive.store("flood in the west", ago=4 * DAY)
    archive.store("flood long ago", ago=40 * DAY)
    made = shown(archive, query="flood")
    assert (made.stays, made.adds, made.drops) == (1, 1, 1)
    assert [(each.title, each.source) for each in made.added] == [("flood in the west", "Coast")]
    assert [each.title for each in made.dropped] == ["storm in the east"]
    assert (made.before, made.after) == (2, 2)


def test_a_story_of_which_another_article_is_told_is_the_same_story(archive: PastArticles) -> None:
    text = " ".join(f"storm word{number}" for number in range(60))
    archive.store("a storm", text, ago=5 * DAY)
    archive.store("the storm", text, ago=4 * DAY, source="hills")
    made = shown(archive, noise__without=("Coast",))
    assert (made.stays, made.adds, made.drops) == (1, 0, 0)
    assert shown(archive, sources=("nobody",)).drops == 1


def test_options_and_timing_count_as_much_as_the_query(archive: PastArticles) -> None:
    archive.store("storm", ago=2 * DAY)
    archive.store("quiet, storm", "A storm.", ago=2 * DAY + DAY / 24, published=9 * DAY)
    made = shown(archive, max_age=30.0)
    assert (made.adds, made.drops) == (1, 0)
    daily = shown(archive, max_age=30.0, timing__how="daily")
    assert (daily.before, daily.after, daily.adds) == (1, 1, 1)
    assert preview(archive.database, archive.reader(), RULE, RULE, now=NOW).adds == 0


def test_of_many_stories_the_newest_are_named_and_all_are_counted(archive: PastArticles) -> None:
    for number in range(14):
        archive.store(f"flood{number} here", ago=(number + 1) * DAY)
    made = shown(archive, query="flood*")
    assert (made.adds, len(made.added)) == (14, 10)
    assert [each.title for each in made.added][:2] == ["flood0 here", "flood1 here"]
