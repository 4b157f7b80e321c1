"""A feed as JSON Feed 1.1 (jsonfeed.org). Pure."""

import json
from typing import Any

from newsbot.web.atom import moment
from newsbot.web.entries import Entry, Feed, clean

TYPE = "application/feed+json; charset=utf-8"


def json_feed(feed: Feed) -> bytes:
    """Return a feed as JSON Feed. What the format has no name for stands under ``_newsbot``."""
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": clean(feed.title),
        "description": clean(feed.subtitle),
        "home_page_url": feed.page,
        "feed_url": feed.own,
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(_without_empty(told), ensure_ascii=False, indent=1).encode()


def _item(entry: Entry) -> dict[str, Any]:
    own = {
        "article": entry.article,
        "page": entry.page,
        "source": clean(entry.source),
        "first_seen": entry.first_seen and moment(entry.first_seen),
        "notes": list(entry.notes),
    }
    return _without_empty(
        {
            "id": entry.id,
            "url": clean(entry.address) or entry.page,
            "title": clean(entry.title),
            "content_html": entry.html,
            "date_published": entry.published and moment(entry.published),
            "date_modified": moment(entry.updated),
            "authors": [{"name": clean(name)} for name in entry.authors],
            "tags": [clean(tag) for tag in entry.tags],
            "language": entry.language,
            "_newsbot": _without_empty(own),
        }
    )


def _without_empty(told: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not said; a feed without items still has them, as an empty list."""
    return {name: value for name, value in told.items() if value or name == "items"}
