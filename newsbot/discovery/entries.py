"""What discovery finds: entries (links to articles) and entry points (where entries are found)."""

from typing import Literal

import attrs

from newsbot.text.dates import ParsedDate

Kind = Literal["feed", "sitemap", "page"]


@attrs.frozen(kw_only=True)
class Entry:
    """A link to what is probably an article, with what was said of it there.

    ``url`` is absolute; ``title``, ``guid`` and ``summary`` are "" where nothing was said.
    """

    url: str
    title: str = ""
    published: ParsedDate | None = None
    guid: str = ""
    summary: str = ""


@attrs.frozen(kw_only=True)
class EntryPoint:
    """An address of a site at which entries are found."""

    url: str
    kind: Kind
