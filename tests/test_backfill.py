"""A walk back to a day: what was published since is found, and what was before is not looked for."""

import gzip
import json
import signal
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import unquote

import pytest
import typer

from newsbot.archive.connection import Database
from newsbot.cli.backfilling import days_of
from newsbot.cli.output import USAGE
from newsbot.discovery.backward import last_day, read_backward
from tests.conftest import Command, Site
from tests.test_kills import wait_until

NEWEST = date(2024, 9, 30)
ON_A_PAGE = 6


def day_of(number: int) -> date:
    """Return when an article was published: one every four days, the first the newest."""
    return NEWEST - timedelta(days=4 * number)


def article(number: int) -> str:
    """Return the page of an article."""
    day, title = day_of(number), f"The harbour reopens for the time number {number}"
    text = "".join(
        f"<p>Paragraph {n} of report {number}: the ferries left for island {number * n}, said the master of "
        f"the harbour, and {number + n} passengers waited at the quay until noon.</p>"
        for n in range(1, 5)
    )
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title></head><body><article>'
        f'<h1>{title}</h1><time datetime="{day}T08:00:00Z">{day}</time>{text}</article></body></html>'
    )


def section(site: Site, articles: int, *, repeats: bool = False) -> None:
    """Lay out articles and a list of them in numbered pages; ``repeats`` has it begin anew at the end."""
    pages = -(-articles // ON_A_PAGE)
    for number in range(articles):
        site.write(f"a/story-{number}-of-the-harbour.html", article(number))
    for page in range(1, pages + (12 if repeats else 1)):
        shown = page if page <= pages else 1
        first = (shown - 1) * ON_A_PAGE
        links = "".join(
            f'<h2><a href="/a/story-{n}-of-the-harbour.html">The harbour reopens for the time number '
            f"{n}</a></h2>"
            for n in range(first, min(first + ON_A_PAGE, articles))
        )
        last = page == pages and not repeats
        more = "" if last else f'<a rel="next" href="/list/{page + 1}/index.html">Older</a>'
        body = f"<html><body><main>{links}</main>{more}</body></html>"
        site.write("index.html" if page == 1 else f"list/{page}/index.html", body)


def lists(site: Site) -> list[str]:
    """Return which pages of the list were asked for."""
    return [path for path in site.requests if path.startswith("/list/")]


def test_a_walk_goes_back_to_a_day_and_ends_by_what_it_meets(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    section(site, 240)  # back to 2022, on forty pages
    source = newsbot.json("source", "add", site.base, "--delay", "0")["name"]
    newsbot("alert", "add", "harbour", "harbour", "--webhook", f"{site.base}/hook")
    since = date(2024, 7, 1)

    walk = newsbot.json("crawl", source, "--since", str(since))

    assert walk["state"] == "done", walk
    wanted = [number for number in range(240) if day_of(number) >= since]
    kept = {each["url"]: each for each in database.articles.find({})}
    assert {f"{site.base}/a/story-{number}-of-the-harbour.html" for number in wanted} <= kept.keys()
    months = Counter(f"{day_of(number):%Y-%m}" for number in wanted)
    assert {month: walk["months"].get(month) for month in months} == months
    # It has to meet some articles that are older to know that it may end.
    assert len(lists(site)) < 20
    asked = Counter(path for path in site.requests if path.startswith(("/a/", "/list/")))
    assert max(asked.values()) == 1
    assert len(kept) < 120
    # What the walk found is no news, nor is what stood on the front page before the source was there.
    held = Counter(each.get("held", "") for each in database.matches.find({}))
    assert held == {"first crawl": ON_A_PAGE, "backfill": len(kept) - ON_A_PAGE}


def test_a_walk_that_was_killed_goes_on_where_it_was(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    section(site, 60)
    source = newsbot.json("source", "add", site.base, "--delay", "0")["name"]
    site.allow(25)
    begun = newsbot.start("crawl", source, "--since", "2020")
    wait_until(lambda: database.pages.count_documents({"outcome": "article"}) >= 15)
    begun.send_signal(signal.SIGKILL)
    begun.wait(10)
    read = set(lists(site))
    site.requests.clear()
    site.allow(float("inf"))

    walk = newsbot.json("crawl", source, "--since", "2020")

    assert walk["state"] == "done", walk
    assert database.articles.count_documents({}) == 60
    again = read & set(lists(site))
    assert len(again) <= 2  # those that it had in hand
    fetched = [path for path in site.requests if path.startswith("/a/")]
    assert len(fetched) <= 60 - 15


def test_a_walk_reads_no_more_lists_than_it_may_and_says_how_to_go_on(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    section(site, 42)
    source = newsbot.json("source", "add", site.base, "--delay", "0")["name"]

    said = newsbot("crawl", source, "--since", "2020-01", "--pages", "3").stdout
    assert "It read as many lists as it may" in said
    assert "--pages 6" in said
    assert 0 < database.articles.count_documents({}) < 42

    said = newsbot("crawl", source, "--since", "2020-01", "--pages", "100").stdout
    assert "Goes on where it was: 3 lists read" in said
    assert "Every list was read back to that day." in said
    assert database.articles.count_documents({}) == 42


def test_a_list_that_begins_anew_at_its_end_is_not_walked_for_ever(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    section(site, 18, repeats=True)
    source = newsbot.json("source", "add", site.base, "--delay", "0")["name"]

    walk = newsbot.json("crawl", source, "--since", "2020")

    assert walk["state"] == "done"
    assert database.articles.count_documents({}) == 18
    assert len(lists(site)) < 11


def test_of_monthly_sitemaps_those_of_the_months_wanted_are_read(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    months: dict[str, list[int]] = {}
    for number in range(72):  # back to December
        site.write(f"a/story-{number}-of-the-harbour.html", article(number))
        months.setdefault(f"{day_of(number):%Y-%m}", []).append(number)
    for month, numbers in months.items():
        urls = "".join(
            f"<url><loc>{site.base}/a/story-{n}-of-the-harbour.html</loc></url>" for n in numbers
        )
        site.write(f"maps/posts-{month}.xml", f"<urlset>{urls}</urlset>")
    index = "".join(
        f"<sitemap><loc>{site.base}/maps/posts-{month}.xml</loc></sitemap>" for month in months
    )
    site.write("sitemap.xml", f"<sitemapindex>{index}</sitemapindex>")
    site.write("index.html", "<html><body><p>The harbour.</p></body></html>")
    source = newsbot.json("source", "add", site.base, "--delay", "0")["name"]
    site.requests.clear()

    walk = newsbot.json("crawl", source, "--since", "2024-01", "--until", "2024-02")

    assert walk["state"] == "done", walk
    assert walk["months"]["2024-01"] == len(months["2024-01"])
    assert walk["months"]["2024-02"] == len(months["2024-02"])
    assert "/maps/posts-2024-03.xml" not in site.requests
    assert "/maps/posts-2023-12.xml" not in site.requests


def test_a_host_that_asks_for_a_pause_costs_no_list(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    section(site, 60)
    newsbot.environment["NEWSBOT_HOST_PAUSE_WAIT"] = "0"
    source = newsbot.json("source", "add", site.base, "--delay", "0")["name"]
    site.refusals["/list/3/index.html"] = 429

    stopped = newsbot("crawl", source, "--since", "2020", "--json")

    assert stopped.returncode == 1
    walk = json.loads(stopped.stdout)
    assert walk["state"] == "going"
    assert walk["lists_left"] > 0
    assert "left alone" in walk["why"]
    assert walk["unread"] == []
    assert lists(site).count("/list/3/index.html") == 1
    site.refusals.clear()
    database.hosts.delete_many({})  # the pause is over
    assert newsbot.json("crawl", source, "--since", "2020")["state"] == "done"
    assert database.articles.count_documents({}) == 60


def test_a_walk_reads_sitemaps_as_large_as_a_poll_does(
    make_site: Callable[[], Site], newsbot: Command
) -> None:
    site = make_site()
    site.write("a/story-1-of-the-harbour.html", article(1))
    urls = f"<url><loc>{site.base}/a/story-1-of-the-harbour.html</loc></url>"
    site.write("maps/posts-2024-09.xml", f"<urlset>{urls}<!--{'-' * 20_000}--></urlset>")
    index = f"<sitemap><loc>{site.base}/maps/posts-2024-09.xml</loc></sitemap>"
    site.write("sitemap.xml", f"<sitemapindex>{index}</sitemapindex>")
    site.write("index.html", "<html><body><p>The harbour.</p></body></html>")
    newsbot.environment["NEWSBOT_PAGE_BYTES"] = "15000"
    source = newsbot.json("source", "add", site.base, "--delay", "0")["name"]

    walk = newsbot.json("crawl", source, "--since", "2024-09")

    assert walk["unread"] == []


def test_what_is_newer_than_wanted_lies_on_the_way_to_what_is(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    for number in range(40):
        site.write(f"a/story-{number}-of-the-harbour.html", article(number))
    for part in range(10):
        items = "".join(
            f"<item><title>The harbour reopens for the time number {n}</title>"
            f"<link>{site.base}/a/story-{n}-of-the-harbour.html</link>"
            f"<pubDate>{format_datetime(datetime.combine(day_of(n), time(8), UTC))}</pubDate></item>"
            for n in range(4 * part, 4 * part + 4)
        )
        older = f'<atom:link rel="next" href="{site.base}/feeds/{part + 1}.xml"/>'
        site.write(
            "feed.xml" if not part else f"feeds/{part}.xml",
            feed(items, older if part < 9 else "").decode(),
        )
    home = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>'
    site.write("index.html", home)
    source = newsbot.json("source", "add", site.base, "--delay", "0")["name"]

    walk = newsbot.json("crawl", source, "--since", "2024-05", "--until", "2024-05")

    assert walk["state"] == "done"
    wanted = [number for number in range(40) if f"{day_of(number):%Y-%m}" == "2024-05"]
    assert walk["months"]["2024-05"] == len(wanted)


def test_an_archive_that_begins_with_its_oldest_is_read_to_its_end(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    for page in (1, 2):
        links = ""
        for number in range(30):
            day = date(2024, 5, 1 if page == 1 else 20)
            at = f"{day:%Y/%m/%d}/the-harbour-reopens-for-the-time-{page}-{number}.html"
            site.write(at, article(number))
            links += (
                f'<h2><a href="/{at}">The harbour reopens for the time {page} {number}</a></h2>'
            )
        more = '<a rel="next" href="/archive/2024/05/page/2/">Older</a>' if page == 1 else ""
        body = f"<html><body><main>{links}</main>{more}</body></html>"
        site.write(f"archive/2024/05/{'' if page == 1 else 'page/2/'}index.html", body)
    site.write("a/story-0-of-the-harbour.html", article(0))
    newest = '<h2><a href="/a/story-0-of-the-harbour.html">The harbour reopens once more</a></h2>'
    archive = '<a href="/archive/2024/05/">May 2024</a>'
    site.write("index.html", f"<html><body><main>{newest}</main>{archive}</body></html>")
    source = newsbot.json("source", "add", site.base, "--delay", "0")["name"]

    newsbot.json("crawl", source, "--since", "2024-05-15")

    assert "/archive/2024/05/page/2/" in site.requests


def test_what_another_source_has_read_belongs_to_the_one_that_walks_as_well(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    section(site, 18)
    first = newsbot.json("source", "add", site.base, "--delay", "0")["name"]
    newsbot.json("crawl", first, "--since", "2020")
    other = make_site()
    maps = "".join(
        f"<url><loc>{site.base}/a/story-{n}-of-the-harbour.html</loc></url>" for n in range(18)
    )
    other.write("maps/posts-2024-09.xml", f"<urlset>{maps}</urlset>")
    # Maps that a poll reads first.
    index = "".join(
        f"<sitemap><loc>{other.base}/maps/{name}.xml</loc></sitemap>"
        for name in (*(f"news-{n}" for n in range(6)), "posts-2024-09")
    )
    other.write("b/story.html", article(1))
    own = f"<urlset><url><loc>{other.base}/b/story.html</loc></url></urlset>"
    for n in range(6):
        other.write(f"maps/news-{n}.xml", own)
    other.write("sitemap.xml", f"<sitemapindex>{index}</sitemapindex>")
    other.write("index.html", "<html><body><p>The harbour.</p></body></html>")
    second = newsbot.json("source", "add", other.base, "--delay", "0")
    assert not database.pages.count_documents({"shared_with": second["id"]})

    newsbot.json("crawl", second["name"], "--since", "2020")

    assert database.pages.count_documents({"shared_with": second["id"]}) == 18


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("yesterday", "", "is no day"),
        ("2020-02-30", "", "is no day"),
        ("20-1-1", "", "is no day"),
        ("2020-01-01-01", "", "is no day"),
        ("2999", "", "still to come"),
        ("2020", "2019", "give a later day"),
    ],
)
def test_days_that_cannot_be_are_refused(
    since: str, until: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as refused:
        days_of(since, until)
    assert refused.value.exit_code == USAGE
    assert said in capsys.readouterr().err


def test_a_month_or_a_year_stands_for_its_days() -> None:
    assert days_of("2020", "2021") == (date(2020, 1, 1), date(2021, 12, 31))
    assert days_of("2020-02", "2020-02") == (date(2020, 2, 1), date(2020, 2, 29))
    assert days_of("2020-02-03", "") == (date(2020, 2, 3), None)


def test_an_end_without_a_beginning_is_refused(newsbot: Command) -> None:
    refused = newsbot("crawl", "anything", "--until", "2020")
    assert refused.returncode == USAGE
    assert "give --since as well" in refused.stderr


# Lists, read for what is older


def feed(items: str, head: str = "") -> bytes:
    return f'<rss version="2.0"><channel><title>T</title>{head}{items}</channel></rss>'.encode()


def test_a_feed_names_its_older_parts() -> None:
    at = "https://example.org/feed"
    atom = '<atom:link rel="{}" href="https://example.org/feed?{}"/>'
    for relation, query in (("next", "page=2&amp;n=1"), ("prev-archive", "2024-05")):
        read = read_backward(feed("", atom.format(relation, query)), at, "feed")
        assert [each.url for each in read.further] == [f"{at}?{query.replace('&amp;', '&')}"]
    assert read_backward(feed("", atom.format("self", "x")), at, "feed").further == []
    wordpress = "<generator>https://wordpress.org/?v=6.5</generator>"
    further = [each.url for each in read_backward(feed("", wordpress), at, "feed").further]
    assert further == [f"{at}?paged=2"]
    further = [each.url for each in read_backward(feed("", wordpress), further[0], "feed").further]
    assert further == [f"{at}?paged=3"]
    stated = (
        b'{"version": "https://jsonfeed.org/version/1.1", "next_url": "\\/feed?2", "items": []}'
    )
    assert [each.url for each in read_backward(stated, at, "feed").further] == [f"{at}?2"]


def test_the_days_that_a_sitemap_can_name_are_told_by_its_name_and_its_last_change() -> None:
    names = {
        "posts-2024-05.xml": (date(2024, 5, 1), date(2024, 5, 31)),
        "sitemap.xml?yyyy=2023&mm=02": (None, None),
        "2023.xml": (date(2023, 1, 1), date(2023, 12, 31)),
        "20240229.xml": (date(2024, 2, 29), date(2024, 2, 29)),
        "sitemap-7.xml": (None, None),
    }
    index = "".join(
        f"<sitemap><loc>https://example.org/{escape(name)}</loc></sitemap>" for name in names
    )
    changed = "<sitemap><loc>https://example.org/a.xml</loc><lastmod>2021-03-04</lastmod></sitemap>"
    body = f"<sitemapindex>{index}{changed}</sitemapindex>".encode()
    read = read_backward(body, "https://example.org/sitemap.xml", "sitemap")
    days = {each.url.rpartition("/")[2]: each for each in read.further}
    for name, (_, last) in names.items():
        if last is not None:
            assert days[name].last == last, name
    assert days["a.xml"].last == date(2021, 3, 4)
    assert not days["a.xml"].may_hold(date(2021, 3, 5), None)
    assert days["a.xml"].may_hold(date(2021, 3, 4), None)
    assert days["sitemap-7.xml"].may_hold(date(2024, 1, 1), date(2024, 1, 2))
    assert not days["posts-2024-05.xml"].may_hold(date(2020, 1, 1), date(2024, 4, 30))


def test_what_was_changed_last_on_a_day_was_not_published_after_it() -> None:
    item = "<item><title>T</title><link>https://example.org/{}</link>{}</item>"
    dated = format_datetime(datetime(2024, 5, 17, 12, tzinfo=UTC))
    for path, said, last in (
        ("2019/04/02/a-headline", "", date(2019, 4, 2)),
        ("2019/04/a-headline", "", date(2019, 4, 30)),
        ("a-headline-20190402", "", None),
        ("2024/05/17/the-plans-of-2019-10-years-on", "", date(2024, 5, 17)),
        ("news/2019-12-months-of-protest", "", None),
        ("news/a-review-of-2019-12-months-on", "", None),
        ("a-headline", f"<pubDate>{dated}</pubDate>", date(2024, 5, 17)),
        ("a-headline", "", None),
    ):
        entries = read_backward(
            feed(item.format(path, said)), "https://example.org/f", "feed"
        ).entries
        assert [last_day(each) for each in entries] == [last], path


def test_a_page_that_names_its_encoding_nowhere_else_is_read_in_that_of_its_answer() -> None:
    section = "\u0623\u062e\u0628\u0627\u0631"
    html = (
        f'<html><body><p>x</p><a class="next" rel="next" href="/{section}/2/">2</a></body></html>'
    )
    read = read_backward(
        html.encode("windows-1256"), "https://example.org/", "page", charset="windows-1256"
    )
    assert [unquote(each.url) for each in read.further][:1] == [f"https://example.org/{section}/2/"]


def test_a_packed_feed_names_its_older_parts() -> None:
    at = "https://example.org/feed.xml.gz"
    older = '<atom:link rel="next" href="https://example.org/feed-2.xml.gz"/>'
    read = read_backward(gzip.compress(feed("", older)), at, "feed")
    assert [each.url for each in read.further] == ["https://example.org/feed-2.xml.gz"]
