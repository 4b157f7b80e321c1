"""A server that does to a crawler what servers do: one site, honest articles among every trap.

Raw sockets on loopback, so that it can break HTTP where a library would not let it.
"""

import asyncio
import contextlib
import socket
import threading
import time
from collections import Counter

from tests.hostile_entry_points import ROUTES
from tests.hostile_site import OverError, Writer, missing


class HostileServer:
    """Serves on a port of its own, in a thread, and counts what was asked for."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.heads: dict[str, str] = {}
        self.moments: list[float] = []
        self.robots = b""
        self.robots_status = 200
        self.robots_headers: tuple[str, ...] = ()
        self.busy: list[int] = []
        self._loop = asyncio.new_event_loop()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._serve, sock=self._listener))
        self._loop.run_forever()

    def close(self) -> None:
        """Stop serving."""

        def stop() -> None:
            for task in self._tasks:
                task.cancel()
            self._loop.call_soon(self._loop.stop)

        self._loop.call_soon_threadsafe(stop)
        self._thread.join(timeout=5)

    async def _serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode()
                self.asked[path] += 1
                self.moments.append(time.monotonic())
                self.heads[path] = head.decode("latin-1").lower()
                matching = [prefix for prefix in ROUTES if path.startswith(prefix)]
                handler = ROUTES[max(matching, key=len)] if matching else missing
                await handler(self, writer, path)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError, OverError):
            pass
        finally:
            with contextlib.suppress(Exception):
                writer.close()
