"""Gathers items that arrive one by one into batches, so that the archive is asked once for many."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from newsbot.spiders.turns import Lane, Turns

T = TypeVar("T")
R = TypeVar("R")

# Threads of their own: while MongoDB is away those of the process may all be waiting for it, and articles
# have to find that out, and go elsewhere.
_AT_ONCE = 8
_THREADS = ThreadPoolExecutor(_AT_ONCE, "batches")
# Large crawls gather for longer (seconds): a batch asks MongoDB some twenty times, however many are in it, and
# while it is asked by them polls wait. So many of their batches are worked on at a time.
_GATHERED, _LARGE_AT_ONCE = 0.5, 3
# Batches of a poll go before those of large crawls. Turns are bound to the event loop that waits for them.
_OF_LOOP: "WeakKeyDictionary[asyncio.AbstractEventLoop, Turns]" = WeakKeyDictionary()


def _turns() -> Turns:
    loop = asyncio.get_running_loop()
    found = _OF_LOOP.get(loop)
    if found is None:
        found = _OF_LOOP[loop] = Turns(_AT_ONCE, _LARGE_AT_ONCE)
    return found


class Batcher(Generic[T, R]):
    """Calls ``work`` in a thread with up to ``size`` items, at most ``seconds`` after the first.

    ``work`` answers with one result an item, in their order; each ``put`` returns its own. One batch is worked
    on at a time: what comes meanwhile is gathered, and goes as soon as that one has ended. A large crawl gathers
    for longer, unless ``hurry`` says that it is to end.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Sequence[R]],
        *,
        size: int,
        seconds: float,
        hurry: Callable[[], bool] = lambda: False,
    ) -> None:
        self._work = work
        self._size = size
        self._seconds = seconds
        self._hurry = hurry
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._running: asyncio.Task[None] | None = None
        self._lane = Lane()

    async def put(self, item: T) -> R:
        """Return what ``work`` answered for this item, or raise what it raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._waiting.append((item, future))
        if len(self._waiting) >= self._size:
            self._send()
        elif self._timer is None:
            self._wait(loop)
        return await future

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        small = self._lane.is_young or self._hurry()
        pause = self._seconds if small else max(self._seconds, _GATHERED)
        self._timer = loop.call_later(pause, self._send)

    def _send(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._running is not None:
            return
        batch, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
        if batch:
            self._running = asyncio.ensure_future(self._run(batch))
            self._running.add_done_callback(self._ended)

    def _ended(self, _: object) -> None:
        self._running = None
        if self._lane.is_young or len(self._waiting) >= self._size:
            self._send()
        elif self._waiting and self._timer is None:
            self._wait(asyncio.get_running_loop())

    async def _run(self, batch: list[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            loop = asyncio.get_running_loop()
            items = [item for item, _ in batch]
            turn = await _turns().take(self._lane, len(items))
            try:
                # What is logged there says of which run it is.
                work = copy_context().run
                results = await loop.run_in_executor(_THREADS, work, self._work, items)
            finally:
                _turns().give(turn)
        except Exception as error:  # noqa: BLE001 - it is each waiting item's error
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)
