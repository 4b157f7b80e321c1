"""Adding a site by its homepage: a look at it, told as it goes on, and then one button that adds and crawls it.

Looks are kept in this process, the last of each visitor: they say nothing that another look does not.
"""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

import attrs
from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from newsbot.archive import audit, wishes
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source, SourceExistsError, SourceNameError
from newsbot.config import Config
from newsbot.fetching.trying import Progress, Trying
from newsbot.spiders.adding import NothingFoundError, Wishes, add_site
from newsbot.spiders.recognition import KnownSiteError
from newsbot.web.access import visitor
from newsbot.web.guard import checked
from newsbot.web.languages import language_of
from newsbot.web.pages import Pages
from newsbot.web.source_form import groups_in

# Looks that go on at once, and how often an open page is told of one.
AT_ONCE = 4
LOOK_SECONDS = 0.3
# Looks that are kept: the last of so many visitors.
KEPT = 50
LONGEST_ADDRESS = 2_000

Token = Annotated[str, Form()]


class BusyError(Exception):
    """As many sites are looked at already as may be at once."""


@attrs.frozen
class Look:
    """A look at a site, and whose it is."""

    id: str
    by: str
    trying: Trying


class Looks:
    """The looks of one server: the last of each visitor."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._of: dict[str, Look] = {}
        self._lock = threading.Lock()

    def begin(self, url: str, by: str) -> Look:
        """Begin to look at a site; ends the look before, if it goes on still.

        Raises:
            BusyError: while others look at as many as may be.
        """
        with self._lock:
            if before := self._of.pop(by, None):
                before.trying.end()
            if sum(not each.trying.progress.ended for each in self._of.values()) >= AT_ONCE:
                raise BusyError
            look = Look(secrets.token_hex(8), by, Trying(url, self._config))
            self._of[by] = look
            while len(self._of) > KEPT:
                self._of.pop(next(iter(self._of))).trying.end()
            return look

    def find(self, look: str, by: str) -> Look | None:
        """Return a visitor's look of that id."""
        there = self._of.get(by)
        return there if there is not None and there.id == look else None


class AddingPages:
    """The pages on which a site becomes a source."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._database = database
        self._pages = pages
        self._looks = Looks(config)
        self.router = APIRouter()
        add = self.router.add_api_route
        for path, page in (("/sources/add", self.form), ("/sources/add/{look}", self.look)):
            add(path, page, methods=["GET"], response_class=HTMLResponse, response_model=None)
        add("/sources/add/{look}/events", self.events, methods=["GET"], response_model=None)
        for path, step in (("/sources/add", self.begin), ("/sources/add/{look}", self.add)):
            add(path, step, methods=["POST"], response_model=None)

    def form(self, request: Request) -> HTMLResponse:
        """Ask for a homepage."""
        return self._asked(request, request.query_params.get("url", "")[:LONGEST_ADDRESS])

    def _asked(self, request: Request, url: str, error: str = "") -> HTMLResponse:
        status = 422 if error else 200
        return self._pages.page(
            request, "source_add.html", status=status, url=url, error=error, look=None
        )

    def begin(
        self, request: Request, token: Token = "", url: Annotated[str, Form()] = ""
    ) -> Response:
        """Begin to look at a site."""
        checked(request, token)
        words = language_of(request).words
        url = url.strip()[:LONGEST_ADDRESS]
        if not url:
            said = words.gettext("Give the address of a homepage, as https://news.example/.")
            return self._asked(request, url, said)
        try:
            look = self._looks.begin(url, visitor(request).name)
        except BusyError:
            said = words.gettext("Others look at sites just now; try again in a minute.")
            return self._asked(request, url, said)
        return RedirectResponse(f"/sources/add/{look.id}", status_code=303)

    def look(self, request: Request, look: str) -> Response:
        """Show how far a look is, and what it found."""
        found = self._looks.find(look, visitor(request).name)
        if found is None:  # it was of before a restart, or of before the last one
            return RedirectResponse("/sources/add", status_code=303)
        return self._shown(request, found)

    def _shown(
        self,
        request: Request,
        look: Look,
        *,
        error: str = "",
        known: Source | None = None,
        name: str = "",
        groups: str = "",
    ) -> HTMLResponse:
        progress = look.trying.progress
        return self._pages.page(
            request,
            "source_add.html",
            status=409 if error else 200,
            url=progress.url,
            error=error,
            look=look,
            progress=progress,
            known=known,
            name=name,
            groups=groups,
            addable=_is_addable(progress),
        )

    async def events(self, request: Request, look: str) -> StreamingResponse:
        """Tell an open page of each step."""
        found = self._looks.find(look, visitor(request).name)
        if found is None:
            raise HTTPException(404)
        return StreamingResponse(
            _steps(found.trying),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    def add(
        self,
        request: Request,
        look: str,
        token: Token = "",
        name: Annotated[str, Form()] = "",
        groups: Annotated[str, Form()] = "",
        anyway: Annotated[str, Form()] = "",
    ) -> Response:
        """Add the site that was looked at, and crawl it; shows its first run."""
        checked(request, token)
        found = self._looks.find(look, visitor(request).name)
        if found is None or found.trying.progress.found is None:
            return RedirectResponse("/sources/add", status_code=303)
        progress, by, now = found.trying.progress, visitor(request).name, datetime.now(UTC)
        assert progress.found is not None
        known = None
        try:
            made = add_site(
                self._database,
                progress.url,
                progress.found,
                Wishes(name=name.strip(), groups=groups_in(groups)),
                now=now,
                anyway=bool(anyway),
            )
        except KnownSiteError as error:
            said, known = str(error), error.source
        except (SourceExistsError, SourceNameError, NothingFoundError) as error:
            said = str(error)
        else:
            audit.note(self._database, "source add", ids=(made.id,), by=by)
            run, _ = wishes.at_once(self._database, made.id, by=by, now=now)
            where = f"/runs/{run.id}" if run else f"/sources/{made.id}"
            return RedirectResponse(where, status_code=303)
        return self._shown(
            request,
            found,
            error=f"{said[:1].upper()}{said[1:]}.",
            known=known,
            name=name,
            groups=groups,
        )


def _is_addable(progress: Progress) -> bool:
    """Say whether something there leads to articles."""
    found = progress.found
    return found is not None and bool(
        found.needs_javascript
        or found.links
        or any(each.kind != "page" for each in found.entry_points)
    )


async def _steps(trying: Trying) -> AsyncIterator[str]:
    """Yield an event whenever there is something new, until it is over."""
    told = -1
    while True:
        progress = trying.progress
        if progress.version != told:
            told = progress.version
            yield f"event: {'end' if progress.ended else 'step'}\ndata: {told}\n\n"
        if progress.ended:
            return
        await asyncio.sleep(LOOK_SECONDS)
