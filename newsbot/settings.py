"""Scrapy's settings. What an operator turns stands in ``newsbot/config.py``; this is what follows."""

from newsbot.config import load_config

_config = load_config()

BOT_NAME = "newsbot"
SPIDER_MODULES = ["newsbot.spiders"]
USER_AGENT = _config.user_agent
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"

# Politeness. A source's own delay and concurrency are set by its spider.
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "newsbot"
AUTOTHROTTLE_ENABLED = True
DOWNLOAD_DELAY = _config.download_delay
# Where throttling begins, in seconds; a slow site raises it. Scrapy's own 5 would hold up the first
# pages of every crawl, and a source that is polled has few more.
AUTOTHROTTLE_START_DELAY = DOWNLOAD_DELAY
CONCURRENT_REQUESTS_PER_DOMAIN = _config.concurrency
CONCURRENT_REQUESTS = 32
COOKIES_ENABLED = False

# Scrapy starts this many tasks for every response, to work on what its callback yields. A page
# yields one article, so its default of 100 is a quarter of a crawl's time for nothing.
CONCURRENT_ITEMS = 1
# Bytes of pages that may be on their way through the pipelines before fetching waits: enough that
# articles meet in batches while those before them are being written to disk.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 20_000_000

# Limits.
DOWNLOAD_TIMEOUT = _config.page_timeout
DOWNLOAD_MAXSIZE = _config.page_bytes
DOWNLOAD_WARNSIZE = 0
REDIRECT_MAX_TIMES = 8
RETRY_TIMES = 2
URLLENGTH_LIMIT = 2083
DEPTH_LIMIT = 6

# Connections are made through a gate that knows where the crawl may go, by http and https alone.
DOWNLOAD_HANDLERS = {
    "http": "newsbot.fetching.connecting.GuardedHandler",
    "https": "newsbot.fetching.connecting.GuardedHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
DOWNLOADER_MIDDLEWARES = {
    # First, so that what leads into the operator's network is refused as that.
    "newsbot.fetching.connecting.AddressMiddleware": 10,
    # Last before the network, so that nothing leaves under a lease that has run out.
    "newsbot.fetching.lease.LeaseMiddleware": 990,
    # Nearest to the network: it keeps what came as it came.
    "newsbot.fetching.warc.WarcMiddleware": 995,
}
ITEM_PIPELINES = {
    "pipelines.normalize.Normalize": 100,
    "pipelines.deduplicate.Deduplicate": 200,
    "pipelines.store.Store": 300,
    "pipelines.notify.Notify": 400,
}

TELNETCONSOLE_ENABLED = False
LOG_LEVEL = _config.log_level
LOGSTATS_INTERVAL = 0
FEED_EXPORT_ENCODING = "utf-8"
