"""From a page to an article: each field by the file that reads it, put together here."""

import re
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

import attrs
from selectolax.lexbor import LexborHTMLParser

from newsbot.extraction.authors import read_authors
from newsbot.extraction.blocks import Page, read_page
from newsbot.extraction.body import Body, read_body
from newsbot.extraction.choice import Choice
from newsbot.extraction.container import weight
from newsbot.extraction.dating import Dating, read_dating
from newsbot.extraction.embedded import read_embedded
from newsbot.extraction.headline import read_headline
from newsbot.extraction.kind import Judgement, Kind, is_live, judge, teasers
from newsbot.extraction.next_pages import next_page
from newsbot.extraction.overrides import apply_drops, only, texts
from newsbot.extraction.page_tree import PageTree
from newsbot.extraction.publisher import read_publisher
from newsbot.extraction.second_opinion import ask_trafilatura
from newsbot.extraction.statements import Statements, read_statements
from newsbot.extraction.subject import read_description, read_section, read_tags
from newsbot.extraction.tree import parse
from newsbot.items import Image, Overrides
from newsbot.text import canonical_url, detect_language, parse_date
from newsbot.text.bylines import read_byline
from newsbot.text.dates import ParsedDate
from newsbot.text.doubts import weighed
from newsbot.text.urls import is_web_url, site_of

# Characters of surely good text below which a page is asked for what its scripts carry.
_LITTLE = 300
# What another reading has to have twice of, and the boxes of a page that is still worth one.
_MISSING, _MOST_BOXES = 120, 20_000
# Headlines with what is said of them, of which a page has that is a list of articles.
_LIST = 8
# Templates declare English whatever is written on them; so much of the text tells better.
_TEMPLATE_LANGUAGE, _READ = "en", 400
_MOST_IMAGES = 50


@attrs.frozen(kw_only=True)
class Extracted:
    """What a page turned out to be.

    ``body`` is paragraphs, one a line; ``authors`` are names; ``language`` is a BCP 47 tag or "";
    ``canonical_url`` is the page's own address for itself where it can be trusted, else the address
    it was read at. ``kind`` says what the page is; ``is_article`` is False where it is none, and
    ``why`` says why. ``published`` may be a date that is not believed: its ``doubt`` says why. ``free`` is what the publisher says of access: False where the text is for
    subscribers and this may be its beginning only, None where nothing is said. ``next_page`` is the
    address of the same article's next page, or "". ``missed`` are the overrides that matched nothing.
    """

    title: str = ""
    body: str = ""
    authors: tuple[str, ...] = ()
    published: ParsedDate | None = None
    modified: ParsedDate | None = None
    language: str = ""
    publisher: str = ""
    canonical_url: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    images: tuple[Image, ...] = ()
    captions: tuple[str, ...] = ()
    kind: Kind = "article"
    is_article: bool = False
    why: str = ""
    free: bool | None = None
    next_page: str = ""
    missed: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Explanation:
    """An extraction with where each field came from, and what was left out and why.

    ``text_from`` says where the text stood: "page", or what of it was asked when the page showed next
    to nothing ("json-ld articleBody", "script", "trafilatura" for its reading), or "override".
    """

    extracted: Extracted
    title: Choice[str]
    authors: Choice[tuple[str, ...]]
    publisher: Choice[str]
    section: Choice[str]
    tags: Choice[tuple[str, ...]]
    description: Choice[str]
    dating: Dating
    body: Body
    text_from: str


def extract(
    html: bytes,
    url: str,
    *,
    reference: datetime | None = None,
    timezone: str = "UTC",
    charset: str = "",
    overrides: Overrides | None = None,
) -> Extracted:
    """Return the article that a page holds. Never raises; a page that is none says so.

    ``html`` is the page as it came, undecoded; ``url`` is where it was read, ``reference`` when: the
    moment that a date like "three hours ago" is counted from (now, unless it is given).
    ``timezone`` is the IANA zone of times that name none. ``charset`` is the encoding that the server
    named, "" where it named none. ``overrides`` are tried before all else.
    """
    try:
        return explain(
            html, url, reference=reference, timezone=timezone, charset=charset, overrides=overrides
        ).extracted
    except Exception as error:  # noqa: BLE001 - no page may break the crawl
        return Extracted(
            canonical_url=canonical_url(url), kind="empty", why=f"{type(error).__name__}: {error}"
        )


def explain(
    html: bytes,
    url: str,
    *,
    reference: datetime | None = None,
    timezone: str = "UTC",
    charset: str = "",
    overrides: Overrides | None = None,
) -> Explanation:
    """Return what :func:`extract` does, and how it came to it."""
    told = overrides or Overrides()
    moment = reference or datetime.now(UTC)
    text, tree = parse(html, charset)
    missed = apply_drops(tree, told)
    statements = read_statements(tree, url)
    publisher = read_publisher(tree, statements)
    title = _told_title(tree, told, missed) or read_headline(
        tree, statements, publisher=publisher.value
    )
    declared = statements.language.split("-")[0].lower()
    authors = _told_authors(tree, told, missed) or read_authors(
        tree, statements, publisher=publisher.value, language=declared
    )
    description = read_description(statements)
    section, tags = read_section(statements), read_tags(statements)
    dating = read_dating(
        tree,
        statements,
        url=url,
        language=statements.language or detect_language(f"{title.value}. {description.value}"),
        timezone=timezone,
        reference=moment,
        headline=title.value,
    )
    published = _told_date(tree, told, missed, declared, moment, timezone) or dating.published
    following = _next_link(tree, url)
    images = _images(tree, statements, url)
    page, body, text_from = _text(text, tree, statements, told, missed, title, description)
    judgement = judge(
        page, body, statements, title.value, url, told=bool(published or authors.value)
    )
    extracted = Extracted(
        title=title.value,
        body="\n".join(body.paragraphs),
        authors=authors.value,
        published=published,
        modified=dating.modified,
        language=_language(declared, body),
        publisher=publisher.value,
        canonical_url=_canonical(statements, url),
        section=section.value,
        tags=tags.value,
        description=description.value,
        images=images,
        captions=body.captions,
        kind=judgement.kind,
        is_article=_is_article(judgement),
        why=judgement.why,
        free=_free(statements),
        next_page=next_page(following, url) if _is_article(judgement) else "",
        missed=tuple(missed),
    )
    return Explanation(
        extracted=extracted,
        title=title,
        authors=authors,
        publisher=publisher,
        section=section,
        tags=tags,
        description=description,
        dating=dating,
        body=body,
        text_from=text_from,
    )


def _is_article(judgement: Judgement) -> bool:
    return judgement.kind in ("article", "live")


def _text(
    text: str,
    tree: PageTree,
    statements: Statements,
    told: Overrides,
    missed: list[str],
    title: Choice[str],
    description: Choice[str],
) -> tuple[Page, Body, str]:
    """Return the page's blocks, its article's text, and where that stood. Changes the tree."""
    if told.body:
        markup = only(tree, told.body)
        if markup:
            page = read_page(LexborHTMLParser(markup))
            return page, Body(tuple(block.text for block in page.blocks)), "override"
        missed.append(f"body {told.body}")
    titles = (title.value, *statements.headlines)
    page = read_page(tree)
    body = read_body(
        page,
        titles=titles,
        description=description.value,
        live=is_live(page, statements, title.value),
    )
    if body.characters >= _LITTLE:
        return page, body, "page"
    others = []
    if _free(statements) is not False:
        others.append(read_embedded(text, statements))
    if _worth_asking(page, body):
        others.append((ask_trafilatura(text, statements.url), "trafilatura"))
    for other, where in others:
        if other.characters > 2 * max(body.characters, _MISSING):
            return page, attrs.evolve(other, captions=body.captions), where
    return page, body, "page"


def _worth_asking(page: Page, body: Body) -> bool:
    """Say whether a page shows much more than was read, and is no list nor made to keep one busy."""
    shown = sum(weight(block.text) - block.linked for block in page.blocks)
    return (
        shown > 2 * max(body.characters, _MISSING)
        and len(page.parents) < _MOST_BOXES
        and len(teasers(page)) < _LIST
    )


def _told_title(tree: PageTree, told: Overrides, missed: list[str]) -> Choice[str] | None:
    found = texts(tree, told.title) if told.title else []
    if found:
        return Choice(value=found[0], source="override")
    if told.title:
        missed.append(f"title {told.title}")
    return None


def _told_authors(
    tree: PageTree, told: Overrides, missed: list[str]
) -> Choice[tuple[str, ...]] | None:
    found = texts(tree, told.authors) if told.authors else []
    read = [read_byline(line) for line in found]
    names = [name for byline in read for name in (*byline.names, *byline.agencies)]
    if names:
        return Choice(value=tuple(dict.fromkeys(names)), source="override")
    if told.authors:
        missed.append(f"authors {told.authors}")
    return None


def _told_date(
    tree: PageTree,
    told: Overrides,
    missed: list[str],
    language: str,
    reference: datetime,
    timezone: str,
) -> ParsedDate | None:
    for line in texts(tree, told.date) if told.date else ():
        found = parse_date(line, language=language, reference=reference, timezone=timezone)
        if found is not None:
            return weighed(attrs.evolve(found, source="override"), reference)
    if told.date:
        missed.append(f"date {told.date}")
    return None


def _language(declared: str, body: Body) -> str:
    """Return the language that is declared, unless a template's default says what the text does not."""
    if declared and declared != _TEMPLATE_LANGUAGE:
        return declared
    sample = max(body.paragraphs, key=len, default="")[:_READ]
    words = sample.lower().split()
    if declared and sum(map(_ENGLISH.__contains__, words)) >= _ENGLISH_SHARE * len(words):
        return declared
    return detect_language(sample) or declared


# Words that are a fifth to a third of any English text, and no tenth of one in another language.
_ENGLISH = frozenset(
    "the of and to in a is that for on with was as by at from it be are an his has said".split()
)
_ENGLISH_SHARE = 0.15


def _free(statements: Statements) -> bool | None:
    """Return what the publisher says of access (schema.org ``isAccessibleForFree``)."""
    for node in statements.articles:
        said = node.get("isAccessibleForFree")
        if isinstance(said, bool):
            return said
        if isinstance(said, str) and said.strip():
            return said.strip().lower() not in ("false", "no", "0")
    tier = statements.said("article:content_tier").lower()
    if tier:
        return tier == "free"
    return None


def _canonical(statements: Statements, url: str) -> str:
    """Return the address a page states for itself, where it is on the same site and no homepage."""
    own = canonical_url(url)
    for stated in statements.canonical:
        address = canonical_url(stated)
        if _twin(site_of(address)) == _twin(site_of(own)) and (
            urlsplit(address).path not in ("", "/") or urlsplit(own).path in ("", "/")
        ):
            return address
    return own


def _twin(site: str) -> str:
    return re.sub(r"^(?:m|amp|mobile)\.", "", site)


def _next_link(tree: PageTree, url: str) -> str:
    stated = next((address for relation, address in tree.links if "next" in relation.split()), None)
    try:
        address = "" if stated is None else urljoin(url, stated.strip())
    except ValueError:
        return ""
    return address if is_web_url(address) else ""


def _images(tree: PageTree, statements: Statements, url: str) -> tuple[Image, ...]:
    """Return the page's stated picture, and those that have a caption, with it."""
    found: dict[str, Image] = {}
    stated = statements.said("og:image", "twitter:image", "twitter:image:src")
    if stated and _absolute(url, stated):
        address = _absolute(url, stated)
        found[address] = Image(url=address)
    for figure in tree.tagged("figure")[:_MOST_IMAGES]:
        image, caption = figure.css_first("img"), figure.css_first("figcaption")
        if image is None:
            continue
        attributes = image.attributes
        source = attributes.get("src") or ""
        if not source or source.startswith("data:"):
            source = attributes.get("data-src") or ""
        address = _absolute(url, source)
        if address:
            words = " ".join(caption.text(deep=True, separator=" ").split()) if caption else ""
            found[address] = Image(url=address, caption=words)
    return tuple(found.values())[:_MOST_IMAGES]


def _absolute(url: str, source: str) -> str:
    try:
        address = urljoin(url, source.strip())
    except ValueError:
        return ""
    return address if source.strip() and is_web_url(address) else ""
