"""A page's headings, and which of them belong to the page rather than to its article."""

import html as html_entities
import re
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

import attrs
from selectolax.lexbor import LexborNode

# Classes and ids of headings that are no headline: the site's, a widget's, hidden ones. A heading in
# a breadcrumb repeats the ``<title>``.
_CHROME = re.compile(
    r"site-?(?:title|name|brand|logo)|logo|brand|widget-?title|sidebar|screen-reader|sr-only"
    r"|visually-?hidden|\baural\b|modal|cookie|comment|related|newsletter|nav(?:bar|-|skip)|menu|footer"
    r"|popup|share|blog-?title|invisible|breadcrumb",
    re.IGNORECASE,
)
_CHROME_TAGS = frozenset(("nav", "aside", "footer", "form", "dialog", "template", "noscript"))
_SOFT = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u202a-\u202e]")
_LONGEST = 500
_MOST = 40


@attrs.frozen
class Heading:
    """A heading as printed, on one line."""

    node: LexborNode
    text: str

    def leads_home(self, url: str) -> bool:
        """Say whether the heading links to its site's homepage, and so is the site's name."""
        return _leads_home(self.node, url)

    def is_of_page(self, url: str) -> bool:
        """Say whether the heading is the site's or a widget's rather than an article's."""
        return _is_chrome(self.node) or _leads_home(self.node, url)


def headings(nodes: Sequence[LexborNode]) -> list[Heading]:
    """Return what elements say that may be headings, of the first 40."""
    found = [Heading(node, _printed(node)) for node in nodes[:_MOST]]
    return [heading for heading in found if heading.text]


def one_line(text: str) -> str:
    """Return a text on one line, without soft hyphens and marks that are not seen.

    Entities that were encoded twice are decoded.
    """
    if "&" in text and ";" in text:
        text = html_entities.unescape(text)
    return " ".join(_SOFT.sub("", text[:_LONGEST]).split())


def _printed(node: LexborNode) -> str:
    """Return a heading's text; words in elements of their own stay apart."""
    glued = one_line(node.text(deep=True))
    child = node.first_child
    if child is None or (child.next is None and not child.first_child):
        return glued
    apart = one_line(node.text(deep=True, separator=" "))
    return glued if len(glued.split()) == len(apart.split()) - apart.count(" :") else apart


def _leads_home(node: LexborNode, url: str) -> bool:
    link = node.css_first("a[href]")
    if link is None and node.parent is not None and node.parent.tag == "a":
        link = node.parent
    if link is None:
        return False
    try:
        split = urlsplit(urljoin(url, (link.attributes.get("href") or "").strip()))
    except ValueError:
        return False
    return split.path in ("", "/") and not split.query and not split.fragment


def _is_chrome(node: LexborNode) -> bool:
    each: LexborNode | None = node
    for depth in range(12):
        if each is None or each.tag in ("body", "article", "main"):
            return False
        if each.tag in _CHROME_TAGS:
            return True
        if depth < 3:
            attributes = each.attributes
            named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
            if _CHROME.search(named):
                return True
        each = each.parent
    return False
