"""The entries of an XML feed, as the markup of their fields.

Read by tags and not by an XML parser: feeds are written by templates, and one bare ampersand or
unclosed tag must not cost the entries behind it. Only what stands directly in an entry counts; a
field is taken whole, from its start tag to its end tag, so that what it quotes is not read as fields.
The time grows with the size alone: a field that is not closed is looked for once an entry, an entry
ends where the next begins, and where that is is found out once; no pattern takes back what it took.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

import attrs

# Entries read of one feed; those behind are old or a trap.
ENTRIES = 5_000
# Elements of an entry, or of the feed beside its entries, that are no fields and whose end is looked
# for, and how far.
_SKIPPED, _FAR = 100, 100_000
# Fields of one name that an entry may have.
_LIKES = 50

_TAG = re.compile(
    r"<!--|<!\[CDATA\[|<(?P<close>/?)(?P<name>[A-Za-z_][\w:.-]*+)(?P<attributes>[^<>]*+)>"
)
_ATTRIBUTE = re.compile(r"""(?<![\w:.-])([\w:.-]++)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_NAMESPACE = re.compile(r"""xmlns:([\w.-]+)\s*=\s*["']\s*([^"'\s]*)""")
# Namespaces, by the prefix that everybody gives them; "" are the feed's own elements. Sources: the
# specifications of RSS 0.90, 1.0 and its modules, Atom 0.3 and 1.0, Dublin Core, FeedBurner.
_FAMILIES = {
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/xml/1998/namespace": "xml",
}
_OWN_PREFIXES = frozenset({"atom", "atom03", "atom10", "a10", "rss", "rss1"})
_ITEMS = frozenset({"item", "entry"})
_ENDS = frozenset({"channel", "feed", "rss", "rdf:rdf"})
# Fields of an entry, by family and name.
FIELDS = frozenset(
    "title link guid id pubdate published issued created updated modified author description summary "
    "content tagline dc:date dc:creator dc:title dc:description dc:language dcterms:created "
    "dcterms:issued dcterms:modified content:encoded feedburner:origlink xhtml:body "
    "dc:author body fullitem language fulltext full-text".split()
)
_CHANNEL_FIELDS = frozenset({"language", "dc:language", "link"})
# Elements of the feed that have links and names of their own.
_CHANNEL_BOXES = frozenset({"image", "textinput", "author"})


@attrs.frozen
class Field:
    """An element of an entry: what stands between its tags, and its attributes, names in lower case."""

    markup: str
    attributes: dict[str, str]


@attrs.frozen
class Item:
    """An entry's fields, by name (``dc:creator``), and its own attributes."""

    fields: dict[str, list[Field]]
    attributes: dict[str, str]

    def first(self, *names: str) -> Field | None:
        """Return the first of the fields so named that says something."""
        for name in names:
            for field in self.fields.get(name, ()):
                if field.markup.strip():
                    return field
        return None


class Markup:
    """An XML feed's text. ``channel`` are its own fields, complete once the entries are read."""

    def __init__(self, text: str) -> None:
        self._text = text
        declared = _NAMESPACE.findall(text[:20_000])
        self._prefixes = {
            prefix.lower(): _FAMILIES[uri.lower()]
            for prefix, uri in declared
            if uri.lower() in _FAMILIES
        }
        self.channel = Item(defaultdict(list), {})
        self._skips, self._unclosed = _SKIPPED, set[str]()
        self._edge = -1

    def items(self) -> Iterator[Item]:
        """Yield the entries, at most ``ENTRIES``; one that is torn off is left out."""
        item: Item | None = None
        count = place = 0
        while count < ENTRIES and (tag := _TAG.search(self._text, place)) is not None:
            place = tag.end()
            if tag["name"] is None:
                place = self._after(tag[0], place)
                continue
            name = self._name(tag["name"])
            begins = name in _ITEMS and not tag["close"]
            if begins or (tag["close"] and (name in _ITEMS or name in _ENDS)):
                if item is not None:
                    yield item
                    count += 1
                item = Item(defaultdict(list), _attributes(tag["attributes"])) if begins else None
                self._skips, self._unclosed = _SKIPPED, set()
            elif not tag["close"]:
                read = self._of_channel if item is None else self._of_item
                place = read(item or self.channel, name, tag)

    def _of_item(self, item: Item, name: str, tag: re.Match[str]) -> int:
        """Take a field of an entry, pass what is none; return where to go on."""
        place, attributes = tag.end(), _attributes(tag["attributes"])
        empty = tag["attributes"].endswith("/")
        if name in FIELDS:
            whole = None
            if not empty and name not in self._unclosed:
                whole = self._until_end(tag["name"], place)
            if whole is None and not empty and not attributes.get("href"):
                self._unclosed.add(name)
                whole = self._until_tag(place) if name == "link" else None
            markup, place = whole or ("", place)
            if len(item.fields[name]) < _LIKES:
                item.fields[name].append(Field(markup, attributes))
        elif not empty:
            place = self._behind(tag["name"], place)
        return place

    def _behind(self, name: str, place: int) -> int:
        """Pass an element that is no field; what is not closed within its entry (<br>) holds nothing."""
        if not self._skips:
            return place
        self._skips -= 1
        if self._edge < place:
            edge = _ITEM_EDGE.search(self._text, place)
            self._edge = edge.start() if edge else len(self._text)
        return max(self._text.find(f"</{name}>", place, min(place + _FAR, self._edge)), place)

    def _name(self, written: str) -> str:
        prefix, colon, name = written.lower().rpartition(":")
        if not colon or prefix in _OWN_PREFIXES:
            return name
        family = self._prefixes.get(prefix, prefix)
        return f"{family}:{name}" if family else name

    def _of_channel(self, channel: Item, name: str, tag: re.Match[str]) -> int:
        """Take a field of the feed itself; return where to go on."""
        place, attributes = tag.end(), _attributes(tag["attributes"])
        if name in _ENDS:
            channel.attributes.update(attributes)
        elif name in _CHANNEL_FIELDS:
            markup, place = ("", place) if tag[0].endswith("/>") else self._until_tag(place)
            channel.fields[name].append(Field(markup, attributes))
        elif name in _CHANNEL_BOXES and not tag["attributes"].endswith("/"):
            place = self._behind(tag["name"], place)
        return place

    def _after(self, opening: str, place: int) -> int:
        end = self._text.find("-->" if opening == "<!--" else "]]>", place)
        return len(self._text) if end < 0 else end + 3

    def _until_tag(self, place: int) -> tuple[str, int]:
        """Return what stands before the next tag, or a whole section."""
        rest = _BLANK.match(self._text, place)
        begin = rest.end() if rest else place
        if self._text.startswith("<![CDATA[", begin):
            end = self._after("<![CDATA[", begin)
        else:
            end = self._text.find("<", place)
            end = len(self._text) if end < 0 else end
        return self._text[place:end], end

    def _until_end(self, name: str, place: int) -> tuple[str, int] | None:
        """Return what stands before the end tag, and where that ends; None where it is not closed."""
        stop = _stop(name)
        at = place
        while (found := stop.search(self._text, at)) is not None:
            if found[0] == "<![CDATA[":
                at = self._after(found[0], found.end())
            elif found[0].startswith("</"):
                return self._text[place : found.start()], found.end()
            else:
                return None
        return None


_BLANK = re.compile(r"\s*")
_ITEM_EDGE = re.compile(
    r"<(?:\w+:)?(?:item|entry)[\s>]|</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE
)


@lru_cache(maxsize=256)
def _stop(name: str) -> re.Pattern[str]:
    """Return what ends a field: its end tag, a section in it, the entry's end, or the next entry."""
    return re.compile(
        rf"<!\[CDATA\[|</{re.escape(name)}\s*>|<(?:\w+:)?(?:item|entry)[\s>]|<(?=/(?:\w+:)?(?:item|entry)\s*>)",
        re.IGNORECASE,
    )


def _attributes(text: str) -> dict[str, str]:
    return {
        name.lower(): double or single or bare.rstrip("/")
        for name, double, single, bare in _ATTRIBUTE.findall(text[:4_000])
    }
