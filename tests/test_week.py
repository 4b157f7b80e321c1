"""A week of operation on a simulated clock, made small: nothing grows that has no reason to."""

from datetime import timedelta

import pytest

from benchmarks import week
from benchmarks.week import Week
from newsbot.archive.connection import Database
from newsbot.config import Config


def test_in_a_week_only_that_grows_which_has_a_reason_to(
    database: Database, settings: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(week, "STEP", timedelta(hours=2))
    monkeypatch.setattr(week, "WATCHED", timedelta(hours=12))
    shorter = settings.model_copy(update={"runs_keep_days": 3.0})
    mine = Week(shorter, database, 3, 14_400.0)
    mine.pass_by(timedelta(days=5))
    before = mine.sizes()
    mine.pass_by(timedelta(days=3))
    after = mine.sizes()
    assert mine.runs > 100
    assert {name: count for name, count in after.items() if name not in ("runs", "meta")} == {
        name: count for name, count in before.items() if name not in ("runs", "meta")
    }
    assert after["runs"] <= before["runs"] + 8
    assert after["runs"] < mine.runs / 2
    assert after["meta"] <= before["meta"]
