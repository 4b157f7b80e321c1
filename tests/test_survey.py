"""From a homepage alone to what leads to a site's articles, over HTTP."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.fetching.survey import SurveyError, survey
from newsbot.fetching.trial import try_site
from newsbot.fetching.trial_report import report
from newsbot.fetching.visitor import REQUESTS
from newsbot.text.urls import canonical_url
from tests.conftest import Command, Site, lay_out
from tests.feed_corpus import rss

MakeSite = Callable[[], Site]
BODY = (
    "<p>" + "The council of the harbour town has voted on the ferries again, and will vote. " * 12
)


def article(title: str, day: str = "2024-05-17") -> str:
    return (
        f'<html lang="en"><head><title>{title}</title><meta property="og:type" content="article">'
        f'<meta property="article:published_time" content="{day}T10:00:00Z"></head><body><article>'
        f"<h1>{title}</h1>{BODY}</article></body></html>"
    )


def item(path: str, title: str, minute: int = 0) -> str:
    date = f"Fri, 17 May 2024 10:{minute:02}:00 +0300"
    return f"<item><title>{title}</title><link>{path}</link><pubDate>{date}</pubDate></item>"


def paths(found: object, kind: str) -> list[str]:
    return [urlsplit(way.url).path for way in found.entry_points if way.kind == kind]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["aeb", "dates", "fundus_pub", "trafilatura"])
def test_the_entry_points_lead_to_every_article_of_the_labelled_sites(
    name: str, shared: Path, make_site: MakeSite, config: Config
) -> None:
    site = make_site()
    truth = lay_out(shared, site.root, site.base, name, copies=3)
    found = survey(site.base, config)
    links = {canonical_url(each.url) for way in found.findings for each in way.entries}
    wanted = {canonical_url(str(row["url"])) for row in truth}
    assert len(links & wanted) >= 0.99 * len(wanted)
    assert links <= wanted
    assert {way.kind for way in found.entry_points} == {"feed", "sitemap", "page"}


def test_feeds_that_nobody_announces_are_found(make_site: MakeSite, config: Config) -> None:
    site = make_site()
    site.write("index.html", "<p>Welcome</p><a href='/service/all.php.xml'>RSS</a>")
    site.write("service/all.php.xml", rss(item("/a/1.html", "One")))
    assert paths(survey(site.base, config), "feed") == ["/service/all.php.xml"]
    (site.root / "index.html").write_text("<p>Welcome</p>")
    site.write("rss.xml", rss(item("/a/1.html", "One")))
    assert paths(survey(site.base, config), "feed") == ["/rss.xml"]


def test_what_is_announced_and_is_not_there_is_told_and_left_out(
    make_site: MakeSite, config: Config
) -> None:
    site = make_site()
    kind = 'rel="alternate" type="application/rss+xml"'
    site.write("index.html", f"<link {kind} href='/gone'><link {kind} href='/page.html'>")
    site.write("page.html", "<p>No feed</p>")
    found = survey(site.base, config)
    assert paths(found, "feed") == []
    assert "answered 404" in found.refused[0]
    assert "is announced as a feed and is none" in found.refused[1]


def test_a_section_that_is_an_article_is_no_entry_point(
    make_site: MakeSite, config: Config
) -> None:
    site = make_site()
    kind = 'rel="alternate" type="application/rss+xml"'
    menu = "<nav><a href='/sport'>Sport</a><a href='/ferries'>Ferries</a></nav>"
    site.write("index.html", f"<link {kind} href='/feed.xml'>{menu}<a href='/a/1.html'>One</a>")
    site.write("feed.xml", rss(item("/ferries", "Ferries") + item("/a/1.html", "One")))
    assert paths(survey(site.base, config), "page") == ["/", "/sport"]


def test_a_homepage_that_sends_on_is_followed(make_site: MakeSite, config: Config) -> None:
    site = make_site()
    site.write("index.html", '<meta http-equiv="refresh" content="0; url=/en/">')
    site.write(
        "en/index.html", "<title>Courier</title><a href='/2024/05/17/x-y'>Headline of it</a>"
    )
    found = survey(site.base, config)
    assert (urlsplit(found.homepage).path, found.title, found.links) == ("/en/", "Courier", 1)


APP = '<html><body><div id="root"></div><noscript>Enable JavaScript</noscript><script src="/a.js"></script>'


@pytest.mark.parametrize(
    ("html", "needed"),
    [
        (APP, True),
        ("<body><p>We begin in May.</p><script>track()</script></body>", False),
        (f"<body><div id='app'>{BODY}</div><script src='/a.js'></script></body>", False),
        ("<body><div id='app'></div></body>", False),
    ],
    ids=["an application", "a notice", "an application that is rendered", "no scripts"],
)
def test_javascript_is_needed_where_the_page_shows_it(
    html: str, needed: bool, make_site: MakeSite, config: Config
) -> None:
    site = make_site()
    site.write("index.html", html)
    assert survey(site.base, config).needs_javascript is needed


def test_robots_txt_is_obeyed_and_told(make_site: MakeSite, config: Config) -> None:
    site = make_site()
    site.write("robots.txt", "User-agent: newsbot\nDisallow: /feed.xml\nCrawl-delay: 3\n")
    kind = 'rel="alternate" type="application/rss+xml"'
    site.write("index.html", f"<link {kind} href='/feed.xml'><p>x</p>")
    site.write("feed.xml", rss(item("/a/1.html", "One")))
    found = survey(site.base, config)
    assert found.crawl_delay == 3
    assert "is closed to crawlers" in found.refused[0]
    assert "/feed.xml" not in site.requests


def test_a_visit_makes_so_many_requests_and_no_more(make_site: MakeSite, config: Config) -> None:
    site = make_site()
    kind = 'rel="alternate" type="application/rss+xml"'
    links = "".join(f"<link {kind} href='/feed{n}.xml'>" for n in range(500))
    more = "".join(f"<a href='/rss/{n}.xml'>RSS</a>" for n in range(500))
    site.write("robots.txt", "".join(f"Sitemap: {site.base}/s{n}.xml\n" for n in range(500)))
    site.write("index.html", links + more + "<nav>" + "<a href='/x'>X</a>" * 500 + "</nav>")
    began = time.monotonic()
    try_site(site.base, config)
    assert len(site.requests) <= REQUESTS
    assert time.monotonic() - began < 30


def newsroom(site: Site) -> None:
    """Write a small site: a feed, a page of links, and five articles of which one has no date."""
    site.write("feed.xml", rss("".join(item(f"/a/{n}.html", f"Story {n}", n) for n in range(5))))
    kind = 'rel="alternate" type="application/rss+xml"'
    rows = "".join(f"<li><a href='/a/{n}.html'>Ferries wait for storm {n}</a>" for n in range(5))
    site.write("index.html", f"<title>Courier</title><link {kind} href='/feed.xml'>{rows}")
    for n in range(5):
        site.write(f"a/{n}.html", article(f"Ferries wait for storm {n}"))


def test_a_trial_shows_articles_and_how_to_crawl(make_site: MakeSite, config: Config) -> None:
    site = make_site()
    newsroom(site)
    trial = try_site(site.base, config)
    wanted = {f"{site.base}/a/{n}.html" for n in range(5)}
    assert {sample.url for sample in trial.samples} == wanted
    assert all(not sample.problem for sample in trial.samples)
    assert all(sample.missing == ("authors",) for sample in trial.samples)
    assert (trial.unchanged, trial.gap) == (True, 60.0)
    told = report(trial)
    assert json.loads(json.dumps(told)) == told
    assert "No sample has authors" in told["next"]


def test_source_test_changes_nothing(
    make_site: MakeSite, newsbot: Command, database: Database
) -> None:
    site = make_site()
    newsroom(site)

    def everything() -> list[object]:
        kept = (database.sources, database.pages, database.articles, database.runs)
        return [list(collection.find({})) for collection in kept]

    before = everything()
    done = newsbot("source", "test", site.base)
    assert done.returncode == 0, done.stderr
    assert "5 articles, newest of 2024-05-17" in done.stdout
    assert "Add it with: newsbot source add" in done.stdout
    assert everything() == before


def test_what_is_no_site_is_said(config: Config) -> None:
    with pytest.raises(SurveyError, match="no web address") as caught:
        survey("nonsense", config)
    assert caught.value.bad_address
