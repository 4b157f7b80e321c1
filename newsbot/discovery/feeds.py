"""Feeds: RSS, RDF, Atom and JSON Feed, as they are found and not only as they should be."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import fastfeedparser

from newsbot.discovery.entries import Entry
from newsbot.text.dates import ParsedDate
from newsbot.text.urls import is_web_url

# Entries read of one feed; those behind are old or a trap.
ENTRIES = 5_000
# Bytes of a feed that are looked at.
SIZE = 20_000_000
# Characters kept of what a feed says of an article, and of the article that it carries.
SUMMARY = 10_000
CONTENT = 500_000
AUTHORS = 20


def read_feed(body: bytes, url: str) -> list[Entry]:
    """Return the entries of a feed, in its order; none where nothing can be read."""
    if b"<!ENTITY" in body[:SIZE]:
        return []  # no feed needs entities of its own; bombs do
    try:
        feed = fastfeedparser.parse(body[:SIZE])
    except Exception:  # noqa: BLE001 - a feed may be broken in any way
        return []
    language = _text(feed.get("feed", {}).get("language"))
    entries = []
    for found in feed.get("entries", [])[:ENTRIES]:
        entry = _entry(found, url, language)
        if entry is not None:
            entries.append(entry)
    return entries


def _entry(found: Any, base: str, language: str) -> Entry | None:
    link = _text(found.get("link")) or _text(found.get("id"))
    address = _join(base, link)
    if not address:
        return None
    return Entry(
        url=address,
        title=_text(found.get("title")),
        published=_date(_text(found.get("published"))),
        updated=_date(_text(found.get("updated"))),
        guid=_text(found.get("id")),
        summary=_text(found.get("description"))[:SUMMARY],
        content=_content(found)[:CONTENT],
        authors=_authors(found),
        language=language,
    )


def _content(found: Any) -> str:
    """Return the longest text that an entry carries."""
    parts = [_text(part.get("value")) for part in found.get("content") or ()]
    return max(parts, key=len, default="")


def _authors(found: Any) -> tuple[str, ...]:
    names = (_text(author.get("name")) for author in found.get("authors") or ())
    return tuple(dict.fromkeys(name for name in names if name))[:AUTHORS]


def _join(base: str, link: str) -> str:
    try:
        address = urljoin(base, link.strip())
    except ValueError:
        return ""
    return address if link and is_web_url(address) else ""


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _date(text: str) -> ParsedDate | None:
    """Read the date that fastfeedparser has put into ISO 8601."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return ParsedDate(moment.date(), moment.astimezone(UTC), "feed")
