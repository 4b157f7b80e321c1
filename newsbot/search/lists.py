"""The desk's lists as they are in force: for whoever understands a query for the archive."""

import threading
import time
from collections.abc import Mapping
from typing import ClassVar
from weakref import WeakKeyDictionary

import attrs

from newsbot.archive import lists
from newsbot.archive.connection import Database
from newsbot.archive.lists import TermList
from newsbot.query import Query, lists_of, parse

# Whether lists have changed is asked when the last answer is older than this (seconds): a change is in
# force everywhere after that time.
REFRESH = 0.8
# They are read again after this time (seconds) whoever forgot to say that they changed, as in a crash.
TRUSTED = 60.0


# Queries that are kept understood.
_UNDERSTOOD = 50


@attrs.frozen
class InForce:
    """The lists at one moment: their entries, and themselves, by name."""

    entries: Mapping[str, tuple[str, ...]]
    all: Mapping[str, TermList]
    _trees: dict[str, Query] = attrs.field(factory=dict, init=False, eq=False, repr=False)

    def understood(self, query: str) -> Query:
        """Return what a query says with these lists; one that is asked for again is not parsed again.

        Raises:
            QuerySyntaxError: when it is no query.
        """
        tree = self._trees.get(query)
        if tree is None:
            tree = parse(query, self.entries)
            if len(self._trees) >= _UNDERSTOOD:
                self._trees.clear()
            self._trees[query] = tree
        return tree

    def versions(self, query: Query) -> dict[str, int]:
        """Return the versions of the lists that a query uses, by name."""
        return {name: self.all[name].version for name in sorted(lists_of(query))}


def in_force(found: list[TermList]) -> InForce:
    """Return these lists as queries take them."""
    return InForce({each.id: each.entries for each in found}, {each.id: each for each in found})


class Lists:
    """Knows the lists that are in force, never more than a second late. Safe for threads."""

    _made: ClassVar["WeakKeyDictionary[Database, Lists]"] = WeakKeyDictionary()
    _making = threading.Lock()

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._asked_at = self._read_at = float("-inf")
        self._version = -1
        self._in_force = in_force([])

    @classmethod
    def of(cls, database: Database) -> "Lists":
        """Return the one reader of lists of this connection."""
        with cls._making:
            if database not in cls._made:
                cls._made[database] = cls(database)
            return cls._made[database]

    def now(self) -> InForce:
        """Return the lists that hold: the same object for as long as they are the same."""
        with self._lock:
            now = time.monotonic()
            if now - self._asked_at > REFRESH:
                # The number first: what changes while the lists are read is read again.
                version = lists.version(self._database)
                if version != self._version or now - self._read_at > TRUSTED:
                    found = in_force(lists.everything(self._database))
                    if found != self._in_force:
                        self._in_force = found
                    self._version, self._read_at = version, now
                self._asked_at = now
            return self._in_force

    def forget(self) -> None:
        """Have the lists read anew when they are asked for next: who changed one here has it at once."""
        with self._lock:
            self._asked_at = float("-inf")
