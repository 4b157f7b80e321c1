"""A walk through all pages of a hostile archive in a real browser, counting what they would do."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlencode

import attrs
import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Error, Page, Request

from tests.hostile_texts import TEXTS
from tests.hostile_world import AUDIT, World, parameters, routes

# Streams that never end.
_LEFT_OUT = "/events"
# Characters of an address that are sent.
_LONGEST = 6_000


@attrs.define
class Seen:
    """What a walk came to: pages by status, and every harm."""

    pages: Counter[int] = attrs.Factory(Counter)
    files: Counter[int] = attrs.Factory(Counter)
    harm: list[str] = attrs.Factory(list)
    violations: Counter[str] = attrs.Factory(Counter)


def addresses(
    app: FastAPI, world: World, texts: Sequence[str], *, at_most: int = 10**9
) -> Iterator[str]:
    """Yield addresses of every route: of things that there are, and with each text for each parameter."""
    for route in {each.path: each for each in routes(app)}.values():
        if route.path.endswith(_LEFT_OUT):
            continue
        names = re.findall(r"\{(\w+)(?::\w+)?\}", route.path)
        for at in range(_most(names, world, at_most)):
            yield _filled(route, names, world, at)
        if asked := parameters(route):
            first = _filled(route, names, world, 0)
            for text in texts:
                told = urlencode(dict.fromkeys(asked, text), errors="surrogatepass")
                yield f"{first}?{_cut(told)}"
        if names:
            yield re.sub(r"\{\w+(?::\w+)?\}", lambda _: _quoted(texts[0]), route.path)


def _most(names: Sequence[str], world: World, at_most: int) -> int:
    known = [len(world.ids[name]) for name in names if name in world.ids]
    return min(max(known, default=1), at_most)


def _filled(route: APIRoute, names: Sequence[str], world: World, at: int) -> str:
    path = route.path
    for name in names:
        known = world.ids.get(name, ())
        value = known[at] if at < len(known) else TEXTS[at % len(TEXTS)]
        path = re.sub(rf"\{{{name}(?::\w+)?\}}", lambda _, v=value: _quoted(v), path)
    return path


def _quoted(value: str) -> str:
    return _cut(quote(value, safe="", errors="surrogatepass"))


def _cut(quoted: str) -> str:
    return re.sub("%[0-9A-F]?$", "", quoted[:_LONGEST])


class Walk:
    """One tab that looks at pages; nothing that leaves its origin is let through."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.base = base
        self.seen = Seen()
        self._context = browser.new_context()
        self._context.expose_binding("pwn", lambda *_: self._harm("a script ran"))
        self._context.expose_binding(
            "violated", lambda _, told: self.seen.violations.update([str(told)])
        )
        self._context.add_init_script(
            "document.addEventListener('securitypolicyviolation', e => window.violated("
            "e.effectiveDirective + ' ' + e.blockedURI.slice(0, 60)))"
        )
        self._context.on("request", self._asked)
        self.tab: Page = self._context.new_page()
        self.tab.on("dialog", lambda dialog: (self._harm("a dialog"), dialog.dismiss()))
        self.tab.on("popup", lambda _: self._harm("a window"))
        self._at = ""

    def _harm(self, what: str) -> None:
        self.seen.harm.append(f"{self._at[:150]}: {what}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:", "about:")):
            self._harm(f"asked for {request.url[:100]}")

    def look(self, path: str) -> None:
        """Look at one page; what is no page is asked for and not shown."""
        self._at = path
        if path.startswith("/api/v1/"):
            self._file(path)
            return
        try:
            answer = self.tab.goto(self.base + path, wait_until="load", timeout=20_000)
        except Error as error:
            if "Download is starting" not in str(error) and "ERR_ABORTED" not in str(error):
                self._harm(str(error).splitlines()[0])
                return
            self._file(path)
            return
        if answer is None:
            return
        self.seen.pages[answer.status] += 1
        if answer.status >= 500:
            self._harm(f"answered with {answer.status}")
        kind = answer.headers.get("content-type", "")
        policy = answer.headers.get("content-security-policy", "")
        if answer.headers.get("x-content-type-options") != "nosniff" or not policy:
            self._harm("has no policy, or may be sniffed")
        if policy.startswith("sandbox") or "html" not in kind:
            return  # nothing in it can be asked anything
        for found in self.tab.evaluate(AUDIT):
            self._harm(found)

    def _file(self, path: str) -> None:
        answer = httpx.get(self.base + path, timeout=20)
        self.seen.files[answer.status_code] += 1
        if answer.status_code >= 500:
            self._harm(f"answered with {answer.status_code}")
        if answer.headers.get("x-content-type-options") != "nosniff":
            self._harm("may be sniffed")
        if "html" in answer.headers.get("content-type", ""):
            self._harm("is a page and was taken for a file")

    def close(self) -> None:
        """Close the tab."""
        self._context.close()
