"""Digests: what waits for a slot goes out together when that has come.

Beside the courier one process makes them, each second; several at once do no harm
(:mod:`newsbot.archive.digests` says why). What it decides by is the timing that its rule has at that moment,
not the one by which a message was placed:

- a rule whose timing was changed has what waits brought forward to its new next slot; what comes to its old
  slot too early for the new timing waits on. One that is told at once now is told of all that waits in one
  last digest, when no hours are quiet;
- what waits for a rule that is paused waits on, slot by slot, until it is in force again;
- what waits for a rule that was removed goes with it;
- what waits of a story that was muted is taken away, and its match is held as one of a muted story is;
- what arrives when the digest of its slot has been made goes out with the next.

A channel that was removed, or is no longer one of its rule's, is still sent what was found while it was: where
there is none any more, that is for delivery to say.
"""

import asyncio
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

import attrs

from newsbot.alerts import holding, timing
from newsbot.alerts.sources_read import SourcesRead
from newsbot.archive import digests, leading, matches, outbox, rule_changes, rules
from newsbot.archive.connection import Database
from newsbot.archive.digests import Waiting
from newsbot.archive.outbox import Message
from newsbot.archive.rule_changes import Changes
from newsbot.archive.rules import Rule, Timing

# How many messages one digest is made of at most; what is more goes into another of the same moment.
MOST = 10_000
# How much of what is due is looked at in one go.
_LOOKED_AT = 50_000
# Workers may place messages by the timing that a rule had for some time after it was changed: when it is
# looked at again (seconds after).
AGAIN = (2.0, 10.0, 60.0)
# How many become part of one before it is looked whether this process is to end.
_GATHERED_AT_ONCE = 500
# How long a process that makes digests does so alone (seconds); it says so again at a third of it.
LEAD_SECONDS = 10.0
EVERY = 1.0
# The slots of a rule that is paused and tells at once: when it is looked at again.
_PAUSED = timedelta(minutes=15)
_TICK = timedelta(milliseconds=1)  # MongoDB's
# What is told at once and waits for no longer than this is not brought forward: held matches that somebody
# releases wait so that they go out together.
_TOGETHER = timedelta(minutes=5)
# In place of an alert's id: all of them.
_ALL = ""


def make_due(database: Database, now: datetime) -> int:
    """Make the digests whose slot has come; returns how many."""
    return DigestMaker(database).make_due(now)


class DigestMaker:
    """Makes digests, and knows since when it does which rules have changed."""

    def __init__(self, database: Database, owner: str = "", *, most: int = MOST) -> None:
        self._database = database
        self._owner = owner
        self._most = most
        self._changes = Changes()
        self._seen = False
        self._unsettled: dict[str, list[datetime]] = {}
        self._even_empty: dict[str, _EvenEmpty] = {}
        self._leads_until: datetime | None = None
        self._ending = threading.Event()

    async def run(self) -> None:
        """Make digests for ever, while no other process does."""
        try:
            while True:
                now = datetime.now(UTC)
                if await asyncio.to_thread(self._leads, now):
                    await asyncio.to_thread(self.make_due, now)
                await asyncio.sleep(EVERY)
        finally:
            self._ending.set()

    def _leads(self, now: datetime) -> bool:
        """Say whether this process is the one that makes digests."""
        third = timedelta(seconds=LEAD_SECONDS / 3)
        if self._leads_until is not None and now < self._leads_until - 2 * third:
            return True
        leads = leading.lead(self._database, "digests", self._owner, seconds=LEAD_SECONDS, now=now)
        self._leads_until = now + timedelta(seconds=LEAD_SECONDS) if leads else None
        return leads

    def make_due(self, now: datetime) -> int:
        """Make the digests whose slot has come; returns how many."""
        now = _kept(now)
        self._follow(now)
        made = 0
        waiting = digests.due(self._database, now, at_most=_LOOKED_AT)
        for each in waiting:
            if each.kind == "digest":  # left by a process that died
                made += self._finish(each.id, each.candidates, now)
        parts = [each for each in waiting if each.kind != "digest"]
        if parts:
            by_id = _rules(self._database, {each.alert for each in parts})
            # The small ones first: the largest takes seconds.
            for (alert, channel), group in sorted(_groups(parts), key=lambda each: len(each[1])):
                made += self._gather(by_id.get(alert), channel, group, now)
        return made + self._empty_ones(now)

    # What waits, by the timing that holds

    def _follow(self, now: datetime) -> None:
        """Have what waits follow the changes of its rules, for a while after each."""
        changes = rule_changes.read(self._database, self._changes)
        changed = changes.since(self._changes) if self._seen else None
        self._changes, self._seen = changes, True
        if changed is None:
            self._even_empty = {}
            for rule in _sound(digests.even_empty(self._database)):
                self._note(rule, now)
        again = self._again(now)
        for alert in (_ALL,) if changed is None else changed:
            self._unsettled[alert] = [now + timedelta(seconds=after) for after in AGAIN]
        followed = set(changed or ()) | again
        if changed is None or _ALL in again:
            followed |= digests.alerts(self._database)
        for alert, rule in _rules(self._database, followed).items():
            if changed and alert in changed:
                self._note(rule, now)
            if rule.state == "active":
                waiting = digests.of_alert(self._database, alert)
                for slot, ids in _brought_forward(rule.timing, waiting, now).items():
                    digests.put_off(self._database, ids, slot)

    def _again(self, now: datetime) -> set[str]:
        """Return the rules that were changed a while ago and are to be looked at again."""
        again = {alert for alert, moments in self._unsettled.items() if moments[0] <= now}
        for alert in again:
            if left := [moment for moment in self._unsettled.pop(alert) if moment > now]:
                self._unsettled[alert] = left
        return again

    def _note(self, rule: Rule, now: datetime) -> None:
        """Note when a rule has its next digest although there may be nothing in it, if it has."""
        self._even_empty.pop(rule.id, None)
        if rule.timing.even_empty and rule.state == "active":
            self._even_empty[rule.id] = _EvenEmpty.of(rule, now)

    def _gather(self, rule: Rule | None, channel: str, group: list[Waiting], now: datetime) -> int:
        """Make the digest of what an alert has for a channel, where that is due."""
        if rule is None:
            digests.drop(self._database, [each.id for each in group])
            return 0
        group = self._heard(rule, group)
        early = _put_off(rule, group, now)
        for slot, ids in early.items():
            digests.put_off(self._database, ids, slot)
        later = {each for ids in early.values() for each in ids}
        parts = [each for each in group if each.id not in later]
        if not parts:
            return 0
        slot = _slot_of(rule.timing, parts, now)
        digest = _digest(rule, channel, slot, now, {"count": len(parts)}, parts)
        if digests.there(self._database, [digest.id]):
            after = _slot_after(rule.timing, slot, now)
            digests.put_off(self._database, [each.id for each in parts], after)
            return 0
        parts.sort(key=lambda each: (each.created_at, each.id))
        candidates = [each.id for each in parts[: self._most]]
        if rest := [each.id for each in parts[self._most :]]:
            digests.put_off(self._database, rest, slot + _TICK)
        if not digests.open_(self._database, digest, candidates):
            return 0  # by another process, which finishes it; or else the next look does
        return self._finish(digest.id, candidates, now)

    def _heard(self, rule: Rule, group: list[Waiting]) -> list[Waiting]:
        """Return what waits without what is of stories that were muted meanwhile: that is held now."""
        muted = holding.muted(self._database, rule, {each.story for each in group if each.story})
        if not muted:
            return group
        quiet = [each for each in group if each.story in muted]
        # Held before it is taken away: after a death between the two, both are done again.
        met = {matches.match_id(rule.id, each.article) for each in quiet if each.kind == "article"}
        matches.hold(self._database, sorted(met), "muted")
        digests.drop(self._database, [each.id for each in quiet])
        return [each for each in group if each.story not in muted]

    def _finish(self, digest: str, candidates: Sequence[str], now: datetime) -> int:
        for at in range(0, len(candidates), _GATHERED_AT_ONCE):
            if self._ending.is_set():  # the next process goes on
                return 0
            digests.gather(self._database, digest, candidates[at : at + _GATHERED_AT_ONCE])
        return 1 if digests.close(self._database, digest, now=now) else 0

    # Digests of nothing

    def _empty_ones(self, now: datetime) -> int:
        """Make the digests that go out although there is nothing in them."""
        come = [each for each in self._even_empty.values() if each.slot <= now]
        if not come:
            return 0
        by_id = _rules(self._database, {each.rule for each in come})
        read = SourcesRead(self._database, now)
        made = 0
        for each in come:
            rule = by_id.get(each.rule)
            if rule is None or rule.state != "active" or not rule.timing.even_empty:
                continue  # it has just been changed, which is seen to by itself
            slot = timing.last_slot(rule.timing, now)
            messages = [
                _digest(rule, channel, slot, now, {"count": 0}) for channel in rule.channels
            ]
            there = digests.there(self._database, [message.id for message in messages])
            if missing := [message for message in messages if message.id not in there]:
                said = read.of(rule, timing.last_slot(rule.timing, slot - _TICK), slot)
                made += outbox.put(
                    self._database,
                    [attrs.evolve(each, said=dict(each.said) | said) for each in missing],
                )
            self._even_empty[rule.id] = attrs.evolve(each, slot=timing.next_slot(rule.timing, slot))
        return made


@attrs.frozen
class _EvenEmpty:
    """A rule of which a digest goes out even when it is empty, and the next slot of it."""

    rule: str
    slot: datetime

    @classmethod
    def of(cls, rule: Rule, now: datetime) -> "_EvenEmpty":
        last = timing.last_slot(rule.timing, now)
        # Of the time before the rule was what it is now nothing is said.
        since = rule.changed_at or rule.created_at
        return cls(rule.id, last if last > since else timing.next_slot(rule.timing, now))


def _kept(moment: datetime) -> datetime:
    """Return a moment as MongoDB keeps it, to the millisecond."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _rules(database: Database, ids: Iterable[str]) -> dict[str, Rule]:
    """Return rules by id, asked for so many at a time."""
    wanted = sorted(ids)
    found: dict[str, Rule] = {}
    for at in range(0, len(wanted), 100):
        some = rules.many(database, wanted[at : at + 100]).values()
        found |= {rule.id: rule for rule in _sound(some)}
    return found


def _sound(some: Iterable[Rule]) -> list[Rule]:
    """Return rules with timings that can be: one broken rule harms no other, and loses nothing."""
    return [attrs.evolve(rule, timing=timing.sound(rule.timing)) for rule in some]


def _groups(parts: list[Waiting]) -> Iterable[tuple[tuple[str, str], list[Waiting]]]:
    def whose(each: Waiting) -> tuple[str, str]:
        return each.alert, each.channel

    return ((key, list(some)) for key, some in groupby(sorted(parts, key=whose), key=whose))


def _put_off(rule: Rule, group: Sequence[Waiting], now: datetime) -> Mapping[datetime, list[str]]:
    """Return what waits on although its slot has come, by its new slot."""
    of = rule.timing
    if rule.state == "paused":
        slot = now + _PAUSED if of.how == "at once" else timing.next_slot(of, now)
        return {slot: [each.id for each in group]}
    if of.how == "at once":
        quiet = timing.quiet_until(of, now)
        return {quiet: [each.id for each in group]} if quiet else {}
    last = timing.last_slot(of, now)
    early = [each.id for each in group if each.created_at >= last]
    return {timing.next_slot(of, now): early} if early else {}


def _brought_forward(
    of: Timing, waiting: Sequence[Waiting], now: datetime
) -> Mapping[datetime, list[str]]:
    """Return what waits longer than a timing has it wait, by its new slot."""
    if of.how != "at once":
        slot = last = timing.next_slot(of, now)
        kept = None
    else:
        slot = timing.quiet_until(of, now) or now
        last, kept = slot + _TOGETHER, timing.day_end(of, now) if of.most else None
    late = [
        each.id
        for each in waiting
        if each.kind != "digest" and each.slot > last and each.slot != kept
    ]
    return {slot: late} if late else {}


def _slot_of(of: Timing, parts: Sequence[Waiting], now: datetime) -> datetime:
    """Return the slot of a digest: the last that has come, of all that its parts wait for."""
    slot = max(each.slot for each in parts)
    return slot if of.how == "at once" else max(slot, timing.last_slot(of, now))


def _slot_after(of: Timing, slot: datetime, now: datetime) -> datetime:
    """Return the slot of what came too late for the digest of one."""
    return max(slot, now) + _TICK if of.how == "at once" else timing.next_slot(of, now)


def _digest(
    rule: Rule,
    channel: str,
    slot: datetime,
    now: datetime,
    said: Mapping[str, object],
    parts: Sequence[Waiting] = (),
) -> Message:
    """Return the message of a digest; its id follows from its slot."""
    begins = [each.created_at for each in parts]
    if rule.timing.how != "at once":
        begins.append(timing.last_slot(rule.timing, slot - _TICK))
    occasion = f"digest:{slot.astimezone(UTC).isoformat()}"
    return Message(
        id=outbox.message_id(rule.id, "", occasion, channel),
        kind="digest",
        alert=rule.id,
        occasion=occasion,
        channel=channel,
        said={"from": min(begins).isoformat(), "to": slot.isoformat()} | dict(said),
        slot=slot,
        created_at=now,
        next_attempt=now,
    )
