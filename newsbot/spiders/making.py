"""From what was read of a page to the article that goes down the pipelines.

One way for a page that was just fetched and for one that is replayed, so that both give the same
article.
"""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newsbot.archive.articles import article_id
from newsbot.archive.sources import Source
from newsbot.discovery import Entry
from newsbot.extraction import Extracted
from newsbot.fetching.captures import Provenance
from newsbot.items import Article, FoundBy, Raw
from newsbot.text.doubts import believed, preferred, weighed
from newsbot.text.urls import canonical_url

if TYPE_CHECKING:  # a replay has no need of Scrapy
    from scrapy.http import Response

# What was published so long before it was fetched, and since, is news however it was found.
_NEWS = timedelta(days=1)

_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\s;\"',]+)", re.IGNORECASE)


def stated_charset(content_type: str) -> str:
    """Return the encoding that a ``Content-Type`` header names; "" where it names none."""
    found = _CHARSET.search(content_type)
    return found[1] if found else ""


def charset_of(response: "Response") -> str:
    """Return the encoding that came with an answer; "" where none did."""
    return stated_charset((response.headers.get("Content-Type") or b"").decode("latin-1"))


def found_by(article: Article, *, backfill: bool) -> FoundBy:
    """Say what led to an article: a walk back in time does not make today's news old."""
    if not backfill:
        return ""
    stated = believed(article.published)
    fresh = stated is not None and stated.day >= (article.fetched_at - _NEWS).date()
    return "" if fresh else "backfill"


def provenance_of(
    source: Source, run: str, link: str, entry: Entry | None, part: int = 1, visits: int = 0
) -> Provenance:
    """Return on whose behalf a page is fetched, and by which link (its canonical URL)."""
    return Provenance(
        source=source.id,
        name=source.name,
        homepage=source.homepage,
        title=source.title,
        run=run,
        link=link,
        entry=entry,
        overrides=source.overrides,
        part=part,
        visits=visits,
    )


def make_article(
    extracted: Extracted,
    provenance: Provenance,
    *,
    fetched_url: str,
    fetched_at: datetime,
    raw: Raw | None = None,
) -> Article:
    """Return the article that a page holds; what the page lacks is taken from where its link stood."""
    url = extracted.canonical_url or canonical_url(fetched_url)
    entry = provenance.entry
    return Article(
        id=article_id(url),
        url=url,
        fetched_url=fetched_url,
        source=provenance.source,
        run=provenance.run,
        fetched_at=fetched_at,
        title=extracted.title or (entry.title if entry else ""),
        body=extracted.body,
        authors=extracted.authors,
        published=preferred(
            extracted.published, weighed(entry.published, fetched_at) if entry else None
        ),
        modified=extracted.modified,
        language=extracted.language,
        publisher=extracted.publisher or provenance.title,
        section=extracted.section,
        tags=extracted.tags,
        description=extracted.description,
        images=extracted.images,
        free=extracted.free,
        raw=raw,
    )
