"""The proxy on loopback through which a crawl's pages in the browser reach the network.

A browser fetches what a page names: scripts, frames, redirects, sockets. What it looks up and where
it connects is not for us to see from outside, so it is given no other way out than this proxy, which
looks each name up, checks the addresses by the crawl's policy and connects to one that passed. TLS
goes through it unread. One crawl has one proxy, since each crawl has its own policy.
"""

import asyncio
import base64
import contextlib
from collections.abc import Awaitable, Callable
from typing import Self
from urllib.parse import unquote, urlsplit

import attrs

from newsbot.fetching.addresses import DEFAULT_PORTS, AddressPolicy, literal
from newsbot.fetching.refusals import RefusedError

# Bytes that the head of a request or answer may have, and seconds that it may take to arrive.
HEAD_BYTES, HEAD_SECONDS = 65_536, 30.0
# Seconds that connecting to one address may take.
CONNECT_SECONDS = 10.0
# Hosts whose refusal is remembered; a page may name any number.
REMEMBERED = 200
_CHUNK = 65_536
# Headers that concern one connection (RFC 9110, 7.6.1), not the request that is handed on.
_OF_ONE_HOP = frozenset({"connection", "keep-alive", "proxy-connection", "proxy-authorization"})

LookUp = Callable[[str], Awaitable[list[str]]]


@attrs.frozen
class Upstream:
    """The operator's own proxy, to which this one hands on. ``authorization`` is a header or ""."""

    host: str
    port: int
    authorization: str = attrs.field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """Return the proxy at a URL as ``http://user:password@proxy.example:3128``."""
        parts = urlsplit(url)
        said = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        basic = base64.b64encode(said.encode()).decode("ascii")
        return cls(
            parts.hostname or "",
            parts.port or DEFAULT_PORTS.get(parts.scheme, 80),
            f"Basic {basic}" if parts.username is not None else "",
        )


class BrowserProxy:
    """A forward proxy on 127.0.0.1 that connects only where a policy lets it.

    ``refusals`` tells by host and port what was refused; ``refused`` is called once for each.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        look_up: LookUp,
        *,
        upstream: Upstream | None = None,
        refused: Callable[[str, RefusedError], None] = lambda _host, _error: None,
    ) -> None:
        self._policy = policy
        self._look_up = look_up
        self._upstream = upstream
        self._refused = refused
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.refusals: dict[tuple[str, int], RefusedError] = {}

    async def start(self) -> str:
        """Listen on a free port; returns this proxy's URL."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=HEAD_BYTES)
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    async def close(self) -> None:
        """Stop, and end the connections that are open."""
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        if self._open:
            await asyncio.wait(self._open)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except RefusedError:
            await _answer(writer, "403 Forbidden")
        except (OSError, TimeoutError):
            await _answer(writer, "502 Bad Gateway")
        except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await _answer(writer, "400 Bad Request")
        except asyncio.CancelledError:
            pass  # the proxy closes
        finally:
            self._open.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, headers = await _head(reader)
        method, target, _version = line.split(" ", 2)
        if method == "CONNECT":
            parts = urlsplit(f"//{target}")
            far = await self._connect(parts.hostname or "", parts.port or 0, tunnel=True)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _both_ways(reader, writer, *far)
            return
        parts = urlsplit(target)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(target)
        far_reader, far_writer = await self._connect(
            parts.hostname, DEFAULT_PORTS["http"] if parts.port is None else parts.port
        )
        kept = [(name, value) for name, value in headers if name.lower() not in _OF_ONE_HOP]
        kept.append(("Connection", "close"))
        if self._upstream is None:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        elif self._upstream.authorization:
            kept.append(("Proxy-Authorization", self._upstream.authorization))
        far_writer.write(_written(f"{method} {target} HTTP/1.1", kept))
        await self._one_exchange(reader, writer, far_reader, far_writer, headers)

    async def _one_exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
        headers: list[tuple[str, str]],
    ) -> None:
        """Hand a request's body over and its answer back; the connection ends with it.

        The next request on it might be for another host.
        """
        sizes = [int(value) for name, value in headers if name.lower() == "content-length"]
        sending = asyncio.create_task(_some(reader, far_writer, sizes[0] if sizes else 0))
        try:
            line, answered = await _head(far_reader)
            kept = [(name, value) for name, value in answered if name.lower() not in _OF_ONE_HOP]
            writer.write(_written(line, [*kept, ("Connection", "close")]))
            await _all(far_reader, writer)
        finally:
            sending.cancel()
            far_writer.close()

    async def _connect(
        self, host: str, port: int, *, tunnel: bool = False
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            addresses = await self._permitted(host, port)
        except RefusedError as error:
            self._note(host, port, error)
            raise
        if self._upstream is not None:
            return await self._through(self._upstream, host, port, tunnel=tunnel)
        failure: Exception = OSError(f"{host} is not known")
        for address in addresses:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await asyncio.open_connection(address, port, limit=HEAD_BYTES)
            except (OSError, TimeoutError) as error:
                failure = error
        raise failure

    async def _permitted(self, host: str, port: int) -> list[str]:
        """Return addresses of a host that passed; nothing else is connected to."""
        self._policy.check_host(host, port)
        spelt = literal(host)
        found = [str(spelt)] if spelt is not None else await self._look_up(host)
        if self._upstream is not None:  # which of them its proxy takes is not for us to say
            self._policy.check_all(host, port, found)
        return self._policy.passed(host, port, found)

    async def _through(
        self, upstream: Upstream, host: str, port: int, *, tunnel: bool
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(
            upstream.host, upstream.port, limit=HEAD_BYTES
        )
        if not tunnel:
            return reader, writer
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        headers = [("Host", where)]
        if upstream.authorization:
            headers.append(("Proxy-Authorization", upstream.authorization))
        writer.write(_written(f"CONNECT {where} HTTP/1.1", headers))
        line, _ = await _head(reader)
        if line.split(" ")[1] != "200":
            writer.close()
            raise OSError(f"the proxy answered {line!r}")
        return reader, writer

    def _note(self, host: str, port: int, error: RefusedError) -> None:
        if (host, port) not in self.refusals and len(self.refusals) < REMEMBERED:
            self.refusals[host, port] = error
            self._refused(f"{host}:{port}", error)


async def _head(reader: asyncio.StreamReader) -> tuple[str, list[tuple[str, str]]]:
    """Read the first line and the headers of a message. Raises ValueError where it is none."""
    async with asyncio.timeout(HEAD_SECONDS):
        head = await reader.readuntil(b"\r\n\r\n")
    line, *rest = head[:-4].decode("latin-1").split("\r\n")
    headers = []
    for each in rest:
        name, colon, value = each.partition(":")
        if not colon:
            raise ValueError(each)
        headers.append((name, value.strip()))
    return line, headers


def _written(line: str, headers: list[tuple[str, str]]) -> bytes:
    lines = [line, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


async def _answer(writer: asyncio.StreamWriter, status: str) -> None:
    with contextlib.suppress(OSError):
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )
        await writer.drain()


async def _some(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, size: int) -> None:
    while size > 0 and (data := await reader.read(min(size, _CHUNK))):
        size -= len(data)
        writer.write(data)
        await writer.drain()


async def _all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()


async def _both_ways(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
) -> None:
    """Carry bytes both ways until either side ends."""
    ways = [
        asyncio.create_task(_all(reader, far_writer)),
        asyncio.create_task(_all(far_reader, writer)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait(ways, timeout=1.0)  # what the other side had on its way
    finally:
        for way in ways:
            way.cancel()
        far_writer.close()
