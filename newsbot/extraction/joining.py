"""An article that its publisher spread over several pages, made one again."""

from collections.abc import Sequence

import attrs

from newsbot.extraction.article import Extracted
from newsbot.extraction.container import fold

# Pages of one article that are read; more are a trap, or a book.
MOST_PAGES = 20


def join(pages: Sequence[Extracted]) -> Extracted:
    """Return the article of which these are the pages, in order; all but its text is the first's.

    What every page repeats (the lead, a note) stands once.

    Raises:
        ValueError: when there is no page.
    """
    if not pages:
        raise ValueError("an article has at least one page")
    first = pages[0]
    seen: set[str] = set()
    paragraphs = []
    for page in pages:
        for paragraph in page.body.splitlines():
            words = fold(paragraph)
            if page is first or words not in seen:
                paragraphs.append(paragraph)
            seen.add(words)
    return attrs.evolve(
        first,
        body="\n".join(paragraphs),
        images=tuple({image.url: image for page in pages for image in page.images}.values()),
        captions=tuple(dict.fromkeys(caption for page in pages for caption in page.captions)),
        next_page="",
        missed=tuple(dict.fromkeys(selector for page in pages for selector in page.missed)),
    )
