"""What a page or a feed says of where it stands itself, and which site it is of."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from html import unescape
from urllib.parse import urljoin

import attrs
from selectolax.lexbor import LexborHTMLParser

from newsbot.discovery.anchors import SIZE
from newsbot.discovery.feeds import read_feed
from newsbot.discovery.sniff import sniff
from newsbot.text.urls import is_web_url, site_of

# The part of a feed before its first entry; some put the channel's own fields behind all of them.
_FIRST_ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_HEAD = 100_000
_LINK = re.compile(r"<(?:\w+:)?link\b([^>]*?)(?:/>|>(?:\s*<!\[CDATA\[)?([^<\]]*))", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*["']([^"']*)["']""")
# Of a feed's entries so many have to be on one host for the feed to be that site's.
_MOST = 0.8


@attrs.frozen(kw_only=True)
class OwnAddresses:
    """``home`` is the homepage that a feed names, or "" ; ``stated`` are addresses of itself."""

    home: str = ""
    stated: tuple[str, ...] = ()


def own_addresses(body: bytes, url: str) -> OwnAddresses:
    """Return what a body says of its own addresses: rel=canonical, og:url, rel=self and the like."""
    if sniff(body) == "feed":
        return _of_feed(body, url)
    tree = LexborHTMLParser(body[:SIZE])
    stated = []
    for selector, attribute in (
        ('link[rel~="canonical" i][href]', "href"),
        ('meta[property="og:url"][content]', "content"),
    ):
        node = tree.css_first(selector)
        stated.append(_joined(url, (node.attributes.get(attribute) or "") if node else ""))
    return OwnAddresses(stated=_each_once(stated, url))


def _of_feed(body: bytes, url: str) -> OwnAddresses:
    first = _FIRST_ENTRY.search(body)
    head = body[: min(first.start() if first else _HEAD, _HEAD)].decode("utf8", "replace")
    homes, stated = (
        _json_links(body) if head.lstrip("\ufeff \r\n\t").startswith("{") else _links(head)
    )
    home = next(filter(None, (_joined(url, each) for each in homes)), "") or _of_entries(body, url)
    return OwnAddresses(home=home, stated=_each_once((_joined(url, s) for s in stated), url))


def _links(head: str) -> tuple[list[str], list[str]]:
    homes, stated = [], []
    for attributes, text in _LINK.findall(head):
        said = {name.lower(): unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}
        if said.get("rel") == "self":
            stated.append(said.get("href", ""))
        elif said.get("rel", "alternate") == "alternate":
            homes.append(said.get("href") or unescape(text))
    return homes, stated


def _json_links(body: bytes) -> tuple[list[str], list[str]]:
    try:
        feed = json.loads(body)
    except ValueError:
        return [], []
    said = feed if isinstance(feed, dict) else {}
    return [str(said.get("home_page_url") or "")], [str(said.get("feed_url") or "")]


def _of_entries(body: bytes, url: str) -> str:
    """Return the root of the site that nearly all of a feed's entries are on."""
    entries = read_feed(body, url)
    hosts = Counter(site_of(entry.url) for entry in entries)
    for host, number in hosts.most_common(1):
        if number >= _MOST * len(entries):
            like = next(entry.url for entry in entries if site_of(entry.url) == host)
            return urljoin(like, "/")
    return ""


def _joined(base: str, link: str) -> str:
    try:
        address = urljoin(base, link.strip()) if link.strip() else ""
    except ValueError:
        return ""
    return address if is_web_url(address) else ""


def _each_once(addresses: Iterable[str], url: str) -> tuple[str, ...]:
    return tuple(each for each in dict.fromkeys(addresses) if each and each != url)
