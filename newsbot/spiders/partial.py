"""An article from what an entry point carries, where its page may not or cannot be read.

A site that refuses a page (by its answer, a wall, robots.txt or a price) often publishes the article,
or its beginning, in a feed that everybody may read. It is kept from there, marked as *partial* with
the cause, and completed when the page can be read. Nothing is tried to get around the refusal.
"""

import html
import re

import attrs

from newsbot.discovery import Entry
from newsbot.extraction import Extracted, extract
from newsbot.fetching.causes import CAUSES, LATER

# Causes that say of a link that it leads to no article, or nowhere.
_OF_LINKS = frozenset({"refused_scheme", "refused_url", "refused_address", "refused_trap"})

# Causes for which an article is kept from its entry: somebody keeps newsbot from reading the page,
# or newsbot itself does. A page that is merely down is tried again instead.
PARTIAL = frozenset(CAUSES) - LATER - _OF_LINKS

# Kinds of pages that stand where an article should, and their causes. What asks a browser to prove
# itself often shows no text at all.
BLOCKED = {"wall": "refused_wall", "empty": "refused_empty"}

# Text of a page for subscribers beside which that of its entry is the fuller, so many times over.
_FULLER = 1.5

_MARKUP = re.compile(r"<\s*[a-zA-Z!/]")
_BLANK_LINE = re.compile(r"\n\s*\n|\n(?=\S)")


def from_entry(entry: Entry, url: str) -> Extracted | None:
    """Return the article that an entry carries; None where it has no title or hardly a sentence.

    Pure, and read like any page: it is a stranger's HTML.
    """
    carried = entry.content if len(entry.content) >= len(entry.summary) else entry.summary
    title = " ".join(entry.title.split())
    if not title or not carried.strip():
        return None
    if not _MARKUP.search(carried):
        paragraphs = _BLANK_LINE.split(html.unescape(carried))
        carried = "".join(f"<p>{html.escape(each.strip())}</p>" for each in paragraphs)
    language = html.escape(entry.language, quote=True)
    headline = html.escape(html.unescape(title))
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{headline}</title></head><body><main><article><h1>{headline}</h1>{carried}"
        "</article></main></body></html>"
    )
    read = extract(page.encode("utf8", "replace"), url, charset="utf-8")
    if not read.is_article or not read.body:
        return None
    return attrs.evolve(
        read,
        title=html.unescape(title),
        body=_without_footer(read.body, title),
        authors=entry.authors or read.authors,
        published=entry.published or read.published,
        modified=entry.updated if entry.updated != entry.published else None,
        canonical_url="",
        next_page="",
    )


def is_fuller(entry: Extracted, page: Extracted) -> bool:
    """Say whether an entry carries much more of an article than its page shows to everybody."""
    return len(entry.body) > _FULLER * len(page.body)


def _without_footer(body: str, title: str) -> str:
    """Return a text without a last line that only names the article ("The post … first appeared on …")."""
    lines = body.splitlines()
    last = lines[-1] if len(lines) > 1 else ""
    if title.casefold() in last.casefold() and len(last) < len(title) + 80:
        return "\n".join(lines[:-1])
    return body
