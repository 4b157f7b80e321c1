"""Pages of a source before and after it changed them, beside each other.

A publisher's page is shown as what was read of it, and as its markup in plain text: never as a page.
"""

from typing import Literal

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, PlainTextResponse

from newsbot.archive import redesigns, sources, standings
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.fetching.raw_files import RawNotKeptError
from newsbot.fetching.raw_page import markup
from newsbot.web.pages import Pages

# What comes from a publisher does nothing here, whatever a browser takes it for.
_INERT = {
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
}


class RedesignPages:
    """The pages of changed pages of one archive."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._config = config
        self._database = database
        self._pages = pages
        self.router = APIRouter()
        add = self.router.add_api_route
        where = "/sources/{source}/redesign"
        add(where, self.redesign, methods=["GET"], response_class=HTMLResponse, response_model=None)
        add(
            where + "/{page}/{which}",
            self.markup,
            methods=["GET"],
            response_class=PlainTextResponse,
            response_model=None,
        )

    def redesign(self, request: Request, source: str) -> HTMLResponse:
        """Show known pages of a source before and after it changed them."""
        found = sources.find(self._database, source)
        if found is None:
            raise HTTPException(404)
        standing = standings.of(self._database, found.id)
        return self._pages.page(
            request,
            "redesign.html",
            source=found,
            redesigned=standing.redesigned if standing else None,
            pages=redesigns.of(self._database, found.id),
        )

    def markup(
        self, source: str, page: str, which: Literal["before", "after"]
    ) -> PlainTextResponse:
        """Show the markup of one page as it came."""
        there = {each.id: each.page for each in redesigns.of(self._database, source)}
        if page not in there:
            raise HTTPException(404)
        place = (there[page].before if which == "before" else there[page].after).raw
        if place is None:
            raise HTTPException(404)
        try:
            text = markup(self._config.data_dir, place)
        except RawNotKeptError as error:
            return PlainTextResponse(f"{error}\n", status_code=410, headers=_INERT)
        return PlainTextResponse(text.encode("utf8", "replace"), headers=_INERT)
