"""The page of triage, and the API beside it: lists, marks, and who has what."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from newsbot.archive import sources, triage
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.search.follow import catch_up
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.conftest import chromium
from tests.desks import desk
from tests.test_saved_page import forms
from tests.test_web import article, put, shown

WORDS = ("Nine ships wait", "Bread costs more", "A bridge is closed", "Rain for a week")


@pytest.fixture(scope="module")
def served(own_archive: tuple[Config, Database]) -> Iterator[TestClient]:
    config, database = own_archive
    made = Source(
        id="s", name="harbour-news", homepage="https://harbour.example/", added_at=datetime.now(UTC)
    )
    sources.add(database, made)
    for at, words in enumerate(WORDS):
        put(database, article(str(at), title=words, body=f"{words}. " * 9))
    catch_up(config, database)
    with TestClient(create_app(config, database, Live(config, database))) as client:
        yield client


@pytest.fixture
def page(served: TestClient, database: Database) -> TestClient:
    """The page of an archive in which nobody has marked anything."""
    for each in (database.readers, database.reader_marks, database.story_marks):
        each.delete_many({})
    return served


@pytest.fixture
def database(own_archive: tuple[Config, Database]) -> Database:
    return own_archive[1]


@pytest.fixture
def settings(own_archive: tuple[Config, Database]) -> Config:
    return own_archive[0]


def listed(page: TestClient, **asked: str) -> list[str]:
    """Return the headlines that the API lists."""
    answer = page.get("/api/v1/triage", params=asked)
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()["items"]]


def stories(page: TestClient) -> dict[str, str]:
    """Return the ids of all stories by their headlines."""
    items = page.get("/api/v1/triage", params={"show": "all"}).json()["items"]
    return {each["title"]: each["story"] for each in items}


def test_what_is_marked_without_script_leaves_the_list_and_comes_back(page: TestClient) -> None:
    assert listed(page) == list(reversed(WORDS))
    ids = stories(page)
    (form,) = forms(shown(page, "/triage"), "/triage/mark")
    sent = {"token": form["token"], "list": form["list"], "do": f"read:{ids[WORDS[0]]}"}
    text = page.post("/triage/mark", data=sent).text
    assert "Marked as read." in text
    assert WORDS[0] not in text
    chosen = sent | {"do": "star", "story": [ids[WORDS[1]], ids[WORDS[2]]]}
    page.post("/triage/mark", data=chosen)
    assert sorted(listed(page, show="starred")) == sorted(WORDS[1:3])
    page.post("/triage/undo", data={"token": form["token"]})
    assert listed(page, show="starred") == []

    (form,) = forms(shown(page, "/triage"), "/triage/read-to")
    page.post("/triage/read-to", data=form)
    assert "Nothing new." in shown(page, "/triage")
    page.post("/triage/undo", data={"token": form["token"]})
    assert len(listed(page)) == len(WORDS) - 1, "what was read before stays read"


def test_of_two_who_take_a_story_the_second_is_told_on_the_page(
    page: TestClient, database: Database
) -> None:
    story = stories(page)[WORDS[0]]
    triage.for_the_desk(database, "ada", "take", [story], now=datetime.now(UTC))
    (form,) = forms(shown(page, "/triage?q=ships"), "/triage/mark")
    sent = {"token": form["token"], "list": form["list"], "do": f"take:{story}"}
    answer = page.post("/triage/desk", data=sent)
    assert "is with <bdi>ada</bdi>" in answer.text
    assert answer.url.params["q"] == "ships"
    told = page.post("/api/v1/triage/decisions", json={"what": "take", "stories": [story]}).json()
    assert told["taken"] == [story]
    assert told["items"][0]["by"] == "ada"
    assert listed(page, show="taken") == [WORDS[0]]
    assert listed(page, show="mine") == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=bread", [1]),
        ("q=bread+OR+rain&of=harbour-news", [1, 3]),
        ("of=Harbour-News", [0, 1, 2, 3]),
        ("show=starred", []),
        ("show=none+such", [0, 1, 2, 3]),
    ],
)
def test_lists_are_narrowed_by_their_address(
    page: TestClient, asked: str, found: list[int]
) -> None:
    text = shown(page, f"/triage?{asked}")
    assert [at for at, words in enumerate(WORDS) if words in text] == found


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("q=(", "^"),
        ("of=nobody", "There is no source or group nobody"),
        ("saved=none", "no such saved search"),
        ("alert=none", "no such alert"),
        ("show=starred&after=x", "begin at the first"),
    ],
)
def test_what_cannot_be_listed_is_said(page: TestClient, asked: str, said: str) -> None:
    answer = page.get(f"/triage?{asked}")
    assert answer.status_code == 400
    assert said in answer.text


def test_lists_go_on_without_gaps(page: TestClient) -> None:
    ids = stories(page)
    page.post("/api/v1/triage/marks", json={"what": "star", "stories": list(ids.values())})
    for show in ("starred", "all", "new"):
        found, address = [], f"/api/v1/triage?show={show}&limit=3"
        while address:
            told = page.get(address).json()
            found += [each["title"] for each in told["items"]]
            address = told["next"]
        assert sorted(found) == sorted(WORDS), show


def test_what_is_no_mark_is_refused(page: TestClient) -> None:
    (form,) = forms(shown(page, "/triage"), "/triage/mark")
    assert (
        page.post("/triage/mark", data={"token": form["token"], "do": "eat:x"}).status_code == 404
    )
    assert page.post("/triage/mark", data={"do": "read:x"}).status_code == 403
    assert (
        page.post("/api/v1/triage/marks", json={"what": "eat", "stories": ["x"]}).status_code == 422
    )
    assert page.get("/api/v1/triage/stories/none").status_code == 404
    unknown = page.post("/api/v1/triage/marks", json={"what": "read", "stories": ["none"]}).json()
    assert unknown == {"items": [], "taken": [], "unknown": ["none"]}


@pytest.mark.browser
def test_keys_mark_in_place_and_are_taken_back(
    page: TestClient, database: Database, settings: Config
) -> None:
    path = chromium()
    from playwright.sync_api import sync_playwright

    story = stories(page)[WORDS[3]]
    with desk(settings, database) as base, sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=path, args=["--no-sandbox"])
        tab = browser.new_page()
        problems: list[str] = []
        tab.on("pageerror", lambda error: problems.append(str(error)))
        tab.goto(f"{base}/triage?show=all")
        row = tab.locator(f"#story-{story}")
        row.locator("a.headline").focus()
        for key, shown_then in (
            ("m", '[data-do="unread"]'),
            ("s", ".badge.star"),
            ("t", '.badge[data-desk="taken"]'),
            ("e", '.badge[data-desk="done"]'),
            ("x", '.badge[data-desk="not relevant"]'),
            ("u", '.badge[data-desk="done"]'),
        ):
            tab.keyboard.press(key)
            row.locator(shown_then).wait_for(timeout=10_000)
        assert tab.url == f"{base}/triage?show=all"
        assert row.get_attribute("data-read") == "yes"

        other = stories(page)[WORDS[2]]
        tab.goto(f"{base}/triage?show=all")
        triage.for_the_desk(database, "ada", "take", [other], now=datetime.now(UTC))
        tab.locator(f"#story-{other}").get_by_role("button", name="Take", exact=True).click()
        tab.get_by_text("Not changed; somebody else has it").wait_for(timeout=10_000)
        assert "ada" in tab.locator(f"#story-{other} .badge.desk:not([hidden])").inner_text()
        assert problems == []
        browser.close()


def test_a_correction_is_listed_apart_until_it_is_read(
    page: TestClient, database: Database, settings: Config
) -> None:
    newest = page.get("/api/v1/triage").json()["items"][0]["article"]
    assert page.post("/api/v1/triage/read-to", json={"article": newest}).status_code == 200
    assert listed(page) == []
    words = WORDS[0]
    body = (
        f"{words}. " * 9 + "\nCorrection: an earlier version of this article misstated the number."
    )
    put(database, article("0", title=words, body=body, fetched_at=datetime.now(UTC) + timedelta(seconds=1)))  # fmt: skip
    catch_up(settings, database)
    told = page.get("/api/v1/triage").json()
    assert [(each["title"], each["back"]) for each in told["back"]] == [(words, ["correction"])]
    assert "new again: a correction" in shown(page, "/triage")
    page.post("/api/v1/triage/marks", json={"what": "read", "stories": [told["back"][0]["story"]]})
    assert page.get("/api/v1/triage").json()["back"] == []
