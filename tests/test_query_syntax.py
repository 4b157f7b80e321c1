"""A query is understood, or says where and why it is not, and what would be right."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsbot.query import Document, Query, QuerySyntaxError, evaluate, parse, relative_age, shown

# A query, where its caret stands, and a word or two of the reason.
WRONG = (
    ("", 0, "empty"),
    ("   ", 3, "empty"),
    ("-putin", 0, "only excludes"),
    ("NOT putin", 0, "only excludes"),
    ("putin OR -assad", 0, "only excludes"),
    ("(putin", 0, "never closed"),
    ("putin)", 5, "closes nothing"),
    ("()", 0, "nothing between"),
    ("putin AND", 6, "nothing behind"),
    ("putin OR", 6, "nothing behind"),
    ("AND putin", 0, "nothing before"),
    ("OR putin", 0, "nothing before"),
    ("putin AND OR assad", 6, "nothing behind"),
    ("putin NOT", 6, "nothing behind"),
    ("putin NEAR/3", 6, "nothing behind"),
    ("putin NEAR/3 (a AND b)", 13, "stands between"),
    ('"putin assad', 0, "never closed"),
    ('putin ""', 6, "no word between"),
    ('"putin assad"~', 13, "number of positions"),
    ("p*", 0, "two letters"),
    ("pu*tin", 2, "at the end"),
    ("=pu*", 0, "not both"),
    ("...", 0, "no letter or digit"),
    ("@names", 0, "no list"),
    ("colour:red", 0, "no field"),
    ("title: storm", 0, "without a space"),
    ("date:yesterday", 5, "is no time"),
    ("date:2026-02-30", 5, "no day of the calendar"),
    ("date:[2026-03-02 TO 2026-03-01]", 5, "before it begins"),
    ("date:[2026-03-02", 5, "never closed"),
    ("has:picture", 4, "has:date"),
    ("lang:(ar OR en)", 5, "not a group"),
    ("(" * 40 + "a" + ")" * 40, 32, "deeper"),
    ("x " * 9_000, 2_000, "clauses"),
    ("x" * 30_000, 0, "longer"),
)


@pytest.mark.parametrize(("query", "at", "reason"), WRONG, ids=lambda value: str(value)[:30])
def test_a_query_that_is_none_says_where_and_why(query: str, at: int, reason: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(query)
    assert reason in caught.value.message
    assert caught.value.position == at
    _, caret, *_ = caught.value.explain().splitlines()
    assert caret.index("^") == 2 + min(at, len(caught.value.query))


def test_an_error_shows_the_query_a_caret_and_the_reason() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("putin AND (assad")
    shown, caret, reason = caught.value.explain().splitlines()
    assert shown == "  putin AND (assad"
    assert caret == "            ^"
    assert "closed" in reason


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a b", "a AND b"),
        ("a -b", "a NOT b"),
        ("a  b", " a b "),
        ("a، b؛ c", "a b c"),
        ("“a b”", '"a b"'),
        ("„a b“", '"a b"'),
        ("«a b»", '"a b"'),
        ("title:(a b)", "title:a title:b"),
        ("((a))", "a"),
        ("a OR b c", "a OR (b AND c)"),
    ],
)
def test_ways_to_write_a_query_mean_the_same(one: str, other: str) -> None:
    assert parse(one) == parse(other)


def test_operators_are_upper_case_only() -> None:
    assert parse("a or b") == parse("a AND or AND b")


def test_a_relative_age_is_seen_wherever_it_stands() -> None:
    assert relative_age(parse("a OR (b -seen:<3d)"))
    assert not relative_age(parse("a date:2026-03-01"))


def test_a_tree_cannot_be_changed() -> None:
    tree: Query = parse("a")
    with pytest.raises(AttributeError):
        tree.text = "b"  # type: ignore[misc,union-attr]


PIECES = st.sampled_from(
    [
        *'()"“”«»-−=*~@:/[]،؛ ',
        *("AND", "OR", "NOT", "NEAR/3", "ONEAR/2", "TO", "title:", "date:", "has:", "url:", "x:"),
        *("storm", "حماس", "北", "2026-01-01", ">7d", "~3", "\ud800", "\n", "\x00", "é"),
    ]
)


@settings(max_examples=600, deadline=None)
@given(
    st.lists(PIECES, max_size=12).map(" ".join)
    | st.lists(PIECES, max_size=12).map("".join)
    | st.text(st.characters(exclude_categories=()))
)
@example('"*"')
@example('"a" NEAR/3 "*"')
@example("date:[ TO ]")
@example("a -b*")
def test_any_text_is_a_query_or_an_explained_error(query: str) -> None:
    start = time.monotonic()
    found = answer(f"storm {query}")
    assert time.monotonic() - start < 1
    if isinstance(found, QuerySyntaxError):
        assert 0 <= found.position <= len(found.query)
        assert found.message
        assert "^" in found.explain()


def answer(query: str) -> bool | QuerySyntaxError:
    try:
        tree = parse(query)
    except QuerySyntaxError as error:
        return error
    document = Document.of(title="", body="a storm of words, حماس and 北京")
    return evaluate(tree, document, now=datetime(2026, 3, 1, tzinfo=UTC))


SHOWN = (
    ("storm -sport title:(a OR b)", "storm AND NOT sport AND (title:a OR title:b)"),
    ('"a b"~3 OR "c d"', '"a b"~3 OR "c d"'),
    ("(a OR b) NEAR/5 c x", "((a OR b) NEAR/5 c) AND x"),
    ("a ONEAR/2 b", "a ONEAR/2 b"),
    ("=WHO run*", "=WHO AND run*"),
    ('source:"Coast Daily" url:http://x.example/a', 'source:"Coast Daily" AND url:"http://x.example/a"'),
    ("a date:2020-03-23 seen:[2020-03-01 TO *]", "a AND date:2020-03-23 AND seen:[2020-03-01 TO *]"),
    ("a date:>7d seen:<36h has:date", "a AND date:>1w AND seen:<36h AND has:date"),
    ('«say "no"» a', '“say "no"” AND a'),
    ("a (b (c OR -d))", "a AND (b AND (c OR NOT d))"),
    ("a -(b c)", "a AND NOT (b AND c)"),
    ("seen:[* TO *]", "seen:[* TO *]"),
)  # fmt: skip


@pytest.mark.parametrize(("typed", "understood"), SHOWN)
def test_a_query_is_shown_as_it_was_understood(typed: str, understood: str) -> None:
    tree = parse(typed)
    assert shown(tree) == understood
    assert parse(understood) == tree
