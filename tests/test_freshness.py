"""A small form of ``benchmarks/freshness.py``: simulated days, the real decisions."""

import pytest

from benchmarks.freshness import adaptive, fixed, several, sites
from newsbot.config import Config


@pytest.mark.parametrize("kind", ["poisson", "pareto", "day and night", "bursts"])
def test_half_the_requests_of_one_interval_buy_the_same_median_delay(kind: str) -> None:
    of = sites(kind, 2, 80, days=4)
    ours = adaptive(Config(), of, days=4)
    assert ours.share <= 0.5
    assert ours.p95 <= 900


def test_the_measure_itself_calls_one_interval_one() -> None:
    assert 0.9 < fixed(300.0, sites("poisson", 1, 30, days=3), days=3).share < 1.1


def test_several_entry_points_cost_little_more_than_the_best_of_them() -> None:
    of = sites("poisson", 1, count=8, days=4)
    five, ours = several(Config(), of, days=4)
    assert ours.requests <= 0.3 * five.requests
    assert ours.median <= five.median
