"""A page, as what discovery looks for is read from it: decoded and parsed once, for all readers."""

from functools import cached_property

import attrs
from selectolax.lexbor import LexborHTMLParser

from newsbot.discovery.anchors import Anchor, anchors
from newsbot.extraction.tree import parse
from newsbot.text.urls import absolute

# Bytes of a page that are looked at.
SIZE = 5_000_000


@attrs.frozen(eq=False)
class Page:
    """A page: its ``url``, its ``tree``, which readers leave as it is, and where relative links start from."""

    url: str
    tree: LexborHTMLParser
    base: str

    @cached_property
    def anchors(self) -> tuple[Anchor, ...]:
        """The page's links, in its order."""
        return tuple(anchors(self.tree, self.base))


def read_page(html: bytes, url: str, *, charset: str = "") -> Page:
    """Return a page, decoded as browsers do; an empty one where it cannot be parsed.

    ``charset`` is the encoding that came with it, "" where none was stated. Never raises.
    """
    try:
        tree: LexborHTMLParser = parse(html[:SIZE], charset)[1]
    except Exception:  # noqa: BLE001 - no page may break the crawl
        tree = LexborHTMLParser("")
    # HTML 2.4.3: the first one counts.
    base = tree.css_first("base[href]")
    told = (base.attributes.get("href") or "") if base is not None else ""
    return Page(url, tree, absolute(url, told) or url)
