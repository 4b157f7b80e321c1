"""What a page is: an article, or one of the many things that are none.

Only what is clear is refused, since an article that is taken for a hub is lost, and a hub that is
taken for an article is seen: error pages that answer 200, walls (consent, captcha), pages of links,
homepages, and pages of a video or of pictures with hardly a text.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Literal
from urllib.parse import SplitResult, urlsplit

import attrs

from newsbot.extraction.blocks import Page
from newsbot.extraction.body import Body
from newsbot.extraction.container import fold
from newsbot.extraction.statements import Statements, types_of

Kind = Literal["article", "live", "gallery", "video", "hub", "error", "wall", "empty"]

# A text of as many characters is an article's, whatever else the page has.
_TEXT, _FLASH, _NEXT_TO_NOTHING = 600, 120, 40
_HUB_TYPES = frozenset(
    "collectionpage searchresultspage itemlist profilepage aboutpage contactpage checkoutpage".split()
)
_VIDEO_TYPES = frozenset("videoobject audioobject podcastepisode episode tvepisode".split())
_GALLERY_TYPES = frozenset("imagegallery mediagallery".split())
_HUB_OG = frozenset(("website", "profile", "object", "blog", "product.group"))
# Links as long as headlines, of which a page of links has many.
_HEADLINE_LINK, _MANY_LINKS = 25, 15
_HUB_PATH = re.compile(
    r"/(?:tags?|categor(?:y|ies)|topics?|sections?|authors?|search|archives?|page|label|rubrik|thema|"
    r"schlagwort|autor(?:en)?|mot-cle|etiqueta|tema|temas|وسم|تصنيف|كاتب)(?:/[^/]*)?/?$",
    re.IGNORECASE,
)
_GALLERY_PATH = re.compile(
    r"/(?:galler(?:y|ies)|photos?|pictures|slideshow|bildergalerie|fotostrecke|diaporama|galeria)/",
    re.IGNORECASE,
)
_VIDEO_PATH = re.compile(r"/(?:videos?|watch|mediathek|podcasts?)/", re.IGNORECASE)


@attrs.frozen
class Judgement:
    """What a page is, and in words why, where it is no article."""

    kind: Kind
    why: str = ""


@cache
def _titles(kind: str) -> re.Pattern[str]:
    table = (files("newsbot.extraction") / "page_titles.tsv").read_text("utf8")
    rows = (line.split("\t") for line in table.splitlines() if line[:1] not in ("#", ""))
    phrases = {fold(phrase) for each, _, said in rows if each == kind for phrase in said.split("|")}
    longest_first = sorted(map(re.escape, phrases), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")


def judge(page: Page, body: Body, statements: Statements, title: str, url: str) -> Judgement:
    """Return what a page is. ``title`` is its headline, ``body`` what was found to be its text."""
    length = sum(map(len, body.paragraphs))
    said = fold(f"{title} | {statements.page_title}")
    if length < _TEXT:
        if _titles("error").search(said):
            return Judgement("error", "its title says that there is no such page")
        if _titles("wall").search(said) or _walled(page):
            return Judgement("wall", "it asks for something before it shows a page")
    address = _split(url)
    if url and address.path in ("", "/") and not address.query:
        return Judgement("hub", "it is a site's homepage")
    types = frozenset(each for node in statements.nodes for each in types_of(node))
    articles = bool(statements.articles) or statements.meta.get("og:type", "").lower() in (
        "article",
        "news",
    )
    if "liveblogposting" in types:
        return Judgement("live")
    if length < _NEXT_TO_NOTHING and not articles:
        return Judgement("empty", "it has no text of its own")
    if not title and length < _FLASH:
        return Judgement("empty", "it has neither a title nor a text")
    if length < _TEXT:
        hub = _hub(page, length, types, articles, statements, address.path)
        if hub:
            return Judgement("hub", hub)
        if _GALLERY_TYPES & types or _GALLERY_PATH.search(address.path):
            return Judgement("gallery", "it is a gallery of pictures with hardly a text")
        if length < _FLASH and (_VIDEO_TYPES & types or _VIDEO_PATH.search(address.path)):
            return Judgement("video", "it is a recording with hardly a text")
    return Judgement("article")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _hub(
    page: Page,
    length: int,
    types: frozenset[str],
    articles: bool,
    statements: Statements,
    path: str,
) -> str:
    """Return why a page is one of links; "" where it is not clear that it is."""
    links = sum(
        block.link_share > 0.8 and len(block.text) >= _HEADLINE_LINK for block in page.blocks
    )
    if articles or links < _MANY_LINKS:
        return ""
    if _HUB_TYPES & types:
        return "it says that it is a collection"
    if _HUB_PATH.search(path):
        return "its address is that of a list, and it is mostly links"
    linked = sum(block.linked for block in page.blocks)
    if statements.meta.get("og:type", "").lower() in _HUB_OG and linked > 4 * length:
        return "it says that it is a site, and is mostly links"
    return ""


def _walled(page: Page) -> bool:
    """Say whether a page shows hardly more than the question of a wall."""
    shown = [block.text for block in page.blocks[:12]]
    words = fold(" | ".join(shown))[:1000]
    return len(page.blocks) <= 40 and _titles("wall").search(words) is not None


def next_page(statements_next: str, url: str) -> str:
    """Return the address of an article's next page where it is one of the same article; else ""."""
    here, there = _split(url), _split(statements_next)
    if here.netloc != there.netloc or not statements_next or url == statements_next:
        return ""
    if _numberless(here.path, here.query) != _numberless(there.path, there.query):
        return ""
    return statements_next


_PAGE_NUMBER = re.compile(
    r"(?:^|[?&/_,.-])(?:page|p|seite|pag|pagina|s|part|teil)?[=/_,.-]?\d{1,2}(?=$|[/&.]|\.html?$)",
    re.IGNORECASE,
)


def _numberless(path: str, query: str) -> str:
    """Return an address without what may number its pages."""
    text = f"{path.rstrip('/')}?{query}" if query else path.rstrip("/")
    head, tail = text[: max(len(text) - 12, 0)], text[-12:]
    return re.sub(r"[?/&]+$", "", head + _PAGE_NUMBER.sub("", tail))
