"""An entry point, read as what it is, whatever it was announced as."""

from collections.abc import Sequence

import attrs

from newsbot.discovery.entries import Entry, Kind
from newsbot.discovery.feeds import read_feed
from newsbot.discovery.gzipped import unpacked
from newsbot.discovery.links import article_links
from newsbot.discovery.page import read_page
from newsbot.discovery.sitemap_choice import worth_reading
from newsbot.discovery.sitemaps import SIZE, Child, read_sitemap
from newsbot.discovery.sniff import sniff

# Sitemap indexes inside one another that are followed; the protocol allows one.
INDEXES = 3
_BY_BYTES: tuple[Kind, ...] = ("feed", "sitemap")


@attrs.frozen
class Listing:
    """What an entry point lists: articles, and the further sitemaps that are worth reading.

    ``kind`` is what it turned out to be.
    """

    kind: Kind
    entries: Sequence[Entry]
    sitemaps: Sequence[Child] = ()


def kind_of(body: bytes, announced: str) -> Kind:
    """Return what an entry point is by its bytes; what it was ``announced`` as where they do not tell."""
    looks = sniff(body)
    for kind in _BY_BYTES:
        if looks == kind or (looks == "other" and announced == kind):
            return kind
    return "page"


def read_listing(body: bytes, url: str, kind: str, *, charset: str = "", depth: int = 0) -> Listing:
    """Read a feed, a sitemap or a page of links.

    ``kind`` is what it was announced as, and decides where its bytes do not tell; ``charset`` the
    encoding that came with it. ``depth`` counts the indexes that led to it; an index too deep names no
    further sitemaps. Never raises.
    """
    found = kind_of(body, kind)
    body = unpacked(body, SIZE)
    if found == "feed":
        return Listing("feed", read_feed(body, url, charset=charset))
    if found == "sitemap":
        sitemap = read_sitemap(body, url)
        further = worth_reading(sitemap.children) if depth < INDEXES else ()
        return Listing("sitemap", sitemap.entries, further)
    return Listing("page", article_links(read_page(body, url, charset=charset)))
