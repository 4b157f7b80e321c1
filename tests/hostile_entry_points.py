"""Entry points that are traps: feeds, sitemaps and calendars without an end, bombs, and what is never closed."""

import asyncio
import gzip
import zlib
from functools import cache
from typing import TYPE_CHECKING

from tests.hostile_site import (
    HONEST,
    ROUTES,
    Writer,
    bomb,
    feed_of,
    honest,
    odd,
    page_of,
    route,
    send,
    trap,
)

if TYPE_CHECKING:
    from tests.hostile_server import HostileServer


@route("/honest.xml")
async def _feed(_server: "HostileServer", writer: Writer, _path: str) -> None:
    links = [honest(number) for number in range(1, HONEST + 1)]
    send(writer, feed_of(links), "Content-Type: text/html")


@route("/traps/")
async def _traps(_server: "HostileServer", writer: Writer, _path: str) -> None:
    names = [prefix.removeprefix("/t/") for prefix in ROUTES if prefix.startswith("/t/")]
    names.remove("bomb-")
    names += [f"bomb-{encoding}" for encoding in ("gzip", "deflate", "br", "zstd")]
    odd_ones = [prefix.removeprefix("/o/") for prefix in ROUTES if prefix.startswith("/o/")]
    send(writer, page_of([*map(trap, names), *map(odd, odd_ones), "/news/" + "b" * 8_000]))


@route("/calendar/")
async def _calendar(_server: "HostileServer", writer: Writer, path: str) -> None:
    seed = zlib.crc32(path.encode())
    days = [(1990 + (seed + n) % 60, 1 + (seed + n) % 12, 1 + (seed * n) % 28) for n in range(300)]
    # A slug behind the day: a bare day is known for a list, and never followed as an article.
    links = [
        f"/calendar/{year}/{month:02d}/{day:02d}/what-is-on-in-town" for year, month, day in days
    ]
    send(writer, page_of(links))


LAUGHS = "".join(
    f'<!ENTITY l{n} "{"".join(f"&l{n - 1};" for _ in range(10))}">' for n in range(1, 12)
)
DOCTYPE = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "lol">{LAUGHS}]>'


@route("/laughs.xml")
async def _laughs(_server: "HostileServer", writer: Writer, _path: str) -> None:
    link = honest(1)
    body = f"<rss><channel><item><title>&l11;</title><link>{link}</link></item></channel></rss>"
    send(writer, DOCTYPE + body, "Content-Type: application/rss+xml")


@route("/laughs-sitemap.xml")
async def _laughs_sitemap(server: "HostileServer", writer: Writer, _path: str) -> None:
    title = "<news:news><news:title>&l11;</news:title></news:news>"
    body = f"<urlset><url><loc>{server.base}{honest(2)}</loc>{title}</url></urlset>"
    send(writer, DOCTYPE + body, "Content-Type: application/xml")


@cache
def million(base: str) -> bytes:
    """Return a feed of a million entries, packed: 70 MB of them."""
    items = b"".join(
        b"<item><title>t</title><link>%s/m/2024/%d/a-b-c-d</link></item>" % (base.encode(), number)
        for number in range(1_000_000)
    )
    return gzip.compress(b"<rss><channel>" + items + b"</channel></rss>", 1)


@route("/million.xml")
async def _million(server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, await asyncio.to_thread(million, server.base), "Content-Encoding: gzip")


@cache
def many(base: str) -> bytes:
    """Return a feed of 100,000 entries, 7 MB: within the size of an entry point."""
    items = b"".join(
        b"<item><title>t</title><link>%s/m/2024/%d/a-b-c-d</link></item>" % (base.encode(), number)
        for number in range(100_000)
    )
    return b"<rss><channel>" + items + b"</channel></rss>"


@route("/many.xml")
async def _many(server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, many(server.base))


@cache
def unclosed() -> bytes:
    """Return a sitemap of nothing but beginnings, packed as sitemaps are: 40 MB."""
    return gzip.compress(b"<urlset>" + b"<url><loc>" * 4_000_000, 6)


@route("/unclosed.xml.gz")
async def _unclosed(_server: "HostileServer", writer: Writer, _path: str) -> None:
    send(writer, await asyncio.to_thread(unclosed), "Content-Type: application/gzip")


@route("/deep-index/")
async def _deep_index(server: "HostileServer", writer: Writer, path: str) -> None:
    here = path.rstrip("/").rpartition("/")[2]
    children = "".join(
        f"<sitemap><loc>{server.base}/deep-index/{here}-{number}</loc></sitemap>"
        for number in range(20)
    )
    send(writer, f"<sitemapindex>{children}</sitemapindex>", "Content-Type: application/xml")


@route("/gallery.xml")
async def _feed_bomb(_server: "HostileServer", writer: Writer, _path: str) -> None:
    send(
        writer,
        await asyncio.to_thread(bomb, "gzip"),
        "Content-Encoding: gzip",
        "Content-Type: application/rss+xml",
    )
