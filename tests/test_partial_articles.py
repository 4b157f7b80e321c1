"""An article whose page is refused is kept from what its feed carries, and completed when it can be."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from newsbot.alerts.delivery import Courier
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.discovery import Entry
from newsbot.spiders.partial import from_entry
from tests.conftest import Command, Receiver, Site
from tests.long_known import long_known
from tests.test_crawl import WALL, _story

TITLE = "Ships return to the harbour after nine days"
FIRST = "The harbour opened at dawn after crews had worked through the night."
FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>A paper</title>
<link>{base}/</link><description>News</description><item><title>{title}</title>
<link>{base}/a/{path}</link><pubDate>Mon, 02 Mar 2026 06:00:00 GMT</pubDate>
<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded></item></channel></rss>"""
HOME = (
    '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head>'
    "<body><p>News</p></body></html>"
)


@pytest.fixture
def site(make_site: Callable[[], Site]) -> Site:
    made = make_site()
    made.write("index.html", HOME)
    announce(made)
    return made


def announce(site: Site, path: str = "1.html", text: str = FIRST, title: str = TITLE) -> None:
    site.write("feed.xml", FEED.format(base=site.base, path=path, text=text, title=title))


def refuse_robots(site: Site) -> None:
    site.write("a/1.html", _story(TITLE, FIRST))
    site.write("robots.txt", "User-agent: *\nDisallow: /a/\n")


def refuse_wall(site: Site) -> None:
    site.write("a/1.html", CHALLENGE)


def refuse_all_text(site: Site) -> None:
    site.write("a/1.html", WALL)


CHALLENGE = """<html><head><title>Just a moment...</title></head><body><h1>x.example</h1>
<p>Checking your browser before accessing x.example.</p><p>Please enable JavaScript and cookies to
continue.</p></body></html>"""


def refuse_status(site: Site) -> None:
    site.write("a/1.html", _story(TITLE, FIRST))
    site.refusals["/a/1.html"] = 403


def refuse_payment(site: Site) -> None:
    page = _story(TITLE, "The harbour opened at dawn.").partition("Crews had")[0]
    free = (
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",'
    )
    free += '"headline":"' + TITLE + '","isAccessibleForFree":false}</script></head>'
    site.write("a/1.html", page.replace("</head>", free) + "</p></article></body></html>")
    announce(site, text=f"{FIRST}</p><p>{FIRST.replace('dawn', 'noon')}</p><p>{FIRST} Again.")


@pytest.mark.parametrize(
    ("refuse", "cause"),
    [
        (refuse_robots, "refused_robots"),
        (refuse_wall, "refused_wall"),
        (refuse_all_text, "refused_empty"),
        (refuse_status, "refused_status"),
        (refuse_payment, "refused_paywall"),
    ],
)
def test_a_refused_article_is_kept_from_its_feed_found_told_and_marked(
    refuse: Callable[[Site], None],
    cause: str,
    site: Site,
    newsbot: Command,
    database: Database,
    settings: Config,
    receiver: Receiver,
) -> None:
    refuse(site)
    newsbot("source", "add", site.base)
    long_known(database)
    told = ("--webhook", receiver.url, "--max-age", "0", "--quiet")
    newsbot("alert", "add", "harbour", "harbour", *told)
    run = newsbot.json("crawl", site.base)
    asyncio.run(Courier(settings, database, "test").deliver_due())

    assert (run["counters"]["partial"], run["counters"][cause]) == (1, 1)
    (article,) = database.articles.find()
    assert (article["title"], article["partial"]) == (TITLE, cause)
    assert article["body"].startswith(FIRST)
    assert article["published"]["day"] == "2026-03-02"
    assert len(receiver.messages) == 1
    (hit,) = newsbot.json("search", "harbour")["hits"]
    assert hit["partial"] == cause
    assert "in part" in newsbot("search", "harbour").stdout
    assert "from a feed; its page" in newsbot("show", article["_id"]).stdout


def test_a_partial_article_is_completed_in_place_and_only_what_is_new_in_it_is_told(
    site: Site,
    newsbot: Command,
    database: Database,
    settings: Config,
    receiver: Receiver,
) -> None:
    def crawl() -> dict[str, object]:
        run = newsbot.json("crawl", site.base)
        asyncio.run(Courier(settings, database, "test").deliver_due())
        return run["counters"]

    refuse_wall(site)
    newsbot("source", "add", site.base)
    long_known(database)
    for word in ("harbour", "dredger"):
        told = ("--webhook", receiver.url, "--max-age", "0", "--quiet")
        newsbot("alert", "add", word, word, *told)
    crawl()
    (part,) = database.articles.find()
    assert len(newsbot.json("search", "harbour")["hits"]) == 1
    crawl()  # still refused
    assert database.articles.find_one() == part

    # It declares another address than its feed gives, and the feed is edited since.
    page = _story(TITLE, FIRST).replace(
        "<title>", f'<link rel="canonical" href="{site.base}/world/ships-return-2"><title>'
    )
    site.write("a/1.html", page)
    counters = crawl()

    (whole,) = database.articles.find()
    assert (counters["completed"], counters.get("new", 0), counters.get("edited", 0)) == (1, 0, 0)
    assert (whole["_id"], whole["partial"], whole["revision"]) == (part["_id"], "", 1)
    assert (whole["story"], whole["first_seen"]) == (part["story"], part["first_seen"])
    assert "dredger" in whole["body"]
    assert "pending" not in whole
    assert database.revisions.count_documents({}) == 0
    told = [message["alert"]["name"] for message in receiver.messages]
    assert told == ["harbour", "dredger"]
    assert len(newsbot.json("search", "dredger")["hits"]) == 1
    assert newsbot.json("search", "dredger")["hits"][0]["partial"] == ""

    # A refusal that comes back takes nothing away, and looks for edits go on.
    assert crawl().get("edited", 0) == 0
    assert database.articles.find_one()["body"] == whole["body"]


def test_a_refused_page_is_tried_again_after_growing_pauses_and_not_at_each_poll(
    site: Site, newsbot: Command, database: Database
) -> None:
    refuse_status(site)
    newsbot("crawl", site.base)
    page = database.pages.find_one({"outcome": "failed"})
    assert (page["failures"], page["article"]) == (1, database.articles.find_one()["_id"])
    assert 200 < (page["next_visit"] - page["fetched_at"]).total_seconds() < 400


@pytest.mark.parametrize("text", ["", "Read more", TITLE])
def test_what_says_hardly_more_than_a_title_is_not_kept(
    text: str, site: Site, newsbot: Command, database: Database
) -> None:
    announce(site, text=text)
    refuse_status(site)
    newsbot("crawl", site.base)
    assert database.articles.count_documents({}) == 0


def test_a_page_that_is_gone_or_down_is_not_replaced_by_its_feed(
    site: Site, newsbot: Command, database: Database
) -> None:
    newsbot("crawl", site.base)  # there is no /a/1.html
    assert database.articles.count_documents({}) == 0


def test_the_other_addresses_of_a_page_are_known_the_next_time(
    site: Site, newsbot: Command, database: Database
) -> None:
    own = f"{site.base}/world/ships-return-to-the-harbour"
    page = _story(TITLE, FIRST).replace("<title>", f'<link rel="canonical" href="{own}"><title>')
    site.write("a/1.html", page)
    site.write("world/ships-return-to-the-harbour", page)
    newsbot("crawl", site.base)
    announce(site, path="../world/ships-return-to-the-harbour")
    run = newsbot.json("crawl", site.base)

    assert run["counters"].get("known", 0) == 0
    assert [path for path in site.requests if "world" in path] == []
    assert [each["url"] for each in database.articles.find()] == [own]


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (f"<p>{FIRST}</p><script>alert(1)</script>", FIRST),
        (
            f"{FIRST}\n\nShips &amp; boats left &lt;all&gt; at noon.",
            f"{FIRST}\nShips & boats left <all> at noon.",
        ),
        (f"<p>{FIRST}</p><p>The post <a href='/1'>{TITLE}</a> appeared first on Paper.</p>", FIRST),
        (
            "<p>港口在清晨重新开放，渔民们等待了九天终于可以出海。</p>",
            "港口在清晨重新开放，渔民们等待了九天终于可以出海。",
        ),
    ],
)
def test_what_an_entry_carries_is_read_like_a_page(content: str, body: str) -> None:
    entry = Entry(url="https://x.example/a/1", title=TITLE, content=content)
    read = from_entry(entry, entry.url)
    assert read is not None
    assert (read.title, read.body) == (TITLE, body)


def test_scrapy_says_in_one_sentence_that_there_is_no_such_source(newsbot: Command) -> None:
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "news", "-a", "source=nobody"],
        cwd=Path(__file__).parents[1],
        env=newsbot.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("newsbot: there is no source 'nobody'")
