"""Whichever of indexer, archive and reader is killed: the index has every article once, as it reads now."""

import os

import pytest

from newsbot.config import Config
from tests.search_kills import FOUND_WITHIN, storm

# `benchmarks/search_kills.py` does it thirty times.
KILLS = 8


@pytest.mark.alone
@pytest.mark.skipif(
    bool(os.environ.get("NEWSBOT_TEST_MONGODB_URI")), reason="kills the embedded MongoDB"
)
def test_kills_leave_no_article_missing_twice_or_stale(config: Config) -> None:
    came = storm(config, KILLS, seed=3)
    assert came.stored > 50
    assert came.edited > 10
    assert len(came.killed) == 3
    assert (came.missing, came.twice, came.stale) == ([], [], [])
    assert came.slowest < FOUND_WITHIN
