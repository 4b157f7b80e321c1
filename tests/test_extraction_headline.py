"""The headline of a page, its publisher, and what it says it is about."""

import time

import pytest

from newsbot.extraction.headline import read_headline
from newsbot.extraction.publisher import read_publisher
from newsbot.extraction.statements import read_statements
from newsbot.extraction.subject import read_description, read_section, read_tags
from newsbot.extraction.tree import parse

URL = "https://www.the-lantern.example/world/2024/bridge-opens"


def read(html: str, url: str = URL):
    """Return headline and publisher of a page."""
    tree = parse(html.encode())[1]
    statements = read_statements(tree, url)
    publisher = read_publisher(tree, statements).value
    return read_headline(tree, statements, publisher=publisher), publisher


def headline(html: str, url: str = URL) -> str:
    """Return the headline of a page."""
    return read(html, url)[0].value


@pytest.mark.parametrize(
    "title",
    [
        "Bridge opens after ten years | The Lantern",
        "Bridge opens after ten years - The Lantern",
        "Bridge opens after ten years – World – The Lantern",
        "Bridge opens after ten years｜The Lantern",
        "The Lantern: Bridge opens after ten years",
        "The Lantern » Bridge opens after ten years",
        "Bridge opens after ten years | the-lantern.example",
    ],
)
def test_the_sites_name_is_no_part_of_a_headline(title: str) -> None:
    page = f'<title>{title}</title><meta property="og:site_name" content="The Lantern"><p>Text</p>'
    assert headline(page) == "Bridge opens after ten years"


def test_a_colon_in_a_headline_stays() -> None:
    page = "<title>Bridge: it opens</title><h1>Bridge: it opens</h1>"
    assert headline(page) == "Bridge: it opens"


def test_the_visible_heading_is_believed_before_the_one_written_for_sharing() -> None:
    page = (
        '<title>Bridge news | The Lantern</title><meta property="og:title" content="You will not'
        ' believe this bridge"><h1>Bridge opens after ten years</h1>'
    )
    assert headline(page) == "Bridge opens after ten years"


def test_a_sites_name_in_the_first_heading_is_not_the_headline() -> None:
    page = (
        "<title>Bridge opens after ten years | The Lantern</title>"
        '<header><h1><a href="/">The Lantern</a></h1></header>'
        "<article><h1>Bridge opens after ten years</h1><p>Text</p></article>"
    )
    assert read(page)[0].value == "Bridge opens after ten years"
    assert read(page)[1] == "The Lantern"


def test_a_kicker_glued_to_the_heading_comes_off() -> None:
    page = (
        '<meta property="og:title" content="Bridge opens after ten years">'
        "<h1><span>Traffic</span> Bridge opens after ten years</h1>"
    )
    assert headline(page) == "Bridge opens after ten years"


def test_soft_hyphens_and_entities_are_not_part_of_a_headline() -> None:
    page = "<h1>Brü&shy;cke &amp;amp; Tunnel öffnen</h1>"
    assert headline(page) == "Brücke & Tunnel öffnen"


def test_a_heading_that_ends_in_dots_gives_way_to_the_whole() -> None:
    page = (
        '<meta property="og:title" content="Bridge opens after…">'
        "<h1>Bridge opens after ten years</h1>"
    )
    assert headline(page) == "Bridge opens after ten years"


def test_a_second_level_heading_is_the_headline_where_the_title_says_so() -> None:
    page = (
        "<title>Harbour blog | Bridge opens after ten years</title><h1>Harbour blog</h1>"
        '<h2 class="entry-title">Bridge opens after ten years</h2><p>Text</p>'
    )
    assert headline(page, "https://harbourblog.example/1") == "Bridge opens after ten years"


def test_a_page_without_any_title_has_no_headline() -> None:
    choice, _ = read("<p>Only text.</p>")
    assert choice.value == ""
    assert choice.considered == ()


def test_what_was_considered_is_told() -> None:
    page = "<title>Bridge opens | The Lantern</title><h1>Bridge opens</h1>"
    choice, _ = read(page)
    assert {candidate.source for candidate in choice.considered} == {"h1", "title"}
    assert all(candidate.why for candidate in choice.considered)


def test_reading_does_not_change_the_tree() -> None:
    page = "<title>a - b</title><h1>a</h1><p class=byline>By Jane Doe</p>"
    tree = parse(page.encode())[1]
    before = tree.html
    statements = read_statements(tree, URL)
    read_headline(tree, statements, publisher=read_publisher(tree, statements).value)
    assert tree.html == before


def test_section_tags_and_description_are_read_where_they_are_stated() -> None:
    page = (
        '<meta property="article:section" content="World"><meta name="keywords" content="a, b,, c">'
        '<meta property="article:tag" content="Bridges"><meta property="article:tag" content="Roads">'
        '<meta name="description" content="It opens.">'
    )
    statements = read_statements(parse(page.encode())[1], URL)
    assert read_section(statements).value == "World"
    assert read_tags(statements).value == ("Bridges", "Roads")
    assert read_description(statements).value == "It opens."


def test_no_cut_page_raises() -> None:
    page = (
        '<title>Bridge opens | The Lantern</title><meta property="og:title" content="Bridge">'
        '<script type="application/ld+json">{"@type":["NewsArticle"],"headline":["a"],"name":3,'
        '"publisher":[{"name":{"name":"x"}}],"keywords":{"a":1}}</script><nav><h1><a href="http://[">'
        "</a></h1></nav><h1></h1><h1>Bridge<br>opens</h1><h2>…</h2>"
    )
    for end in range(len(page)):
        for part in (page[:end], page[end:]):
            read(part, "http://[broken")


def test_a_hostile_page_takes_bounded_time() -> None:
    dashes = f"<title>{' - a' * 50_000}</title><h1>{'| ' * 50_000}</h1>"
    nested = "<div class=title>" * 20_000 + "<h1>a b c</h1>"
    for page in (dashes, nested, "<h1>a</h1>" * 20_000, "<h2 class=title>b c</h2>" * 20_000):
        started = time.process_time()
        headline(page)
        assert time.process_time() - started < 3
