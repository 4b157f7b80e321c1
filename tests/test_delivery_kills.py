"""Receiver down, slow, busy and broken; worker and MongoDB killed: every match arrives, none twice unexplained."""

import os
from pathlib import Path

import pytest

from newsbot.archive.connection import connect
from newsbot.config import Config
from tests.delivery_chaos import chaos, check


@pytest.mark.skipif(
    bool(os.environ.get("NEWSBOT_TEST_MONGODB_URI")), reason="kills the embedded MongoDB"
)
def test_every_match_arrives_whatever_is_killed_and_is_told_by_its_id(
    config: Config, tmp_path: Path
) -> None:
    """A short form of ``benchmarks.delivery_chaos``, which has 2,000 matches and 30 kills of each."""
    with connect(config) as held:
        outcome = chaos(config, held, tmp_path, matches=200, kills=4, seed=7)
    assert list(check(outcome)) == []
    assert outcome.posts >= outcome.matches
