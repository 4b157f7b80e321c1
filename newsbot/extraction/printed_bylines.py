"""Bylines as a page prints them: near its headline, by the marks of publishing systems.

Looked for are elements that say that they hold an author (``rel``, ``itemprop``, links to an author's
page, the class names of WordPress, Blogger, Drupal and newspapers' systems), then lines near the
headline that begin as bylines do, then paragraphs that are nothing but a name. Authors of comments,
of other articles and of quotations are marked in the same way; they are told by what stands between
them and the headline: only what is not part of a teaser, a comment or a sidebar of its own counts.
"""

import re
from collections.abc import Iterator

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsbot.extraction.site_names import SEPARATOR, SiteNames, letters
from newsbot.text.byline_words import folded_word, words

_MARKED = (
    'h1,[rel~="author"],[itemprop~="author"],[class*="author" i],[class*="byline" i],'
    '[class*="autor" i],[class*="writer" i],[class*="auteur" i],[class*="redakteur" i],'
    '[class~="vcard"],[class~="submitted"],[class~="username"],byline,'
    'a[href*="/author"],a[href*="/autor"]'
)
# Words that introduce a name in these languages and mean other things, or begin names, elsewhere.
_ONLY_IN = {"de": "ro", "di": "it", "na": "sw", "av": "sv nb nn no", "af": "da", "per": "ca",
            "par": "fr", "por": "es pt gl", "door": "nl", "von": "de", "vom": "de", "haber": "tr"}  # fmt: skip
_MOST_MARKED = 250
_LONGEST = 160
_KINDS = ("itemprop author", "rel author", "class", "link")

# Class names that hold "author" and are not where one signs.
_NOT_SIGNED = re.compile(
    r"comment|quote|bio(?:-|_|$|\s)|biograph|avatar|social|url|date|ima?ge?\b|photo|foto|count|desc"
    r"|mail|twitter|facebook|share|related|teaser|theme|form|follow|authority|authori[sz]|job|role"
    r"|label|prefix|prep\b|newsletter|snippet|listing|recent|card-|widget|contact|sponsor|meta-data",
    re.IGNORECASE,
)
# What authors of other things than the article stand in.
_ELSEWHERE = re.compile(
    r"comment|related|teaser|sidebar|widget|recommend|footer|newsletter|most-?read|popular|carousel"
    r"|latest|listing|more-|read-?next|promo|mega-?menu|respond|disqus|ee-loop|feed|quote",
    re.IGNORECASE,
)
_ELSEWHERE_TAGS = frozenset(("nav", "form", "blockquote", "figure", "h2", "h3"))


@attrs.frozen
class _Place:
    """An element that holds an author: how it says so, how far from the headline, where."""

    kind: int
    distance: int
    inner: int
    node: LexborNode


def printed_bylines(
    tree: LexborHTMLParser, site: SiteNames, title: str, language: str
) -> Iterator[tuple[str, list[str]]]:
    """Yield where a byline is printed and its texts, most telling first.

    ``title`` is what the page states as its title; it tells the headline among several headings. ``language`` is a BCP 47 tag or "".
    """
    nodes = tree.css(_MARKED)[:_MOST_MARKED]
    head = _headline([node for node in nodes if node.tag == "h1"], title)
    above = _ancestors(head) if head is not None else {}
    in_article = _in_article(head)
    places = [
        place
        for number, node in enumerate(nodes)
        if node.tag != "h1" and (place := _place(node, above, in_article, number)) is not None
    ]
    places.sort(key=lambda place: (place.kind, place.distance, place.inner))
    for place in places[:12]:
        texts = [
            text
            for other in places
            if other is place or (other.kind == place.kind and _beside(place.node, other.node))
            if (text := _text(other.node))
        ]
        if texts:
            yield _KINDS[place.kind], texts
    if head is not None:
        for line in _lines_near(head, language):
            yield "line", [line]
    for line in _signed_paragraphs(tree, site):
        yield "paragraph", [line]


def _headline(heads: list[LexborNode], title: str) -> LexborNode | None:
    """Return the longest heading that stands in the page's title: a shorter one is the site's."""
    known = letters(title)
    own = [(len(text), -number) for number, head in enumerate(heads[:10])
           if (text := letters(head.text(deep=True))) and text in known]  # fmt: skip
    if own:
        return heads[-max(own)[1]]
    return heads[0] if heads else None


def _ancestors(node: LexborNode) -> dict[int, int]:
    """Return the elements around one, by identity, with how far above they are."""
    found: dict[int, int] = {}
    each = node.parent
    while each is not None and len(found) < 60:
        found[each.mem_id] = len(found)
        each = each.parent
    return found


def _in_article(head: LexborNode | None) -> bool:
    each = head
    while each is not None:
        if each.tag == "article":
            return True
        each = each.parent
    return False


def _place(node: LexborNode, above: dict[int, int], in_article: bool, number: int) -> _Place | None:
    """Return where an element stands; None where it signs something else than the article."""
    kind = _kind(node)
    if kind is None:
        return None
    each = node.parent
    for _ in range(25):
        if each is None or each.tag in ("body", "html"):
            return _Place(kind, 50, -number, node)
        if each.mem_id in above:
            return _Place(kind, above[each.mem_id], -number, node)
        attributes = each.attributes
        # Where the headline has an article around it, another article is another one's teaser.
        if each.tag in _ELSEWHERE_TAGS or (in_article and each.tag == "article"):
            return None
        if _ELSEWHERE.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"):
            return None
        each = each.parent
    return None


def _kind(node: LexborNode) -> int | None:
    attributes = node.attributes
    if "author" in (attributes.get("itemprop") or "").split():
        return 0
    named = attributes.get("class") or ""
    if node.tag == "a" and "author" not in (attributes.get("rel") or "") and "autho" not in named:
        return 3 if _leads_to(node, attributes.get("href") or "") else None
    if _NOT_SIGNED.search(named):
        return None
    if "author" in (attributes.get("rel") or "").split():
        return 1
    return 2


def _leads_to(node: LexborNode, href: str) -> bool:
    """Say whether a link leads to the page of the one it names: /author/jane-doe, "Jane Doe"."""
    name = node.text(deep=True)[:_LONGEST].split()
    return len(name) > 1 and letters(name[-1]) in letters(href)


def _beside(first: LexborNode, other: LexborNode) -> bool:
    """Say whether two elements list authors together: of one class, in one place."""
    if first.tag != other.tag or first.attributes.get("class") != other.attributes.get("class"):
        return False
    places = {node.mem_id for node in (first.parent, first.parent and first.parent.parent) if node}
    return any(
        node is not None and node.mem_id in places
        for node in (other.parent, other.parent and other.parent.parent)
    )


def _text(node: LexborNode) -> str:
    """Return what an element says, where that is short enough for a byline."""
    if node.tag in ("meta", "link"):
        return " ".join((node.attributes.get("content") or "").split())
    named = node.css_first('[itemprop~="name"]')
    if named is not None:
        node = named
        if node.attributes.get("content"):
            return " ".join((node.attributes.get("content") or "").split())
    text = " ".join(node.text(deep=True, separator=" ").split())
    return text if 1 < len(text) <= _LONGEST else ""


def _lines_near(head: LexborNode, language: str) -> Iterator[str]:
    """Yield lines behind the headline that begin as a byline does."""
    place = head
    for _ in range(4):
        if place.parent is None or place.parent.tag in ("body", "html"):
            break
        place = place.parent
    title = " ".join(head.text(deep=True).split())
    lines = [
        " ".join(line.split()) for line in place.text(deep=True, separator="\n")[:8000].split("\n")
    ]
    for line in [line for line in lines if line][:60]:
        if len(line) <= 100 and line not in title and _introduced(line, language):
            yield line


def _introduced(line: str, language: str) -> bool:
    printed = line.split()
    folded = [folded_word(word.rstrip(":")) for word in printed[:6]]
    length = words("by").at_start(folded)
    rest = printed[length:]
    if (
        language
        and language[:2].lower() not in _ONLY_IN.get(folded[0], language[:2].lower()).split()
    ):
        return False
    return length > 0 and 2 <= len(rest) <= 9 and not any(word[:1].islower() for word in rest[:2])


def _signed_paragraphs(tree: LexborHTMLParser, site: SiteNames) -> Iterator[str]:
    """Yield first lines "Publisher – Desk", which sign for a desk."""
    for node in tree.css("p")[:12]:
        line = " ".join(node.text(deep=True).split())
        if not line or len(line) > 80:
            continue
        parts = SEPARATOR.split(line)
        if len(parts) == 2 and site.includes(parts[0]):
            yield parts[1]
