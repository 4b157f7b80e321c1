"""A rule's fields by the names that files, commands and people call them: ``timing.at``, ``noise.mentions``.

What files state, what commands set and what a history tells of a change are made of the same flat values.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from newsbot.archive.rules import Noise, OfEdits, Rule, Spread, Timing

# The sections of a rule, and what each is made of.
SECTIONS = {"timing": Timing, "edits": OfEdits, "noise": Noise, "spread": Spread}
# Fields of a rule's own that people set, in the order in which they are told.
PLAIN = ("name", "query", "sources", "languages", "channels", "each", "max_age", "muted", "state")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _names() -> Iterator[str]:
    yield from PLAIN[:5]
    for section, kind in SECTIONS.items():
        yield from (f"{section}.{field.name}" for field in attrs.fields(kind))
    yield from PLAIN[5:]


# All of them, in the order in which they are told.
NAMES = tuple(_names())


def values(rule: Rule) -> dict[str, Any]:
    """Return all that people set of a rule, by name."""
    return {name: value_of(rule, name) for name in NAMES}


def value_of(rule: Rule, name: str) -> Any:
    """Return one field's value."""
    section, dot, field = name.partition(".")
    return getattr(getattr(rule, section), field) if dot else getattr(rule, name)


def evolved(rule: Rule, changes: Mapping[str, Any]) -> Rule:
    """Return a rule with these values, by name, in place."""
    plain = {name: value for name, value in changes.items() if "." not in name}
    for section in SECTIONS:
        inside = {
            name.partition(".")[2]: value
            for name, value in changes.items()
            if name.startswith(f"{section}.")
        }
        if inside:
            plain[section] = attrs.evolve(getattr(rule, section), **inside)
    return attrs.evolve(rule, **plain)


def same(one: Rule, other: Rule) -> bool:
    """Say whether all that people set of two rules is the same."""
    return values(one) == values(other)


def in_words(before: Rule, after: Rule, shown: Mapping[str, str]) -> tuple[str, ...]:
    """Return what another version of a rule has otherwise, a sentence a field; () where nothing.

    ``shown`` is what people see of channels, by id.
    """
    return tuple(
        _sentence(name, old, new, shown)
        for name in NAMES
        if (old := value_of(before, name)) != (new := value_of(after, name))
    )


def told(name: str, value: Any, shown: Mapping[str, str]) -> str:
    """Return a value as people read it."""
    if name == "timing.weekday":
        return WEEKDAYS[value]
    if name == "timing.quiet":
        return " to ".join(value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(shown.get(each, each) for each in value) or "none"
    return str(value) if value != "" else "none"


def _sentence(name: str, old: Any, new: Any, shown: Mapping[str, str]) -> str:
    if isinstance(old, tuple) and name != "timing.quiet":
        more = [f"+ {shown.get(each, each)}" for each in new if each not in old]
        less = [f"- {shown.get(each, each)}" for each in old if each not in new]
        return f"{name}: {', '.join(more + less) or 'in another order'}"
    return f"{name}: {told(name, old, shown)} → {told(name, new, shown)}"
