"""What a source's own record says of how it is crawled: which hosts are its, how fast, whether in a browser."""

from scrapy.crawler import Crawler

from newsbot.archive.sources import Source
from newsbot.fetching.rendering import NoBrowserError, browser_settings
from newsbot.spiders.session import MustWaitError
from newsbot.text.urls import site_of


def hosts_of(source: Source) -> list[str]:
    """Return the hosts on which a source stands."""
    addresses = [source.homepage, *(way.url for way in source.entry_points)]
    return sorted(
        {site_of(address).rpartition(":")[0] or site_of(address) for address in addresses}
    )


def settle(crawler: Crawler, source: Source) -> None:
    """Have a crawl keep to its source's limits.

    Raises:
        MustWaitError: when its pages need a browser, and there is none.
    """

    def put(name: str, value: object) -> None:
        crawler.settings.set(name, value, priority="spider")

    if source.delay is not None:
        put("DOWNLOAD_DELAY", source.delay)
        put("AUTOTHROTTLE_START_DELAY", source.delay)
        put("AUTOTHROTTLE_ENABLED", source.delay > 0)
    if source.concurrency is not None:
        put("CONCURRENT_REQUESTS_PER_DOMAIN", source.concurrency)
    if source.javascript:
        try:
            settings = browser_settings()
        except NoBrowserError as error:
            raise MustWaitError(str(error)) from None
        for name, value in settings.items():
            put(name, value)
