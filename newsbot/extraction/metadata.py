"""What a page says of itself: JSON-LD, Open Graph and other meta tags, visible title and time.

Each field has its candidates in order of trust; the first that says anything wins.
"""

import html as html_entities
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urljoin

import attrs
from selectolax.lexbor import LexborHTMLParser

from newsbot.text.urls import is_web_url

# Types of schema.org that are articles; a page's other nodes are asked only after them.
_ARTICLES = frozenset(
    {
        "article",
        "newsarticle",
        "reportagenewsarticle",
        "analysisnewsarticle",
        "opinionnewsarticle",
        "blogposting",
        "liveblogposting",
        "reviewnewsarticle",
        "backgroundnewsarticle",
        "report",
        "socialmediaposting",
        "techarticle",
        "scholarlyarticle",
        "review",
    }
)
_CONTROL = re.compile(r"[\x00-\x1f]")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")


@attrs.frozen(kw_only=True)
class Stated:
    """A date as stated, and where."""

    text: str
    source: str


@attrs.frozen(kw_only=True)
class Metadata:
    """What a page says of itself, as stated. Lists are in order of trust."""

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    published: tuple[Stated, ...] = ()
    modified: tuple[Stated, ...] = ()
    language: str = ""
    publisher: str = ""
    canonical: tuple[str, ...] = ()
    section: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    image: str = ""
    kind: str = ""


def read_metadata(tree: LexborHTMLParser, url: str) -> Metadata:
    """Return what the page says of itself."""
    nodes = list(_json_ld(tree))
    articles = [node for node in nodes if _types(node) & _ARTICLES]
    meta = _meta(tree)
    h1 = [_text(node.text(deep=True, separator=" ")) for node in tree.css("h1")[:5]]
    title = tree.css_first("title")
    page_title = _text(title.text(deep=True)) if title else ""
    authors = [name for node in articles for name in _names(node.get("author"))]
    return Metadata(
        titles=_said(
            *(node.get("headline") for node in articles),
            meta.get("og:title"),
            *h1,
            meta.get("twitter:title"),
            page_title,
        ),
        authors=_said(*authors) or _said(*_visible_authors(tree), *_meta_authors(meta)),
        published=_stated(articles, meta, ("datePublished", "dateCreated"), _PUBLISHED)
        + _visible_times(tree),
        modified=_stated(articles, meta, ("dateModified",), _MODIFIED),
        language=_language(tree, meta, articles),
        publisher=next(
            iter(
                _said(
                    meta.get("og:site_name"),
                    *(name for node in articles for name in _names(node.get("publisher"))),
                    meta.get("application-name"),
                    meta.get("dc.publisher"),
                )
            ),
            "",
        ),
        canonical=_canonical(tree, meta, url),
        section=next(
            iter(
                _said(
                    meta.get("article:section"),
                    *(_first(n.get("articleSection")) for n in articles),
                )
            ),
            "",
        ),
        tags=_said(*_keywords(articles, meta)),
        description=next(
            iter(
                _said(
                    meta.get("og:description"),
                    meta.get("description"),
                    *(n.get("description") for n in articles),
                )
            ),
            "",
        ),
        image=next(iter(_said(meta.get("og:image"), meta.get("twitter:image"))), ""),
        kind=(meta.get("og:type") or "").lower() or ("article" if articles else ""),
    )


# Meta tags that state a date, in order of trust: Open Graph, then Dublin Core, Parsely, Sailthru and
# the habits of single systems.
_PUBLISHED = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publication_date",
    "date",
    "article.published",
)
_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "last-modified",
)
_AUTHORS = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
)


def _json_ld(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    for script in tree.css('script[type*="ld+json"]')[:50]:
        text = script.text(deep=True) or ""
        for data in _loads(text[:2_000_000]):
            yield from _flat(data, 0)


def _loads(text: str) -> list[Any]:
    """Read JSON-LD as it is found: in comments, with bare line ends, trailing commas, entities."""
    text = text.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
    for attempt in (
        text,
        _CONTROL.sub(" ", text),
        _TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", html_entities.unescape(text))),
    ):
        try:
            return [json.loads(attempt, strict=False)]
        except (ValueError, RecursionError):
            continue
    return []


def _flat(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 4:
        return
    if isinstance(data, list):
        for each in data[:200]:
            yield from _flat(each, depth + 1)
    elif isinstance(data, dict):
        yield data
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "article"):
            if isinstance(data.get(key), (list, dict)):
                yield from _flat(data[key], depth + 1)


def _types(node: dict[str, Any]) -> set[str]:
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return {kind.rpartition("/")[2].lower() for kind in listed if isinstance(kind, str)}


def _meta(tree: LexborHTMLParser) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        content = _text(attributes.get("content") or "")
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _text(value: object) -> str:
    return " ".join(html_entities.unescape(value).split()) if isinstance(value, str) else ""


def _said(*values: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in map(_text, values) if text))


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _names(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _names(value.get("name"))
    elif isinstance(value, list):
        for each in value[:50]:
            yield from _names(each)


def _meta_authors(meta: dict[str, str]) -> Iterator[str]:
    for name in _AUTHORS:
        if name in meta and not is_web_url(meta[name]):
            yield meta[name]
            return


def _visible_authors(tree: LexborHTMLParser) -> Iterator[str]:
    for selector in (
        '[rel~="author"]',
        '[itemprop="author"] [itemprop="name"]',
        '[itemprop="author"]',
    ):
        names = [_text(node.text(deep=True, separator=" ")) for node in tree.css(selector)[:5]]
        listed = [name for name in names if 2 < len(name) < 80]
        if listed:
            yield from listed
            return


def _stated(
    articles: Iterable[dict[str, Any]],
    meta: dict[str, str],
    keys: tuple[str, ...],
    names: tuple[str, ...],
) -> tuple[Stated, ...]:
    found = [
        Stated(text=_text(node[key]), source=f"json-ld {key}")
        for key in keys
        for node in articles
        if isinstance(node.get(key), str)
    ]
    found += [Stated(text=meta[name], source=f"meta {name}") for name in names if name in meta]
    return tuple(each for each in found if each.text)


def _visible_times(tree: LexborHTMLParser) -> tuple[Stated, ...]:
    found = []
    for node in tree.css('[itemprop="datePublished"], time[datetime]')[:10]:
        stated = node.attributes.get("content") or node.attributes.get("datetime")
        if stated and stated.strip():
            found.append(Stated(text=stated.strip(), source="time"))
    return tuple(found)


def _language(tree: LexborHTMLParser, meta: dict[str, str], articles: list[dict[str, Any]]) -> str:
    root = tree.css_first("html")
    declared = (
        (root.attributes.get("lang") or root.attributes.get("xml:lang") or "") if root else ""
    )
    told = next(iter(_said(*(node.get("inLanguage") for node in articles))), "")
    tag = declared or told or meta.get("og:locale", "") or meta.get("content-language", "")
    tag = tag.strip().replace("_", "-").split(",")[0]
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", tag) else ""


def _canonical(tree: LexborHTMLParser, meta: dict[str, str], url: str) -> tuple[str, ...]:
    node = tree.css_first('link[rel="canonical"][href]')
    stated = [(node.attributes.get("href") or "") if node else "", meta.get("og:url", "")]
    found = []
    for each in stated:
        try:
            address = urljoin(url, each.strip()) if each.strip() else ""
        except ValueError:
            continue
        if is_web_url(address):
            found.append(address)
    return tuple(found)


def _keywords(articles: list[dict[str, Any]], meta: dict[str, str]) -> Iterator[str]:
    for node in articles:
        words = node.get("keywords")
        if isinstance(words, list):
            yield from (word for word in words[:50] if isinstance(word, str))
            return
        if isinstance(words, str):
            yield from re.split(r"[,;،]", words)
            return
    yield from re.split(r"[,;،]", meta.get("news_keywords") or meta.get("keywords") or "")
