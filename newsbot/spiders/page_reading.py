"""A fetched page, extracted by its source's rules: the same way wherever a crawl reads one."""

from scrapy.http import Response

from newsbot.archive.sources import Source
from newsbot.extraction import Extracted
from newsbot.fetching.warc import fetched_at
from newsbot.spiders.extractors import CrawlExtractors
from newsbot.spiders.making import charset_of


async def read_page(extractors: CrawlExtractors, response: Response, source: Source) -> Extracted:
    """Return what is read of a page.

    Raises:
        ExtractionError: when it took too long, or crashed.
        StoppedError: when the crawl is told to end before.
    """
    return await extractors.extract(
        response.body,
        response.url,
        charset=charset_of(response),
        overrides=source.overrides,
        reference=fetched_at(response),
    )
