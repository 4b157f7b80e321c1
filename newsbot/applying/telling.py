"""A plan as people read it, field by field, and as programs do."""

from collections.abc import Iterator
from typing import Any

from newsbot.applying.kind import Change, Hidden, Kind, Step
from newsbot.archive.sources import Way

SIGNS = {"add": "+", "change": "~", "remove": "-", "release": "="}
_DONE = {"add": "added", "change": "changed", "remove": "removed", "release": "released"}
_TO_DO = {"add": "to add", "change": "to change", "remove": "to remove", "release": "to release"}
# Of a long list so many parts are shown.
_SHOWN = 40
_ISOLATE, _END = "\u2068", "\u2069"


def lines(kind: Kind, step: Step, *, isolated: bool = False) -> Iterator[str]:
    """Yield a step's lines.

    ``isolated`` puts each text in an isolate of its own (Unicode Annex 9), for terminals that know of
    directions: an Arabic value turns nothing around but itself.
    """
    where = f"  ({step.declared.place})" if step.declared else ""
    note = f": {step.note}" if step.note else ""
    yield f"{SIGNS[step.what]} {kind.one} {_text(step.name, isolated)}{note}{where}"
    for change in step.changes:
        if (step.what, change.field) == ("add", "name"):
            continue
        if isinstance(change.old, tuple) or isinstance(change.new, tuple):
            yield from _parts(change, isolated)
        elif step.what == "add":
            yield f"    {change.field}: {_text(told(change.new), isolated)}"
        else:
            old, new = (_text(told(each), isolated) for each in (change.old, change.new))
            yield f"    {change.field}: {old} → {new}"


def counted(steps: list[Step], *, done: bool) -> str:
    """Return how many records are to be added, changed, removed and released, or were."""
    words = _DONE if done else _TO_DO
    counts = ((what, sum(each.what == what for each in steps)) for what in words)
    return ", ".join(
        f"{count} {words[what]}" for what, count in counts if count or what != "release"
    )


def as_json(kind: Kind, step: Step) -> dict[str, Any]:
    """Return a step for programs."""
    return {
        "what": step.what,
        "kind": kind.one,
        "name": step.name,
        "file": step.declared.place.file if step.declared else "",
        "line": step.declared.place.line if step.declared else None,
        "changes": [
            {"field": each.field, "old": _plain(each.old), "new": _plain(each.new)}
            for each in step.changes
        ],
        "note": step.note,
    }


def told(value: Any) -> str:
    """Return a value as it is shown; a secret is not."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Way):
        return f"{value.kind}: {value.url}"
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return told(value) if isinstance(value, (Way, Hidden)) else value


def _parts(change: Change, isolated: bool) -> Iterator[str]:
    """Yield what is more and what is less in a list of values, or its new order."""
    old, new = change.old or (), change.new or ()
    less, more = (
        [each for each in old if each not in new],
        [each for each in new if each not in old],
    )
    yield f"    {change.field}: {_number(old)} → {_number(new)}" if old else f"    {change.field}:"
    listed = [*(("-", each) for each in less), *(("+", each) for each in more)]
    if not listed:
        listed = [("", each) for each in new]
        yield "      in another order:"
    for sign, each in listed[:_SHOWN]:
        yield f"      {sign} {_text(told(each), isolated)}"
    if len(listed) > _SHOWN:
        yield f"      … and {len(listed) - _SHOWN} more"


def _number(values: tuple[Any, ...]) -> str:
    return f"{len(values)} of them" if values else "none"


def _text(text: str, isolated: bool) -> str:
    """Return a text as it may stand in a terminal: without what steers it."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    return shown if not isolated or shown.isascii() else f"{_ISOLATE}{shown}{_END}"
