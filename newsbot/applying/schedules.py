"""Schedules, kept as files: ``schedules:``, by source, a rule of time an entry."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs

from newsbot.applying.kind import Declared, Kind, Record, Scene, Step, StepError, refused
from newsbot.applying.stated import Problems, Stated, WrongError
from newsbot.archive import schedules, sources
from newsbot.archive.connection import Database
from newsbot.archive.schedules import Kind as Rule
from newsbot.archive.schedules import Schedule
from newsbot.items import derived_id
from newsbot.query.repairs import nearest
from schedules.timing import ScheduleError, next_times, timing_of

# What files call the kinds of rules.
_RULES: dict[str, Rule] = {"cron": "cron", "every": "interval", "at": "once"}
_WORDS = {kind: word for word, kind in _RULES.items()}
_EXAMPLE = 'write one as cron: "0 6 * * mon-fri", every: 6h or at: 2027-01-31T06:00'
# What files call what may be changed of a schedule.
_FIELDS = ("paused", "jitter", "not", "late")


class Schedules(Kind):
    """Operators' schedules. Source, rule and time zone are what tells one from another."""

    key = "schedules"
    one = "schedule"
    unset = {"paused": False, "jitter": "0s", "not": (), "late": "always"}  # noqa: RUF012 - declared as a ClassVar

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._named = _named(scene.database)

    @classmethod
    def declare(cls, stated: Stated, problems: Problems) -> list[Declared]:
        """Return the schedules that a file states."""
        found = []
        for source, _, rules in stated.pairs(problems):
            with problems.caught():
                for rule in rules.each():
                    with problems.caught():
                        found.append(_declared(source, rule, problems))
        return [each for each in found if each is not None]

    def records(self) -> list[Record]:
        """Return the schedules that there are."""
        found = schedules.everything(self.scene.database)
        names = {each.id: each.name for each in sources.everything(self.scene.database)}
        return [
            Record(
                name=_name(names.get(each.source, "(removed)"), each),
                values=_values(each),
                mark=each.kept_by_file,
                kept=each,
            )
            for each in found
        ]

    def match(self, declared: Declared, records: Sequence[Record]) -> Record | None:
        """Return the schedule of that source with that rule."""
        source = self._source(declared)
        rule = declared.about[1]
        return next(
            (
                each
                for each in records
                if each.kept.source == source and _meaning(each.kept) == _meaning(rule)
            ),
            None,
        )

    def check_one(self, step: Step, problems: Problems) -> list[Step]:
        """See that its source stays, and that its time is still to come."""
        if step.declared is None:
            return [step]
        with problems.caught():
            gone = next(
                (
                    each
                    for each in self.scene.steps.get("sources", ())
                    if each.what == "remove"
                    and each.record
                    and each.record.kept.id == self._source(step.declared)
                ),
                None,
            )
            if gone:
                raise refused(
                    step,
                    f"the files no longer have the source {gone.name!r}; take its schedules out, too",
                )
            coming = next_times(step.declared.about[1], self.scene.now, count=1)
            if not coming and step.declared.about[1].blackouts:
                raise refused(step, "all of its times are past, or in its windows; give it fewer")
            if step.what == "add" and not coming:
                self.scene.remarks.append(
                    f"{step.declared.place}: {step.name} is past and is not added; take it out"
                )
                return []
        return [step]

    def apply(self, step: Step) -> None:
        """Add, pause, resume, remove or release a schedule."""
        database = self.scene.database
        if step.record:
            kept = step.record.kept
            if step.what == "remove":
                schedules.remove(database, kept.id)
                return
            changes = {each.field: each.new for each in step.changes if each.field in _FIELDS}
            schedules.mark(database, kept.id, step.mark, self.scene.now, **_changes(changes))
        elif step.declared and step.what == "add":
            name, rule = step.declared.about
            if name.casefold() not in self._named:
                self._named = _named(database)  # with the sources that were just added
            source = self._named.get(name.casefold())
            if source is None:
                raise StepError(f"there is no source {name!r} any more")
            made = attrs.evolve(
                rule,
                id=derived_id("schedule", source, rule.kind, rule.when, rule.timezone),
                source=source,
                kept_by_file=step.mark,
                added_at=self.scene.now,
            )
            try:
                schedules.add(database, made)
            except schedules.ScheduleExistsError:
                schedules.mark(
                    database,
                    made.id,
                    step.mark,
                    self.scene.now,
                    **_changes({each: _values(made)[each] for each in step.declared.values}),
                )

    @classmethod
    def written(cls, records: Sequence[Record]) -> tuple[Any, list[str]]:
        """Return schedules as a file states them."""
        found: dict[str, list[dict[str, Any]]] = {}
        for each in records:
            kept: Schedule = each.kept
            rule: dict[str, Any] = {_WORDS[kept.kind]: _span(kept)}
            if kept.timezone != "UTC":
                rule["timezone"] = kept.timezone
            for field, value in _values(kept).items():
                if value != cls.unset[field]:
                    rule[field] = list(value) if isinstance(value, tuple) else value
            found.setdefault(each.name.partition(": ")[0], []).append(rule)
        return found, []

    def _source(self, declared: Declared) -> str | None:
        """Return the id of the source that a schedule is for; None for one that is yet to be added."""
        name = declared.about[0]
        if source := self._named.get(name.casefold()):
            return source
        stated = self.scene.declared.get("sources", ())
        if not any(each.name.casefold() == name.casefold() for each in stated):
            known = [each.name for each in sources.everything(self.scene.database)]
            meant = nearest(name, [*known, *(each.name for each in stated)])
            raise WrongError(
                declared.place,
                f"there is no source {name!r}"
                + (f"; did you mean {meant!r}?" if meant else "; state it under sources:"),
            )
        renamed = (
            each.record.kept.id
            for each in self.scene.steps.get("sources", ())
            if each.record and each.declared and each.declared.name.casefold() == name.casefold()
        )
        return next(renamed, None)


def _named(database: Database) -> dict[str, str]:
    """Return the ids of all sources by their names, of now and before, those of merged ones too."""
    every = {each.id: each for each in sources.records(database)}
    return {
        name.casefold(): sources.living(each, every).id
        for each in every.values()
        for name in (*each.former_names, each.name)
    }


def _declared(source: str, value: Stated, problems: Problems) -> Declared | None:
    readers: dict[str, Callable[[Stated], Any]] = {
        name: lambda each: each.text() for name in (*_RULES, "timezone")
    }
    readers |= {
        "paused": lambda each: each.truth(),
        "jitter": _seconds,
        "not": lambda each: tuple(one.text() for one in each.each()),
        "late": _lateness,
    }
    before = len(problems.found)
    read = value.fields(readers, "a schedule", problems)
    given = [word for word in _RULES if word in read]
    if len(given) != 1:
        if len(problems.found) > before:  # it is wrong otherwise
            return None
        raise value.wrong(f"a schedule has one of cron, every and at; {_EXAMPLE}")
    kind = _RULES[given[0]]
    when = " ".join(read[given[0]].split())
    rule = Schedule(
        id="",
        source="",
        kind=kind,
        when=schedules.seconds_in(when) if kind == "interval" else when,
        timezone=read.get("timezone", "UTC"),
        paused=read.get("paused", False),
        jitter=read.get("jitter", 0.0),
        blackouts=read.get("not", ()),
        late=read.get("late"),
        added_at=datetime.fromtimestamp(0, UTC),
    )
    try:
        timing_of(rule)
    except ScheduleError as error:
        raise value.wrong(str(error)) from None
    return Declared(
        name=_name(source, rule),
        place=value.place,
        values={name: value for name, value in _values(rule).items() if name in read},
        about=(source, rule),
    )


def _name(source: str, rule: Schedule) -> str:
    zone = "" if rule.timezone == "UTC" else f" ({rule.timezone})"
    return f"{source}: {_WORDS[rule.kind]} {_span(rule)}{zone}"


def _meaning(rule: Schedule) -> tuple[str, object, str]:
    """Return what two rules have in common that mean the same."""
    when = float(rule.when) if rule.kind == "interval" else " ".join(rule.when.split())
    return rule.kind, when, rule.timezone


def _values(rule: Schedule) -> dict[str, Any]:
    """Return what may be changed of a schedule, as files and plans have it."""
    return {
        "paused": rule.paused,
        "jitter": schedules.span(rule.jitter),
        "not": rule.blackouts,
        "late": "always" if rule.late is None else schedules.span(rule.late),
    }


def _changes(values: Mapping[str, Any]) -> schedules.Changes:
    """Return changes of a schedule, from values as files and plans have them."""
    found: schedules.Changes = {}
    if "paused" in values:
        found["paused"] = values["paused"]
    if "jitter" in values:
        found["jitter"] = float(schedules.seconds_in(values["jitter"]))
    if "not" in values:
        found["blackouts"] = tuple(values["not"])
    if "late" in values:
        late = values["late"]
        found["late"] = None if late == "always" else float(schedules.seconds_in(late))
    return found


def _seconds(stated: Stated) -> float:
    text = stated.text()
    try:
        seconds = float(schedules.seconds_in(text))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise stated.wrong(f"{text!r} is no time; write seconds, or as 5m, 2h, 1d")
    return seconds


def _lateness(stated: Stated) -> float | None:
    return None if stated.text() == "always" else _seconds(stated)


def _span(rule: Schedule) -> str:
    """Return a rule's time as it is written; an interval in the largest unit that it has whole."""
    return schedules.span(rule.when) if rule.kind == "interval" else rule.when
