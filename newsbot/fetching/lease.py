"""No request leaves under a lease that has run out.

A run that was frozen and thaws may find its source in another worker's hands: it fetches nothing
more.
"""

from typing import Protocol, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest


class Leased(Protocol):
    """A spider that knows until when it may fetch."""

    async def turn(self) -> bool:
        """Wait until the run's lease holds and a page may be asked for; False: none may any more."""
        ...


class LeaseOverError(IgnoreRequest):
    """A request that did not leave because the lease is over; no fault of the page's."""


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
