"""httpx clients that connect only where the address policy lets them.

httpcore asks its network backend for a connection to a host. This one looks the name up, checks the
addresses and connects to one that passed: nothing looks the name up again in between. Certificates
are checked against the name all the same.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterable
from functools import cache

import httpcore
import httpx

from newsbot.fetching.addresses import DEFAULT_PORTS, AddressPolicy, is_public, literal
from newsbot.fetching.credentials import Credentials

Resolve = Callable[[str, int], list[str]]


def system_addresses(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, as the system looks them up.

    Raises:
        OSError: when it is not known.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def permitted(
    host: str, port: int, policy: AddressPolicy, resolve: Resolve = system_addresses
) -> list[str]:
    """Return the addresses of a host that may be connected to; connect to these and to no name.

    Raises:
        RefusedError: when the host has addresses, and none may be.
        OSError: when the host is not known.
    """
    policy.check_host(host, port)
    spelt = literal(host)
    found = [str(spelt)] if spelt is not None else resolve(host, port)
    return policy.passed(host, port, found)


@cache
def _certificates() -> ssl.SSLContext:
    """Return whom to trust, read once: each reading takes longer than asking a site nearby."""
    return httpx.create_ssl_context()


class PinnedTransport(httpx.HTTPTransport):
    """A transport for httpx that connects to permitted addresses alone.

    ``credentials`` go with the requests to their own hosts. With a proxy among them it connects to
    that, and the name is looked up once more, by the proxy: then a host is refused that leads to a
    forbidden address here, and no more can be promised.

    ``opened`` tells which hosts led to an address that is not public, by the operator's leave.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        credentials: Credentials = Credentials(),
        resolve: Resolve = system_addresses,
    ) -> None:
        proxy = credentials.proxy or None
        super().__init__(verify=_certificates(), proxy=proxy)
        self._policy = policy
        self._credentials = credentials
        self._resolve = resolve
        self._by_proxy = proxy is not None
        self.opened: set[str] = set()
        if type(self._pool) is not (httpcore.HTTPProxy if proxy else httpcore.ConnectionPool):
            raise TypeError("httpx keeps its connections elsewhere than this transport thinks")
        if not proxy:
            self._pool = httpcore.ConnectionPool(
                ssl_context=_certificates(),
                network_backend=_PinnedBackend(policy, resolve, self.opened),
            )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request (httpx asks for each redirect anew).

        Raises:
            RefusedError: when the URL or what it leads to is not permitted.
        """
        self._policy.check_url(str(request.url))
        if self._by_proxy:
            port = request.url.port or DEFAULT_PORTS[request.url.scheme]
            with contextlib.suppress(OSError):  # the proxy may know names that we do not
                found = self._resolve(request.url.host, port)
                self._policy.check_all(request.url.host, port, found)
        return super().handle_request(self._with_credentials(request))

    def _with_credentials(self, request: httpx.Request) -> httpx.Request:
        """Return what is sent; the request itself stays bare, for httpx copies it at a redirect."""
        if not self._credentials.belong_to(str(request.url)):
            return request
        ours = [(n.encode(), v.encode()) for n, v in self._credentials.all_headers().items()]
        names = {name.lower() for name, _ in ours}
        kept = [pair for pair in request.headers.raw if pair[0].lower() not in names]
        return httpx.Request(
            request.method,
            request.url,
            headers=kept + ours,
            stream=request.stream,
            extensions=request.extensions,
        )


class _PinnedBackend(httpcore.SyncBackend):
    def __init__(self, policy: AddressPolicy, resolve: Resolve, opened: set[str]) -> None:
        self._policy = policy
        self._resolve = resolve
        self._opened = opened

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("No address")
        for address in _addresses(host, port, self._policy, self._resolve):
            try:
                stream = super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            if not is_public(address):
                self._opened.add(host)
            return stream
        raise failure


class AsyncPinnedTransport(httpx.AsyncHTTPTransport):
    """``PinnedTransport`` for ``httpx.AsyncClient``; it takes no proxy.

    ``connections`` is how many it has open at most; who asks for one more waits.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        resolve: Resolve = system_addresses,
        connections: int = 10,
    ) -> None:
        super().__init__(verify=_certificates())
        self._policy = policy
        if type(self._pool) is not httpcore.AsyncConnectionPool:
            raise TypeError("httpx keeps its connections elsewhere than this transport thinks")
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_certificates(),
            max_connections=connections,
            network_backend=_AsyncPinnedBackend(policy, resolve),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raises RefusedError."""
        self._policy.check_url(str(request.url))
        return await super().handle_async_request(request)


class _AsyncPinnedBackend(httpcore.AnyIOBackend):
    def __init__(self, policy: AddressPolicy, resolve: Resolve) -> None:
        self._policy = policy
        self._resolve = resolve

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = httpcore.ConnectError("No address")
        addresses = await asyncio.to_thread(_addresses, host, port, self._policy, self._resolve)
        for address in addresses:
            try:
                return await super().connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _addresses(host: str, port: int, policy: AddressPolicy, resolve: Resolve) -> list[str]:
    try:
        return permitted(host, port, policy, resolve)
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
