"""Whether an article meets a query, for many queries: one that breaks or takes long harms no other.

An evaluation that raises counts as not met, is logged, and marks its alerts as broken. One that takes long
is finished all the same, for the answer has to be right, and marks them as slow: the bounds of the query
language and of an article's length bound it (see docs/alerts.md, "How long an evaluation takes").
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal, TypeVar

from newsbot.archive import rule_ailments
from newsbot.archive.connection import Database
from newsbot.archive.rule_ailments import Ailment
from newsbot.archive.rules import Rule
from newsbot.query import Document, Percolator, Query, evaluate

_log = logging.getLogger(__name__)

T = TypeVar("T")

# An evaluation that takes longer (seconds) is slow; most take some millionths.
SLOW = 0.25
# The same of the same alert is told again after this time (seconds).
AGAIN = 600.0
# So many alerts are remembered as told.
_TOLD = 10_000


class Judge:
    """Evaluates candidates and keeps watch over it. Safe for threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: dict[tuple[str, int, str], float] = {}

    def met(
        self, percolator: Percolator, rules: Mapping[str, Rule], document: Document
    ) -> list[str]:
        """Return the rules that an article meets, as the percolator orders them."""
        found: list[tuple[Query, Literal["broken", "slow"], str]] = []

        def judge(query: Query, document: Document) -> bool:
            start = time.perf_counter()
            try:
                return evaluate(query, document)
            except Exception as error:  # noqa: BLE001 - whatever it is, the other rules go on
                found.append((query, "broken", f"{type(error).__name__}: {str(error)[:200]}"))
                return False
            finally:
                if time.perf_counter() - start > SLOW and (took := _cpu(query, document)) > SLOW:
                    what = f"an evaluation took {took:.1f} s, of {document.url or document.title}"
                    found.append((query, "slow", what))

        matched = percolator.match(document, judge)
        for query, what, says in found:
            self.tell([rules[rule] for rule in percolator.sharing(query)], what, says)
        return matched

    def spared(self, rule: Rule, step: Callable[[], T], instead: T) -> T:
        """Return what a step that only reckons makes for a rule; ``instead`` where it raises.

        Its match stays then, and whoever is to be told is: the rule is marked as broken.
        """
        try:
            return step()
        except Exception as error:  # noqa: BLE001 - whatever it is, the other rules go on
            self.tell([rule], "broken", f"{type(error).__name__}: {str(error)[:200]}")
            return instead

    def tell(self, rules: list[Rule], what: Literal["broken", "slow"], says: str) -> None:
        """Log what ails alerts, and mark them, unless that was done lately."""
        now = time.monotonic()
        new = []
        for rule in rules:
            key = (rule.id, rule.version, what)
            if now - self._told.get(key, float("-inf")) > AGAIN:
                if len(self._told) >= _TOLD:
                    self._told.clear()
                self._told[key] = now
                new.append(rule)
        if not new:
            return
        names = ", ".join(f"{rule.name!r}" for rule in new[:10])
        _log.warning("%d alerts are %s (%s): %s", len(new), what, names, says)
        at = datetime.now(UTC)
        rule_ailments.note(
            self._database,
            [
                Ailment(alert=rule.id, version=rule.version, what=what, says=says, at=at)
                for rule in new[-rule_ailments.KEPT :]
            ],
        )


def _cpu(query: Query, document: Document) -> float:
    """Return the CPU seconds of one more evaluation: time in which others ran does not count."""
    start = time.thread_time()
    try:
        evaluate(query, document)
    except Exception:  # noqa: BLE001 - told of the first time
        return 0.0
    return time.thread_time() - start
