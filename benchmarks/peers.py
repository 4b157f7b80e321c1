"""The peers of the whole chain: what a bare Scrapy spider fetches, and Scrapy with trafilatura.

``python -m benchmarks.peers bare|trafilatura BASE`` crawls the site and prints one JSON object:
pages, and seconds from the spider's opening to its end.
"""

import json
import re
import sys
import time
from collections.abc import AsyncIterator, Iterator

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

_counted = {"pages": 0, "texts": 0, "seconds": 0.0}


class Bare(scrapy.Spider):
    """Fetches every page that the sitemap names, and does nothing with it."""

    name = "bare"
    base = ""

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask for the sitemap."""
        self.started = time.perf_counter()
        yield scrapy.Request(f"{self.base}/sitemap.xml", callback=self.parse_sitemap)

    def parse_sitemap(self, response: Response) -> Iterator[scrapy.Request]:
        """Follow every address of the sitemap."""
        for url in re.findall(r"<loc>([^<]+)</loc>", response.body.decode()):
            yield scrapy.Request(url, callback=self.parse_page)

    def parse_page(self, response: Response) -> None:  # noqa: ARG002 - Scrapy's signature
        """Count the page."""
        _counted["pages"] += 1

    def closed(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's signature
        """Stop the clock."""
        _counted["seconds"] = time.perf_counter() - self.started


class WithTrafilatura(Bare):
    """Fetches every page and extracts it with trafilatura, text and metadata; stores nothing."""

    name = "trafilatura"

    def parse_page(self, response: Response) -> None:
        """Extract the page."""
        import trafilatura

        found = trafilatura.bare_extraction(
            response.body, url=response.url, with_metadata=True, include_comments=False
        )
        _counted["pages"] += 1
        _counted["texts"] += found is not None


def main() -> None:
    """Crawl, and print what was counted."""
    kind, base = sys.argv[1:]
    spider = {"bare": Bare, "trafilatura": WithTrafilatura}[kind]
    spider.base = base
    process = CrawlerProcess(
        {
            "LOG_LEVEL": "ERROR",
            "CONCURRENT_REQUESTS": 32,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
            "DOWNLOAD_DELAY": 0,
            "TELNETCONSOLE_ENABLED": False,
            "ROBOTSTXT_OBEY": True,
            "COOKIES_ENABLED": False,
        }
    )
    process.crawl(spider)
    process.start()
    print(json.dumps(_counted))


if __name__ == "__main__":
    main()
