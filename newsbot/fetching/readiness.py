"""When a page in the browser has become what its reader sees.

"No request for half a second" (Playwright's ``networkidle``) never comes on pages that poll, stream
or show a clock, and comes half a second late on all others. What counts here is the text: a page is
ready once its paragraphs and links are there, have stopped changing, and nothing is under way that
pages build themselves from. Each wait has an end.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from playwright.async_api import Error, Page, Request

# How often the page is looked at, in seconds.
STEP = 0.1
# It has settled when nothing changed for so long (seconds) and nothing is under way,
QUIET = 0.4
# or for so long although something is: a page that polls has always something under way.
QUIET_THOUGH_BUSY = 2.0
# A request older than this (seconds) is a stream or a long poll, not a part of the page.
STREAM = 3.0
# An address that is asked for the so-manieth time is polled, and no part of the page either. So many
# addresses of a page are counted.
POLL, ADDRESSES = 4, 1_000
# A page that shows hardly any text is given so long (seconds) to show some, and so long to go on if
# a script has put something there.
EMPTY, GROWN = 8.0, 1.5
# Any page has so long in all.
LONGEST = 15.0
# What "hardly any" is: characters in paragraphs, and links.
SOME_TEXT, SOME_LINKS = 200, 10

# What pages build themselves from (Playwright's resource types).
_BUILDING = frozenset({"document", "script", "xhr", "fetch"})

# Not the title: some sites have it count or scroll.
_ELEMENTS = 4
_LOOK = """() => {
  let text = 0, paragraphs = 0;
  for (const each of document.getElementsByTagName('p')) {
    text += each.textContent.length; paragraphs++;
  }
  return [document.readyState, text, paragraphs, document.links.length,
          document.getElementsByTagName('*').length];
}"""


class UnderWay:
    """The requests of a page that have not ended, by when they began; and where it was led."""

    def __init__(self, page: Page, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun: dict[Request, float] = {}
        self._asked: Counter[str] = Counter()
        # Addresses that the page itself was, or was to be, newest first.
        self.navigations: list[str] = []
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _began(self, request: Request) -> None:
        if request.resource_type == "document" and _is_pages_own(request):
            self.navigations.insert(0, request.url)
        if request.resource_type in _BUILDING and not self._is_poll(request):
            self._begun[request] = self._clock()

    def _is_poll(self, request: Request) -> bool:
        if request.method != "GET":  # GraphQL asks for everything at one address
            return False
        address = request.url.partition("?")[0]
        if address in self._asked or len(self._asked) < ADDRESSES:
            self._asked[address] += 1
        return self._asked[address] >= POLL

    def _ended(self, request: Request) -> None:
        self._begun.pop(request, None)

    def building(self) -> bool:
        """Say whether something is under way that may become a part of the page."""
        now = self._clock()
        return any(now - begun < STREAM for begun in self._begun.values())


async def settled(page: Page, under_way: UnderWay, *, longest: float = LONGEST) -> None:
    """Wait until the page has settled, or has had its time (seconds)."""
    began = changed = time.monotonic()
    before: Any = None
    first = 0
    while True:
        now = time.monotonic()
        try:
            look = await page.evaluate(_LOOK)
        except Error:  # it goes on to another page just now
            if page.is_closed():
                return
            look = None
        if look is None or look != before:
            before, changed = look, now
        if look and look[0] != "loading" and not first:
            first = look[_ELEMENTS]
        if now - began > longest or (
            look and _ready(look, first, under_way, now - changed, now - began)
        ):
            return
        await asyncio.sleep(STEP)


def _is_pages_own(request: Request) -> bool:
    try:
        return request.frame.parent_frame is None
    except Error:  # a page's first navigation, before there is a frame
        return True


def _ready(look: list[Any], first: int, under_way: UnderWay, quiet: float, waited: float) -> bool:
    state, text, _paragraphs, links, elements = look
    if state == "loading" or quiet < QUIET:
        return False
    little = text < SOME_TEXT and links < SOME_LINKS
    grown = elements > first and quiet >= GROWN
    if little and not grown and waited < EMPTY:
        return False
    return quiet >= QUIET_THOUGH_BUSY or not under_way.building()
