"""How much happens a minute: what all processes counted, between two looks."""

import time
from collections.abc import Mapping
from pathlib import Path

import attrs

from newsbot.metrics import sheets

_Key = tuple[str, frozenset[tuple[str, str]]]
# What is told, each with the series that it sums up: a name, and labels that it has to have.
_TOLD: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "requests": ("newsbot_requests_total", {"outcome": "answered"}),
    "new": ("newsbot_articles_total", {"verdict": "new"}),
    "edited": ("newsbot_articles_total", {"verdict": "edited"}),
    "runs": ("newsbot_runs_ended_total", {}),
    "matches": ("newsbot_matches_total", {}),
    "sent": ("newsbot_messages_total", {"outcome": "sent"}),
    "failed": ("newsbot_messages_total", {"outcome": "failed"}),
}


@attrs.frozen
class Reading:
    """What all living processes of a data folder had counted at a moment (monotonic seconds)."""

    at: float
    values: Mapping[_Key, float]

    @classmethod
    def of(cls, data_dir: Path) -> "Reading":
        """Return a reading of now."""
        values = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in sheets.families(data_dir)
            if family.type == "counter"
            for sample in family.samples
        }
        return cls(time.monotonic(), values)


def a_minute(before: Reading, now: Reading) -> dict[str, float] | None:
    """Return how many requests, articles, messages there were a minute; None where no time has passed.

    A process that began anew between the two is counted from zero.
    """
    seconds = now.at - before.at
    if seconds <= 0:
        return None
    told = dict.fromkeys(_TOLD, 0.0)
    for key, value in now.values.items():
        earlier = before.values.get(key, 0.0)
        more = value - earlier if value >= earlier else value
        for name, (series, labels) in _TOLD.items():
            if key[0] == series and labels.items() <= dict(key[1]).items():
                told[name] += more
    return {name: count * 60 / seconds for name, count in told.items()}
