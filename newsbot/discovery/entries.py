"""What discovery finds: entries (links to articles) and entry points (where entries are found)."""

from typing import Literal

import attrs

from newsbot.text.dates import ParsedDate

Kind = Literal["feed", "sitemap", "page"]


@attrs.frozen(kw_only=True)
class Entry:
    """A link to what is probably an article, with what was said of it there.

    ``url`` is absolute, ``title`` plain text. ``summary`` and ``content`` are HTML as the feed carries
    it, unsanitized: ``content`` is the article itself where the feed carries it whole, ``summary``
    what it says of it. ``language`` is a BCP 47 tag as it was given, of the entry or else of its
    feed. What was not said is "", empty or None.
    """

    url: str
    title: str = ""
    published: ParsedDate | None = None
    updated: ParsedDate | None = None
    guid: str = ""
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    language: str = ""


@attrs.frozen(kw_only=True)
class EntryPoint:
    """An address of a site at which entries are found."""

    url: str
    kind: Kind
