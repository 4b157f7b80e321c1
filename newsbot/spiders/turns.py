"""Turns at what all crawls of a process share, and what is scarce (extractors, threads that write): small ones first.

A poll has a few pages, and somebody waits for what is on them; a crawl of a whole site has thousands, and
fetches them faster than they can be worked on. First come, first served would have each poll wait for all
of those. So a crawl is *young* for its first pieces of work, and young ones go first; among the young, and
among the others, crawls take turns. One turn in some is for those that are no longer young, so that many
polls do not hold up a large crawl for ever.
"""

import asyncio
from collections import deque

# Pieces of work (an article has two or three) for which a crawl is young: more than a poll brings, even
# after hours without one.
YOUNG = 100
# One turn in so many is for those that are not.
OTHERS_TURN = 4


class Lane:
    """One crawl's place among others: who of it waits, and how many turns it has had."""

    def __init__(self) -> None:
        self.waiting: deque[asyncio.Future[None]] = deque()
        self.had = 0

    @property
    def is_young(self) -> bool:
        """Whether it has had few turns yet."""
        return self.had < YOUNG

    def next(self) -> "asyncio.Future[None] | None":
        """Return the first who still waits, taken out; None where nobody does."""
        while self.waiting:
            waiter = self.waiting.popleft()
            if not waiter.done():
                return waiter
        return None


class Turns:
    """So many pieces of work at a time, in a fair order. Of one event loop."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._young: deque[Lane] = deque()
        self._others: deque[Lane] = deque()
        self._given = 0

    async def take(self, lane: Lane, pieces: int = 1) -> None:
        """Wait for the turn of this lane, for so many pieces of work; :meth:`give` ends it."""
        if self._free:
            self._free -= 1
        else:
            waiter = asyncio.get_running_loop().create_future()
            lane.waiting.append(waiter)
            if len(lane.waiting) == 1:
                self._file(lane)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self.give()  # the turn that was handed to this one goes to the next
                raise
        lane.had += pieces

    def give(self) -> None:
        """End a turn; the next begins."""
        waiter = self._next()
        if waiter is None:
            self._free += 1
        else:
            waiter.set_result(None)

    def _file(self, lane: Lane) -> None:
        (self._young if lane.is_young else self._others).append(lane)

    def _next(self) -> "asyncio.Future[None] | None":
        self._given += 1
        order = (self._young, self._others)
        for lanes in order if self._given % OTHERS_TURN else reversed(order):
            while lanes:
                lane = lanes.popleft()
                waiter = lane.next()
                if lane.waiting:
                    self._file(lane)
                if waiter is not None:
                    return waiter
        return None
