"""Pages that need JavaScript: with which settings Scrapy has them rendered in Chromium.

Only sources that need it get a browser; what stands here costs the others nothing. The handler is
``browser_handler.py``, which imports Playwright.
"""

import shutil
import sys
from typing import Any

# In this order; the names under which Chromium is packaged.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoBrowserError(Exception):
    """There is no Chromium that runs here; the text says what to do."""


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
        "install it (Debian: apt install chromium), and the source is read at its next turn"
    )


def browser_settings() -> dict[str, Any]:
    """Return the Scrapy settings with which pages are rendered in Chromium.

    Raises:
        NoBrowserError: when there is none.
    """
    chromium()
    handler = "newsbot.fetching.browser_handler.BrowserHandler"
    return {
        "DOWNLOAD_HANDLERS": {
            "http": handler,
            "https": handler,
            "data": None,
            "file": None,
            "ftp": None,
            "s3": None,
        },
        "PLAYWRIGHT_BROWSER_PROVIDER": "newsbot.fetching.browser_handler.SharedProvider",
    }


async def close_browser() -> None:
    """Close this process's browser, if it ever had one."""
    if "newsbot.fetching.browser" in sys.modules:
        await sys.modules["newsbot.fetching.browser"].close_shared_browser()
