"""Alerts as they are in force: parsed, filed for percolation, and never more than a second old."""

import gc
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar
from weakref import WeakKeyDictionary

import attrs

from newsbot.alerts.judging import Judge
from newsbot.archive import rule_ailments, rule_changes, rules
from newsbot.archive.connection import Database
from newsbot.archive.rule_changes import Changes
from newsbot.archive.rules import Rule
from newsbot.query import Document, Percolator, Query, QuerySyntaxError, parse, quoted, relative_age
from newsbot.query import Lists as Entries
from newsbot.search.lists import InForce as ListsInForce
from newsbot.search.lists import Lists

# A new rule is in force for all workers after this (seconds).
REFRESH = 0.8
# A change that was begun so long ago (seconds) and not ended was left by a process that died.
LEFT_AFTER = 30.0
_MOST_SAME = 10_000
# So many rules at once are worth keeping out of Python's search for what is to be freed.
_MANY = 5_000

T = TypeVar("T")


class RuleError(Exception):
    """An alert that cannot be; the text says why and what to do."""


def understand(query: str, lists: Entries) -> Query:
    """Return an alert's query as parsed; ``lists`` are those that it may name.

    Raises:
        RuleError: when it is no query, or one that an alert cannot have.
    """
    try:
        parsed = parse(query, lists)
    except QuerySyntaxError as error:
        raise RuleError(error.explain()) from None
    if relative_age(parsed):
        raise RuleError(
            "a relative age (as in date:>7d) is for searches: an alert looks at each article at the "
            "moment it is stored, so leave it out"
        )
    return parsed


def whole_query(rule: Rule) -> str:
    """Return what an alert searches for: its query, narrowed to its sources and languages.

    A search for it finds what the alert fires for, and nothing else.
    """
    named = " OR ".join(
        f"{field}:{quoted(name)}" for name in rule.sources for field in ("source", "group")
    )
    languages = " OR ".join(f"lang:{each}" for each in rule.languages)
    narrowed = [f"({each})" for each in (named, languages) if each]
    return " ".join([f"({rule.query})", *narrowed]) if narrowed else rule.query


@attrs.frozen
class InForce:
    """The active rules by id, their queries, and the percolator that files them. Immutable.

    ``lists`` are, for each rule, the versions of the lists that its query uses.
    """

    rules: Mapping[str, Rule]
    queries: Mapping[str, Query]
    percolator: Percolator
    lists: Mapping[str, Mapping[str, int]]
    _judge: Judge

    def met(self, document: Document) -> list[str]:
        """Return the rules that an article meets; one that breaks or is slow harms no other."""
        return self._judge.met(self.percolator, self.rules, document)

    def spared(self, rule: Rule, step: Callable[[], T], instead: T) -> T:
        """Return what a step makes for a rule, ``instead`` where it raises: others go on all the same."""
        return self._judge.spared(rule, step, instead)


class RuleBook:
    """The rules in force: what changed is read when the last look is older than a second. Safe for threads."""

    _books: ClassVar["WeakKeyDictionary[object, RuleBook]"] = WeakKeyDictionary()
    _making = threading.Lock()

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._changes = Changes()
        self._begun: dict[str, float] = {}
        self._judge = Judge(database)
        # Rules that could not be understood, which a change of a list may mend.
        self._broken: dict[str, Rule] = {}
        self._lists: ListsInForce | None = None
        self._in_force = InForce({}, {}, Percolator({}), {}, self._judge)

    @classmethod
    def of(cls, database: Database) -> "RuleBook":
        """Return the one book of this connection, which all that stand for it share."""
        with cls._making:
            if database.raw not in cls._books:
                cls._books[database.raw] = cls(database)
            return cls._books[database.raw]

    def in_force(self) -> InForce:
        """Return the rules that hold now."""
        with self._lock:
            lists = Lists.of(self._database).now()
            found: dict[str, Rule | None] = {}
            changes, read_at = self._changes, self._read_at
            if time.monotonic() - read_at > REFRESH:
                read_at = time.monotonic()
                changes = rule_changes.read(self._database, self._changes)
                found = self._changed(changes)
            if lists is not self._lists:
                using = {*self._using(lists), *self._broken} - found.keys()
                found.update({rule: self._known(rule) for rule in using})
            if found:
                self._in_force = self._filed(found, lists)
            if len(found) > _MANY:
                gc.freeze()  # they stay: Python need not look through them again and again
            self._lists, self._changes, self._read_at = lists, changes, read_at
            return self._in_force

    def _changed(self, changes: Changes) -> dict[str, Rule | None]:
        """Return the rules that are others than before; None for those that are gone."""
        ids = changes.since(self._changes)
        if ids is None:
            there = {rule.id: _lean(rule) for rule in rules.everything(self._database)}
            gone = {*self._in_force.rules, *self._broken} - there.keys()
            now: dict[str, Rule | None] = {**there, **dict.fromkeys(gone)}
        else:
            # One by one: asked for many, the embedded server compares each with all of them.
            read = {rule: rules.by_id(self._database, rule) for rule in ids}
            now = {rule: _lean(found) if found else None for rule, found in read.items()}
            self._end_left(changes)
        return {rule: found for rule, found in now.items() if found != self._known(rule)}

    def _end_left(self, changes: Changes) -> None:
        """End the changes whose maker must have died: they were read."""
        now = time.monotonic()
        self._begun = {rule: self._begun.get(rule, now) for rule in changes.begun}
        if left := [rule for rule, since in self._begun.items() if now - since > LEFT_AFTER]:
            rule_changes.end(self._database, left)

    def _known(self, rule: str) -> Rule | None:
        return self._in_force.rules.get(rule) or self._broken.get(rule)

    def _using(self, lists: ListsInForce) -> list[str]:
        """Return the rules whose lists are others than those they were filed with."""
        before = self._lists.all if self._lists else {}
        changed = {
            name for name in {*before, *lists.all} if before.get(name) != lists.all.get(name)
        }
        return [rule for rule, used in self._in_force.lists.items() if changed & used.keys()]

    def _filed(self, found: Mapping[str, Rule | None], lists: ListsInForce) -> InForce:
        """Return what is in force with these rules as they are now."""
        before = self._in_force
        all_rules, queries = dict(before.rules), dict(before.queries)
        used = dict(before.lists)
        refiled: dict[str, Query] = {}
        for rule, now in found.items():
            was_broken = self._broken.pop(rule, None) is not None
            tree = self._understood(now, lists) if now and now.state == "active" else None
            if now is None or tree is None:
                for each in (all_rules, queries, used):
                    each.pop(rule, None)
                continue
            if was_broken:
                rule_ailments.well(self._database, [rule])
            all_rules[rule] = now
            used[rule] = lists.versions(tree) or _NO_LISTS
            if tree != before.queries.get(rule):
                queries[rule] = refiled[rule] = tree
        gone = {rule for rule in found if rule in before.queries and rule not in queries}
        percolator = before.percolator
        if refiled or gone:
            try:
                percolator = percolator.changed(refiled, gone)
            except Exception:  # noqa: BLE001 - one of them, and the others are filed without it
                fileable = self._fileable(refiled, found)
                for rule in refiled.keys() - fileable:
                    for each in (all_rules, queries, used):
                        each.pop(rule, None)
                    gone.add(rule)
                refiled = {rule: refiled[rule] for rule in fileable}
                percolator = before.percolator.changed(refiled, gone)
        return InForce(all_rules, queries, percolator, used, self._judge)

    def _understood(self, rule: Rule, lists: ListsInForce) -> Query | None:
        """Return a rule's query, or None where it is broken: that harms no other."""
        try:
            return understand(whole_query(rule), lists.entries)
        except Exception as error:  # noqa: BLE001 - it was understood when it was saved
            self._break(rule, error)
            return None

    def _break(self, rule: Rule, error: Exception) -> None:
        self._broken[rule.id] = rule
        self._judge.tell([rule], "broken", str(error) or type(error).__name__)

    def _fileable(self, refiled: Mapping[str, Query], found: Mapping[str, Rule | None]) -> set[str]:
        """Return the rules that can be filed, each by itself, and mark the others as broken."""
        fileable = set()
        for rule, query in refiled.items():
            try:
                Percolator({rule: query})
                fileable.add(rule)
            except Exception as error:  # noqa: BLE001 - the others are filed
                if broken := found[rule]:
                    self._break(broken, error)
        return fileable


_NO_LISTS: Mapping[str, int] = {}
# Values that many rules have alike, kept once.
_SAME: dict[object, object] = {}
_SHARED = ("timing", "edits", "noise", "spread", "channels", "sources", "languages", "muted", "by")


def _lean(rule: Rule) -> Rule:
    """Return a rule that shares with others what it has alike."""
    if len(_SAME) > _MOST_SAME:
        _SAME.clear()
    same: dict[str, Any] = {
        name: _SAME.setdefault(value, value) for name in _SHARED if (value := getattr(rule, name))
    }
    return attrs.evolve(rule, **same)
