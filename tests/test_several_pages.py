"""An article that its publisher spread over several pages is one article."""

from collections.abc import Callable

import attrs

from newsbot.archive.connection import Database
from newsbot.extraction import Extracted
from newsbot.extraction.joining import join
from tests.conftest import Command, Site

HOME = (
    '<html><head><title>The Bay</title><link rel="alternate" type="application/rss+xml" '
    'href="/feed.xml"></head><body></body></html>'
)
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Bay</title><link>{base}/</link>
<description>News</description><item><title>The long ferry</title><link>{base}/ferry.html</link></item>
</channel></rss>"""
LEAD = "The ferry across the bay has been late for a hundred years, and this is the story of why."


def page(number: int, last: int) -> str:
    """Return one page of the article."""
    following = f'<link rel="next" href="/ferry-{number + 1}.html">' if number < last else ""
    text = "".join(
        f"<p>In part {number}, the harbour master tells the {each} reason for which the ferry left "
        "the pier later than the table on the wall had promised to the people who waited.</p>"
        for each in ("first", "second", "third")
    )
    return (
        f"<html><head><title>The long ferry | The Bay</title>{following}"
        '<meta property="og:type" content="article"></head><body><article>'
        f"<h1>The long ferry</h1><p>{LEAD}</p>{text}</article></body></html>"
    )


def test_all_its_pages_are_one_article_in_the_archive(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    site.write("index.html", HOME)
    site.write("feed.xml", FEED.format(base=site.base))
    for number, name in ((1, "ferry.html"), (2, "ferry-2.html"), (3, "ferry-3.html")):
        site.write(name, page(number, 3))

    run = newsbot.json("crawl", site.base)

    assert run["counters"]["new"] == 1
    (article,) = database.articles.find({})
    paragraphs = article["body"].splitlines()
    assert article["url"] == f"{site.base}/ferry.html"
    assert [line for line in paragraphs if line == LEAD] == [LEAD]
    assert [line.split(",")[0] for line in paragraphs if line != LEAD] == (
        ["In part 1"] * 3 + ["In part 2"] * 3 + ["In part 3"] * 3
    )


def test_an_article_whose_second_page_is_missing_is_kept_as_far_as_it_goes(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    site.write("index.html", HOME)
    site.write("feed.xml", FEED.format(base=site.base))
    site.write("ferry.html", page(1, 2))

    run = newsbot.json("crawl", site.base)

    assert run["counters"]["new"] == 1
    (article,) = database.articles.find({})
    assert "In part 1" in article["body"]
    assert any("ferry-2.html answered 404" in line for line in run["log"])
    (visited,) = database.pages.find({"url": article["url"]})
    assert (visited["outcome"], visited["visits"]) == ("article", 1)
    assert "failures" not in visited
    assert database.frontier.count_documents({}) == 0


def test_what_every_page_repeats_stands_once() -> None:
    pages = [
        Extracted(title="The long ferry", body=f"{LEAD}\nPart {number}.", is_article=True)
        for number in (1, 2)
    ]
    joined = join(pages)
    assert joined == attrs.evolve(pages[0], body=f"{LEAD}\nPart 1.\nPart 2.")
