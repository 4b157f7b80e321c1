"""What a page says of itself for machines: JSON-LD, meta tags, microdata, links.

Nothing is judged here. Which statement is to be believed is for the files that read one field each:
:mod:`~newsbot.extraction.headline`, :mod:`~newsbot.extraction.authors`,
:mod:`~newsbot.extraction.dating`.
"""

import html as html_entities
import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin

import attrs

from newsbot.extraction.page_tree import PageTree
from newsbot.text.urls import is_web_url

# Types of schema.org that are articles, most telling first in what they promise: a page that has a
# NewsArticle beside a WebPage is asked for the former. Source: schema.org, subtypes of Article.
ARTICLE_TYPES = frozenset(
    (
        "article newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle "
        "askpublicnewsarticle backgroundnewsarticle reviewnewsarticle advertisercontentarticle "
        "blogposting liveblogposting report satiricalarticle scholarlyarticle techarticle "
        "socialmediaposting discussionforumposting review posting"
    ).split()
)
# Where one node of JSON-LD holds others that speak of the page.
_HOLDERS = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "article", "hasPart")
_DEEPEST = 5
_MOST_NODES = 500
_LONGEST = 2_000_000
# Servers take addresses of 8,000 characters (RFC 9110, 4.1).
_LONGEST_ADDRESS = 8_000

_CONTROL = re.compile(r"[\x00-\x1f]")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_STRAY_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')
# An escaped surrogate: a pair is a letter, and half of one is what no encoding can write.
_SURROGATE = re.compile(
    r"(\\u[dD][89abAB][\dA-Fa-f]{2}\\u[dD][c-fC-F][\dA-Fa-f]{2})|\\u[dD][89a-fA-F][\dA-Fa-f]{2}"
)
_COMMENT = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$"
)

Node = Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Statements:
    """A page's statements about itself, as stated.

    ``url`` is where the page was read. ``articles`` are the JSON-LD nodes that are articles and
    ``nodes`` all of them, in the order of the page; ``meta`` has, by name in lower case, the first
    content of every meta tag (``property``, ``name``, ``itemprop`` or ``http-equiv``), and ``all_meta``
    every one of them in order. ``language`` is the declared BCP 47 tag or "". ``canonical`` are the
    addresses that the page gives for itself.
    """

    url: str
    articles: tuple[Node, ...]
    nodes: tuple[Node, ...]
    meta: Mapping[str, str]
    all_meta: tuple[tuple[str, str], ...]
    language: str
    canonical: tuple[str, ...]
    page_title: str

    @property
    def headlines(self) -> tuple[str, ...]:
        """What the page says its headline is, in JSON-LD and for sharing."""
        stated = [node.get("headline") for node in self.articles[:5]]
        stated += [self.meta.get("og:title"), self.meta.get("twitter:title")]
        return tuple(text for text in map(plain, stated) if text)

    def said(self, *names: str) -> str:
        """Return what the first of these meta tags says that says anything; else ""."""
        return next((self.meta[name] for name in names if self.meta.get(name)), "")


def read_statements(tree: PageTree, url: str) -> Statements:
    """Return what a page says of itself. To be asked before scripts are taken out of the tree."""
    nodes = tuple(_json_ld(tree))
    articles = tuple(node for node in nodes if types_of(node) & ARTICLE_TYPES)
    all_meta = tuple(_meta(tree))
    meta: dict[str, str] = {}
    for name, content in all_meta:
        meta.setdefault(name, content)
    title = tree.css_first("head > title") or tree.css_first("title")
    return Statements(
        url=url,
        articles=articles,
        nodes=nodes,
        meta=MappingProxyType(meta),
        all_meta=all_meta,
        language=_language(tree, meta, articles),
        canonical=_canonical(tree, meta, url),
        page_title=plain(title.text(deep=True)) if title else "",
    )


def plain(value: object) -> str:
    """Return a stated text on one line, entities decoded; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    if "&" in value:
        value = html_entities.unescape(value)
    return " ".join(value.split())


def types_of(node: Node) -> set[str]:
    """Return the schema.org types of a node in lower case, without their namespace."""
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return {
        kind.rpartition("/")[2].rpartition(":")[2].lower()
        for kind in listed
        if isinstance(kind, str)
    }


def names_in(value: object, depth: int = 0) -> Iterator[str]:
    """Yield the names in a stated person, organization, or list of them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) and depth < _DEEPEST:
        yield from names_in(value.get("name"), depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for each in value[:50]:
            yield from names_in(each, depth + 1)


def _json_ld(tree: PageTree) -> Iterator[Node]:
    count = 0
    for script in tree.tagged("script")[:50]:
        text = script.text(deep=True) or ""
        for node in _flat(_load(text[:_LONGEST]), 0):
            count += 1
            if count > _MOST_NODES:
                return
            yield node


def _load(text: str) -> Any:
    """Read JSON-LD as it is found: in comments, with bare line ends, trailing commas, entities."""
    text = _SURROGATE.sub(lambda found: found[1] or r"\ufffd", text)
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    text = _COMMENT.sub("", text).strip().rstrip(";")
    for attempt in (
        text,
        _STRAY_ESCAPE.sub(r"\\\\", _TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", text))),
        _TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", html_entities.unescape(text))),
    ):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return _first_of_several(text)


def _first_of_several(text: str) -> Any:
    """Return the objects that stand one behind the other, or the first before what is broken."""
    found: list[Any] = []
    decoder, at = json.JSONDecoder(strict=False), 0
    while at < len(text) and len(found) < _DEEPEST:
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(value)
        while at < len(text) and text[at] in " \t\r\n,;":
            at += 1
    return found


def _flat(data: Any, depth: int) -> Iterator[Node]:
    if depth > _DEEPEST:
        return
    if isinstance(data, list):
        for each in data[:200]:
            yield from _flat(each, depth + 1)
    elif isinstance(data, dict):
        yield data
        for key in _HOLDERS:
            if isinstance(data.get(key), (list, dict)):
                yield from _flat(data[key], depth + 1)


def _meta(tree: PageTree) -> Iterator[tuple[str, str]]:
    for node in tree.tagged("meta")[:400]:
        attributes = node.attributes
        name = (
            attributes.get("property")
            or attributes.get("name")
            or attributes.get("itemprop")
            or attributes.get("http-equiv")
        )
        content = plain(attributes.get("content"))
        if name and content:
            yield name.strip().lower(), content


def _language(tree: PageTree, meta: Mapping[str, str], articles: tuple[Node, ...]) -> str:
    root = tree.root
    attributes = root.attributes if root else {}
    told = next((plain(node.get("inLanguage")) for node in articles if node.get("inLanguage")), "")
    for stated in (
        attributes.get("lang"),
        attributes.get("xml:lang"),
        told,
        meta.get("og:locale"),
        meta.get("content-language"),
        meta.get("dc.language"),
        meta.get("language"),
    ):
        tag = (stated or "").strip().replace("_", "-").split(",")[0]
        if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", tag):
            return tag
    return ""


def _canonical(tree: PageTree, meta: Mapping[str, str], url: str) -> tuple[str, ...]:
    linked = next((address for relation, address in tree.links if relation == "canonical"), "")
    stated = [linked, meta.get("og:url", "")]
    found = []
    for each in stated:
        if len(each) > _LONGEST_ADDRESS:
            continue
        try:
            address = urljoin(url, each.strip()) if each.strip() else ""
        except ValueError:
            continue
        if is_web_url(address):
            found.append(address)
    return tuple(found)
