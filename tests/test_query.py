"""The query language: what is understood, what is refused, and how that is said."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from newsbot.query import (
    Document,
    Percolator,
    QuerySyntaxError,
    evaluate,
    matches,
    parse,
    relative_age,
)
from tests.conftest import SHARED

GOLD = SHARED / "gold" / "matching.jsonl"
ROWS = [json.loads(line) for line in GOLD.open(encoding="utf8")] if GOLD.exists() else []


@pytest.mark.skipif(not ROWS, reason=f"the gold list is not beside the checkout ({GOLD})")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['query']} in {row['text']}")
def test_gold_matches(row: dict[str, object]) -> None:
    assert matches(str(row["query"]), str(row["text"])) == row["hit"]


@pytest.mark.parametrize(
    ("query", "place", "says"),
    [
        ("", 0, "empty"),
        ("   ", 3, "empty"),
        ("storm AND", 6, "AND has nothing behind it"),
        ("storm OR", 6, "OR has nothing behind it"),
        ("OR storm", 0, "has nothing before it"),
        ("storm NOT", 6, "NOT has nothing behind it"),
        ("(storm", 0, "never closed"),
        ("storm)", 5, "closes nothing"),
        ("()", 0, "nothing between"),
        ('"storm', 0, "never closed"),
        ("«storm", 0, "never closed"),
        ('""', 0, "no word"),
        ('"a b"~', 5, "number of positions"),
        ("-storm", 0, "only excludes"),
        ("NOT storm NOT rain", 0, "only excludes"),
        ("storm OR -rain", 0, "only excludes"),
        ("s*", 0, "two letters"),
        ("st*rm", 2, "end of a word"),
        ("=storm*", 0, "not both"),
        ("...", 0, "no letter or digit"),
        ("@names", 0, "no list"),
        ("colour:red", 0, "there is no field 'colour'"),
        ("title: storm", 0, "no value behind it"),
        ("date:soon", 5, "is no time"),
        ("date:2020-02-30", 5, "no day of the calendar"),
        ("date:[2020-03-31 TO 2020-03-01]", 5, "ends before it begins"),
        ("date:[2020-03-01", 5, "never closed"),
        ("has:wings", 4, "has:date"),
        ("storm NEAR/5", 6, "nothing behind it"),
        ("storm NEAR/5 lang:ar", 13, "stands between"),
        ("source:(a OR b)", 7, "one value"),
        ("(" * 40 + "x" + ")" * 40, 32, "deeper than 32"),
        ("x " * 1001, 2000, "more than 1000"),
    ],
)
def test_what_cannot_be_is_said_with_its_place(query: str, place: int, says: str) -> None:
    with pytest.raises(QuerySyntaxError, match=says.replace("(", r"\(")) as caught:
        parse(query)
    assert caught.value.position == place
    line, caret, reason = caught.value.explain().splitlines()
    assert caret.index("^") == 2 + min(place, len(line) - 2)
    assert says in reason


def test_quotes_of_any_keyboard_and_arabic_commas_are_understood() -> None:
    for query in ("«وقف إطلاق»", "“وقف إطلاق”", "„وقف إطلاق“"):
        assert matches(query, "وقف إطلاق النار")
    assert matches("إطلاق، النار", "وقف إطلاق النار")


def test_a_group_takes_its_field_to_each_of_its_words() -> None:
    document = Document.of(title="storm", body="rain")
    assert evaluate(parse("title:(storm OR rain)"), document)
    assert not evaluate(parse("title:(storm AND rain)"), document)


def test_an_age_is_known_for_one_and_needs_the_moment() -> None:
    query = parse("storm date:<7d")
    assert relative_age(query)
    assert not relative_age(parse("storm date:2020-03-23"))
    now = datetime(2026, 3, 8, tzinfo=UTC)
    young = Document.of(title="storm", body="", published_day=datetime(2026, 3, 3).date())  # noqa: DTZ001
    assert evaluate(query, young, now=now)
    assert not evaluate(parse("storm date:>7d"), young, now=now)
    with pytest.raises(ValueError, match="moment"):
        evaluate(query, young)


WORDS = some.sampled_from(
    [
        "storm",
        "stormy",
        "rain",
        "harbour",
        "إطلاق",
        "النار",
        "والنار",
        "حماس",
        "ح.ماس",
        "北京",
        "e-mail",
    ]
)
TEXTS = some.lists(WORDS, max_size=12).map(" ".join)
LEAVES = some.one_of(
    WORDS,
    WORDS.map(lambda word: f"title:{word}"),
    some.lists(WORDS, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"'),
    some.lists(WORDS, min_size=2, max_size=3).map(lambda words: f'"{" ".join(words)}"~2'),
    some.tuples(WORDS, WORDS).map(lambda pair: f"({pair[0]} NEAR/3 {pair[1]})"),
    some.just("stor*"),
    some.just("=storm"),
)
QUERIES = some.recursive(
    LEAVES,
    lambda part: some.one_of(
        some.tuples(part, part).map(lambda pair: f"({pair[0]} AND {pair[1]})"),
        some.tuples(part, part).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
        some.tuples(part, part).map(lambda pair: f"({pair[0]} -{pair[1]})"),
    ),
    max_leaves=5,
)


@given(queries=some.lists(QUERIES, min_size=1, max_size=6), title=TEXTS, body=TEXTS)
def test_the_percolator_says_what_the_evaluator_says(
    queries: list[str], title: str, body: str
) -> None:
    rules = {str(number): parse(query) for number, query in enumerate(queries)}
    document = Document.of(title=title, body=body)
    expected = [rule for rule, query in rules.items() if evaluate(query, document)]
    assert Percolator(rules).match(document) == expected


@given(some.text(alphabet=some.characters(), max_size=60))
def test_any_text_is_a_query_or_a_syntax_error(text: str) -> None:
    try:
        tree = parse(text)
    except QuerySyntaxError as error:
        explained = error.explain()
        assert "^" in explained
    else:
        evaluate(tree, Document.of(title=text, body=text), now=datetime(2026, 3, 8, tzinfo=UTC))
