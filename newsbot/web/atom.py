"""A feed as Atom (RFC 4287). Pure."""

from datetime import UTC, datetime

from lxml import etree

from newsbot.web.entries import Entry, Feed, clean

TYPE = "application/atom+xml; charset=utf-8"

_ATOM = "http://www.w3.org/2005/Atom"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def atom(feed: Feed) -> bytes:
    """Return a feed as Atom."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    if feed.subtitle:
        _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", moment(feed.updated))
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.own)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    _add(root, "generator", "newsbot")
    for entry in feed.entries:
        _entry(_add(root, "entry"), entry)
    told: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return told


def moment(at: datetime) -> str:
    """Return a moment as RFC 3339 has it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _entry(of: etree._Element, entry: Entry) -> None:
    if entry.language:
        of.set(_LANG, entry.language)
    _add(of, "id", entry.id)
    _add(of, "title", entry.title)
    _add(of, "updated", moment(entry.updated))
    if entry.published:
        _add(of, "published", moment(entry.published))
    # Who wrote it is required of every entry (4.2.1): where nobody is named, it is whoever published it.
    for author in entry.authors or (entry.source or "newsbot",):
        _add(_add(of, "author"), "name", author)
    if entry.address:
        _add(of, "link", rel="alternate", type="text/html", href=entry.address)
    _add(of, "link", rel="related", type="text/html", href=entry.page, title="in the archive")
    for tag in entry.tags:
        _add(of, "category", term=tag)
    _add(of, "content", entry.html, type="html")


def _add(to: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    """Add an element; ``text`` and attributes lose what XML cannot have."""
    made = etree.SubElement(to, f"{{{_ATOM}}}{name}")
    for key, value in attributes.items():
        made.set(key, clean(value))
    if text:
        made.text = clean(text)
    return made
