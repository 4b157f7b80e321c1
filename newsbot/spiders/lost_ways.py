"""Entry points that lead to nothing any more, and what is to be said of each.

A hiccup is none: what is gone by its server's word has to be so twice over some hours, what fails otherwise for
days, and what names nothing has to have missed what was to be expected of it. What robots.txt closes is told
with that (:mod:`newsbot.spiders.closed`).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from newsbot.archive.entry_points import EntryPointRecord
from newsbot.fetching.causes import CAUSES
from newsbot.standing import LostWay

_GONE_TWICE, _GONE_FOR, _FAILS_FOR = 2, timedelta(hours=6), timedelta(days=3)
_EMPTY_FOR, _MISSING = timedelta(days=1), 5.0


def lost_ways(records: Iterable[EntryPointRecord], now: datetime) -> tuple[LostWay, ...]:
    """Return those of a source's own entry points that are lost, while others lead to its articles."""
    own = [each for each in records if not each.parent]
    found = [(each, _why(each, now)) for each in own]
    lost = [
        LostWay(url=each.url, kind=each.kind, since=why[0], says=why[1])
        for each, why in found
        if why
    ]
    return tuple(lost)


def _why(record: EntryPointRecord, now: datetime) -> tuple[datetime, str] | None:
    since = record.failing_since
    if since is not None:
        if CAUSES["refused_robots"].sentence in record.trouble:
            return None
        gone = record.gone and record.failures >= _GONE_TWICE and now - since >= _GONE_FOR
        return (since, record.trouble) if gone or now - since >= _FAILS_FOR else None
    empty = record.empty_since
    if empty is None or now - empty < _EMPTY_FOR or record.missing < _MISSING:
        return None
    if record.turned:
        return empty, f"is no {record.kind} any more, but a page that leads to no articles"
    return empty, "names nothing any more"
