"""The site of the hostile server: its honest articles, its traps, and hosts that ask for a pause.

What leads to them stands in :mod:`tests.hostile_entry_points`.
"""

import asyncio
import gzip
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable
from functools import cache
from typing import TYPE_CHECKING

import brotli
from backports import zstd

if TYPE_CHECKING:
    from tests.hostile_server import HostileServer

Writer = asyncio.StreamWriter
Route = Callable[["HostileServer", Writer, str], Awaitable[None]]

ROUTES: dict[str, Route] = {}
HONEST = 12
MEGABYTE = 1_000_000


def route(prefix: str) -> Callable[[Route], Route]:
    """Answer addresses that begin so; the longest such prefix answers."""

    def keep(handler: Route) -> Route:
        ROUTES[prefix] = handler
        return handler

    return keep


class OverError(Exception):
    """This connection is done with."""


async def push(writer: Writer, data: bytes) -> None:
    """Send a piece of something long, while somebody listens."""
    if writer.transport.is_closing():
        raise OverError
    writer.write(data)
    await writer.drain()


def send(writer: Writer, body: bytes | str, *headers: str, status: str = "200 OK") -> None:
    """Send an ordinary response."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", *headers]
    if not any(line.lower().startswith("content-type") for line in headers):
        lines.append("Content-Type: text/html; charset=utf-8")
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + data)


def redirect(writer: Writer, where: str) -> None:
    """Send a redirect."""
    send(writer, "", f"Location: {where}", status="302 Found")


async def missing(_server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, "<p>Not here.</p>", status="404 Not Found")


# The honest site


def story(number: int) -> str:
    """Return an honest article."""
    paragraphs = "".join(
        f"<p>The council of district {number} met on its {part}th day and heard what the engineers "
        f"had found under bridge {number * 7 + part}; nobody was hurt, and the work goes on until "
        "the river is low enough for the divers to see the piers again.</p>"
        for part in range(1, 6)
    )
    title = f"Council of district {number} hears about bridge {number * 7}"
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>'
        '<meta property="og:type" content="article">'
        f'<meta property="article:published_time" content="2024-05-{number:02d}T08:00:00Z"></head>'
        f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )


def honest(number: int) -> str:
    """Return the path of an honest article."""
    return f"/news/2024/05/{number:02d}/council-hears-about-bridge-{number}.html"


@route("/news/")
async def _story(_server: "HostileServer", writer: Writer, path: str) -> None:
    send(writer, story(int(path.split("/")[4])))


def page_of(links: list[str]) -> str:
    """Return a page of article links."""
    listed = "".join(
        f'<li><a href="{link}">A long headline about what stands at {link}</a></li>'
        for link in links
    )
    return (
        f"<html><head><title>Daily</title></head><body><main><ul>{listed}</ul></main></body></html>"
    )


def feed_of(links: list[str]) -> str:
    """Return a feed of these links."""
    items = "".join(
        f"<item><title>About {link}</title><link>{link}</link></item>" for link in links
    )
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Daily</title>'
        f"<link>/</link>{items}</channel></rss>"
    )


@route("/robots.txt")
async def _robots(server: "HostileServer", writer: Writer, _path: str) -> None:
    send(
        writer,
        server.robots,
        "Content-Type: text/plain",
        *server.robots_headers,
        status=f"{server.robots_status} Said",
    )


# Pages that are traps: each stands behind a link of the page /traps/


def trap(name: str) -> str:
    """Return the path of a trap, which looks like any article's."""
    return f"/t/{name}/a-long-slug-as-articles-have.html"


@route("/t/slow-drip")
async def _slow_drip(_server: "HostileServer", writer: Writer, _path: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n")
    while True:
        await push(writer, b"<p>")
        await asyncio.sleep(0.05)


@route("/t/slow-header")
async def _slow_header(_server: "HostileServer", writer: Writer, _path: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        await push(writer, b"X-A: b\r\n")
        await asyncio.sleep(0.05)


@route("/t/silent")
async def _silent(_server: "HostileServer", _writer: Writer, _path: str) -> None:
    await asyncio.sleep(3600)


@route("/t/redirects")
async def _redirects(_server: "HostileServer", writer: Writer, path: str) -> None:
    number = int(path.rpartition("-")[2]) if path[-1].isdigit() else 0
    redirect(writer, f"/t/redirects/to-the-next-of-them-{number + 1}")


@route("/t/circle")
async def _circle(_server: "HostileServer", writer: Writer, path: str) -> None:
    redirect(writer, trap("circle-too" if "circle/" in path else "circle"))


@route("/t/to-metadata")
async def _to_metadata(_server: "HostileServer", writer: Writer, _path: str) -> None:
    redirect(writer, "http://169.254.169.254/latest/meta-data/")


@route("/t/to-loopback-six")
async def _to_loopback_six(server: "HostileServer", writer: Writer, _path: str) -> None:
    redirect(
        writer, f"http://[::1]:{server.port}/news/2024/05/09/council-hears-about-bridge-9.html"
    )


@route("/t/to-file")
async def _to_file(_server: "HostileServer", writer: Writer, _path: str) -> None:
    redirect(writer, "file:///etc/passwd")


@route("/t/to-long-address")
async def _to_long_address(_server: "HostileServer", writer: Writer, _path: str) -> None:
    redirect(writer, "/news/" + "a" * 8_000)


@cache
def bomb(encoding: str) -> bytes:
    """Return 50 MB of a page's beginning, packed."""
    page = b"<html><body><p>" + b"a" * (50 * MEGABYTE)
    if encoding == "gzip":
        return gzip.compress(page, 1)
    if encoding == "deflate":
        return zlib.compress(page, 1)
    if encoding == "br":
        return bytes(brotli.compress(page, quality=1))
    return bytes(zstd.compress(page, 1))


@route("/t/bomb-")
async def _bomb(_server: "HostileServer", writer: Writer, path: str) -> None:
    encoding = path.split("/")[2].removeprefix("bomb-")
    send(writer, await asyncio.to_thread(bomb, encoding), f"Content-Encoding: {encoding}")


@route("/t/nested")
async def _nested(_server: "HostileServer", writer: Writer, _path: str) -> None:
    body = story(1).encode()
    for _ in range(20):
        body = gzip.compress(body)
    send(writer, body, "Content-Encoding: " + ", ".join(["gzip"] * 20))


@route("/t/gigabyte-announced")
async def _gigabyte_announced(_server: "HostileServer", writer: Writer, _path: str) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000000000\r\n\r\n"
    )
    await _pour(writer, 1_000 * MEGABYTE)


@route("/t/gigabyte-unannounced")
async def _gigabyte(_server: "HostileServer", writer: Writer, _path: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
    await _pour(writer, 1_000 * MEGABYTE)
    raise OverError


async def _pour(writer: Writer, size: int) -> None:
    piece = b"<p>word and word</p>" * 5_000
    for _ in range(size // len(piece)):
        await push(writer, piece)


@route("/t/endless-chunks")
async def _endless_chunks(_server: "HostileServer", writer: Writer, _path: str) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    while True:
        await push(writer, b"1000\r\n" + b"a" * 0x1000 + b"\r\n")


@route("/t/header-lines")
async def _header_lines(_server: "HostileServer", writer: Writer, _path: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(5_000):
        await push(writer, b"X-Number-%d: %s\r\n" % (number, b"b" * 1_000) * 10)
    writer.write(b"Content-Length: 0\r\n\r\n")


@route("/t/header-line")
async def _header_line(_server: "HostileServer", writer: Writer, _path: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(5_000):
        await push(writer, b"a" * 10_000)
    writer.write(b"\r\nContent-Length: 0\r\n\r\n")


@route("/t/interim")
async def _interim(_server: "HostileServer", writer: Writer, _path: str) -> None:
    while True:
        await push(writer, b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * 100)


@route("/t/cookies-many")
async def _cookies_many(_server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, story(9), *(f"Set-Cookie: c{n}={'v' * 200}; Path=/" for n in range(5_000)))


@route("/t/reset")
async def _reset(_server: "HostileServer", writer: Writer, _path: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n<p>")
    await writer.drain()
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    raise OverError


@route("/t/garbage")
async def _garbage(_server: "HostileServer", writer: Writer, _path: str) -> None:
    writer.write(b"<html><body>HTTP/0.9 had no headers at all\r\n\r\n" + bytes(range(256)) * 20)
    raise OverError


@route("/t/status-nonsense")
async def _status(_server: "HostileServer", writer: Writer, _path: str) -> None:
    writer.write(b"HTTP/9.9 two-hundred OK\r\nContent-Length: -5\r\n\r\n")
    raise OverError


@route("/t/chunk-nonsense")
async def _chunk(_server: "HostileServer", writer: Writer, _path: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n-1\r\n\r\n")
    raise OverError


@route("/t/binary")
async def _binary(_server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400, "Content-Type: text/html")


@route("/t/film")
async def _film(_server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 400, "Content-Type: text/html")


# Honest articles in odd dress


@route("/o/as-image")
async def _as_image(_server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, story(21), "Content-Type: image/png")


@route("/o/many-cookies")
async def _with_cookies(_server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, story(22), *(f"Set-Cookie: c{n}=v; Path=/" for n in range(1_000)))


@route("/o/long-header")
async def _with_long_header(_server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, story(23), "Content-Security-Policy: " + "https://cdn.example " * 1_500)


@route("/o/cookie-gate")
async def _cookie_gate(server: "HostileServer", writer: Writer, path: str) -> None:
    if "cookie: seen=yes" in server.heads[path]:
        send(writer, story(26))
    else:
        send(writer, "", f"Location: {path}", "Set-Cookie: seen=yes; Path=/", status="302 Found")


@route("/o/no-type")
async def _no_type(_server: "HostileServer", writer: Writer, _path: str) -> None:
    body = story(24).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


@route("/o/zstd")
async def _zstd(_server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, zstd.compress(story(25).encode()), "Content-Encoding: zstd")


def odd(name: str) -> str:
    """Return the path of an honest article in odd dress."""
    return f"/o/{name}/a-long-slug-as-articles-have.html"


# Hosts that ask for a pause, or are in trouble


def busy(number: int) -> str:
    """Return the path of an article that is only given when nobody is busy."""
    return f"/busy/{number}/a-long-slug-as-articles-have.html"


@route("/busy-page/")
async def _busy_page(_server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, page_of([busy(number) for number in range(1, 9)]))


@route("/busy/")
async def _busy(server: "HostileServer", writer: Writer, path: str) -> None:
    if server.busy:
        send(writer, "", f"Retry-After: {server.busy.pop()}", status="429 Too Many Requests")
    else:
        send(writer, story(int(path.split("/")[2])))


@route("/broken-page/")
async def _broken_page(_server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, page_of([f"/broken/{n}/a-long-slug-as-articles-have.html" for n in range(100)]))


@route("/broken/")
async def _broken(_server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, "", status="500 Internal Server Error")
