"""Articles and sections told from other links, on homepages of many makes and languages."""

import time
from urllib.parse import quote

import pytest

from newsbot.discovery import article_links, read_page, section_links

# A site's rule for its articles' addresses, with n for which, and the headlines that it shows.
SITES = {
    "WordPress, dated": ("/2024/05/{d:02}/harbour-opens-{n}/", "The harbour opens again, part {n}"),
    "slug alone": ("/council-votes-on-ferry-{n}/", "Council votes on ferry {n}"),
    "slug below a section": ("/sport/late-goal-decides-game-{n}", "Late goal decides"),
    "number alone": ("/archives/{id}", "إغلاق الجسر القديم {n}"),
    "number in a query": ("/news.php?id={id}", "Выборы прошли спокойно {n}"),
    "short numbers and short texts": ("/a/{n}.html", "Story {n}"),
    "number behind a slug": ("/politik/haushalt-beschlossen-{id}.html", "Haushalt beschlossen"),
    "Arabic slug, escaped": (
        "/news/" + quote("إغلاق-الجسر-القديم-ثلاثة-أيام") + "-{n}",
        "إغلاق الجسر القديم {n}",
    ),
    "Persian digits": ("/" + quote("خبر") + "/" + quote("۱۲۳") + "{id}", "پل قدیمی بسته شد {n}"),
    "Chinese, dated": ("/202405{d:02}/c{id}.shtml", "市议会通过渡轮预算案第{n}号"),
    "Japanese, hidden in capitals": ("/articles/ASP{id}XKUTIL00{n}.html", "渡し船の予算が可決{n}"),
    "a universally unique id": (
        "/story/3f2a91c4-77b0-4d1e-9c55-0000000{id}",
        "Budget passes with a narrow majority {n}",
    ),
    "Thai": ("/news/" + quote("สะพานเก่าปิดสามวัน") + "-{id}", "สะพานเก่าปิดสามวัน {n}"),
    "underscores": ("/news/ferry_budget_passes_{n}.asp", "Ferry budget passes"),
    "Korean, number in a path": ("/view/{id}/", "시의회 예산안 통과 {n}"),
}
# What stands around them on every site.
MENU = {"/sport": "Sport", "/politik/": "Politik", "/category/local": "محليات", "/文化": "文化"}
OTHER = {
    "/about-us-and-our-long-history/": "About us and our long history as a newspaper",
    "/privacy-policy": "Privacy policy of this newspaper and its partners",
    "/imprint": "Imprint",
    "/login?next=%2F": "Sign in to read the news of the day",
    "/tag/ferry-and-harbour-news/": "Ferry and harbour news of the last years",
    "/author/maria-lopez-garcia": "María López García, chief reporter",
    "/page/2/": "2",
    "/2024/04/": "April 2024",
    "/files/annual-report-of-the-council-2024.pdf": "The annual report of the council as a file",
    "/share?url=https%3A%2F%2Fnews.example%2F": "Tell your friends of this page about us",
}


def site(pattern: str, headline: str, host: str) -> tuple[str, list[str]]:
    """Return a homepage, and the addresses of its articles."""
    paths = [pattern.format(n=n, d=n % 28 + 1, id=70_000 + 37 * n) for n in range(1, 25)]
    cards = "".join(
        f'<div class="teaser"><a href="{path}"><img src="/i.jpg" alt=""></a>'
        f'<h3><a href="{path}">{headline.format(n=n)}</a></h3>'
        f'<a class="kicker" href="/sport">Sport</a>'
        f'<a href="{path}#comments">{n} comments</a> <a href="{path}">Read more</a></div>'
        if n % 2
        else f'<div class="teaser"><a href="{path}">{headline.format(n=n)}</a></div>'
        for n, path in enumerate(paths, start=1)
    )
    menu = "".join(f'<li><a href="{path}">{text}</a></li>' for path, text in MENU.items())
    other = [f'<a href="{path}">{text}</a>' for path, text in OTHER.items()]
    html = (
        f"<!doctype html><html><head><meta charset=utf-8></head><body><header><nav><ul>{menu}</ul>"
        f"</nav></header><main>{cards}{''.join(other[4:])}</main><footer>{''.join(other[:4])}"
        "</footer></body></html>"
    )
    return html, [host + path for path in paths]


@pytest.mark.parametrize("host", ["https://news.example", "https://أخبار.example"])
@pytest.mark.parametrize(("pattern", "headline"), SITES.values(), ids=SITES)
def test_articles_are_found_by_the_rule_of_their_site(
    pattern: str, headline: str, host: str
) -> None:
    html, articles = site(pattern, headline, host)
    found = [entry.url for entry in article_links(read_page(html.encode(), host + "/"))]
    assert found == articles


@pytest.mark.parametrize(("pattern", "headline"), SITES.values(), ids=SITES)
def test_sections_are_what_the_menu_names(pattern: str, headline: str) -> None:
    html, _ = site(pattern, headline, "https://news.example")
    found = section_links(read_page(html.encode(), "https://news.example/"))
    assert {each.removeprefix("https://news.example") for each in found} == set(MENU)


def test_an_article_that_the_menu_names_is_no_section() -> None:
    html = (
        b'<nav><a href="/sport">Sport</a><a href="/2031-budget">Budget</a></nav>'
        b'<main><a href="/2031-budget">What the budget of 2031 means for the ferries</a></main>'
    )
    known = ["https://news.example/2031-budget"]
    assert section_links(read_page(html, "https://news.example/"), known=known) == [
        "https://news.example/sport"
    ]


def test_what_is_named_like_the_articles_of_a_feed_is_an_article() -> None:
    html = b'<main><a href="/x/91">Ferries</a></main>'
    assert article_links(read_page(html, "https://news.example/")) == []
    known = ["https://news.example/x/90", "https://news.example/x/89"]
    (entry,) = article_links(read_page(html, "https://news.example/"), known=known)
    assert entry.url == "https://news.example/x/91"


def test_a_title_is_the_headline_and_not_its_card() -> None:
    html = (
        b'<a href="/2024/05/17/x-y"><span>Local</span><h2>Old bridge closed</h2><p>For three days.'
        b"</p></a>"
    )
    assert [entry.title for entry in article_links(read_page(html, "https://news.example/"))] == [
        "Old bridge closed"
    ]


def test_titles_are_decoded_as_browsers_do() -> None:
    html = '<meta charset="windows-1256"><a href="/2024/05/17/x">إغلاق الجسر</a>'.encode("cp1256")
    assert article_links(read_page(html, "https://news.example/"))[0].title == "إغلاق الجسر"


def test_numbers_that_might_be_years_are_numbers_beside_others() -> None:
    rows = "".join(f'<a href="/a/{n}.html">Story {n}</a>' for n in range(1900, 2200))
    html = f'<main>{rows}</main><a href="/archive/2024/">2024</a>'.encode()
    assert len(article_links(read_page(html, "https://news.example/"))) == 300


def test_many_links_of_one_rule_cost_no_more_than_as_many_of_several() -> None:
    def cost(rules: int) -> float:
        cards = "".join(
            f'<div><a href="/the-old-bridge-{n}?c{n % rules}=x">The old bridge, part {n}</a></div>'
            for n in range(5_000)
        )
        start = time.process_time()
        article_links(read_page(f"<main>{cards}</main>".encode(), "https://news.example/"))
        return time.process_time() - start

    assert min(cost(1), cost(1)) < 3 * cost(50)
