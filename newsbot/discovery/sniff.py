"""Tells what a body is, whatever its content type says.

Source of signatures and binary bytes: WHATWG, MIME Sniffing Standard, 3 and 6.
"""

import re
from typing import Literal

from newsbot.discovery.gzipped import is_gzip, unpacked
from newsbot.text.byte_order import marked

Looks = Literal["feed", "sitemap", "html", "other"]

# Bytes that are looked at, and bytes of a gzip file that hold them.
_HEAD, _PACKED = 4_096, 65_536
_FEED = re.compile(rb"<(?:rss|feed|rdf:rdf)[\s>]", re.IGNORECASE)
_SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]", re.IGNORECASE)
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|div|p|a|ul|article|main)[\s>/]", re.IGNORECASE
)
_JSON_FEED = re.compile(rb'^\s*\{[^{]*"version"\s*:\s*"https?://(?:www\.)?jsonfeed\.org', re.DOTALL)


def sniff(body: bytes) -> Looks:
    """Return what the first few kilobytes of a body look like, out of its gzip where it is in one.

    A gzip file that does not tell is a sitemap: those of plain addresses look like nothing.
    """
    head = unpacked(body[:_PACKED], _HEAD).lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"\x00" in head[:64]:
        head = head.replace(b"\x00", b"")
    if _SITEMAP.search(head):
        return "sitemap"
    if _FEED.search(head) and not re.match(rb"<!doctype\s+html", head, re.IGNORECASE):
        return "feed"
    if _JSON_FEED.match(head):
        return "feed"
    if _HTML.search(head):
        return "html"
    return "sitemap" if is_gzip(body) else "other"


# 6: images, audio and video, fonts, archives; and PDF (7.1), whose first bytes are text. Those of
# letters alone (BM, FORM, OTTO …) are left out: a text may begin so.
_SIGNATURES = (
    *(b"\x00\x00\x01\x00", b"\x00\x00\x02\x00", b"GIF87a", b"GIF89a", b"\x89PNG\r\n\x1a\n"),
    *(b"\xff\xd8\xff", b"OggS\x00", b"MThd\x00\x00\x00\x06", b"\x1a\x45\xdf\xa3"),
    *(b"\x00\x01\x00\x00", b"\x1f\x8b\x08", b"PK\x03\x04", b"Rar \x1a\x07\x00", b"%PDF-"),
    *(b"%!PS-Adobe-", b"7z\xbc\xaf\x27\x1c", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"),
    *(b"\x7fELF", b"MZ\x90\x00"),
)
_IN_CONTAINER = re.compile(rb"RIFF....(?:WEBPVP|AVI |WAVE)|....ftyp", re.DOTALL)
# 3: bytes that no text has, in the part of a resource that is looked at.
_BINARY_BYTES = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_LOOKED_AT = 1445


def is_binary(body: bytes) -> bool:
    """Say whether a body is no text: an image, a film, an archive, whatever its name says.

    Bytes that no text has are borne with where a page begins all the same: some have a stray one,
    and UTF-16 has one in each letter.
    """
    if marked(body[:4]) is not None:
        return False
    if body.startswith(_SIGNATURES) or _IN_CONTAINER.match(body):
        return True
    return bool(_BINARY_BYTES.search(body[:_LOOKED_AT])) and sniff(body) == "other"
