"""What is held may be told after all: as one digest, each story in one message, however often it is asked."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from newsbot.alerts import releasing
from newsbot.alerts.digests import make_due
from newsbot.alerts.holding import OLD
from newsbot.alerts.releasing import ReleaseError, release
from newsbot.archive import matches, outbox, stories
from newsbot.archive.connection import Database
from newsbot.archive.rules import Noise, Timing
from tests.announcing import (
    HARBOUR,
    NOW,
    REPORT,
    add_rule,
    held,
    publish,
    story,
    told,
)
from tests.conftest import InProcess

HOUR = timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=30)


def old(database: Database, count: int = 6) -> None:
    """Publish so many old stories, two articles of one more, and one that is noise besides."""
    some = [story(f"{n}", body=f"{HARBOUR} {n}", published=LONG_AGO) for n in range(count)]
    copies = [story("copy", paper, body=REPORT, published=LONG_AGO) for paper in ("post", "mail")]
    publish(database, *some, *copies, story("noise", "tabloid", published=LONG_AGO))


def waiting(database: Database) -> list[tuple[str, Any]]:
    return sorted((each["story"], each["slot"]) for each in database.outbox.find({}))


@pytest.fixture
def rule(database: Database) -> Any:
    made = add_rule(database, noise=Noise(without=("tabloid",)))
    old(database)
    return made


def test_held_matches_are_counted_by_their_reasons(database: Database, rule: Any) -> None:
    assert releasing.held(database, rule) == {"left out": 1, "old": 8}


def test_what_is_released_waits_for_one_slot_each_story_once(database: Database, rule: Any) -> None:
    done = release(database, rule, OLD, NOW)
    assert (done.matches, done.messages) == (8, 7)
    assert {slot for _, slot in waiting(database)} == {done.at}
    assert len(waiting(database)) == 7
    assert {each["state"] for each in database.outbox.find({})} == {"waiting"}
    assert {name for name, why in held(database).items() if why} == {"r noise"}
    released = [each["released"] for each in database.matches.find({})]
    assert sorted(released) == ["", *["old"] * 8]


def test_it_may_be_repeated_and_a_story_that_was_told_is_not_told_again(
    database: Database, rule: Any
) -> None:
    publish(database, story("copy", "echo", body=REPORT))
    assert len(told(database)) == 1
    first = release(database, rule, OLD, NOW)
    assert (first.matches, first.messages) == (8, 6)
    before = waiting(database)
    assert release(database, rule, OLD, NOW + HOUR).matches == 0
    assert waiting(database) == before


def test_a_later_copy_of_what_was_released_is_not_told_again(database: Database, rule: Any) -> None:
    release(database, rule, OLD, NOW)
    publish(database, story("copy", "echo", body=REPORT))
    assert len(told(database)) == 7


def test_stories_that_are_one_are_released_as_one(database: Database, rule: Any) -> None:
    some = sorted(each["story"] for each in database.articles.find({"source": "herald"}))
    for each in some[1:]:
        stories.link(database, each, some[0], how="test")
    assert release(database, rule, OLD, NOW).messages == 2


@pytest.mark.parametrize("module", [outbox, matches])
@pytest.mark.parametrize("after", [False, True])
def test_who_is_killed_in_it_and_begins_again_tells_each_once(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    rule: Any,
    module: Any,
    *,
    after: bool,
) -> None:
    name = "put" if module is outbox else "release"
    write = getattr(module, name)
    monkeypatch.setattr(releasing, "_AT_ONCE", 3)
    left = [1]

    def killed(*args: Any, **kwargs: Any) -> None:
        if after or left:
            write(*args, **kwargs)
        if not left:
            raise KeyboardInterrupt
        left.pop()

    monkeypatch.setattr(module, name, killed)
    with pytest.raises(KeyboardInterrupt):
        release(database, rule, OLD, NOW)
    monkeypatch.setattr(module, name, write)
    release(database, rule, OLD, NOW + HOUR)
    stories_told = [each for each, _ in waiting(database)]
    assert len(stories_told) == len(set(stories_told)) == 7
    assert releasing.held(database, rule) == {"left out": 1}


def test_it_goes_with_the_next_digest_where_the_alert_has_some(database: Database) -> None:
    rule = add_rule(database, timing=Timing(how="daily", at="08:00"))
    old(database)
    done = release(database, rule, OLD, NOW)
    assert done.at == NOW.replace(hour=8) + timedelta(days=1)


def test_the_digest_has_them_all(database: Database, rule: Any) -> None:
    done = release(database, rule, OLD, NOW)
    assert make_due(database, done.at - timedelta(seconds=1)) == 0
    assert make_due(database, done.at) == 1
    states = Counter((each["kind"], each["state"]) for each in database.outbox.find({}))
    assert states == {("article", "gathered"): 7, ("digest", "due"): 1}


def test_what_cannot_be_released_is_said(database: Database) -> None:
    nobody = add_rule(database, "nobody", channels=())
    with pytest.raises(ReleaseError, match="nobody to tell"):
        release(database, nobody, OLD, NOW)
    with pytest.raises(ReleaseError, match=r"'bored'.*'backfill'"):
        release(database, add_rule(database), ["bored"], NOW)


def test_the_commands(database: Database, newsbot_here: InProcess, rule: Any) -> None:
    assert newsbot_here.json("alert", "held", "r") == {"left out": 1, "old": 8}
    assert "published longer ago" in newsbot_here("alert", "held", "r").stdout
    assert newsbot_here("alert", "release", "r", "--why", "bored").returncode == 2
    said = newsbot_here("alert", "release", "r").stdout
    assert "8 matches are released: 7 messages" in said
    assert "Nothing is held" in newsbot_here("alert", "release", "r").stdout
    assert newsbot_here.json("alert", "release", "r", "--why", "left out")["messages"] == 1
    assert newsbot_here("alert", "release", "none").returncode == 1
