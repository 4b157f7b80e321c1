"""The hosts that this process fetches from, shared by all its crawls.

A host is asked in turn, however many sources live on it: a crawl's own delay spaces its requests,
and here requests of different crawls are spaced as well. A host that asks for a pause, or that fails
again and again, is left alone by all of them.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from newsbot.fetching.refusals import RefusedError

# Requests of one host that may fail one after the other before none of them is tried again, and
# before the host is left alone; and for how long then (seconds): as long again each time, at most
# the second.
FAILURES_UNTRIED, FAILURES_IN_A_ROW = 3, 10
PAUSE_FIRST, PAUSE_MOST = 60.0, 3_600.0
# No host may silence a source for longer.
ASKED_MOST = 86_400.0


class Host:
    """One host, as this process knows it. Moments are UTC; durations are seconds."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._crawl_delays: dict[str, float] = {}
        self.left_alone_until: datetime | None = None
        self.why = ""
        self._failures = 0
        self._pauses = 0
        self._last_at = float("-inf")
        self._last_by: object = None
        self._under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def crawl_delay(self) -> float:
        """The longest crawl-delay that a robots.txt of the host asks for now."""
        return max(self._crawl_delays.values(), default=0.0)

    def asks_for_delay(self, scheme: str, seconds: float) -> None:
        """Note the crawl-delay in the robots.txt of http or of https; 0 where there is none any more."""
        self._crawl_delays[scheme] = seconds

    @asynccontextmanager
    async def turn(self, crawl: object, *, delay: float, concurrency: int) -> AsyncIterator[None]:
        """Wait for this crawl's turn at the host, and hold it.

        A crawl that has the host to itself does not wait, since it spaces its requests itself;
        only a crawl-delay of the host's robots.txt is kept here for all. ``concurrency`` bounds the
        requests of all crawls together.
        """
        while self._under_way >= concurrency:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._wake()  # the place that was handed to this one goes to the next
                raise
        self._under_way += 1
        try:
            await self._spaced(crawl, delay)
            yield
        finally:
            self._under_way -= 1
            self._wake()

    async def _spaced(self, crawl: object, delay: float) -> None:
        now = time.monotonic()
        shared = self._last_by is not crawl or self._last_at > now
        spacing = max(delay if shared else 0.0, self.crawl_delay)
        at = max(now, self._last_at + spacing) if spacing else now
        before = self._last_at, self._last_by
        self._last_at, self._last_by = at, crawl
        if at > now:
            try:
                await asyncio.sleep(at - now)
            except asyncio.CancelledError:
                if (
                    self._last_at == at
                ):  # nothing was asked then, and nobody needs to keep away from it
                    self._last_at, self._last_by = before
                raise

    def _wake(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    # Pauses

    def check(self) -> None:
        """Pass, or refuse a request because the host is to be left alone.

        Raises:
            RefusedError: saying until when and why.
        """
        until = self.left_alone_until
        if until is not None and until > datetime.now(UTC):
            raise RefusedError("refused_busy", f"until {until:%Y-%m-%d %H:%M:%S} UTC: {self.why}")

    async def wait(self, most: float) -> None:
        """Wait until the host need not be left alone any more, for ``most`` seconds.

        Raises:
            RefusedError: when that is longer.
        """
        left = self.pause_left()
        if left > most:
            self.check()
        if left:
            await asyncio.sleep(left)

    def pause_left(self) -> float:
        """Return for how many seconds the host is still to be left alone; 0 where it is not."""
        if self.left_alone_until is None:
            return 0.0
        return max(0.0, (self.left_alone_until - datetime.now(UTC)).total_seconds())

    def asked_for_pause(self, seconds: float | None, why: str) -> datetime:
        """Leave the host alone as it asked; without a time, for longer each time it asks."""
        if seconds is None:
            seconds = min(PAUSE_FIRST * 2**self._pauses, PAUSE_MOST)
        self._pauses = min(self._pauses + 1, 16)
        return self.leave_alone(
            datetime.now(UTC) + timedelta(seconds=min(seconds, ASKED_MOST)), why
        )

    def leave_alone(self, until: datetime, why: str) -> datetime:
        """Leave the host alone until then, or for as long as it is already. Returns the moment."""
        if self.left_alone_until is None or until > self.left_alone_until:
            self.left_alone_until, self.why = until, why
        return self.left_alone_until

    def answered(self) -> None:
        """Note that the host answered as it should."""
        self._failures = self._pauses = 0

    @property
    def seems_down(self) -> bool:
        """Whether its last requests failed, so that each further one is worth one try."""
        return self._failures >= FAILURES_UNTRIED

    def failed(self, why: str) -> bool:
        """Note a failed request. Says whether the host is left alone from now on because of it."""
        self._failures += 1
        if self._failures < FAILURES_IN_A_ROW:
            return False
        self.asked_for_pause(None, f"{self._failures} requests in a row failed, the last: {why}")
        self._failures = 0
        return True


class Hosts:
    """All hosts of one process. Those unused for long are forgotten when there are very many."""

    MOST = 10_000

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}

    def of(self, url: str) -> Host:
        """Return the host of a URL."""
        key = host_key(url)
        host = self._hosts.pop(key, None) or Host(key)
        self._hosts[key] = host  # the latest stands last
        if len(self._hosts) > self.MOST:
            for old in list(self._hosts)[: self.MOST // 10]:
                if not self._hosts[old]._under_way and not self._hosts[old].pause_left():
                    del self._hosts[old]
        return host


def host_key(url: str) -> str:
    """Return the name under which a URL's host is kept: http and https are one, other ports are not."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    return host if port in (None, 80, 443) else f"{host}:{port}"


# A host's turns are bound to the event loop that waits for them.
_OF_LOOP: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hosts]" = WeakKeyDictionary()


def hosts() -> Hosts:
    """Return the hosts of this process (of its running event loop)."""
    loop = asyncio.get_running_loop()
    found = _OF_LOOP.get(loop)
    if found is None:
        found = _OF_LOOP[loop] = Hosts()
    return found
