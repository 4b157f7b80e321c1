"""From a page to an article: its own statements, the visible text, and whether it is one at all."""

import re
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

import attrs
from selectolax.lexbor import LexborHTMLParser

from newsbot.extraction.body import Body, fold, read_body
from newsbot.extraction.byline import split_byline
from newsbot.extraction.metadata import Metadata, Stated, read_metadata
from newsbot.extraction.tree import parse
from newsbot.items import Image
from newsbot.text import canonical_url, detect_language, parse_date
from newsbot.text.dates import ParsedDate
from newsbot.text.urls import is_web_url, site_of

# Between a headline and the name of its site.
_SEPARATOR = re.compile(r"\s+[|–—·•»:-]+\s+|\s*\|\s*")
# A body of fewer characters is no article, unless the page says that it is one.
_SHORT = 200
_DATELINE = 600
# A body of which more than this share is links is a menu, or a page of links.
_MENU = 0.5


@attrs.frozen(kw_only=True)
class Extracted:
    """What a page turned out to be.

    ``body`` is paragraphs, one a line; ``authors`` are names; ``language`` is a BCP 47 tag or "";
    ``canonical_url`` is the page's own address for itself where it can be trusted, else the address
    it was read at. ``is_article`` is False where the page is none, and ``why`` says why.
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
    is_article: bool = False
    why: str = ""


def extract(html: bytes, url: str, *, reference: datetime | None = None) -> Extracted:
    """Return the article that a page holds. Never raises; a page that is none says so.

    ``html`` is the page as it came, undecoded; ``url`` is where it was read, ``reference`` when: the
    moment that a date like "three hours ago" is counted from (now, unless it is given).
    """
    try:
        return _extract(html, url, reference or datetime.now(UTC))
    except Exception as error:  # noqa: BLE001 - no page may break the crawl
        return Extracted(canonical_url=canonical_url(url), why=f"{type(error).__name__}: {error}")


def _extract(html: bytes, url: str, reference: datetime) -> Extracted:
    text, tree = parse(html)
    meta = read_metadata(tree, url)
    publisher = meta.publisher or _name_in_title(tree, meta)
    title = _title(meta, publisher)
    names = [name for each in meta.authors for name in split_byline(each)]
    labels = frozenset(map(fold, (publisher, meta.section, *meta.authors, *names))) - {""}
    body = read_body(text, tree, url, title=title, labels=labels)
    body = _without_menus(tree, body)
    joined = "\n".join(body.paragraphs)
    language = meta.language.split("-")[0].lower() or detect_language(joined)
    published = _date(meta.published, language, reference) or _dateline(
        tree, body, language, reference
    )
    authors = names or _desk(tree, publisher)
    why = _refusal(meta, body, url)
    return Extracted(
        title=title,
        body=joined,
        authors=tuple(dict.fromkeys(name for name in authors if name != publisher)),
        published=published,
        modified=_date(meta.modified, language, reference),
        language=language,
        publisher=publisher,
        canonical_url=_canonical(meta, url),
        section=meta.section,
        tags=meta.tags,
        description=meta.description,
        images=_images(tree, meta, url),
        captions=body.captions,
        is_article=not why,
        why=why,
    )


def _title(meta: Metadata, publisher: str) -> str:
    return _without_site(meta.titles[0], publisher) if meta.titles else ""


def _without_site(title: str, publisher: str) -> str:
    """Return a title without the site's name behind it, or before it."""
    parts = _SEPARATOR.split(title)
    if len(parts) > 1 and publisher:
        if fold(parts[-1]) == fold(publisher):
            return title[: title.rfind(parts[-1])].rstrip(" |–—·•»:-")
        if fold(parts[0]) == fold(publisher):
            return title[len(parts[0]) :].lstrip(" |–—·•»:-")
    return title


def _name_in_title(tree: LexborHTMLParser, meta: Metadata) -> str:
    """Return the site's name as the page's title shows it behind the headline."""
    title = tree.css_first("title")
    words = " ".join(title.text().split()) if title else ""
    for head in meta.titles:
        if head != words and words.startswith(head):
            return words[len(head) :].strip(" |–—·•»:-")
    return ""


def _date(stated: tuple[Stated, ...], language: str, reference: datetime) -> ParsedDate | None:
    for each in stated:
        parsed = parse_date(
            each.text, language=language or "en", reference=reference, timezone="UTC"
        )
        if parsed is not None:
            return attrs.evolve(parsed, source=each.source)
    return None


def _dateline(
    tree: LexborHTMLParser, body: Body, language: str, reference: datetime
) -> ParsedDate | None:
    """Return the date that stands visibly near the headline, or in the first paragraphs."""
    h1 = tree.css_first("h1")
    near: list[str] = []
    parent = h1.parent if h1 else None
    if parent is not None:
        near = [
            " ".join(line.split()) for line in parent.text(deep=True, separator="\n").splitlines()
        ]
    for line in near:
        if 5 < len(line) < 60 and any(letter.isdigit() for letter in line):
            parsed = _printed(line, language, reference)
            if parsed is not None:
                return attrs.evolve(parsed, source="near the headline")
    for found in _PRINTED.finditer("\n".join(body.paragraphs)[: _DATELINE * 3]):
        parsed = _printed(found.group(), language, reference)
        if parsed is not None:
            return attrs.evolve(parsed, source="text")
    return None


# A day, a month's name (or two) and a year, in any script.
_PRINTED = re.compile(
    r"(?<!\d)\d{1,2}\.?\s+(?:de\s+)?[^\W\d_]{3,12}(?:\s*/\s*[^\W\d_]{3,12})?,?\s+(?:de\s+)?(?:19|20)\d\d(?!\d)"
)


def _printed(text: str, language: str, reference: datetime) -> ParsedDate | None:
    return parse_date(text, language=language or "en", reference=reference, timezone="UTC")


def _desk(tree: LexborHTMLParser, publisher: str) -> list[str]:
    """Return the desk in a first line "Publisher – Desk"."""
    if not publisher:
        return []
    for node in tree.css("p")[:40]:
        line = " ".join(node.text(deep=True).split())
        if len(line) < 80 and line.startswith(publisher):
            rest = line[len(publisher) :].strip()
            if rest[:1] in ("-", "–", "—", "|", "/", ":"):
                return split_byline(rest.strip(" -–—|/:"))
    return []


def _canonical(meta: Metadata, url: str) -> str:
    """Return the address a page states for itself, where it is on the same site and no homepage."""
    own = canonical_url(url)
    for stated in meta.canonical:
        address = canonical_url(stated)
        if _twin(site_of(address)) == _twin(site_of(own)) and (
            urlsplit(address).path not in ("", "/") or urlsplit(own).path in ("", "/")
        ):
            return address
    return own


def _twin(site: str) -> str:
    return re.sub(r"^(?:m|amp|mobile)\.", "", site)


def _images(tree: LexborHTMLParser, meta: Metadata, url: str) -> tuple[Image, ...]:
    found: dict[str, Image] = {}
    if meta.image and is_web_url(urljoin(url, meta.image)):
        address = urljoin(url, meta.image)
        found[address] = Image(url=address)
    for figure in tree.css("figure")[:50]:
        image, caption = figure.css_first("img[src]"), figure.css_first("figcaption")
        source = (image.attributes.get("src") or "") if image else ""
        try:
            address = urljoin(url, source.strip())
        except ValueError:
            continue
        if source and is_web_url(address):
            words = " ".join(caption.text(deep=True, separator=" ").split()) if caption else ""
            found[address] = Image(url=address, caption=words)
    return tuple(found.values())[:50]


def _without_menus(tree: LexborHTMLParser, body: Body) -> Body:
    """Return a body that is mostly links without them: a menu was taken for text."""
    links = {fold(node.text(deep=True, separator=" ")) for node in tree.css("a[href]")}
    own = tuple(line for line in body.paragraphs if fold(line) not in links)
    if sum(map(len, own)) > (1 - _MENU) * sum(map(len, body.paragraphs)):
        return body
    return attrs.evolve(body, paragraphs=own)


def _refusal(meta: Metadata, body: Body, url: str) -> str:
    """Return why a page is no article; "" where it is one. Only what is clear is refused."""
    length = sum(map(len, body.paragraphs))
    if urlsplit(url).path in ("", "/") and not urlsplit(url).query:
        return "it is a site's homepage"
    if not meta.titles and length < _SHORT:
        return "it has neither a title nor a text"
    if length < 40 and meta.kind not in ("article", "news"):
        return "it has no text of its own"
    return ""
