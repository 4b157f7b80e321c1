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

    def may_fetch(self) -> bool:
        """Say whether the run's lease still holds, by this process's own clock."""
        ...


class LeaseOverError(IgnoreRequest):
    """A request that did not leave because the lease is over; no fault of the page's."""


class LeaseMiddleware:
    """Downloader middleware that drops requests once the run's lease is over."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "LeaseMiddleware":
        """Return the middleware of this crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Pass the request, or drop it."""
        if not cast("Leased", self._crawler.spider).may_fetch():
            raise LeaseOverError(
                f"the run's lease is over; {request.url} is left to another worker"
            )
