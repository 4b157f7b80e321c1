"""The one Chromium of a process, shared by all its crawls.

A browser and its driver cost some hundred megabytes and a second to start, so a process has one at
most. It is started for the first page that needs it, closed when no crawl has asked for it for a
while, and replaced, between pages, when it has grown too large.

By itself it reaches nothing: its proxy is a port where nobody listens, and it is told to look up no
names. A crawl's pages get the crawl's own proxy (``browser_proxy.py``).
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import Browser, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from newsbot.fetching.rendering import NoBrowserError, chromium

# Seconds that starting it may take.
START_SECONDS = 30.0
# Seconds that it has for ending when its process does.
ENDING_SECONDS = 1.5
# Seconds after which a browser that no crawl uses is closed.
IDLE_SECONDS = 60.0
# Pages between two looks at its memory.
PAGES_BETWEEN = 10
# The port "discard" (RFC 863), for what is not to be reached.
NOWHERE = "http://127.0.0.1:9"

FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-pings",
    # Names are for the crawl's proxy to look up, and literal addresses for it to connect to. The
    # proxy itself is on 127.0.0.1.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    # WebRTC would go past the proxy, by UDP.
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)


class SharedBrowser:
    """Starts, hands out and replaces the browser of one process."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._starting = asyncio.Lock()
        self._changed = asyncio.Condition()
        self._pages = 0
        self._crawls = 0
        self._served = 0
        self._replacing = False
        self._idle: asyncio.Task[None] | None = None
        self.started = 0

    async def browser(self) -> Browser:
        """Return the running browser, started if need be.

        Raises:
            NoBrowserError: when there is none, or it does not start.
        """
        async with self._starting:
            if self._browser is None or not self._browser.is_connected():
                self._browser = await self._start()
            return self._browser

    async def _start(self) -> Browser:
        path = chromium()
        try:
            if self._playwright is None:
                self._playwright = await async_playwright().start()
            started = await self._playwright.chromium.launch(
                executable_path=path,
                args=_flags(),
                proxy={"server": NOWHERE},
                timeout=START_SECONDS * 1000,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except PlaywrightError as error:
            first = str(error).strip().partition("\n")[0]
            raise NoBrowserError(f"{path} does not start: {first}") from None
        self.started += 1
        return started

    def enter(self) -> None:
        """Note a crawl that may want pages."""
        self._crawls += 1
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def leave(self) -> None:
        """Note that a crawl is over; when it was the last, the browser is closed after a while."""
        self._crawls -= 1
        if self._crawls == 0:
            self._idle = asyncio.ensure_future(self._close_when_idle())

    async def _close_when_idle(self) -> None:
        await asyncio.sleep(IDLE_SECONDS)
        await asyncio.shield(self.close())  # a crawl that comes now gets a new one

    @contextlib.asynccontextmanager
    async def page(self, *, at_once: int, memory: int) -> AsyncIterator[None]:
        """Hold the right to one open page: so many at a time in the process.

        A browser larger than ``memory`` (bytes) is closed first, once no page is open; whoever asks
        for the browser next starts a new one.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: not self._replacing and self._pages < at_once)
            self._pages += 1
        # Whoever is cancelled, wherever that is, gives back what was taken.
        try:
            self._served += 1
            due = self._served % PAGES_BETWEEN == 0
            if due and await asyncio.to_thread(browser_memory) > memory:
                await self._replace_when_alone()
            yield
        finally:
            self._pages -= 1
            await asyncio.shield(self._tell())

    async def _replace_when_alone(self) -> None:
        if self._replacing:
            return
        self._replacing = True
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: self._pages == 1)
                await self._shut()
        finally:
            self._replacing = False
            await asyncio.shield(self._tell())

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _shut(self) -> None:
        browser, self._browser = self._browser, None
        if browser is not None:
            with contextlib.suppress(PlaywrightError, TimeoutError):
                await asyncio.wait_for(browser.close(), START_SECONDS)

    async def close(self) -> None:
        """Close the browser and its driver."""
        if self._idle is not None and self._idle is not asyncio.current_task():
            self._idle.cancel()
        async with self._starting:
            await self._shut()
            playwright, self._playwright = self._playwright, None
            if playwright is not None:
                with contextlib.suppress(PlaywrightError):
                    await playwright.stop()


def _flags() -> list[str]:
    # Chromium's sandbox refuses root, and needs what containers seldom allow.
    bare = os.geteuid() == 0 or Path("/.dockerenv").exists()
    return [*FLAGS, "--no-sandbox"] if bare else list(FLAGS)


def browser_memory() -> int:
    """Return the bytes of memory of this process's Chromium, shared pages counted once."""
    return sum(_share(each) for each in psutil.Process().children(recursive=True))


def _share(process: Any) -> int:
    try:
        if not process.name().startswith(("chrom", "google-chrome")):
            return 0
        info = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(info, "pss", info.rss))


_shared: SharedBrowser | None = None


def shared_browser() -> SharedBrowser:
    """Return the process's browser (to be used from its one event loop)."""
    global _shared
    if _shared is None:
        _shared = SharedBrowser()
    return _shared


async def close_shared_browser() -> None:
    """Close the process's browser, if it has one, in bounded time.

    What does not end by then ends with the process: the driver sees its input close.
    """
    if _shared is not None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_shared.close(), ENDING_SECONDS)
