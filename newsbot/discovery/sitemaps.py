"""Sitemaps: lists of addresses, indexes of such lists, gzip, and the news extension.

Source: sitemaps.org protocol 0.9, and the schema of ``sitemap-news/0.9``.
"""

import gzip
import re
import zlib
from datetime import UTC, date, datetime
from html import unescape
from urllib.parse import urljoin

import attrs

from newsbot.discovery.entries import Entry
from newsbot.text.dates import ParsedDate
from newsbot.text.urls import is_web_url

# The protocol's own limits: 50,000 addresses and 50 MB a file.
ENTRIES = 50_000
SIZE = 52_428_800

_ITEM = re.compile(
    r"<(?:\w+:)?(url|sitemap)\b[^>]*>(.*?)</(?:\w+:)?\1\s*>", re.DOTALL | re.IGNORECASE
)
_FIELD = re.compile(
    r"<(?:[\w-]+:)?(loc|title|publication_date)\b[^>]*>\s*"
    r"(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))\s*</",
    re.DOTALL | re.IGNORECASE,
)
# <image:loc> and the like are not the page's own address.
_EXTRAS = re.compile(r"<(image|video):\w+\b.*?</\1:\w+\s*>", re.DOTALL | re.IGNORECASE)


@attrs.frozen
class Sitemap:
    """What a sitemap names: pages, and (of an index) further sitemaps."""

    entries: list[Entry]
    children: list[str]


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """Return what a sitemap names, in its order; as much as can be read of a broken one.

    It is read by pattern and not by an XML parser: entities of its own are never expanded, and one
    bad character does not lose the rest.
    """
    text = _unpack(body).decode("utf8", "replace")
    entries: list[Entry] = []
    children: list[str] = []
    for item in _ITEM.finditer(text):
        if len(entries) + len(children) >= ENTRIES:
            break
        fields = {
            name.lower(): unescape(cdata or plain).strip()
            for name, cdata, plain in _FIELD.findall(_EXTRAS.sub("", item.group(2)))
        }
        try:
            address = urljoin(url, fields.get("loc", ""))
        except ValueError:
            continue
        if not fields.get("loc") or not is_web_url(address):
            continue
        if item.group(1).lower() == "sitemap":
            children.append(address)
        else:
            published = _date(fields.get("publication_date", ""))
            entries.append(Entry(url=address, title=fields.get("title", ""), published=published))
    if not entries and not children and "<" not in text:
        entries = [Entry(url=line) for line in text.split()[:ENTRIES] if is_web_url(line)]
    return Sitemap(entries, children)


def _unpack(body: bytes) -> bytes:
    """Return a body unpacked, up to the protocol's size."""
    if not body.startswith(b"\x1f\x8b"):
        return body[:SIZE]
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(body, SIZE)
    except (zlib.error, gzip.BadGzipFile):
        return b""


def _date(text: str) -> ParsedDate | None:
    """Read a W3C date and time; a bare day stays one."""
    try:
        if len(text) == 10:
            return ParsedDate(date.fromisoformat(text), None, "sitemap")
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return ParsedDate(moment.date(), None, "sitemap")
    return ParsedDate(moment.date(), moment.astimezone(UTC), "sitemap")
