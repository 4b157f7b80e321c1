"""When a page's article was published, and when it was changed last."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.extraction.dating import Dating, read_dating
from newsbot.extraction.statements import read_statements
from newsbot.extraction.tree import parse

REFERENCE = datetime(2026, 3, 10, 12, tzinfo=UTC)


def dating(html: str, url: str = "https://courier.example/harbour", **told: str) -> Dating:
    _, tree = parse(html.encode())
    before = tree.html
    statements = read_statements(tree, url)
    found = read_dating(
        tree,
        statements,
        url=url,
        language=told.get("language", statements.language),
        timezone=told.get("timezone", "UTC"),
        reference=REFERENCE,
        headline=told.get("headline", ""),
    )
    assert tree.html == before, "the tree was changed"
    return found


def day(html: str, url: str = "https://courier.example/harbour", **told: str) -> str:
    published = dating(html, url, **told).published
    return published.day.isoformat() if published else ""


@pytest.mark.parametrize(
    "head",
    [
        '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-03-01T06:30:00+01:00"}</script>',
        '<meta property="article:published_time" content="2026-03-01T06:30:00+01:00">',
        '<meta name="DC.date.issued" content="2026-03-01">',
        '<meta name="parsely-pub-date" content="2026-03-01T05:30:00Z">',
        '<meta name="sailthru.date" content="2026-03-01 06:30:00">',
        '<meta itemprop="datePublished" content="2026-03-01">',
        '<meta name="cXenseParse:recs:publishtime" content="2026-03-01T05:30:00Z">',
        '<meta name="date" content="20260301">',
    ],
)
def test_publishers_statements_are_read(head: str) -> None:
    assert day(f"<html lang=en><head>{head}</head><body><h1>Harbour opens</h1>") == "2026-03-01"


def ld(**node: object) -> str:
    return (
        f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle"} | node)}</script>'
    )


TEASERS = "".join(
    f'<div class="box"><h3><a href="/{each}">Another story, number {each}</a></h3>'
    f'<span class="date">{each} March 2026</span></div>'
    for each in range(3, 8)
)


@pytest.mark.parametrize(
    "line",
    [
        '<time datetime="2026-03-01T06:30">1 March</time>',
        '<time class="entry-date published" datetime="2026-03-01">1.3.</time><time class="updated" datetime="2026-03-04">4.3.</time>',
        '<abbr class="published" title="2026-03-01T06:30:00Z">Sunday</abbr>',
        '<span itemprop="datePublished" content="2026-03-01">nine days ago</span>',
        '<p class="byline">By Amara Nwosu | 1 March 2026</p>',
        "<p>Published 1 March 2026, updated 4 March 2026</p>",
        "<div><b>Published:</b> 01.03.2026 <b>Last updated:</b> 04.03.2026</div>",
        '<div class="date"><span>1</span> <span>March</span> <span>2026</span></div>',
        "<p>Veröffentlicht am 1. März 2026 um 6:30 Uhr</p>",
    ],
)
def test_the_dateline_at_the_headline_is_found_among_the_dates_of_others(line: str) -> None:
    page = (
        f"<html lang=de><body><nav>{TEASERS}</nav><div class=story><h1>Harbour opens after nine days</h1>{line}"
        f"<p>The harbour of Ellerton opened at dawn on Sunday.</p></div><div class=more>{TEASERS}</div></body>"
    )
    assert day(page) == "2026-03-01"


def test_dates_of_comments_and_related_articles_are_none_of_the_article() -> None:
    page = (
        "<html lang=en><body><article><h1>Harbour opens after nine days</h1><p>It opened at dawn.</p></article>"
        '<section class="related"><h2>Related</h2><p class="date">5 March 2026</p></section>'
        '<div id="comments"><p>Petra, 6 March 2026</p></div></body>'
    )
    assert day(page) == ""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://courier.example/2026/03/01/harbour", "2026-03-01"),
        ("https://courier.example/news/2026-3-1-harbour", "2026-03-01"),
        ("https://courier.example/20260301/harbour", "2026-03-01"),
        ("https://courier.example/meldung/01-03-2026", "2026-03-01"),
        ("https://courier.example/article/AKR202603011432001", "2026-03-01"),
        ("https://courier.example/19852382/harbour", ""),
        ("https://courier.example/2026/13/01/harbour", ""),
        ("https://[courier.example/2026/03/01", ""),
    ],
)
def test_an_address_tells_the_day(url: str, expected: str) -> None:
    assert day("<h1>Harbour opens</h1>", url) == expected


def test_the_day_is_the_publishers_own_where_the_statement_is_in_utc() -> None:
    late = ld(datePublished="2026-03-02T03:30:00Z")
    assert day(late, "https://courier.example/2026/03/01/harbour") == "2026-03-01"
    shown = f"<html lang=en>{late}<h1>Harbour opens after nine days</h1><p class=date>March 1, 2026, 10:30 pm</p>"
    found = dating(shown).published
    assert found is not None
    assert (found.day.isoformat(), found.instant) == (
        "2026-03-01",
        datetime(2026, 3, 2, 3, 30, tzinfo=UTC),
    )
    assert day(late, timezone="America/New_York") == "2026-03-01"
    assert day(late) == "2026-03-02"


def test_a_day_that_no_clock_can_show_is_not_taken_for_the_same_moment() -> None:
    noon = ld(datePublished="2026-03-02T12:30:00Z")
    assert day(noon, "https://courier.example/2026/03/01/harbour") == "2026-03-02"


def test_an_article_published_anew_keeps_the_day_of_its_address() -> None:
    again = ld(datePublished="2026-03-02T12:30:00Z")
    assert day(again, "https://courier.example/2024/03/01/harbour") == "2024-03-01"


def test_what_is_stated_at_the_moment_of_fetching_yields_to_the_dateline() -> None:
    page = "<html lang=en><h1>Harbour opens after nine days</h1><p class=date>Published 1 March 2026</p>"
    assert day(ld(datePublished="2026-03-10T11:59:30Z") + page) == "2026-03-01"
    assert day(ld(datePublished="2026-03-10T08:00:00Z") + page) == "2026-03-10"


def test_what_is_stated_to_be_the_last_change_too_yields_to_an_earlier_dateline() -> None:
    shown = "<h1>Harbour opens</h1><p>1 March 2026, 12:25</p>"
    changed = "2026-03-05T09:49:32+00:00"
    assert day(ld(datePublished=changed, dateModified=changed) + shown) == "2026-03-01"
    assert day(ld(datePublished=changed, dateModified="2026-03-06") + shown) == "2026-03-05"


def test_dates_that_cannot_be_are_passed_over() -> None:
    for stated in ("2026-03-14", "0001-01-01T00:00:00Z", "1970-01-01", "2026-02-30", "soon"):
        page = ld(datePublished=stated) + '<meta name="date" content="2026-03-01">'
        assert day(page) == "2026-03-01", stated


def test_nothing_is_modified_before_it_is_published() -> None:
    stated = dating(ld(datePublished="2026-03-02", dateModified="2026-03-04T10:00:00Z"))
    assert stated.modified is not None
    assert stated.modified.day.isoformat() == "2026-03-04"
    assert stated.modified.source == "json-ld dateModified"
    assert dating(ld(datePublished="2026-03-02", dateModified="2026-03-01")).modified is None


def test_the_article_of_several_that_has_the_headline_is_asked() -> None:
    page = ld(headline="Another", datePublished="2026-03-05") + ld(
        headline="Harbour opens", datePublished="2026-03-01"
    )
    assert day(page, headline="Harbour opens") == "2026-03-01"


def test_the_order_of_day_and_month_is_the_countrys() -> None:
    page = "<html lang={}><h1>Harbour opens after nine days</h1><p class=date>02/03/2026</p>"
    assert day(page.format("en"), "https://courier.com/harbour") == "2026-02-03"
    assert day(page.format("en"), "https://courier.co.uk/harbour") == "2026-03-02"
    assert day(page.format("fr"), "https://courier.com/harbour") == "2026-03-02"


def test_a_dateline_read_in_the_other_order_contradicts_nothing() -> None:
    page = "<html lang=en-GB><h1>Harbour opens after nine days</h1><p class=date>02/03/2026</p>"
    assert day(ld(datePublished="2026-02-03T10:00:00+00:00") + page) == "2026-02-03"


def test_scripts_are_searched_last() -> None:
    page = (
        '<h1>Harbour</h1><script>state = {"id": 4, "publishedAt": "2026-03-01T06:30:00Z"}</script>'
    )
    assert dating(page).published is not None
    assert day(page) == "2026-03-01"
    assert day('<meta name="date" content="2026-03-02">' + page) == "2026-03-02"


def test_every_date_that_was_considered_is_told_with_its_place_and_verdict() -> None:
    found = dating(ld(datePublished="2026-03-02") + '<meta name="date" content="2027-01-01">')
    told = {each.source: each.verdict for each in found.considered}
    assert told == {"json-ld datePublished": "taken", "meta date": "in the future"}


HOSTILE = {
    "nothing": "",
    "digits": "<h1>Harbour opens</h1><p>" + "1" * 1_000_000,
    "dates": "<h1>Harbour opens</h1>" + "<p>1 March 2026 " * 50_000,
    "times": "<h1>Harbour opens</h1>" + "<time datetime=2026-03-01>" * 100_000,
    "nested": "<div class=date>" * 10_000 + "<h1>Harbour opens</h1>1 March 2026" + "<b>" * 5_000,
    "names": f"<h1>Harbour opens</h1><p class={'date' * 300_000}>1 March 2026",
    "line": "<h1>Harbour opens</h1>" + "12/12/ 2026 März " * 300_000,
    "script": "<script>" + '"date":"2026' * 200_000 + "</script>",
    "graph": ld(**{"@graph": [{"@type": "Thing", "datePublished": {"@value": [1]}}] * 5000}),
    "metas": '<meta name="date" content="2026-99-99">' * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_costs_little(name: str) -> None:
    _, tree = parse(HOSTILE[name].encode())
    statements = read_statements(tree, "")
    started = time.process_time()
    read_dating(tree, statements, url="", language="", timezone="UTC", reference=REFERENCE)
    assert time.process_time() - started < 2


@pytest.mark.shared
@pytest.mark.parametrize("page", ["mada_post.html", "mada_post_bare.html"])
def test_the_seed_gives_its_day(page: str, shared: Path) -> None:
    gold = json.loads((shared / "seed" / "mada_post.gold.json").read_text("utf8"))
    html = (shared / "seed" / page).read_text("utf8")
    assert day(html, "https://mada.example/1", language="ar") == gold["published"]
