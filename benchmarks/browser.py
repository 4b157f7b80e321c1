"""What reading pages in a browser costs: newsbot's way beside scrapy-playwright as it comes.

A site on loopback whose articles a script fills in, with the pictures, style, tracker and polling
of a usual one. Three crawls of it at once in one process, as a worker runs them; each way in a process
of its own. The peer keeps scrapy-playwright's defaults, a browser a crawl, and waits for
``networkidle``, as its documentation suggests for pages that fill themselves in.
"""

import asyncio
import contextlib
import http.server
import json
import resource
import subprocess
import sys
import threading
import time
from typing import Any

import psutil
import scrapy
from scrapy.crawler import AsyncCrawlerRunner

from newsbot.fetching.addresses import AddressPolicy
from newsbot.fetching.rendering import browser_settings, chromium, close_browser
from schedules import reactor
from schedules.worker import scrapy_settings

PAGES, CRAWLS, POLLED = 20, 3, 4
_WORDS = "The harbour opened at dawn on Monday and the first ferries left for the islands. "

_SHELL = """<!doctype html><html><head><title>…</title><link rel="stylesheet" href="/style.css">
<script async src="http://localhost:{port}/tracker.js"></script></head>
<body><nav>{nav}</nav><div id="app"></div>{pictures}<script>
fetch('/api' + location.pathname).then(each => each.json()).then(each => {{
  document.title = each.title;
  document.getElementById('app').innerHTML = '<h1>' + each.title + '</h1>' +
    each.text.map(each => '<p>' + each + '</p>').join('');
}});
{poll}</script></body></html>"""
_POLL = "setInterval(() => fetch('/poll').catch(() => 0), 250);"


class _Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        kind, body = "text/html", b""
        if self.path.startswith("/api/"):
            number = self.path.rpartition("/")[2]
            text = [_WORDS * 4 for _ in range(8)]
            kind, body = "application/json", json.dumps({"title": number, "text": text}).encode()
        elif self.path.startswith("/a/"):
            number = int(self.path.rpartition("/")[2])
            port = self.server.server_address[1]
            body = _SHELL.format(
                port=port,
                nav="".join(f'<a href="/s/{n}">Section {n}</a>' for n in range(12)),
                pictures="".join(f'<img src="/i/{number}-{n}.png">' for n in range(12)),
                poll=_POLL if number < POLLED else "",
            ).encode()
        elif self.path.startswith("/i/"):
            kind, body = "image/png", b"\x89PNG" + b"x" * 60_000
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_about: object) -> None:
        """Browsers leave before they are answered; that is no error."""


class _Reader(scrapy.Spider):
    name = "reader"

    def __init__(self, base: str, read: list[float], methods: list[Any], **more: Any) -> None:
        super().__init__(**more)
        self.addresses = AddressPolicy.of([base.partition("//")[2]])
        self._base, self._read, self._methods = base, read, methods

    def may_fetch(self) -> bool:
        return True

    async def turn(self) -> bool:
        return True

    async def start(self) -> Any:
        for number in range(PAGES):
            meta = {"playwright": True, "playwright_page_methods": list(self._methods)}
            yield scrapy.Request(f"{self._base}/a/{number}", meta=meta, callback=self.came)

    def came(self, response: Any) -> None:
        if response.text.count("<p>The harbour") == 8:
            self._read.append(time.monotonic())


def _memory() -> int:
    total = 0
    for each in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            total += each.memory_full_info().pss
    return total


async def _crawl(way: str, base: str) -> dict[str, float]:
    settings = scrapy_settings()
    given: dict[str, Any] = {
        "ROBOTSTXT_OBEY": False,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
        "CONCURRENT_REQUESTS": 4,
        "ITEM_PIPELINES": {},
        "LOG_LEVEL": "CRITICAL",
    }
    methods: list[Any] = []
    if way == "newsbot":
        given |= browser_settings()
        given["DOWNLOADER_MIDDLEWARES"] = {}
    else:
        from scrapy_playwright.page import PageMethod

        handler = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"
        given |= {
            "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
            "DOWNLOADER_MIDDLEWARES": {},
            "PLAYWRIGHT_LAUNCH_OPTIONS": {"executable_path": chromium(), "args": ["--no-sandbox"]},
            "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 4,
        }
        methods = [PageMethod("wait_for_load_state", "networkidle", timeout=10_000)]
    for name, value in given.items():
        settings.set(name, value, priority="cmdline")
    runner = AsyncCrawlerRunner(settings)
    read: list[float] = []
    began = time.monotonic()
    crawls = asyncio.gather(
        *(runner.crawl(_Reader, base=base, read=read, methods=methods) for _ in range(CRAWLS))
    )
    most = 0
    while not crawls.done():
        await asyncio.wait([crawls], timeout=0.5)
        most = max(most, await asyncio.to_thread(_memory))
    took = time.monotonic() - began
    await close_browser()
    return {"read": len(read), "seconds": took, "megabytes": most / 1e6}


def run() -> None:
    """Print pages read, pages a second and memory of both ways."""
    server = _Server(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    print(f"{CRAWLS} crawls at once of {PAGES} pages each, {POLLED} of which poll for ever:")
    for way in ("scrapy-playwright", "newsbot"):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.browser", way, base],
            capture_output=True,
            text=True,
            check=True,
        )
        got = json.loads(done.stdout)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(
            f"  {way:<18} {got['read']:>3} of {PAGES * CRAWLS} read, "
            f"{got['read'] / got['seconds']:.2f} pages/s, {got['megabytes']:.0f} MB, {cpu / (PAGES * CRAWLS):.2f} s of CPU a page"
        )
    server.shutdown()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(reactor.run(lambda _stop: _crawl(*sys.argv[1:3]))))
    else:
        run()
