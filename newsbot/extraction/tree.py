"""From bytes to a tree: decoded as browsers decide, parsed once, never raising.

The order is the HTML standard's (13.2.3.2): a byte order mark, what the server said, what the page
says, and then what the bytes look like. Two departures, where a browser would show rubbish: bytes
that are UTF-8 whatever they are called are read so, and bytes that are called UTF-8 and are not are
looked at.
"""

import codecs
import re
from functools import cache
from importlib.resources import files

import cchardet

from newsbot.extraction.bounds import bounded
from newsbot.extraction.page_tree import PageTree

# Bytes of a page that are read; the longest labelled news page has 1.5 MB.
SIZE = 10_000_000
# Bytes in which a page says its encoding: browsers look at 1024 and begin anew at a later one.
_HEAD = 100_000
# Bytes that a detector is given.
_SAMPLE = 200_000
# What is not ASCII is broken by more than this share where it is no UTF-8: nearly all of it, in
# pages of Latin, Cyrillic, Arabic or Japanese; a page with stray bytes has far less.
_BROKEN = 0.5
_ASCII = bytes(range(128))

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Bytes in which UTF-16 without a mark shows itself.
_WIDE_HEAD = 200
# UTF-16 without a mark shows itself by what a page begins with.
_WIDE = ((re.compile(rb"(?:\s\x00)*<\x00\S\x00"), "utf-16-le"),
         (re.compile(rb"(?:\x00\s)*\x00<\x00\S"), "utf-16-be"))  # fmt: skip
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_XML = re.compile(rb"\s{0,100}<\?xml[^>]{0,100}\sencoding\s*=\s*[\"']([\w:.-]+)")
# An encoding whose bytes are all ASCII, so that they are always UTF-8 too, and what it switches by.
_SEVEN_BITS = "iso2022_jp"
_ESCAPE = b"\x1b"


@cache
def _codecs() -> dict[str, str]:
    """Return Python's codec for each label of the Encoding Standard."""
    table = (files("newsbot.extraction") / "charset_labels.tsv").read_text("utf8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {label: codec for codec, labels in rows for label in labels.split()}


def decode(html: bytes, charset: str = "") -> str:
    """Return the text of a page. ``charset`` is the one that came with it (HTTP's Content-Type)."""
    html = html[:SIZE]
    text = _as_utf8(html, charset)
    return _decoded(html, charset) if text is None else text


def _as_utf8(html: bytes, charset: str) -> str | None:
    """Return a page's text where its bytes are just that in UTF-8; None where they may not be."""
    told = _codecs().get(charset.strip(" \t\r\n\"'").lower(), "")
    if told.startswith("utf-16") or html[:1] in (b"\xef", b"\xff", b"\xfe", b"\x00"):
        return None
    if b"\x00" in html[:_WIDE_HEAD]:
        return None
    if _ESCAPE in html and (told or _declared(html)) == _SEVEN_BITS:
        return None
    try:
        return html.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _decoded(html: bytes, charset: str) -> str:
    for mark, encoding in _BOMS:
        if html.startswith(mark):
            return html[len(mark) :].decode(encoding, "replace")
    for beginning, encoding in _WIDE:
        if beginning.match(html):
            return html.decode(encoding, "replace")
    told = _codecs().get(charset.strip(" \t\r\n\"'").lower(), "")
    if told.startswith("utf-16"):
        text = html.decode(told, "replace")
        if "<" in text:
            return text
        told = ""
    told = told or _declared(html)
    if told == _SEVEN_BITS:
        return html.decode(told, "replace")
    try:
        return html.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.end == len(html) and error.reason == "unexpected end of data"
    if told == "utf-8" or not told:
        text = html.decode("utf-8", "replace")
        if cut or text.count("\ufffd") < _BROKEN * len(html.translate(None, _ASCII)):
            return text
        told = _looks_like(html)
    return html.decode(told, "replace")


def parse(html: bytes, charset: str = "") -> tuple[str, PageTree]:
    """Return a page's text and its tree; ``charset`` is the one that came with it."""
    html = html[:SIZE]
    text = _as_utf8(html, charset)
    if text is None:
        text = _decoded(html, charset).replace("\x00", "")
        html = text.encode("utf-8", "replace")
    elif b"\x00" in html:
        html = html.replace(b"\x00", b"")
        text = text.replace("\x00", "")
    kept = bounded(text, html)
    if kept is not text:
        html = kept.encode("utf-8", "replace")
    del text  # a page that was cut is a long one
    return kept, PageTree(html)  # the parser takes UTF-8, which is what is at hand


def _looks_like(html: bytes) -> str:
    """Return the codec that bytes which are not UTF-8 are most like; windows-1252 if none is."""
    said = (cchardet.detect(html[:_SAMPLE])["encoding"] or "").lower()
    if said in _codecs():
        return _codecs()[said]
    try:
        return codecs.lookup(said).name
    except LookupError:
        return "cp1252"


def _declared(html: bytes) -> str:
    """Return the codec of the first encoding that a page declares and browsers know; else ""."""
    head = html[:_HEAD]
    found = _XML.match(head)
    labels = [found[1]] if found else []
    labels += [
        meta[1]
        for meta in _META.finditer(head)
        if head.rfind(b"<!--", 0, meta.start()) <= head.rfind(b"-->", 0, meta.start())
    ]
    for label in labels:
        codec = _codecs().get(label.decode("ascii", "replace").lower(), "")
        if codec:
            # A page that could be asked is no UTF-16 (13.2.3.3).
            return "utf-8" if codec.startswith("utf-16") else codec
    return ""
