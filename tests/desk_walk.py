"""Every page of the desk, found as a reader finds it: by the links from page to page.

A page is a route that answers GET with HTML (:data:`newsbot.web.access.TABLE`); of routes with a name in them
the first address that is met is taken.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from newsbot.web.access import TABLE

LANGUAGES, THEMES, WIDTHS = ("en", "ar"), ("light", "dark"), (1440, 390)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
Fetch = Callable[[str], tuple[int, str, str]]
"""Asks for an address; answers with the status, the kind of content, and the text."""

# Answers that are no pages, and pages that stand in a frame of another.
_NO_PAGE = re.compile(
    r"/(api/v1|feed|healthz|readyz|metrics|events)\b|.*\.(csv|json|atom)$|.*/(events|page)$"
)
_LINK = re.compile(r'href="(/[^"#]*)')
# Pages that nothing leads to, with what they show when they are asked something.
_ASKED = (
    *("/search?q=the", "/attention?q=the", "/why?url=https://nowhere.example/a", "/nowhere"),
    *("/search?q=(the", "/alerts/new"),
)


def routes() -> dict[str, re.Pattern[str]]:
    """Return the routes of all pages, each with what its addresses look like."""
    paths = [route.removeprefix("GET ") for route in TABLE if route.startswith("GET ")]
    return {
        path: re.compile(re.sub(r"\\\{\w+\\\}", "[^/?]+", re.escape(path)))
        for path in sorted(paths, key=lambda path: path.count("{"))
        if not _NO_PAGE.fullmatch(path) and not _NO_PAGE.match(path)
    }


def addresses(fetch: Fetch) -> dict[str, str]:
    """Return an address of every page that can be come by, by its route, and some that show more."""
    known = routes()
    found = {path: path for path in known if "{" not in path}
    waiting, files = deque([*found.values(), *_ASKED]), set[str]()
    while waiting:
        address = waiting.popleft()
        status, kind, text = fetch(address)
        if not kind.startswith("text/html"):
            files.add(address)
        if status >= 400 or address in files:
            continue
        for link in map(unescape, _LINK.findall(text)):
            path = urlsplit(link).path
            route = next((each for each, form in known.items() if form.fullmatch(path)), "")
            if route and route not in found:
                found[route] = link
                waiting.append(link)
    pages = {route: each for route, each in found.items() if each not in files}
    return pages | {each: each for each in _ASKED}


@contextmanager
def context(
    browser: Browser,
    base: str,
    language: str = "en",
    theme: str = "light",
    width: int = 1440,
    *,
    high: int = 900,
) -> Iterator[tuple[Page, Fetch]]:
    """Open a window as one reader has it; yield its page, and what asks for addresses."""
    opened = browser.new_context(
        viewport={"width": width, "height": high},
        color_scheme="dark" if theme == "dark" else "light",
        timezone_id="Asia/Beirut",
    )
    opened.add_cookies([{"name": "newsbot_language", "value": language, "url": base}])

    def fetch(address: str) -> tuple[int, str, str]:
        answer = opened.request.get(base + address)
        kind = answer.headers.get("content-type", "")
        return answer.status, kind, answer.text() if kind.startswith("text/html") else ""

    try:
        yield opened.new_page(), fetch
    finally:
        opened.close()


def overflow(page: Page) -> int:
    """Return by how many pixels a page is wider than its screen."""
    wide: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide


def found_by_axe(axe: Axe, page: Page) -> Iterator[str]:
    """Yield what axe-core finds on a page against WCAG 2.2, levels A and AA: rule, place, and what is wrong."""
    found = axe.run(page, options={"runOnly": TAGS, "resultTypes": ["violations"]})
    for violation in found.response["violations"]:
        for node in violation["nodes"][:3]:
            summary = " ".join(node["failureSummary"].split())[:300]
            yield f"{violation['id']} {node['html'][:160]} {summary}"
