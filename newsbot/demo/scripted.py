"""The pages of a site that needs JavaScript: an empty shell, and the JSON from which it is filled."""

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from newsbot.demo import pages
from newsbot.demo.addresses import post_at
from newsbot.demo.fixed import missing_note, static_text
from newsbot.demo.newsroom import Newsroom, Post
from newsbot.demo.sites import Site

_PER_PAGE: Final = 12


class ScriptedPages:
    """Home page, sections and articles of ``site``, each the same shell; ``/api`` tells them apart."""

    def __init__(
        self, site: Site, newsroom: Newsroom, base: str, clock: Callable[[], datetime]
    ) -> None:
        self._site = site
        self._newsroom = newsroom
        self._base = base
        self._clock = clock
        self._lists = {"/": ("", "")} | {
            site.section_path.format(section=part.key): (part.key, part.title)
            for part in site.sections
        }

    def routes(self) -> list[Route]:
        """Return the routes; the last takes every address."""
        return [
            Route("/app.js", self._script),
            Route("/api/{path:path}", self._data),
            Route("/{path:path}", self._shell),
        ]

    async def _script(self, _: Request) -> Response:
        return Response(static_text(f"{self._site.name}.js"), media_type="text/javascript")

    async def _shell(self, request: Request) -> Response:
        path = request.url.path
        found = path in self._lists or post_at(self._newsroom, self._site, path, self._clock())
        return HTMLResponse(pages.shell(self._site, self._base), 200 if found else 404)

    async def _data(self, request: Request) -> Response:
        now = self._clock()
        path = "/" + request.path_params["path"]
        if path in self._lists:
            section, title = self._lists[path]
            posts = islice(self._newsroom.latest(self._site.name, now, section=section), _PER_PAGE)
            stories = [self._summary(post) for post in posts]
            return JSONResponse(
                self._frame() | {"kind": "list", "title": title, "stories": stories}
            )
        post = post_at(self._newsroom, self._site, path, now)
        if post is None:
            missing = {"kind": "missing", "title": missing_note(self._site, path).title}
            return JSONResponse(self._frame() | missing, status_code=404)
        article = self._summary(post) | {
            "kind": "article",
            "url": self._base + path,
            "section": self._site.section_title(post.section),
            "author": post.byline,
            "paragraphs": post.paragraphs,
        }
        return JSONResponse(self._frame() | article)

    def _frame(self) -> dict[str, object]:
        """Return what stands around every page."""
        return {
            "site": {
                "title": self._site.title,
                "tagline": self._site.tagline,
                "sections": [
                    {"path": path, "title": title}
                    for path, (_, title) in self._lists.items()
                    if title
                ],
                "notes": [
                    {"path": note.path, "title": note.title}
                    for note in pages.notes(self._site.language).values()
                ],
            }
        }

    def _summary(self, post: Post) -> dict[str, object]:
        shown = pages.card(self._site, post)
        return {
            "path": shown.path,
            "title": post.title,
            "date": shown.date,
            "published": shown.iso,
            "picture": shown.picture,
        }
