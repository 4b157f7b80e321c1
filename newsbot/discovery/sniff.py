"""Tells what a body is, whatever its content type says."""

import re
from typing import Literal

Looks = Literal["feed", "sitemap", "html", "other"]

_GZIP = b"\x1f\x8b"
_FEED = re.compile(rb"<(?:rss|feed|rdf:rdf)[\s>]", re.IGNORECASE)
_SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]", re.IGNORECASE)
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|div|p|a|ul|article|main)[\s>/]", re.IGNORECASE
)
_JSON_FEED = re.compile(rb'^\s*\{[^{]*"version"\s*:\s*"https?://(?:www\.)?jsonfeed\.org', re.DOTALL)


def sniff(body: bytes) -> Looks:
    """Return what the first few kilobytes of a body look like. A gzip file counts as a sitemap."""
    if body.startswith(_GZIP):
        return "sitemap"
    head = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"\x00" in head[:64]:
        head = head.replace(b"\x00", b"")
    if _SITEMAP.search(head):
        return "sitemap"
    if _FEED.search(head) and not re.match(rb"<!doctype\s+html", head, re.IGNORECASE):
        return "feed"
    if _JSON_FEED.match(head):
        return "feed"
    return "html" if _HTML.search(head) else "other"
