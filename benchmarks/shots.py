"""Draw every page of the desk: two languages, two themes, two widths, a picture each, and sheets of them.

    python -m benchmarks.shots http://127.0.0.1:8000 FOLDER [--axe] [--only /search /alerts]

Run it against a newsroom that has something in it (``newsbot up --demo``). It says which pages are wider than
their screen. Pages are found as by :mod:`tests.desk_walk`.
"""

import argparse
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from tests.desk_walk import LANGUAGES, THEMES, WIDTHS, addresses, context, found_by_axe, overflow

_HIGH = {1440: 900, 390: 844}


def _named(address: str) -> str:
    plain = "".join(each if each.isalnum() else "-" for each in address.strip("/").split("#")[0])
    return plain[:60] or "now"


def shots(
    browser: Browser, base: str, folder: Path, only: list[str], *, check: bool
) -> Iterator[str]:
    """Draw the pages into a folder; yield what is wrong with them, by axe-core too where that is asked."""
    axe = Axe()
    with context(browser, base) as (page, fetch):
        there = only or sorted(addresses(fetch).values())
    for language, theme, width in product(LANGUAGES, THEMES, WIDTHS):
        with context(browser, base, language, theme, width, high=_HIGH[width]) as (page, _):
            for address in there:
                page.goto(base + address, wait_until="load")
                if wide := overflow(page):
                    yield f"{address} ({language}, {width}) is {wide} pixels wider than its screen"
                if check:
                    for each in found_by_axe(axe, page):
                        yield f"{address} ({language}, {theme}, {width}): {each}"
                name = f"{_named(address)}.{language}.{theme}.{width}.png"
                page.screenshot(path=folder / name, full_page=width == 390, animations="disabled")


def main() -> int:
    """Draw what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("address")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--axe", action="store_true", help="check each by axe-core, too")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    wrong = 0
    with sync_playwright() as playing:
        browser = playing.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        for each in shots(
            browser, asked.address.rstrip("/"), asked.folder, asked.only, check=asked.axe
        ):
            print(each)
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
