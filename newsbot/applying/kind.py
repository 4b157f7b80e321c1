"""What a kind of record is to files: one class a kind, which the plan is made of and carried out by."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal

import attrs

from newsbot.applying.stated import Place, Problems, Stated, WrongError
from newsbot.archive.connection import Database
from newsbot.archive.file_marks import FileMark
from newsbot.config import Config
from newsbot.fetching.credentials import HIDDEN

# "release": files that state it no longer had not made it: it stays, and is kept by files no more.
What = Literal["add", "change", "remove", "release"]
# What a field is that a record has not got.
ABSENT: Any = None


class StepError(Exception):
    """A step that could not be done; the text says why."""


@attrs.frozen
class Hidden:
    """A value that is shown to nobody; ``variable`` is that of the environment which has it."""

    value: str = attrs.field(repr=False)
    variable: str = attrs.field(default="", eq=False)

    def __str__(self) -> str:
        return f"{HIDDEN} (from ${self.variable})" if self.variable else HIDDEN


@attrs.frozen(kw_only=True)
class Declared:
    """A record as a file states it: only those of its fields that the file names, by their names.

    ``about`` is what its kind knows of it besides, which is no field.
    """

    name: str
    place: Place
    values: Mapping[str, Any]
    about: Any = None


@attrs.frozen(kw_only=True)
class Record:
    """A record as it is in the archive, in the words of files; ``kept`` is the archive's own."""

    name: str
    values: Mapping[str, Any]
    mark: FileMark | None
    kept: Any = attrs.field(repr=False)


@attrs.frozen
class Change:
    """What becomes of one field."""

    field: str
    old: Any
    new: Any


@attrs.frozen(kw_only=True)
class Step:
    """What becomes of one record: ``declared`` by files, or no longer; in the archive, or not yet.

    ``mark`` is what the record has of files afterwards. ``note`` is a remark for people, ``found`` what a
    kind has learnt for carrying it out.
    """

    what: What
    name: str
    changes: tuple[Change, ...] = ()
    declared: Declared | None = None
    record: Record | None = None
    mark: FileMark | None = None
    note: str = ""
    found: Any = attrs.field(default=None, repr=False)


@attrs.frozen
class Scene:
    """Where a plan is made: the archive, and what becomes of the kinds that come before."""

    database: Database
    config: Config
    now: datetime
    # What files state, right or wrong, and the steps decided so far, by the kinds' keys.
    declared: Mapping[str, Sequence[Declared]]
    steps: dict[str, list[Step]] = attrs.field(factory=dict)
    # What is to be said of what is passed over.
    remarks: list[str] = attrs.field(factory=list)


class Kind(ABC):
    """A kind of record that files may keep.

    ``key`` is what it is called in files, ``one`` what one of it is called by people. ``stays`` are fields
    that stay as they are when files that stated them do so no longer; any other goes back to what
    ``unset`` says.
    """

    key: ClassVar[str]
    one: ClassVar[str]
    stays: ClassVar[frozenset[str]] = frozenset()
    unset: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    @classmethod
    @abstractmethod
    def declare(cls, stated: Stated, problems: Problems) -> list[Declared]:
        """Return what a file states under this kind's key. Pure; what is wrong goes to ``problems``."""

    @abstractmethod
    def records(self) -> list[Record]:
        """Return the records that the archive has."""

    def match(self, declared: Declared, records: Sequence[Record]) -> Record | None:
        """Return the record that a file means, None for a new one. Raises WrongError."""
        name = declared.name.casefold()
        return next((each for each in records if each.name.casefold() == name), None)

    def differs(self, field: str, old: Any, new: Any) -> bool:  # noqa: ARG002
        """Say whether a field's value is another."""
        return bool(old != new)

    def check(self, steps: Sequence[Step], problems: Problems) -> list[Step]:
        """Return those steps that are to be done, with what has to be known before.

        What forbids one goes to ``problems``.
        """
        return [each for step in steps for each in self.check_one(step, problems)]

    def check_one(self, step: Step, problems: Problems) -> list[Step]:  # noqa: ARG002
        """Do that for one step."""
        return [step]

    @abstractmethod
    def apply(self, step: Step) -> None:
        """Do a step: again and again the same. Values and mark are written at once, the mark never first.

        Raises:
            StepError: when it cannot be done as things are now.
        """

    @classmethod
    @abstractmethod
    def written(cls, records: Sequence[Record]) -> tuple[Any, list[str]]:
        """Return records as a file states them, and a line for each thing that is left out."""


def refused(step: Step, text: str) -> WrongError:
    """Return the error that says why a step cannot be, with the place where files ask for it."""
    return WrongError(step.declared.place if step.declared else None, text)
