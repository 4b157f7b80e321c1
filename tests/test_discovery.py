"""From bytes to links: what is found, and that nothing on a page can break the finding."""

import gzip

import pytest

from newsbot.discovery import (
    article_links,
    entry_points,
    read_feed,
    read_listing,
    read_page,
    read_sitemap,
    refresh_target,
    robots_sitemaps,
    scripts_needed,
    section_links,
    site_name,
    sniff,
)
from newsbot.discovery.feeds import whole_feed
from newsbot.discovery.own_addresses import of_feed, of_page

HOME = "https://news.example/"

WORDPRESS = """<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8">
<title>صدى الساحل | أخبار</title><meta property="og:site_name" content="صدى الساحل">
<link rel="alternate" type="application/rss+xml" href="/feed/">
<link rel="alternate" type="application/rss+xml" href="/comments/feed/">
<link rel="alternate" hreflang="en" href="/en/"></head><body>
<nav><a href="/">الرئيسية</a><a href="/category/local">محليات</a><a href="/sport">رياضة</a>
<a href="/login">دخول</a></nav>
<main><h2><a href="/archives/7642">إغلاق الجسر القديم لثلاثة أيام بعد العاصفة</a></h2>
<h2><a href="/2026/03/01/harbour-opens">الميناء يفتح</a></h2>
<h2><a href="https://news.example/local/a-long-slug-about-the-ferries">العبّارات</a></h2>
<a href="/archives/7642#comments">12 تعليقاً</a><a href="/tag/ferry">عبّارة</a>
<a href="/author/desk">فريق التحرير في الموقع الإلكتروني</a><a href="/photos/large.jpg">صورة</a>
<a href="https://other.example/2026/03/01/elsewhere-than-here">في مكان آخر من العالم</a>
<a href="javascript:void(0)">more of the same for everyone</a></main>
<footer><a href="/privacy-policy-of-this-site">سياسة الخصوصية لهذا الموقع</a></footer></body></html>""".encode()


def test_articles_are_told_from_other_links() -> None:
    assert [entry.url for entry in article_links(read_page(WORDPRESS, HOME))] == [
        "https://news.example/archives/7642",
        "https://news.example/2026/03/01/harbour-opens",
        "https://news.example/local/a-long-slug-about-the-ferries",
    ]


def test_a_plain_list_of_links_is_found_whole() -> None:
    rows = "".join(f'<li><a href="/a/{n}.html">Story {n}</a></li>' for n in range(50))
    found = article_links(read_page(f"<html><body><ul>{rows}</ul></body></html>".encode(), HOME))
    assert [entry.url for entry in found] == [f"https://news.example/a/{n}.html" for n in range(50)]


def test_sections_stand_in_the_navigation() -> None:
    assert section_links(read_page(WORDPRESS, HOME)) == [
        "https://news.example/category/local",
        "https://news.example/sport",
    ]


def test_announced_feeds_are_found_and_feeds_of_comments_are_not() -> None:
    assert [(way.kind, way.url) for way in entry_points(read_page(WORDPRESS, HOME))] == [
        ("feed", "https://news.example/feed/"),
        ("page", HOME),
    ]
    assert site_name(read_page(WORDPRESS, HOME)) == "صدى الساحل"


RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><link>/</link>
<item><title>One &amp; only</title><link>/a/1</link><pubDate>Mon, 23 Mar 2020 14:35:00 +0300</pubDate>
<guid>g1</guid></item><item><title>Two</title><link>https://news.example/a/2</link></item>
<item><title>No link</title></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><title>One</title>
<link href="/a/1"/><id>tag:1</id><published>2020-03-23T11:35:00Z</published></entry></feed>"""
JSON_FEED = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items":
[{"id": "1", "url": "https://news.example/a/1", "title": "One", "content_text": "x"}]}"""


@pytest.mark.parametrize("body", [RSS, ATOM, JSON_FEED], ids=["rss", "atom", "json"])
def test_feeds_of_every_kind_are_read(body: bytes) -> None:
    assert sniff(body) == "feed"
    first = read_feed(body, HOME)[0]
    assert first.url == "https://news.example/a/1"


def test_what_a_feed_says_of_an_article_is_kept() -> None:
    first, second = read_feed(RSS, HOME)
    assert (first.title, second.title) == ("One & only", "Two")
    assert first.published is not None
    assert first.published.instant is not None
    assert first.published.instant.isoformat() == "2020-03-23T11:35:00+00:00"


FULL = b"""<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>t</title><language>ar</language><item>
<title>One</title><link>/a/1</link><description>short</description><dc:creator>A. Writer</dc:creator>
<content:encoded><![CDATA[<p>The whole of it.</p>]]></content:encoded></item></channel></rss>"""


def test_an_article_that_a_feed_carries_whole_is_kept() -> None:
    (entry,) = read_feed(FULL, HOME)
    assert (entry.summary, entry.content) == ("short", "<p>The whole of it.</p>")
    assert entry.authors == ("A. Writer",)


SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://news.example/a?x=1&amp;y=2</loc><image:image><image:loc>https://news.example/i.jpg
</image:loc></image:image><news:news><news:publication_date>2020-03-23T14:35:00+03:00
</news:publication_date><news:title><![CDATA[One & only]]></news:title></news:news></url>
<url><loc> https://news.example/b </loc></url><url><loc>nonsense://x</loc></url></urlset>"""


@pytest.mark.parametrize("body", [SITEMAP, gzip.compress(SITEMAP)], ids=["plain", "gzip"])
def test_a_news_sitemap_is_read(body: bytes) -> None:
    assert sniff(body) == "sitemap"
    first, second = read_sitemap(body, HOME).entries
    assert (first.url, first.title) == ("https://news.example/a?x=1&y=2", "One & only")
    assert first.published is not None
    assert first.published.day.isoformat() == "2020-03-23"
    assert second.url == "https://news.example/b"


@pytest.mark.parametrize("kind", ["feed", "sitemap", "page"])
def test_a_packed_file_is_read_as_what_it_holds(kind: str) -> None:
    def told(body: bytes) -> tuple[str, list[str]]:
        listing = read_listing(gzip.compress(body), "https://news.example/", kind)
        return listing.kind, [entry.url for entry in listing.entries]

    article = "https://news.example/the-old-bridge-is-closed"
    feed = f"<rss><channel><item><link>{article}</link></item></channel></rss>"
    assert told(feed.encode()) == ("feed", [article])
    assert told(feed.encode("utf-16")) == ("feed", [article])
    assert told(f"{article}\n".encode()) == ("sitemap", [article])
    page = f'<html><main><h2><a href="{article}">The old bridge is closed</a></h2></main></html>'
    assert told(page.encode()) == ("page", [article])


def test_an_index_names_its_sitemaps() -> None:
    index = b"<sitemapindex><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>"
    (child,) = read_sitemap(index, HOME).children
    assert (child.url, child.changed) == ("https://news.example/news.xml", None)


def test_robots_txt_names_sitemaps() -> None:
    robots = (
        "User-agent: *\nDisallow: /x\nsitemap: /a.xml # ours\nSitemap: https://news.example/b.xml"
    )
    assert robots_sitemaps(robots, HOME) == [
        "https://news.example/a.xml",
        "https://news.example/b.xml",
    ]


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(8))
    + b"]><rss><channel><item><title>&i;</title><link>/x</link></item></channel></rss>"
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00" * 1000,
        b"<" * 10_000,
        b"<div>" * 50_000,
        LAUGHS,
        gzip.compress(b"<urlset>" + b"<url><loc>https://news.example/</loc></url>" * 200_000),
        b"\x1f\x8bnonsense",
        RSS[: len(RSS) // 2],
        SITEMAP[: len(SITEMAP) // 2],
        b'<a href="http://[">x</a><a href="https://news.example:99999/a">y</a>',
    ],
    ids=[
        "empty",
        "nul",
        "open",
        "deep",
        "laughs",
        "bomb",
        "torn gzip",
        "half feed",
        "half map",
        "urls",
    ],
)
def test_nothing_on_a_page_breaks_the_finding(body: bytes) -> None:
    assert sniff(body) in ("feed", "sitemap", "html", "other")
    assert len(read_feed(body, HOME)) <= 5_000
    assert len(read_sitemap(body, HOME).entries) <= 50_000
    assert isinstance(article_links(read_page(body, HOME)), list)
    assert isinstance(section_links(read_page(body, HOME)), list)
    assert entry_points(read_page(body, HOME))[-1].url == HOME
    assert site_name(read_page(body, HOME))


def test_a_homepage_is_read_in_its_own_encoding_and_from_its_own_base() -> None:
    html = (
        '<base href="https://www.news.example/ar/"><title>أخبار الساحل</title>'
        '<link rel="alternate" type="application/rss+xml" href="feed.xml">'
        '<meta http-equiv="refresh" content="0; url=home">'
        '<link rel="canonical" href="start">'
    ).encode("cp1256")
    page = read_page(html, HOME, charset="windows-1256")
    assert site_name(page) == "أخبار الساحل"
    assert entry_points(page)[0].url == "https://www.news.example/ar/feed.xml"
    assert refresh_target(page) == "https://www.news.example/ar/home"
    assert of_page(page).stated == ("https://www.news.example/ar/start",)


def test_looking_whether_a_page_needs_scripts_leaves_it_as_it_is() -> None:
    page = read_page(b"<body><div id=root></div><script>x()</script><noscript>On!", HOME)
    assert scripts_needed(page)
    assert page.tree.css_first("script") is not None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("behind", [False, True])
def test_a_feed_says_where_it_stands_and_of_which_site_it_is(encoding: str, behind: bool) -> None:
    own = (
        "<link>https://www.news.example/?a=1&amp;b=2</link>"
        '<a:link rel="self" href="/rss.xml"/><a:link rel="hub" href="https://hub.example/"/>'
    )
    item = "<item><link>https://cdn.example/1</link></item>"
    feed = f'<rss xmlns:a="http://www.w3.org/2005/Atom"><channel>{item + own if behind else own + item}'
    told = of_feed(whole_feed(feed.encode(encoding), HOME), HOME)
    assert told.home == "https://www.news.example/?a=1&b=2"
    assert told.stated == ("https://news.example/rss.xml",)


def test_a_feed_in_json_says_where_it_stands() -> None:
    feed = b'{"version":"https://jsonfeed.org/version/1.1","home_page_url":"/h","feed_url":"/f"}'
    told = of_feed(whole_feed(feed, "https://news.example/"), "https://news.example/")
    assert (told.home, told.stated) == ("https://news.example/h", ("https://news.example/f",))
