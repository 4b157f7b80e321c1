"""Signing in and out, the first admin, and what strangers are answered."""

import logging
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, FastAPI, Form, HTTPException, Query, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from newsbot.archive import sessions, users
from newsbot.archive.connection import Database
from newsbot.archive.users import User
from newsbot.config import Config
from newsbot.people import changing, signing_in
from newsbot.people.passwords import SHORTEST
from newsbot.people.signing_in import Browser, SignInError, TooEarlyError
from newsbot.web import cookies
from newsbot.web.access import visitor
from newsbot.web.guard import checked
from newsbot.web.pages import Pages

_YEAR = 31_536_000
_log = logging.getLogger(__name__)

Text = Annotated[str, Form()]


class SignIn:
    """Signs people in to one archive, and out."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._config = config
        self._database = database
        self._pages = pages
        self.router = APIRouter()
        add = self.router.add_api_route
        for path, page in (("/sign-in", self.look), ("/sign-in/first", self.look_first)):
            add(path, page, methods=["GET"], response_class=HTMLResponse, response_model=None)
        for path, step in (
            ("/sign-in", self.sign_in),
            ("/sign-in/first", self.first),
            ("/sign-out", self.sign_out),
        ):
            add(path, step, methods=["POST"], response_model=None)

    def look(self, request: Request, onward: Annotated[str, Query(alias="next")] = "/") -> Response:
        """Ask for name and password."""
        if visitor(request).by == "session":
            return RedirectResponse(own_address(onward), status_code=303)
        if visitor(request).by == "machine":
            return RedirectResponse("/sign-in/first", status_code=303)
        return self._form(request, onward=own_address(onward))

    def _form(
        self,
        request: Request,
        *,
        onward: str,
        name: str = "",
        error: str = "",
        ticket: str = "",
        status: int = 200,
    ) -> HTMLResponse:
        return self._pages.page(
            request,
            "sign_in.html",
            status=status,
            next=onward,
            name=name,
            error=error,
            ticket=ticket,
            nobody=not users.any_there(self._database),
        )

    def sign_in(
        self,
        request: Request,
        token: Text = "",
        name: Text = "",
        password: Text = "",
        ticket: Text = "",
        code: Text = "",
        onward: Annotated[str, Form(alias="next")] = "/",
    ) -> Response:
        """Sign somebody in by name and password, and by a one-time code where there is one."""
        checked(request, token)
        browser, onward = browser_of(request), own_address(onward)
        try:
            if ticket:
                user = signing_in.with_code(self._database, ticket, code, browser)
            else:
                user = signing_in.with_password(self._database, name, password, browser)
                if user.code_secret:
                    shown = signing_in.ticket(self._database, user)
                    return self._form(request, onward=onward, ticket=shown)
        except TooEarlyError as error:
            told = self._form(
                request, onward=onward, name=name, ticket=ticket, error=sentence(error), status=429
            )
            told.headers["retry-after"] = str(error.seconds)
            return told
        except SignInError as error:
            _log.warning("nobody was signed in as %.64r from %s: %s", name, browser.address, error)
            return self._form(
                request, onward=onward, name=name, ticket=ticket, error=sentence(error), status=401
            )
        signing_in.note(self._database, user)
        return signed_in(self._config, self._database, request, user, onward)

    def look_first(self, request: Request) -> Response:
        """Ask whoever sits at this machine for a name and a password."""
        if visitor(request).by != "machine":
            return RedirectResponse("/sign-in", status_code=303)
        return self._first(request)

    def _first(self, request: Request, name: str = "", error: str = "") -> HTMLResponse:
        return self._pages.page(
            request,
            "first_admin.html",
            status=400 if error else 200,
            name=name,
            error=error,
            shortest=SHORTEST,
        )

    def first(
        self, request: Request, token: Text = "", name: Text = "", password: Text = ""
    ) -> Response:
        """Add the first admin, who is signed in at once."""
        checked(request, token)
        who = visitor(request)
        if who.by != "machine":
            raise HTTPException(403, "There are people here already; ask an admin to add you.")
        try:
            user = changing.add(
                self._database, name, role=users.ADMIN, password=password, by=who.name
            )
        except changing.PeopleError as error:
            return self._first(request, name, sentence(error))
        return signed_in(self._config, self._database, request, user, "/account")

    def sign_out(self, request: Request, token: Text = "") -> Response:
        """End this browser's session."""
        checked(request, token)
        if request.state.session is not None:
            sessions.end(self._database, request.state.session.id)
        response = RedirectResponse("/sign-in", status_code=303)
        cookies.take_away(request, response, cookies.SESSION)
        # What was kept of pages goes, too: the next one at this browser is somebody else, maybe.
        response.headers["clear-site-data"] = '"cache"'
        return response


def browser_of(request: Request) -> Browser:
    """Return what is known of the browser that asks."""
    return Browser(
        address=request.client.host if request.client else "",
        agent=request.headers.get("user-agent", ""),
        device=cookies.read(request, cookies.DEVICE),
    )


def signed_in(
    config: Config, database: Database, request: Request, user: User, to: str
) -> RedirectResponse:
    """Begin a session, in place of one that the browser has, and lead on."""
    if request.state.session is not None:
        sessions.end(database, request.state.session.id)
    browser = browser_of(request)
    _, secret = signing_in.begin(config, database, user, browser)
    response = RedirectResponse(to, status_code=303)
    seconds = int(config.session_days * 86_400)
    cookies.give(request, response, cookies.SESSION, secret, seconds=seconds)
    device = signing_in.device(database, user, browser.device)
    cookies.give(request, response, cookies.DEVICE, device, seconds=_YEAR, samesite="strict")
    cookies.take_away(request, response, cookies.FORM)
    response.headers["cache-control"] = "no-store"
    return response


def own_address(onward: str) -> str:
    r"""Return an address of this page to go on at: what was asked for, if it is one, else the first page.

    A browser reads ``//x``, ``/\x`` and what has tabs or line ends in it as addresses of other sites (WHATWG
    URL, 4.4).
    """
    parts = urlsplit(onward) if onward.isprintable() else None
    if (
        parts is None
        or parts.scheme
        or parts.netloc
        or "\\" in onward
        or not onward.startswith("/")
        or onward.startswith("//")
        or parts.path.startswith("/sign-")
    ):
        return "/"
    return onward


def answer_strangers(app: FastAPI, pages: Pages) -> None:
    """Have strangers be sent to sign in, and people who may not do something be told so on a page."""

    async def unknown(request: Request, error: HTTPException) -> Response:
        if not _wants_a_page(request):
            told = await http_exception_handler(request, error)
            told.headers["www-authenticate"] = 'Bearer realm="newsbot"'
            return told
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = quote(asked, safe="/") if request.method == "GET" else "/"
        return RedirectResponse(f"/sign-in?next={back}", status_code=303)

    async def refused(request: Request, error: HTTPException) -> Response:
        if not _wants_a_page(request):
            return await http_exception_handler(request, error)
        return pages.page(request, "refused.html", status=403, why=error.detail)

    app.add_exception_handler(401, unknown)  # type: ignore[arg-type]
    app.add_exception_handler(403, refused)  # type: ignore[arg-type]


def _wants_a_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def sentence(error: Exception) -> str:
    """Return what went wrong as a sentence of its own."""
    told = str(error)
    return f"{told[:1].upper()}{told[1:]}."
