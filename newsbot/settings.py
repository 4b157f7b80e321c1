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

# Limits. Names that are not Scrapy's are read by newsbot/fetching.
DOWNLOAD_TIMEOUT = _config.page_timeout
FIRST_BYTE_TIMEOUT = _config.first_byte_timeout
DOWNLOAD_MAXSIZE = _config.page_bytes
DOWNLOAD_WARNSIZE = 0
ENTRY_POINT_MAXSIZE = _config.entry_point_bytes
DECOMPRESSION_RATIO = _config.unpack_ratio
RESPONSE_HEADER_MAXSIZE = _config.header_bytes
REDIRECT_MAX_TIMES = _config.redirects
REDIRECT_COOKIES = _config.redirect_cookies
# A page that says where it has moved does so at once; one that waits reloads itself. What is meant
# for readers without scripts leads to a page that says so.
METAREFRESH_MAXDELAY = 5
METAREFRESH_IGNORE_TAGS = ["script", "noscript"]
URLLENGTH_LIMIT = _config.url_length
DEPTH_LIMIT = _config.depth

# Politeness.
RETRY_TIMES = _config.retries
RETRY_PAUSE = _config.retry_pause
HOST_PAUSE_WAIT = _config.host_pause_wait
CRAWL_DELAY_MOST = _config.crawl_delay_most
ROBOTSTXT_REMEMBER = _config.robots_seconds

# Connections are made through a gate that knows where the crawl may go, by http and https alone.
DOWNLOAD_HANDLERS = {
    "http": "newsbot.fetching.transfer.BoundedHandler",
    "https": "newsbot.fetching.transfer.BoundedHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
# Of pages that need a browser.
BROWSER_PAGES = _config.browser_pages
BROWSER_MEMORY = _config.browser_memory
_SCRAPY = "scrapy.downloadermiddlewares"
DOWNLOADER_MIDDLEWARES = {
    # First, so that what leads into the operator's network is refused as that.
    "newsbot.fetching.connecting.AddressMiddleware": 10,
    "newsbot.fetching.limits.LimitsMiddleware": 90,
    # Scrapy's own, each with a bound more.
    f"{_SCRAPY}.robotstxt.RobotsTxtMiddleware": None,
    "newsbot.fetching.robots.RememberedRobotsMiddleware": 100,
    # Before the usual headers are filled in and the proxy is read.
    "newsbot.fetching.sending.CredentialsMiddleware": 390,
    f"{_SCRAPY}.retry.RetryMiddleware": None,
    "newsbot.fetching.retries.PatientRetryMiddleware": 550,
    f"{_SCRAPY}.redirect.MetaRefreshMiddleware": None,
    "newsbot.fetching.redirects.BoundedMetaRefreshMiddleware": 580,
    f"{_SCRAPY}.httpcompression.HttpCompressionMiddleware": None,
    "newsbot.fetching.unpacking.BoundedCompressionMiddleware": 590,
    f"{_SCRAPY}.redirect.RedirectMiddleware": None,
    "newsbot.fetching.redirects.BoundedRedirectMiddleware": 600,
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

# In place of Scrapy's own list, from which two are left out: nobody talks to a crawl that runs. Each
# would listen on a port for Python code to execute. Turned off they would still be loaded, with two
# servers beneath them, at every start.
_EXTENSIONS = "scrapy.extensions"
EXTENSIONS_BASE = {
    f"{_EXTENSIONS}.corestats.CoreStats": 0,
    f"{_EXTENSIONS}.logcount.LogCount": 0,
    f"{_EXTENSIONS}.memusage.MemoryUsage": 0,
    f"{_EXTENSIONS}.memdebug.MemoryDebugger": 0,
    f"{_EXTENSIONS}.closespider.CloseSpider": 0,
    f"{_EXTENSIONS}.feedexport.FeedExporter": 0,
    f"{_EXTENSIONS}.logstats.LogStats": 0,
    f"{_EXTENSIONS}.spiderstate.SpiderState": 0,
    f"{_EXTENSIONS}.throttle.AutoThrottle": 0,
}
LOG_LEVEL = _config.log_level
LOGSTATS_INTERVAL = 0
FEED_EXPORT_ENCODING = "utf-8"
