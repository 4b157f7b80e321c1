"""Every page in a real Chromium: axe-core finds nothing in it, it is no wider than its screen, and keys work.

Each page is looked at in one of the eight ways to read it; ``python -m benchmarks.shots --axe`` looks at all.
"""

from collections.abc import Iterator
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from newsbot.archive.connection import Database
from newsbot.config import Config
from tests.conftest import chromium
from tests.desk_walk import LANGUAGES, THEMES, WIDTHS, addresses, context, found_by_axe, overflow
from tests.desks import desk
from tests.filled_desk import fill

pytestmark = pytest.mark.browser

# All ways to read; each page is looked at in the next of them.
WAYS = tuple(product(LANGUAGES, THEMES, WIDTHS))


@pytest.fixture(scope="module")
def base(own_archive: tuple[Config, Database]) -> Iterator[str]:
    config, database = own_archive
    fill(config, database)
    with desk(config, database) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playing:
        opened = playing.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, base: str) -> Iterator[Page]:
    with context(browser, base) as (opened, _):
        yield opened


def test_no_page_has_anything_that_keeps_somebody_out(browser: Browser, base: str) -> None:
    with context(browser, base) as (_, fetch):
        there = sorted(addresses(fetch).values())
    assert len(there) > 30
    wrong = []
    axe = Axe()
    for kind, way in enumerate(WAYS):
        with context(browser, base, *way) as (page, _):
            for address in there[kind :: len(WAYS)]:
                page.goto(base + address, wait_until="load")
                wrong += [f"{address} {way}: {each}" for each in found_by_axe(axe, page)]
                for width in WIDTHS:
                    page.set_viewport_size({"width": width, "height": 900})
                    if wide := overflow(page):
                        wrong.append(f"{address} {way[:2]}: {wide} pixels wider than {width}")
    assert not wrong, "\n".join(wrong)


# Keys


def test_keys_go_through_a_list_and_open_what_they_stand_on(page: Page, base: str) -> None:
    page.goto(base + "/")
    first, second = page.locator("#stories a.headline").all()[:2]
    page.keyboard.press("j")
    assert first.evaluate("each => each === document.activeElement")
    page.keyboard.press("j")
    assert second.evaluate("each => each === document.activeElement")
    page.keyboard.press("k")
    assert first.evaluate("each => each === document.activeElement")
    page.keyboard.press("o")
    page.wait_for_url("**/article/*")


def test_keys_lead_to_the_search_box_to_pages_and_to_their_own_help(page: Page, base: str) -> None:
    page.goto(base + "/")
    page.keyboard.press("/")
    page.keyboard.type("g ajk?")
    assert page.locator(".find input").input_value() == "g ajk?", "while one types they do nothing"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open] kbd")
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="hidden")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**/alerts")


def test_keys_that_are_switched_off_do_nothing(page: Page, base: str) -> None:
    page.context.add_cookies([{"name": "newsbot_keys", "value": "off", "url": base}])
    page.goto(base + "/")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.keyboard.press("?")
    assert page.locator("dialog").count() == 0
    assert page.url == base + "/"


def test_a_browsers_own_zone_is_told_on_the_next_page(page: Page, base: str) -> None:
    page.goto(base + "/runs")
    assert page.locator("time").first.get_attribute("title").count(" · ") == 0  # type: ignore[union-attr]
    page.goto(base + "/runs")
    told = page.locator("time").first.get_attribute("title") or ""
    here, there = told.split(" · ")
    assert here.endswith((" EET", " EEST"))
    assert there.endswith(" UTC")


def test_the_way_through_the_desk_opens_without_a_script_on_a_small_screen(
    browser: Browser, base: str
) -> None:
    opened = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = opened.new_page()
    page.goto(base + "/")
    assert not page.locator("nav.way").is_visible()
    page.get_by_text("Menu", exact=True).click()
    page.locator(".menu a[href='/channels']").click()
    page.wait_for_url("**/channels")
    page.get_by_text("Display", exact=True).click()
    page.get_by_role("button", name="العربية").click()
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.url.endswith("/channels")
    opened.close()
