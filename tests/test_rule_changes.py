"""Who files alerts reads those that changed, and no others; none is missed, whoever dies meanwhile."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from newsbot.archive import rule_changes, rules
from newsbot.archive.connection import Database
from newsbot.archive.rule_changes import Changes, change
from newsbot.archive.rules import Rule

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def rule(name: str) -> Rule:
    return Rule(id=name, name=name, query="storm", created_at=NOW)


def test_what_is_added_changed_and_removed_is_told(database: Database) -> None:
    first = rule_changes.read(database, Changes())
    assert first.since(Changes()) is None
    for name in ("a", "b", "c"):
        rules.add(database, rule(name))
    second = rule_changes.read(database, first)
    assert second.since(first) == {"a", "b", "c"}
    assert rule_changes.read(database, second) is second
    rules.set_state(database, "b", "paused")
    rules.remove(database, "c")
    third = rule_changes.read(database, second)
    assert third.since(second) == {"b", "c"}
    assert third.since(first) == {"a", "b", "c"}


def test_a_change_on_its_way_is_told_for_as_long_as_it_is(database: Database) -> None:
    before = rule_changes.read(database, Changes())
    with change(database, ["a"]):
        during = rule_changes.read(database, before)
        assert during.since(before) == {"a"}
        assert rule_changes.read(database, during).since(during) == {"a"}
    after = rule_changes.read(database, during)
    assert after.since(during) == {"a"}
    assert rule_changes.read(database, after).since(after) == frozenset()


def test_a_change_whose_maker_died_stays_told(database: Database) -> None:
    before = rule_changes.read(database, Changes())
    rule_changes.begin(database, ["a"])
    now = rule_changes.read(database, before)
    for _ in range(3):
        assert now.since(now) == {"a"}
        now = rule_changes.read(database, now)


def test_a_change_that_fails_is_ended(database: Database) -> None:
    rules.add(database, rule("a"))
    with suppress(rules.RuleExistsError):
        rules.add(database, Rule(id="other", name="a", query="storm", created_at=NOW))
    assert rule_changes.read(database, Changes()).begun == frozenset()


@pytest.mark.parametrize("missed", [rule_changes.TOLD, rule_changes.TOLD + 1])
def test_who_missed_too_many_is_told_to_read_all(database: Database, missed: int) -> None:
    before = rule_changes.read(database, Changes())
    ids = [str(number) for number in range(missed)]
    with change(database, ids):
        pass
    told = rule_changes.read(database, before).since(before)
    assert told == (frozenset(ids) if missed == rule_changes.TOLD else None)


def test_who_knew_another_archive_is_told_to_read_all(database: Database) -> None:
    rules.add(database, rule("a"))
    before = rule_changes.read(database, Changes())
    database.meta.delete_one({"_id": "rules"})
    rules.add(database, rule("b"))
    assert rule_changes.read(database, before).since(before) is None


def test_who_knew_what_a_restored_archive_never_had_is_told_to_read_all(database: Database) -> None:
    rules.add(database, rule("a"))
    backed_up = database.meta.find_one({"_id": "rules"})
    assert backed_up is not None
    rules.add(database, rule("b"))
    before = rule_changes.read(database, Changes())
    database.meta.replace_one({"_id": "rules"}, backed_up)
    assert rule_changes.read(database, before).since(before) is None
    for name in ("c", "d"):
        rules.add(database, rule(name))
    assert rule_changes.read(database, before).since(before) is None
