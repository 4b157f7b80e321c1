"""Pages that need JavaScript: scrapy-playwright with the system's Chromium.

Only sources that need it get a browser: its driver alone costs a process of its own a crawl.
"""

import os
import shutil
from pathlib import Path
from typing import Any

# In this order; the names under which Chromium is packaged.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# What a text needs none of.
UNWANTED = frozenset({"image", "media", "font"})


class NoBrowserError(Exception):
    """There is no Chromium on this machine."""


def chromium() -> str:
    """Return the path of the system's Chromium.

    Raises:
        NoBrowserError: saying what to install.
    """
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    raise NoBrowserError(
        "no Chromium was found for a source that needs JavaScript; "
        "install it (Debian: apt install chromium) and run the source again"
    )


def unwanted(request: Any) -> bool:
    """Say whether the browser need not load this."""
    return request.resource_type in UNWANTED


def browser_settings() -> dict[str, Any]:
    """Return the Scrapy settings with which pages are rendered in Chromium.

    Raises:
        NoBrowserError: when there is none.
    """
    flags = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    if os.geteuid() == 0 or Path("/.dockerenv").exists():
        flags.append("--no-sandbox")  # Chromium's sandbox refuses root
    handler = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"
    return {
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
        "PLAYWRIGHT_LAUNCH_OPTIONS": {"executable_path": chromium(), "args": flags},
        "PLAYWRIGHT_ABORT_REQUEST": unwanted,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 4,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 30_000,
    }
