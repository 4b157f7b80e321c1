"""What a page or a feed says of where it stands itself, and which site it is of."""

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urljoin

import attrs

from newsbot.discovery.feeds import Feed
from newsbot.discovery.page import Page
from newsbot.text.urls import absolute, site_of

# Of a feed's entries so many have to be on one host for the feed to be that site's.
_MOST = 0.8


@attrs.frozen(kw_only=True)
class OwnAddresses:
    """``home`` is the homepage that a feed names, or ""; ``stated`` are addresses of itself."""

    home: str = ""
    stated: tuple[str, ...] = ()


def of_page(page: Page) -> OwnAddresses:
    """Return what a page says of its own addresses: rel=canonical and og:url."""
    stated = []
    for selector, attribute in (
        ('link[rel~="canonical" i][href]', "href"),
        ('meta[property="og:url"][content]', "content"),
    ):
        node = page.tree.css_first(selector)
        told = (node.attributes.get(attribute) or "") if node else ""
        stated.append(absolute(page.base, told))
    return OwnAddresses(stated=_each_once(stated, page.url))


def of_feed(feed: Feed, url: str) -> OwnAddresses:
    """Return what a feed says of its own address and of its site's, else where its entries are."""
    home = next(filter(None, (absolute(url, each) for each in feed.homes)), "")
    stated = (absolute(url, each) for each in feed.selves)
    return OwnAddresses(home=home or _root_of(feed), stated=_each_once(stated, url))


def _root_of(feed: Feed) -> str:
    """Return the root of the site that nearly all of a feed's entries are on."""
    hosts = Counter(site_of(entry.url) for entry in feed.entries)
    for host, number in hosts.most_common(1):
        if number >= _MOST * len(feed.entries):
            like = next(entry.url for entry in feed.entries if site_of(entry.url) == host)
            return urljoin(like, "/")
    return ""


def _each_once(addresses: Iterable[str], url: str) -> tuple[str, ...]:
    return tuple(each for each in dict.fromkeys(addresses) if each and each != url)
