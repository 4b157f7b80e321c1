"""The page of answers: counted beside the list, over time, page by page, with CSV behind every number."""

import csv
import html
import io
import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from fastapi.testclient import TestClient

from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.demo import SITES
from newsbot.search.follow import catch_up
from newsbot.text.dates import ParsedDate
from tests.conftest import Command, chromium, free_port
from tests.hostile_world import served
from tests.test_demo_newsroom import START, after, everything, newsroom_at
from tests.test_kills import wait_until
from tests.test_web import HOSTILE, _answers, article, page, put, shown, source

__all__ = ["page", "source"]

pytestmark = pytest.mark.usefixtures("source")


@pytest.fixture
def filled(page: TestClient, database: Database, settings: Config, source: Source) -> TestClient:
    """A page over fifty articles, each a story of its own, of which ten are undated."""
    made = [
        article(
            f"a{n}",
            title=f"Harbour {n}",
            body=f"The harbour of day {n}.",
            section=("World", "Local")[n % 2],
            authors=("Ann Lee",) if n % 3 else (),
            published=ParsedDate(date(2026, 2, 1) + timedelta(days=n)) if n % 5 else None,
        )
        for n in range(50)
    ]
    put(database, *made)
    catch_up(settings, database)
    return page


def links(text: str, around: str = "") -> list[str]:
    """Return the addresses of a page's links, within what the pattern finds."""
    within = re.search(around, text, re.DOTALL) if around else None
    return [
        html.unescape(each) for each in re.findall(r'href="([^"]+)"', within[0] if within else text)
    ]


def rows(page: TestClient, address: str) -> list[dict[str, str]]:
    answer = page.get(address)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_it_says_how_many_articles_and_stories_and_how_many_are_undated(
    filled: TestClient,
) -> None:
    text = shown(filled, "/search?q=harbour")
    assert re.search(r"<strong>50</strong> articles in <strong>50</strong> stories, 10 of", text)
    assert "<strong>10</strong> without a known date are not in it" in text


def test_pages_follow_each_other_until_the_last(filled: TestClient) -> None:
    for order in ("newest", "relevance"):
        address, ids = f"/search?q=harbour&order={order}", list[str]()
        while address:
            text = shown(filled, address)
            ids += re.findall(r'data-id="([^"]+)"', text)
            following = re.search(r'<a rel="next" href="([^"]+)"', text)
            address = html.unescape(following[1]) if following else ""
        assert len(ids) == len(set(ids)) == 50


def test_each_facet_leads_to_as_many_articles_as_it_counts(filled: TestClient) -> None:
    facets = re.search(r'<aside class="facets">.*?</aside>', shown(filled, "/search?q=harbour OR x"), re.DOTALL)  # fmt: skip
    assert facets is not None
    told = re.findall(
        r'<a href="([^"]+)" dir="auto">[^<]*</a></span> <span class="number">([\d,]+)<', facets[0]
    )
    assert len(told) >= 6
    for address, count in told:
        narrowed = shown(filled, html.unescape(address))
        assert f'<p class="summary"><strong>{count}</strong>' in narrowed, address


def test_every_facet_link_of_a_demo_search_leads_to_as_many_articles_as_it_counts(
    page: TestClient, database: Database, settings: Config
) -> None:
    for site in SITES:
        home = f"https://{site.name}.example/"
        sources.add(database, Source(id=site.name, name=site.name, homepage=home, added_at=START))
    languages = {site.name: site.language for site in SITES}
    made = [
        article(
            f"{post.site}/{number}",
            source=post.site,
            title=post.title,
            body="\n".join(post.paragraphs),
            section=post.section.upper() if number % 3 == 0 else post.section,
            authors=(post.byline.title() if number % 2 else post.byline,) if post.byline else (),
            language=languages[post.site] + ("", "-GB", "-x-demo")[number % 3],
            published=ParsedDate(post.published.date(), post.published),
        )
        for number, post in enumerate(everything(newsroom_at(60), after(60)))
    ]
    put(database, *made)
    catch_up(settings, database)
    followed = 0
    for query in ("has:date", "lang:en", "lang:ar OR lang:en-gb", "the OR في"):
        text = shown(page, f"/search?q={quote_plus(query)}")
        facets = re.search(r'<aside class="facets">.*?</aside>', text, re.DOTALL)
        assert facets is not None
        told = re.findall(
            r'<a href="([^"]+)" dir="auto">[^<]*</a></span> <span class="number">([\d,]+)<',
            facets[0],
        )
        assert len(told) == facets[0].count('<span class="number">') - facets[0].count(" quiet")
        for address, count in told:
            narrowed = shown(page, html.unescape(address))
            assert f'<p class="summary"><strong>{count}</strong>' in narrowed, address
            followed += 1
    assert followed > 60


def test_each_bar_leads_to_as_many_articles_as_it_counts(filled: TestClient) -> None:
    text = shown(filled, "/search?q=harbour&by=week")
    bars = re.findall(r'<a href="([^"]+)" tabindex="-1">.*?<title>[^:]*: (\d+) of', text, re.DOTALL)
    assert sum(int(count) for _, count in bars) == 40
    for address, count in bars:
        assert f"<strong>{count}</strong>" in shown(filled, html.unescape(address))


def test_every_chart_and_facet_gives_its_numbers_as_csv(filled: TestClient) -> None:
    text = shown(filled, "/search?q=harbour&by=month")
    tables = [each for each in links(text) if each.startswith("/search.csv")]
    told = {parse_qs(urlsplit(each).query)["of"][0]: rows(filled, each) for each in tables}
    assert set(told) == {"timeline", "source", "language", "section", "author", "day"}
    assert [(each["first"], each["count"]) for each in told["timeline"]] == [
        ("2026-02-01", "22"),
        ("2026-03-01", "18"),
    ]
    assert [(each["value"], each["count"]) for each in told["section"]] == [
        ("Local", "25"),
        ("World", "25"),
    ]
    assert {each["share"] for each in told["timeline"]} == {"1.000000"}
    assert all("not yet added" in each["gap"] for each in told["timeline"])
    seen = rows(filled, "/search.csv?q=harbour&of=timeline&days=seen&by=day")
    assert [(each["first"], each["count"]) for each in seen] == [
        (datetime.now(UTC).date().isoformat(), "50")
    ]


def test_the_table_behind_the_chart_names_who_was_missing(filled: TestClient) -> None:
    text = shown(filled, "/search?q=harbour&by=month")
    table = re.search(r'<table class="numbers">.*?</table>', text, re.DOTALL)
    assert table is not None
    assert "was not yet added" in table[0]
    assert 'fill="url(#gap)"' in text


def test_what_is_no_page_no_table_and_no_query_is_said(filled: TestClient) -> None:
    answer = filled.get("/search", params={"q": "harbour", "after": "nonsense"})
    assert answer.status_code == 400
    assert "This is no page of a search" in answer.text
    for params in ({"q": "harbour", "of": "colour"}, {"q": '"open', "of": "timeline"}):
        assert filled.get("/search.csv", params=params).status_code == 400


def test_hostile_names_stay_text(page: TestClient, database: Database, settings: Config) -> None:
    for number, text in enumerate(HOSTILE):
        put(database, article(f"h{number}", section=text, authors=(text,), title=text))
    catch_up(settings, database)
    shown_text = shown(page, "/search?q=harbour OR lang:en")
    assert "<script>alert" not in shown_text
    assert "onerror=alert" not in re.sub(r"&lt;.*?&gt;", "", shown_text)
    for each in rows(page, "/search.csv?q=lang:en&of=section"):
        assert not each["value"].startswith(("=", "+", "-", "@"))


def test_the_passage_is_shown_as_published(
    page: TestClient, database: Database, settings: Config
) -> None:
    put(
        database,
        article(
            "ar",
            body="بحث الوزير سير تطبيق وقف إطلاق النار في المحافظة",
            body_as_published="بحث الوزير سير تطبيق وقف إطـ.ـلاق النـ.ـار في المحافظة",
            language="ar",
        ),
    )
    catch_up(settings, database)
    text = shown(page, '/search?q="إطلاق النار"')
    (passage,) = re.findall(r'</a>\s*<p class="passage"[^>]*>(.*?)</p>', text, re.DOTALL)
    assert "<mark>إطـ.ـلاق النـ.ـار</mark>" in passage


def test_days_are_asked_for_in_the_query_itself(filled: TestClient) -> None:
    for q, since, until, asked in (
        ("harbour", "2026-02-03", "2026-02-05", "harbour date:[2026-02-03 TO 2026-02-05]"),
        ("a OR b", "2026-02-03", "2026-02-05", "(a OR b) date:[2026-02-03 TO 2026-02-05]"),
        (
            "harbour date:[2026-02-01 TO 2026-03-01]",
            "2026-02-03",
            "2026-02-05",
            "harbour date:[2026-02-03 TO 2026-02-05]",
        ),
        ("harbour", "2026-02-03", "", None),
    ):
        values = {"q": q, "since": since, "until": until, "order": "relevance"}
        answer = filled.get("/search", params=values, follow_redirects=False)
        assert answer.status_code == 303
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        assert query["order"] == ["relevance"]
        assert asked is None or query["q"] == [asked]
    for since, until, told in (
        ("2026-02-30", "", "is no day"),
        ("2026-02-05", "2026-02-03", "give the earlier day first"),
    ):
        answer = filled.get("/search", params={"q": "harbour", "since": since, "until": until})
        assert answer.status_code == 400
        assert told in answer.text


def test_what_is_wrong_is_marked_where_columns_tell_no_places(page: TestClient) -> None:
    answer = page.get("/search", params={"q": "النار AND ("})
    assert answer.status_code == 400
    assert re.search(
        r'role="alert" id="wrong"><p class="place" dir="auto">النار AND .*<mark class="at">',
        answer.text,
    )
    assert 'aria-invalid="true" aria-describedby="wrong"' in answer.text


def test_what_is_found_is_taken_away_and_compared(filled: TestClient) -> None:
    text = shown(filled, "/search?q=harbour")
    taken = [each for each in links(text) if each.startswith("/api/v1/export")]
    assert [parse_qs(urlsplit(each).query)["format"][0] for each in taken] == [
        "csv",
        "jsonl",
        "parquet",
    ]
    assert len(filled.get(taken[1]).text.splitlines()) == 50
    compared = shown(filled, "/attention?q=harbour&q=ferry")
    assert 'class="line line2"' in compared
    assert 'class="line line3"' not in compared


@pytest.mark.browser
def test_days_are_drawn_on_the_timeline_with_pointer_or_keys(
    filled: TestClient, settings: Config, database: Database
) -> None:
    path, port = chromium(), free_port()
    from playwright.sync_api import sync_playwright

    with served(settings, database, port), sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_page()
        where = f"http://127.0.0.1:{port}/search?q=harbour&by=day"
        tab.goto(where)
        bars = tab.locator("rect.over")
        first, last = (
            [bars.nth(at).get_attribute(name) for name in ("data-first", "data-last")]
            for at in (3, 6)
        )
        for at, step in ((3, tab.mouse.down), (6, tab.mouse.up)):
            box = bars.nth(at).bounding_box()
            assert box is not None
            tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
            step()
        drawn = f"harbour date:[{first[0]} TO {last[1]}]"
        tab.wait_for_function("document.getElementById('q').value.includes('date:')")
        assert tab.locator("#q").input_value() == drawn
        tab.goto(where)
        tab.locator("svg.bars").focus()
        for key in ("Home", *["ArrowRight"] * 3, *["Shift+ArrowRight"] * 3, "Enter"):
            tab.keyboard.press(key)
        tab.wait_for_function("document.getElementById('q').value.includes('date:')")
        assert tab.locator("#q").input_value() == drawn
        browser.close()


@pytest.mark.browser
def test_what_narrows_down_is_beside_the_list_and_folded_on_a_phone_without_scripts(
    filled: TestClient, settings: Config
) -> None:
    path, port = chromium(), free_port()
    from playwright.sync_api import sync_playwright

    web = Command(settings, web_port=port).start("part", "web")
    try:
        wait_until(lambda: _answers(port))
        with sync_playwright() as started:
            browser = started.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--disable-gpu"]
            )
            for width, beside in ((1280, True), (360, False)):
                context = browser.new_context(
                    viewport={"width": width, "height": 800}, java_script_enabled=False
                )
                tab = context.new_page()
                tab.goto(f"http://127.0.0.1:{port}/search?q=harbour")
                facet = tab.get_by_role("link", name="Ann Lee")
                assert facet.is_visible() is beside
                if not beside:
                    tab.get_by_text("Narrow it down").click()
                facet.click()
                assert tab.locator("#q").input_value() == 'harbour author:"Ann Lee"'
                assert tab.locator(".summary strong").first.inner_text() == "33"
            browser.close()
    finally:
        web.terminate()
        web.wait(10)
