"""How the pages look to one reader: language, theme, zone of time, keys; kept in his browser's cookies."""

from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from newsbot.web import languages
from newsbot.web.guard import checked
from newsbot.web.pages import Pages
from newsbot.web.speech import ZONE_COOKIE, known_zones, zone_of
from newsbot.web.themes import COOKIE as THEME_COOKIE
from newsbot.web.themes import KEYS_COOKIE, THEMES

# Whether the zone is the reader's choice; the script leaves it alone then.
CHOSEN_COOKIE = "newsbot_zone_chosen"
_YEAR = 365 * 86_400


class AppearancePage:
    """The page on which a reader says how he wants to read, and the forms that lead to it."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self.router = APIRouter()
        add = self.router.add_api_route
        for path, page in (("/appearance", self.show), ("/keys", self.keys)):
            add(path, page, methods=["GET"], response_class=HTMLResponse, response_model=None)
        add("/appearance", self.choose, methods=["POST"], response_model=None)

    def show(self, request: Request) -> HTMLResponse:
        """Show what is chosen, and what can be."""
        return self._shown(request)

    def _shown(self, request: Request, *, error: str = "", zone: str = "") -> HTMLResponse:
        return self._pages.page(
            request,
            "appearance.html",
            status=400 if error else 200,
            zones=sorted(known_zones()),
            zone=zone or _chosen_zone(request),
            error=error,
        )

    def keys(self, request: Request) -> HTMLResponse:
        """Show which keys do what."""
        return self._pages.page(request, "keys.html")

    def choose(
        self,
        request: Request,
        token: Annotated[str, Form()] = "",
        language: Annotated[str | None, Form()] = None,
        theme: Annotated[str | None, Form()] = None,
        zone: Annotated[str | None, Form()] = None,
        keys: Annotated[str | None, Form()] = None,
        back: Annotated[str, Form()] = "",
    ) -> Response:
        """Keep what was chosen, and lead back to where it was."""
        checked(request, token)
        zone = zone if zone is None else zone.strip()
        if zone and zone not in known_zones():
            gettext = languages.language_of(request).words.gettext
            error = gettext(
                "There is no zone of time “%(zone)s”; write one as Asia/Beirut, or leave it empty "
                "to have your browser say it."
            )
            return self._shown(request, error=error % {"zone": zone}, zone=zone)
        response = RedirectResponse(_local(back), status_code=303)
        chosen: list[tuple[str, str | None, bool]] = [
            (languages.COOKIE, language, language in languages.languages()),
            (THEME_COOKIE, theme, theme in THEMES),
            (KEYS_COOKIE, keys, keys in ("on", "off")),
            (ZONE_COOKIE, quote(zone or "", safe=""), bool(zone)),
            (CHOSEN_COOKIE, None if zone is None else "yes", bool(zone)),
        ]
        for name, value, kept in chosen:
            if kept:
                _keep(request, response, name, value or "")
            elif name in (ZONE_COOKIE, CHOSEN_COOKIE) and zone == "":
                response.delete_cookie(name, path="/")
        return response


def _keep(request: Request, response: Response, name: str, value: str) -> None:
    # Nothing of it is a secret, and the script reads the zone.
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, max_age=_YEAR, path="/", samesite="lax", secure=secure)


def _chosen_zone(request: Request) -> str:
    return str(zone_of(request)) if CHOSEN_COOKIE in request.cookies else ""


def _local(address: str) -> str:
    """Return an address of this page's own to lead back to; anything else is the page of choices."""
    parts = urlsplit(address)
    own = address.startswith("/") and not address.startswith(("//", "/\\")) and "\\" not in address
    if not own or parts.scheme or parts.netloc or any(ord(each) < 33 for each in address):
        return "/appearance"
    return address
