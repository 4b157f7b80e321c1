"""From what files state to what has to be done, and done.

Files own what they state, field by field: a field that no file states is nobody's. What they stated
before and do so no longer stands in the record's mark (``FileMark``), so a field goes back to what it is
without files, and a record goes where files had added it, and stays where they had found it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import attrs

from newsbot.applying.files import Files
from newsbot.applying.kind import ABSENT, Change, Declared, Kind, Record, Scene, Step, StepError
from newsbot.applying.kinds import KINDS
from newsbot.applying.stated import Problems, WrongError
from newsbot.archive.connection import Database
from newsbot.archive.file_marks import FileMark
from newsbot.config import Config

# What is told where a mark changes: by which file, and of which fields.
BY, STATED = "kept by file", "fields in the file"


@attrs.frozen
class Plan:
    """What has to be done, in its order: each step with its kind. ``remarks`` are for people."""

    steps: tuple[tuple[Kind, Step], ...]
    remarks: tuple[str, ...] = ()

    def carry_out(self, told: Callable[[Kind, Step], None] = lambda _kind, _step: None) -> None:
        """Do all of it; ``told`` gets each step once it is done.

        Raises:
            StepError: at the first that cannot be done; those before it are done.
        """
        for done, (kind, step) in enumerate(self.steps):
            try:
                kind.apply(step)
            except StepError as error:
                raise StepError(
                    f"{kind.one} {step.name}: {error}\n{done} of {len(self.steps)} changes are done; "
                    "run the command again for the others"
                ) from None
            told(kind, step)


def records(database: Database, config: Config, now: datetime) -> dict[str, list[Record]]:
    """Return what the archive has, by kind."""
    scene = Scene(database, config, now, {})
    return {kind.key: kind(scene).records() for kind in KINDS}


def plan(
    database: Database, config: Config, files: Files, problems: Problems, *, now: datetime
) -> Plan:
    """Return what makes the archive be as files say; what cannot be goes to ``problems``."""
    scene = Scene(database, config, now, files.declared)
    kinds = [kind(scene) for kind in KINDS]
    for kind in kinds:
        steps = list(_steps(kind, files, problems))
        scene.steps[kind.key] = steps  # a check may ask what becomes of its own kind
        scene.steps[kind.key] = kind.check(steps, problems)
    going = [
        (kind, step)
        for kind in reversed(kinds)
        for step in scene.steps[kind.key]
        if step.what == "remove"
    ]
    coming = [
        (kind, step) for kind in kinds for step in scene.steps[kind.key] if step.what != "remove"
    ]
    return Plan((*coming, *going), tuple(scene.remarks))


def _steps(kind: Kind, files: Files, problems: Problems) -> Iterator[Step]:
    there = kind.records()
    meant: dict[str, Declared] = {}
    for declared in files.declared[kind.key]:
        record = None
        with problems.caught():
            record = kind.match(declared, there)
            if record and (other := meant.setdefault(record.name, declared)) is not declared:
                raise WrongError(
                    declared.place,
                    f"{declared.name} is the {kind.one} {record.name}, which {other.place} states "
                    f"as {other.name}; state it once",
                )
            step = _step(kind, files, declared, record)
            if step.changes:
                yield step
    for record in _no_longer_stated(there, meant, files):
        mark = record.mark
        if mark and mark.added:
            yield Step(what="remove", name=record.name, record=record)
        else:
            note = "it was there before the files; it stays, and is kept by them no longer"
            yield Step(what="release", name=record.name, record=record, note=note)


def _step(kind: Kind, files: Files, declared: Declared, record: Record | None) -> Step:
    by, fields = files.by(declared), tuple(sorted(declared.values))
    if record is None:
        return Step(
            what="add",
            name=declared.name,
            changes=(
                *(Change(field, ABSENT, value) for field, value in declared.values.items()),
                Change(BY, ABSENT, by),
            ),
            declared=declared,
            mark=FileMark(by=by, fields=fields, added=True),
        )
    before = record.mark or FileMark(by="")
    changes = [
        Change(field, record.values.get(field, ABSENT), value)
        for field, value in declared.values.items()
        if kind.differs(field, record.values.get(field, ABSENT), value)
    ]
    if files.own(before.by):
        dropped = [f for f in before.fields if f not in declared.values and f not in kind.stays]
        unset = ((field, kind.unset.get(field, ABSENT)) for field in dropped)
        changes += [
            Change(field, record.values.get(field, ABSENT), value)
            for field, value in unset
            if record.values.get(field, ABSENT) != value
        ]
    if before.by != by:
        changes.append(Change(BY, before.by or ABSENT, by))
    elif before.fields != fields and not changes:
        changes.append(Change(STATED, before.fields, fields))
    return Step(
        what="change",
        name=record.name,
        changes=tuple(changes),
        declared=declared,
        record=record,
        mark=FileMark(by=by, fields=fields, added=before.added),
    )


def _no_longer_stated(
    there: Sequence[Record], meant: dict[str, Declared], files: Files
) -> list[Record]:
    return [
        record
        for record in there
        if record.mark and files.cover(record.mark.by) and record.name not in meant
    ]
