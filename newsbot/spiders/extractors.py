"""Work on pages in processes of its own, so that no page can hold up or bring down the crawl.

The pool belongs to the process and serves all its crawls. A page that takes too long, or that ends
its extractor, costs that page alone. And while pages are extracted and read on all cores, the crawl's
own process fetches and stores.

Crawls take turns at it (:mod:`newsbot.spiders.turns`): what a poll found is not worked on behind the
hundreds of pages that a large crawl beside it has fetched already.
"""

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime
from functools import partial
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from newsbot.extraction import Extracted, Overrides, extract
from newsbot.fetching.lease import Stop
from newsbot.metrics.counted import extraction_seconds
from newsbot.parts import end_with_parent
from newsbot.spiders.turns import Lane, Turn, Turns

P = ParamSpec("P")
R = TypeVar("R")

# How much (as `nice` has it) they give way to what shares the cores with them: the crawl's own process, the
# archive, delivery. Those do little for each page, and everybody waits for them.
_NICE = 5
# Pages that each process has at hand: the one that it works on, and the next.
_AT_HAND = 2


class ExtractionError(Exception):
    """A page that could not be worked on; the text says why."""


def _begin() -> None:
    os.nice(_NICE)
    end_with_parent()


class Extractors:
    """Works on pages in ``processes`` other processes, or in a thread where that is 0."""

    def __init__(self, processes: int, timeout: float) -> None:
        self._timeout = timeout
        # A thread of its own: waiting pages must not hold up the lease's renewal.
        self._thread = ThreadPoolExecutor(1, "extract") if not processes else None
        self._pool = (
            ProcessPool(
                max_workers=processes,
                max_tasks=5_000,  # a leak in a parser stays small
                initializer=_begin,
                context=multiprocessing.get_context("spawn"),
            )
            if processes
            else None
        )
        self._turns = Turns(_AT_HAND * max(1, processes))
        self._own = self.of(Stop())

    def of(self, stop: Stop) -> "CrawlExtractors":
        """Return them as one crawl has them; its pages are given up when it is told to end."""
        return CrawlExtractors(self._work, stop)

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what a pure function of a module returns, on behalf of no crawl.

        Raises:
            ExtractionError: when it took longer than the timeout, or crashed.
        """
        return await self._own.run(work, *args, **kwargs)

    async def _work(self, lane: Lane, work: Callable[[], R]) -> R:
        turn = await self._turns.take(lane)
        try:
            if self._pool is None:
                future = asyncio.get_running_loop().run_in_executor(self._thread, work)
            else:
                future = asyncio.wrap_future(self._pool.schedule(work, timeout=self._timeout))
        except Exception as error:  # the pool is closed, or broken
            self._turns.give(turn)
            raise ExtractionError(f"{type(error).__name__}: {error}") from error
        future.add_done_callback(partial(self._ended, turn))
        try:
            # Who waits for it may be told to end; to cancel it would cost the process, and its start anew.
            return await asyncio.shield(future)
        except (TimeoutError, FutureTimeoutError):
            raise ExtractionError(f"took longer than {self._timeout:.0f} s") from None
        except ProcessExpired as error:
            raise ExtractionError(f"ended its process with {error.exitcode}") from None
        except Exception as error:
            raise ExtractionError(f"{type(error).__name__}: {error}") from error

    def _ended(self, turn: Turn, future: "asyncio.Future[Any]") -> None:
        if not future.cancelled():
            future.exception()  # seen, though nobody may wait for it any more
        self._turns.give(turn)

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join(timeout=1)
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)


class CrawlExtractors:
    """The extractors as one crawl has them, in turn with others."""

    def __init__(self, in_turn: Callable[[Lane, Callable[[], Any]], Any], stop: Stop) -> None:
        self._in_turn = in_turn
        self._stop = stop
        self._lane = Lane()

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
            StoppedError: when the crawl is told to end before.
        """
        with extraction_seconds.time():
            return await self.run(
                extract, html, url, charset=charset, overrides=overrides, reference=reference
            )

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what a pure function of a module returns.

        Raises:
            ExtractionError: when it took longer than the timeout, or crashed.
            StoppedError: when the crawl is told to end before.
        """
        result: R = await self._stop.unless(
            self._in_turn(self._lane, partial(work, *args, **kwargs))
        )
        return result
