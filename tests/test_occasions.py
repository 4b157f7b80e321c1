"""Which messages follow from a match and from an edit; each of them once, whatever is killed when."""

from datetime import timedelta
from typing import Any

import attrs
import pytest
from pymongo.errors import AutoReconnect

from newsbot.alerts import matches as announcing
from newsbot.alerts.matches import announce, sweep
from newsbot.alerts.occasions import NO_LONGER, SINCE_AN_EDIT
from newsbot.archive import allowances, articles, matches, outbox, revisions, stories
from newsbot.archive.connection import Database
from newsbot.archive.rules import Noise, OfEdits, Spread, Timing
from newsbot.edits.size import size
from newsbot.items import Article
from tests.announcing import (
    HARBOUR,
    NOW,
    REPORT,
    add_rule,
    add_source,
    change_rule,
    held,
    match_of,
    publish,
    store,
    story,
    told,
)

HOUR = timedelta(hours=1)
LINES = (
    "The council met on Monday to speak about the budget of the town for the coming year.",
    "Its members could not agree on the price of the new bridge over the river.",
)
NEWS = "\n".join(LINES)
WITH = f"{NEWS}\nThe harbour will be closed for two weeks while the work is going on there."


def edited(article: Article, hours: int = 1, **how: Any) -> Article:
    """Return an article as it reads some hours later."""
    return attrs.evolve(article, fetched_at=article.fetched_at + hours * HOUR, **how)


# Stories and articles


def test_a_story_is_told_once_and_each_article_where_that_is_asked_for(database: Database) -> None:
    add_rule(database)
    add_rule(database, "each", each="article")
    publish(database, story("a", body=REPORT), story("b", "post", body=REPORT))
    publish(database, story("c", "mail", body=REPORT))
    assert told(database) == [
        *(("each", "article", f"article:{name}") for name in "abc"),
        ("r", "article", "first"),
    ]


def test_stories_that_are_one_are_told_once(database: Database) -> None:
    add_rule(database)
    (one,) = store(database, story("a", body=REPORT))
    (other,) = store(database, story("b", "post", body=REPORT[::-1] + " harbour"))
    stories.link(database, other.record.story, one.record.story, how="test")
    announce(database, [one, other], now=NOW)
    assert told(database) == [("r", "article", "first")]


# Edits


def test_an_article_that_meets_the_query_since_an_edit_is_told_with_that(
    database: Database,
) -> None:
    add_rule(database)
    add_rule(database, "never", edits=OfEdits(meets=False))
    first = story("a", body=NEWS)
    publish(database, first)
    publish(database, edited(first, body=WITH), now=NOW + HOUR)
    assert held(database) == {"r a": "", "never a": "edited"}
    (message,) = database.outbox.find()
    assert (message["kind"], message["said"]["lines"]) == ("article", [SINCE_AN_EDIT])
    assert match_of(database, "r", first).revision == 2


def test_an_edit_of_what_was_there_before_the_alert_tells_nothing(database: Database) -> None:
    first = story("a", body=WITH)
    publish(database, first)
    add_rule(database, created_at=NOW + HOUR / 2)
    publish(database, edited(first, body=f"{WITH} And so on it went, they said."), now=NOW + HOUR)
    assert held(database) == {"r a": "known"}
    assert told(database) == []


def test_an_edit_of_what_was_stored_and_never_announced_is_news(database: Database) -> None:
    add_rule(database)
    first = story("a", body=WITH)
    store(database, first)  # its worker died
    publish(database, edited(first, body=f"{WITH} And so on it went, they said."), now=NOW + HOUR)
    assert held(database) == {"r a": ""}
    assert told(database) == [("r", "article", "first")]


def test_the_edits_are_told_that_are_asked_for_each_once(database: Database) -> None:
    add_rule(database)
    add_rule(database, "any", edits=OfEdits(kinds=("addition", "headline")))
    add_rule(database, "large", edits=OfEdits(kinds=("addition",), least=30))
    first = story("a", body=WITH)
    publish(database, first)
    more = f"{WITH}\nThe mayor said that she would find the money, and that the work would begin."
    for hours, how in enumerate(({"body": more}, {"body": more, "title": "Bridge too dear"})):
        publish(database, edited(first, hours + 1, **how), now=NOW + HOUR * (hours + 1))
    even = f"{more}\n{' '.join(f'word{n}' for n in range(40))}."
    publish(database, edited(first, 3, body=even, title="Bridge too dear"), now=NOW + 3 * HOUR)
    firsts = [(name, "article", "first") for name in ("any", "large", "r")]
    assert told(database) == sorted(
        [
            *firsts,
            *(("any", "edit", f"edit:a:{n}") for n in (2, 3, 4)),
            ("large", "edit", "edit:a:4"),
        ]
    )
    said = {each["occasion"][-1]: each["said"] for each in database.outbox.find({"alert": "any"})}
    assert said["2"] == {"kinds": ["addition"], "revision": 2}
    assert said["3"] == {"kinds": ["headline"], "revision": 3}


def test_a_withdrawn_article_is_told_though_it_no_longer_meets_the_query(
    database: Database,
) -> None:
    add_rule(database, edits=OfEdits(kinds=("retraction",), least=500))
    add_rule(database, "other", query="budget", edits=OfEdits(kinds=("deletion",)))
    first = story("a", body=WITH)
    publish(database, first)
    note = "Retraction: This article has been withdrawn because it was wrong."
    publish(database, edited(first, body=note), now=NOW + HOUR)
    assert ("r", "edit", "edit:a:2") in told(database)
    assert not any(alert == "other" and kind == "edit" for alert, kind, _ in told(database))
    (message,) = database.outbox.find({"kind": "edit"})
    assert message["said"] == {"kinds": ["retraction"], "revision": 2, "lines": [NO_LONGER]}
    assert "harbour" in message["passage"]["text"]
    assert match_of(database, "r", first).revision == 1  # the match stays on record


def test_what_was_taken_down_is_told_by_the_next_sweep(database: Database) -> None:
    add_rule(database, edits=OfEdits(kinds=("deletion", "restored")))
    add_rule(database, "silent")
    first = story("a", body=WITH)
    publish(database, first)
    assert revisions.note_deletion(database, first.id, now=NOW + HOUR)
    late = NOW + 1.5 * HOUR
    add_rule(database, "late", edits=OfEdits(kinds=("deletion",)), created_at=late)
    assert sweep(database, now=NOW + 2 * HOUR) == 1
    assert sweep(database, now=NOW + 3 * HOUR) == 0
    publish(database, edited(first, 3), now=NOW + 3 * HOUR)
    assert [each for each in told(database) if each[1] == "edit"] == [
        ("late", "edit", "edit:a:2"),
        ("r", "edit", "edit:a:2"),
        ("r", "edit", "edit:a:3"),
    ]
    assert held(database)["late a"] == "known"


def test_noise_that_an_edit_makes_none_is_told(database: Database) -> None:
    edits = OfEdits(kinds=("headline", "addition"))
    add_rule(database, noise=Noise(title_only=True), edits=edits)
    add_rule(
        database, "never", noise=Noise(title_only=True), edits=attrs.evolve(edits, meets=False)
    )
    first = story("a", body=WITH)
    publish(database, first)
    publish(database, edited(first, body=f"{WITH} {WITH[::-1]}"), now=NOW + HOUR)
    assert told(database) == []
    named = edited(first, 2, title="Harbour closed", body=f"{WITH} {WITH[::-1]}")
    publish(database, named, now=NOW + 2 * HOUR)
    assert held(database) == {"r a": "", "never a": "title"}
    # Told of it as a whole, or of the edit, and not of both.
    assert told(database) == [("never", "edit", "edit:a:3"), ("r", "article", "first")]
    assert match_of(database, "r", first).revision == 3


def test_an_edit_of_an_old_article_is_news_where_it_is_asked_for(database: Database) -> None:
    add_rule(database, edits=OfEdits(kinds=("addition",)))
    add_source(database, "herald", added=NOW - HOUR)
    first = story("a", body=WITH, published=NOW - 2 * HOUR)
    publish(database, first)
    assert held(database) == {"r a": "first crawl"}
    publish(database, edited(first, body=f"{WITH}\n{NEWS[::-1]}"), now=NOW + HOUR)
    assert told(database) == [("r", "edit", "edit:a:2")]


def test_the_size_of_an_edit_is_in_words() -> None:
    assert size("one two three", "one two three") == 0
    assert size("one two three", "one 2 three") == 1
    assert size("one two three", "one two three four five") == 2
    assert size("one two three four", "one") == 3


# When


def test_what_is_too_much_for_a_day_waits_for_its_end_and_repeats_change_nothing(
    database: Database,
) -> None:
    add_rule(database, timing=Timing(most=2))
    some = [story(f"{n}", body=f"{REPORT} {n}" * (n + 1), title=f"{n}") for n in range(4)]
    for _ in range(2):
        publish(database, *some)
        database.articles.update_many({}, {"$set": {"pending": True}})
        sweep(database, now=NOW + HOUR)
    states = sorted((each["state"], each["slot"]) for each in database.outbox.find({}))
    midnight = NOW.replace(hour=0) + timedelta(days=1)
    assert len(states) == len({each["story"] for each in database.articles.find({})})
    assert [state for state, _ in states].count("due") == 2
    assert {slot for state, slot in states if state == "waiting"} == {midnight}


def test_an_allowance_is_taken_once_for_the_same(database: Database) -> None:
    day = NOW.date()
    asked = ["a", "a", "b", "c", "a"]
    assert [allowances.take(database, "r", day, each, most=2) for each in asked] == [
        True,
        True,
        True,
        False,
        True,
    ]
    assert allowances.take(database, "r", day + timedelta(days=1), "c", most=2)
    assert allowances.prune(database, today=day + timedelta(days=8)) == 1


# Killed


class Killed(BaseException):
    """The process is gone."""


WRITES = (
    (matches, "record"),
    (outbox, "put"),
    (matches, "let_go"),
    (articles, "finish"),
    (allowances, "take"),
)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("place", range(len(WRITES)))
def test_who_is_killed_at_any_write_repeats_it_and_changes_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch, place: int, *, after: bool
) -> None:
    """What a worker did until it was killed, and what another does after it, is as if nothing was."""
    edits = OfEdits(kinds=("headline", "addition", "retraction"))
    rule = add_rule(database, edits=edits)
    add_rule(database, "title", noise=Noise(title_only=True), timing=Timing(most=1))
    add_rule(database, "each", each="article", spread=Spread(publishers=2))
    first, second = story("a", body=WITH), story("b", "post", body=WITH)
    publish(database, first)
    module, name = WRITES[place]
    write = getattr(module, name)

    def killed(*args: Any, **kwargs: Any) -> Any:
        if after:
            write(*args, **kwargs)
        raise Killed

    add_source(database, "herald")
    add_source(database, "post")
    changed = edited(first, title="Harbour closed", body=f"{WITH}\n{NEWS[::-1]}")
    kept = store(database, changed, second, now=NOW + HOUR)
    monkeypatch.setattr(module, name, killed)
    with pytest.raises(Killed):
        announce(database, kept, now=NOW + HOUR)
    monkeypatch.setattr(module, name, write)
    # The alert has changed since: what was decided stands, and the new version tells nothing of the past.
    if place > 0 or after:
        change_rule(database, rule, channels=(*rule.channels, "another"), max_age=0.01)
    sweep(database, now=NOW + 2 * HOUR)
    assert database.articles.count_documents({"pending": True}) == 0
    mine = set(told(database))
    assert mine == {
        ("r", "article", "first"),
        ("r", "edit", "edit:a:2"),
        ("title", "article", "first"),
        ("each", "article", "article:a"),
        ("each", "article", "article:b"),
        ("each", "spread", "publishers:2"),
    }
    assert [
        each["channel"] for each in database.outbox.find({"kind": "article", "alert": "r"})
    ] == [*rule.channels]
    if (name, after) != ("finish", True):  # then it is the alert that has another channel since
        database.articles.update_many({}, {"$set": {"pending": True}})
    before = sorted(database.outbox.find({}), key=lambda each: each["_id"])
    sweep(database, now=NOW + 3 * HOUR)
    assert sorted(database.outbox.find({}), key=lambda each: each["_id"]) == before


def test_a_batch_that_is_cut_off_within_a_write_is_told_whole(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rule(database)
    some = store(database, *(story(f"{n}", body=f"{HARBOUR} {n}") for n in range(6)))
    write = matches.record

    def half(there: Database, found: list[Any]) -> int:
        write(there, found[:3])
        raise AutoReconnect("it is away")

    monkeypatch.setattr(announcing.matches, "record", half)
    with pytest.raises(AutoReconnect):
        announce(database, some, now=NOW)
    monkeypatch.setattr(announcing.matches, "record", write)
    assert sweep(database, now=NOW + HOUR) == 6
    assert len(told(database)) == len(held(database)) == 6
