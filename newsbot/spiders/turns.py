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


class Turn:
    """A turn that was taken, and whether its crawl counted as young then."""

    def __init__(self, young: bool) -> None:
        self.young = young


Waiting = tuple[asyncio.Future[None], Turn]


class Lane:
    """One crawl's place among others: who of it waits, and how many turns it has had."""

    def __init__(self) -> None:
        self.waiting: deque[Waiting] = deque()
        self.had = 0

    @property
    def is_young(self) -> bool:
        """Whether it has had few turns yet."""
        return self.had < YOUNG

    def next(self, *, young: bool) -> "Waiting | None":
        """Return the first who still waits, taken out, with the turn that it has; None where nobody does."""
        while self.waiting:
            waiter, turn = self.waiting.popleft()
            if not waiter.done():
                turn.young = young
                return waiter, turn
        return None


class Turns:
    """So many pieces of work at a time, in a fair order. Of one event loop.

    Of these at most ``others`` are of crawls that are no longer young; all may be, unless said.
    """

    def __init__(self, at_once: int, others: int | None = None) -> None:
        self._free = at_once
        self._others_free = at_once if others is None else others
        self._young: deque[Lane] = deque()
        self._others: deque[Lane] = deque()
        self._given = 0

    async def take(self, lane: Lane, pieces: int = 1) -> "Turn":
        """Wait for the turn of this lane, for so many pieces of work; :meth:`give` ends it."""
        turn = Turn(lane.is_young)
        if self._free and (turn.young or self._others_free):
            self._begin(turn)
        else:
            waiter = asyncio.get_running_loop().create_future()
            lane.waiting.append((waiter, turn))
            if len(lane.waiting) == 1:
                self._file(lane)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self.give(turn)  # what was handed to this one goes to the next
                raise
        lane.had += pieces
        return turn

    def give(self, turn: "Turn") -> None:
        """End a turn; the next begins."""
        self._free += 1
        self._others_free += not turn.young
        while self._free and (following := self._next()) is not None:
            waiter, turn = following
            self._begin(turn)
            waiter.set_result(None)

    def _begin(self, turn: "Turn") -> None:
        self._free -= 1
        self._others_free -= not turn.young

    def _file(self, lane: Lane) -> None:
        (self._young if lane.is_young else self._others).append(lane)

    def _next(self) -> "Waiting | None":
        self._given += 1
        order = (self._young, self._others)
        for lanes in order if self._given % OTHERS_TURN else reversed(order):
            if lanes is self._others and not self._others_free:
                continue
            while lanes:
                lane = lanes.popleft()
                waiting = lane.next(young=lanes is self._young)
                if lane.waiting:
                    self._file(lane)
                if waiting is not None:
                    return waiting
        return None
