"""What a page is: an article, or one of the many things that are none.

Only what is clear is refused, since an article that is taken for a hub is lost, and a hub that is
taken for an article is seen: error pages that answer 200, walls (consent, captcha), pages of links,
homepages, what a site says of itself, and pages of a video or of pictures with hardly a text.
"""

import re
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Literal
from urllib.parse import SplitResult, urlsplit

import attrs

from newsbot.extraction.blocks import Block, Page
from newsbot.extraction.body import Body, begins_with_time
from newsbot.extraction.container import HEADINGS, fold, weight
from newsbot.extraction.statements import Statements, types_of

Kind = Literal["article", "live", "gallery", "video", "hub", "notice", "error", "wall", "empty"]

# A text of as many characters is an article's, whatever else the page has.
_TEXT, _CAPTION, _FLASH, _NEXT_TO_NOTHING = 600, 250, 120, 30
# The share of a line that a phrase has to be for the line to say nothing else; and its length.
_MOSTLY, _LONGEST_LINE = 0.6, 300
# A page's first lines, and the lines of one that shows hardly anything.
_FIRST, _FEW = 15, 40
_BETWEEN = re.compile(r"\s[|–—·»-]\s|\s?\|\s?")
# Entries of a live blog that begin with a time of day.
_ENTRIES = 5
_TEASERS, _LINK = 5, 0.8
# Characters of a line from which it says something.
_SENTENCE = 50
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
def _phrases(kind: str) -> re.Pattern[str]:
    table = (files("newsbot.extraction") / "page_titles.tsv").read_text("utf8")
    rows = (line.split("\t") for line in table.splitlines() if line[:1] not in ("#", ""))
    phrases = {fold(phrase) for each, _, said in rows if each == kind for phrase in said.split("|")}
    longest_first = sorted(map(re.escape, phrases), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")


def _says(kind: str, line: str) -> bool:
    """Say whether a line says hardly more than what pages of a kind say.

    An article may have any of these phrases in its title, among other words.
    """
    if len(line) > _LONGEST_LINE:
        return False
    words = fold(line)
    said = _length_of(kind, words)
    return said > 0 and said + _length_of("beside", words) >= _MOSTLY * len(words)


def _length_of(kind: str, words: str) -> int:
    return sum(len(found[0]) for found in _phrases(kind).finditer(words))


def is_live(page: Page, statements: Statements, title: str) -> bool:
    """Say whether a page is a report that grows by entries.

    It says so to machines; or its title says so, and it shows entries that begin with a time of day.
    """
    if any("liveblogposting" in types_of(node) for node in statements.nodes):
        return True
    if not _phrases("live").search(fold(f"{title} {statements.page_title}")[:_LONGEST_LINE]):
        return False
    return sum(begins_with_time(block.text) for block in page.blocks) >= _ENTRIES


def judge(
    page: Page, body: Body, statements: Statements, title: str, url: str, *, told: bool
) -> Judgement:
    """Return what a page is.

    ``title`` is its headline, ``body`` what was found to be its text; ``told`` says that it has a date or
    an author.
    """
    length = sum(map(weight, body.paragraphs))
    said = _said(page, statements, title, length)
    if said is not None:
        return said
    address = _split(url)
    if url and address.path in ("", "/") and not address.query:
        return Judgement("hub", "it is a site's homepage")
    types = frozenset(each for node in statements.nodes for each in types_of(node))
    if length >= _FLASH and is_live(page, statements, title):
        return Judgement("live")
    articles = bool(statements.articles) or statements.meta.get("og:type", "").lower() in (
        "article",
        "news",
    )
    if length < _NEXT_TO_NOTHING and not articles:
        return Judgement("empty", "it has no text of its own")
    if not title and length < _FLASH:
        return Judgement("empty", "it has neither a title nor a text")
    headline = weight(title) >= _HEADLINE_LINK
    if length < _SENTENCE and not (articles or told or headline):
        if sum(block.linked for block in _headlines(page)) > length:
            return Judgement("hub", "it has links, and hardly a text")
        return Judgement("empty", "it has hardly a text, and no headline, date or author")
    if not articles and _summaries(page, body):
        return Judgement("hub", "its paragraphs are what is said of links")
    if length < _TEXT:
        hub = _hub(page, length, types, articles, statements, address.path)
        if hub:
            return Judgement("hub", hub)
    return _recording(body, types, address.path) or Judgement("article")


def _said(page: Page, statements: Statements, title: str, length: int) -> Judgement | None:
    """Return what a page says that it is, where that is an error, a wall, or the site's own affairs."""
    articles = bool(statements.articles)
    if articles and length >= _TEXT:
        return None
    titles = (title, _BETWEEN.split(statements.page_title)[0])
    if any(_says("error", line) for line in titles) or (
        length < _FLASH and not articles and _shows(page, "error")
    ):
        return Judgement("error", "it says that there is no such page")
    if articles:
        return None
    if any(_says("wall", line) for line in titles) or (length < _TEXT and _walled(page)):
        return Judgement("wall", "it asks for something before it shows a page")
    if _says("notice", title):
        return Judgement("notice", "it is what a site says of itself")
    return None


def _recording(body: Body, types: frozenset[str], path: str) -> Judgement | None:
    """Return what a page is that has pictures or a recording, and hardly a text."""
    prose = _prose(body)
    if prose < _CAPTION and (_GALLERY_TYPES & types or _GALLERY_PATH.search(path)):
        return Judgement("gallery", "it is a gallery of pictures with hardly a text")
    if prose < _FLASH and (_VIDEO_TYPES & types or _VIDEO_PATH.search(path)):
        return Judgement("video", "it is a recording with hardly a text")
    return None


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
    if articles or len(_headlines(page)) < _MANY_LINKS:
        return ""
    if _HUB_TYPES & types:
        return "it says that it is a collection"
    if _HUB_PATH.search(path):
        return "its address is that of a list, and it is mostly links"
    linked = sum(block.linked for block in page.blocks)
    if statements.meta.get("og:type", "").lower() in _HUB_OG and linked > 4 * length:
        return "it says that it is a site, and is mostly links"
    return ""


def _headlines(page: Page) -> list[Block]:
    """Return the links as long as headlines."""
    return [
        block
        for block in page.blocks
        if block.link_share > _LINK and len(block.text) >= _HEADLINE_LINK
    ]


def teasers(page: Page) -> frozenset[tuple[str, str]]:
    """Return the links of a page that are headings, each with what stands below it."""
    return frozenset(
        (link.text, block.text)
        for link, block in pairwise(page.blocks)
        if link.kind in HEADINGS
        and link.link_share > _LINK
        and len(link.text) >= _HEADLINE_LINK
        and block.link_share <= _LINK
        and block.kind not in HEADINGS
    )


def _summaries(page: Page, body: Body) -> bool:
    """Say whether most of a page's paragraphs are links that are headings, or stand below one."""
    if len(body.paragraphs) < _TEASERS:
        return False
    told = {text for link, below in teasers(page) for text in (link, below, f"{link} {below}")}
    counted = sum(paragraph in told for paragraph in body.paragraphs)
    return counted >= max(_TEASERS, _MOSTLY * len(body.paragraphs))


def _prose(body: Body) -> int:
    """Return the length of what is no caption and no stray line of a text."""
    captions = frozenset(body.captions)
    return sum(
        weight(each)
        for each in body.paragraphs
        if each not in captions and weight(each) >= _SENTENCE
    )


def _shows(page: Page, kind: str) -> bool:
    """Say whether one of a page's first lines says hardly more than pages of a kind do."""
    return any(_says(kind, block.text) for block in page.blocks[:_FIRST])


def _walled(page: Page) -> bool:
    """Say whether a page shows hardly more than the question of a wall.

    What has a headline of its own shows a page, with a wall's words in a box of it.
    """
    if len(page.blocks) > _FEW or not _shows(page, "wall"):
        return False
    return not any(block.kind == "h1" and " " in block.text for block in page.blocks) or any(
        block.kind == "h1" and _says("wall", block.text) for block in page.blocks
    )
