"""Sitemaps: lists of addresses, indexes of such lists, gzip, plain text, and the news extension.

Source: sitemaps.org protocol 0.9, and the schema of ``sitemap-news/0.9``. They are read by pattern
and not by an XML parser: entities of their own are never expanded, one bad character does not lose
the rest, and what a torn file holds is read to its last whole entry, in time that grows with its
size alone.
"""

import re
from collections.abc import Iterator
from html import unescape

import attrs

from newsbot.discovery.entries import Entry
from newsbot.discovery.gzipped import unpacked
from newsbot.discovery.listed_dates import listed_date
from newsbot.text.byte_order import marked
from newsbot.text.dates import ParsedDate
from newsbot.text.urls import absolute, is_web_url

# The protocol's own limits: 50,000 addresses and 50 MB a file.
ENTRIES = 50_000
SIZE = 52_428_800
_ADDRESS = 2_048  # characters of an address, by the protocol
# Tags that are looked at: twenty for each address, more than the extensions have fields.
_TAGS = 20 * ENTRIES
_TITLE = 500

_TAG = re.compile(
    r"<(?P<close>/?)(?:(?P<prefix>[\w-]+):)?"
    r"(?P<name>url|sitemap|loc|lastmod|publication_date|title|language)(?=[\s/>])[^<>]*>"
    r"|<!--|<!\[CDATA\[",
    re.IGNORECASE,
)
# Fields of the extensions for pictures and films are not the page's own.
_EXTRAS = frozenset({"image", "video"})
_BLANK = re.compile(r"\s*")
_ENCODING = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]{1,40})""")


@attrs.frozen
class Child:
    """A sitemap that an index names, and when it last changed, where the index says so."""

    url: str
    changed: ParsedDate | None = None


@attrs.frozen
class Sitemap:
    """What a sitemap names: pages, and (of an index) further sitemaps.

    An entry's ``updated`` is its ``lastmod``; ``published`` comes of the news extension.
    """

    entries: list[Entry]
    children: list[Child]


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """Return what a sitemap names, in its order; as much as can be read of a broken one.

    Gzip is seen by its bytes, whatever the server says. Never raises.
    """
    text = _decoded(unpacked(body, SIZE))
    entries: list[Entry] = []
    children: list[Child] = []
    for kind, fields in _items(text):
        if len(entries) + len(children) >= ENTRIES:
            break
        address = _address(url, fields.get("loc", ""))
        if not address:
            continue
        changed = listed_date(fields.get("lastmod", ""), "sitemap")
        if kind == "sitemap":
            children.append(Child(address, changed))
        else:
            entries.append(
                Entry(
                    url=address,
                    title=" ".join(fields.get("title", "").split())[:_TITLE],
                    published=listed_date(fields.get("publication_date", ""), "sitemap"),
                    updated=changed,
                    language=fields.get("language", "")[:35],
                )
            )
    if not entries and not children and "<" not in text[:1000]:
        entries = [Entry(url=line) for line in _lines(text)][:ENTRIES]
    return Sitemap(entries, children)


def _decoded(body: bytes) -> str:
    text = marked(body)
    if text is not None:
        return text
    declared = _ENCODING.search(body[:200])
    name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        return body.decode(name, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _items(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each whole item, ``url`` or ``sitemap``, with its own fields."""
    kind, owner = "", ""
    fields: dict[str, str] = {}
    place = 0
    for _ in range(_TAGS):
        tag = _TAG.search(text, place)
        if tag is None:
            return
        place = tag.end()
        if tag["name"] is None:  # a comment, or text that is none of a field
            end = text.find("-->" if tag[0] == "<!--" else "]]>", place)
            if end < 0:
                return
            place = end + 3
            continue
        name, prefix = tag["name"].lower(), (tag["prefix"] or "").lower()
        if name in ("url", "sitemap"):
            if tag["close"] and fields:
                yield kind, fields
            kind, owner, fields = ("", "", {}) if tag["close"] else (name, prefix, {})
        elif kind and not tag["close"] and prefix not in _EXTRAS and not tag[0].endswith("/>"):
            value, place = _value(text, place)
            if name not in fields and (name != "loc" or prefix == owner):
                fields[name] = value


def _value(text: str, start: int) -> tuple[str, int]:
    """Return a field's text, and where it ends."""
    blank = _BLANK.match(text, start)
    begin = blank.end() if blank else start
    if text.startswith("<![CDATA[", begin):
        end = text.find("]]>", begin)
        end = len(text) if end < 0 else end
        return text[begin + 9 : min(end, begin + 9 + _ADDRESS * 4)].strip(), end
    end = text.find("<", start)
    end = len(text) if end < 0 else end
    return unescape(text[start : min(end, start + _ADDRESS * 4)]).strip(), end


def _address(base: str, location: str) -> str:
    return absolute(base, location) if len(location) <= _ADDRESS else ""


def _lines(text: str) -> Iterator[str]:
    for line in text[:SIZE].splitlines():
        if len(line) <= _ADDRESS and is_web_url(line.strip()):
            yield line.strip()
