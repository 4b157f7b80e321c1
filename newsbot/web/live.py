"""What is new, pushed to open pages: one look a second for all of them."""

import asyncio
from collections.abc import AsyncIterator

from newsbot.archive import desk_marks
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.search.results import Reader

LOOK_SECONDS = 1.0
# Open pages that are told; more are left to reload.
LISTENERS = 100


class Live:
    """Tells open pages that something changed; they then fetch the new rows themselves."""

    def __init__(self, config: Config, database: Database) -> None:
        self._database = database
        self._reader = Reader(config, database)
        self._state = ""
        self._listeners: set[asyncio.Queue[str | None]] = set()
        self._closed = False

    async def watch(self) -> None:
        """Look for what is new, for ever."""
        while not self._closed:
            if self._listeners:
                try:
                    state = await asyncio.to_thread(self._look)
                except Exception:  # noqa: BLE001 - MongoDB may be away for a while
                    state = self._state
                if state != self._state:
                    self._state = state
                    for queue in self._listeners:
                        queue.put_nowait(state)
            await asyncio.sleep(LOOK_SECONDS)

    def _look(self) -> str:
        newest = self._reader.newest(1)
        first = newest.hits[0].kept.article.id if newest.hits else ""
        return f"{newest.total}-{first}-{desk_marks.version(self._database)}"

    async def events(self) -> AsyncIterator[str]:
        """Yield server-sent events: one whenever something changed, a comment to keep alive."""
        if len(self._listeners) >= LISTENERS or self._closed:
            return
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield "retry: 3000\n\n"
            while True:
                try:
                    state = await asyncio.wait_for(queue.get(), 15)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if state is None:
                    return
                yield f"event: change\ndata: {state}\n\n"
        finally:
            self._listeners.discard(queue)

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        for queue in self._listeners:
            queue.put_nowait(None)
