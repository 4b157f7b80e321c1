"""Hostile texts in every field and every address: no page runs, loads or asks for anything, none breaks."""

import pytest

from newsbot.archive.connection import Database
from newsbot.config import Config
from tests.conftest import chromium, free_port
from tests.hostile_texts import FAMILIES, STORED, TEXTS
from tests.hostile_walk import Walk, addresses
from tests.hostile_world import World, fill, served

# The texts are packed into so many; each stands alone, too, in what is a list.
PACKS = 2


def packed(texts: tuple[str, ...], packs: int) -> list[str]:
    """Return the texts in so many, those of a family apart from one another."""
    return [" ".join(texts[at::packs]) for at in range(packs)]


@pytest.fixture(scope="module")
def world(own_archive: tuple[Config, Database]) -> World:
    config, database = own_archive
    return fill(config, database, packed(STORED, PACKS), STORED)


def test_there_are_as_many_texts_as_were_promised_and_of_every_family() -> None:
    assert len(TEXTS) == len(set(TEXTS)) >= 500
    assert min(len(texts) for texts in FAMILIES.values()) >= 5


@pytest.mark.browser
def test_no_page_does_what_a_text_says(own_archive: tuple[Config, Database], world: World) -> None:
    from playwright.sync_api import sync_playwright

    path, port = chromium(), free_port()
    with served(*own_archive, port) as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        walk = Walk(browser, f"http://127.0.0.1:{port}")
        try:
            for address in addresses(app, world, packed(TEXTS, 1), at_most=2):
                walk.look(address)
        finally:
            browser.close()
    assert not walk.seen.harm, "\n".join(walk.seen.harm)
    assert walk.seen.violations == {}
    assert walk.seen.pages[200] > 30
