"""Hostile texts on every page: each text in every field by itself, each thing's page, and each parameter.

    python -m benchmarks.hostile            # all of them
    python -m benchmarks.hostile 30         # every so many-th text

The test beside this (``tests/test_hostile_pages.py``) packs the texts together. Here each stands alone, at a
field's beginning and end, in things of its own: an article with an edit and a page as it came, a source, two
alerts, a list, a saved search, a run, a channel, a message, a changed page. Chromium looks at the page of each of
them and at every list, and asks each route with the text as each of its parameters. Counted are scripts that
run, dialogs, windows, requests that leave, violations of the policy, and what a page holds that it should not.
"""

import logging
import sys
import tempfile
import time
from pathlib import Path

from newsbot.archive.connection import connect
from newsbot.config import Config
from tests.conftest import chromium, free_port
from tests.hostile_texts import STORED, TEXTS
from tests.hostile_walk import Seen, Walk, addresses
from tests.hostile_world import FIELDS, fill, served


def run(every: int = 30) -> Seen:
    """Look at the pages of every so many-th text; prints and returns what was seen."""
    from playwright.sync_api import sync_playwright

    logging.disable(logging.WARNING)  # that rules are broken, each time
    begun, port = time.monotonic(), free_port()
    stored, typed = STORED[::every], TEXTS[::every]
    with tempfile.TemporaryDirectory() as folder:
        config = Config(data_dir=Path(folder) / "data", extraction_processes=0)
        with connect(config) as database, sync_playwright() as playwright:
            world = fill(config, database, stored, stored[:1])
            browser = playwright.chromium.launch(
                executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
            )
            with served(config, database, port) as app:
                walk = Walk(browser, f"http://127.0.0.1:{port}")
                for address in addresses(app, world, typed):
                    walk.look(address)
            browser.close()
    seen = walk.seen
    print(
        f"hostile: {len(stored)} texts in {len(FIELDS)} fields; {sum(seen.pages.values()):,} pages and "
        f"{sum(seen.files.values()):,} files asked for in {time.monotonic() - begun:.0f} s\n"
        f"  pages by status {dict(seen.pages)}, files {dict(seen.files)}\n"
        f"  harm {len(seen.harm)}, violations of the policy {sum(seen.violations.values())}  "
        f"{'MISSED' if seen.harm or seen.violations else 'reached'}",
        flush=True,
    )
    for each in seen.harm[:50]:
        print(f"    {each}")
    for told, count in seen.violations.most_common(20):
        print(f"    {count} x {told}")
    return seen


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
