"""The links of a page, with where each stands and how it is shown: what the other readers judge by."""

import re
from collections.abc import Iterator
from functools import lru_cache

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsbot.text.urls import absolute

# Links that are read of a page.
LINKS = 5_000
# Characters of a link's text that are kept; a card that is one link carries its teaser, too.
TEXT = 500
# How far up a link's surroundings are looked at.
_LEVELS = 12

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# Elements and ARIA roles of what stands around a page's content (HTML 4.3, ARIA 5.3.4).
_AROUND = frozenset({"nav", "footer", "aside", "form", "button", "label", "menu"})
_ROLES = frozenset({"navigation", "contentinfo", "search", "menu", "menubar", "banner"})
_CONTENT = frozenset({"main", "article"})
# Class names and ids, as words; they are English on sites of all languages.
_WORD = re.compile(r"[a-z]+|[0-9]+", re.IGNORECASE)
_MENU_NAMES = frozenset(
    "nav navbar navigation menu submenu footer breadcrumb breadcrumbs topbar toolbar sitenav".split()
)


@attrs.frozen
class Anchor:
    """A link of a page.

    ``url`` is absolute, without fragment. ``text`` is what a reader sees of it (its heading,
    where it holds one), else what it is labelled or its picture stands for. ``heading`` says that it stands in a heading or holds one,
    ``around`` that it stands in a menu, a footer or the like, ``names`` are the words of its own and
    its parents' classes and ids, ``block`` tells the place in the page's structure that it shares
    with its likes, ``rel`` its relation as words.
    """

    url: str
    text: str
    heading: bool
    around: bool
    names: frozenset[str]
    block: str
    rel: frozenset[str]


def join(base: str, link: str) -> str:
    """Return the absolute address of a link, without its fragment; "" where it leads to no page."""
    return "" if link.lstrip().startswith("#") else absolute(base, link).partition("#")[0]


def anchors(tree: LexborHTMLParser, base: str) -> Iterator[Anchor]:
    """Yield the links of a page, in its order; ``base`` is where relative ones start from."""
    for number, node in enumerate(tree.css("a[href]")):
        if number >= LINKS:
            return
        address = join(base, node.attributes.get("href") or "")
        if address:
            yield _anchor(node, address)


def _anchor(node: LexborNode, address: str) -> Anchor:
    own = _names(node)
    names = set(own)
    heading = node.css_first("h1,h2,h3,h4,h5,h6") is not None
    around = not own.isdisjoint(_MENU_NAMES)
    in_content = False
    block: list[str] = [_step(node)]
    parent = node.parent
    for level in range(_LEVELS):
        if parent is None or parent.tag in ("body", "html"):
            break
        if level < 4:
            names |= _names(parent)
        if level < 3:
            block.append(_step(parent))
        heading = heading or parent.tag in _HEADINGS
        in_content = in_content or parent.tag in _CONTENT
        if not in_content and not around:
            around = (
                parent.tag in _AROUND
                or (parent.attributes.get("role") or "").lower() in _ROLES
                or not _names(parent).isdisjoint(_MENU_NAMES)
            )
        parent = parent.parent
    return Anchor(
        url=address,
        text=_shown(node),
        heading=heading,
        around=around,
        names=frozenset(names),
        block=" ".join(reversed(block)),
        rel=frozenset((node.attributes.get("rel") or "").lower().split()),
    )


def _shown(node: LexborNode) -> str:
    told = node.css_first("h1,h2,h3,h4,h5,h6") or node
    text = " ".join(told.text(deep=True, separator=" ").split())
    if not text:
        for name in ("aria-label", "title"):
            text = " ".join((node.attributes.get(name) or "").split())
            if text:
                break
        else:
            picture = node.css_first("img[alt]")
            text = " ".join(((picture.attributes.get("alt") or "") if picture else "").split())
    return text[:TEXT]


def _names(node: LexborNode) -> frozenset[str]:
    attributes = node.attributes
    return _words(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"[:300])


@lru_cache(maxsize=4096)
def _words(names: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(names))


def _step(node: LexborNode) -> str:
    """Return an element as its likes on the page are written, too: numbers in names count them."""
    first = (node.attributes.get("class") or "").split()[:1]
    name = re.sub(r"\d+", "0", first[0][:40]) if first else ""
    return f"{node.tag}.{name}" if name else str(node.tag)
