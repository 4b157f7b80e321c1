"""Silence explained: a subscriber is told once why an alert tells nothing.

Three causes: most of its sources are ill; messages to a channel of it are given up (told by another of its
channels, or else by the operators'); or it has met nothing for longer than its own habit explains. None is told
while our own connection is down, or just after it. A part of the alerts is looked at each time, in turn, so that
a look costs the same however many there are.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import attrs

from newsbot.alerts.health import BEYOND_HABIT, MISSING
from newsbot.alerts.sources_read import SourcesRead
from newsbot.alerts.trouble_words import NAMED, moment
from newsbot.archive import channels, lag, matches, rules, troubles
from newsbot.archive.connection import Database
from newsbot.archive.lag import Dead
from newsbot.archive.rules import Rule
from newsbot.archive.troubles import Telling, Trouble
from newsbot.cadence import Rhythm

# Alerts that are looked at in one look.
AT_ONCE = 200
# Sources that are ill are most of an alert's above the first share, and not any more below the second.
_MOST, _FEW = 0.5, 1 / 3
# A habit is what an alert met in so long, if that was so many stories; and so long is no silence.
_HABIT, _KNOWN, _NO_SILENCE = timedelta(days=28), 30, timedelta(hours=6)
# The longest of so many gaps is looked for, by the clock.
_GAPS = 20

ILL, SILENT, CHANNEL = "rule ill", "rule silent", "rule channel"


class Silences:
    """Looks after the alerts' silences, a part of them at each look."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reached = ""

    def look(self, ill: Mapping[str, str], active: Iterable[str], now: datetime) -> list[Trouble]:
        """Return what is to be told and was not: ``ill`` are names of sources that are ill, by id."""
        some = rules.after(self._database, self._reached, at_most=AT_ONCE)
        self._reached = some[-1].id if len(some) == AT_ONCE else ""
        known = {each.id: each for each in troubles.standing(self._database) if each.kind in _KINDS}
        dead = {each.channel: each for each in lag.dead_channels(self._database, now)}
        read, all_ = SourcesRead(self._database, now), frozenset(active)
        found: list[Trouble] = []
        for rule in some:
            if rule.state != "active" or not rule.channels:
                continue
            among = read.among(rule)
            of = all_ if among is None else all_ & among
            bad = sorted(ill[each] for each in of if each in ill)
            open_ = [each for each in known.values() if each.of == rule.id]
            found += self._ill(rule, bad, len(of), open_, now)
            found += self._channels(rule, dead, open_, now)
            if not bad:
                found += self._silent(rule, open_, now)
        return found

    def _ill(
        self, rule: Rule, bad: Sequence[str], of: int, there: Sequence[Trouble], now: datetime
    ) -> list[Trouble]:
        open_ = [each for each in there if each.kind == ILL]
        if open_:
            return _ended(open_, now) if len(bad) <= _FEW * of else []
        if not of or len(bad) <= _MOST * of:
            return []
        said = {
            "title": f"{rule.name} may miss articles: {len(bad)} of its {of} sources are ill",
            "lines": [
                "What they publish cannot be read now; the operators of newsbot are told of it.",
            ],
            "sources": [
                *bad[:NAMED],
                *([f"and {len(bad) - NAMED} more"] if len(bad) > NAMED else []),
            ],
        }
        return [_begun(ILL, rule, "", said, rule.channels, now)]

    def _channels(
        self, rule: Rule, dead: Mapping[str, Dead], there: Sequence[Trouble], now: datetime
    ) -> list[Trouble]:
        found: list[Trouble] = []
        for each in (each for each in there if each.kind == CHANNEL):
            if not set(each.members) & set(dead):
                found += _ended([each], now)
        told = {name for each in there if each.kind == CHANNEL for name in each.members}
        for name in rule.channels:
            if name not in dead or rule.id not in dead[name].alerts or name in told:
                continue
            others = [other for other in rule.channels if other not in dead]
            if not others:
                all_ = channels.everything(self._database)
                others = [each.id for each in all_ if each.operators and each.id not in dead]
            channel = channels.find(self._database, name)
            shown = (channel.name or channel.shown) if channel else name
            said = {
                "title": f"{rule.name} cannot be delivered to {shown}",
                "lines": [f"A message was given up: {dead[name].failure}."],
                "sources": [],
            }
            found.append(_begun(CHANNEL, rule, name, said, tuple(others), now))
        return found

    def _silent(self, rule: Rule, there: Sequence[Trouble], now: datetime) -> list[Trouble]:
        open_ = [each for each in there if each.kind == SILENT]
        if matches.any_since(self._database, rule.id, now - _NO_SILENCE):
            return _ended(open_, now)
        if open_:
            return []
        times = matches.stories_since(self._database, rule.id, now - _HABIT)
        expected = missing(times, now)
        if expected is None:
            return []
        words = (
            f"By its habit of the last 28 days {expected:.0f} stories were to be expected since. Its sources "
            "are read as usual; the news may have changed, or the words for it."
        )
        said = {
            "title": f"{rule.name} has met nothing since {moment(times[-1])}",
            "lines": [words],
            "sources": [],
        }
        return [_begun(SILENT, rule, "", said, rule.channels, now)]


_KINDS = troubles.SUBSCRIBERS


def missing(times: Sequence[datetime], now: datetime) -> float | None:
    """Return how many stories were to be expected since the last; None where none is missing against habit.

    ``times`` are when an alert met each story first, in their order.
    """
    if len(times) < _KNOWN:
        return None
    rhythm, place = Rhythm(read_at=times[0]), 1
    hour = timedelta(hours=1)
    at = times[0]
    while at < times[-1]:
        at += hour
        before = place
        while place < len(times) and times[place] <= at:
            place += 1
        rhythm = rhythm.watched(at, place - before)
    expected = rhythm.expected_between(times[-1], now)
    gaps = sorted(pairwise(times), key=lambda gap: gap[0] - gap[1])[:_GAPS]
    longest = max(rhythm.expected_between(*gap) for gap in gaps)
    return expected if expected >= max(MISSING, BEYOND_HABIT * longest) else None


def _begun(
    kind: str,
    rule: Rule,
    member: str,
    said: Mapping[str, Any],
    to: tuple[str, ...],
    now: datetime,
) -> Trouble:
    return Trouble(
        id=troubles.trouble_id(kind, member, rule.id, now),
        kind=kind,
        cause="one",
        of=rule.id,
        began=now,
        found=now,
        says=str(said["title"]),
        members={member or rule.id: now},
        told=1,
        told_at=now,
        told_of=1,
        telling=Telling(occasion="silence", channels=to, said=said, alert=rule.id),
    )


def _ended(open_: Iterable[Trouble], now: datetime) -> list[Trouble]:
    return [attrs.evolve(each, state="over", ended=now) for each in open_]
