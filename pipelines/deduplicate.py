"""Second stage: what the archive has already goes no further."""

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newsbot.archive import articles
from newsbot.archive.articles import Judged
from newsbot.reading import Candidate
from newsbot.spiders.outcomes import SameArticleError
from newsbot.spiders.session import CrawlSession
from pipelines.batching import Batcher
from pipelines.spooling import or_spooled


class Deduplicate:
    """Item pipeline: ``Candidate`` in; ``Judged`` out where it is new or edited."""

    def __init__(self, session: CrawlSession) -> None:
        self._session = session
        self._first: dict[tuple[str, str], str] = {}
        self._judge: Batcher[Candidate, Judged] = Batcher(
            lambda batch: articles.judge(session.database.hasty, batch),
            size=session.config.batch_articles,
            seconds=session.config.batch_seconds,
            hurry=lambda: not session.may_fetch(),
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Deduplicate":
        """Return the stage of this crawl."""
        return cls(crawler.spider.session)  # type: ignore[union-attr]

    async def process_item(self, item: Candidate) -> Judged:
        """Return the article with its judgement, or drop what is known."""
        article = item.article
        judged = await or_spooled(self._session, item, lambda: self._judge.put(item))
        if judged.verdict == "removed":
            self._session.counters["removed"] += 1
            raise DropItem("it was removed from the archive, and stays so", log_level="DEBUG")
        if judged.verdict == "new" and judged.prints.telling:
            # Another address of the same text may be on its way into the archive.
            first = self._first.setdefault((article.source, judged.prints.content), article.id)
            if first != article.id:
                self._session.counters["duplicate"] += 1
                raise SameArticleError(f"the same text as article {first}", first)
        if (
            judged.verdict == "known"
            and judged.stored
            and article.source in judged.stored.record.sources
            and judged.stored.record.doubt is None
        ):
            self._session.counters["known"] += 1
            raise SameArticleError("the archive has it as it is", article.id)
        return judged
