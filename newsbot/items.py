"""The item that travels through the pipelines, one news article, and how a source's pages show it."""

from datetime import datetime
from hashlib import blake2b
from typing import Literal

import attrs

from newsbot.text.dates import ParsedDate


def derived_id(*parts: str) -> str:
    """Return the id that these parts always have: 24 hexadecimal digits.

    Ids are derived, never drawn, so that writing a thing again is writing nothing.
    """
    return blake2b("\x1f".join(parts).encode("utf8", "surrogatepass"), digest_size=12).hexdigest()


FoundBy = Literal["", "backfill"]


@attrs.frozen(kw_only=True)
class Image:
    """A picture of an article: its absolute address and its caption ("" where none is shown)."""

    url: str
    caption: str = ""


@attrs.frozen(kw_only=True)
class Raw:
    """Where a page stands as it came over the wire: a WARC file's name, and the record's place in it.

    ``offset`` is in bytes, of the record's first: of its gzip member where the file is packed.
    """

    file: str
    offset: int


@attrs.frozen(kw_only=True)
class Overrides:
    """CSS selectors of one publisher's pages; "" leaves a field to the general rules.

    ``body`` is the element, or the elements, that hold the text; ``title``, ``authors`` and ``date``
    the elements that show them, or state them (``meta``, ``time``). ``drop`` are selectors of elements
    that are no text of the article.
    """

    body: str = ""
    title: str = ""
    authors: str = ""
    date: str = ""
    drop: tuple[str, ...] = ()

    def mark(self) -> str:
        """Return what stands for these overrides; "" for none."""
        selectors = self.selectors()
        return derived_id(*(part for pair in selectors for part in pair)) if selectors else ""

    def selectors(self) -> tuple[tuple[str, str], ...]:
        """Return each selector that is given, with the name of its field."""
        fields = ((name, getattr(self, name)) for name in ("body", "title", "authors", "date"))
        return (
            *((name, selector) for name, selector in fields if selector),
            *(("drop", selector) for selector in self.drop),
        )


@attrs.frozen(kw_only=True)
class Article:
    """One news article as a source published it. Immutable: a stage that changes it makes another.

    ``url`` is the canonical URL and decides ``id``; ``fetched_url`` is where the page was read.
    ``source`` and ``run`` are the ids of the source and of the crawl that found it. ``title`` and
    ``body`` (paragraphs, one a line) are the reading text, publishers' disguises undone;
    ``title_as_published`` and ``body_as_published`` are None where the publisher wrote the same.
    ``language`` is a BCP 47 tag or "" where it could not be told. ``free`` is False where the publisher
    says that the text is for subscribers, so that this may be its beginning only; None where it says
    nothing. ``partial`` is the cause for which its page could not be read, as
    ``newsbot.fetching.causes`` names it, where the text is what an entry point carried; "" else.
    ``found_by`` says what led to it: "backfill" for a walk back in time, "" for the news. ``raw`` is where the page that was read is kept as it came, None where it is not.
    """

    id: str
    url: str
    fetched_url: str
    source: str
    run: str = ""
    fetched_at: datetime
    title: str
    body: str
    title_as_published: str | None = None
    body_as_published: str | None = None
    authors: tuple[str, ...] = ()
    published: ParsedDate | None = None
    modified: ParsedDate | None = None
    language: str = ""
    publisher: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    images: tuple[Image, ...] = ()
    free: bool | None = None
    partial: str = ""
    found_by: FoundBy = ""
    raw: Raw | None = None
