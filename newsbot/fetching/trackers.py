"""Hosts that serve advertising, measurement and widgets; ``trackers.txt`` names them."""

from functools import cache
from importlib.resources import files


def is_tracker(host: str) -> bool:
    """Say whether a host, or one above it, stands in the table."""
    known = _hosts()
    labels = host.lower().rstrip(".").split(".")
    return any(".".join(labels[start:]) in known for start in range(len(labels) - 1))


@cache
def _hosts() -> frozenset[str]:
    text = files("newsbot.fetching").joinpath("trackers.txt").read_text(encoding="utf8")
    lines = (line.strip() for line in text.splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))
