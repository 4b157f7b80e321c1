"""Which stories were found to be one, by the numbers that stand for stories in the index.

All links of the archive are kept in memory, so that stories can be counted among any number of articles.
They are read once, and then what is new: a link is made once and never changes. Beside the index they are
kept in a file, for the next process: to read one from the archive takes 25 µs, from the file 1 µs.
"""

import threading
import time
from array import array
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsbot.archive import stories
from newsbot.archive.connection import Database
from newsbot.search.index import key_of

# What is new is asked for from so long before the last link on, for clocks that differ.
_OVERLAP = timedelta(minutes=5)
# The file is written again when so many links are not in it.
_UNWRITTEN = 1_000
_FILE = "links"


class Linked:
    """The links of an archive, beside one generation of its index. Safe for threads."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._file = folder / _FILE
        self._lock = threading.Lock()
        self._to: dict[int, int] = {}
        self._any: set[int] = set()
        self._last = 0  # when the last link was made: microseconds since 1970
        self._written = 0
        self._load()

    def refresh(self) -> None:
        """Learn of the links that were made since."""
        with self._lock:
            since = datetime.fromtimestamp(self._last / 1e6, UTC) - _OVERLAP if self._last else None
            for link in stories.links(self._database, since=since):
                self._take(key_of(link.story), key_of(link.to))
                self._last = max(self._last, round(link.at.timestamp() * 1e6))
            if len(self._to) >= self._written + _UNWRITTEN:
                self._keep()

    def apart(self, found: Iterable[int]) -> tuple[int, set[int]]:
        """Return how many of these stories are linked with none, and what stands for the others."""
        among = set(found)
        with self._lock:
            linked = among & self._any
            return len(among) - len(linked), {self._head(each) for each in linked}

    def standing(self, found: Iterable[int]) -> dict[int, int]:
        """Return, for those of these stories that are linked, what stands for each."""
        with self._lock:
            return {each: self._head(each) for each in set(found) & self._any}

    def _head(self, story: int) -> int:
        passed = []
        while (to := self._to.get(story)) is not None:
            passed.append(story)
            story = to
        # The next time it is one step: what stands for a story stands for all that lead to it.
        self._to.update(dict.fromkeys(passed, story))
        return story

    def _take(self, story: int, to: int) -> None:
        self._to[story] = to
        self._any |= {story, to}

    def _load(self) -> None:
        numbers = array("q")
        try:
            numbers.frombytes(self._file.read_bytes())
        except (OSError, ValueError):
            return  # all of it is read from the archive
        for place in range(1, len(numbers) - 1, 2):
            self._take(numbers[place], numbers[place + 1])
        self._last, self._written = (numbers[0] if numbers else 0), len(self._to)

    def _keep(self) -> None:
        numbers = array("q", [self._last, *(each for pair in self._to.items() for each in pair)])
        draft = self._file.with_name(f"{_FILE}.{time.monotonic_ns()}.new")
        try:
            draft.write_bytes(numbers.tobytes())
            draft.replace(self._file)
        except OSError:
            return  # a folder that cannot be written is read only
        self._written = len(self._to)
