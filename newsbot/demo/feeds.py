"""What the sites tell machines: RSS, Atom, sitemaps and schema.org records."""

import json
from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree as ET

from newsbot.demo import dates
from newsbot.demo.addresses import path_of
from newsbot.demo.newsroom import Post
from newsbot.demo.sites import Site

_ATOM: Final = "http://www.w3.org/2005/Atom"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS: Final = "http://www.google.com/schemas/sitemap-news/0.9"


def rss(site: Site, base: str, posts: Iterable[Post]) -> bytes:
    """Return an RSS 2.0 feed of ``posts``; ``base`` is the site's address without a path."""
    root = ET.Element("rss", {"version": "2.0", "xmlns:atom": _ATOM, "xmlns:dc": _DC})
    channel = ET.SubElement(root, "channel")
    _text(channel, "title", site.title)
    _text(channel, "link", f"{base}/")
    _text(channel, "description", site.tagline)
    _text(channel, "language", site.language)
    self_link = {"href": base + site.feed_path, "rel": "self", "type": "application/rss+xml"}
    ET.SubElement(channel, "atom:link", self_link)
    for post in posts:
        item = ET.SubElement(channel, "item")
        _text(item, "title", post.title)
        _text(item, "link", base + path_of(post))
        _text(item, "guid", base + path_of(post), isPermaLink="true")
        _text(item, "pubDate", dates.rfc822(site, post.published))
        _text(item, "dc:creator", post.byline)
        _text(item, "category", site.section_title(post.section))
        _text(item, "description", post.story.lead)
    return _document(root)


def atom(site: Site, base: str, posts: Iterable[Post]) -> bytes:
    """Return an Atom feed (RFC 4287) of ``posts``, newest first."""
    listed = list(posts)
    root = ET.Element("feed", xmlns=_ATOM)
    _text(root, "title", site.title)
    _text(root, "subtitle", site.tagline)
    _text(root, "id", f"{base}/")
    ET.SubElement(root, "link", href=f"{base}/")
    ET.SubElement(root, "link", href=base + site.feed_path, rel="self")
    if listed:
        newest = max(post.modified for post in listed)
        _text(root, "updated", dates.iso(site, newest))
    for post in listed:
        entry = ET.SubElement(root, "entry")
        _text(entry, "title", post.title)
        _text(entry, "id", base + path_of(post))
        ET.SubElement(entry, "link", href=base + path_of(post), rel="alternate")
        _text(entry, "published", dates.iso(site, post.published))
        _text(entry, "updated", dates.iso(site, post.modified))
        author = ET.SubElement(entry, "author")
        _text(author, "name", post.byline)
        ET.SubElement(entry, "category", term=post.section)
        _text(entry, "summary", post.story.lead)
    return _document(root)


def sitemap_index(base: str, paths: Iterable[str]) -> bytes:
    """Return a sitemap index (sitemaps.org) that lists the sitemaps at ``paths``."""
    root = ET.Element("sitemapindex", xmlns=_SITEMAP)
    for path in paths:
        _text(ET.SubElement(root, "sitemap"), "loc", base + path)
    return _document(root)


def pages_sitemap(base: str, paths: Iterable[str]) -> bytes:
    """Return a sitemap of the pages that are no articles."""
    root = ET.Element("urlset", xmlns=_SITEMAP)
    for path in paths:
        _text(ET.SubElement(root, "url"), "loc", base + path)
    return _document(root)


def news_sitemap(site: Site, base: str, posts: Iterable[Post]) -> bytes:
    """Return a news sitemap (Google's extension of sitemaps.org) of ``posts``."""
    root = ET.Element("urlset", {"xmlns": _SITEMAP, "xmlns:news": _NEWS})
    for post in posts:
        url = ET.SubElement(root, "url")
        _text(url, "loc", base + path_of(post))
        news = ET.SubElement(url, "news:news")
        publication = ET.SubElement(news, "news:publication")
        _text(publication, "news:name", site.title)
        _text(publication, "news:language", site.language)
        _text(news, "news:publication_date", dates.iso(site, post.published))
        _text(news, "news:title", post.title)
    return _document(root)


def schema_org(site: Site, base: str, post: Post) -> str:
    """Return the post's schema.org record (JSON-LD), safe inside a ``script`` element."""
    record = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": post.title,
        "description": post.story.lead,
        "datePublished": dates.iso(site, post.published),
        "dateModified": dates.iso(site, post.modified),
        "inLanguage": site.language,
        "articleSection": site.section_title(post.section),
        "keywords": list(post.story.tags),
        "author": {"@type": "Person", "name": post.byline},
        "publisher": {"@type": "Organization", "name": site.title, "url": f"{base}/"},
        "mainEntityOfPage": {"@type": "WebPage", "@id": base + path_of(post)},
        "image": base + picture_path(post),
    }
    return json.dumps(record, ensure_ascii=False, indent=1).replace("<", "\\u003c")


def picture_path(post: Post) -> str:
    """Return the path of the picture that stands with a post."""
    return f"/media/{post.number + 1}.svg"


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text


def _document(root: ET.Element) -> bytes:
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
