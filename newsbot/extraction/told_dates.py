"""One place on a page that tells a date, before anybody has judged it."""

import re
from functools import lru_cache
from typing import Literal

import attrs

Of = Literal["published", "modified"]


@attrs.frozen
class Told:
    """A date as some place of a page tells it.

    ``of`` is what it is the date of, ``source`` the place in words, ``text`` what is written there.
    ``trust`` orders the places: of two dates the one with the higher number is
    believed. ``is_shown`` says that readers see it.
    """

    of: Of
    source: str
    text: str
    trust: int
    is_shown: bool = False


# What a name says in which a date is kept: of a meta tag, an attribute, a class, a key. The names are
# compared without case and punctuation, so that article:published_time, DC.date.issued, publishDate
# and cXenseParse:recs:publishtime all are read by the same three words.
_PUNCTUATION = re.compile(r"[^a-z0-9]+")
# Dates of other things: when an offer ends, an event begins, a page was rendered, a name "publisher".
_FOREIGN = re.compile(
    r"expir|embargo|unpub|publisher|publicationname|publicationid|event|start|end(?:date|time)|until"
    r"|build|render|cache|fetch|crawl|birth|death|found|valid|archive|accessed|current|timezone|format"
    r"|premiere|server|comment|deadline|opening|closing|launch"
)
_MODIFIED = re.compile(r"modif|updat|revis|lastmod|moddate|changed|edited|lastpub|republi|reviewed")
_PUBLISHED = re.compile(
    r"publi|pubda|pubtime|pubday|issued|dateposted|postdate|posteddate|releasedate|firstcreate"
    r"|displaydate|articledate|citationdate|sailthrudate|onlinedate"
)
_CREATED = re.compile(r"creat|uploaddate|^(?:dc|dcterms)?date$|^(?:og)?articletime$|^datetime$")

Kind = Literal["published", "created", "modified", ""]


_LONGEST_NAME = 80


def kind_of_name(name: str) -> Kind:
    """Return what a name says that the date is which it holds; "" for no date of the page."""
    return _kind(name[:_LONGEST_NAME])


@lru_cache(maxsize=4096)
def _kind(name: str) -> Kind:
    name = _PUNCTUATION.sub("", name.lower())
    if _FOREIGN.search(name):
        return ""
    if _MODIFIED.search(name):
        return "modified"
    if _PUBLISHED.search(name):
        return "published"
    return "created" if _CREATED.search(name) else ""
