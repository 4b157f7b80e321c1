"""Feeds: RSS 0.9 to 2.0, RDF, Atom and JSON Feed, as they are found and not only as they should be."""

import base64
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from newsbot.discovery.entries import Entry
from newsbot.discovery.feed_markup import ENTRIES, Field, Item, Markup
from newsbot.discovery.feed_text import feed_text, heading, own_entities, plain, rich, unescaped
from newsbot.discovery.json_feeds import read_json_feed
from newsbot.discovery.listed_dates import listed_date
from newsbot.text.dates import ParsedDate
from newsbot.text.urls import absolute, canonical_url, is_web_url, site_of

# Characters kept of what a feed says of an article, and of the article that it carries.
TITLE, SUMMARY, CONTENT, AUTHORS = 1_000, 10_000, 500_000, 20
# Characters of markup that are read of a field which is a line, and of one that is a text.
_SHORT, _LONG = 8_000, 2 * CONTENT
# Links of a feed itself that are looked at.
_LINKS = 20

# Where an entry says a thing, the best first.
_PUBLISHED = (
    "pubdate",
    "published",
    "issued",
    "dc:date",
    "dcterms:issued",
    "dcterms:created",
    "created",
)
_UPDATED = ("updated", "modified", "dcterms:modified")
_SUMMARY = ("description", "summary", "dc:description", "tagline")
_CONTENT = ("content:encoded", "content", "xhtml:body", "body", "fullitem", "fulltext", "full-text")
_TYPES = {"text/plain": "text", "application/xhtml+xml": "xhtml", "text": "text", "xhtml": "xhtml"}

# Hosts that serve feeds for sites: FeedBurner's, and those that say so.
_SERVICE = re.compile(r"(?:feeds?|rss|feedproxy)\d?\.", re.IGNORECASE)
_BREAKS = re.compile(r"\s*[\r\n\t]+\s*")
_NAME = re.compile(
    r"<(?:\w+:)?name\s*>((?:(?!</?(?:\w+:)?name\s*>).)*+)</", re.DOTALL | re.IGNORECASE
)
_MAIL = re.compile(r"\s*\S+@\S+\s*(?:\(([^)]*)\))?\s*$")
_DIV = re.compile(r"^\s*<(?:\w+:)?div[^<>]*>(.*)</(?:\w+:)?div>\s*$", re.DOTALL | re.IGNORECASE)


@attrs.frozen
class Feed:
    """A feed: its entries, and the addresses that it gives of its site and of itself, as written."""

    entries: list[Entry]
    homes: tuple[str, ...] = ()
    selves: tuple[str, ...] = ()


def read_feed(
    body: bytes, url: str, *, charset: str = "", now: datetime | None = None
) -> list[Entry]:
    """Return the entries of a feed, as ``whole_feed`` does."""
    return whole_feed(body, url, charset=charset, now=now).entries


def whole_feed(body: bytes, url: str, *, charset: str = "", now: datetime | None = None) -> Feed:
    """Return a feed with its entries, in its order, at most 5,000; none where nothing can be read.

    ``charset`` is the encoding that came with it (HTTP's Content-Type). ``now`` is what dates without
    a year are counted from; without it those are left unread. Never raises.
    """
    text = feed_text(body, charset)
    if text[:1000].lstrip("\ufeff \t\r\n")[:1] == "{":
        return _of_json(text, url, now)
    entities = own_entities(text)
    markup = Markup(text)
    entries = []
    for item in markup.items():
        entry = _Reader(markup.channel, entities, url, now).entry(item)
        if entry is not None:
            entries.append(entry)
    homes, selves = _links_of(markup.channel, entities)
    return Feed(entries, homes, selves)


def _links_of(
    channel: Item, entities: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the addresses that a feed gives of its site and of itself (RFC 4287, 4.2.7.2)."""
    homes: list[str] = []
    selves: list[str] = []
    for field in channel.fields.get("link", ())[:_LINKS]:
        relation = field.attributes.get("rel", "alternate").lower().rpartition("/")[2]
        address = unescaped(field.attributes.get("href", ""), entities)
        address = address or plain(field.markup[:_SHORT], entities)
        if address and relation in ("alternate", "self"):
            (selves if relation == "self" else homes).append(address)
    return tuple(homes), tuple(selves)


class _Reader:
    """Reads the entries of one feed."""

    def __init__(
        self, channel: Item, entities: Mapping[str, str], url: str, now: datetime | None
    ) -> None:
        self._channel, self._entities, self._now = channel, entities, now
        self._home = self._plain(channel.first("link"))
        base = channel.attributes.get("xml:base", "")
        # Behind a service for feeds a relative link is one of the site that it serves.
        served = is_web_url(self._home) and _SERVICE.match(site_of(url)) is not None
        self._base = absolute(url, base) or (self._home if served else url)
        self._language = channel.attributes.get("xml:lang", "") or self._plain(
            channel.first("language", "dc:language")
        )

    def entry(self, item: Item) -> Entry | None:
        """Return an entry; None for one without the address of an article."""
        address = self._address(item)
        if not address:
            return None
        language = item.attributes.get("xml:lang", "") or self._plain(
            item.first("dc:language", "language")
        )
        language = (language or self._language)[:35]
        title = item.first("title", "dc:title")
        return Entry(
            url=address,
            title=self._title(title)[:TITLE],
            published=self._date(item.first(*_PUBLISHED), language),
            updated=self._date(item.first(*_UPDATED), language),
            guid=self._plain(item.first("guid", "id"))[:TITLE],
            summary=self._rich(item.first(*_SUMMARY))[:SUMMARY],
            content=max(map(self._rich, _all(item, _CONTENT)), key=len, default="")[:CONTENT],
            authors=self._authors(item),
            language=language,
        )

    def _plain(self, field: Field | None) -> str:
        return plain(field.markup[:_SHORT], self._entities) if field else ""

    def _date(self, field: Field | None, language: str) -> ParsedDate | None:
        return listed_date(self._plain(field), "feed", language=language, now=self._now)

    def _title(self, field: Field | None) -> str:
        return (
            heading(_unwrapped(field)[:_SHORT], self._entities, kind=_kind(field)) if field else ""
        )

    def _rich(self, field: Field | None) -> str:
        if field is None:
            return ""
        kind = _kind(field)
        text = rich(_unwrapped(field)[:_LONG], self._entities, kind=kind)
        wrapped = _DIV.match(text) if kind == "xhtml" else None
        return wrapped[1].strip() if wrapped else text

    # Its address

    def _address(self, item: Item) -> str:
        base = absolute(self._base, item.attributes.get("xml:base", "")) or self._base
        permanent = ""
        for field in item.fields.get("guid", ()):
            if field.attributes.get("ispermalink", "").lower() != "false":
                permanent = self._plain(field)
        linked = ""
        for told in self._links(item):
            linked = absolute(base, _BREAKS.sub("", told))
            if linked:
                break
        # Some name the site itself as each entry's link, and the article as its guid.
        home = linked and self._home and canonical_url(linked) == canonical_url(self._home)
        if home and is_web_url(permanent):
            return permanent
        others = (permanent, self._plain(item.first("id")), item.attributes.get("rdf:about", ""))
        return linked or next((each for each in others if is_web_url(each)), "")

    def _links(self, item: Item) -> Iterable[str]:
        yield self._plain(item.first("feedburner:origlink"))
        fields = item.fields.get("link", ())
        ranked: list[tuple[int, str]] = []
        for field in fields:
            address = unescaped(field.attributes.get("href", ""), self._entities)
            relation = field.attributes.get("rel", "alternate").lower().rpartition("/")[2]
            if not address:
                yield self._plain(field)
            elif relation == "alternate":
                as_page = field.attributes.get("type", "text/html").partition(";")[0].strip()
                page = as_page in ("text/html", "application/xhtml+xml")
                # An empty relation is the same as none (RFC 4287, 4.2.7.2).
                ranked.append((0 if page else 1, address))
        yield from (address for _, address in sorted(ranked, key=lambda each: each[0]))

    # Who wrote it

    def _authors(self, item: Item) -> tuple[str, ...]:
        names: list[str] = []
        for field in _all(item, ("author", "dc:creator", "dc:author")):
            markup = field.markup[:_SHORT]
            named = _NAME.findall(markup)
            if named or "<name" in markup:
                names += [heading(name, self._entities) for name in named]
            else:
                names.append(_without_mail(heading(markup, self._entities)))
        return tuple(dict.fromkeys(name[:200] for name in names if name))[:AUTHORS]


def _of_json(text: str, url: str, now: datetime | None) -> Feed:
    entries = []
    feed = read_json_feed(text)
    for told in feed.items[:ENTRIES]:
        address = absolute(url, told.url)
        if address:
            entries.append(
                Entry(
                    url=address,
                    title=heading(told.title, {})[:TITLE],
                    published=listed_date(told.published, "feed", language=told.language, now=now),
                    updated=listed_date(told.updated, "feed", language=told.language, now=now),
                    guid=told.guid[:TITLE],
                    summary=told.summary[:SUMMARY],
                    content=told.content[:CONTENT],
                    authors=told.authors[:AUTHORS],
                    language=told.language[:35],
                )
            )
    return Feed(entries, *(tuple(filter(None, [each])) for each in (feed.home, feed.own)))


def _all(item: Item, names: Iterable[str]) -> list[Field]:
    return [field for name in names for field in item.fields.get(name, ())]


def _kind(field: Field) -> str:
    """Return a field's type, as Atom 1.0 calls it; RSS means HTML whether or not it is some."""
    told = field.attributes.get("type", "").partition(";")[0].strip().lower()
    if field.attributes.get("mode", "").lower() == "escaped":
        return "html"  # Atom 0.3
    return _TYPES.get(told, "html")


def _unwrapped(field: Field) -> str:
    """Return a field's markup, out of the base64 that Atom 0.3 allowed."""
    if field.attributes.get("mode", "").lower() != "base64":
        return field.markup
    try:
        return base64.b64decode(field.markup, validate=False).decode("utf-8", "replace")
    except ValueError:
        return ""


def _without_mail(name: str) -> str:
    """Return the name of RSS 2.0's ``desk@news.example (A. Writer)``."""
    found = _MAIL.match(name)
    return (found[1] or "").strip() if found else name
