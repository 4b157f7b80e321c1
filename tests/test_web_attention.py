"""The pages of what is written about: numbers behind each chart, gaps named, foreign text inert."""

import csv
import io
import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.search.follow import catch_up
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.constructed import add_source, at, days_before, failed, keep, made, ran

NOW = datetime.now(UTC)
DAY = NOW.date() - timedelta(days=1)
DAYS = [*days_before(DAY, 29), DAY]
LONG_AGO = NOW - timedelta(days=400)
TIME = f"since={DAYS[0]}&until={DAY}"
LIVELY = random.Random(7)
WORDS = "bridge market school river farmer concert station garden museum summer".split()


@pytest.fixture(scope="module")
def page(own_archive: tuple[Config, Database]) -> TestClient:
    """Four newsrooms: an outage of one on the tenth day, and an event on the last. Nothing changes them."""
    settings, database = own_archive
    sources = ("أخبار", "<b>beta", "gamma", "delta")
    for source in sources:
        add_source(database, source, LONG_AGO, "coast")
        ill = DAYS[9] if source == "gamma" else None
        ran(database, source, [day for day in DAYS if day != ill])
        if ill:
            failed(database, source, [ill], "<script>HTTP 503")
    for day in DAYS:
        event = "إطلاق النار" if day == DAY else ""
        some = []
        for source in sources:
            if source == "gamma" and day == DAYS[9]:
                continue
            texts = [f"{event} {' '.join(LIVELY.choices(WORDS, k=14))}" for _ in range(3)]
            some += [
                made(source, f"{day}-{n}", day, text[:30], text, language="ar")
                for n, text in enumerate(texts)
            ]
        keep(database, some, at(day))
    catch_up(settings, database)
    return TestClient(create_app(settings, database, Live(settings, database)))


def test_a_comparison_is_a_chart_a_table_and_a_csv(page: TestClient) -> None:
    answer = page.get(f"/attention?q=bridge&q=إطلاق&{TIME}")
    assert answer.status_code == 200
    html = answer.text
    assert html.count('<path class="line line1"') == 2  # in the legend, and in the chart
    assert html.count('<rect class="gapped"') == 1
    assert html.count('<tr class="gapped">') == 1
    assert f"{DAYS[9]}</th>" in html
    assert "<bdi>gamma</bdi>: its runs failed: &lt;script&gt;HTTP 503" in html
    assert "<bdi>إطلاق</bdi>" in html
    (link,) = re.findall(r'href="(/attention\.csv[^"]+)"', html)
    told = list(csv.DictReader(io.StringIO(page.get(link.replace("&amp;", "&")).text)))
    assert len(told) == 60
    assert {row["bucket"] for row in told if row["gap"]} == {DAYS[9].isoformat()}
    assert [int(row["count"]) for row in told if row["query"] == "إطلاق"][-1] == 12


def test_by_source_and_as_a_share(page: TestClient) -> None:
    html = page.get(f"/attention?q=bridge&parts=source&share=1&{TIME}").text
    assert "<bdi>&lt;b&gt;beta</bdi>" in html
    assert "<b>beta" not in html
    assert "of what was collected" in html


@pytest.mark.parametrize(
    "asked", ["q=(", "q=a&since=x", f"q=a&since={DAY}&until={DAYS[0]}", "q=a&since=1999-01-01"]
)
def test_what_cannot_be_compared_is_said(page: TestClient, asked: str) -> None:
    answer = page.get(f"/attention?{asked}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert page.get(f"/attention.csv?{asked}").status_code == 400


def test_without_a_query_the_form_alone(page: TestClient) -> None:
    answer = page.get("/attention")
    assert answer.status_code == 200
    assert "<svg" not in answer.text
    assert page.get("/attention.csv").status_code == 400


def test_what_is_rising(page: TestClient) -> None:
    answer = page.get(f"/rising?day={DAY}")
    assert answer.status_code == 200
    assert 'dir="rtl" lang="ar">إطلاق النار</a>' in answer.text
    assert "1 of 112 days of sources were not collected as usual" in answer.text
    (row,) = list(csv.DictReader(io.StringIO(page.get(f"/rising.csv?day={DAY}").text)))
    assert (row["shown"], row["articles"], row["sources"]) == ("إطلاق النار", "12", "4")


def test_what_cannot_rise_is_said(page: TestClient) -> None:
    assert page.get("/rising?day=x").status_code == 400
    assert page.get("/rising?group=<b>").status_code == 400
    assert "<b>" not in page.get("/rising?group=<b>").text
