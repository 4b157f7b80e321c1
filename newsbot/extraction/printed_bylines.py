"""Bylines as a page prints them: near its headline, by the marks of publishing systems.

Looked for are elements that say that they hold an author (``rel``, ``itemprop``, links to an author's
page, the class names of WordPress, Blogger, Drupal and newspapers' systems), then lines near the
headline that begin as bylines do. Authors of comments, of other articles and of quotations are marked
in the same way; they are told by what stands between them and the headline: what is part of a
comment, a sidebar or another article does not count, nor what is far from it.
"""

import re
from collections.abc import Iterator

import attrs
from selectolax.lexbor import LexborNode

from newsbot.extraction.byline_lines import (
    from_introduction,
    introduced,
    lines_near,
    signed_paragraphs,
)
from newsbot.extraction.page_tree import PageTree
from newsbot.extraction.site_names import SiteNames, letters

# "aut" is in author, autor and auteur, and in auto, which is told later: each selector costs 20
# microseconds a page, a class name less than one.
_MARKED = (
    'h1,[rel~="author"],[itemprop~="author"],[class*="aut" i],[class*="byline" i],'
    '[class*="writer" i],[class*="yazar"],[class~="submitted"],a[href*="/aut"]'
)
_MOST_MARKED = 1000
_LONGEST = 160
_DEEPEST = 40
# How many elements above the headline the nearest that holds a byline as well may be.
_FARTHEST = 4
# An element that says more than a name has it in a link or in bold print.
_LONG = 60
# Words of the longest name that a link is believed to be.
_LONGEST_NAME = 4
# More names than these in one place are a list of the site's writers.
_MOST_SIGNING = 9
_KINDS = ("itemprop author", "rel author", "class", "class", "link", "author box")
_ITEMPROP, _REL, _NAMED, _LOOSE, _LINK, _BOX = range(6)

# Class names that say no more than that somebody signs here.
_PRECISE = re.compile(
    r"(?:^|[\s_-])(?:by-?lines?|by-?author|authors?|autor(?:en|es|in|a)?|writers?|auteurs?|yazar)"
    r"(?:[\s_-]*(?:names?|links?|vcard|list|item))*(?:\s|$)",
    re.IGNORECASE,
)
# Class names of boxes about the author, below the article.
_ABOUT = re.compile(
    r"(?:author|autor\w*|auteur|writer)s?[\s_-]*(?:bio|box|info|card|profile|details|description|about)"
    r"|(?:about|bio)[\s_-]*(?:the[\s_-]*)?author",
    re.IGNORECASE,
)
_AUTHORISH = re.compile("auth?or|byline|writer|auteur|yazar|submitted", re.IGNORECASE)
# What authors of other things than the article stand in.
_OTHERS = re.compile(
    r"comment|respond|disqus|quote|related|sidebar|recommend|newsletter|most-?read|popular|carousel"
    r"|latest|read-?next|mega-?menu|(?:site|page|global|main)-?footer",
    re.IGNORECASE,
)
_ELSEWHERE_TAGS = frozenset(("nav", "form", "blockquote", "figure", "h2", "h3"))


@attrs.frozen
class _Place:
    """An element that holds an author: how it says so, how far from the headline, where."""

    kind: int
    distance: int
    node: LexborNode


def printed_bylines(
    tree: PageTree, site: SiteNames, title: str, language: str
) -> Iterator[tuple[str, list[str]]]:
    """Yield where a byline is printed and its texts, most telling first.

    ``title`` is what the page states as its title; it tells the headline among several headings.
    ``language`` is a BCP 47 tag or "".
    """
    nodes = tree.css(_MARKED)[:_MOST_MARKED]
    head = _headline([node for node in nodes if node.tag == "h1"], title)
    places = _places(nodes, head)
    for group in _groups([place for place in places if place.kind < _LINK]):
        yield group
    if head is not None:
        for line in lines_near(head, site, language):
            yield "line", [line]
    for group in _groups([place for place in places if place.kind >= _LINK]):
        yield group
    for line in signed_paragraphs(tree, language):
        yield "paragraph", [line]


def _places(nodes: list[LexborNode], head: LexborNode | None) -> list[_Place]:
    """Return where authors are marked, the most telling first."""
    above, in_article = _ancestors(head)
    places = [
        place
        for node in nodes
        if (kind := _kind(node)) is not None
        and (place := _place(node, kind, above, in_article)) is not None
        and place.distance <= _FARTHEST
    ]
    return sorted(places, key=lambda place: (place.kind, place.distance))


def _groups(places: list[_Place]) -> Iterator[tuple[str, list[str]]]:
    done: set[int] = set()
    for place in places[:20]:
        if place.node.mem_id in done:
            continue
        group = [
            other
            for other in places
            if other is place or (other.kind == place.kind and _beside(place.node, other.node))
        ]
        done.update(other.node.mem_id for other in group)
        texts = list(dict.fromkeys(text for other in group if (text := _text(other))))
        if texts and len(texts) <= _MOST_SIGNING:
            yield _KINDS[place.kind], texts


def _headline(heads: list[LexborNode], title: str) -> LexborNode | None:
    """Return the longest heading that stands in the page's title: a shorter one is the site's."""
    known = letters(title)
    own = [(len(text), -number) for number, head in enumerate(heads[:10])
           if (text := letters(head.text(deep=True))) and text in known]  # fmt: skip
    if own:
        return heads[-max(own)[1]]
    return heads[0] if heads else None


def _ancestors(node: LexborNode | None) -> tuple[dict[int, int], bool]:
    """Return the elements around one with how far above they are, and whether one is an article."""
    found: dict[int, int] = {}
    in_article = False
    each = node.parent if node is not None else None
    while each is not None and len(found) < _DEEPEST:
        found[each.mem_id] = len(found)
        in_article = in_article or each.tag == "article"
        each = each.parent
    return found, in_article


def _place(node: LexborNode, kind: int, above: dict[int, int], in_article: bool) -> _Place | None:
    """Return where an element stands; None where it signs something else than the article."""
    each = node.parent
    for _ in range(_DEEPEST):
        if each is None:
            return _Place(kind, 0, node)
        if each.mem_id in above:
            return _Place(kind, above[each.mem_id], node)
        # Where the headline has an article around it, another article is another one's teaser.
        if each.tag in _ELSEWHERE_TAGS or (in_article and each.tag == "article"):
            return None
        attributes = each.attributes
        if _OTHERS.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"):
            return None
        each = each.parent
    return None


def _kind(node: LexborNode) -> int | None:
    if node.tag == "h1":
        return None
    attributes = node.attributes
    if "author" in (attributes.get("itemprop") or "").split():
        return _ITEMPROP
    named = attributes.get("class") or ""
    rel = "author" in (attributes.get("rel") or "").split()
    if node.tag == "a" and not rel and not _PRECISE.search(named):
        return _LINK if _leads_to(node, attributes.get("href") or "") else None
    if not rel and not _AUTHORISH.search(named):
        return None
    if _ABOUT.search(named) and not rel:
        return _BOX
    if _OTHERS.search(named):
        return None
    if rel:
        return _REL
    return _NAMED if _PRECISE.search(named) else _LOOSE


def _leads_to(node: LexborNode, href: str) -> bool:
    """Say whether a link leads to the page of the one it names: /author/jane-doe, "Jane Doe"."""
    if "/author" not in href and "/autor" not in href:
        return False
    name = node.text(deep=True)[:_LONGEST].split()
    return (
        2 <= len(name) <= _LONGEST_NAME
        and letters(name[-1]) in letters(href)
        and not any(word[:1].islower() or word[:1].isdigit() for word in (name[0], name[-1]))
    )


def _beside(first: LexborNode, other: LexborNode) -> bool:
    """Say whether two elements list authors together: of one class, in one place."""
    if first.tag != other.tag or first.attributes.get("class") != other.attributes.get("class"):
        return False
    places = {node.mem_id for node in (first.parent, first.parent and first.parent.parent) if node}
    return any(
        node is not None and node.mem_id in places
        for node in (other.parent, other.parent and other.parent.parent)
    )


def _text(place: _Place) -> str:
    """Return what an element says, where that is short enough for a byline."""
    node = place.node
    if node.tag in ("meta", "link"):
        return " ".join((node.attributes.get("content") or "").split())
    named = node.css_first('[itemprop~="name"]')
    if named is not None:
        node = named
        if node.attributes.get("content"):
            return " ".join((node.attributes.get("content") or "").split())
    text = " ".join(node.text(deep=True, separator=" ").split())
    if len(text) > _LONG or (place.kind == _BOX and not introduced(text, "")):
        named = node.css_first("h2,h3,h4,h5,strong,b,a,[class*=name]")
        inside = " ".join(named.text(deep=True, separator=" ").split()) if named else ""
        if len(text) > _LONGEST or place.kind == _BOX or (inside and inside in text[:_LONG]):
            text = inside
    return from_introduction(text) if 1 < len(text) <= _LONGEST else ""
