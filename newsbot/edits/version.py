"""A version of an article, and the kinds of change that lead from one to the next."""

from typing import Literal, get_args

import attrs

from newsbot.text.dates import ParsedDate

Kind = Literal[
    "headline",
    "byline",
    "date",
    "correction",
    "addition",
    "cut",
    "rewording",
    "retraction",
    "deletion",
    "restored",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""All kinds, in the order in which they are told. ``deletion`` and ``restored`` are of the page, the
others of what it says."""


@attrs.frozen(kw_only=True)
class Version:
    """What an article says at one time, as it is read: publishers' disguises undone.

    ``body`` is paragraphs, one a line; ``language`` a BCP 47 tag or "".
    """

    title: str
    body: str
    authors: tuple[str, ...] = ()
    published: ParsedDate | None = None
    modified: ParsedDate | None = None
    language: str = ""
    publisher: str = ""
