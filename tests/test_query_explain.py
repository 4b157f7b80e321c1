"""``newsbot query explain`` says what a query means, part by part."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from newsbot.query import Document, evaluate, parse
from newsbot.query.explain import explain
from tests.conftest import Command

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)


def test_each_part_has_its_meaning_and_the_terms_it_is_found_by() -> None:
    tree = explain(parse('إطلاق e-mail -title:"high tide*"'), now=NOW)
    assert tree.meaning == "all of these"
    shot, mail, excluded = tree.parts
    assert [term.spellings for (term,) in shot.readings] == [("اطلاق", "~اطلاٯ")]
    assert [[term.text for term in row] for row in mail.readings] == [["e", "mail"], ["email"]]
    (tide,) = excluded.parts
    assert tide.query == 'title:"high tide*"'
    assert [(term.text, term.prefix) for term in tide.readings[0]] == [
        ("high", False),
        ("tide", True),
    ]


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        ("date:2020-03-23", "published on 2020-03-23 (Monday)"),
        ("date:[2020-03-01 TO *]", "published on 2020-03-01 (Sunday) or later"),
        ("seen:<36h", "first stored after 2026-03-06 21:30 UTC, if asked now"),
        ("lang:ar", "in the language ar, of any country"),
        ("url:https://www.example.org/news/", "at the address example.org/news, or under it"),
        ("=WHO", "WHO, letter for letter as written, in title or body"),
        ("a NEAR/5 b", "at most 5 positions apart, in either order"),
        ("seen:>99999y", "first stored before the calendar begins, so never"),
    ],
)
def test_what_is_no_word_is_told_in_words(query: str, meaning: str) -> None:
    assert explain(parse(query), now=NOW).meaning == meaning


@pytest.mark.parametrize("query", ["date:<7d", "date:>7d", "date:<36h", "date:>36h", "date:<1m"])
def test_the_day_that_an_age_is_said_to_mean_is_the_day_that_counts(query: str) -> None:
    tree = parse(query)
    said = re.search(r"\d{4}-\d\d-\d\d", explain(tree, now=NOW).meaning)
    assert said is not None
    edge = date.fromisoformat(said[0])
    outside = edge + timedelta(days=-1 if "<" in query else 1)
    for day, hit in ((edge, True), (outside, False)):
        assert evaluate(tree, Document.of(title="", body="", published_day=day), now=NOW) is hit


def test_the_command_draws_the_tree(newsbot: Command) -> None:
    said = newsbot("query", "explain", "storm* (rain OR title:flood)").stdout.splitlines()
    assert said == [
        "understood as: storm* AND (rain OR title:flood)",
        "",
        "all of these",
        "├─ a word that begins with storm, in title or body: found by storm…",
        "└─ any of these",
        "   ├─ the word rain, in title or body: found by rain",
        "   └─ the word flood, in the title: found by flood",
    ]
    told = newsbot.json("query", "explain", "storm")
    assert isinstance(told, dict)
    assert (told["understood"], told["tree"]["kind"]) == ("storm", "word")


def test_the_command_says_what_is_no_query(newsbot: Command) -> None:
    failed = newsbot("query", "explain", "titel:storm")
    assert failed.returncode == 2
    assert "did you mean title:storm?" in failed.stderr
