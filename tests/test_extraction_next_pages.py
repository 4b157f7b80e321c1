"""Which link of a page leads to the next page of its article, and which to something else."""

import pytest

from newsbot.extraction import extract
from newsbot.extraction.next_pages import next_page
from tests.layouts import LAYOUTS, Fill
from tests.test_extraction_kinds import SITE, teasers


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/a/harbour-opens", "/a/harbour-opens?page=2"),
        ("/a/harbour-opens?page=2", "/a/harbour-opens?page=3"),
        ("/a/harbour-opens?id=7", "/a/harbour-opens?id=7&page=2"),
        ("/a/harbour-opens?p=1", "/a/harbour-opens?p=2"),
        ("/a/harbour-opens/", "/a/harbour-opens/2/"),
        ("/a/harbour-opens/2/", "/a/harbour-opens/3/"),
        ("/a/harbour-opens/", "/a/harbour-opens/page/2/"),
        ("/a/harbour-opens/page/2", "/a/harbour-opens/page/3"),
        ("/a/harbour-opens.html", "/a/harbour-opens-2.html"),
        ("/a/harbour-opens-2.html", "/a/harbour-opens-3.html"),
        ("/a/harbour-opens.html", "/a/harbour-opens,2.html"),
        ("/a/harbour-opens.html", "/a/harbour-opens_2.html"),
        ("/a/harbour-opens.html", "/a/harbour-opens/seite-2.html"),
        ("/a/harbour-opens", "/a/harbour-opens/seite-2"),
        ("/a/harbour-opens", "/a/harbour-opens?seite=2"),
        ("/a/harbour-opens", "/a/harbour-opens?pagina=2"),
        ("/a/harbour-1887.html", "/a/harbour-1887-2.html"),
        ("/a/harbour-opens-page2.html", "/a/harbour-opens-page3.html"),
        ("/n/2026-03/01/c_1129.htm", "/n/2026-03/01/c_1129_2.htm"),
        ("/articles/view/sports/367061", "/articles/view/sports/367061/2"),
        ("/articles/view/sports/367061/2", "/articles/view/sports/367061/3"),
    ],
)
def test_the_next_page_of_an_article_is_known_by_its_number(here: str, there: str) -> None:
    assert next_page(SITE + there, SITE + here) == SITE + there


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/a/harbour-opens", "/a/bridge-closes"),
        ("/a/1129.html", "/a/1130.html"),
        ("/a/12", "/a/13"),
        ("/a/12.html", "/a/13.html"),
        ("/?p=128", "/?p=129"),
        ("/2026/03/01/harbour", "/2026/03/02/harbour"),
        ("/archive/2026/03", "/archive/2026/04"),
        ("/a/harbour-opens", "/a/harbour-opens?comment-page=2"),
        ("/a/harbour-opens/", "/a/harbour-opens/comment-page-2/"),
        ("/a/harbour-opens", "/a/harbour-opens?cp=2#comments"),
        ("/a/harbour-opens?page=3", "/a/harbour-opens?page=2"),
        ("/a/harbour-opens-3.html", "/a/harbour-opens-2.html"),
        ("/a/harbour-opens", "/a/harbour-opens"),
        ("/a/harbour-opens", "/a/harbour-opens#2"),
        ("/a/harbour-opens?page=2", "/a/harbour-opens?page=9"),
    ],
)
def test_another_page_is_none_of_the_article(here: str, there: str) -> None:
    assert next_page(SITE + there, SITE + here) == ""


def test_a_next_page_on_another_host_is_none_of_the_article() -> None:
    assert next_page("https://evil.example/a?page=2", f"{SITE}/a") == ""


@pytest.mark.parametrize("path", ["/tag/harbour/", "/category/news/", "/local"])
def test_the_next_page_of_a_hub_is_none_of_an_article(path: str) -> None:
    head = f'<link rel="next" href="{SITE}{path.rstrip("/")}/page/2/">'
    page = LAYOUTS["wordpress"](Fill(title="News", main=teasers(20), head=head))
    assert extract(page.encode(), SITE + path).next_page == ""
