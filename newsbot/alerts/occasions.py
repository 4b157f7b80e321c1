"""Occasions: what a match, an edit or a threshold gives an alert to tell, and the messages that follow.

An occasion of an alert is told once to each of its channels. Its name is part of the messages' ids:

- ``first``: a story met the alert, and is told once, whichever of its articles did;
- ``article:<id>``: an article did, of an alert that tells each;
- ``edit:<id>:<revision>``: an article that had met it changed so that the alert asks to be told;
- ``publishers:<n>``, ``groups:<n>``: a story has reached so many;
- ``surge:<day>``, ``surge:<hour>``: more is found than the alert's own past explains.

When a message goes out is for :mod:`newsbot.alerts.timing` to say.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from newsbot.alerts import timing
from newsbot.archive import allowances, outbox, stories
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.matches import NO_PASSAGE, Match, Passage
from newsbot.archive.outbox import Message, MessageKind
from newsbot.archive.rules import Rule
from newsbot.edits.size import SIZED

FIRST = "first"

SINCE_AN_EDIT = "It meets the query since an edit."
NO_LONGER = "It no longer meets the query."


@attrs.frozen(kw_only=True)
class Occasion:
    """Something that an alert tells: its ``name``, of which story and article, and what it says.

    ``channels`` are the ids of those who are told. ``again`` is whether it may have been told before.
    """

    rule: Rule
    kind: MessageKind
    name: str
    story: str
    article: str
    passage: Passage = NO_PASSAGE
    channels: tuple[str, ...]
    said: Mapping[str, Any] = attrs.Factory(dict)
    again: bool = False

    def id(self, channel: str) -> str:
        """Return the id of its message to a channel."""
        return outbox.message_id(self.rule.id, self.story, self.name, channel)


def name_of(rule: Rule, article: str) -> str:
    """Return the occasion on which an alert tells of an article that meets it."""
    return FIRST if rule.each == "story" else f"article:{article}"


def is_edit(kept: Kept) -> bool:
    """Say whether an article is what an edit made of it."""
    return kept.verdict == "edited" and kept.record.revision > 1


def of_match(rule: Rule, match: Match, *, anew: bool, again: bool) -> Occasion:
    """Return the occasion of a match of which people are told; ``anew``: it meets since an edit."""
    said = {"lines": [SINCE_AN_EDIT], "revision": match.revision} if anew else {}
    return Occasion(
        rule=rule,
        kind="article",
        name=name_of(rule, match.article),
        story=match.told_as or match.story,
        article=match.article,
        passage=match.passage,
        channels=rule.channels if match.channels is None else match.channels,
        said=said,
        again=again,
    )


def of_edit(rule: Rule, match: Match, kept: Kept, passage: Passage | None) -> Occasion:
    """Return the occasion of an edit of an article that had met an alert.

    ``passage`` is what meets its query now; None where nothing does any more.
    """
    revision = kept.record.revision
    said: dict[str, Any] = {"kinds": list(kept.record.kinds), "revision": revision}
    if passage is None:
        said["lines"] = [NO_LONGER]
    return Occasion(
        rule=rule,
        kind="edit",
        name=f"edit:{match.article}:{revision}",
        story=match.told_as or match.story,
        article=match.article,
        passage=match.passage if passage is None else passage,
        channels=rule.channels,
        said=said,
    )


def asks_for(rule: Rule, kept: Kept, words: int | None) -> bool:
    """Say whether an alert tells of this edit. ``words`` of the text are other; None: not counted."""
    kinds = frozenset(rule.edits.kinds).intersection(kept.record.kinds)
    if not kinds or kept.record.quiet:
        return False
    return bool(kinds - SIZED) or words is None or words >= rule.edits.least


def told_as(database: Database, told: Iterable[tuple[Rule, Match]]) -> Mapping[str, str]:
    """Return the stories as which matches are told, by their ids; of those that are told as their own none.

    Stories that are one are told once: as the one that was told already, and else as the one that stands
    for all.
    """
    met = [(rule, match) for rule, match in told if rule.channels]
    heads = stories.heads(database, {match.story for _, match in met})
    families = stories.members_of(database, set(heads.values()))
    linked = [(rule, match) for rule, match in met if len(families[heads[match.story]]) > 1]
    if not linked:
        return {}
    ids = {
        (rule.id, story): outbox.message_id(rule.id, story, FIRST, rule.channels[0])
        for rule, match in linked
        for story in families[heads[match.story]]
    }
    there = outbox.many(database, set(ids.values()))
    found = {}
    for rule, match in linked:
        family = families[heads[match.story]]
        already = sorted(story for story in family if ids[rule.id, story] in there)
        found[match.id] = already[0] if already else heads[match.story]
    return found


def messages(
    database: Database, told: Sequence[Occasion], *, now: datetime, at: datetime | None = None
) -> list[Message]:
    """Return the messages of these occasions that are not there yet, each with its time.

    ``at`` is the slot that all of them wait for, None for what their alerts' timing says.
    """
    asked = [
        each.id(channel)
        for each in told
        if each.again or each.rule.timing.most
        for channel in each.channels
    ]
    there = outbox.many(database, asked) if asked else {}
    made = []
    for each in told:
        left = [channel for channel in each.channels if each.id(channel) not in there]
        slot = at or (_slot(database, each, now) if left else None)
        made += [
            Message(
                id=each.id(channel),
                kind=each.kind,
                alert=each.rule.id,
                article=each.article,
                story=each.story,
                occasion=each.name,
                channel=channel,
                passage=each.passage,
                said=each.said,
                state="waiting" if slot else "due",
                slot=slot,
                created_at=now,
                next_attempt=slot or now,
            )
            for channel in left
        ]
    return made


def _slot(database: Database, told: Occasion, now: datetime) -> datetime | None:
    when = told.rule.timing
    slot = timing.place(when, now, told_today=0)
    if slot is not None or not when.most:
        return slot
    today = timing.local_day(when, now)
    if allowances.take(database, told.rule.id, today, told.id(""), most=when.most):
        return None
    return timing.place(when, now, told_today=when.most)
