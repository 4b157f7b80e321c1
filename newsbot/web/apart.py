"""Work on publishers' pages in a process of its own, so that none of them hangs or ends the pages of newsbot."""

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from newsbot.parts import end_with_parent

P = ParamSpec("P")
R = TypeVar("R")


class ApartError(Exception):
    """A page that could not be worked on; the text says why."""


class Apart:
    """Does one thing after another in one other process, which begins with the first. Safe for threads."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None

    def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what a pure function of a module returns.

        Raises:
            ApartError: when it took longer than the timeout (seconds), raised, or ended its process.
        """
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPool(
                    max_workers=1,
                    max_tasks=1_000,
                    initializer=end_with_parent,
                    context=multiprocessing.get_context("spawn"),
                )
            pool = self._pool
        try:
            future = pool.schedule(work, args=args, kwargs=kwargs, timeout=self._timeout)
            result: R = future.result()
            return result
        except (TimeoutError, FutureTimeoutError):
            raise ApartError(f"it took longer than {self._timeout:.0f} s") from None
        except ProcessExpired as error:
            raise ApartError(f"it ended its process with {error.exitcode}") from None
        except Exception as error:
            raise ApartError(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """End the process."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join(timeout=1)
