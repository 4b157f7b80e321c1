"""What is tried again, when, and when not: no host is pressed that fails or asks for a pause.

A failed request is tried again after a pause that grows, a few times, and only so many of a run's
requests altogether. An answer that asks for a pause (429, or ``Retry-After``: RFC 9110, 10.2.3)
holds for the whole host and for all who fetch from it: a short one is waited for, a longer one ends
what the run has to do there.
"""

import asyncio
import random
from datetime import UTC, datetime
from typing import Protocol, cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response

from newsbot.fetching.failures import failure_of
from newsbot.fetching.hosts import Host, hosts
from newsbot.fetching.http_dates import retry_after
from newsbot.fetching.lease import stop_of
from newsbot.fetching.refusals import RefusedError, refusal_in
from newsbot.fetching.uplink import uplink

# Each further try waits so many times as long.
_GROWTH = 4.0
# Tries of one run beyond the first: so many, and this part of its answers.
_TRIES, _TRIES_PART = 20, 0.1
# Why a host is left alone that asked for that.
ASKED_TO_WAIT = "it answered 429"
# 408 and those that say that a server, or one before it, is in trouble.
_IN_TROUBLE = frozenset({408, 500, 502, 503, 504, 520, 521, 522, 523, 524})
# Refusals that say that the host is well, and that it is not.
_ANSWERED = frozenset({"refused_size", "refused_headers"})
_SLOW = frozenset({"refused_time"})


# What may be our own connection's fault.
_UNREACHED = frozenset({"failed_dns", "failed_connection", "failed_timeout"})


class _Pausing(Protocol):
    """A spider that writes down which hosts are left alone."""

    async def host_paused(self, host: str, until: datetime, why: str) -> None: ...


class PatientRetryMiddleware(RetryMiddleware):
    """Scrapy's middleware, with pauses that grow, a bound in all, and the pauses that hosts ask for."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.settings)
        self.crawler = crawler
        self._pause = crawler.settings.getfloat("RETRY_PAUSE")
        self._wait_most = crawler.settings.getfloat("HOST_PAUSE_WAIT")
        self._answers = 0
        self._tries = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "PatientRetryMiddleware":
        """Return the middleware of this crawl."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Pass a request, at once or when its host's pause is over.

        Raises:
            RefusedError: when that is too long to wait for, or our own connection is down.
        """
        if not _is_proxied(request) and await uplink().is_down():
            raise RefusedError("refused_uplink")
        await self._wait_for(hosts().of(request.url))

    async def _wait_for(self, host: Host) -> None:
        if host.pause_left():
            await stop_of(self.crawler).unless(host.wait(self._wait_most))

    async def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """Pass a response; try again what failed; wait, or refuse, where the host asks for a pause.

        Raises:
            RefusedError: when the host asks for a pause that is too long to wait for.
        """
        host = hosts().of(request.url)
        if not _is_proxied(request):
            address = getattr(response, "ip_address", None)
            uplink().answered(*_end_of(request.url, address))
        self._answers += 1
        said = (response.headers.get("Retry-After") or b"").decode("latin-1")
        asked = retry_after(said, datetime.now(UTC))
        if response.status == 429 or (asked is not None and response.status in _IN_TROUBLE):
            host.asked_for_pause(
                asked, ASKED_TO_WAIT if response.status == 429 else f"it answered {response.status}"
            )
            await self._write_down(host)
            await self._wait_for(host)
            return self._again(request, f"answered {response.status}") or response
        if response.status not in _IN_TROUBLE:
            host.answered()
            return response
        why = f"answered {response.status}"
        return await self._after_pause(request, host, why) or response

    async def process_exception(  # type: ignore[override]
        self, request: Request, exception: Exception
    ) -> Request | None:
        """Try again what failed on its way; what was refused stays so.

        Raises:
            RefusedError: when it failed since our own connection is down.
        """
        host = hosts().of(request.url)
        refusal = refusal_in(exception)
        if refusal is not None:
            if refusal.cause in _SLOW:
                await self._count(host, str(refusal))
            elif refusal.cause in _ANSWERED:
                host.answered()
            return None
        if not isinstance(exception, self.exceptions_to_retry):
            return None
        if not _is_proxied(request) and failure_of(exception)[0] in _UNREACHED:
            name, _, port = _end_of(request.url, None)
            if await uplink().blames_us(name, port):
                raise RefusedError("refused_uplink") from exception
        return await self._after_pause(request, host, type(exception).__name__)

    async def _after_pause(self, request: Request, host: Host, why: str) -> Request | None:
        again = None if host.seems_down else self._again(request, why)
        if again is None:
            await self._count(host, why)
        else:
            pause = self._pause * _GROWTH ** (again.meta["retry_times"] - 1)
            pause *= random.uniform(0.75, 1.25)  # noqa: S311 - no secret
            await stop_of(self.crawler).unless(asyncio.sleep(pause))
        return again

    async def _count(self, host: Host, why: str) -> None:
        if host.failed(why):
            await self._write_down(host)

    def _again(self, request: Request, why: str) -> Request | None:
        if request.meta.get("dont_retry") or self._tries >= _TRIES + _TRIES_PART * self._answers:
            return None
        again = self._retry(request, why)
        if again is not None:
            self._tries += 1
        return again

    async def _write_down(self, host: Host) -> None:
        if host.left_alone_until is not None:
            spider = cast("_Pausing", self.crawler.spider)
            await spider.host_paused(host.key, host.left_alone_until, host.why)


def _is_proxied(request: Request) -> bool:
    return bool(request.meta.get("proxy") or request.meta.get("playwright"))


def _end_of(url: str, address: object) -> tuple[str, str | None, int]:
    """Return the name, the address that answered, and the port of a URL."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.hostname or "", str(address) if address else None, port
