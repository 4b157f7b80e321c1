"""A process that crawls with this project's Scrapy settings and with names from a given server.

It reads crawls as JSON, runs them all at once in its one reactor, and prints what became of each
request: ``{"crawls": [{"allowed": […], "urls": […], "headers": {…}, "proxy": ""}], "dns": port}``.
"""

import asyncio
import json
import sys
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.reactor import install_reactor

from newsbot.archive.sources import Pair
from newsbot.fetching.addresses import AddressPolicy
from newsbot.fetching.credentials import Credentials
from newsbot.fetching.refusals import refusal_in
from schedules import reactor
from schedules.worker import scrapy_settings
from tests.name_server import Asking


class Asker(scrapy.Spider):
    """Asks for some addresses, and notes what came of each."""

    name = "asker"
    handle_httpstatus_all = True

    def __init__(self, crawl: dict[str, Any], outcomes: dict[str, str], **more: Any) -> None:
        super().__init__(**more)
        self.addresses = AddressPolicy.of(crawl["allowed"])
        self.credentials = Credentials.on(
            crawl.get("own", []),
            headers=_pairs(crawl.get("headers", {})),
            cookies=_pairs(crawl.get("cookies", {})),
            proxy=crawl.get("proxy", ""),
        )
        self._urls = crawl["urls"]
        self._outcomes = outcomes

    def may_fetch(self) -> bool:
        return True

    def lease_left(self) -> float:
        return 3_600.0

    async def turn(self) -> bool:
        return True

    async def start(self) -> Any:
        for url in self._urls:
            yield scrapy.Request(
                url, self.came, errback=self.failed, cb_kwargs={"asked": url}, dont_filter=True
            )

    def came(self, response: Any, asked: str) -> None:
        self._outcomes[asked] = f"{response.status} {response.url}"

    def failed(self, failure: Any) -> None:
        refusal = refusal_in(failure.value)
        said = f"{refusal.cause} {refusal.detail}" if refusal else repr(failure.value)
        self._outcomes[failure.request.cb_kwargs["asked"]] = said


def _pairs(values: dict[str, str]) -> tuple[Pair, ...]:
    return tuple(Pair(name=name, value=value) for name, value in values.items())


async def _main(given: dict[str, Any]) -> list[dict[str, str]]:
    settings = scrapy_settings()
    for name, value in {
        "ROBOTSTXT_OBEY": False,
        "RETRY_ENABLED": False,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False,
        "DOWNLOAD_TIMEOUT": 3,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "ITEM_PIPELINES": {},
        "LOG_LEVEL": "CRITICAL",
    }.items():
        settings.set(name, value, priority="cmdline")
    settings["DOWNLOADER_MIDDLEWARES"]["newsbot.fetching.warc.WarcMiddleware"] = None
    runner = AsyncCrawlerRunner(settings)
    outcomes: list[dict[str, str]] = [{} for _ in given["crawls"]]
    crawls = [
        runner.crawl(Asker, crawl=crawl, outcomes=its)
        for crawl, its in zip(given["crawls"], outcomes, strict=True)
    ]
    await asyncio.gather(*crawls)
    return outcomes


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    install_reactor(reactor.REACTOR)
    from twisted.internet import reactor as running

    running.installNameResolver(Asking(asked["dns"]))  # type: ignore[attr-defined]
    print(json.dumps(reactor.run(lambda _stop: _main(asked))))
