"""From an article as extracted to the article as it is read, compared and kept. Pure.

This is what an article costs the most time besides its extraction, so the crawl has it done in the
extractors' processes; hence nothing here knows of Scrapy or of MongoDB.
"""

import attrs

from newsbot.events import Facts, facts
from newsbot.items import Article, derived_id
from newsbot.similarity import Signature, signature
from newsbot.text import canonical_url, detect_language, fold_whitespace, repair
from newsbot.text.tokens import words
from newsbot.text.unicode import clean, encodable

# A body of fewer words says too little to call two articles the same text.
TELLING_WORDS = 20


def normalize(article: Article) -> Article:
    """Return the article with readable text, told language and addresses in their canonical form.

    What the publisher wrote is kept beside the reading text where the two differ.
    """
    title, body = encodable(article.title), encodable(article.body)
    title_read, body_read = repair(title), repair(body)
    title, body = fold_whitespace(title), fold_whitespace(body)
    return attrs.evolve(
        article,
        url=canonical_url(article.url),
        title=title_read,
        body=body_read,
        title_as_published=title if title != title_read else None,
        body_as_published=body if body != body_read else None,
        authors=tuple(dict.fromkeys(name for name in map(clean, article.authors) if name)),
        language=article.language or detect_language(body_read),
        publisher=clean(article.publisher),
        section=clean(article.section),
        tags=tuple(dict.fromkeys(tag for tag in map(clean, article.tags) if tag)),
        description=clean(article.description),
    )


@attrs.frozen
class Fingerprint:
    """What decides whether two texts are the same: hashes of their analysed words.

    ``telling`` says that the body has words enough for that. ``event`` is what the text tells of its
    event, None where that is too little. ``signature`` leads to texts that share much with the body;
    None where it is too short for that.
    """

    content: str
    body: str
    telling: bool
    event: Facts | None = None
    signature: Signature | None = None


def fingerprint(article: Article) -> Fingerprint:
    """Return the fingerprint of an article's title and body, blind to spelling and spacing."""
    title, body = words(article.title), words(article.body)
    body_hash = derived_id("body", *body)
    content = derived_id("content", *title, "", body_hash)
    return Fingerprint(
        content,
        body_hash,
        telling=len(body) >= TELLING_WORDS,
        event=facts(title, body, article.language or ""),
        signature=signature(body),
    )


@attrs.frozen(kw_only=True)
class Candidate:
    """A normalized article and its fingerprint, to be held against the archive."""

    article: Article
    prints: Fingerprint

    @classmethod
    def of(cls, article: Article) -> "Candidate":
        """Return the candidate that an article in its normal form is."""
        return cls(article=article, prints=fingerprint(article))


def read(article: Article) -> Candidate:
    """Return an article as extracted in its normal form, with its fingerprint."""
    return Candidate.of(normalize(article))
