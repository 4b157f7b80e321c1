"""Links of a page: which lead to articles, and which to sections.

Judged by what the site itself shows, never by language: the shape of the address, where the link
stands, and how much it says.
"""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsbot.discovery.entries import Entry
from newsbot.text.urls import canonical_url, is_web_url, site_of

# Bytes of a page that are looked at, and links read of it.
SIZE = 5_000_000
LINKS = 5_000

# Files that are no pages.
_MEDIA = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|js|json|xml|rss|atom|pdf|zip|gz|mp[34]|m4a|ogg|webm"
    r"|mov|avi|docx?|xlsx?|pptx?|apk|exe|dmg|woff2?)$",
    re.IGNORECASE,
)
# Path segments of pages that are about the site, not of it. Words of URL vocabulary, which sites of
# all languages share.
_SERVICE = frozenset(
    "tag tags author authors category categories cat topic topics section sections search login "
    "logout signin signup register account user users profile privacy terms contact about imprint "
    "impressum newsletter newsletters subscribe subscription cart shop feed feeds rss page wp-admin "
    "wp-login.php wp-content cookie cookies help faq jobs advertise sitemap archive-list print "
    "share comments comment cdn-cgi".split()
)
# A slug of so many hyphens is a sentence: an article's, or one about the site.
_LONG_SLUG = 3
_ASIDE = frozenset({"nav", "footer", "aside", "form", "button", "label"})
_DATED = re.compile(r"/(?:19|20)\d\d[/-]?(?:0?[1-9]|1[0-2])(?:[/-]|$|\d)")
_NUMBER = re.compile(r"\d{3,}")


@attrs.frozen
class _Found:
    url: str
    path: str
    text: str
    in_navigation: bool


def article_links(html: bytes, url: str) -> list[Entry]:
    """Return the links of a page that look like articles of the same site, in order, once each."""
    entries: dict[str, Entry] = {}
    for link in _links(html, url):
        if _score(link) >= 2:
            key = canonical_url(link.url)
            if key not in entries or len(link.text) > len(entries[key].title):
                entries[key] = Entry(url=link.url, title=link.text)
    return list(entries.values())


def section_links(html: bytes, url: str) -> list[str]:
    """Return the links of a page's navigation that look like sections, in order, once each."""
    found: dict[str, str] = {}
    for link in _links(html, url):
        segments = [part for part in link.path.split("/") if part]
        wanted = segments[1:] if segments and segments[0] in _SECTION_WORDS else segments
        if (
            link.in_navigation
            and link.text
            and 1 <= len(wanted) <= 2
            and max(part.count("-") for part in wanted) < _LONG_SLUG
            and not any(part.lower() in _SERVICE for part in wanted)
            and _score(link) < 2
            and not urlsplit(link.url).query
        ):
            found.setdefault(canonical_url(link.url), link.url)
    return list(found.values())


_SECTION_WORDS = frozenset(
    {"category", "categories", "section", "sections", "topic", "topics", "cat"}
)


def _links(html: bytes, url: str) -> Iterator[_Found]:
    try:
        tree = LexborHTMLParser(html[:SIZE])
    except Exception:  # noqa: BLE001 - no page may break the crawl
        return
    site, here = site_of(url), canonical_url(url)
    base = tree.css_first("base[href]")
    root = _join(url, (base.attributes.get("href") or "") if base else "") or url
    for number, node in enumerate(tree.css("a[href]")):
        if number >= LINKS:
            return
        address = _join(root, node.attributes.get("href") or "")
        if not address or site_of(address) != site or canonical_url(address) == here:
            continue
        path = urlsplit(address).path
        if path in ("", "/") and not urlsplit(address).query:
            continue
        text = " ".join(node.text(deep=True, separator=" ").split())
        yield _Found(address, path, text[:500], _in_navigation(node))


def _join(base: str, link: str) -> str:
    link = link.strip()
    if not link or link.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
        return ""
    try:
        address = urljoin(base, link).partition("#")[0]
    except ValueError:
        return ""
    return address if is_web_url(address) else ""


def _in_navigation(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(12):
        if parent is None or parent.tag in ("body", "html", "main", "article"):
            return False
        if parent.tag in _ASIDE or (parent.attributes.get("role") or "") == "navigation":
            return True
        parent = parent.parent
    return False


def _score(link: _Found) -> int:
    """Return how much a link looks like an article's: 2 is enough."""
    segments = [part for part in link.path.split("/") if part]
    if _MEDIA.search(link.path) or any(part.lower() in _SERVICE for part in segments):
        return 0
    last = segments[-1] if segments else ""
    score = 0
    if _DATED.search(link.path):
        score += 2
    if last.count("-") + last.count("_") + last.count("%D9%") // 6 >= 3:
        score += 2
    if _NUMBER.search(last) or _NUMBER.search(urlsplit(link.url).query):
        score += 1
    if re.search(r"\.(?:s?html?|php|aspx?)$", last, re.IGNORECASE) and len(segments) >= 2:
        score += 1
    if len(segments) >= 2:
        score += 1 if re.search(r"\d", last) else 0
    words = len(link.text)
    if words >= 25:
        score += 2
    elif words >= 12:
        score += 1
    if link.in_navigation:
        score -= 3
    return score
