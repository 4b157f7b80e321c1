"""What takes long to find, found once for many views, and anew after some minutes."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")

# Seconds for which something is kept, and how much at most.
_KEPT, _MOST = 300.0, 20


class Remembered(Generic[Key, Found]):
    """Keeps what was found, by what was asked for. Safe for threads: one looks at a time."""

    def __init__(self) -> None:
        self._looking = threading.Lock()
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
