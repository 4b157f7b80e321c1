"""The authors of a page."""

import json
import time
from pathlib import Path

import pytest

from newsbot.extraction.authors import read_authors
from newsbot.extraction.publisher import read_publisher
from newsbot.extraction.statements import read_statements
from newsbot.extraction.tree import parse

URL = "https://www.the-lantern.example/world/2024/bridge-opens"
SEED = Path(__file__).resolve().parents[2] / "shared" / "seed"


def authors(html: str | bytes, url: str = URL, language: str = "en") -> tuple[str, ...]:
    """Return the authors of a page."""
    tree = parse(html if isinstance(html, bytes) else html.encode())[1]
    statements = read_statements(tree, url)
    publisher = read_publisher(tree, statements).value
    return read_authors(tree, statements, publisher=publisher, language=language).value


def json_ld(author: object, **more: object) -> str:
    """Return a page whose article states an author."""
    node = {"@type": "NewsArticle", "headline": "Bridge opens", "author": author, **more}
    return f'<script type="application/ld+json">{json.dumps(node)}</script><h1>Bridge opens</h1>'


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        ({"@type": "Person", "name": "Jane Doe"}, ("Jane Doe",)),
        ([{"name": "Jane Doe"}, {"name": "Omar Haddad"}], ("Jane Doe", "Omar Haddad")),
        ("By Jane Doe and Omar Haddad", ("Jane Doe", "Omar Haddad")),
        ({"name": ["Jane Doe"]}, ("Jane Doe",)),
        ("https://the-lantern.example/author/jane-doe", ()),
        ({"@type": "Person", "name": "admin"}, ()),
        ({"@type": "Organization", "name": "Reuters"}, ("Reuters",)),
        ("jane@the-lantern.example", ()),
        (None, ()),
    ],
)
def test_authors_are_read_from_json_ld(stated: object, names: tuple[str, ...]) -> None:
    assert authors(json_ld(stated)) == names


def test_a_reference_to_a_person_is_followed() -> None:
    graph = {
        "@graph": [
            {"@type": "Article", "headline": "Bridge opens", "author": {"@id": "#jane"}},
            {"@type": "Person", "@id": "#jane", "name": "Jane Doe"},
        ]
    }
    page = f'<script type="application/ld+json">{json.dumps(graph)}</script>'
    assert authors(page) == ("Jane Doe",)


def test_a_printed_byline_is_believed_where_only_the_site_is_stated() -> None:
    page = json_ld({"@type": "Organization", "name": "The Lantern"})
    assert authors(page + '<p class="byline">By Jane Doe, in Cairo</p><p>Text</p>') == ("Jane Doe",)


def test_the_site_is_the_author_only_where_nobody_else_is() -> None:
    assert authors(json_ld({"@type": "Organization", "name": "The Lantern"})) == ("The Lantern",)


@pytest.mark.parametrize(
    "byline",
    [
        '<a rel="author" href="/authors/jane">Jane Doe</a>',
        '<span itemprop="author"><span itemprop="name">Jane Doe</span>, editor</span>',
        '<span class="byline">by <span class="author vcard"><a class="url fn n">Jane Doe</a></span></span>',
        '<div class="td-post-author-name"><div class="td-author-by">By</div> <a>Jane Doe</a></div>',
        '<a href="/author/jane-doe/">Jane Doe</a>',
        "<div>By Jane Doe</div>",
    ],
)
def test_a_byline_is_found_by_its_marks(byline: str) -> None:
    page = f"<article><h1>Bridge opens</h1>{byline}<p>A long text about it.</p></article>"
    assert authors(page) == ("Jane Doe",)


@pytest.mark.parametrize(
    "other",
    [
        '<div class="comment"><span class="author">Troll Smith</span> says</div>',
        '<div class="related"><article><span class="author">Other Writer</span></article></div>',
        '<aside class="sidebar"><a rel="author">Other Writer</a></aside>',
        '<div class="author-bio">Jane Doe is a reporter who has covered bridges since 2010.</div>',
        '<p class="comment-form-author">Name *</p>',
    ],
)
def test_authors_of_other_things_are_not_the_articles(other: str) -> None:
    assert authors(f"<article><h1>Bridge opens</h1><p>Text.</p></article>{other}") == ()


@pytest.mark.skipif(not SEED.is_dir(), reason="needs the seed pages in ../shared/seed")
@pytest.mark.parametrize("page", ["mada_post.html", "mada_post_bare.html"])
def test_the_desk_of_the_seed_page_is_its_author(page: str) -> None:
    found = authors((SEED / page).read_bytes(), "https://madapost.com/archives/76412", "ar")
    assert found == ("فريق التحرير",)


def test_no_cut_or_broken_page_raises() -> None:
    page = (
        "<html lang=en><title>Bridge opens | The Lantern</title><article><h1>Bridge opens</h1>"
        '<p class="byline">By <a rel=author href="/author/jane-doe">Jane Doe</a> and Omar Haddad</p>'
        '<div class="author-box"><h4>About</h4></div><span itemprop=author></span></article>'
    ) + json_ld([{"@id": "#a"}, {"name": {"name": [None, 3]}}, "By", "", "x" * 500])
    for end in range(0, len(page), 3):
        authors(page[:end])
        authors(page[end:])


def test_a_hostile_page_takes_bounded_time() -> None:
    nested = "<div class='author comment'>" * 20_000 + "By Jane Doe"
    many = "<h1>a</h1>" + "<span class=author>Jane Doe</span>" * 20_000
    for page in (nested, many, "<h1>" + "By " * 100_000):
        started = time.process_time()
        authors(page)
        assert time.process_time() - started < 3


@pytest.mark.parametrize("language", ["en", "fr", "st", "xx-Latn"])
def test_a_name_in_bold_before_the_text_signs_it(language: str) -> None:
    page = "<h1>Bridge opens</h1><p><strong>Thabo Mokitimi</strong></p><p>Text of the article.</p>"
    assert authors(page, language=language) == ("Thabo Mokitimi",)


def test_a_heading_in_bold_is_no_name() -> None:
    page = "<h1>Brücke</h1><p><strong>Wichtige Hinweise</strong></p><p>Text.</p>"
    assert authors(page, language="de") == ()


def test_a_person_in_print_is_believed_before_an_account() -> None:
    page = json_ld({"@type": "Person", "name": "jdoe"})
    assert authors(page) == ("jdoe",)
    assert authors(page + '<p class="byline">By Jane Doe</p>') == ("Jane Doe",)


def test_a_line_of_two_words_is_no_byline_by_itself() -> None:
    assert authors("<article><h1>Bridge opens</h1><p>| Read More</p><p>Text.</p></article>") == ()
    page = "<article><h1>Bridge opens</h1><p>12.03.2024 – Jane Doe</p><p>Text.</p></article>"
    assert authors(page) == ("Jane Doe",)
