"""Alerts as they are in force: parsed, filed for percolation, and never more than a second old."""

import threading
import time
from collections.abc import Mapping
from typing import ClassVar
from weakref import WeakKeyDictionary

import attrs

from newsbot.archive import alerts
from newsbot.archive.alerts import Rule
from newsbot.archive.connection import Database
from newsbot.query import Percolator, Query, QuerySyntaxError, parse, relative_age

# A new rule is in force for all workers after this (seconds).
REFRESH = 1.0


class RuleError(Exception):
    """An alert that cannot be; the text says why and what to do."""


def understand(query: str) -> Query:
    """Return an alert's query as parsed.

    Raises:
        RuleError: when it is no query, or one that an alert cannot have.
    """
    try:
        parsed = parse(query)
    except QuerySyntaxError as error:
        raise RuleError(error.explain()) from None
    if relative_age(parsed):
        raise RuleError(
            "a relative age (as in date:>7d) is for searches: an alert looks at each article at the "
            "moment it is stored, so leave it out"
        )
    return parsed


@attrs.frozen
class InForce:
    """The active rules by id, their queries, and the percolator that files them."""

    rules: Mapping[str, Rule]
    queries: Mapping[str, Query]
    percolator: Percolator


class RuleBook:
    """The rules in force, read again when they are older than a second. Safe for threads."""

    _books: ClassVar["WeakKeyDictionary[Database, RuleBook]"] = WeakKeyDictionary()
    _making = threading.Lock()

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._rules: list[Rule] = []
        self._in_force = InForce({}, {}, Percolator({}))

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
            if time.monotonic() - self._read_at > REFRESH:
                read_at = time.monotonic()
                found = [rule for rule in alerts.rules(self._database) if rule.state == "active"]
                if found != self._rules:
                    self._in_force, self._rules = _file(found), found
                self._read_at = read_at
            return self._in_force


def _file(rules: list[Rule]) -> InForce:
    queries = {}
    for rule in rules:
        try:
            queries[rule.id] = understand(rule.query)
        except RuleError:
            continue  # it was understood when it was saved; one broken rule harms no other
    by_id = {rule.id: rule for rule in rules if rule.id in queries}
    return InForce(by_id, queries, Percolator(queries))
