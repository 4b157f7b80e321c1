"""The order in which links are visited: each entry point has a lane, and lanes take turns.

Within a lane the newest goes first. What a walk back in time found has a lane of its own, which takes
no turn.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator

import attrs

from newsbot.archive.frontier import Chunk, Link
from newsbot.archive.pages import Tried
from newsbot.spiders.chunking import Ranked

# The lane of a backfill. No entry point is called so.
BACKFILL = "\x00backfill"


@attrs.define(eq=False)
class Held:
    """A chunk in the hands of a crawl.

    ``left`` counts the links whose visits are not on record, ``done`` are those whose are. ``links`` are
    those not handed out yet, None while they are only on disk. ``begun`` says that one was handed out;
    ``dropped`` that none will be any more.
    """

    header: Chunk
    left: int
    links: "deque[Ranked] | None" = None
    done: set[str] = attrs.Factory(set)
    loading: bool = False
    begun: bool = False
    dropped: bool = False

    @property
    def lane(self) -> str:
        """The lane that it stands in."""
        return BACKFILL if self.header.backfill else self.header.lane

    @property
    def rank(self) -> float:
        """How new its next link is, in seconds since 1970."""
        return self.links[0][0] if self.links else self.header.newest.timestamp()

    @property
    def spent(self) -> bool:
        """Whether nothing of it is left to hand out."""
        return self.dropped or (self.links is not None and not self.links)


class Lanes:
    """The chunks of a crawl in the order in which their links are handed out."""

    def __init__(self) -> None:
        self._lanes: dict[str, list[tuple[float, int, Held]]] = {}
        self._turns: deque[str] = deque()
        self._number = 0

    def put(self, held: Held) -> None:
        """Add a chunk to its lane."""
        if held.lane not in self._lanes:
            self._lanes[held.lane] = []
            if held.lane != BACKFILL:
                self._turns.append(held.lane)
        self._push(held)

    def _push(self, held: Held) -> None:
        self._number += 1  # of two that are as new, the one that was there first
        heapq.heappush(self._lanes[held.lane], (-held.rank, self._number, held))

    def turns(self) -> Iterator[str]:
        """Yield each lane but that of a backfill once, the one whose turn it is first."""
        for _ in range(len(self._turns)):
            lane = self._turns[0]
            self._turns.rotate(-1)
            yield lane

    def first(self, lane: str) -> Held | None:
        """Return the chunk that the next link of a lane is in, None where the lane is at its end."""
        chunks = self._lanes.get(lane, [])
        while chunks and chunks[0][2].spent:
            heapq.heappop(chunks)
        return chunks[0][2] if chunks else None

    def take(self, held: Held) -> tuple[Link, Tried]:
        """Take the next link of a lane out of its first chunk, which is in memory.

        Raises:
            ValueError: when the chunk is not the first of its lane, or has no link in memory.
        """
        if self.first(held.lane) is not held or not held.links:
            raise ValueError(f"the next link of the lane {held.lane!r} is not in {held.header.id}")
        heapq.heappop(self._lanes[held.lane])
        _, link, tried = held.links.popleft()
        held.begun = True
        if held.links:
            self._push(held)
        return link, tried

    def idle(self, *, backfilling: bool = True) -> bool:
        """Say whether all lanes are at their ends, that of a backfill too if it counts."""
        return all(
            held.spent
            for name, lane in self._lanes.items()
            if backfilling or name != BACKFILL
            for _, _, held in lane
        )


def surplus(chunks: Iterable[Held], most: int) -> list[Held]:
    """Return the chunks beyond so many links that wait: the oldest of the longest lane, again and again.

    What a backfill found is not counted, and what is under way is not taken.
    """
    lanes: dict[str, list[Held]] = {}
    sizes: dict[str, int] = {}
    for held in chunks:
        if not held.header.backfill:
            lanes.setdefault(held.lane, []).append(held)
            sizes[held.lane] = sizes.get(held.lane, 0) + held.left
    beyond = sum(sizes.values()) - most
    out: list[Held] = []
    if beyond <= 0:
        return out
    for each in lanes.values():
        each.sort(key=lambda held: held.header.newest, reverse=True)
    while beyond > 0 and lanes:
        longest = max(lanes, key=lambda name: sizes[name])
        held = lanes[longest].pop()
        if not lanes[longest]:
            del lanes[longest]
        if held.begun or held.loading:
            continue
        out.append(held)
        sizes[longest] -= held.left
        beyond -= held.left
    return out
