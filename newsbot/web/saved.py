"""The page of saved searches: what each finds now, where it is read as a feed, and its forms."""

from datetime import UTC, datetime
from typing import Annotated

import attrs
from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from newsbot.archive import audit, feeds, searches, sources
from newsbot.archive.connection import Database
from newsbot.archive.searches import SavedSearch, SearchExistsError, SearchNameError
from newsbot.config import Config
from newsbot.query import QuerySyntaxError, parse
from newsbot.search.lists import Lists
from newsbot.search.results import Reader
from newsbot.web.access import visitor
from newsbot.web.feeds import addresses
from newsbot.web.guard import checked
from newsbot.web.pages import Pages


@attrs.frozen
class _Listed:
    """A saved search and what it finds now: all, and of the last day. ``error`` says why it finds nothing.

    A count is None where it cannot be had.
    """

    search: SavedSearch
    feed: dict[str, str]
    total: int | None
    lately: int | None
    error: str = ""


class Saved:
    """The saved searches of one archive, on a page."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._database = database
        self._reader = Reader(config, database)
        self._pages = pages
        self.router = APIRouter()
        add = self.router.add_api_route
        add(
            "/saved", self.listed, methods=["GET"], response_class=HTMLResponse, response_model=None
        )
        add("/saved", self.save, methods=["POST"], response_model=None)
        add("/saved/{search}/{change}", self.change, methods=["POST"], response_model=None)
        add("/sources/{source}/feed", self.renew_source, methods=["POST"], response_model=None)

    def listed(self, request: Request) -> HTMLResponse:
        """List the saved searches, and offer to save one."""
        return self._listed(request, typed={"name": "", "query": "", "order": "newest"})

    def _listed(self, request: Request, *, typed: dict[str, str], error: str = "") -> HTMLResponse:
        return self._pages.page(
            request,
            "saved.html",
            status=400 if error else 200,
            saved=[self._found(request, each) for each in searches.everything(self._database)],
            typed=typed,
            error=error,
        )

    def _found(self, request: Request, search: SavedSearch) -> _Listed:
        feed = addresses(request, feeds.address(self._database, "search", search.id))
        try:
            total = self._reader.total(search.query)
        except QuerySyntaxError as error:
            return _Listed(search, feed, None, None, error.explain())
        try:
            lately = self._reader.total(f"({search.query}) seen:<1d")
        except QuerySyntaxError:  # as long as a query may be, and by this too long
            lately = None
        return _Listed(search, feed, total, lately)

    def save(
        self,
        request: Request,
        token: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        query: Annotated[str, Form()] = "",
        order: Annotated[str, Form()] = "newest",
    ) -> Response:
        """Save a search; what cannot be is said, and nothing typed is lost."""
        checked(request, token)
        typed = {"name": name, "query": query, "order": order}
        try:
            parse(query, Lists.of(self._database).now().entries)
            made = searches.new(
                name,
                query,
                order="relevance" if order == "relevance" else "newest",
                by=visitor(request).name,
                now=datetime.now(UTC),
            )
            searches.add(self._database, made)
        except QuerySyntaxError as error:
            return self._listed(request, typed=typed, error=error.explain())
        except (SearchNameError, SearchExistsError) as error:
            return self._listed(request, typed=typed, error=_sentence(error))
        return RedirectResponse(f"/saved#{made.id}", status_code=303)

    def change(
        self,
        request: Request,
        search: str,
        change: str,
        token: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
    ) -> Response:
        """Rename or remove a saved search, or give its feed another address."""
        checked(request, token)
        saved = searches.of_id(self._database, search)
        if saved is None or change not in ("rename", "remove", "renew"):
            raise HTTPException(404)
        if change == "remove":
            searches.remove(self._database, saved.id)
            return RedirectResponse("/saved", status_code=303)
        if change == "renew":
            feeds.renew(self._database, "search", saved.id)
            audit.note(self._database, "feed renew", ids=[saved.id], by=visitor(request).name)
        else:
            try:
                searches.rename(self._database, saved.id, name)
            except (SearchNameError, SearchExistsError) as error:
                typed = {"name": "", "query": "", "order": "newest"}
                return self._listed(request, typed=typed, error=_sentence(error))
        return RedirectResponse(f"/saved#{saved.id}", status_code=303)

    def renew_source(
        self, request: Request, source: str, token: Annotated[str, Form()] = ""
    ) -> Response:
        """Give the feed of a source another address."""
        checked(request, token)
        found = sources.find(self._database, source)
        if found is None:
            raise HTTPException(404)
        feeds.renew(self._database, "source", found.id)
        audit.note(self._database, "feed renew", ids=[found.id], by=visitor(request).name)
        return RedirectResponse(f"/sources/{found.id}#feed", status_code=303)


def _sentence(error: Exception) -> str:
    told = str(error)
    return f"{told[:1].upper()}{told[1:]}; nothing was changed."
