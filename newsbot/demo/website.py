"""The web server of one site: which address answers what."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newsbot.demo import feeds, pages
from newsbot.demo.addresses import post_at
from newsbot.demo.conditional import conditional
from newsbot.demo.fixed import fixed_routes, missing_note
from newsbot.demo.newsroom import Newsroom, Post
from newsbot.demo.scripted import ScriptedPages
from newsbot.demo.sites import Site

_PER_PAGE: Final = 10
_LAST_PAGE: Final = 20
_FEED_LENGTH: Final = 15
_ASIDE_LENGTH: Final = 6
_NEWS_SITEMAP_LENGTH: Final = 200

# The sites that tell clients when nothing has changed. Many real ones do not.
_WITH_VALIDATORS: Final = frozenset({"wire", "gazette"})


class Website:
    """One site of the newsroom, served at ``base`` (``http://127.0.0.1:8100``, no slash)."""

    def __init__(
        self, site: Site, newsroom: Newsroom, base: str, clock: Callable[[], datetime]
    ) -> None:
        self._site = site
        self._newsroom = newsroom
        self._base = base
        self._clock = clock

    def application(self) -> Starlette:
        """Return the site as an ASGI application."""
        routes = fixed_routes(self._site, self._base)
        if self._site.feed_path:
            routes.append(Route(self._site.feed_path, self._feed))
        if self._site.name == "gazette":
            routes += [
                Route("/sitemap.xml", self._sitemap_index),
                Route("/sitemap-news.xml", self._news_sitemap),
                Route("/sitemap-pages.xml", self._pages_sitemap),
            ]
        if self._site.javascript:
            routes += ScriptedPages(self._site, self._newsroom, self._base, self._clock).routes()
        else:
            section_path = self._site.section_path
            routes += [
                Route("/", self._list),
                Route("/page/{page:int}", self._list),
                Route(section_path, self._list),
                Route(f"{section_path}/page/{{page:int}}", self._list),
                Route("/tag/{tag}", self._list),
                Route("/author/{author}", self._list),
                Route("/{path:path}", self._article),
            ]
        return Starlette(routes=routes, exception_handlers={404: self._missing})

    async def _list(self, request: Request) -> Response:
        asked = request.path_params
        section, page = asked.get("section", ""), asked.get("page", 1)
        now = self._clock()
        title = ""
        posts: Iterable[Post] = self._newsroom.latest(self._site.name, now, section=section)
        if section:
            title = self._section_title(section)
        if tag := asked.get("tag"):
            title, posts = tag, (post for post in posts if tag in post.story.tags)
        if author := asked.get("author"):
            title, posts = author, (post for post in posts if post.byline == author)
        if not 1 <= page <= _LAST_PAGE:
            raise HTTPException(404)
        first = (page - 1) * _PER_PAGE
        shown = list(islice(posts, first, first + _PER_PAGE + 1))
        if not shown and (page > 1 or tag or author):
            raise HTTPException(404)
        stem = self._site.section_path.format(section=section) if section else ""
        older = len(shown) > _PER_PAGE and page < _LAST_PAGE and not (tag or author)
        listing = pages.Listing(
            title=title,
            cards=tuple(pages.card(self._site, post) for post in shown[:_PER_PAGE]),
            path=request.url.path,
            older=f"{stem}/page/{page + 1}" if older else "",
        )
        html = pages.front(self._site, self._base, listing, self._aside(now))
        newest = max((post.modified for post in shown), default=None)
        return self._answer(request, HTMLResponse(html), newest, now)

    async def _article(self, request: Request) -> Response:
        now = self._clock()
        post = post_at(self._newsroom, self._site, request.url.path, now)
        if post is None:
            raise HTTPException(404)
        shown = pages.card(self._site, post)
        html = pages.article(self._site, self._base, shown, self._aside(now))
        return self._answer(request, HTMLResponse(html), post.modified, now)

    async def _feed(self, request: Request) -> Response:
        now = self._clock()
        posts = list(islice(self._newsroom.latest(self._site.name, now), _FEED_LENGTH))
        seed = self._newsroom.seed_post()
        if self._site.name == seed.site and seed not in posts:
            posts.append(seed)
        newest = max((post.modified for post in posts), default=None)
        is_atom = self._site.feed_path.startswith("/atom")
        write = feeds.atom if is_atom else feeds.rss
        kind = "application/atom+xml" if is_atom else "application/rss+xml"
        body = write(self._site, self._base, posts)
        return self._answer(request, Response(body, media_type=kind), newest, now)

    async def _sitemap_index(self, _: Request) -> Response:
        body = feeds.sitemap_index(self._base, ("/sitemap-news.xml", "/sitemap-pages.xml"))
        return Response(body, media_type="application/xml")

    async def _news_sitemap(self, request: Request) -> Response:
        now = self._clock()
        posts = list(islice(self._newsroom.latest(self._site.name, now), _NEWS_SITEMAP_LENGTH))
        newest = max((post.modified for post in posts), default=None)
        body = feeds.news_sitemap(self._site, self._base, posts)
        return self._answer(request, Response(body, media_type="application/xml"), newest, now)

    async def _pages_sitemap(self, _: Request) -> Response:
        sections = [
            self._site.section_path.format(section=part.key) for part in self._site.sections
        ]
        paths = ["/", *sections, *pages.notes(self._site.language)]
        return Response(feeds.pages_sitemap(self._base, paths), media_type="application/xml")

    async def _missing(self, request: Request, _: Exception) -> Response:
        note = missing_note(self._site, request.url.path)
        return HTMLResponse(pages.note(self._site, self._base, note), status_code=404)

    def _answer(
        self, request: Request, response: Response, modified: datetime | None, now: datetime
    ) -> Response:
        if self._site.name not in _WITH_VALIDATORS:
            return response
        return conditional(request, response, modified=modified, now=now)

    def _aside(self, now: datetime) -> list[pages.Card]:
        """Return what a page offers beside its own matter; on the Arabic site the seed as well."""
        posts = list(islice(self._newsroom.latest(self._site.name, now), _ASIDE_LENGTH))
        seed = self._newsroom.seed_post()
        if self._site.name == seed.site and seed not in posts:
            posts.append(seed)
        return [pages.card(self._site, post) for post in posts]

    def _section_title(self, key: str) -> str:
        try:
            return self._site.section_title(key)
        except KeyError:
            raise HTTPException(404) from None
