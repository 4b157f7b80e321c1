"""A page's headings, and which of them belong to the page rather than to its article."""

import html as html_entities
import re
from urllib.parse import urljoin, urlsplit

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

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
    """A heading as printed; ``of_page`` where it is the site's or a widget's.

    ``home`` says that it leads to the site's homepage: it is the site's name.
    """

    node: LexborNode
    text: str
    of_page: bool
    home: bool


def headings(tree: LexborHTMLParser, selector: str, url: str) -> list[Heading]:
    """Return the headings that a selector finds, in the order of the page, at most 40."""
    found = []
    for node in tree.css(selector)[:_MOST]:
        text = _printed(node)
        if text:
            home = _leads_home(node, url)
            found.append(Heading(node, text, home or _is_chrome(node), home))
    return found


def one_line(text: str) -> str:
    """Return a text on one line, without soft hyphens and marks that are not seen.

    Entities that were encoded twice are decoded.
    """
    if "&" in text and ";" in text:
        text = html_entities.unescape(text)
    return " ".join(_SOFT.sub("", text[:_LONGEST]).split())


def _printed(node: LexborNode) -> str:
    """Return a heading's text; words in elements of their own stay apart."""
    apart = one_line(node.text(deep=True, separator=" "))
    glued = one_line(node.text(deep=True))
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
