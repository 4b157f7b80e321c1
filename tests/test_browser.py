"""Pages that need JavaScript, read in a real Chromium: all of a page's ways out lead through the proxy."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator

import psutil
import pytest

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.demo import SITES
from newsbot.fetching.addresses import AddressPolicy
from newsbot.fetching.browser import SharedBrowser
from newsbot.fetching.browser_proxy import BrowserProxy, Upstream
from newsbot.fetching.trackers import is_tracker
from tests.canary import Canary
from tests.conftest import Command, Site, chromium
from tests.test_demo_server import running

pytestmark = pytest.mark.browser


@pytest.fixture
def canary() -> Iterator[Canary]:
    """What is inside."""
    made = Canary()
    yield made
    made.close()


@pytest.fixture
def site() -> Iterator[Canary]:
    """A public site, as far as its name server says."""
    made = Canary()
    yield made
    made.close()


def test_the_javascript_site_of_the_demo_newsroom_is_crawled(
    newsbot: Command, database: Database
) -> None:
    chromium()
    [scripted] = [site for site in SITES if site.javascript]
    with running("--interval", "0.2") as demo:
        run = newsbot.json("crawl", scripted.homepage(demo.base_port))

    assert run["state"] == "done", run
    assert run["counters"]["new"] >= 3
    for article in database.articles.find():
        assert article["url"].startswith(scripted.homepage(demo.base_port))
        assert article["title"]
        assert len(article["body"]) > 200
        assert article["language"] == scripted.language


# Every way that a page has of asking for something; {port} is the canary's, {udp} a STUN server's.
PAGE = """<html><head>
<link rel="preconnect" href="http://127.0.0.1:{port}/"><link rel="dns-prefetch" href="//localhost:{port}">
<link rel="prefetch" href="http://127.0.0.1:{port}/prefetch">
<link rel="stylesheet" href="http://inside.example:{port}/style">
<script src="http://127.0.0.1:{port}/script"></script><script src="http://inside.example:{port}/s"></script>
<script src="http://[::1]:{port}/script"></script><script src="https://127.0.0.1:{port}/script"></script>
<script src="http://2130706433:{port}/script"></script><script src="http://169.254.169.254/s"></script>
</head><body><p>text</p><img src="http://127.0.0.1:{port}/image">
<iframe src="http://127.0.0.1:{port}/frame"></iframe><iframe src="http://inside.example:{port}/frame"></iframe>
<form id="f" method="post" action="http://127.0.0.1:{port}/form" target="x"></form><iframe name="x"></iframe>
<object data="http://127.0.0.1:{port}/object"></object><video src="http://127.0.0.1:{port}/v"></video>
<script>
const quietly = each => {{ try {{ const p = each(); p && p.catch && p.catch(() => 0) }} catch (e) {{}} }};
quietly(() => fetch('http://127.0.0.1:{port}/fetch', {{mode: 'no-cors'}}));
quietly(() => fetch('/redirect'));
quietly(() => new WebSocket('ws://127.0.0.1:{port}/socket'));
quietly(() => new WebSocket('ws://inside.example:{port}/socket'));
quietly(() => new WebSocket('wss://localhost:{port}/socket'));
quietly(() => navigator.sendBeacon('http://127.0.0.1:{port}/beacon'));
quietly(() => new EventSource('http://127.0.0.1:{port}/events'));
quietly(() => new WebTransport('https://127.0.0.1:{port}/transport').ready);
quietly(() => document.getElementById('f').submit());
quietly(() => window.open('http://127.0.0.1:{port}/popup'));
quietly(() => new Worker(URL.createObjectURL(new Blob(
  ["fetch('http://127.0.0.1:{port}/worker', {{mode: 'no-cors'}}).catch(() => 0)"]))));
quietly(() => {{
  const call = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{udp}'}},
    {{urls: 'turn:127.0.0.1:{port}?transport=tcp', username: 'a', credential: 'b'}}]}});
  call.createDataChannel('x');
  return call.createOffer().then(offer => call.setLocalDescription(offer));
}});
quietly(() => fetch('/last'));
</script></body></html>"""


@contextlib.asynccontextmanager
async def browsing(policy: AddressPolicy) -> AsyncIterator[tuple[SharedBrowser, BrowserProxy, str]]:
    """A browser, and a proxy by whose names site.example and inside.example are on loopback."""
    chromium()

    async def look_up(host: str) -> list[str]:
        return ["127.0.0.1"] if host in ("site.example", "inside.example") else []

    browser, proxy = SharedBrowser(), BrowserProxy(policy, look_up)
    url = await proxy.start()
    try:
        yield browser, proxy, url
    finally:
        await browser.close()
        await proxy.close()


async def visit(site: Canary, policy: AddressPolicy) -> dict[tuple[str, int], str]:
    """Open the page that asks for everything, until its last request and a while longer."""
    async with browsing(policy) as (browser, proxy, url):
        context = await (await browser.browser()).new_context(proxy={"server": url})
        page = await context.new_page()
        async with page.expect_response("**/last"):
            await page.goto(f"http://site.example:{site.port}/", wait_until="commit")
        await page.wait_for_timeout(1000)  # for ICE, which says nothing when it gives up
        return {where: error.cause for where, error in proxy.refusals.items()}


def serve_page(site: Canary, canary: Canary, udp: int) -> None:
    """Have the site answer with the page that asks for everything."""
    site.body = lambda path: PAGE.format(port=canary.port, udp=udp) if path == "/" else "x"
    inside = f"http://127.0.0.1:{canary.port}/redirected"
    site.answer = lambda path: (302, {"Location": inside}) if path == "/redirect" else (200, {})


def test_no_page_gets_out_of_the_browser_but_by_the_proxy(site: Canary, canary: Canary) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stun:
        stun.bind(("127.0.0.1", 0))
        stun.setblocking(False)
        serve_page(site, canary, stun.getsockname()[1])

        refused = asyncio.run(visit(site, AddressPolicy.of([f"site.example:{site.port}"])))

        with pytest.raises(BlockingIOError):
            stun.recv(100)
    assert (canary.connections, canary.requests) == (0, [])
    hosts = ["127.0.0.1", "localhost", "inside.example", "::1"]
    assert {(host, canary.port) for host in hosts} <= set(refused)
    assert set(refused.values()) == {"refused_address"}


def test_the_same_page_reaches_what_the_operator_allowed(site: Canary, canary: Canary) -> None:
    serve_page(site, canary, 9)

    asyncio.run(visit(site, AddressPolicy.of(["site.example", "127.0.0.1", "inside.example"])))

    paths = {path for path, _ in canary.requests}
    assert {"/script", "/fetch", "/redirected", "/frame", "/worker", "/image", "/s"} <= paths


def test_without_a_crawls_proxy_the_browser_reaches_nothing(canary: Canary) -> None:
    async def main() -> list[str]:
        said = []
        async with browsing(AddressPolicy()) as (browser, _proxy, _url):
            context = await (await browser.browser()).new_context()
            page = await context.new_page()
            for host in ("127.0.0.1", "localhost", "[::1]"):
                try:
                    await page.goto(f"http://{host}:{canary.port}/")
                except Exception as error:
                    said.append(str(error))
        return said

    assert len(asyncio.run(main())) == 3
    assert canary.connections == 0


def test_a_proxy_hands_on_to_the_operators_proxy(site: Canary, canary: Canary) -> None:
    async def main() -> str:
        async def look_up(_host: str) -> list[str]:
            return []

        upstream = Upstream.of(f"http://user:pass@127.0.0.1:{site.port}")
        proxy = BrowserProxy(AddressPolicy(), look_up, upstream=upstream)
        url = await proxy.start()
        import httpx

        async with httpx.AsyncClient(proxy=url) as client:
            far = await client.get("http://far.example/x")
            inside = await client.get(f"http://127.0.0.1:{canary.port}/")
        await proxy.close()
        return f"{far.status_code} {inside.status_code}"

    assert asyncio.run(main()) == "200 403"
    [(asked, headers)] = site.requests
    assert asked == "http://far.example/x"
    assert headers["proxy-authorization"] == "Basic dXNlcjpwYXNz"
    assert canary.connections == 0


def test_a_browser_that_has_grown_too_large_is_replaced_between_pages() -> None:
    chromium()

    async def main() -> tuple[int, int]:
        browser = SharedBrowser()
        try:
            for _ in range(12):
                async with browser.page(at_once=2, memory=1):
                    await (await browser.browser()).new_context()
            alive = sum(
                "chrom" in each.name() and "--type=" not in " ".join(each.cmdline())
                for each in psutil.Process().children(recursive=True)
            )
            return browser.started, alive
        finally:
            await browser.close()

    started, alive = asyncio.run(main())
    assert started == 2
    assert alive == 1


SCRIPTED = """<html><head><title>x</title></head><body><div id="app"></div><script>
setInterval(() => fetch('/poll?' + Date.now()).catch(() => 0), 100);
setInterval(() => document.title = 'x ' + Date.now(), 1000);
new EventSource('/stream');
setTimeout(() => {{ document.getElementById('app').innerHTML = `{content}` }}, 300);
</script></body></html>"""
LINKS = "".join(
    f'<p><a href="/a/{n}.html">The harbour opens for the day {n}</a></p>' for n in (1, 2)
)
STORY = (
    "<article><h1>The harbour opens on day {n}</h1>"
    "<p>The harbour opened at dawn on Monday, and the first ferries left for the islands.</p>"
    "<p>Fishermen said that the new quay had come too late for this season of the year.</p>"
    "<p>The council will meet on Thursday to hear what the works of day {n} have cost.</p></article>"
)


def test_pages_that_poll_and_stream_for_ever_are_read_and_those_that_hang_or_lead_inside_are_not(
    canary: Canary, make_site: Callable[[], Site], database: Database, settings: Config
) -> None:
    chromium()
    newsbot = Command(settings, page_timeout="8")
    site = make_site()
    more = "".join(
        f'<a href="/a/{n}.html">The harbour opens for the day {n}</a>' for n in (3, 4, 5)
    )
    site.write("index.html", SCRIPTED.format(content=LINKS + more))
    for n in (1, 2):
        site.write(f"a/{n}.html", SCRIPTED.format(content=STORY.format(n=n)))
    site.write("a/3.html", "<html><body><p>x</p><script>while (true) {}</script></body></html>")

    leading = "<html><body><p>x</p><script>location.href = '{}'</script></body></html>"
    site.write("a/4.html", leading.format(f"http://127.0.0.1:{canary.port}/inside"))
    site.write("a/5.html", leading.format(f"https://localhost:{canary.port}/inside"))

    run = newsbot.json("crawl", site.base)

    titles = sorted(each["title"] for each in database.articles.find())
    assert titles == ["The harbour opens on day 1", "The harbour opens on day 2"]
    assert run["counters"]["failed_timeout"] == 1, run["log"]
    assert run["counters"]["refused_address"] == 2
    assert run["state"] == "done"
    assert canary.connections == 0


def test_without_chromium_a_source_waits_and_is_read_when_it_is_there(
    site: Canary, canary: Canary, newsbot: Command, database: Database
) -> None:
    """And what the operator has sent goes to the source's own host alone, in the browser too."""
    chromium()
    moved = f"http://localhost:{canary.port}/moved.js"
    pages = {
        "/": SCRIPTED.format(content=LINKS),
        "/a/1.html": '<script src="/moved.js"></script>'
        + SCRIPTED.format(content=STORY.format(n=1)),
        "/a/2.html": f"<script>fetch('http://localhost:{canary.port}/data', {{mode: 'no-cors'}})</script>"
        + SCRIPTED.format(content=STORY.format(n=2)),
    }
    site.body = lambda path: pages.get(path, "")
    site.answer = lambda path: (
        (302, {"Location": moved}) if path == "/moved.js" else (200 if path in pages else 404, {})
    )
    home = f"http://127.0.0.1:{site.port}/"
    added = newsbot(
        *("source", "add", home, "--name", "one", "--javascript", "--cookie", "sid=s"),
        *("--header", "X-Api-Key: k", "--allow-host", f"localhost:{canary.port}"),
    )
    assert added.returncode == 0, added.stderr
    site.requests.clear()
    path, newsbot.environment["PATH"] = newsbot.environment["PATH"], "/nowhere"

    waiting = newsbot("crawl", "one")
    asked = len(site.requests)
    newsbot.environment["PATH"] = path
    read = newsbot.json("crawl", "one")

    assert waiting.returncode == 1
    assert "no Chromium was found" in waiting.stdout
    assert "install it" in waiting.stdout
    assert asked == 0
    assert database.runs.find_one({"state": "cancelled"}) is not None
    assert read["counters"]["new"] == 2
    assert {"/a/1.html", "/a/2.html", "/moved.js"} <= {path for path, _ in site.requests}
    # A page that is being closed may send what it polls as it is, without the header.
    bare = {
        path
        for path, headers in site.requests
        if not path.startswith("/poll") and headers.get("x-api-key") != "k"
    }
    bare |= {path for path, headers in site.requests if "sid=s" not in headers.get("cookie", "")}
    assert bare == set()
    assert {"/moved.js", "/data"} <= {path for path, _ in canary.requests}
    for _, headers in canary.requests:
        assert {"x-api-key", "cookie"}.isdisjoint(headers)


@pytest.mark.parametrize(
    "host", ["doubleclick.net", "a.b.doubleclick.net", "WWW.Google-Analytics.com."]
)
def test_trackers_are_known_with_all_their_hosts(host: str) -> None:
    assert is_tracker(host)


@pytest.mark.parametrize(
    "host", ["notdoubleclick.net", "net", "", "news.example", "cdn.jsdelivr.net"]
)
def test_other_hosts_are_not_trackers(host: str) -> None:
    assert not is_tracker(host)
