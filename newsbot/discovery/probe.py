"""What a homepage says of its entry points, and where they usually stand."""

import re
from urllib.parse import urlsplit

from newsbot.discovery.anchors import join
from newsbot.discovery.entries import EntryPoint
from newsbot.discovery.page import Page
from newsbot.text.urls import absolute, site_of

# Where feeds and sitemaps stand that nobody announces: the defaults of WordPress, Drupal, Joomla,
# Ghost, Blogger, Hugo and Jekyll, by their documentation.
FEED_PLACES = (
    "/feed/",
    "/feed",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feeds/posts/default",
)
SITEMAP_PLACES = (
    "/sitemap.xml",
    "/sitemap_index.xml",
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/wp-sitemap.xml",
)

_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}
)
_FEED_ADDRESS = re.compile(
    r"(?:^|[/._=?-])(?:rss|atom|feeds?|rdf)(?:$|[/._=&?-]|\d)|\.(?:rss|atom|rdf)$", re.IGNORECASE
)
_FEED_HOST = re.compile(r"(?:feeds?|rss)\d?\.|feeds?\.feedburner\.com", re.IGNORECASE)
_FEED_TEXT = re.compile(r"(?:rss|atom|feed|xml)(?:[ -]?feed)?", re.IGNORECASE)
_REFRESH = re.compile(r"\s*[0-5](?:\.\d*)?\s*[;,]\s*url\s*=\s*(.+)", re.IGNORECASE | re.DOTALL)
# Feeds of comments bring no articles.
_COMMENTS = re.compile(r"/comments?/", re.IGNORECASE)


def entry_points(page: Page) -> list[EntryPoint]:
    """Return the feeds that a page announces, in its order, then the page itself."""
    found: dict[str, EntryPoint] = {}
    for node in page.tree.css("link[rel][href]"):
        rel = (node.attributes.get("rel") or "").lower().split()
        kind = (node.attributes.get("type") or "").split(";")[0].strip().lower()
        if "alternate" not in rel or kind not in _FEED_TYPES:
            continue
        address = absolute(page.base, node.attributes.get("href") or "")
        if address and not _COMMENTS.search(address):
            found.setdefault(address, EntryPoint(url=address, kind="feed"))
    return [*found.values(), EntryPoint(url=page.url, kind="page")]


def feed_links(page: Page) -> list[str]:
    """Return the links of a page that look like feeds by their address or by what they say.

    They may lie on another host of the site, or with a service for feeds.
    """
    found: dict[str, None] = {}
    for anchor in page.anchors:
        parts = urlsplit(anchor.url)
        named = _FEED_ADDRESS.search(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        served = _FEED_HOST.match(parts.netloc)
        said = _FEED_TEXT.fullmatch(anchor.text.strip())
        if (named or served or said) and not _COMMENTS.search(anchor.url):
            found.setdefault(anchor.url)
    return list(found)[:50]


def refresh_target(page: Page) -> str:
    """Return where a page sends its readers on at once (HTML 4.2.5.3, refresh); "" where it does not."""
    for node in page.tree.css("meta[http-equiv][content]"):
        if (node.attributes.get("http-equiv") or "").lower() == "refresh":
            found = _REFRESH.match(node.attributes.get("content") or "")
            if found:
                return join(page.base, found[1].strip("\"' "))
    return ""


def robots_sitemaps(robots: str, url: str) -> list[str]:
    """Return the sitemaps that a robots.txt names (RFC 9309 leaves the line to sitemaps.org)."""
    found = []
    for line in robots.splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "sitemap":
            address = absolute(url, value.partition("#")[0])
            if address and address not in found:
                found.append(address)
    return found[:100]


def site_name(page: Page) -> str:
    """Return the name a homepage gives its site; its host where it gives none."""
    for selector in ('meta[property="og:site_name"]', 'meta[name="application-name"]'):
        node = page.tree.css_first(selector)
        name = " ".join(((node.attributes.get("content") or "") if node else "").split())
        if name:
            return name[:100]
    title = page.tree.css_first("title")
    words = " ".join(title.text().split()) if title else ""
    first = re.split(r"\s+[|–—·:»-]\s+", words)[0]
    return (first or site_of(page.url))[:100]
