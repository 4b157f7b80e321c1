"""Open pages of the shared browser are counted, and given back whatever becomes of who held them."""

import asyncio
import threading

import pytest

from newsbot.fetching import browser as shared
from newsbot.fetching.browser import SharedBrowser


async def hold(browser: SharedBrowser, *, at_once: int = 1, memory: int = 1 << 40) -> None:
    async with browser.page(at_once=at_once, memory=memory):
        await asyncio.Event().wait()


async def cancelled(task: "asyncio.Task[None]", times: int = 1) -> None:
    """Cancel a task, again in what it does thereupon, and wait for its end."""
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    await asyncio.wait([task])


async def is_free(browser: SharedBrowser) -> bool:
    async with asyncio.timeout(5), browser.page(at_once=1, memory=1 << 40):
        return True


def test_who_is_cancelled_while_the_browser_is_measured_gives_its_page_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured = threading.Event()
    monkeypatch.setattr(shared, "PAGES_BETWEEN", 1)
    monkeypatch.setattr(shared, "browser_memory", lambda: int(measured.wait(5)))

    async def scenario() -> bool:
        browser = SharedBrowser()
        task = asyncio.create_task(hold(browser))
        await asyncio.sleep(0.05)
        await cancelled(task)
        measured.set()
        return await is_free(browser)

    assert asyncio.run(scenario())


def test_who_is_cancelled_while_it_waits_to_replace_the_browser_lets_others_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared, "PAGES_BETWEEN", 2)
    monkeypatch.setattr(shared, "browser_memory", lambda: 1 << 50)

    async def scenario() -> bool:
        browser = SharedBrowser()
        other = asyncio.create_task(hold(browser, at_once=2))
        await asyncio.sleep(0)
        replacing = asyncio.create_task(hold(browser, at_once=2))
        while not browser._replacing:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        await cancelled(replacing, times=2)
        await cancelled(other, times=3)
        return await is_free(browser)

    assert asyncio.run(scenario())
