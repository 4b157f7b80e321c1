"""The page: what it shows, in which direction, and that foreign text stays inert."""

import re
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from fastapi.testclient import TestClient

from newsbot.alerts.matches import announce
from newsbot.archive import articles, channels, revisions, rules, runs, sources
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.search.follow import catch_up
from newsbot.text.dates import ParsedDate
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.conftest import Command, chromium, free_port
from tests.test_kills import wait_until

BODY = (
    "The harbour opened at dawn after nine days, and the first three ferries left on time.\n"
    "Fishermen who had waited were let out before them, said the harbour master on Friday."
)


def article(name: str, **said: object) -> Article:
    url = f"https://harbour.example/{name}"
    fields: dict[str, object] = {
        "id": articles.article_id(url),
        "url": url,
        "fetched_url": url,
        "source": "s",
        "fetched_at": datetime.now(UTC),
        "title": "The harbour opens",
        "body": BODY,
        "language": "en",
        "published": ParsedDate(datetime(2026, 3, 1, tzinfo=UTC).date()),
    }
    return Article(**(fields | said))  # type: ignore[arg-type]


def put(database: Database, *found: Article) -> list[articles.Kept]:
    now = datetime.now(UTC)
    kept = articles.keep(database, articles.judge(database, [*map(Candidate.of, found)]), now=now)
    announce(database, kept, now=now)
    return kept


@pytest.fixture
def source(database: Database) -> Source:
    made = Source(
        id="s",
        name="harbour-news",
        homepage="https://harbour.example/",
        title="Harbour News",
        entry_points=(Way(url="https://harbour.example/feed", kind="feed"),),
        added_at=datetime.now(UTC),
    )
    sources.add(database, made)
    return made


@pytest.fixture
def page(settings: Config, database: Database) -> Iterator[TestClient]:
    with TestClient(create_app(settings, database, Live(settings, database))) as client:
        yield client


def shown(page: TestClient, address: str) -> str:
    answer = page.get(address)
    assert answer.status_code == 200, answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    return answer.text


def test_a_first_visit_says_what_to_do(page: TestClient) -> None:
    assert 'action="/sources/add"' in shown(page, "/")
    assert "There is no alert yet" in shown(page, "/alerts")


@pytest.mark.usefixtures("source")
def test_a_story_is_shown_once_with_its_copies_folded(
    page: TestClient, database: Database, settings: Config
) -> None:
    copy = article("b", title="At last: ships are back", source="other")
    put(database, article("a"), copy)
    catch_up(settings, database)
    text = shown(page, "/")
    assert text.count('class="story"') == 1
    assert "and 1 more" in text
    text = shown(page, f"/article/{copy.id}")
    assert "The same story elsewhere" in text
    assert "The harbour opens" in text


@pytest.mark.usefixtures("source")
def test_an_article_for_subscribers_says_so(page: TestClient, database: Database) -> None:
    paid, free = article("paid", free=False), article("free", body=BODY.upper() + " And more.")
    put(database, paid, free)
    assert "for subscribers" in shown(page, f"/article/{paid.id}")
    assert "for subscribers" not in shown(page, f"/article/{free.id}")


@pytest.mark.usefixtures("source")
def test_an_arabic_article_is_shown_in_its_own_direction_and_as_published(
    page: TestClient, database: Database, settings: Config
) -> None:
    arabic = article(
        "ar",
        title="وقف إطلاق النار",
        body="بحث الوزير سير تطبيق وقف إطلاق النار في المحافظة",
        body_as_published="بحث الوزير سير تطبيق وقف إطـ.ـلاق النـ.ـار في المحافظة",
        language="ar",
    )
    put(database, arabic)
    catch_up(settings, database)
    text = shown(page, f"/article/{arabic.id}")
    assert '<div class="text" dir="rtl" lang="ar">' in text
    assert "إطـ.ـلاق" not in text
    assert "إطـ.ـلاق" in shown(page, f"/article/{arabic.id}?as=published")
    found = shown(page, "/search?q=%22إطلاق النار%22")
    assert "<mark>إطلاق النار</mark>" in found
    assert 'dir="rtl"' in found


@pytest.mark.usefixtures("source")
def test_an_edit_is_shown_word_by_word(page: TestClient, database: Database) -> None:
    first = article("a")
    put(database, first)
    put(database, attrs.evolve(first, body=BODY.replace("dawn", "noon")))
    put(database, attrs.evolve(first, title="Ferries sail", body=BODY.replace("dawn", "noon")))
    text = shown(page, f"/article/{first.id}")
    assert "<del>dawn</del><ins>noon</ins>" in text
    assert '<span class="tag">rewording</span>' in text
    assert '<span class="tag">headline</span>' in text
    compared = shown(page, f"/article/{first.id}?from=1&to=3")
    assert "From version 1 to version 3" in compared
    assert "<del>The harbour opens</del><ins>Ferries sail</ins>" in compared
    for wrong in ("?from=1&to=9", "?from=x&to=", "?from=-1&to=٢"):
        assert "From version" not in shown(page, f"/article/{first.id}{wrong}")


@pytest.mark.usefixtures("source")
def test_an_article_that_was_taken_down_says_so_and_stays(
    page: TestClient, database: Database, settings: Config
) -> None:
    first = article("a")
    put(database, first)
    revisions.note_deletion(database, first.id, now=datetime.now(UTC))
    catch_up(settings, database)
    text = shown(page, f"/article/{first.id}")
    assert "has taken this article down" in text
    assert "nine days" in text
    assert '<span class="tag">deletion</span>' in text
    assert "taken down" in shown(page, "/search?q=harbour")


def test_a_query_that_is_none_is_answered_under_a_caret(page: TestClient) -> None:
    answer = page.get("/search", params={"q": 'storm AND ("high'})
    assert answer.status_code == 400
    assert "never closed" in answer.text
    assert "             ^" in answer.text


@pytest.mark.usefixtures("source")
def test_an_alert_is_made_paused_and_removed_on_the_page(
    page: TestClient, database: Database
) -> None:
    token = re.search(r'name="token" value="([^"]+)"', shown(page, "/alerts"))
    assert token is not None
    form = {"token": token[1], "name": "ferries", "query": '"first three', "webhook": ""}
    refused = page.post("/alerts", data=form)
    assert refused.status_code == 400
    assert "never closed" in refused.text
    assert "&#34;first three" in refused.text, "what was typed is not lost"

    made = page.post("/alerts", data=form | {"query": '"first three ferries"'})
    assert made.status_code == 200
    put(database, article("a"))
    (rule,) = rules.everything(database)
    assert "<mark>first three ferries</mark>" in shown(page, f"/alerts/{rule.id}")
    page.post(f"/alerts/{rule.id}/pause", data={"token": token[1]})
    assert rules.everything(database)[0].state == "paused"
    page.post(f"/alerts/{rule.id}/remove", data={"token": token[1]})
    assert rules.everything(database) == []


def test_a_form_of_another_page_is_refused(page: TestClient, database: Database) -> None:
    form = {"token": "guessed", "name": "x", "query": "x", "webhook": ""}
    assert page.post("/alerts", data=form).status_code == 403
    shown(page, "/alerts")
    assert page.post("/alerts", data=form).status_code == 403
    token = page.cookies["newsbot_form"]
    foreign = page.post(
        "/alerts", data=form | {"token": token}, headers={"origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert rules.everything(database) == []


def test_another_sites_name_for_this_address_is_refused(page: TestClient) -> None:
    assert page.get("/", headers={"host": "evil.example"}).status_code == 421


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><svg/onload=alert(1)>",
    "{{ 7*7 }}",
    "javascript:alert(1)",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_inert_on_every_page(
    text: str, page: TestClient, database: Database, settings: Config
) -> None:
    now = datetime.now(UTC)
    source = Source(
        id="s",
        name=text,
        homepage=text,
        title=text,
        entry_points=(Way(url=text, kind=text),),
        added_at=now,
    )
    sources.add(database, source)
    channel = channels.add(database, kind="webhook", target=text).id
    rule = Rule(id="r", name=text, query="harbour", channels=(channel,), created_at=now)
    rules.add(database, rule)
    run = runs.request(database, "s", trigger="poll", occasion="x", now=now)
    assert run is not None
    held = runs.take(database, run, owner="o", seconds=9, now=now)
    assert held is not None
    runs.finish(database, held, state="failed", reason=text, now=now, counters={}, log=(text,))
    found = article(
        "a",
        title=text,
        body=f"{text} harbour {text}",
        authors=(text,),
        publisher=text,
        section=text,
        url=text,
        title_as_published=text,
        language="",
    )
    put(database, found)
    put(database, attrs.evolve(found, body=f"{text} harbour, edited"))
    catch_up(settings, database)
    query = {"q": "harbour"}
    assert ("{{ 7*7 }}" in text) == ("{{ 7*7 }}" in page.get(f"/article/{found.id}").text)
    for address, params in (
        ("/", {}),
        ("/search", query),
        ("/search", {"q": text}),
        (f"/article/{found.id}", {}),
        ("/alerts", {"q": text}),
        ("/alerts/r", {}),
        ("/alerts/r/change", {}),
        ("/alerts/new", {"q": text}),
        ("/channels", {}),
        ("/outbox", {}),
        ("/sources", {}),
        ("/sources/s", {}),
        ("/runs", {}),
    ):
        html = page.get(address, params=params).text
        assert "<script>" not in html
        assert "<img" not in html
        assert "<svg/" not in html  # as one of them is written; the page has pictures of its own
        assert not re.search(r'href="\s*javascript:', html)


def test_health_is_told(page: TestClient) -> None:
    assert page.get("/healthz").json() == {"status": "ok"}
    assert page.get("/readyz").json() == {"status": "ready"}


@pytest.mark.alone
@pytest.mark.browser
@pytest.mark.usefixtures("source")
def test_an_article_arrives_on_an_open_page_without_a_reload(
    database: Database, settings: Config
) -> None:
    browser_path = chromium()
    from playwright.sync_api import sync_playwright

    port = free_port()
    newsbot = Command(settings, web_port=port)
    put(database, article("a"))
    catch_up(settings, database)
    indexer, web = newsbot.start("part", "indexer"), newsbot.start("part", "web")
    try:
        wait_until(lambda: _answers(port))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"]
            )
            tab = browser.new_page()
            problems: list[str] = []
            tab.on("pageerror", lambda error: problems.append(str(error)))
            tab.on(
                "console", lambda said: problems.append(said.text) if said.type == "error" else None
            )
            tab.goto(f"http://127.0.0.1:{port}/")
            assert tab.locator(".story").count() == 1
            late = article("late", title="A second ferry sails", body=BODY.replace("nine", "ten"))
            threading.Timer(0, put, (database, late)).start()
            tab.get_by_text("A second ferry sails").wait_for(timeout=15_000)
            assert tab.locator(".story").count() == 2
            assert problems == []
            browser.close()
    finally:
        for part in (web, indexer):
            part.terminate()
        started = datetime.now(UTC)
        for part in (web, indexer):
            part.wait(10)
    assert datetime.now(UTC) - started < timedelta(seconds=5)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_page_that_cannot_be_made_says_so_on_a_page(settings: Config, database: Database) -> None:
    app = create_app(settings, database, Live(settings, database))
    database.articles.insert_one({"_id": "broken", "title": "half of an article"})
    with TestClient(app, raise_server_exceptions=False) as page:
        told = page.get("/article/broken")
    assert told.status_code == 500
    assert "Its log tells why" in told.text
