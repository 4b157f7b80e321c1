"""Extraction in processes of its own, so that no page can hold up or bring down the crawl.

The pool belongs to the process and serves all its crawls. A page that takes too long, or that ends
its extractor, costs that page alone.
"""

import asyncio
import contextlib
import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from multiprocessing import connection

from pebble import ProcessExpired, ProcessPool

from newsbot.extraction import Extracted, extract


class ExtractionError(Exception):
    """A page that could not be extracted; the text says why."""


class Extractors:
    """Extracts pages in ``processes`` other processes, or in a thread where that is 0."""

    def __init__(self, processes: int, timeout: float) -> None:
        self._timeout = timeout
        # A thread of its own: waiting pages must not hold up the lease's renewal.
        self._thread = ThreadPoolExecutor(1, "extract") if not processes else None
        self._pool = (
            ProcessPool(
                max_workers=processes,
                max_tasks=5_000,  # a leak in a parser stays small
                initializer=_end_with_parent,
                context=multiprocessing.get_context("spawn"),
            )
            if processes
            else None
        )

    async def extract(self, html: bytes, url: str) -> Extracted:
        """Return what ``newsbot.extraction.extract`` does.

        Raises:
            ExtractionError: when it took longer than the timeout, or crashed.
        """
        if self._pool is None:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, extract, html, url)
        future = self._pool.schedule(extract, args=(html, url), timeout=self._timeout)
        try:
            extracted: Extracted = await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeoutError):
            raise ExtractionError(f"took longer than {self._timeout:.0f} s") from None
        except ProcessExpired as error:
            raise ExtractionError(f"ended its process with {error.exitcode}") from None
        except Exception as error:
            raise ExtractionError(f"{type(error).__name__}: {error}") from error
        return extracted

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join(timeout=1)
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """End this process when its parent does, however that ends."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        with contextlib.suppress(OSError):
            connection.wait([parent.sentinel])
        import os

        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
