"""Selectors of a source's record come first, and are reported when they no longer match."""

from collections.abc import Callable

import attrs
import pytest

from newsbot.archive.connection import Database
from newsbot.extraction import OverrideError, Overrides, check_overrides, extract
from newsbot.spiders.misses import OverrideMisses
from tests.conftest import Command, Site

URL = "https://courier.example/2026/harbour"
PAGE = """<!doctype html><html lang="en"><head><title>Wrong title | Courier</title>
<meta property="og:title" content="Wrong title"><meta name="author" content="Wrong Writer">
<meta property="article:published_time" content="2020-01-01"><meta name="right" content="Stated title">
</head><body><h1>Wrong title</h1><div class="head"> The right
 title </div><p class="who">By Amara Nwosu and Petra Lindqvist</p><p class="when">1 March 2026</p>
<article><p>The wrong text of this page, which the general rules take for the article since it is the
longest of it, and the only one that stands in an element of that name.</p>
<p>It goes on for a second paragraph, so that no doubt is left where the text of this page stands.</p>
<p class="ad">Buy harbour bonds today, the best of bonds, from the house that has sold them for years.</p>
</article><div class="story"><p>The right text.</p><div class="story">In two parts.</div></div>
<div class="story"><p>And a third.</p><p class="ad">Buy bonds.</p></div></body></html>"""


def test_the_selector_of_a_title_comes_first() -> None:
    assert extract(PAGE.encode(), URL).title == "Wrong title"
    found = extract(PAGE.encode(), URL, overrides=Overrides(title=".head"))
    assert (found.title, found.missed) == ("The right title", ())


def test_a_selector_may_match_what_states_a_field() -> None:
    found = extract(PAGE.encode(), URL, overrides=Overrides(title="meta[name=right]"))
    assert found.title == "Stated title"


def test_the_selector_of_the_authors_comes_first() -> None:
    found = extract(PAGE.encode(), URL, overrides=Overrides(authors="p.who"))
    assert (found.authors, found.missed) == (("Amara Nwosu", "Petra Lindqvist"), ())


def test_the_selector_of_the_date_comes_first() -> None:
    found = extract(PAGE.encode(), URL, overrides=Overrides(date="p.when"))
    assert found.published is not None
    assert (found.published.day.isoformat(), found.published.source) == ("2026-03-01", "override")


def test_the_selector_of_the_body_comes_first_and_what_nests_is_read_once() -> None:
    found = extract(PAGE.encode(), URL, overrides=Overrides(body=".story", drop=(".ad",)))
    assert found.body.splitlines() == ["The right text.", "In two parts.", "And a third."]
    assert found.missed == ()


def test_what_is_dropped_is_no_text() -> None:
    assert "second paragraph" in extract(PAGE.encode(), URL).body
    found = extract(PAGE.encode(), URL, overrides=Overrides(drop=("article p + p", "div")))
    assert "second paragraph" not in found.body
    assert found.body.startswith("The wrong text")


@pytest.mark.parametrize("field", ["title", "authors", "date", "body", "drop"])
def test_a_selector_that_matches_nothing_is_reported_and_the_rules_answer(field: str) -> None:
    given = (".gone",) if field == "drop" else ".gone"
    found = extract(PAGE.encode(), URL, overrides=Overrides(**{field: given}))  # type: ignore[arg-type]
    assert found.missed == (f"{field} .gone",)
    assert attrs.evolve(found, missed=()) == extract(PAGE.encode(), URL)


@pytest.mark.parametrize(
    ("field", "selector"), [("authors", "h1"), ("date", "h1"), ("date", ".who")]
)
def test_a_selector_that_matches_something_else_is_reported(field: str, selector: str) -> None:
    page = PAGE.replace("<h1>Wrong title", "<h1>12")
    found = extract(page.encode(), URL, overrides=Overrides(**{field: selector}))  # type: ignore[arg-type]
    assert found.missed == (f"{field} {selector}",)


@pytest.mark.parametrize("selector", ["*", "html", "body", "div", "p", "head"])
def test_no_selector_breaks_a_page(selector: str) -> None:
    for overrides in (Overrides(drop=(selector, selector)), Overrides(body=selector)):
        found = extract(PAGE.encode(), URL, overrides=overrides)
        assert "Error" not in found.why


@pytest.mark.parametrize("selector", ["h1..x", "div[", "p::text", "//h1", "h1 >", "123"])
def test_a_selector_that_cannot_be_read_is_refused(selector: str) -> None:
    with pytest.raises(OverrideError, match="is no CSS selector"):
        check_overrides(Overrides(title=selector))
    with pytest.raises(OverrideError, match="drop"):
        check_overrides(Overrides(drop=("p", selector)))


def test_one_that_drops_has_to_match_on_some_article_and_others_on_each() -> None:
    misses = OverrideMisses()
    misses.note(["title h1.x", "drop .ad", "drop .old"])
    misses.note(["drop .old"])
    assert misses.articles_missed == 1
    assert list(misses.lines()) == [
        "the override title 'h1.x' matched nothing on 1 of 2 articles",
        "the override drop '.old' matched nothing on 2 of 2 articles",
    ]


def test_a_source_keeps_them_and_its_crawl_uses_and_counts_them(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    links = "".join(f'<a href="/a/{n}.html">A story of the harbour, number {n}</a>' for n in (1, 2))
    site.write("index.html", f"<html><body>{links}</body></html>")
    site.write("a/1.html", PAGE)
    site.write("a/2.html", PAGE.replace('class="head"', 'class="new"').replace("Wrong", "Other"))
    newsbot.json("source", "add", site.base, "--name", "one")

    given = newsbot.json(
        "source", "set", "one", "--override", "title=.head", "--override", "drop=.ad"
    )
    assert isinstance(given, dict)
    assert given["overrides"]["title"] == ".head"
    assert "title = .head" in newsbot("source", "show", "one").stdout

    done = newsbot("crawl", "one")
    assert done.returncode == 0, done.stderr
    assert {each["title"] for each in database.articles.find()} == {
        "The right title",
        "Other title",
    }
    run = database.runs.find_one()
    assert run is not None
    assert run["counters"]["overrides_missed"] == 1
    assert (
        sum("title '.head' matched nothing on 1 of 2 articles" in line for line in run["log"]) == 1
    )

    for words, said in (
        (("title=h1..x",), "is no CSS selector"),
        (("titel=h1",), "names no field"),
        (("title",), "names no field"),
    ):
        done = newsbot("source", "set", "one", *(f"--override={word}" for word in words))
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert newsbot("source", "set", "one").returncode == 2
    newsbot("source", "set", "one", "--override", "title=", "--override", "drop=")
    assert "  override  " not in newsbot("source", "show", "one").stdout
