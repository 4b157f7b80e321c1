"""One request on the wire: how much header, how many bytes, and how long, before it is cut off.

Scrapy bounds the body and the time in all; its clock runs from the connection to the last byte, so
bytes that trickle do not set it back. This adds what Twisted leaves open (a header may grow without
end, an answer may never begin), tells the cases apart, and takes the host's turn before the first
byte leaves.
"""

import asyncio
from functools import partial
from typing import Any, Protocol, cast

from scrapy import Request, signals
from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError
from scrapy.http import Response
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS, HTTP11ClientProtocol
from twisted.web.iweb import IResponse

from newsbot.fetching.connecting import GuardedHandler
from newsbot.fetching.hosts import hosts
from newsbot.fetching.lease import LeaseOverError, stop_of
from newsbot.fetching.refusals import RefusedError, refusal_in

# The longest line of a header. Twisted's 16,384 is less than some content security policies.
_LINE = 65_536

# Where the request's first-byte clock stands while it waits for its answer.
_CLOCK = "answer_clock"


class _Leased(Protocol):
    def may_fetch(self) -> bool: ...

    def lease_left(self) -> float: ...


class BoundedHandler(GuardedHandler):
    """The handler for http and https: connects where it may, and bounds what comes."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._first_byte = settings.getfloat("FIRST_BYTE_TIMEOUT")
        self._pause = settings.getfloat("HOST_PAUSE_WAIT")
        self._in_all = settings.getfloat("DOWNLOAD_TIMEOUT")
        most = settings.getint("RESPONSE_HEADER_MAXSIZE")
        self._pool._factory = cast("Any", partial(_BoundedFactory, most))
        crawler.signals.connect(self._answered, signals.headers_received)

    async def download_request(self, request: Request) -> Response:
        """Download one response, within the limits.

        Raises:
            RefusedError: when it is too large or too slow, or its host is to be left alone.
            DownloadTimeoutError: when nothing came in time.
            StoppedError: when the crawl is told to end before it is there.
        """
        return await stop_of(self._crawler).unless(self._in_turn(request))

    async def _in_turn(self, request: Request) -> Response:
        self._check_lease(request)
        downloader = self._crawler.engine.downloader
        slot = downloader.slots.get(request.meta.get("download_slot", ""))
        host = hosts().of(request.url)
        async with host.turn(
            self._crawler,
            delay=slot.delay if slot else 0.0,
            concurrency=slot.concurrency if slot else 1,
        ):
            await host.wait(self._pause)
            self._check_lease(request)
            return await self._while_leased(request)

    def _check_lease(self, request: Request) -> None:
        if not cast("_Leased", self._crawler.spider).may_fetch():
            raise LeaseOverError(f"the run's lease ended before {request.url} could be fetched")

    async def _while_leased(self, request: Request) -> Response:
        """Download a response, and give it up when the lease ends: somebody else may ask the site then."""
        spider = cast("_Leased", self._crawler.spider)
        download = asyncio.ensure_future(self._download(request))
        try:
            while left := spider.lease_left():
                if (await asyncio.wait({download}, timeout=left))[0]:
                    return download.result()
        finally:
            download.cancel()
        raise LeaseOverError(f"the run's lease ended while {request.url} was fetched")

    async def _download(self, request: Request) -> Response:
        request.meta.pop("download_latency", None)
        rendered = bool(request.meta.get("playwright"))
        most = request.meta.get("download_maxsize", self._default_maxsize)
        try:
            async with asyncio.timeout(None if rendered else self._first_byte) as clock:
                request.meta[_CLOCK] = clock
                return await super().download_request(request)
        except TimeoutError:
            raise DownloadTimeoutError(f"no answer began within {self._first_byte:g} s") from None
        except DownloadTimeoutError:
            if "download_latency" in request.meta:
                raise RefusedError("refused_time", f"more than {self._in_all:g} s") from None
            raise
        except DownloadCancelledError:
            # The handler cancels a response for one reason.
            raise RefusedError("refused_size", f"more than {most} bytes") from None
        except Exception as error:
            refusal = refusal_in(error)
            if refusal is not None and refusal is not error:
                raise refusal from None
            raise
        finally:
            request.meta.pop(_CLOCK, None)

    def _answered(self, request: Request) -> None:
        clock = request.meta.get(_CLOCK)
        if clock is not None:
            clock.reschedule(None)


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """A connection that is closed when the header of a response passes the limit."""

    def __init__(self, most: int, quiescent: Any) -> None:
        super().__init__(quiescent)  # type: ignore[no-untyped-call]
        self._most = most
        self._head = 0

    def request(self, request: Any) -> "Deferred[IResponse]":
        self._head = 0
        made = super().request(request)
        if self._parser is not None:
            self._parser.MAX_LENGTH = min(self._most, _LINE)
            self._parser.lineLengthExceeded = self._too_long  # type: ignore[method-assign]
        return made

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        parser = self._parser
        if parser is not None and parser.state in (STATUS, HEADER):
            self._head += len(data)
            # What came with the end of the header may be body already.
            if self._head > self._most + 65_536:
                self._too_long(b"")
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def _too_long(self, _line: bytes) -> None:
        refusal = RefusedError("refused_headers", f"more than {self._most} bytes")
        self._giveUp(Failure(refusal))  # type: ignore[no-untyped-call]
        if self.transport is not None:
            self.transport.abortConnection()


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def __init__(self, most: int, quiescent: Any, metadata: str) -> None:
        super().__init__(quiescent, metadata)  # type: ignore[no-untyped-call]
        self._most = most

    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:  # noqa: N802, ARG002
        return _BoundedProtocol(self._most, self._quiescentCallback)
