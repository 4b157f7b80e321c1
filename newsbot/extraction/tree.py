"""From bytes to a tree: decoded as browsers decide, parsed once, never raising."""

import codecs
import re

from selectolax.lexbor import LexborHTMLParser

# Bytes of a page that are read; the longest labelled news page has 1.5 MB.
SIZE = 10_000_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
# Labels that browsers read as another encoding (WHATWG Encoding, 4.2).
_AS = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "utf-16": "utf-8",
    "x-sjis": "cp932",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
}


def decode(html: bytes) -> str:
    """Return the text of a page: by byte order mark, then what it declares, then what it can be."""
    html = html[:SIZE]
    for mark, encoding in _BOMS:
        if html.startswith(mark):
            return html[len(mark) :].decode(encoding, "replace")
    declared = _META.search(html[:4096])
    if declared:
        label = declared.group(1).decode("ascii", "replace").lower()
        try:
            codec = codecs.lookup(_AS.get(label, label))
        except LookupError:
            codec = None
        if codec is not None and codec.name == "utf-8":
            return html.decode("utf-8", "replace")
        if codec is not None:
            try:
                return (
                    html.decode("utf-8") if _is_utf8(html) else html.decode(codec.name, "replace")
                )
            except (LookupError, UnicodeError):
                pass
    try:
        return html.decode("utf-8")
    except UnicodeDecodeError as error:
        # A page cut in the middle of a letter, or with one bad byte, is UTF-8 still.
        broken = html[max(0, error.start - 1000) : error.start]
        return html.decode("utf-8" if any(byte > 127 for byte in broken) else "cp1252", "replace")


def _is_utf8(html: bytes) -> bool:
    """Say whether a page is UTF-8 whatever it declares: bytes above 127 seldom are by chance."""
    try:
        html.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return any(byte > 127 for byte in html)


def parse(html: bytes) -> tuple[str, LexborHTMLParser]:
    """Return a page's text and its tree."""
    text = decode(html).replace("\x00", "")
    return text, LexborHTMLParser(text)
