"""The release of matches that are held: told after all, together, as one digest.

What is released waits for one slot, each story (or article, as the alert has it) in one message; what was
told meanwhile is not told again. Messages are written before it is written down that their matches are
released: whoever is killed in between, and begins again, releases the rest. Nothing is told twice.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import attrs

from newsbot.alerts import holding, occasions, timing
from newsbot.alerts.occasions import Occasion
from newsbot.archive import matches, outbox
from newsbot.archive.connection import Database
from newsbot.archive.matches import Match
from newsbot.archive.rules import Rule

# How long it waits for the slot of an alert that tells at once: ten thousand are written in some seconds.
GATHERED = timedelta(minutes=1)
_AT_ONCE = 200


class ReleaseError(Exception):
    """A release that cannot be; the text says why and what to do."""


@attrs.frozen(kw_only=True)
class Released:
    """What was released: so many matches in so many messages a channel, in the digest of this moment."""

    matches: int
    messages: int
    at: datetime


def held(database: Database, rule: Rule) -> Mapping[str, int]:
    """Count the matches of an alert that are held, by the reason, in the order of the table."""
    counts = matches.held_counts(database, rule.id)
    return {reason: counts[reason] for reason in holding.REASONS if counts.get(reason)}


def release(database: Database, rule: Rule, reasons: Collection[str], now: datetime) -> Released:
    """Release the matches of an alert that are held for one of these reasons.

    May be repeated: what is released already is not released again.

    Raises:
        ReleaseError: for a reason that is none, and where the alert has nobody to tell.
    """
    if unknown := sorted(set(reasons) - set(holding.REASONS)):
        known = ", ".join(repr(each) for each in holding.REASONS)
        raise ReleaseError(f"nothing is held as {unknown[0]!r}; the reasons are {known}")
    if not rule.channels:
        raise ReleaseError(
            f"the alert {rule.name!r} has no channel, so there is nobody to tell; give it one first"
        )
    of = rule.timing
    at = now + GATHERED if of.how == "at once" else timing.next_slot(of, now)
    found = matches.held_of(database, rule.id, reasons)
    made = 0
    for start in range(0, len(found), _AT_ONCE):
        made += _release(database, rule, found[start : start + _AT_ONCE], now, at)
    return Released(matches=len(found), messages=made, at=at)


def _release(database: Database, rule: Rule, some: list[Match], now: datetime, at: datetime) -> int:
    told_as = occasions.told_as(database, [(rule, each) for each in some])
    told: dict[str, Occasion] = {}
    for each in some:
        occasion = Occasion(
            rule=rule,
            kind="article",
            name=occasions.name_of(rule, each.article),
            story=told_as.get(each.id, each.story),
            article=each.article,
            passage=each.passage,
            channels=rule.channels,
            again=True,
        )
        told.setdefault(occasion.id(""), occasion)
    messages = occasions.messages(database, list(told.values()), now=now, at=at)
    outbox.put(database, messages)
    matches.release(database, some, channels=rule.channels, told_as=told_as)
    return len({(each.story, each.occasion) for each in messages})
