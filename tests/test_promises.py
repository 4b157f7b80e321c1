"""The three promises, walked in a real browser on a running service: in English and in Arabic.

An operator adds a site by its homepage and sees its articles. An analyst finds what a publisher disguised,
reads it and takes it away. A subscriber makes an alert of that search and sees it fire.
"""

import csv
import re
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from newsbot.config import Config
from newsbot.web.languages import languages
from tests.conftest import Command, chromium, free_port
from tests.test_demo_server import running
from tests.test_service import Up

pytestmark = pytest.mark.browser

SOUGHT = '"إطلاق النار"'
HEADLINE = "وزير الدفاع الروسي"
# As long as anything on a page is waited for, in milliseconds.
SOON = 60_000


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running service with the demo newsroom."""
    config = Config(
        data_dir=tmp_path_factory.mktemp("desk"),
        web_port=free_port(),
        demo_port=free_port(7),
        extraction_processes=1,
    )
    ports = {"web_port": config.web_port, "demo_port": config.demo_port, "demo_interval": 2.0}
    up = Up(Command(config, **ports), "--demo")
    try:
        yield up.open()
    finally:
        up.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])


def again(page: Page, there: Callable[[], Locator]) -> Locator:
    """Load a page again until something is on it; returns that."""
    for _ in range(SOON // 1_000):
        if there().count():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    return there().first


@pytest.mark.parametrize(("code", "own"), [("en", "wire"), ("ar", "madapost")])
def test_the_three_promises_are_kept(
    desk: str, browser: Browser, code: str, own: str, tmp_path: Path
) -> None:
    said = languages()[code].words.gettext
    context = browser.new_context(locale=code, accept_downloads=True)
    context.set_default_timeout(SOON)
    wrong: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)

    def press(name: str) -> None:
        page.get_by_role("button", name=said(name), exact=True).first.click()

    def follow(name: str) -> None:
        page.get_by_role("link", name=said(name), exact=True).first.click()

    with running("--interval", "0.5") as newsroom:
        # The operator
        page.goto(desk)
        assert page.locator("html").get_attribute("lang") == code
        if code == "ar":  # in English the first steps lead there, from the first page
            follow("Sources")
            follow("Add a site")
        page.get_by_label(said("Its homepage")).fill(newsroom.home(own))
        press("Look at it")
        press("Add it and crawl")
        page.get_by_role("heading", level=1).get_by_role("link").click()
        follow("its articles")
        again(page, lambda: page.locator("li.story"))

        # The analyst
        page.goto(desk)
        page.get_by_role("searchbox").first.fill(SOUGHT)
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?**")
        seed = again(page, lambda: page.locator("a.headline").filter(has_text=HEADLINE))
        found = page.url
        seed.click()
        reading = page.locator("article [dir=rtl]").first
        expect(reading).to_contain_text(HEADLINE)
        page.goto(found)
        with page.expect_download() as kept:
            page.locator("summary").filter(has_text=said("Take it away")).click()
            page.locator(".exports").get_by_role("link", name="CSV", exact=True).click()
        kept.value.save_as(tmp_path / "found.csv")
        rows = list(csv.DictReader(StringIO((tmp_path / "found.csv").read_text("utf-8-sig"))))
        assert any(HEADLINE in row["title"] for row in rows)

        # The subscriber
        page.goto(found)
        follow("Make this an alert")
        page.get_by_label(re.compile(re.escape(said("Name")))).first.fill(f"fire {code}")
        press("Add the alert")
        page.goto(desk)
        fired = again(page, lambda: page.locator(".fired").filter(has_text=f"fire {code}"))
        expect(fired.locator("mark").first).to_contain_text("ار")
    context.close()
    assert wrong == []
