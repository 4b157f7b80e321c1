"""What retention's rules mean for a source: how many days each part of its articles is kept. Pure.

For each part the narrowest rule that says something of it decides: the source's own, else those of its
groups, else that for all, else it is kept for ever. Where several are equally narrow (two groups; an
article of two sources) the longest time holds: one rule never takes away what another keeps.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence

import attrs

from newsbot.archive.naming import Names
from newsbot.archive.retention import PARTS, Part, Rule
from newsbot.items import derived_id

NEVER = math.inf
_UNITS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "y": 365.0}
_SPAN = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*([hdwy])")


class SpanError(Exception):
    """A length of time that cannot be read; the text says what would be right."""


def read_span(text: str) -> float:
    """Return a length of time in days: ``36h``, ``90d``, ``12w``, ``2y`` (of 365 days), ``never``.

    Raises:
        SpanError: for anything else, nought included.
    """
    word = text.strip().lower()
    if word == "never":
        return NEVER
    found = _SPAN.fullmatch(word)
    days = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not days:
        raise SpanError(f"{text!r} is no length of time; write it as 36h, 90d, 12w, 2y or never")
    return days


def show_span(days: float | None) -> str:
    """Return a length of time as it is written."""
    if days is None:
        return "-"
    if days == NEVER:
        return "never"
    for unit in ("y", "w", "d"):
        if days % _UNITS[unit] == 0:
            return f"{days / _UNITS[unit]:g}{unit}"
    return f"{days * 24:g}h"


@attrs.frozen
class Policy:
    """The rules, resolved for the sources as they are named and grouped now."""

    rules: tuple[Rule, ...]
    _names: Callable[[Iterable[str]], Names]

    def spans(self, *parts: Part) -> list[float]:
        """Return all finite times that rules give for these parts, shortest first."""
        stated = {getattr(rule, part) for rule in self.rules for part in parts}
        return sorted(stated - {None, NEVER})

    def days(self, part: Part, sources: Sequence[str]) -> float:
        """Return how many days a part of an article of these sources is kept."""
        return max((self._of_source(part, each) for each in sources), default=self._of_all(part))

    def key(self, *also: str) -> str:
        """Return what is another when the rules are, or who they are about, or ``also``."""
        about = [
            f"{rule.id} {[getattr(rule, part) for part in PARTS]} {self._about(rule)}"
            for rule in self.rules
        ]
        return derived_id("policy", *about, *also)

    def _about(self, rule: Rule) -> str:
        names = self._names(())
        if rule.scope == "group":
            return " ".join(sorted(names.grouped(rule.what)))
        family = names.family(rule.what) if rule.scope == "source" else None
        return " ".join(sorted(family.ids)) if family else ""

    def _of_all(self, part: Part) -> float:
        return _longest(part, (rule for rule in self.rules if rule.scope == "all"))

    def _of_source(self, part: Part, source: str) -> float:
        family = self._names([source]).family(source)
        ids = family.ids if family else frozenset({source})
        groups = {group.casefold() for group in family.groups} if family else set()
        for scope, about in (("source", ids), ("group", groups)):
            found = [
                rule
                for rule in self.rules
                if rule.scope == scope and rule.what in about and getattr(rule, part) is not None
            ]
            if found:
                return _longest(part, found)
        return self._of_all(part)


def _longest(part: Part, rules: Iterable[Rule]) -> float:
    stated: list[float | None] = [getattr(rule, part) for rule in rules]
    return max((days for days in stated if days is not None), default=NEVER)
