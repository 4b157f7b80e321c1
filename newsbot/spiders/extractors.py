"""Work on pages in processes of its own, so that no page can hold up or bring down the crawl.

The pool belongs to the process and serves all its crawls. A page that takes too long, or that ends
its extractor, costs that page alone. And while pages are extracted and read on all cores, the crawl's
own process fetches and stores.
"""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime
from functools import partial
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from newsbot.extraction import Extracted, Overrides, extract
from newsbot.parts import end_with_parent

P = ParamSpec("P")
R = TypeVar("R")


class ExtractionError(Exception):
    """A page that could not be worked on; the text says why."""


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
                initializer=end_with_parent,
                context=multiprocessing.get_context("spawn"),
            )
            if processes
            else None
        )

    async def extract(
        self,
        html: bytes,
        url: str,
        *,
        charset: str = "",
        overrides: Overrides | None = None,
        reference: datetime | None = None,
    ) -> Extracted:
        """Return what ``newsbot.extraction.extract`` does.

        Raises:
            ExtractionError: when it took longer than the timeout, or crashed.
        """
        return await self.run(
            extract, html, url, charset=charset, overrides=overrides, reference=reference
        )

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what a pure function of a module returns.

        Raises:
            ExtractionError: when it took longer than the timeout, or crashed.
        """
        try:
            if self._pool is None:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._thread, partial(work, *args, **kwargs))
            future = self._pool.schedule(work, args=args, kwargs=kwargs, timeout=self._timeout)
            result: R = await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeoutError):
            raise ExtractionError(f"took longer than {self._timeout:.0f} s") from None
        except ProcessExpired as error:
            raise ExtractionError(f"ended its process with {error.exitcode}") from None
        except Exception as error:
            raise ExtractionError(f"{type(error).__name__}: {error}") from error
        return result

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join(timeout=1)
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)
