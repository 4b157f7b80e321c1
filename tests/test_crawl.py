"""The main job, through every part, as a user does it: commands, a site, MongoDB, a webhook."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from newsbot.alerts.delivery import Courier
from newsbot.archive.connection import Database
from newsbot.config import Config
from tests.conftest import Command, Receiver, Site, lay_out
from tests.long_known import long_known
from tests.test_kills import wait_until


def test_every_labelled_page_is_kept_once_and_never_fetched_again(
    shared: Path, make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    truth = lay_out(shared, site.root, site.base, "aeb")

    first = newsbot.json("crawl", site.base)

    stored = [each["url"] for each in database.articles.find({}, {"url": 1})]
    assert Counter(stored) == Counter(str(row["url"]) for row in truth)
    assert len(stored) == 92
    assert first["counters"]["new"] == 92
    assert database.articles.count_documents({"pending": True}) == 0

    site.requests.clear()
    second = newsbot.json("crawl", site.base)

    assert second["state"] == "done"
    assert second["counters"].get("new", 0) == second["counters"].get("edited", 0) == 0
    assert database.revisions.count_documents({}) == 0
    assert [path for path in site.requests if path.startswith("/a/")] == []


def test_a_crawl_listens_nowhere(make_site: Callable[[], Site], newsbot: Command) -> None:
    site = make_site()
    site.write("index.html", '<p><a href="/a/1.html">The harbour opens for the day</a></p>')
    site.write("a/1.html", _story("The harbour opens", "The harbour opened at dawn."))
    site.allow(0)
    crawl = newsbot.start("crawl", site.base)
    wait_until(lambda: "/a/1.html" in site.requests or crawl.poll() is not None)

    states = {each.status for each in psutil.Process(crawl.pid).net_connections("inet")}
    site.allow(float("inf"))

    assert states == {psutil.CONN_ESTABLISHED}
    assert crawl.wait(60) == 0


HOME = """<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>مدى بوست</title>
<link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>
<p>الصفحة الرئيسية</p></body></html>"""

FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>مدى بوست</title>
<link>{base}/</link><description>أخبار</description><item><title>وزير الدفاع الروسي في سوريا</title>
<link>{base}/archives/76412.html</link></item></channel></rss>"""


@pytest.mark.parametrize("page", ["mada_post.html", "mada_post_bare.html"])
def test_the_seed_is_stored_found_and_told_once(
    page: str,
    shared: Path,
    make_site: Callable[[], Site],
    newsbot: Command,
    database: Database,
    settings: Config,
    receiver: Receiver,
) -> None:
    site = make_site()
    site.write("index.html", HOME)
    site.write("feed.xml", FEED.format(base=site.base))
    text = (shared / "seed" / page).read_text(encoding="utf8")
    site.write("archives/76412.html", text.replace("https://madapost.example", site.base))
    newsbot("source", "add", site.base)
    long_known(database)
    told = ("--webhook", receiver.url, "--max-age", "0")
    added = newsbot("alert", "add", "defence", "الدفاع الروسي", *told)
    assert added.returncode == 0, added.stderr

    assert newsbot("crawl", site.base).returncode == 0
    newsbot("crawl", site.base)
    for _ in range(3):
        asyncio.run(Courier(settings, database, "test").deliver_due())

    found = newsbot.json("search", "الدفاع الروسي")
    assert found["total"] == 1
    hit = found["hits"][0]
    assert (
        hit["title"] == "وزير الدفاع الروسي في سوريا.. التقى بشار الأسد.. وهذا ملخص ما دار بينهما"
    )
    assert hit["published"] == "2020-03-23"
    shown = newsbot.json("show", hit["id"])
    assert shown["article"]["authors"] == ["فريق التحرير"]
    assert "وقف إطلاق النار" in shown["article"]["body"]
    assert "إطـ.ـلاق النـ.ـار" in shown["article"]["body_as_published"]
    assert [message["article"]["title"] for message in receiver.messages] == [hit["title"]]
    assert newsbot.json("search", '"إطلاق النار"')["total"] == 1


def test_scrapy_itself_runs_the_spider(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    import subprocess
    import sys

    site = make_site()
    site.write(
        "index.html", '<html><body><a href="/a/1.html">A first story of the day</a></body></html>'
    )
    site.write("a/1.html", _story("A first story of the day", "The harbour opened at dawn."))
    assert newsbot("source", "add", site.base, "--name", "one").returncode == 0

    root = Path(__file__).parents[1]
    listed = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], cwd=root, capture_output=True, text=True
    )
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "news", "-a", "source=one"],
        cwd=root,
        env=newsbot.environment,
        capture_output=True,
        text=True,
    )

    assert listed.stdout.split() == ["news"]
    assert done.returncode == 0, done.stderr
    assert [each["title"] for each in database.articles.find()] == ["A first story of the day"]
    assert database.runs.find_one()["state"] == "done"


def test_an_edited_story_becomes_a_revision(
    make_site: Callable[[], Site], database: Database, settings: Config
) -> None:
    newsbot = Command(settings, revisit_after="[0, 0, 0]")
    site = make_site()
    site.write(
        "index.html", '<html><body><a href="/a/1.html">A first story of the day</a></body></html>'
    )
    site.write("a/1.html", _story("A first story of the day", "The harbour opened at dawn."))
    newsbot("crawl", site.base)
    site.write("a/1.html", _story("A first story, corrected", "The harbour opened at noon."))

    edited = newsbot.json("crawl", site.base)

    assert edited["counters"]["edited"] == 1
    article = database.articles.find_one()
    assert (article["title"], article["revision"]) == ("A first story, corrected", 2)
    assert [each["title"] for each in database.revisions.find()] == ["A first story of the day"]
    shown = newsbot("show", article["_id"], "--history").stdout
    assert "headline, rewording" in shown
    assert "opened at [-dawn-]{+noon+}." in shown
    assert newsbot.json("crawl", site.base)["counters"].get("edited", 0) == 0


def test_a_wall_before_an_article_does_not_hide_it_for_ever(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    site.write(
        "index.html", '<html><body><a href="/a/1.html">A first story of the day</a></body></html>'
    )
    site.write("a/1.html", WALL)
    newsbot("crawl", site.base)
    assert database.articles.count_documents({}) == 0
    site.write("a/1.html", _story("A first story of the day", "The harbour opened at dawn."))
    assert newsbot.json("crawl", site.base)["counters"]["new"] == 1


WALL = """<html><head><meta name="robots" content="noindex, nofollow"></head><body>
<iframe src="/_resource?incident=7">Request unsuccessful. Incident 7</iframe></body></html>"""


def test_copies_of_a_report_are_one_story_and_told_once(
    make_site: Callable[[], Site],
    newsbot: Command,
    database: Database,
    settings: Config,
    receiver: Receiver,
) -> None:
    newsbot("alert", "add", "harbour", "harbour", "--webhook", receiver.url)
    for title in ("The harbour opens", "At last: ships are back"):
        site = make_site()
        before = "".join(f"<p>On day {n} the council met about the budget.</p>" for n in range(9))
        site.write("a/0.html", f"<html><body><h1>The budget of the year</h1>{before}</body></html>")
        first = '<a href="/a/0.html">The budget of the year</a>'
        site.write("index.html", f"<html><body>{first}</body></html>")
        # What the first crawl of a source finds is no news.
        assert newsbot("crawl", site.base).returncode == 0
        link = f'<a href="/a/1.html">{title} to all ships</a>'
        site.write("index.html", f"<html><body>{link}{first}</body></html>")
        site.write("a/1.html", _story(title, "The harbour opened at dawn."))
        assert newsbot("crawl", site.base).returncode == 0
    for _ in range(2):
        asyncio.run(Courier(settings, database, "test").deliver_due())

    harbour = {"url": {"$regex": "1.html$"}}
    assert database.articles.count_documents(harbour) == 2
    assert len(database.articles.distinct("story", harbour)) == 1
    assert database.matches.count_documents({}) == 2
    assert len(receiver.messages) == 1


def test_robots_txt_is_obeyed(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    site.write("robots.txt", "User-agent: *\nDisallow: /a/\n")
    site.write(
        "index.html", '<html><body><a href="/a/1.html">A first story of the day</a></body></html>'
    )
    site.write("a/1.html", _story("A first story of the day", "The harbour opened at dawn."))

    done = newsbot("crawl", site.base)

    assert "/a/1.html" not in site.requests
    assert database.articles.count_documents({}) == 0
    assert done.returncode == 1


_REST = (
    """Crews had worked through the night to clear the channel of sand that the storm of last week
    had left behind, the harbour master said, and the first three ferries left on time.""",
    """Fishermen who had waited for nine days were let out before them. The council will decide next
    month whether a second dredger is to be bought for the season to come.""",
)


def _story(title: str, first: str) -> str:
    paragraphs = [first, *_REST]
    text = "".join(f"<p>{each}</p>" for each in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><article><h1>{title}</h1>{text}</article></body></html>"
    )
