"""Rules are checked field by field, keep every version, and lose nobody's change."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from newsbot.alerts import changing, fields
from newsbot.alerts.changing import ChangedMeanwhileError, NothingToUndoError
from newsbot.alerts.checking import RuleFieldError
from newsbot.archive import channels, matches, outbox, rule_versions, rules, sources
from newsbot.archive.connection import Database
from newsbot.archive.outbox import Message
from newsbot.archive.rules import Rule, RuleExistsError
from newsbot.archive.sources import Source
from tests.test_archive import article, keep

NOW = datetime(2026, 3, 1, 5, 0, 0, 123_456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def add(database: Database, **values: Any) -> Rule:
    return changing.add(
        database, {"name": "Storms", "query": "storm", **values}, by="lina", now=NOW
    )


def change(database: Database, before: Rule, by: str = "omar", **values: Any) -> Rule:
    given = {name.replace("__", "."): value for name, value in values.items()}
    return changing.change(database, before, given, by=by, now=LATER)


@pytest.fixture
def coast(database: Database) -> Source:
    source = Source(
        id="coast",
        name="Coast Post",
        homepage="https://coast.example/",
        groups=("Harbours",),
        added_at=NOW,
    )
    sources.add(database, source)
    return source


def test_every_field_of_a_rule_has_a_name() -> None:
    own = {each.name for each in attrs.fields(Rule)}
    told = {name.partition(".")[0] for name in fields.NAMES}
    about = {"id", "version", "by", "created_at", "changed_at", "kept_by_file"}
    assert own - told == about


def test_a_rule_is_kept_with_all_that_was_said_of_it(database: Database, coast: Source) -> None:
    desk = channels.add(database, kind="webhook", target="https://desk.example/hook", name="Desk")
    rule = add(
        database,
        sources=("coast post", "harbours", "Coast Post"),
        languages=("en", "pt-BR"),
        channels=("Desk", desk.id),
        **{
            "timing.how": "daily",
            "timing.at": "07:30",
            "timing.zone": "Asia/Damascus",
            "timing.even_empty": True,
            "edits.kinds": ("retraction", "headline"),
            "noise.without": ("Coast Post",),
            "spread.publishers": 3,
            "spread.surge": "day",
        },
    )
    assert rule.sources == ("coast post", "harbours")
    assert rule.channels == (desk.id,)
    assert (rule.version, rule.by) == (1, "lina")
    assert rules.find(database, "Storms") == rule


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"name": " "}, "name", "give it one"),
        ({"name": "-x"}, "name", "option"),
        ({"query": ""}, "query", "write a word"),
        ({"query": "(storm"}, "query", "never closed"),
        ({"query": "storm @ships"}, "query", "there is no list @ships"),
        ({"query": "storm seen:<3d"}, "query", "relative age"),
        ({"sources": ("Coast Pots",)}, "sources", "did you mean the source 'Coast Post'?"),
        ({"sources": ("harbour",)}, "sources", "did you mean the group 'Harbours'?"),
        ({"sources": ("zzz",)}, "sources", "newsbot source list"),
        ({"sources": ("Coast Post", " ")}, "sources", "empty value"),
        ({"languages": ("english",)}, "languages", "did you mean en?"),
        ({"languages": ("xx",)}, "languages", "give its code"),
        ({"channels": ("Dsek",)}, "channels", "did you mean 'Desk'?"),
        ({"each": "both"}, "each", "story, article"),
        ({"max_age": -1.0}, "max_age", "not between 0"),
        ({"max_age": float("nan")}, "max_age", "not between 0"),
        ({"state": "off"}, "state", "active, paused"),
        ({"timing.how": "monthly"}, "timing", "hourly"),
        ({"timing.how": "daily", "timing.at": "25:00"}, "timing", "25:00"),
        ({"timing.zone": "Mars/Base"}, "timing", "Mars/Base"),
        ({"timing.quiet": ("07:00", "07:00")}, "timing", "two different times"),
        ({"timing.most": -1}, "timing", "most"),
        ({"edits.kinds": ("retracted",)}, "edits.kinds", "did you mean 'retraction'?"),
        ({"edits.least": -1}, "edits.least", "not between 0"),
        ({"noise.mentions": 0}, "noise.mentions", "not between 1"),
        ({"noise.without": ("nobody",)}, "noise.without", "there is no source or group"),
        ({"spread.publishers": 1}, "spread.publishers", "every story has one"),
        ({"spread.groups": -2}, "spread.groups", "not between 2"),
        ({"spread.surge": "week"}, "spread.surge", "hour, day"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_field(
    database: Database, coast: Source, values: dict[str, Any], field: str, said: str
) -> None:
    channels.add(database, kind="webhook", target="https://desk.example/hook", name="Desk")
    with pytest.raises(RuleFieldError) as refused:
        add(database, **values)
    assert list(refused.value.problems) == [field]
    assert said in refused.value.problems[field]
    assert rules.everything(database) == []


def test_all_that_is_wrong_is_told_at_once(database: Database) -> None:
    with pytest.raises(RuleFieldError) as refused:
        add(database, query="a OR", each="x", max_age=-1.0)
    assert set(refused.value.problems) == {"query", "each", "max_age"}


def test_a_query_that_is_too_long_with_its_sources_is_refused(database: Database) -> None:
    for number in range(150):
        sources.add(
            database,
            Source(id=f"s{number}", name=f"s{number}", homepage="https://s/", added_at=NOW),
        )
    many = tuple(f"s{number}" for number in range(150))
    with pytest.raises(RuleFieldError, match="more than 1000 clauses"):
        add(database, query=" ".join(["w"] * 800), sources=many)


def test_a_name_is_one_rules_alone(database: Database) -> None:
    add(database)
    with pytest.raises(RuleExistsError):
        changing.add(database, {"name": "Storms", "query": "x"}, by="lina", now=LATER)
    other = add(database, name="Floods")
    with pytest.raises(RuleExistsError):
        change(database, other, name="Storms")
    assert {each.name for each in rules.everything(database)} == {"Storms", "Floods"}


def test_a_source_that_is_gone_forbids_no_other_change(database: Database, coast: Source) -> None:
    rule = add(database, sources=("Coast Post",))
    sources.remove(database, coast.id)
    assert change(database, rule, max_age=1.0).max_age == 1.0


def test_every_version_is_kept_and_told_in_words(database: Database) -> None:
    desk = channels.add(database, kind="webhook", target="https://desk.example/hook", name="Desk")
    first = add(database)
    second = change(database, first, query="storm OR flood", timing__how="daily")
    assert change(database, second, timing__how="daily") == second  # nothing: no version
    change(database, second, by="lina", channels=("Desk",), timing__how="at once")
    told = changing.history(database, rules.find(database, "Storms") or first)
    assert [(each.number, each.by, each.said) for each in told] == [
        (1, "lina", ("added",)),
        (2, "omar", ("query: storm → storm OR flood", "timing.how: at once → daily")),
        (3, "lina", ("channels: + Desk", "timing.how: daily → at once")),
    ]
    assert told[2].rule.channels == (desk.id,)
    assert told[1].at == LATER.replace(microsecond=123_000)


def test_undo_brings_the_older_one_back_as_a_new_version(database: Database) -> None:
    first = add(database)
    second = change(database, first, query="flood", muted=("s1",))
    third = changing.undo(database, second, by="lina", now=LATER)
    assert (third.version, third.query, third.muted) == (3, "storm", ("s1",))
    fourth = changing.undo(database, third, to=2, by="lina", now=LATER)
    assert (fourth.version, fourth.query) == (4, "flood")
    assert changing.history(database, fourth)[3].again == 2
    with pytest.raises(NothingToUndoError, match="no other version 9; there are 1, 2, 3"):
        changing.undo(database, fourth, to=9, by="lina", now=LATER)
    with pytest.raises(NothingToUndoError, match="never changed"):
        changing.undo(database, add(database, name="Other"), by="lina", now=LATER)


def test_who_changes_what_somebody_else_changed_is_told(database: Database) -> None:
    rule = add(database)
    change(database, rule, query="flood")
    with pytest.raises(ChangedMeanwhileError, match=r"version 2 now, by omar \(query: storm → flo"):
        change(database, rule, by="lina", max_age=1.0)
    there = rules.find(database, "Storms")
    assert there is not None
    assert (there.query, there.max_age) == ("flood", 3.0)
    changing.remove(database, there, by="omar", now=LATER)
    with pytest.raises(ChangedMeanwhileError, match="removed meanwhile"):
        change(database, there, max_age=1.0)


def test_of_many_who_change_one_rule_at_once_each_is_in_it_or_told(database: Database) -> None:
    rule = add(database)
    told: list[str] = []

    def one(number: int) -> None:
        try:
            change(database, rule, by=str(number), query=f"storm{number}")
        except ChangedMeanwhileError:
            told.append(str(number))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    there = rules.find(database, "Storms")
    assert there is not None
    assert there.version == 2
    assert sorted([*told, there.by]) == sorted(map(str, range(8)))
    assert [each.number for each in changing.history(database, there)] == [1, 2]


def test_muting_and_pausing_go_with_any_other_change(database: Database) -> None:
    rule = add(database)
    threads = [
        threading.Thread(
            target=changing.mute,
            args=(database, rule.id, [f"story{number}"]),
            kwargs={"by": "x", "now": LATER},
        )
        for number in range(6)
    ]
    for each in threads:
        each.start()
    changing.set_state(database, rule.id, "paused", by="omar", now=LATER)
    for each in threads:
        each.join()
    there = rules.find(database, "Storms")
    assert there is not None
    assert there.state == "paused"
    assert sorted(there.muted) == [f"story{number}" for number in range(6)]
    assert there.version == 8
    changing.unmute(database, rule.id, there.muted, by="omar", now=LATER)
    assert rules.find(database, "Storms").muted == ()  # type: ignore[union-attr]


def test_a_version_that_a_crash_left_unwritten_is_told_and_written_later(
    database: Database,
) -> None:
    rule = add(database)
    second = attrs.evolve(rule, query="flood", version=2, by="omar", changed_at=rule.created_at)
    assert rules.replace(database, second)  # and then its process dies
    assert [each.by for each in changing.history(database, second)] == ["lina", "omar"]
    change(database, second, query="rain")
    kept = rule_versions.of_rule(database, rule.id)
    assert [(each.number, each.rule.query) for each in kept] == [
        (1, "storm"),
        (2, "flood"),
        (3, "rain"),
    ]


def test_a_write_whose_answer_was_lost_is_the_same_write(database: Database) -> None:
    rule = add(database)
    second = attrs.evolve(rule, query="flood", version=2)
    assert rules.replace(database, second)
    assert rules.replace(database, second)
    assert not rules.replace(database, attrs.evolve(second, query="rain"))


def test_a_removed_rule_comes_back_with_its_matches_and_sends_nothing_old(
    database: Database,
) -> None:
    rule = add(database)
    rule = change(database, rule, query="word1")
    (kept,) = keep(database, article("a"))
    found = matches.Match(
        id=matches.match_id(rule.id, kept.article.id),
        alert=rule.id,
        article=kept.article.id,
        story="s",
        revision=1,
        matched_at=NOW,
        passage=matches.NO_PASSAGE,
    )
    matches.record(database, [found])
    waiting = Message(
        id="m", alert=rule.id, occasion="first", channel="c", created_at=NOW, next_attempt=NOW
    )
    outbox.put(database, [waiting])
    changing.remove(database, rule, by="omar", now=LATER)
    assert rules.find(database, "Storms") is None
    assert outbox.many(database, ["m"]) == {}
    assert [each.said for each in changing.history_of_removed(database, "Storms")][-1] == (
        "removed",
    )
    back = changing.bring_back(database, "Storms", by="lina", now=LATER)
    assert (back.id, back.query, back.version) == (rule.id, "word1", 4)
    assert matches.latest(database, since=NOW - timedelta(days=1), alert=back.id)[0].id == found.id
    assert outbox.many(database, ["m"]) == {}
    told = changing.history(database, back)
    assert [each.said[0] for each in told] == [
        "added",
        "query: storm → word1",
        "removed",
        "brought back",
    ]
    with pytest.raises(RuleExistsError):
        changing.bring_back(database, "Storms", by="lina", now=LATER)
    with pytest.raises(NothingToUndoError, match="none of that name was removed"):
        changing.bring_back(database, "Nothing", by="lina", now=LATER)
