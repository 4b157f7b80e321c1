"""JSON Feed, versions 1.0 and 1.1 (jsonfeed.org), read leniently: what is no entry is passed over."""

import html
import json
from typing import Any

import attrs


@attrs.frozen(kw_only=True)
class Told:
    """What an item of a JSON Feed says, as text; ``summary`` and ``content`` as HTML."""

    url: str
    title: str
    published: str
    updated: str
    guid: str
    summary: str
    content: str
    authors: tuple[str, ...]
    language: str


@attrs.frozen
class JsonFeed:
    """A feed's items, and the addresses that it gives of its site and of itself, or ""."""

    items: list[Told]
    home: str = ""
    own: str = ""


def read_json_feed(text: str) -> JsonFeed:
    """Return a feed with its items, in its order; none where it cannot be read."""
    try:
        feed = json.loads(text.lstrip("\ufeff \t\r\n"), strict=False)
    except (ValueError, RecursionError):
        return JsonFeed([])
    if not isinstance(feed, dict):
        return JsonFeed([])
    told = feed.get("items")
    items = told if isinstance(told, list) else []
    language = _text(feed.get("language"))
    return JsonFeed(
        [_item(item, language) for item in items if isinstance(item, dict)],
        home=_text(feed.get("home_page_url")),
        own=_text(feed.get("feed_url")),
    )


def _item(item: dict[str, Any], language: str) -> Told:
    guid = _text(item.get("id"))
    plain = html.escape(_text(item.get("content_text")), quote=False)
    return Told(
        url=_text(item.get("url"))
        or (guid if guid.startswith("http") else "")
        or _text(item.get("external_url")),
        title=html.escape(_text(item.get("title")), quote=False),
        published=_text(item.get("date_published")),
        updated=_text(item.get("date_modified")),
        guid=guid,
        summary=html.escape(_text(item.get("summary")), quote=False),
        content=_text(item.get("content_html")) or plain,
        authors=_authors(item),
        language=_text(item.get("language")) or language,
    )


def _authors(item: dict[str, Any]) -> tuple[str, ...]:
    told = item.get("authors")
    people = told if isinstance(told, list) else [item.get("author")]
    names = (_text(person.get("name")) for person in people if isinstance(person, dict))
    return tuple(dict.fromkeys(name for name in names if name))


def _text(value: object) -> str:
    """Return a text, or a number as one: ids are often numbers."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""
