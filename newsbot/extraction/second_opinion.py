"""A second opinion on the text of a page where our own is hardly one: trafilatura's.

It is slow, and on pages that we are sure of it is less often right; where we found next to nothing,
it finds the more. ``docs/extraction.md`` says how often it is asked and what that is worth.
"""

from newsbot.extraction.body import Body
from newsbot.extraction.container import weight

# Longer pages are not worth the wait; the longest labelled news page has 1.5 MB.
_LONGEST = 2_000_000


def ask_trafilatura(html: str, url: str) -> Body:
    """Return the body as trafilatura reads it; an empty one where it reads none. Never raises."""
    if len(html) > _LONGEST:
        return Body()
    import trafilatura  # takes a quarter of a second, and few pages need it

    try:
        found = trafilatura.bare_extraction(
            html, url=url, with_metadata=False, include_comments=False, fast=True
        )
    except Exception:  # noqa: BLE001 - no page may break the crawl
        return Body()
    text = (getattr(found, "text", None) or "") if found else ""
    paragraphs = tuple(line.strip(" |") for line in text.splitlines() if line.strip(" |-"))
    return Body(paragraphs=paragraphs, characters=float(sum(map(weight, paragraphs))))
