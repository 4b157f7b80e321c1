"""How stories stand with a reader and the desk: marks follow links, and corrections bring stories back."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from newsbot.archive import articles, desk_marks, reader_marks, removal, stories, triage
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.desk_marks import TakenError
from newsbot.archive.triage import Standing
from tests.announcing import NOW, REPORT, add_source, publish, story

MINUTE = timedelta(minutes=1)
MORE = (
    "The council met on Monday. It spoke of bridges, of trams, and at last of the price of bread. "
)


@pytest.fixture(autouse=True)
def sources(database: Database) -> None:
    for name in ("herald", "gazette", "courier"):
        add_source(database, name)


def stand(database: Database, kept: Iterable[Kept], name: str = "ada") -> list[Standing]:
    """Return how the stories of these articles stand, in their order."""
    known = articles.many(database, [each.article.id for each in kept])
    told = list(known.values())
    heads = stories.heads(database, [each.record.story for each in told])
    shown = {heads[each.record.story]: each for each in told}
    seen = triage.first_seen(database, shown)
    found = triage.standing(database, reader_marks.reader(database, name), seen)
    return [
        found[heads[known[each.article.id].record.story]]
        for each in kept
        if each.article.id in known
    ]


def test_marks_are_a_readers_own_and_are_taken_back(database: Database) -> None:
    kept = publish(database, story("a"), story("b", body=MORE))
    first, second = (each.record.story for each in kept)
    assert triage.own(database, "ada", "read", [first], now=NOW).stories == (first,)
    assert triage.own(database, "ada", "star", [second, "none such"], now=NOW).unknown == (
        "none such",
    )
    one, other = stand(database, kept)
    assert (one.read, one.starred, other.read, other.starred) == (True, False, False, True)
    assert not stand(database, kept, "bob")[0].read

    triage.undo(database, "ada", now=NOW)
    assert not stand(database, kept)[1].starred
    assert triage.undo(database, "ada", now=NOW) is None
    assert stand(database, kept)[0].read


def test_a_new_copy_of_a_read_story_stays_read_and_marks_follow_a_link(database: Database) -> None:
    kept = publish(database, story("a", body=REPORT))
    triage.own(database, "ada", "read", [kept[0].record.story], now=NOW + MINUTE)
    copies = publish(
        database,
        story("b", "gazette", body=REPORT),
        story("c", "courier", body=MORE),
        now=NOW + 2 * MINUTE,
    )
    copy, other = stand(database, copies)
    assert copy.read
    assert not other.read
    # What is found to be one with a story is marked as it is.
    triage.own(database, "ada", "star", [copies[1].record.story], now=NOW + 3 * MINUTE)
    stories.link(database, copies[1].record.story, kept[0].record.story, how="event")
    (one,) = stand(database, copies[1:])
    assert one.story == kept[0].record.story
    assert one.read
    assert one.starred
    triage.own(database, "ada", "unstar", [one.story], now=NOW + 4 * MINUTE)
    assert not stand(database, kept)[0].starred


@pytest.mark.parametrize(
    ("line", "back"),
    [
        ("Correction: an earlier version of this article misstated the number of ships.", True),
        ("Ferries will sail again on Thursday from the northern pier of the old port.", False),
    ],
)
@pytest.mark.parametrize("how", ["one by one", "all up to here"])
def test_a_correction_brings_a_read_story_back(
    database: Database, line: str, back: bool, how: str
) -> None:
    kept = publish(database, story("a", body=REPORT))
    when = NOW + MINUTE
    if how == "one by one":
        triage.own(database, "ada", "read", [kept[0].record.story], now=when)
    else:
        triage.read_to(database, "ada", NOW, now=when)
    assert stand(database, kept)[0].read

    later = NOW + timedelta(hours=1)
    publish(database, story("a", body=f"{REPORT}\n{line}", read=later), now=later)
    (told,) = stand(database, kept)
    assert told.read is not back
    assert told.back == (("correction",) if back else ())
    listed = desk_marks.came_back(database, since=NOW, at_most=10)
    assert [each.id for each in listed] == ([told.story] if back else [])

    triage.own(database, "ada", "read", [told.story], now=later + MINUTE)
    assert stand(database, kept)[0].read, "read again it stays read"


def test_all_up_to_here_is_read_and_what_was_marked_since_is_not(database: Database) -> None:
    kept = publish(database, story("a"), now=NOW)
    kept += publish(database, story("b", body=MORE), now=NOW + MINUTE)
    first, second = (each.record.story for each in kept)
    triage.own(database, "ada", "unread", [first], now=NOW + 2 * MINUTE)
    triage.read_to(database, "ada", NOW, now=NOW + 3 * MINUTE)
    assert [each.read for each in stand(database, kept)] == [True, False]
    triage.own(database, "ada", "unread", [first], now=NOW + 4 * MINUTE)
    triage.own(database, "ada", "read", [second], now=NOW + 4 * MINUTE)
    assert [each.read for each in stand(database, kept)] == [False, True]
    triage.read_to(database, "ada", NOW + MINUTE, now=NOW + 5 * MINUTE)
    assert [each.read for each in stand(database, kept)] == [True, True]
    triage.undo(database, "ada", now=NOW + 6 * MINUTE)
    assert [each.read for each in stand(database, kept)] == [False, True]


def test_of_two_who_take_a_story_the_second_is_told_who_has_it(database: Database) -> None:
    kept = publish(database, story("a"), story("b", body=MORE))
    first, second = (each.record.story for each in kept)
    assert triage.for_the_desk(database, "ada", "take", [first], now=NOW).stories == (first,)
    told = triage.for_the_desk(database, "bob", "take", [first, second], now=NOW)
    assert told.stories == (second,)
    assert {story: each.by for story, each in told.taken.items()} == {first: "ada"}
    assert [each.id for each in desk_marks.decided(database, "taken", by="ada", at_most=9, now=NOW)] == [first]  # fmt: skip

    triage.for_the_desk(database, "bob", "done", [first], now=NOW + MINUTE)
    (one, _) = stand(database, kept)
    assert (one.desk, one.by, one.version) == ("done", "bob", 2)
    stale = triage.for_the_desk(
        database, "ada", "not relevant", [first], now=NOW + MINUTE, versions={first: 1}
    )
    assert stale.taken[first].state == "done"
    # What somebody else decided since is not taken back.
    assert list((triage.undo(database, "ada", now=NOW + MINUTE) or told).taken) == []
    triage.undo(database, "bob", now=NOW + MINUTE)
    assert (stand(database, kept)[0].desk, stand(database, kept)[0].by) == ("taken", "ada")


def test_one_of_many_at_once_takes_a_story(database: Database) -> None:
    from concurrent.futures import ThreadPoolExecutor

    (kept,) = publish(database, story("a"))

    def take(name: str) -> bool:
        try:
            desk_marks.decide(database, kept.record.story, "taken", by=name, now=NOW)
        except TakenError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, [f"reader {at}" for at in range(8)])) == 1


def test_the_desks_decision_follows_a_link(database: Database) -> None:
    kept = publish(database, story("a"), now=NOW)
    kept += publish(database, story("b", body=MORE), now=NOW + MINUTE)
    first, second = (each.record.story for each in kept)
    triage.for_the_desk(database, "ada", "take", [second], now=NOW + MINUTE)
    stories.link(database, second, first, how="event")
    (one, _) = stand(database, kept)
    assert (one.story, one.desk, one.by) == (first, "taken", "ada")
    told = triage.for_the_desk(database, "bob", "take", [first], now=NOW + 2 * MINUTE)
    assert told.taken[first].by == "ada"
    triage.for_the_desk(database, "ada", "open", [second], now=NOW + 3 * MINUTE)
    assert stand(database, kept)[0].desk == "open"
    assert triage.for_the_desk(database, "bob", "take", [first], now=NOW + 4 * MINUTE).stories


def test_since_the_last_visit(database: Database) -> None:
    def at(minutes: int) -> datetime | None:
        return reader_marks.visit(database, "ada", now=NOW + minutes * MINUTE).before

    assert [at(0), at(10), at(25)] == [None, None, None]
    assert [at(120), at(121), at(140)] == [NOW + 25 * MINUTE] * 3
    assert at(300) == NOW + 140 * MINUTE


def test_marks_go_with_the_last_article_of_a_story(database: Database) -> None:
    kept = publish(
        database, story("a", body=REPORT), story("b", "gazette", body=REPORT), story("c", body=MORE)
    )
    shared, other = kept[0].record.story, kept[2].record.story
    for each in (shared, other):
        triage.own(database, "ada", "star", [each], now=NOW)
        triage.for_the_desk(database, "ada", "take", [each], now=NOW)
    stones = [removal.tombstone(each, (), cause="takedown", now=NOW) for each in kept]
    removal.put_aside(database, [stones[0], stones[2]])
    assert reader_marks.marked(database, [shared, other]) == {shared}
    assert set(desk_marks.of(database, [shared, other])) == {shared}
    removal.put_aside(database, [stones[1]])
    assert not reader_marks.marked(database, [shared])
    assert not desk_marks.of(database, [shared])
