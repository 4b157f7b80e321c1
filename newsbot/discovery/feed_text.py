"""What a feed's bytes say: decoded, and its texts out of their escapes."""

import html
import re
from collections.abc import Mapping

from newsbot.discovery.gzipped import unpacked
from newsbot.extraction.tree import decode
from newsbot.text.byte_order import marked

# Bytes of a feed that are looked at.
SIZE = 20_000_000

_DECLARED = re.compile(rb"""^\s{0,1000}<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w:.-]{1,40})""")
# Entities that a feed declares for itself: single characters, as RSS 0.91's own DTD does. Those that
# stand for others are how bombs are built, and are left as they are.
_ENTITY = re.compile(
    r"""<!ENTITY\s+([\w.-]{1,30})\s+["']([^"'%<&]{0,40}|&#x?[0-9a-fA-F]{1,7};)["']\s*>"""
)
_HEAD = 20_000
# In XML an entity ends with a semicolon; without one, &section= is part of an address.
_ESCAPE = re.compile(r"&(#\d{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,30});")
# One that is cut off holds the rest; its end is looked for once.
_SECTION = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# HTML that may stand in a title. What else begins with < is meant: "1 < 2", "<unknown>".
_INLINE = re.compile(
    r"</?(?:a|abbr|acronym|b|bdi|bdo|big|br|cite|code|del|dfn|div|em|font|h[1-6]|i|img|ins|kbd|mark|nobr"
    r"|p|q|s|small|span|strike|strong|sub|sup|time|tt|u|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"</?(?:br|p|div|h[1-6])\b", re.IGNORECASE)
_ELEMENT = re.compile(r"</?[A-Za-z][\w:-]*(?:\s[^<>]*)?/?>")
_ESCAPED_TWICE = re.compile(r"&lt;/?(?:p|br|a|div|img|b|i|em|strong|ul|li|h[1-6])(?:\s|/?&gt;)")


def feed_text(body: bytes, charset: str = "") -> str:
    """Return a feed's text. ``charset`` is the one that came with it; UTF-8 wins where it can be.

    As RFC 7303 and browsers have it a byte order mark comes first, then HTTP, then the declaration;
    but bytes that are UTF-8, whatever they are called, are read so, since servers and templates
    often name another encoding by habit.
    """
    return _CONTROL.sub("", _decoded(unpacked(body, SIZE), charset))


def _decoded(body: bytes, charset: str) -> str:
    text = marked(body)
    if text is not None:
        return text
    declared = _DECLARED.match(body)
    named = declared[1].decode("ascii") if declared else ""
    if named.lower().startswith("utf-16") and b"\x00" not in body[:200]:
        named = ""  # the declaration itself could not be read, were it so
    return decode(body, charset or named)


def own_entities(text: str) -> dict[str, str]:
    """Return the entities for single characters that a feed declares in its head."""
    if "<!ENTITY" not in text[:_HEAD]:
        return {}
    return {name: html.unescape(value) for name, value in _ENTITY.findall(text[:_HEAD])}


def unescaped(text: str, entities: Mapping[str, str]) -> str:
    """Return text with its character references and entities, XML's and HTML's, resolved once."""
    if "&" not in text:
        return text
    return _ESCAPE.sub(lambda found: entities.get(found[1]) or _character(found[0]), text)


def _character(escape: str) -> str:
    resolved = html.unescape(escape)
    return "" if _CONTROL.fullmatch(resolved) else resolved


def plain(markup: str, entities: Mapping[str, str]) -> str:
    """Return the text of an element that holds no markup, without blanks around."""
    if "<![CDATA[" not in markup:
        return unescaped(_ELEMENT.sub("", markup), entities).strip()
    whole = _one_section(markup)
    if whole is not None:
        return whole
    parts, place = [], 0
    for section in _SECTION.finditer(markup):
        parts += [unescaped(markup[place : section.start()], entities), section[1]]
        place = section.end()
    parts.append(unescaped(markup[place:], entities))
    return "".join(parts).strip()


def _one_section(markup: str) -> str | None:
    """Return what the one section holds that an element is; None where it is something else."""
    text = markup.strip()
    if text.startswith("<![CDATA[") and text.endswith("]]>") and text.count("<![CDATA[") == 1:
        return text[9:-3].strip()
    return None


def rich(markup: str, entities: Mapping[str, str], *, kind: str = "html") -> str:
    """Return the HTML that an element holds: in a section, escaped, or as elements of its own.

    ``kind`` is Atom's type: ``text`` is no HTML, and is escaped to be some.
    """
    if kind == "xhtml" or _ELEMENT.search(_outside(markup)):
        text = _SECTION.sub(lambda found: found[1], markup)
    else:
        text = plain(markup, entities)
        if kind == "text":
            return html.escape(text, quote=False)
    if "<" not in text and _ESCAPED_TWICE.search(text):
        text = unescaped(text, {})
    return text.strip()


def _outside(markup: str) -> str:
    """Return what an element holds besides sections."""
    if "<![CDATA[" not in markup:
        return markup
    return "" if _one_section(markup) is not None else _SECTION.sub("", markup)


def heading(markup: str, entities: Mapping[str, str], *, kind: str = "html") -> str:
    """Return a title as it is read: on one line, without HTML, however often it was escaped."""
    if kind == "text":
        text = plain(markup, entities)
    else:
        marked = _ELEMENT.search(_outside(markup)) is not None
        text = rich(markup, entities) if marked else plain(markup, entities)
        text = _INLINE.sub(_gap, unescaped(_INLINE.sub(_gap, text), {}))
    return " ".join(text.split())


def _gap(tag: re.Match[str]) -> str:
    return " " if _BLOCK.match(tag[0]) else ""
