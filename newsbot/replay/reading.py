"""What the processes of a replay do: from pages to articles in their normal form. Pure."""

from collections.abc import Sequence
from datetime import datetime

import attrs

from newsbot.extraction import Extracted, extract
from newsbot.fetching.captures import Provenance
from newsbot.items import Raw
from newsbot.reading import Candidate, fingerprint, normalize
from newsbot.replay.wanted import Wanted
from newsbot.spiders.making import make_article


@attrs.frozen(kw_only=True)
class Work:
    """A page to be read, on behalf of a source."""

    url: str
    body: bytes
    charset: str
    at: datetime
    raw: Raw
    provenance: Provenance


@attrs.frozen(kw_only=True)
class Result:
    """What a page gave: an article, or (``candidate`` is None) the cause why none, as it is counted.

    ``extracted`` is what was read of a page that may be one of several of its article.
    """

    candidate: Candidate | None = None
    cause: str = ""
    extracted: Extracted | None = None


def read_all(pages: Sequence[Work], wanted: Wanted) -> list[Result]:
    """Return what each page gives, in their order."""
    return [read_one(page, wanted) for page in pages]


def read_one(page: Work, wanted: Wanted) -> Result:
    """Return what one page gives."""
    extracted = extract(
        page.body,
        page.url,
        reference=page.at,
        charset=page.charset,
        overrides=page.provenance.overrides,
    )
    if not extracted.is_article:
        kept = extracted if page.provenance.part > 1 else None
        return Result(cause="not_articles", extracted=kept)
    several = bool(extracted.next_page) or page.provenance.part > 1
    result = finish(extracted, page, wanted)
    return attrs.evolve(result, extracted=extracted) if several else result


def finish(extracted: Extracted, page: Work, wanted: Wanted) -> Result:
    """Return the article of what was read of a page, or of several of which ``page`` is the first."""
    article = make_article(
        extracted, page.provenance, fetched_url=page.url, fetched_at=page.at, raw=page.raw
    )
    if not wanted.published(article):
        return Result(cause="other_day")
    if not wanted.language(article):
        return Result(cause="other_language")
    article = normalize(article)
    if not article.title and not article.body:
        return Result(cause="not_articles")
    if wanted.languages and not (article.language and wanted.language(article)):
        return Result(cause="other_language")
    return Result(candidate=Candidate(article=article, prints=fingerprint(article)))
