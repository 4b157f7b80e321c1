"""Last stage: the alerts that the article meets are on record, and the article is finished."""

from collections.abc import Sequence
from datetime import UTC, datetime

from scrapy.crawler import Crawler

from newsbot.alerts.matches import announce
from newsbot.archive.articles import Kept
from newsbot.items import Article
from newsbot.spiders.session import CrawlSession
from pipelines.batching import Batcher


class Notify:
    """Item pipeline: ``Kept`` in, the stored ``Article`` out."""

    def __init__(self, session: CrawlSession) -> None:
        self._session = session
        self._announce: Batcher[Kept, int] = Batcher(
            self._work,
            size=session.config.batch_articles,
            seconds=session.config.batch_seconds,
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Notify":
        """Return the stage of this crawl."""
        return cls(crawler.spider.session)  # type: ignore[union-attr]

    def _work(self, batch: Sequence[Kept]) -> list[int]:
        return announce(self._session.database, batch, now=datetime.now(UTC))

    async def process_item(self, item: Kept) -> Article:
        """Return the article once its matches and messages are written."""
        self._session.counters["matches"] += await self._announce.put(item)
        return item.article
