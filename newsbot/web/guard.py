"""What every request and answer passes: allowed hosts, safe headers, forged forms refused."""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from fastapi.responses import PlainTextResponse, Response

from newsbot.config import Config
from newsbot.web.access import AT_THE_MACHINE

COOKIE = "newsbot_form"

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    # With "no-referrer" browsers send ``Origin: null`` with forms, those of this page too (Fetch, 3.2).
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


def guard(
    config: Config,
) -> Callable[[Request, Callable[[Request], Awaitable[Response]]], Awaitable[Response]]:
    """Return the middleware. A name that leads here by another's DNS is refused (rebinding)."""
    own = urlsplit(config.public_address).hostname
    hosts = {"127.0.0.1", "localhost", "[::1]", "testserver", config.web_host, own}

    async def middleware(
        request: Request, answer: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        host = request.headers.get("host", "").rsplit(":", 1)[0] or "localhost"
        if host not in hosts:
            return PlainTextResponse("This address is not served here.", status_code=421)
        if request.method not in ("GET", "HEAD") and not _same_origin(request):
            return PlainTextResponse("This form was sent from another site.", status_code=403)
        request.state.visitor = AT_THE_MACHINE
        response = await answer(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def _same_origin(request: Request) -> bool:
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return urlsplit(origin).netloc == request.headers.get("host", "")


def form_token(request: Request) -> str:
    """Return the token that forms on this page carry; the same as in the browser's cookie."""
    return request.cookies.get(COOKIE) or secrets.token_urlsafe(24)


def with_token(response: Response, token: str) -> Response:
    """Give the browser the token."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/")
    return response


def genuine(request: Request, sent: str) -> bool:
    """Say whether a form carries the token of its own page."""
    kept = request.cookies.get(COOKIE, "")
    return bool(kept) and hmac.compare_digest(kept, sent)


def checked(request: Request, sent: str) -> None:
    """Refuse a form that does not carry the token of its own page."""
    if not genuine(request, sent):
        raise HTTPException(403, "The form is not of this page; go back, reload, send it again.")
