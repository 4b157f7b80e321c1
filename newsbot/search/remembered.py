"""What takes long to find, found once for many views, and anew after some minutes."""

import threading
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")

# Seconds for which something is kept, and how much at most.
_KEPT, _MOST = 300.0, 20


class Remembered(Generic[Key, Found]):
    """Keeps what was found, by what was asked for. Safe for threads: one looks at a time."""

    def __init__(self) -> None:
        self._looking = threading.Lock()
        self._soon: threading.Thread | None = None
        self._found: dict[Key, tuple[float, Found]] = {}

    def of(self, key: Key, find: Callable[[], Found]) -> Found:
        """Return what is kept under a key, where it is kept and no older than five minutes; else find it."""
        with self._looking:
            there = self._found.get(key)
            if there is not None and time.monotonic() - there[0] <= _KEPT:
                return there[1]
            found = find()
            if len(self._found) >= _MOST:
                self._found.clear()
            self._found[key] = time.monotonic(), found
            return found

    def soon(self, key: Key, find: Callable[[], Found]) -> Found | None:
        """Return what is kept under a key, however old; where it is old or missing, it is found meanwhile.

        None where nothing is kept yet: whoever asks again later has it.
        """
        there = self._found.get(key)
        if there is None or time.monotonic() - there[0] > _KEPT:
            under_way = self._soon
            if under_way is None or not under_way.is_alive():
                self._soon = threading.Thread(target=self._quietly, args=(key, find), daemon=True)
                self._soon.start()
        return there[1] if there else None

    def _quietly(self, key: Key, find: Callable[[], Found]) -> None:
        with suppress(Exception):  # the next who asks has it tried again
            self.of(key, find)
