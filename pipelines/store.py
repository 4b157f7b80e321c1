"""Third stage: into the archive, in batches, acknowledged and on disk before it counts as kept.

While MongoDB is away an article is kept in the spool instead, and goes no further here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newsbot.archive import articles
from newsbot.archive.articles import Judged, Kept
from newsbot.metrics.counted import store_seconds
from newsbot.reading import Candidate
from newsbot.spiders.outcomes import DoubtfulError, SameArticleError
from newsbot.spiders.session import CrawlSession
from newsbot.standing import with_article
from pipelines.batching import Batcher
from pipelines.spooling import or_spooled


class Store:
    """Item pipeline: ``Judged`` in; ``Kept`` out, pending its last steps."""

    def __init__(self, session: CrawlSession) -> None:
        self._session = session
        self._counters = session.counters
        self._keep: Batcher[Judged, Kept] = Batcher(
            self._work,
            size=session.config.batch_articles,
            seconds=session.config.batch_seconds,
            hurry=lambda: not session.may_fetch(),
        )

    def _work(self, batch: Sequence[Judged]) -> list[Kept]:
        with store_seconds.time():
            return articles.keep(self._session.database.hasty, batch, now=datetime.now(UTC))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Store":
        """Return the stage of this crawl."""
        return cls(crawler.spider.session)  # type: ignore[union-attr]

    async def process_item(self, item: Judged) -> Kept:
        """Return the article as the archive keeps it."""
        candidate = Candidate(article=item.article, prints=item.prints)
        kept = await or_spooled(self._session, candidate, lambda: self._keep.put(item))
        doubt = kept.record.doubt
        if kept.verdict == "doubtful" and doubt is not None:
            raise DoubtfulError(doubt.why, doubt.looks)
        self._counters[kept.verdict] += 1
        if kept.verdict == "new" and not kept.article.partial:
            self._session.brought = with_article(self._session.brought, kept.article)
        self._counters["partial"] += bool(kept.article.partial) and kept.verdict == "new"
        if kept.verdict in ("known", "duplicate"):
            raise SameArticleError(f"{kept.verdict}: the archive has it", kept.article.id)
        if kept.verdict == "removed":
            raise DropItem("it was removed from the archive, and stays so", log_level="DEBUG")
        return kept
