"""An export on its way: what it takes, how far it is, and what stands there already.

``FILE.part`` is a folder beside the file: ``asked.json`` (what is exported, and what was found), ``ids``
(which articles, in order), ``data`` (all chunks so far), ``stories`` (which stories these tell, to know
the first of each) and ``at.json`` (how far that is). An export that was killed cuts ``data`` and
``stories`` back to what ``at.json`` says and goes on from there.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import attrs

# A line of ``ids`` or ``stories``: 24 hexadecimal digits and a line end.
_LINE = 25


class DraftBusyError(Exception):
    """Another process writes the same file; the text says so."""


class DraftOfAnotherError(Exception):
    """What was left of an export to this file was another; the text says what to do."""


@attrs.frozen(kw_only=True)
class At:
    """How far an export is: articles done, bytes of data and of stories, and the counts so far."""

    done: int = 0
    length: int = 0
    stories: int = 0
    counts: Mapping[str, int] = attrs.field(factory=dict)
    by_source: Mapping[str, int] = attrs.field(factory=dict)


class Draft:
    """The folder of one export; a context manager that keeps other processes from it."""

    def __init__(self, path: Path) -> None:
        self.whole = path
        self.folder = path.with_name(path.name + ".part")
        self._lock: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Take the folder, making it where it is not."""
        if self.whole.is_dir():
            raise IsADirectoryError(21, "it is a folder", str(self.whole))
        self.folder.mkdir(exist_ok=True)
        self._lock = (self.folder / "lock").open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise DraftBusyError(f"{self.whole} is being written by another export") from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of it; one that nothing was written to goes."""
        assert self._lock is not None
        if not (self.folder / "asked.json").exists():
            self.remove()
        self._lock.close()

    # What is exported

    def asked(self) -> dict[str, Any] | None:
        """Return what the export that was left here takes; None where none was."""
        try:
            asked: dict[str, Any] = json.loads((self.folder / "asked.json").read_text("utf8"))
        except (OSError, ValueError):
            return None
        return asked

    def begin(self, asked: Mapping[str, Any], ids: Iterable[str]) -> dict[str, Any]:
        """Write down what is exported, in place of anything there.

        Returns it with ``articles``: how many these are.
        """
        self.clear()
        count = 0
        with (self.folder / "ids").open("wb") as file:
            for each in ids:
                file.write(f"{each}\n".encode())
                count += 1
            _sync(file)
        settled = {**asked, "articles": count}
        write_json(self.folder / "asked.json", settled)
        return settled

    def clear(self) -> None:
        """Forget what is there."""
        for each in self.folder.iterdir():
            if each.name != "lock":
                each.unlink()

    def ids(self, start: int) -> Iterator[str]:
        """Yield the articles from a place on, in order."""
        return self._read("ids", start)

    def stories(self) -> Iterator[str]:
        """Yield the stories that were told so far."""
        return self._read("stories", 0)

    def _read(self, name: str, start: int) -> Iterator[str]:
        with suppress(FileNotFoundError), (self.folder / name).open("rb") as file:
            file.seek(start * _LINE)
            for line in file:
                yield line.decode().rstrip()

    # How far it is

    @property
    def data(self) -> Path:
        """The file that the chunks are in."""
        return self.folder / "data"

    @property
    def whole_draft(self) -> Path:
        """The whole file, before it is put in its place."""
        return self.folder / "whole"

    def at(self) -> At:
        """Return how far it is."""
        try:
            at = At(**json.loads((self.folder / "at.json").read_text("utf8")))
        except (OSError, ValueError, TypeError):
            return At()
        return at if self.whole_draft.exists() or _size(self.data) >= at.length else At()

    def open(self, name: str, length: int) -> BinaryIO:
        """Open ``data`` or ``stories`` for appending, cut back to a length."""
        path = self.folder / name
        path.touch()
        file = path.open("r+b")
        file.truncate(length)
        file.seek(length)
        return file

    def note(self, at: At, *files: BinaryIO) -> None:
        """Write down how far it is, once what it says is on disk."""
        for file in files:
            _sync(file)
        write_json(self.folder / "at.json", attrs.asdict(at))

    # Its end

    def manifest(self) -> dict[str, Any] | None:
        """Return the manifest, where the export was stopped as it was put in place."""
        try:
            found: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text("utf8"))
        except (OSError, ValueError):
            return None
        return found

    def settle(self, manifest: Mapping[str, Any]) -> None:
        """Put the whole file in its place, then its manifest. May be repeated."""
        write_json(self.folder / "manifest.json", manifest)
        if self.whole_draft.exists():
            with self.whole_draft.open("rb+") as file:
                _sync(file)
            self.whole_draft.replace(self.whole)
        (self.folder / "manifest.json").replace(manifest_path(self.whole))
        self.remove()

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def manifest_path(path: Path) -> Path:
    """Return where the manifest of an exported file stands."""
    return path.with_name(path.name + ".manifest.json")


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a small file so that it is there whole or not at all."""
    part = path.with_name(path.name + ".new")
    with part.open("w", encoding="utf8") as file:
        json.dump(value, file, ensure_ascii=False, indent=2)
        file.write("\n")
        _sync(file)
    part.replace(path)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1


def _sync(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
