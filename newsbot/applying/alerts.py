"""Alerts, kept as files: ``alerts:``, by name. Shared so, too: ``newsbot alert export`` and ``import``.

Channels stand there by their names: where they lead is secret. What somebody muted is not of the rule, and in
no file.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs

from newsbot.alerts import changing, fields
from newsbot.alerts.checking import Coming, RuleFieldError, check
from newsbot.applying.kind import (
    ABSENT,
    Change,
    Declared,
    Kind,
    Record,
    Scene,
    Step,
    StepError,
)
from newsbot.applying.stated import Place, Problems, Stated, WrongError, no_such, read_file
from newsbot.archive import audit, channels, rules
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.archive.searches import SearchNameError, checked_name
from newsbot.config import Config
from newsbot.query.repairs import nearest

_BLANK = Rule(id="", name="", query="", created_at=datetime.fromtimestamp(0, UTC))
# What no file states: who is muted is one desk's own.
_NOT_STATED = frozenset({"muted"})
_USUAL = {name: value for name, value in fields.values(_BLANK).items() if name not in _NOT_STATED}


class Alerts(Kind):
    """Alerts: a rule's fields as ``newsbot alert show`` calls them."""

    key = "alerts"
    one = "alert"
    stays = frozenset({"name", "query"})
    unset = _USUAL

    @classmethod
    def declare(cls, stated: Stated, problems: Problems) -> list[Declared]:
        """Return the alerts that a file states."""
        found = []
        for given, key, value in stated.pairs(problems):
            with problems.caught():
                try:
                    name = checked_name(given, "an alert")
                except SearchNameError as error:
                    raise key.wrong(str(error)) from None
                values: dict[str, Any] = {}
                places: dict[str, Place] = {}
                with problems.caught():
                    before = len(problems.found)
                    values, places = _read(value, problems)
                    if "query" not in values and len(problems.found) == before:
                        raise key.wrong(
                            f"the alert {name!r} has no query; write it as query: storm OR flood"
                        )
                found.append(
                    Declared(
                        name=name, place=key.place, values={"name": name, **values}, about=places
                    )
                )
        return found

    def records(self) -> list[Record]:
        """Return the alerts that there are."""
        return [
            Record(name=each.name, values=self._stated(each), mark=each.kept_by_file, kept=each)
            for each in rules.everything(self.scene.database)
        ]

    def match(self, declared: Declared, records: Sequence[Record]) -> Record | None:
        """Return the alert of that name; another case is another name."""
        return next((each for each in records if each.name == declared.name), None)

    def differs(self, field: str, old: Any, new: Any) -> bool:
        """Say whether a field is another; a channel may be named by its id."""
        if field == "channels":
            return self._ids(old or ()) != self._ids(new or ())
        return bool(old != new)

    def check_one(self, step: Step, problems: Problems) -> list[Step]:
        """See that an alert can be so, with the lists and sources that files state beside it."""
        if step.declared is None:
            return [step]
        before: Rule = step.record.kept if step.record else _BLANK
        with problems.caught():
            try:
                new = _new(step)
                check(self.scene.database, before, fields.evolved(before, new), self._coming)
            except RuleFieldError as error:
                for name, why in error.problems.items():
                    place = _place(step.declared, name)
                    problems.found.append(WrongError(place, f"{name}: {why}"))
        return [step]

    def apply(self, step: Step) -> None:
        """Add, change, remove or release an alert."""
        database, now, by = self.scene.database, self.scene.now, audit.acting_user()
        try:
            if step.record is None:
                changing.add(database, _new(step), by=by, now=now, mark=step.mark)
            elif step.what == "remove":
                changing.remove(database, step.record.kept, by=by, now=now)
            elif step.what == "release":
                rules.mark(database, step.record.kept.id, None)
            else:
                changing.change(
                    database, step.record.kept, _new(step), by=by, now=now, mark=step.mark
                )
        except (RuleFieldError, rules.RuleExistsError, changing.ChangedMeanwhileError) as error:
            raise StepError(str(error)) from None

    @classmethod
    def written(cls, records: Sequence[Record]) -> tuple[Any, list[str]]:
        """Return alerts as a file states them; a channel without a name is left out, and named."""
        found: dict[str, dict[str, Any]] = {}
        left_out = []
        for each in records:
            made: dict[str, Any] = {}
            for name, value in each.values.items():
                if name == "name" or value == _USUAL[name]:
                    continue
                if name == "channels":
                    unnamed = [one for one in value if one in each.kept.channels]
                    left_out += [
                        f"{each.name}: the channel {one}, which has no name" for one in unnamed
                    ]
                    value = tuple(one for one in value if one not in unnamed)
                    if not value:
                        continue
                section, dot, field = name.partition(".")
                (made.setdefault(section, {}) if dot else made).update(
                    {field if dot else _WORDS.get(name, name): _written(name, value)}
                )
            found[each.name] = made
        return found, left_out

    # Channels, by their names

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {each.id: each.name or each.id for each in channels.everything(self.scene.database)}

    def _ids(self, names: Iterable[str]) -> tuple[str, ...]:
        ids = {name: key for key, name in self._names.items()}
        return tuple(ids.get(each, each) for each in names)

    def _stated(self, rule: Rule) -> dict[str, Any]:
        values = {
            name: value for name, value in fields.values(rule).items() if name not in _NOT_STATED
        }
        shown = tuple(self._names.get(each, each) for each in rule.channels)
        return values | {"channels": shown}

    @cached_property
    def _coming(self) -> Coming:
        """Return what files state that is not there yet."""
        declared = self.scene.declared
        lists = {
            each.name.removeprefix("@"): each.values["entries"]
            for each in declared.get("lists", ())
            if each.values.get("entries")
        }
        names = {
            name.casefold()
            for each in declared.get("sources", ())
            for name in (each.name, *each.values.get("groups", ()))
        }
        return Coming(lists=lists, names=frozenset(names))


def read(path: Path, problems: Problems) -> list[Declared]:
    """Return the alerts that one file states; what else it states is wrong here."""
    declared: list[Declared] = []
    with problems.caught():
        found = read_file(path, str(path))
        if found is None:
            raise WrongError(Place(str(path), 1), "there is nothing in this file")
        for key, at, value in found.pairs(problems):
            with problems.caught():
                if key != Alerts.key:
                    raise at.wrong(
                        f"{key!r} is not imported here, alerts: alone is; newsbot apply takes the others"
                    )
                declared += Alerts.declare(value, problems)
    return declared


def importing(
    database: Database,
    config: Config,
    declared: Sequence[Declared],
    problems: Problems,
    *,
    now: datetime,
) -> tuple[Alerts, list[Step]]:
    """Return what adds the alerts of a file, or changes those of their names to what it states.

    Fields that it does not state stay as they are, and the file keeps none of them.
    """
    kind = Alerts(Scene(database, config, now, {Alerts.key: declared}))
    there = kind.records()
    steps = []
    for each in declared:
        record = kind.match(each, there)
        values = record.values if record else {}
        changes = tuple(
            Change(field, values.get(field, ABSENT), value)
            for field, value in each.values.items()
            if record is None or kind.differs(field, values.get(field), value)
        )
        if changes:
            steps.append(
                Step(
                    what="change" if record else "add",
                    name=each.name,
                    changes=changes,
                    declared=each,
                    record=record,
                    mark=record.mark if record else None,
                )
            )
    return kind, kind.check(steps, problems)


# What a file states


def _texts(value: Stated) -> tuple[str, ...]:
    return tuple(each.text() for each in value.each())


def _count(value: Stated) -> int:
    return value.whole(0, 1_000_000)


def _weekday(value: Stated) -> int:
    text = value.text().casefold()
    if text in fields.WEEKDAYS:
        return fields.WEEKDAYS.index(text)
    meant = nearest(text, fields.WEEKDAYS)
    raise value.wrong(
        f"{text!r} is no day of the week" + (f"; did you mean {meant}?" if meant else "")
    )


def _surge(value: Stated) -> str:
    text = value.text_or_nothing()
    return "" if text == "none" else text


def _paused(value: Stated) -> str:
    return "paused" if value.truth() else "active"


# How fields are read; those that are not here are texts.
_READERS: Mapping[str, Callable[[Stated], Any]] = {
    **dict.fromkeys(
        ("sources", "languages", "channels", "timing.quiet", "edits.kinds", "noise.without"),
        _texts,
    ),
    **dict.fromkeys(
        ("timing.most", "edits.least", "noise.mentions", "spread.publishers", "spread.groups"),
        _count,
    ),
    **dict.fromkeys(("timing.even_empty", "edits.meets", "noise.title_only"), Stated.truth),
    "timing.weekday": _weekday,
    "spread.surge": _surge,
    "max_age": lambda value: value.number(0, 1_000_000),
    "state": _paused,
}
# What files call fields otherwise.
_WORDS = {"state": "paused"}
_FIELDS = {word: name for name, word in _WORDS.items()}


def _read(value: Stated, problems: Problems) -> tuple[dict[str, Any], dict[str, Place]]:
    """Return an alert's values, flat, and where each stands."""
    known = {_WORDS.get(name, name) for name in _USUAL if "." not in name and name != "name"} | set(
        fields.SECTIONS
    )
    values: dict[str, Any] = {}
    places: dict[str, Place] = {}

    def take(name: str, each: Stated) -> None:
        values[name] = _READERS.get(name, Stated.text)(each)
        places[name] = each.place

    for word, key, each in value.pairs(problems):
        with problems.caught():
            if word not in known:
                raise key.wrong(no_such(word, dict.fromkeys(sorted(known)), "an alert"))
            if word not in fields.SECTIONS:
                take(_FIELDS.get(word, word), each)
                continue
            places[word] = key.place
            inside = [field.name for field in attrs.fields(fields.SECTIONS[word])]
            for field, at, one in each.pairs(problems):
                with problems.caught():
                    if field not in inside:
                        raise at.wrong(no_such(field, dict.fromkeys(inside), f"{word}:"))
                    take(f"{word}.{field}", one)
    return values, places


def _place(declared: Declared, name: str) -> Place:
    return declared.about.get(name) or declared.about.get(name.partition(".")[0]) or declared.place


def _new(step: Step) -> dict[str, Any]:
    """Return a step's new values, those alone that are of a rule."""
    return {each.field: each.new for each in step.changes if each.field in _USUAL}


def _written(name: str, value: Any) -> Any:
    if name == "timing.weekday":
        return fields.WEEKDAYS[value]
    if name == "state":
        return value == "paused"
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return list(value) if isinstance(value, tuple) else value
