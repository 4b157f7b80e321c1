"""First stage: the same thing is written the same way, whoever published it."""

import attrs
from scrapy.exceptions import DropItem

from newsbot.items import Article
from newsbot.text import canonical_url, detect_language, repair
from newsbot.text.unicode import clean


def normalize(article: Article) -> Article:
    """Return the article with readable text, told language and addresses in their canonical form.

    What the publisher wrote is kept beside the reading text where the two differ.
    """
    title, body = clean(article.title), clean(article.body)
    title_read, body_read = repair(title), repair(body)
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


class Normalize:
    """Item pipeline: ``Article`` in, normalized ``Article`` out."""

    def process_item(self, item: Article) -> Article:
        """Return the normalized article; one that says nothing is dropped."""
        article = normalize(item)
        if not article.title and not article.body:
            raise DropItem("it has neither title nor text", log_level="INFO")
        return article
