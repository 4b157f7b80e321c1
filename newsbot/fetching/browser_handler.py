"""The download handler of sources whose pages are read in a browser.

It is scrapy-playwright's, with these differences: the browser is the process's own and shared
(``browser.py``); each crawl reaches the network through its own proxy (``browser_proxy.py``); a page
is taken when its text has settled (``readiness.py``); what no text needs is not loaded; each page has
its time and is closed whatever happens; what is not a page (feeds, sitemaps, robots.txt) takes the
ordinary, guarded way.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page, Route
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Request as PageRequest
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import Response
from scrapy_playwright.handler import BrowserContextWrapper, ScrapyPlaywrightDownloadHandler

from newsbot.fetching.addresses import DEFAULT_PORTS
from newsbot.fetching.browser import SharedBrowser, shared_browser
from newsbot.fetching.browser_proxy import BrowserProxy, Upstream
from newsbot.fetching.connecting import look_up, policy_of
from newsbot.fetching.readiness import LONGEST, UnderWay, settled
from newsbot.fetching.refusals import RefusedError
from newsbot.fetching.sending import credentials_of
from newsbot.fetching.trackers import is_tracker
from newsbot.fetching.transfer import BoundedHandler
from newsbot.text.urls import site_of

# What a text needs none of (Playwright's resource types).
UNWANTED = frozenset(
    {"image", "media", "font", "texttrack", "manifest", "ping", "cspviolationreport"}
)
# Seconds beyond a page's own time that closing it may take.
CLOSING_SECONDS = 5.0
_PAGE, _UNDER_WAY = "browser_page", "browser_under_way"


class SharedProvider:
    """Gives scrapy-playwright the process's browser; what it closes is its own contexts alone."""

    def __init__(self, _config: object) -> None:
        self._shared = shared_browser()

    async def start(self) -> None:
        """Note that a crawl may want the browser; it starts with the first page."""
        self._shared.enter()

    async def launch_browser(self) -> "_Lent":
        """Return the browser, started if need be."""
        return _Lent(self._shared, await self._shared.browser())

    async def launch_persistent_context(self, _settings: dict[str, Any]) -> BrowserContext:
        """Refuse: pages leave nothing behind."""
        raise NotImplementedError("pages are read in contexts that leave nothing behind")

    async def close(self) -> None:
        """Note that the crawl is over."""
        self._shared.leave()


class _Lent:
    """The shared browser as one crawl has it."""

    def __init__(self, shared: SharedBrowser, browser: Any) -> None:
        self._shared = shared
        self._browser = browser

    async def new_context(self, **settings: Any) -> BrowserContext:
        context: BrowserContext = await self._browser.new_context(**settings)
        return context

    def on(self, event: str, callback: Callable[..., Any]) -> None:
        self._browser.on(event, callback)

    async def close(self) -> None:
        """Leave the browser to the other crawls."""


class BrowserHandler(ScrapyPlaywrightDownloadHandler, BoundedHandler):  # type: ignore[misc]
    """Renders the requests marked ``playwright``; the others go the ordinary way."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._seconds = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._at_once = crawler.settings.getint("BROWSER_PAGES")
        self._memory = crawler.settings.getint("BROWSER_MEMORY")
        self._proxy: BrowserProxy | None = None
        self.config.navigation_timeout_ms = self._seconds * 1000

    async def download_request(self, request: Request) -> Response:
        """Download or render, when it is the host's turn.

        Raises:
            RefusedError: when the page, or where it leads on to, is not permitted.
            DownloadTimeoutError: when it is not there in time.
            DownloadFailedError: when the browser cannot show it.
            NoBrowserError: when there is no browser.
        """
        return await BoundedHandler.download_request(self, request)

    async def _download(self, request: Request) -> Response:
        if not request.meta.get("playwright"):
            return await super()._download(request)
        request.meta["playwright_page_goto_kwargs"] = {"wait_until": "commit"}
        async with shared_browser().page(at_once=self._at_once, memory=self._memory):
            await shared_browser().browser()  # whose start is not in the page's time
            try:
                async with asyncio.timeout(self._seconds):
                    response: Response = await ScrapyPlaywrightDownloadHandler.download_request(
                        self, request
                    )
                if response.status == 403:  # so the proxy answers
                    self._raise_refusal(request)
                self._check_where(request, response.url)
            except (TimeoutError, PlaywrightTimeoutError):
                raise DownloadTimeoutError(f"{request.url} was not there in time") from None
            except PlaywrightError as error:
                self._raise_refusal(request)
                first = error.message.partition("\n")[0]
                raise DownloadFailedError(f"the browser could not show it: {first}") from None
            finally:
                await self._close_page(request)
        if len(response.body) > self._bytes > 0:
            raise RefusedError("refused_size", f"{len(response.body)} bytes in the browser")
        return response

    async def _create_browser_context(
        self, name: str, context_kwargs: dict[str, Any] | None, spider: Spider | None = None
    ) -> BrowserContextWrapper:
        if self._proxy is None:
            self._proxy, self._proxy_url = await self._start_proxy()
        settings: dict[str, Any] = {
            "proxy": {"server": self._proxy_url},
            "user_agent": self._user_agent(),
            "service_workers": "block",  # their requests could not be seen
            "accept_downloads": False,
        }
        wrapper = await super()._create_browser_context(
            name, {**(context_kwargs or {}), **settings}, spider
        )
        await _set_cookies(wrapper.context, self._crawler)
        return wrapper

    async def _start_proxy(self) -> tuple[BrowserProxy, str]:
        credentials = credentials_of(self._crawler)
        proxy = BrowserProxy(
            policy_of(self._crawler),
            look_up,
            upstream=Upstream.of(credentials.proxy) if credentials.proxy else None,
            refused=getattr(self._crawler.spider, "browser_refused", lambda _host, _error: None),
        )
        return proxy, await proxy.start()

    def _user_agent(self) -> str:
        own = {pair.name.lower(): pair.value for pair in credentials_of(self._crawler).headers}
        usual: str = self._crawler.settings["USER_AGENT"]
        return own.get("user-agent", usual)

    async def _create_page(self, request: Request, spider: Spider) -> Page:
        page: Page = await super()._create_page(request, spider)
        request.meta[_PAGE] = page
        request.meta[_UNDER_WAY] = UnderWay(page)
        page.on("popup", _close_quietly)
        return page

    async def _close_page(self, request: Request) -> None:
        request.meta.pop(_UNDER_WAY, None)
        page: Page | None = request.meta.pop(_PAGE, None)
        if page is not None and not page.is_closed():
            await _close_quietly(page)

    async def _apply_page_methods(self, page: Page, request: Request, _spider: Spider) -> None:
        # Half of the page's time, so that what is there can still be taken.
        await settled(page, request.meta[_UNDER_WAY], longest=min(LONGEST, self._seconds / 2))

    def _make_request_handler(
        self, **_about: Any
    ) -> Callable[[Route, PageRequest], Awaitable[None]]:
        """Return what decides on each request of a page: not loaded, or sent as it is."""
        own = credentials_of(self._crawler)
        headers = {
            pair.name: pair.value for pair in own.headers if pair.name.lower() != "user-agent"
        }

        async def decide(route: Route, request: PageRequest) -> None:
            with contextlib.suppress(PlaywrightError):  # the page may be closed by now
                if unwanted(request):
                    self.stats.inc_value("playwright/request_count/aborted")
                    await route.abort()
                elif headers and own.belong_to(request.url):
                    # Headers given to `continue_` would go with redirects to other hosts.
                    sent = {**await request.all_headers(), **headers}
                    await route.fulfill(response=await route.fetch(headers=sent, max_redirects=0))
                else:
                    await route.continue_()

        return decide

    def _raise_refusal(self, request: Request) -> None:
        """Raise what the proxy refused of this page itself, if it did."""
        under_way = request.meta.get(_UNDER_WAY)
        for url in (*(under_way.navigations if under_way else ()), request.url):
            parts = urlsplit(url)
            port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
            error = self._proxy and self._proxy.refusals.get((parts.hostname or "", port))
            if error:
                raise RefusedError(error.cause, error.detail)

    def _check_where(self, request: Request, url: str) -> None:
        """Refuse a page that scripts or redirects led to where the crawl does not go.

        Scrapy checks this at each redirect that it follows; the browser follows its own.
        """
        if url.startswith("chrome-error:"):
            self._raise_refusal(request)
            raise DownloadFailedError("the browser could not show where it leads on to")
        policy_of(self._crawler).check_url(url)
        host = urlsplit(url).hostname or ""
        domains = getattr(self._crawler.spider, "allowed_domains", None) or [host]
        if not any(host == domain or host.endswith(f".{domain}") for domain in domains):
            raise RefusedError("refused_offsite", f"to {host}")

    async def _close(self) -> None:
        await super()._close()
        if self._proxy is not None:
            await self._proxy.close()


def unwanted(request: PageRequest) -> bool:
    """Say whether the browser need not load this: pictures, trackers, frames of other sites."""
    if request.resource_type in UNWANTED or is_tracker(urlsplit(request.url).hostname or ""):
        return True
    if request.resource_type != "document":
        return False
    try:
        frame = request.frame
    except PlaywrightError:  # a page's first navigation, before there is a frame
        return False
    # What stands in a frame is no part of the page that is read.
    return frame.parent_frame is not None and site_of(frame.page.url) != site_of(request.url)


async def _set_cookies(context: BrowserContext, crawler: Crawler) -> None:
    credentials = credentials_of(crawler)
    await context.add_cookies(
        [
            {"name": pair.name, "value": pair.value, "url": f"{scheme}://{host}:{port}/"}
            for pair in credentials.cookies
            for scheme, host, port in sorted(credentials.origins)
        ]
    )


async def _close_quietly(page: Page) -> None:
    with contextlib.suppress(PlaywrightError, TimeoutError):
        await asyncio.wait_for(page.close(), CLOSING_SECONDS)
