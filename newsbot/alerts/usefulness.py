"""How much of what alerts told was of use, by what the desk decided of it, and what would have kept the rest out.

A story that somebody took, or that is done, was of use; one that was marked as not relevant was not. Open
ones say nothing. What is looked at is bounded: the newest decisions, and of one alert the newest stories.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from newsbot.alerts.rules import RuleError, understand
from newsbot.alerts.telling_apart import Exclusion, Story, exclusions
from newsbot.archive import articles, desk_marks, matches, stories
from newsbot.archive.connection import Database
from newsbot.archive.kept import Kept
from newsbot.archive.rules import Rule
from newsbot.query import Query
from newsbot.query.tree import Or
from newsbot.search.documents import Documents
from newsbot.search.lists import Lists

# Decisions of each kind that are looked at, the newest; of one alert so many stories and articles.
DECISIONS, STORIES, ARTICLES = 500, 200, 300
_AT_ONCE = 50


@attrs.frozen(kw_only=True)
class Share:
    """How many stories that an alert told were of use, out of those that were decided."""

    useful: int
    useless: int

    @property
    def decided(self) -> int:
        """How many were decided."""
        return self.useful + self.useless

    @property
    def share(self) -> float | None:
        """The part of them that was of use; None where nothing was decided."""
        return self.useful / self.decided if self.decided else None


@attrs.frozen(kw_only=True)
class Usefulness:
    """How much of what one alert told was of use, and what could be written behind its query.

    ``looked_at`` counts the stories by which the exclusions were found, which are the newest.
    """

    share: Share
    exclusions: tuple[Exclusion, ...]
    looked_at: int


@attrs.frozen
class _Decided:
    """A story that was decided: when, whether it was of use, and the articles by which each alert told it."""

    story: str
    at: datetime
    useful: bool
    by_alert: Mapping[str, tuple[str, ...]]


class Usefulnesses:
    """What is known of the use of alerts, until the desk decides something. Safe for threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._version = -1
        self._decided: Sequence[_Decided] = ()
        self._told: dict[tuple[str, int], Usefulness] = {}

    def shares(self, *, now: datetime) -> dict[str, Share]:
        """Return how much of what each alert told was of use, by the alert's id."""
        counts: dict[str, list[int]] = {}
        for each in self._known(now):
            for alert in each.by_alert:
                counts.setdefault(alert, [0, 0])[each.useful] += 1
        return {
            alert: Share(useful=useful, useless=useless)
            for alert, (useless, useful) in counts.items()
        }

    def of(self, rule: Rule, *, now: datetime) -> Usefulness:
        """Return how much of what an alert told was of use, and what would have kept the rest out."""
        all_decided = self._known(now)
        decided = [each for each in all_decided if rule.id in each.by_alert]
        with self._lock:
            known = self._told.get((rule.id, rule.version))
        if known is not None:
            return known
        share = Share(
            useful=sum(each.useful for each in decided),
            useless=sum(not each.useful for each in decided),
        )
        told = self._stories(rule, decided)
        lists = Lists.of(self._database).now().entries

        def understood(query: str) -> Query | None:
            try:
                return understand(query, lists)
            except RuleError:
                return None

        def narrowed(query: str, clause: str) -> str:
            tree = understood(query)
            return f"({query.strip()}) {clause}" if isinstance(tree, Or) else f"{query} {clause}"

        found = Usefulness(
            share=share,
            exclusions=exclusions(told, rule.query, understood, narrowed=narrowed),
            looked_at=len(told),
        )
        with self._lock:
            if self._decided is all_decided:  # nothing was decided meanwhile
                self._told[rule.id, rule.version] = found
        return found

    def _known(self, now: datetime) -> Sequence[_Decided]:
        version = desk_marks.version(self._database)
        with self._lock:
            if version == self._version:
                return self._decided
        decided = _decided(self._database, now)
        with self._lock:
            self._version, self._decided = version, decided
            self._told.clear()
        return decided

    def _stories(self, rule: Rule, decided: Sequence[_Decided]) -> list[Story]:
        """Return the newest stories of an alert, each with all its articles, as many as are looked at."""
        chosen: list[tuple[_Decided, tuple[str, ...]]] = []
        count = 0
        for each in sorted(decided, key=lambda each: each.at, reverse=True)[:STORIES]:
            ids = each.by_alert[rule.id]
            if count + len(ids) > ARTICLES:
                break
            count += len(ids)
            chosen.append((each, ids))
        kept = self._kept([name for _, ids in chosen for name in ids])
        documents = Documents.of(self._database)
        told = []
        for each, ids in chosen:
            there = [kept[name] for name in ids if name in kept]
            names = {documents.source_name(one.article.source) for one in there} - {""}
            told.append(
                Story(
                    useful=each.useful,
                    articles=tuple(documents.document(one) for one in there),
                    sources=tuple(sorted(names)),
                )
            )
        return [each for each in told if each.articles]

    def _kept(self, ids: Sequence[str]) -> dict[str, Kept]:
        found: dict[str, Kept] = {}
        for at in range(0, len(ids), _AT_ONCE):
            found |= articles.many(self._database, ids[at : at + _AT_ONCE])
        return found


def _decided(database: Database, now: datetime) -> list[_Decided]:
    """Return the newest decisions, each with the matches of all stories that are one with its own."""
    decisions = [
        each
        for state in ("taken", "done", "not relevant")
        for each in desk_marks.decided(database, state, at_most=DECISIONS, now=now)
    ]
    heads = stories.heads(database, (each.id for each in decisions))
    of: dict[str, list[desk_marks.Desk]] = {}
    for each in decisions:
        of.setdefault(heads[each.id], []).append(each)
    latest = {head: desk_marks.latest(some) for head, some in of.items()}
    members = stories.members_of(database, latest)
    head_of = {member: head for head, some in members.items() for member in some}
    told: dict[str, dict[str, list[str]]] = {}
    for some in _parts(sorted(head_of)):
        for match in matches.of_stories(database, some):
            if not match.held:
                by_alert = told.setdefault(head_of[match.story], {})
                by_alert.setdefault(match.alert, []).append(match.article)
    return [
        _Decided(
            head,
            desk.at or now,
            desk.state != "not relevant",
            {alert: tuple(sorted(ids)) for alert, ids in told.get(head, {}).items()},
        )
        for head, desk in latest.items()
    ]


def _parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
