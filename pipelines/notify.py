"""Last stage: the alerts that the article meets are on record, and the article is finished."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from scrapy.crawler import Crawler

from newsbot.alerts.matches import announce, from_spool
from newsbot.archive.articles import Kept
from newsbot.archive.connection import AWAY
from newsbot.archive.spool import SpoolError
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.spiders.session import CrawlSession
from pipelines.batching import Batcher


class Notify:
    """Item pipeline: ``Kept`` in, the stored ``Article`` out."""

    def __init__(self, session: CrawlSession) -> None:
        self._session = session
        session.spool.empty_into(from_spool(session.database))
        self._announce: Batcher[Kept, int] = Batcher(
            self._work,
            size=session.config.batch_articles,
            seconds=session.config.batch_seconds,
            hurry=lambda: not session.may_fetch(),
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Notify":
        """Return the stage of this crawl."""
        return cls(crawler.spider.session)  # type: ignore[union-attr]

    def _work(self, batch: Sequence[Kept]) -> list[int]:
        return announce(self._session.database.hasty, batch, now=datetime.now(UTC))

    async def process_item(self, item: Kept) -> Article:
        """Return the article once its matches and messages are written."""
        try:
            self._session.counters["matches"] += await self._announce.put(item)
        except AWAY as error:
            self._session.away(error)
            # It is stored, and pending: if this cannot be written either, a worker's sweep announces it.
            with suppress(SpoolError):
                waits = self._session.spool.keep(Candidate.of(item.article))
                await asyncio.wrap_future(waits)
        return item.article
