"""Crawls connect to public addresses alone, whatever pages and name servers say.

Servers, name server and connections are real; the canary stands for what is inside.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest

from newsbot.archive.connection import Database
from tests.canary import Canary
from tests.conftest import Command, Site, free_port
from tests.name_server import NameServer

# Globally reachable by the registry, and nobody's web server (AS112, RFC 7535).
ELSEWHERE = "192.31.196.7"
ZONE = {
    "site.example": ["127.0.0.1"],
    "inside.example": ["127.0.0.1"],
    "inside6.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "metadata.example": ["169.254.169.254"],
    "zero.example": ["0.0.0.0"],
    "several.example": ["10.255.255.1", "127.0.0.1", "::1"],
    "rebinding.example": lambda times: [ELSEWHERE] if times == 0 else ["127.0.0.1"],
}
HOSTS = """127.0.0.1 localhost [::1] [::ffff:127.0.0.1] [::] 0.0.0.0 0 2130706433 0x7f.1 0177.0.0.1
127.1 127.0.0.1. localhost. x@127.0.0.1 inside.example INSIDE.example. inside6.example
mapped.example nat64.example zero.example several.example ①②⑦.⓪.⓪.①""".split()


@pytest.fixture
def canary() -> Iterator[Canary]:
    """What is inside."""
    made = Canary()
    yield made
    made.close()


@pytest.fixture
def site() -> Iterator[Canary]:
    """A site that the operator allowed, which redirects wherever it is asked to."""
    made = Canary()

    def redirect(path: str) -> tuple[int, dict[str, str]]:
        to = unquote(path.partition("?to=")[2])
        return (302, {"Location": to}) if to else (200, {})

    made.answer = redirect
    yield made
    made.close()


@pytest.fixture
def names() -> Iterator[NameServer]:
    """Names that lead inside."""
    made = NameServer(ZONE)
    yield made
    made.close()


def crawl(names: NameServer, *crawls: dict[str, Any]) -> list[dict[str, str]]:
    """Run crawls side by side in one process; returns what became of each address."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.crawl_by_names"],
        input=json.dumps({"dns": names.port, "crawls": crawls}),
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    outcomes: list[dict[str, str]] = json.loads(done.stdout)
    return outcomes


def test_no_crawl_connects_inside_by_any_link_redirect_or_name(
    canary: Canary, site: Canary, names: NameServer
) -> None:
    inside = [f"http://{host}:{canary.port}/" for host in HOSTS]
    inside += [f"https://inside.example:{canary.port}/", "http://169.254.169.254/latest/"]
    inside += ["http://metadata.example/", "http://metadata.google.internal/"]
    home = f"http://site.example:{site.port}"
    redirects = [f"{home}/?to={quote(url, safe='')}" for url in [*inside, "file:///etc/passwd"]]
    # By several ports, so that no connection is used again: a network may answer for all addresses.
    ports = (canary.port, canary.port, *(free_port() for _ in range(6)))
    rebinding = [f"http://rebinding.example:{port}/{time}" for time, port in enumerate(ports)]
    allowed = f"http://inside.example:{site.port}/allowed"

    strict, free = crawl(
        names,
        {
            "allowed": [f"site.example:{site.port}"],
            "urls": [*inside, *redirects, *rebinding, allowed, f"{home}/honest"],
        },
        {"allowed": [f"inside.example:{site.port}"], "urls": [allowed, f"{home}/honest"]},
    )

    assert {strict[url].split()[0] for url in (*inside, *redirects[:-1])} == {"refused_address"}
    said = strict[f"http://inside.example:{canary.port}/"]
    assert said == "refused_address inside.example is at 127.0.0.1, loopback"
    assert "passwd" not in strict[redirects[-1]]
    assert all(not strict[url].startswith("200") for url in rebinding)
    assert names.asked["rebinding.example"] >= 3, {url: strict[url] for url in rebinding}
    assert sum(strict[url].startswith("refused_address") for url in rebinding) >= 2
    assert (canary.connections, canary.requests) == (0, [])
    # Another crawl in the same process has another policy.
    assert strict[allowed].startswith("refused_address")
    assert strict[f"{home}/honest"].startswith("200")
    assert free[allowed].startswith("200")
    assert free[f"{home}/honest"].startswith("refused_address")


def test_headers_and_cookies_stay_with_the_sources_own_hosts(
    canary: Canary, site: Canary, names: NameServer
) -> None:
    home = f"http://site.example:{site.port}/"
    there = f"http://inside.example:{canary.port}/"
    canary.answer = lambda path: (302, {"Location": f"{home}back"}) if path == "/" else (200, {})
    url = f"{home}?to={quote(there, safe='')}"

    [outcome] = crawl(
        names,
        {
            "allowed": ["site.example", "inside.example"],
            "own": [home],
            "headers": {"X-Api-Key": "k", "Authorization": "Bearer t", "User-Agent": "ours"},
            "cookies": {"session": "s", "b": "2"},
            "urls": [url],
        },
    )

    assert outcome[url] == f"200 {home}back"
    sent = [headers for _, headers in site.requests]
    assert len(sent) == 2
    for headers in sent:
        assert headers["x-api-key"] == "k"
        assert headers["authorization"] == "Bearer t"
        assert headers["user-agent"] == "ours"
        assert headers["cookie"] == "session=s; b=2"
    [(_, elsewhere)] = canary.requests
    assert {"x-api-key", "authorization", "cookie"}.isdisjoint(elsewhere)
    assert "newsbot" in elsewhere["user-agent"]


def test_cookies_of_the_operator_go_with_those_of_a_chain_of_redirects(
    site: Canary, names: NameServer
) -> None:
    home = f"http://site.example:{site.port}/"
    site.answer = lambda path: (
        (302, {"Location": f"{home}{int(path[1:]) + 1}", "Set-Cookie": f"c{path[1:]}=v"})
        if path != "/3"
        else (200, {})
    )

    [outcome] = crawl(
        names,
        {"allowed": ["site.example"], "own": [home], "cookies": {"sid": "s"}, "urls": [f"{home}1"]},
    )

    assert outcome[f"{home}1"] == f"200 {home}3"
    sent = [headers["cookie"] for _, headers in site.requests]
    assert sent == ["sid=s", "sid=s; c1=v", "sid=s; c1=v; c2=v"]


def test_a_proxy_is_asked_for_permitted_names_alone(
    canary: Canary, site: Canary, names: NameServer
) -> None:
    urls = [
        f"http://{host}:{canary.port}/" for host in ("127.0.0.1", "inside.example", "localhost")
    ]
    known_to_the_proxy_alone = "http://far.example/"

    [outcome] = crawl(
        names,
        {
            "allowed": [],
            "proxy": f"http://user:pass@127.0.0.1:{site.port}",
            "urls": [*urls, known_to_the_proxy_alone],
        },
    )

    assert {outcome[url].split()[0] for url in urls} == {"refused_address"}
    assert outcome[known_to_the_proxy_alone].startswith("200")
    [(asked, headers)] = site.requests
    assert asked == known_to_the_proxy_alone
    assert headers["proxy-authorization"] == "Basic dXNlcjpwYXNz"
    assert canary.connections == 0


STORY = """<!doctype html><html lang="en"><head><title>{title}</title>
<link rel="canonical" href="{canonical}"><link rel="next" href="{next}">
<meta property="og:type" content="article"></head><body><article><h1>{title}</h1>
<p>The harbour opened at dawn on Monday, and the first ferries left for the islands an hour later.</p>
<p>Fishermen said that the new quay had come too late for this season, but not for the next one.</p>
<p>The council will meet on Thursday to hear what the works have cost, and who is to pay for them.</p>
<a rel="next" href="{next}">Next page</a></article></body></html>"""


def test_a_hostile_site_leads_no_crawl_inside_and_its_honest_article_is_kept(
    canary: Canary, make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    inside = f"http://127.0.0.1:{canary.port}"
    entries = "".join(
        f"<item><title>The till of the house {n}</title><link>{url}</link></item>"
        for n, url in enumerate(
            (
                f"{inside}/feed/1.html",
                f"http://localhost:{canary.port}/2.html",
                f"{site.base}/a/1.html",
            )
        )
    )
    site.write("feed.xml", f'<rss version="2.0"><channel><title>x</title>{entries}</channel></rss>')
    site.write(
        "sitemap.xml",
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<url><loc>{inside}/map/1.html</loc></url><url><loc>{site.base}/a/1.html</loc></url></urlset>",
    )
    site.write("robots.txt", f"User-agent: *\nSitemap: {site.base}/sitemap.xml\n")
    site.write(
        "index.html",
        '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head>'
        f'<body><a href="{inside}/link/1.html">A story of the day from inside the house</a>'
        '<a href="/a/1.html">The harbour opens at dawn on Monday</a></body></html>',
    )
    site.write(
        "a/1.html",
        STORY.format(
            title="The harbour opens", canonical=f"{inside}/c", next=f"{inside}/a/1.html?page=2"
        ),
    )

    run = newsbot.json("crawl", site.base)

    assert [each["title"] for each in database.articles.find()] == ["The harbour opens"]
    assert run["counters"]["refused_address"] >= 2
    assert any("127.0.0.1 is loopback" in line for line in run["log"])
    assert canary.connections == 0
