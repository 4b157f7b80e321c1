"""Evaluator, index and percolator give every query the same meaning."""

from tests.one_meaning import judged


def test_twenty_thousand_pairs_are_decided_alike() -> None:
    pairs, seed = 0, 0
    while pairs < 20_000:
        decided, wrong = judged(seed)
        assert wrong == [], wrong[0]
        pairs += decided
        seed += 1
