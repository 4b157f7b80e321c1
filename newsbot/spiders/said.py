"""What an entry said of its link, bounded, as it is kept with the link until its page is read."""

from collections.abc import Mapping
from typing import Any

from newsbot.archive.records import from_document, to_document
from newsbot.discovery import Entry

# Characters kept of what an entry says. Enough for an article that can be read nowhere else, and
# no more: a feed may carry anything.
_BOUNDS = {"title": 1_000, "guid": 500, "summary": 5_000, "content": 50_000, "language": 35}
_AUTHORS, _AUTHOR = 20, 200


def said(entry: Entry | None) -> dict[str, Any]:
    """Return what an entry says, bounded, as a document without what is empty."""
    if entry is None:
        return {}
    document = {name: value for name, value in to_document(entry).items() if value}
    document.pop("url")
    for name, most in _BOUNDS.items():
        if len(document.get(name, "")) > most:
            document[name] = document[name][:most]
    if "authors" in document:
        document["authors"] = [name[:_AUTHOR] for name in document["authors"][:_AUTHORS]]
    return document


def entry_of(address: str, document: Mapping[str, Any]) -> Entry:
    """Return the entry that said so of this address."""
    return from_document(Entry, {**document, "url": address})
