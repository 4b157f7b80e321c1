"""What every request and answer passes: allowed hosts, who asks, safe headers, forged forms refused."""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, Response

from newsbot.archive.connection import AWAY, Database
from newsbot.config import Config
from newsbot.web import cookies
from newsbot.web.access import STRANGER, visitor
from newsbot.web.api.problems import as_response, under_api
from newsbot.web.recognizing import Known, Recognizer

COOKIE = cookies.FORM

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    # With "no-referrer" browsers send ``Origin: null`` with forms, those of this page too (Fetch, 3.2).
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), serial=(), usb=()"
    ),
}
# Bytes that a stranger may send.
_LARGEST = 65_536
_YEAR = 31_536_000
_AWAY_NOW = "MongoDB does not answer; `newsbot doctor` on the machine tells why."
_NOT_HERE = (
    "This address is not served here. If it should be, set public_address (NEWSBOT_PUBLIC_ADDRESS) to the "
    "address that readers type."
)
# What is the same for everybody, and is asked for while MongoDB is away.
_ANYBODYS = ("/static/", "/healthz", "/readyz")


def guard(
    config: Config, database: Database
) -> Callable[[Request, Callable[[Request], Awaitable[Response]]], Awaitable[Response]]:
    """Return the middleware. A name that leads here by another's DNS is refused (rebinding)."""
    own = urlsplit(config.public_address).hostname
    hosts = {"127.0.0.1", "localhost", "[::1]", "testserver", config.web_host, own}
    recognizer = Recognizer(config, database)

    async def middleware(
        request: Request, answer: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        host = request.headers.get("host", "").rsplit(":", 1)[0] or "localhost"
        if host not in hosts:
            return _refused(request, 421, _NOT_HERE)
        if request.method not in ("GET", "HEAD") and not _same_origin(request):
            return _refused(request, 403, "This form was sent from another site.")
        request.state.https = cookies.by_https(request, config)
        anybodys = request.url.path.startswith(_ANYBODYS)
        try:
            known = (
                Known(STRANGER) if anybodys else await run_in_threadpool(recognizer.know, request)
            )
        except AWAY:
            away = _refused(request, 503, _AWAY_NOW)
            away.headers["retry-after"] = "5"
            return away
        request.state.visitor, request.state.session = known.visitor, known.session
        request.state.form_token = _form_token(request, database)
        refused = None if known.visitor.by else _too_much(request)
        response = refused or await answer(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.state.https:
            response.headers.setdefault("strict-transport-security", f"max-age={_YEAR}")
        if known.visitor.by in ("session", "token"):
            response.headers.setdefault("cache-control", "no-store")
        return response

    return middleware


def _refused(request: Request, status: int, why: str) -> Response:
    """Return that something is refused, to a program as a problem."""
    if under_api(request):
        return as_response(request, HTTPException(status, why))
    return PlainTextResponse(why, status_code=status)


def _too_much(request: Request) -> Response | None:
    """Refuse what a stranger sends beyond a form: it is read before it is seen who may ask."""
    length = request.headers.get("content-length", "0")
    if "transfer-encoding" in request.headers:
        return _refused(request, 411, "Say how long the body is (Content-Length).")
    if not length.isdecimal() or int(length) > _LARGEST:
        told = f"Without signing in a request has {_LARGEST} bytes at most."
        return _refused(request, 413, told)
    return None


def _same_origin(request: Request) -> bool:
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return urlsplit(origin).netloc == request.headers.get("host", "")


# Forms carry a token of their own: with a session it follows from that, so that another's is of no use;
# without one it stands in a cookie as well, signed, so that whoever can set a cookie cannot make one
# (OWASP, Cross-Site Request Forgery Prevention: HMAC-based token; signed double submit).


def _form_token(request: Request, database: Database) -> str:
    if request.state.session is not None:
        return database.sealer.token("form", request.state.session.id)
    held = cookies.read(request, cookies.FORM)
    drawn, _, signed = held.partition(".")
    if held and _equal(database.sealer.token("form without session", drawn), signed):
        return held
    drawn = secrets.token_urlsafe(24)
    return f"{drawn}.{database.sealer.token('form without session', drawn)}"


def form_token(request: Request) -> str:
    """Return the token that forms on this page carry."""
    token: str = request.state.form_token
    return token


def with_token(request: Request, response: Response) -> Response:
    """Have the browser hold the token where it has no session that it follows from."""
    if request.state.session is None and visitor(request).by != "token":
        cookies.give(request, response, cookies.FORM, form_token(request), samesite="strict")
    return response


def genuine(request: Request, sent: str) -> bool:
    """Say whether a form carries the token of its own page. A program's own token is one."""
    if visitor(request).by == "token":
        return True
    if request.state.session is None and not cookies.read(request, cookies.FORM):
        return False
    return _equal(form_token(request), sent)


def checked(request: Request, sent: str) -> None:
    """Refuse a form that does not carry the token of its own page."""
    if not genuine(request, sent):
        raise HTTPException(403, "The form is not of this page; go back, reload, send it again.")


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
