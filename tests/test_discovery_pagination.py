"""From a page of links to the next older one, by what the page shows and by its address."""

from datetime import date

import pytest

from newsbot.discovery import (
    archive_pages,
    archive_period,
    next_address,
    older_pages,
    read_page,
)

SITE = "https://news.example"

# What stands on a page, where it is, and what comes next.
PAGERS = {
    "a relation in the head": ('<link rel="next" href="/news?page=2">', "/news", "/news?page=2"),
    "a relation of a link": ('<a rel="next nofollow" href="/news/p2">»</a>', "/news", "/news/p2"),
    "WordPress": (
        """<div class="nav-links"><a class="page-numbers" href="/page/2/">2</a>
        <a href="/page/90/">90</a><a class="next page-numbers" href="/page/2/">التالي</a></div>""",
        "/",
        "/page/2/",
    ),
    "WordPress, further on": (
        '<a href="/c/x/page/2/">2</a><a href="/c/x/page/4/">4</a><a href="/c/x/page/90/">90</a>',
        "/c/x/page/3/",
        "/c/x/page/4/",
    ),
    "older posts on the left": (
        '<div class="nav-previous"><a href="/page/3/">← Older</a></div><a href="/page/1/">→</a>',
        "/page/2/",
        "/page/3/",
    ),
    "a parameter": ('<a href="?cat=7&page=2">2</a>', "/list?cat=7", "/list?cat=7&page=2"),
    "Drupal counts from nothing": (
        '<ul class="pager"><li><a href="?page=1">2</a><li><a href="?page=2">3</a></ul>',
        "/news",
        "/news?page=1",
    ),
    "digits of another script": ('<a href="/akhbar/2">٢</a>', "/akhbar", "/akhbar/2"),
    "Bitrix": ('<a href="/news/?PAGEN_1=2">2</a>', "/news/", "/news/?PAGEN_1=2"),
    "an offset": (
        '<a href="/n?start=20">2</a><a href="/n?start=40">3</a>',
        "/n?start=20",
        "/n?start=40",
    ),
    "a file with a number": ('<a href="/news-2.html">2</a>', "/news.html", "/news-2.html"),
    "an index with a number": ('<a href="/b/index_2.html">2</a>', "/b/", "/b/index_2.html"),
    "a button": ('<button data-next-url="/news?page=2">…</button>', "/news", "/news?page=2"),
    "a last entry": (
        '<a class="next" href="/news?before=1712">Más</a>',
        "/news",
        "/news?before=1712",
    ),
}


@pytest.mark.parametrize(("html", "here", "older"), PAGERS.values(), ids=PAGERS)
def test_the_next_page_of_a_list_is_found(html: str, here: str, older: str) -> None:
    assert older_pages(read_page(f"<body>{html}</body>".encode(), SITE + here))[:1] == [
        SITE + older
    ]


NONE = {
    "articles with numbers": ('<a href="/a/2.html">Ferries wait for the storm</a>', "/"),
    "an article named by a number": ('<li><a href="/2">Budget passes</a>', "/"),
    "the first page": ('<a href="/page/1/">1</a><a href="/page/2/">2</a>', "/page/3/"),
    "another list": ('<a href="/sport?page=2">2</a>', "/culture"),
    "another site": ('<a rel="next" href="https://other.example/page/2">2</a>', "/"),
    "itself": ('<link rel="next" href="/news">', "/news"),
    "far away": ('<a href="/news?page=90">90</a>', "/news"),
}


@pytest.mark.parametrize(("html", "here"), NONE.values(), ids=NONE)
def test_what_is_no_next_page_is_not_followed(html: str, here: str) -> None:
    assert older_pages(read_page(f"<body>{html}</body>".encode(), SITE + here)) == []


BEFORE = {
    "/2024/05/": "/2024/04/",
    "/2024/01/": "/2023/12/",
    "/2024/": "/2023/",
    "/archive/2024-03-01.html": "/archive/2024-02-29.html",
    "/2024/5/1": "/2024/4/30",
    "/20240301/": "/20240229/",
    "/archiv?year=2024&month=1": "/archiv?year=2023&month=12",
    "/archive?date=2024-03-01": "/archive?date=2024-02-29",
    "/2024/05/page/3/": "/2024/04/",
}


@pytest.mark.parametrize(("here", "before"), BEFORE.items())
def test_a_period_is_followed_by_the_one_before(here: str, before: str) -> None:
    assert older_pages(read_page(b"<p>nothing</p>", SITE + here)) == [SITE + before]


def test_a_linked_period_is_better_than_a_reckoned_one() -> None:
    html = b'<a href="/2024/02/">February</a><a href="/2024/01/">January</a><a href="/2024/06/">June</a>'
    assert older_pages(read_page(html, f"{SITE}/2024/05/")) == [f"{SITE}/2024/02/"]


def test_the_pages_of_a_period_come_before_the_period_before() -> None:
    html = b'<a class="next" href="/2024/05/page/2/">2</a>'
    assert older_pages(read_page(html, f"{SITE}/2024/05/")) == [
        f"{SITE}/2024/05/page/2/",
        f"{SITE}/2024/04/",
    ]


def test_archives_are_listed_newest_first() -> None:
    html = (
        '<a href="/2023/12/">d</a><a href="/2024/05/">m</a><a href="/2024/04/">a</a>'
        '<a href="/2024/05/a-headline">An article</a><a href="/%D9%A2%D9%A0%D9%A2%D9%A2/">٢٠٢٢</a>'
    ).encode()
    assert [each.removeprefix(SITE) for each in archive_pages(read_page(html, f"{SITE}/"))] == [
        "/2024/05/",
        "/2024/04/",
        "/2023/12/",
        "/%D9%A2%D9%A0%D9%A2%D9%A2/",
    ]


@pytest.mark.parametrize(
    ("url", "first", "last"),
    [
        ("/2024/02/", date(2024, 2, 1), date(2024, 2, 29)),
        ("/2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("/news/2024/02/17/", date(2024, 2, 17), date(2024, 2, 17)),
    ],
)
def test_the_days_of_an_archive_page_are_told_by_its_address(
    url: str, first: date, last: date
) -> None:
    period = archive_period(SITE + url)
    assert period is not None
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(
    "url",
    [
        "/2024/05/a-headline",
        "/a/1234",
        "/",
        "/20241399/",
        "/1024/12/",
        "/jobs-2022",
        "/the-best-of-may-2024-05",
        "/1927",
    ],
)
def test_other_addresses_are_no_archives(url: str) -> None:
    assert archive_period(SITE + url) is None


def test_the_next_address_is_reckoned_where_nothing_is_shown() -> None:
    assert next_address(f"{SITE}/news?page=2") == f"{SITE}/news?page=3"
    assert next_address(f"{SITE}/page/9/") == f"{SITE}/page/10/"
    assert next_address(f"{SITE}/2024/01/") == f"{SITE}/2023/12/"
    assert next_address(f"{SITE}/sport/") == ""
    assert next_address(f"{SITE}/article-2024-12345.html") == ""


@pytest.mark.parametrize(
    "body", [b"", b"<" * 10_000, b"\x00", b'<a rel=next href="http://[">x</a>']
)
def test_nothing_on_a_page_breaks_the_reading(body: bytes) -> None:
    for url in (SITE, f"{SITE}/{'9' * 500}", f"{SITE}/{{}}?a={{}}", "nonsense"):
        assert isinstance(older_pages(read_page(body, url)), list)
        assert isinstance(archive_pages(read_page(body, url)), list)
        assert isinstance(next_address(url), str)


@pytest.mark.parametrize(
    ("url", "before"),
    [
        ("https://a.example/%7Bx%7D/2024/05/", "https://a.example/{x}/2024/04/"),
        ("https://a.example/list?year=2024&q=%7Bx%7D", "https://a.example/list?year=2023&q={x}"),
        ("https://a.example/?%7B%7D=5&d=2024-05", "https://a.example/?{}=5&d=2024-04"),
    ],
)
def test_braces_of_an_archives_address_are_its_own(url: str, before: str) -> None:
    assert next_address(url) == before


def test_a_link_to_a_footnote_is_no_page() -> None:
    html = '<a href="/news?page=2">²</a><a href="/news/2">²</a>'.encode()
    assert older_pages(read_page(html, "https://a.example/news")) == [
        "https://a.example/news?page=2"
    ]
