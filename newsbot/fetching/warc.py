"""Pages are kept as they came over the wire: WARC files under the data folder (docs/replay.md).

The middleware stands nearest to the network, so that it sees an answer before anything unpacks or
changes it. It keeps what links led to and what answered with success, whatever it turns out to be: a
page that is no article today may be one to a better extraction, and a wall is worth to have been
seen. Entry points are not kept: they hold no article, they are most of what a poll fetches, and what
one said of a link stands in the page's own metadata.
"""

import asyncio
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Protocol, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from newsbot.config import Config
from newsbot.fetching.captures import Capture, Headers, Provenance
from newsbot.fetching.credentials import PRIVATE
from newsbot.fetching.raw_files import RawNotKeptError
from newsbot.fetching.recorder import Recorder
from newsbot.items import Raw

_FETCHED_AT, _RAW = "fetched_at", "raw"
# How long (seconds) an article waits at most for its page to be on disk.
_PATIENCE = 10.0


class Recorded(Protocol):
    """A spider whose pages are kept as they came."""

    @property
    def config(self) -> Config:
        """The configuration of the crawl."""
        ...

    def provenance(self, request: Request) -> Provenance | None:
        """Say on whose behalf a page is fetched; None for what is not kept."""
        ...


class WarcMiddleware:
    """Downloader middleware that says when an answer came, and has it written beside the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "WarcMiddleware":
        """Return the middleware of this crawl."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Pass the answer, noting when and as what it came."""
        now = datetime.now(UTC)
        # To the millisecond, as MongoDB and the WARC file keep it.
        moment = now.replace(microsecond=now.microsecond // 1000 * 1000)
        request.meta[_FETCHED_AT] = moment
        request.meta.pop(_RAW, None)  # of an answer before this one
        spider = cast("Recorded", self._crawler.spider)
        if not spider.config.warc or not 200 <= response.status < 300:
            return response
        provenance = spider.provenance(request)
        if provenance is not None:
            capture = _capture(request, response, moment, provenance)
            request.meta[_RAW] = Recorder.of(spider.config).keep(capture)
        return response


def fetched_at(response: Response) -> datetime:
    """Return when an answer came, in UTC, to the millisecond."""
    moment: datetime = response.meta.get(_FETCHED_AT) or datetime.now(UTC)
    return moment


async def raw_of(response: Response) -> Raw | None:
    """Return where a page stands as it came, once it does; None where it was not to be kept.

    Raises:
        RawNotKeptError: when it should have been kept and could not be.
    """
    kept: Future[Raw] | None = response.meta.get(_RAW)
    if kept is None:
        return None
    try:
        return await asyncio.wait_for(asyncio.wrap_future(kept), _PATIENCE)
    except TimeoutError:
        raise RawNotKeptError("the disk does not answer") from None


def _capture(
    request: Request, response: Response, moment: datetime, provenance: Provenance
) -> Capture:
    return Capture(
        url=response.url,
        method=request.method,
        request_headers=_public_pairs(request),
        status=response.status,
        headers=_pairs(response),
        body=response.body,
        at=moment,
        ip=str(response.ip_address or ""),
        rendered="playwright" in response.flags,
        provenance=provenance,
    )


def _public_pairs(request: Request) -> Headers:
    """Return a request's headers without what the operator has sent for this source alone."""
    private = {name.lower().encode("latin-1") for name in request.meta.get(PRIVATE, ())}
    return tuple((key, value) for key, value in _pairs(request) if key.lower() not in private)


def _pairs(message: Request | Response) -> Headers:
    return tuple(
        (key, value) for key, values in (message.headers or {}).items() for value in values or ()
    )
