"""Replayed articles to a file of JSON Lines, one article a line, without an archive.

The file grows as the replay goes on. Beside it stands ``FILE.state`` until it is complete: how far the
replay is, and how long the file was then. A replay that was killed cuts the file back to that and goes
on, so that each article stands there once.
"""

import json
import os
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

from newsbot.archive.articles import story_of
from newsbot.archive.sources import source_id
from newsbot.fetching.captures import Provenance
from newsbot.items import derived_id
from newsbot.reading import Candidate
from newsbot.replay.reader import Page
from newsbot.text.urls import site_of


class LinesExistError(Exception):
    """The file is there already, and no replay that was stopped left it; the text says what to do."""


@attrs.frozen(kw_only=True)
class LinesState:
    """How far a replay to a file is: its files by id (None: done), and the file's length."""

    asked: str
    offsets: dict[str, int | None]
    length: int


class LinesDestination:
    """Writes to a file. ``asked`` says what of the files is wanted."""

    def __init__(self, path: Path, asked: str) -> None:
        self._path = path
        self._files: Sequence[str] = ()
        self._asked = asked
        self._names: dict[str, str] = {}
        # Of articles: their ids, and for each source their texts, as eight bytes each.
        self._seen: set[int] = set()
        self._texts: set[int] = set()
        state = self._read_state()
        self.offsets: dict[str, int | None] = dict(state.offsets) if state else {}
        if state is None and path.exists() and path.stat().st_size:
            raise LinesExistError(
                f"{path} is there already; name another file, or remove it to write it anew"
            )
        self._file = path.open("r+b" if state else "wb")
        if state:
            self._go_on(state)

    def _go_on(self, state: LinesState) -> None:
        self._file.truncate(state.length)
        for line in self._file:
            self._note(json.loads(line))
        self._file.seek(0, os.SEEK_END)

    def _note(self, line: dict[str, Any]) -> None:
        self._seen.add(_key(line["id"]))
        self._texts.add(_key(line["source"], line["content_hash"]))

    def replays(self, files: Sequence[str]) -> None:
        """Say which files, by their ids, are replayed."""
        self._files = files

    def on_behalf_of(self, page: Page) -> Provenance:
        """Return the page's own provenance, or that of its host."""
        own = page.provenance
        if own is None:
            parts = urlsplit(page.url)
            homepage = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
            name = site_of(page.url)
            own = Provenance(source=source_id(homepage), name=name, homepage=homepage)
        self._names[own.source] = own.name
        return own

    def write(self, candidates: Sequence[Candidate]) -> Counter[str]:
        """Append articles, each once, and each text of a source once."""
        tally: Counter[str] = Counter()
        lines = []
        for candidate in candidates:
            line = self._line(candidate)
            if _key(line["id"]) in self._seen:
                tally["known"] += 1
            elif candidate.prints.telling and (
                _key(line["source"], line["content_hash"]) in self._texts
            ):
                tally["duplicate"] += 1
            else:
                self._note(line)
                tally["new"] += 1
                lines.append(json.dumps(line, ensure_ascii=False, default=_plain))
        if lines:
            self._file.write("\n".join([*lines, ""]).encode("utf8", "replace"))
        return tally

    def _line(self, candidate: Candidate) -> dict[str, Any]:
        article, prints = candidate.article, candidate.prints
        return attrs.asdict(article) | {
            "source": self._names.get(article.source, article.source),
            "story": story_of(article, prints),
            "content_hash": prints.content,
        }

    def save(self, file: int, offset: int) -> None:
        """Note that all before this place is in the file, and see that it is."""
        for done in self._files[:file]:
            self.offsets[done] = None
        if file < len(self._files):
            self.offsets[self._files[file]] = offset
        self._file.flush()
        os.fsync(self._file.fileno())
        self._write_state()

    def forget(self, files: Sequence[str]) -> None:
        """Take files, by their ids, for not replayed."""
        for each in files:
            self.offsets.pop(each, None)
        self._write_state()

    def _write_state(self) -> None:
        state = LinesState(asked=self._asked, offsets=self.offsets, length=self._file.tell())
        draft = self._state_path.with_name(self._state_path.name + ".part")
        draft.write_text(json.dumps(attrs.asdict(state)), encoding="utf8")
        draft.replace(self._state_path)

    def finish(self) -> None:
        """Say that the file is complete."""
        self._file.close()
        self._state_path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave the file as it is, for another replay to go on with."""
        self._file.close()

    @property
    def _state_path(self) -> Path:
        return self._path.with_name(self._path.name + ".state")

    def _read_state(self) -> LinesState | None:
        try:
            state = LinesState(**json.loads(self._state_path.read_text(encoding="utf8")))
        except (OSError, ValueError, TypeError):
            return None
        length = self._path.stat().st_size if self._path.exists() else -1
        return state if state.asked == self._asked and length >= state.length else None


def _key(*parts: str) -> int:
    return int(derived_id(*parts)[:16], 16)


def _plain(value: object) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a line")
