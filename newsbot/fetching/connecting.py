"""Where Scrapy's connections are made, and what is checked there.

Scrapy's HTTP handler gives Twisted's agent a reactor, from which the agent takes two things: it has
a name resolved, and it has a connection made to one of the addresses. Here it is given a *gate*
instead, made for one request, which does both with the real reactor but lets the policy of the crawl
see the address first. So an address is checked in the very call that connects to it: whatever a name
leads to by then, however the address was spelt, after every redirect. Each crawl has its own policy
and its own pool of connections, so that what one source may reach is closed to another in the same
process.
"""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any, Protocol, cast
from urllib.parse import urldefrag, urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _BindAddressAgent,
    _ScrapyAgent,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response
from scrapy.utils._download_handlers import normalize_bind_address, wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IReactorPluggableNameResolver,
    IReactorTime,
    IResolutionReceiver,
)
from twisted.web.client import Agent
from zope.interface import implementer

from newsbot.fetching.addresses import DEFAULT_PORTS, AddressPolicy

# Seconds that a name may take to be looked up here when a proxy will look it up again.
LOOK_UP_SECONDS = 5.0


class Bounded(Protocol):
    """A spider that knows where its requests may go."""

    addresses: AddressPolicy


def policy_of(crawler: Crawler) -> AddressPolicy:
    """Return where this crawl's requests may go; a spider that does not say so: public addresses."""
    policy = getattr(crawler.spider, "addresses", None)
    return policy if isinstance(policy, AddressPolicy) else AddressPolicy()


class AddressMiddleware:
    """Downloader middleware that refuses a request for what can be seen in its URL.

    It stands before everything else, so that a link or redirect into the operator's network is
    refused for what it is, and not even its robots.txt is asked for.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "AddressMiddleware":
        """Return the middleware of this crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Pass the request, or refuse it."""
        policy_of(self._crawler).check_url(request.url)


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's handler for http and https, connecting through a gate."""

    async def download_request(self, request: Request) -> Response:
        """Download, if the policy lets the connection be made.

        Raises:
            RefusedError: when an address is not one that this crawl may fetch from.
        """
        policy = policy_of(self._crawler)
        if request.meta.get("proxy"):
            await _check_target(policy, request.url)
        agent = _GuardedAgent(
            policy,
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        try:
            with wrap_twisted_exceptions():
                return await maybe_deferred_to_future(agent.download_request(request))
        except ResponseDataLossError:
            self._fail_on_dataloss_warned = True
            raise


class _GuardedAgent(_ScrapyAgent):
    """Makes one request, through a gate of its own."""

    def __init__(self, policy: AddressPolicy, **settings: Any) -> None:
        super().__init__(**settings)
        self._policy = policy

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        if request.meta.get("proxy"):
            # It connects to the proxy and nowhere else, and the proxy is the operator's.
            return super()._get_agent(request, timeout)
        from twisted.internet import reactor

        return _BindAddressAgent(
            reactor=cast("ReactorBase", Gate(cast("ReactorBase", reactor), self._policy)),
            contextFactory=self._contextFactory,
            connectTimeout=timeout,
            bindAddress=normalize_bind_address(
                request.meta.get("bindaddress") or self._bindAddress
            ),
            pool=self._pool,
        )


@implementer(IReactorPluggableNameResolver, IReactorTime)
class Gate:
    """The part of a reactor that makes one request's connections, to permitted addresses.

    It has nothing else of the reactor: what does not pass here fails.
    """

    def __init__(self, reactor: ReactorBase, policy: AddressPolicy) -> None:
        self._reactor = reactor
        self._policy = policy
        self._host = ""
        self.nameResolver: IHostnameResolver = cast("IHostnameResolver", _NotedNames(self))
        self.callLater = reactor.callLater
        self.seconds = reactor.seconds
        self.getDelayedCalls = reactor.getDelayedCalls

    def connectTCP(  # noqa: N802 - Twisted's interface
        self,
        host: str,
        port: int,
        factory: Any,
        timeout: float = 30,
        bindAddress: Any = None,  # noqa: N803
    ) -> Any:
        """Connect to an IP address, or raise RefusedError."""
        self._policy.check(self._host, port, host)
        connect = self._reactor.connectTCP  # type: ignore[attr-defined]
        return connect(host, port, factory, timeout=timeout, bindAddress=bindAddress)


@implementer(IHostnameResolver)
class _NotedNames:
    """The reactor's name resolver; the gate learns whose addresses these are."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def resolveHostName(  # noqa: N802 - Twisted's interface
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        self._gate._host = hostName
        resolver: Any = self._gate._reactor.nameResolver
        return cast(
            "IHostResolution",
            resolver.resolveHostName(
                resolutionReceiver, hostName, portNumber, addressTypes, transportSemantics
            ),
        )


async def look_up(host: str) -> list[str]:
    """Return the IP addresses that a name leads to, by the reactor's resolver; none if unknown."""
    from twisted.internet import reactor

    found: list[str] = []
    done = asyncio.get_running_loop().create_future()

    @implementer(IResolutionReceiver)
    class Receiver:
        @staticmethod
        def resolutionBegan(_resolution: IHostResolution) -> None:  # noqa: N802
            pass

        @staticmethod
        def addressResolved(address: IAddress) -> None:  # noqa: N802
            found.append(address.host)

        @staticmethod
        def resolutionComplete() -> None:  # noqa: N802
            if not done.done():
                done.set_result(None)

    cast("Any", reactor).nameResolver.resolveHostName(Receiver(), host)
    await done
    return found


async def _check_target(policy: AddressPolicy, url: str) -> None:
    """Refuse what a proxy is to fetch, if its name leads to an address that is not permitted.

    A name that is not known here is left to the proxy: it may know more names than we do.
    """
    parts = urlsplit(urldefrag(url)[0])
    host, port = parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 80)
    try:
        ip_address(host)
        return  # the middleware has seen it
    except ValueError:
        pass
    try:
        found = await asyncio.wait_for(look_up(host), LOOK_UP_SECONDS)
    except TimeoutError:
        return
    policy.check_all(host, port, found)
