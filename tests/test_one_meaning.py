"""Evaluator, index and percolator give every query the same meaning."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from newsbot.query import Document, Percolator, matches, parse
from newsbot.text import repair
from tests.one_meaning import Room, judged


def test_twenty_thousand_pairs_are_decided_alike() -> None:
    pairs, seed = 0, 0
    while pairs < 20_000:
        decided, wrong = judged(seed)
        assert wrong == [], wrong[0]
        pairs += decided
        seed += 1


def test_the_labelled_pairs_are_decided_as_labelled_by_all_three(shared: Path) -> None:
    rows = [json.loads(line) for line in (shared / "gold" / "matching.jsonl").open()]
    texts = list(dict.fromkeys(row["text"] for row in rows))
    room = Room([Document.of(title="", body=repair(text)) for text in texts])
    labelled = defaultdict[str, dict[int, bool]](dict)
    for row in rows:
        labelled[row["query"]][texts.index(row["text"])] = row["hit"]
    for query, expected in labelled.items():
        tree = parse(query)
        found, exact = room.found(tree)
        assert exact, query
        for number, hit in expected.items():
            fired = Percolator({"rule": tree}).match(room.documents[number]) == ["rule"]
            assert (matches(query, texts[number]), number in found, fired) == (hit,) * 3, query


@pytest.mark.parametrize(
    "query",
    [
        "author:(anna NEAR/150 carl)",
        'author:"anna carl"~150',
        "author:(berg ONEAR/999 carl)",
        'author:"berg carl"~999',
        "tag:(storm NEAR/999 flood)",
    ],
)
def test_nothing_reaches_from_one_author_or_tag_to_another(query: str) -> None:
    apart = Document.of(title="", body="", authors=["Anna Berg", "Carl"], tags=["storm", "flood"])
    near = Document.of(
        title="", body="", authors=[f"Anna Berg {'x ' * 120} Carl"], tags=["storm and flood"]
    )
    room = Room([apart, near])
    assert room.found(parse(query)) == ({1}, True)
    assert room.judge([query]) == (2, [])


@pytest.mark.parametrize("query", ['"ก็ ก็"', '"ก็ ก็"~2', "ก็ NEAR/1 ก็"])
def test_a_character_with_marks_stands_twice_where_it_is_asked_for_twice(query: str) -> None:
    room = Room([Document.of(title="", body=text) for text in ("ก็ ไทย", "ไทย ก็ ก็")])
    assert room.found(parse(query)) == ({1}, True)
    assert room.judge([query]) == (2, [])
