"""Rules change while crawls run: in force within a second, refiled alone; one that is ill harms no other."""

import logging
import time
from datetime import UTC, datetime

import pytest

from newsbot.alerts import judging
from newsbot.alerts import lists as desk
from newsbot.alerts import matches as matching
from newsbot.alerts import rules as book_of
from newsbot.alerts.rules import RuleBook
from newsbot.archive import articles, matches, rule_ailments, rule_changes, rules
from newsbot.archive.connection import Database
from newsbot.archive.matches import Passage
from newsbot.archive.rules import Rule
from newsbot.items import Article
from newsbot.query import Document, Query, parse
from newsbot.query import evaluate as really
from newsbot.reading import Candidate
from tests.conftest import Command

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STORM, FLOOD = Document.of(title="storm", body=""), Document.of(title="flood", body="")


def rule(name: str, query: str = "storm", **other: object) -> Rule:
    return Rule(id=name, name=name, query=query, created_at=NOW, **other)  # type: ignore[arg-type]


def change(database: Database, name: str, *entries: str) -> None:
    desk.change(database, name, lambda _: entries, by="desk", now=NOW)


def met(database: Database, article: Document = STORM) -> list[str]:
    """Return the rules that an article meets as soon as changes are in force."""
    time.sleep(book_of.REFRESH)
    return sorted(RuleBook.of(database).in_force().met(article))


def test_every_change_of_another_process_is_in_force_within_a_second(
    database: Database, newsbot: Command
) -> None:
    rules.add(database, rule("b", "flood"))
    assert met(database) == []
    steps = (
        (("alert", "add", "a", "storm"), ["a"]),
        (("alert", "pause", "a"), []),
        (("alert", "resume", "a"), ["a"]),
        (("alert", "remove", "a"), []),
    )
    for command, expected in steps:
        done = newsbot(*command)
        assert done.returncode == 0, done.stderr
        changed = time.monotonic()
        book = RuleBook.of(database)
        while sorted(book.in_force().rules[each].name for each in book.in_force().met(STORM)) != (
            expected
        ):
            assert time.monotonic() - changed < 1
            time.sleep(0.01)


def test_only_what_changed_is_read(database: Database) -> None:
    for name in "abc":
        rules.add(database, rule(name))
    assert met(database) == ["a", "b", "c"]
    read: list[str] = []
    whole, one = rules.everything, rules.by_id
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "everything", lambda there: read.append("all") or whole(there))
        patch.setattr(rules, "by_id", lambda there, name: read.append(name) or one(there, name))
        assert met(database) == ["a", "b", "c"]
        assert read == []
        rules.set_state(database, "b", "paused")
        rules.remove(database, "c")
        assert met(database) == ["a"]
        assert sorted(read) == ["b", "c"]


def test_a_change_of_anything_but_the_query_refiles_nothing(database: Database) -> None:
    rules.add(database, rule("a"))
    assert met(database) == ["a"]
    before = RuleBook.of(database).in_force()
    rules.replace(database, rule("a", muted=("s",), version=2))
    assert met(database) == ["a"]
    after = RuleBook.of(database).in_force()
    assert after.rules["a"].muted == ("s",)
    assert before.rules["a"].muted == ()
    assert after.percolator is before.percolator


def test_a_list_that_changes_refiles_who_uses_it(database: Database) -> None:
    change(database, "names", "storm")
    rules.add(database, rule("a", "@names"))
    rules.add(database, rule("b"))
    assert met(database) == ["a", "b"]
    before = RuleBook.of(database).in_force()
    change(database, "names", "flood")
    assert met(database) == ["b"]
    assert met(database, FLOOD) == ["a"]
    after = RuleBook.of(database).in_force()
    assert after.queries["b"] is before.queries["b"]
    assert before.met(STORM) == ["a", "b"]


def test_a_change_whose_maker_died_is_in_force_and_ended(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert met(database) == []
    rule_changes.begin(database, ["a"])
    database.alerts.insert_one({"_id": "a", "name": "a", "query": "storm", "created_at": NOW})
    assert met(database) == ["a"]
    monkeypatch.setattr(book_of, "LEFT_AFTER", 0.1)
    assert met(database) == ["a"]
    assert rule_changes.read(database, rule_changes.Changes()).begun == frozenset()


def test_what_stands_for_one_connection_shares_one_book(database: Database) -> None:
    assert RuleBook.of(database) is RuleBook.of(database.hasty)


def test_a_rule_that_cannot_be_understood_is_marked_and_the_others_fire(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    rules.add(database, rule("a", "(storm"))
    rules.add(database, rule("b", "@names"))
    rules.add(database, rule("c"))
    with caplog.at_level(logging.WARNING):
        assert met(database) == ["c"]
    assert "parenthesis" in caplog.text
    ailing = {each.alert: each for each in rule_ailments.everything(database)}
    assert {name: each.what for name, each in ailing.items()} == {"a": "broken", "b": "broken"}
    change(database, "names", "storm")
    assert met(database) == ["b", "c"]
    assert [each.alert for each in rule_ailments.everything(database)] == ["a"]


def test_the_doctor_names_what_is_broken(database: Database, newsbot: Command) -> None:
    rules.add(database, rule("gales", "(storm"))
    assert met(database) == []
    assert "WRONG  alerts         'gales' is broken (this parenthesis" in newsbot("doctor").stdout
    rules.set_state(database, "gales", "paused")
    assert "ok     alerts         none is broken or slow" in newsbot("doctor").stdout


def test_an_evaluation_that_raises_is_marked_and_the_others_fire(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, query in (("a", "storm -calm"), ("b", "storm"), ("c", "storm -calm")):
        rules.add(database, rule(name, query))
    ill = parse("storm -calm")

    def evaluate(query: object, document: Document) -> bool:
        if query == ill:
            raise RecursionError("too deep")
        return really(query, document)  # type: ignore[arg-type]

    monkeypatch.setattr(judging, "evaluate", evaluate)
    with caplog.at_level(logging.WARNING):
        assert met(database) == ["b"]
        assert met(database) == ["b"]
    assert caplog.text.count("too deep") == 1
    ailing = rule_ailments.everything(database)
    assert {each.alert: each.says for each in ailing} == dict.fromkeys(
        ("a", "c"), "RecursionError: too deep"
    )


def test_a_slow_evaluation_is_finished_and_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules.add(database, rule("a", '"storm a"~9 OR storm'))
    monkeypatch.setattr(judging, "SLOW", -1.0)
    assert met(database) == ["a"]
    (ailment,) = rule_ailments.everything(database)
    assert (ailment.alert, ailment.what) == ("a", "slow")
    assert "storm" in ailment.says


def test_a_passage_that_raises_costs_neither_its_match_nor_those_of_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, query in (("a", "storm -calm"), ("b", "storm")):
        rules.add(database, rule(name, query, max_age=0.0))
    ill, real = parse("storm -calm"), matching.passage

    def passage(query: Query, document: Document, article: Article) -> Passage:
        if query == ill:
            raise RecursionError("too deep")
        return real(query, document, article)

    monkeypatch.setattr(matching, "passage", passage)
    time.sleep(book_of.REFRESH)
    url = "https://one.example/a"
    found = Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source="s",
        fetched_at=NOW,
        title="News",
        body="A storm came.",
    )
    kept = articles.keep(database, articles.judge(database, [Candidate.of(found)]), now=NOW)
    assert matching.announce(database, kept, now=NOW) == [2]
    met_by = {each.alert: each.passage.text for each in matches.of_articles(database, [found.id])}
    assert met_by == {"a": "", "b": "A storm came."}
    assert database.articles.count_documents({"pending": True}) == 0
    assert [each.alert for each in rule_ailments.everything(database)] == ["a"]
