"""Saved searches on the page: saved from a search, renamed, removed, their feeds' addresses copied and renewed."""

import re
import urllib.request
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from newsbot.archive import audit, feeds, searches
from newsbot.archive.connection import Database
from newsbot.archive.searches import SavedSearch
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.discovery import read_feed
from newsbot.search.follow import catch_up
from tests.conftest import Command, chromium, free_port
from tests.test_feeds import get, told
from tests.test_kills import wait_until
from tests.test_web import HOSTILE, _answers, article, page, put, shown, source

__all__ = ["page", "source"]

pytestmark = pytest.mark.usefixtures("source")


def forms(text: str, action: str) -> list[dict[str, str]]:
    """Return what the forms that are sent there carry, as a browser would send it."""
    found = re.findall(rf'<form[^>]*action="{action}">(.*?)</form>', text, re.DOTALL)
    fields = r'<input(?=[^>]*name="([^"]+)")(?=[^>]*value="([^"]*)")'
    return [dict(re.findall(fields, each)) for each in found]


def only(database: Database) -> SavedSearch:
    (saved,) = searches.everything(database)
    return saved


def saved_on(page: TestClient, name: str, query: str = "harbour") -> str:
    (form,) = forms(shown(page, "/saved"), "/saved")
    answer = page.post("/saved", data=form | {"name": name, "query": query})
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_search_is_saved_where_it_is_made(
    page: TestClient, database: Database, settings: Config
) -> None:
    put(database, article("a"))
    catch_up(settings, database)
    (form,) = forms(shown(page, "/search?q=harbour&order=relevance"), "/saved")
    assert page.post("/saved", data=form | {"name": "ميناء"}).status_code == 200
    saved = only(database)
    assert (saved.name, saved.query, saved.order) == ("ميناء", "harbour", "relevance")
    text = shown(page, "/saved")
    assert "<bdi>ميناء</bdi>" in text
    assert "<strong>1</strong> article, <strong>1</strong> of the last day" in text


def test_the_addresses_on_the_page_are_the_feeds(page: TestClient, database: Database) -> None:
    text = saved_on(page, "port")
    secret = feeds.address(database, "search", only(database).id).token
    for ending in ("atom", "json"):
        assert f'value="http://testserver/feed/{secret}.{ending}" dir="ltr" readonly' in text
    assert "Whoever has an address can read the feed" in text
    assert told(page, secret)["title"] == "port"
    assert secret not in shown(page, "/search?q=harbour")


def test_a_saved_search_is_renamed_renewed_and_removed(
    page: TestClient, database: Database
) -> None:
    saved_on(page, "port")
    saved = only(database)
    secret = feeds.address(database, "search", saved.id).token
    for change, more in (("rename", {"name": "quay"}), ("renew", {})):
        (form,) = forms(shown(page, "/saved"), f"/saved/{saved.id}/{change}")
        answer = page.post(f"/saved/{saved.id}/{change}", data=form | more)
        assert answer.status_code == 200
    assert only(database).name == "quay"
    renewed = feeds.address(database, "search", saved.id).token
    assert renewed != secret
    (entry,) = audit.about(database, saved.id)
    assert (entry.action, entry.by) == ("feed renew", "the web page")
    (form,) = forms(shown(page, "/saved"), f"/saved/{saved.id}/remove")
    page.post(f"/saved/{saved.id}/remove", data=form)
    assert searches.everything(database) == []
    assert get(page, f"/feed/{secret}.atom").status_code == 404
    assert get(page, f"/feed/{renewed}.atom").status_code == 410


def test_what_cannot_be_saved_is_said_and_not_lost(page: TestClient, database: Database) -> None:
    saved_on(page, "Port")
    (form,) = forms(shown(page, "/saved"), "/saved")
    for name, query, reason in (
        ("other", 'storm AND ("high', "never closed"),
        ("PORT", "storm", "There is a saved search &#39;Port&#39; already; nothing was changed."),
        ("", "storm", "between 1 and 100 characters"),
    ):
        answer = page.post("/saved", data=form | {"name": name, "query": query})
        assert answer.status_code == 400
        assert reason in answer.text
        assert f'value="{query}"'.replace('"high', "&#34;high") in answer.text
    saved_on(page, "other")
    other = searches.find(database, "other")
    assert other is not None
    answer = page.post(f"/saved/{other.id}/rename", data=form | {"name": "port"})
    assert answer.status_code == 400
    assert [each.name for each in searches.everything(database)] == ["other", "Port"]


def test_a_form_of_another_page_changes_nothing(
    page: TestClient, database: Database, source: Source
) -> None:
    saved_on(page, "port")
    saved, secret = only(database), feeds.address(database, "source", source.id).token
    forged = {"token": "guessed", "name": "x", "query": "x"}
    for address in (
        "/saved",
        *(f"/saved/{saved.id}/{change}" for change in ("rename", "renew", "remove")),
        f"/sources/{source.id}/feed",
    ):
        assert page.post(address, data=forged).status_code == 403
        page.cookies.clear()
        assert page.post(address, data=forged).status_code == 403
        shown(page, "/saved")
    assert only(database) == saved
    assert feeds.address(database, "source", source.id).token == secret


def test_the_page_of_a_source_has_its_feed(
    page: TestClient, database: Database, source: Source
) -> None:
    secret = feeds.address(database, "source", source.id).token
    text = shown(page, "/sources/harbour-news")
    assert f"http://testserver/feed/{secret}.atom" in text
    (form,) = forms(text, f"/sources/{source.id}/feed")
    renewed = page.post(f"/sources/{source.id}/feed", data=form)
    assert renewed.status_code == 200
    assert secret not in renewed.text
    assert feeds.address(database, "source", source.id).token in renewed.text
    assert page.post("/sources/none/feed", data=form).status_code == 404


def test_a_search_that_became_none_says_so_on_the_page(
    page: TestClient, database: Database
) -> None:
    broken = searches.new("port", "@gone", order="newest", by="", now=datetime.now(UTC))
    searches.add(database, broken)
    text = shown(page, "/saved")
    assert "@gone\n  ^" in text
    assert "of the last day" not in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_and_queries_stay_inert(
    text: str, page: TestClient, database: Database
) -> None:
    made = searches.new("x", text, order="newest", by=text, now=datetime.now(UTC))
    searches.add(database, made)
    searches.rename(database, made.id, text)
    (form,) = forms(shown(page, "/saved"), "/saved")
    answers = [
        shown(page, "/saved"),
        page.post("/saved", data=form | {"name": text, "query": text}).text,
        page.get("/search", params={"q": text}).text,
    ]
    for html in answers:
        assert ("{{ 7*7 }}" in text) == ("{{ 7*7 }}" in html)
        assert not re.search(r'<script>|<img|<svg|href="\s*javascript:', html)


@pytest.mark.browser
def test_a_browser_saves_a_search_and_a_reader_reads_its_feed(
    database: Database, settings: Config
) -> None:
    browser_path = chromium()
    from playwright.sync_api import sync_playwright

    port = free_port()
    put(database, article("a"))
    catch_up(settings, database)
    web = Command(settings, web_port=port).start("part", "web")
    try:
        wait_until(lambda: _answers(port))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"]
            )
            tab = browser.new_page()
            tab.goto(f"http://127.0.0.1:{port}/search?q=harbour")
            tab.get_by_text("Save this search").click()
            tab.get_by_label("Name of the saved search").fill("ميناء")
            tab.get_by_role("button", name="Save", exact=True).click()
            tab.get_by_role("heading", name="ميناء").wait_for()
            tab.get_by_text("Feed", exact=True).click()
            tab.get_by_label("Atom").focus()
            copied = tab.evaluate("getSelection().toString()")
            assert copied == tab.get_by_label("Atom").input_value()
            browser.close()
        with urllib.request.urlopen(copied, timeout=10) as answer:
            (entry,) = read_feed(answer.read(), copied)
        assert entry.title == "The harbour opens"
    finally:
        web.terminate()
        web.wait(10)
