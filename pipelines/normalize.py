"""First stage: the same thing is written the same way, whoever published it."""

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newsbot.fetching.lease import StoppedError
from newsbot.items import Article
from newsbot.reading import Candidate, read
from newsbot.spiders.extractors import CrawlExtractors, ExtractionError
from newsbot.spiders.outcomes import LeftError, UnreadableError


class Normalize:
    """Item pipeline: ``Article`` in; out in its normal form, with its fingerprint."""

    def __init__(self, extractors: CrawlExtractors) -> None:
        self._extractors = extractors

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Normalize":
        """Return the stage of this crawl."""
        return cls(crawler.spider.extractors)  # type: ignore[union-attr]

    async def process_item(self, item: Article) -> Candidate:
        """Return the normalized article; one that says nothing is dropped."""
        try:
            candidate = await self._extractors.run(read, item)
        except ExtractionError as error:
            raise UnreadableError(str(error)) from None
        except StoppedError as error:
            raise LeftError(str(error), log_level="DEBUG") from None
        if not candidate.article.title and not candidate.article.body:
            raise DropItem("it has neither title nor text", log_level="INFO")
        return candidate
