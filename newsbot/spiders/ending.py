"""How a crawl ends before its time, within some seconds, whatever it waits for.

Nothing more is asked for. The pages at hand have a moment to be finished and stored; what still waits then
(for an answer, for a host's turn, for a browser, for a page's text) is given up, and its links wait for the
next run.
"""

import asyncio
from contextlib import suppress

from scrapy.core.downloader import Downloader
from scrapy.crawler import Crawler

from newsbot.spiders.session import CrawlSession

# What a crawl has for finishing the pages at hand, before they are given up; and for closing then (seconds).
GRACE, CLOSING = 1.2, 1.5


async def end_early(crawler: Crawler, session: CrawlSession, reason: str) -> None:
    """End a crawl. Returns when it has, or when it has had its time (``GRACE`` and ``CLOSING``).

    ``reason`` is what its spider is told: "cancelled", "shutdown", …
    """
    engine = crawler.engine
    if engine is None or engine.spider is None:
        return
    session.stop_fetching()
    closing = asyncio.ensure_future(engine.close_spider_async(reason=reason))
    closing.add_done_callback(_seen)
    _let_go(engine.downloader)
    await asyncio.wait([closing], timeout=GRACE)
    session.stop.set()
    await asyncio.wait([closing], timeout=CLOSING)


def _let_go(downloader: Downloader) -> None:
    """Have requests that wait for their turn at a site come to where they are dropped."""
    for slot in downloader.slots.values():
        slot.delay = slot.jitter = 0.0
        slot.close()
        slot.concurrency = len(slot.queue) + len(slot.transferring) + 1
        downloader._process_queue(slot)


def _seen(closing: "asyncio.Future[None]") -> None:
    if not closing.cancelled():
        with suppress(Exception):
            closing.result()
