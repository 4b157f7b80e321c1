"""What a publisher keeps for its subscribers is kept as far as it is shown, and said to be so."""

from collections.abc import Callable

from newsbot.archive.connection import Database
from tests.conftest import Command, Site

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Bay</title><link>{base}/</link>
<description>News</description><item><title>The ferry</title><link>{base}/ferry.html</link></item>
</channel></rss>"""
PAGE = """<html lang="en"><head><title>The ferry</title><script type="application/ld+json">
{"@type": "NewsArticle", "headline": "The ferry", "isAccessibleForFree": false}</script></head>
<body><article><h1>The ferry</h1><p>The ferry across the bay has been late for a hundred years, and the
harbour master knows the reason why it will be late tomorrow.</p></article></body></html>"""


def test_the_archive_and_its_readers_are_told(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    site.write("feed.xml", FEED.format(base=site.base))
    site.write(
        "index.html",
        '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>',
    )
    site.write("ferry.html", PAGE)
    newsbot.json("crawl", site.base)
    (article,) = database.articles.find({})
    assert article["free"] is False
    assert "for subscribers" in newsbot("show", article["_id"]).stdout
