"""No request leaves under a lease that has run out.

A run that was frozen and thaws may find its source in another worker's hands: it fetches nothing
more.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

T = TypeVar("T")


class Stop:
    """That a crawl is to end now, whatever it waits for: an answer, a host's turn, a browser, a page's text.

    What waits does so in :meth:`unless`, and is given up when the crawl is told to end.
    """

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[Any]] = set()
        self._is_set = False

    @property
    def is_set(self) -> bool:
        """Whether the crawl was told to end."""
        return self._is_set

    def set(self) -> None:
        """Give up what is under way, and begin nothing more."""
        self._is_set = True
        for task in tuple(self._under_way):
            task.cancel()

    async def unless(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what comes of some work.

        Raises:
            StoppedError: when the crawl is told to end before that.
        """
        if self._is_set:
            work.close()
            raise StoppedError
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if task.cancelled() and self.is_set:
                raise StoppedError from None
            raise
        finally:
            self._under_way.discard(task)


class Leased(Protocol):
    """A spider that knows until when it may fetch."""

    stop: Stop

    async def turn(self) -> bool:
        """Wait until the run's lease holds and a page may be asked for; False: none may any more."""
        ...


class LeaseOverError(IgnoreRequest):
    """A request that did not leave because the lease is over; no fault of the page's."""


class StoppedError(LeaseOverError):
    """Work that was given up since its crawl is to end now; no fault of the page's."""

    def __init__(self) -> None:
        super().__init__("the crawl was told to end")


def stop_of(crawler: Crawler) -> Stop:
    """Return what tells this crawl to end; nothing does where its spider is told by nobody."""
    stop: Stop | None = getattr(crawler.spider, "stop", None)
    return stop or Stop()


class LeaseMiddleware:
    """Downloader middleware that holds requests while the run's lease is not sure.

    It drops them when the run is over.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "LeaseMiddleware":
        """Return the middleware of this crawl."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Pass the request when its turn has come, or drop it."""
        if not await cast("Leased", self._crawler.spider).turn():
            raise LeaseOverError(
                f"the run's lease is over; {request.url} is left to another worker"
            )
