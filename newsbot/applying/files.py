"""The files of a folder, or one: read as what they state, and written from what there is."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import yaml

from newsbot.applying.kind import Declared, Kind, Record
from newsbot.applying.kinds import KINDS
from newsbot.applying.stated import Place, Problems, Stated, WrongError, no_such, read_file

_ENDINGS = (".yaml", ".yml")


class FilesError(Exception):
    """Files that cannot be read or written as a whole; the text says why and what to do."""


@attrs.frozen(kw_only=True)
class Files:
    """What files state: ``declared`` by kind.

    ``name`` is that of the set they are, ``only`` the one file of it that was read, "" where all were;
    ``paths`` are the files in the set, by what errors call them. ``whole`` says that nothing is missing
    of what they state, though some of it may be wrong.
    """

    name: str
    only: str
    paths: Mapping[str, str]
    declared: Mapping[str, list[Declared]]
    whole: bool

    def by(self, declared: Declared) -> str:
        """Return the file that states something, as a mark names it."""
        return f"{self.name}/{self.paths[declared.place.file]}"

    def own(self, by: str) -> bool:
        """Say whether a mark is of this set, whichever its file."""
        return by.startswith(f"{self.name}/")

    def cover(self, by: str) -> bool:
        """Say whether what has this mark would be stated here, if files still stated it."""
        return by == f"{self.name}/{self.only}" if self.only else self.own(by)


def read_files(path: Path, name: str, problems: Problems) -> Files:
    """Return what a folder's files, or one file, state. ``name`` is the set's, "" for the folder's.

    Raises:
        FilesError: when there is nothing to read.
    """
    one = path.is_file()
    found = [path] if one else _in_folder(path)
    folder = path.parent if one else path
    declared: dict[str, list[Declared]] = {kind.key: [] for kind in KINDS}
    whole = True
    for each in found:
        whole &= _read(each, declared, problems)
    for of_kind in declared.values():
        _see_that_once(of_kind, problems)
    return Files(
        name=name or folder.resolve().name or "files",
        only=path.name if one else "",
        paths={str(each): each.relative_to(folder).as_posix() for each in found},
        declared=declared,
        whole=whole,
    )


def _in_folder(folder: Path) -> list[Path]:
    if not folder.exists():
        raise FilesError(f"there is no file and no folder {folder}")
    if not folder.is_dir():
        raise FilesError(f"{folder} is neither a file nor a folder")
    found = []
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        found += [
            Path(at, each)
            for each in sorted(names)
            if each.endswith(_ENDINGS) and not each.startswith(".")
        ]
    if not found:
        raise FilesError(
            f"{folder} has no file that ends in .yaml or .yml; to be rid of all that its files added, "
            "have one that says: lists: {}"
        )
    return sorted(found)


def _read(path: Path, declared: Mapping[str, list[Declared]], problems: Problems) -> bool:
    """Add what a file states; returns whether all of it could be told."""
    kinds = {kind.key: kind for kind in KINDS}
    before = len(problems.found)
    with problems.caught():
        found = read_file(path, str(path))
        for key, at, value in found.pairs(problems) if found else ():
            with problems.caught():
                if key not in kinds:
                    raise at.wrong(no_such(key, kinds, "a file"))
                if not _is_empty(value):
                    before += _declare(kinds[key], value, declared[key], problems)
    return len(problems.found) == before


def _declare(kind: type[Kind], value: Stated, into: list[Declared], problems: Problems) -> int:
    """Add what stands under a kind's key; returns how much of it is wrong and yet named."""
    before = len(problems.found)
    into += kind.declare(value, problems)
    return len(problems.found) - before


def _is_empty(value: Stated) -> bool:
    return isinstance(value.node, yaml.ScalarNode) and not value.node.value


def _see_that_once(declared: Sequence[Declared], problems: Problems) -> None:
    seen: dict[str, Place] = {}
    for each in declared:
        with problems.caught():
            first = seen.setdefault(each.name.casefold(), each.place)
            if first != each.place:
                raise WrongError(each.place, f"{each.name} is stated twice, first in {first}")


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]  # PyYAML has no types
    """Writes lists a step further in than their names, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:  # noqa: ARG002
        return super().increase_indent(flow, indentless=False)


@attrs.frozen
class Written:
    """A file that was written: how many records it has of what, how many values are left out."""

    file: Path
    count: int
    of: str
    left_out: int


_HEAD = "# Written by newsbot apply --export; newsbot apply reads it.\n"


def text_of(kind: type[Kind], records: Sequence[Record], head: str = _HEAD) -> tuple[str, int]:
    """Return records of a kind as a file states them, and how many values are left out."""
    value, left_out = kind.written(records)
    said = "".join(f"# Left out, since it may be secret: {each}\n" for each in left_out)
    text = yaml.dump(
        {kind.key: value}, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000
    )
    return f"{head}{said}{text}", len(left_out)


def write_files(folder: Path, records: Mapping[str, Sequence[Record]]) -> list[Written]:
    """Write records, by kind, as files.

    Raises:
        FilesError: when one is there already, or cannot be written.
    """
    made: list[tuple[Written, str]] = []
    for kind in KINDS:
        if records[kind.key]:
            text, left_out = text_of(kind, records[kind.key])
            count = len(records[kind.key])
            of = kind.one if count == 1 else kind.key
            made.append((Written(folder / f"{kind.key}.yaml", count, of, left_out), text))
    there = [str(each.file) for each, _ in made if each.file.exists()]
    if there:
        raise FilesError(f"{', '.join(there)} would be written over; give another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each, text in made:
            with each.file.open("x", encoding="utf8") as file:
                file.write(text)
    except OSError as error:
        raise FilesError(
            f"{error.filename or folder} cannot be written: {error.strerror}"
        ) from None
    return [each for each, _ in made]
