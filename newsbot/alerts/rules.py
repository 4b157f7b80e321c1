"""Alerts as they are in force: parsed, filed for percolation, and never more than a second old."""

import threading
import time
from collections.abc import Mapping
from typing import ClassVar
from weakref import WeakKeyDictionary

import attrs

from newsbot.archive import rules
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.query import Lists as Entries
from newsbot.query import Percolator, Query, QuerySyntaxError, parse, quoted, relative_age
from newsbot.search.lists import InForce as ListsInForce
from newsbot.search.lists import Lists

# A new rule is in force for all workers after this (seconds).
REFRESH = 1.0


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
    """The active rules by id, their queries, and the percolator that files them.

    ``lists`` are, for each rule, the versions of the lists that its query uses.
    """

    rules: Mapping[str, Rule]
    queries: Mapping[str, Query]
    percolator: Percolator
    lists: Mapping[str, Mapping[str, int]]


class RuleBook:
    """The rules in force, read again when they are older than a second. Safe for threads."""

    _books: ClassVar["WeakKeyDictionary[Database, RuleBook]"] = WeakKeyDictionary()
    _making = threading.Lock()

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._rules: list[Rule] = []
        self._lists: ListsInForce | None = None
        self._in_force = InForce({}, {}, Percolator({}), {})

    @classmethod
    def of(cls, database: Database) -> "RuleBook":
        """Return the one book of this connection."""
        with cls._making:
            if database not in cls._books:
                cls._books[database] = cls(database)
            return cls._books[database]

    def in_force(self) -> InForce:
        """Return the rules that hold now."""
        with self._lock:
            lists = Lists.of(self._database).now()
            found = self._rules
            if time.monotonic() - self._read_at > REFRESH:
                read_at = time.monotonic()
                found = [
                    rule for rule in rules.everything(self._database) if rule.state == "active"
                ]
                self._read_at = read_at
            if found != self._rules or lists is not self._lists:
                self._in_force = _file(found, lists)
                self._rules, self._lists = found, lists
            return self._in_force


def _file(found: list[Rule], lists: ListsInForce) -> InForce:
    queries = {}
    for rule in found:
        try:
            queries[rule.id] = understand(whole_query(rule), lists.entries)
        except RuleError:
            continue  # it was understood when it was saved; one broken rule harms no other
    by_id = {rule.id: rule for rule in found if rule.id in queries}
    used = {rule: lists.versions(query) for rule, query in queries.items()}
    return InForce(by_id, queries, Percolator(queries), used)
