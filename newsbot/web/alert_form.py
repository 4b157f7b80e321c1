"""The form of an alert: what stands in its inputs, and what was meant by what was typed there. Pure.

An input has the name of the field that it is for (:mod:`newsbot.alerts.fields`). Lists are typed with commas;
quiet hours are two inputs.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.datastructures import FormData

from newsbot.alerts import fields
from newsbot.archive.rules import Rule

_LISTS = ("sources", "languages", "noise.without")
_CHOSEN = ("channels", "edits.kinds")
_FLAGS = ("timing.even_empty", "edits.meets", "noise.title_only")
_COUNTS = (
    *("timing.weekday", "timing.most", "edits.least", "noise.mentions"),
    *("spread.publishers", "spread.groups"),
)
_TEXTS = ("name", "query", "each", "timing.how", "timing.at", "timing.zone", "spread.surge")
QUIET = ("timing.quiet.from", "timing.quiet.to")


class FormError(Exception):
    """What was typed where something else belongs: ``problems`` says of each field what, by its name."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


def typed(rule: Rule) -> dict[str, Any]:
    """Return what stands in the inputs for a rule as it is."""
    values = fields.values(rule)
    shown: dict[str, Any] = {name: values[name] for name in _TEXTS}
    shown |= {name: ", ".join(values[name]) for name in _LISTS}
    shown |= {name: list(values[name]) for name in _CHOSEN}
    shown |= {name: values[name] for name in _FLAGS}
    shown |= {name: str(values[name]) for name in _COUNTS}
    shown["max_age"] = f"{values['max_age']:g}"
    quiet = values["timing.quiet"] or ("", "")
    return shown | dict(zip(QUIET, quiet, strict=True)) | {"webhook": ""}


def as_typed(form: FormData, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in the inputs after a form was sent, so that nothing typed is lost.

    Inputs that the form does not have stand as ``before``; of a whole form (it says so by ``whole``)
    what is not ticked is not in it.
    """
    shown = dict(before)
    for name in (*_TEXTS, *_LISTS, *_COUNTS, "max_age", *QUIET, "webhook"):
        if name in form:
            shown[name] = str(form[name])
    if "whole" in form:
        shown |= {name: [str(each) for each in form.getlist(name)] for name in _CHOSEN}
        shown |= {name: name in form for name in _FLAGS}
    return shown


def values_of(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are meant, by the names of their fields.

    Raises:
        FormError: where a number is none, or quiet hours have one end alone.
    """
    problems: dict[str, str] = {}
    values: dict[str, Any] = {name: shown[name].strip() for name in _TEXTS}
    values |= {name: _listed(shown[name]) for name in _LISTS}
    values |= {name: tuple(shown[name]) for name in _CHOSEN}
    values |= {name: bool(shown[name]) for name in _FLAGS}
    for name in (*_COUNTS, "max_age"):
        try:
            values[name] = (float if name == "max_age" else int)(shown[name].strip() or "0")
        except ValueError:
            problems[name] = f"{shown[name]!r} is no number; write one, as in 3"
    start, end = (shown[name].strip() for name in QUIET)
    if bool(start) != bool(end):
        problems["timing.quiet"] = (
            "quiet hours have a beginning and an end, as in 22:00 and 07:00; fill in both, or neither"
        )
    values["timing.quiet"] = (start, end) if start and end else ()
    if problems:
        raise FormError(problems)
    return values


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for part in text.split(",") if (each := part.strip())))


def opened(shown: Mapping[str, Any], plain: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Say whether a folded part of the form has something in it that is not as unsaid."""
    return any(shown[name] != plain[name] for name in names)
