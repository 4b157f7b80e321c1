"""The cookies of the pages: what they are called, and with what attributes they are set.

Where the page is read by https they are called ``__Host-…``, which browsers take from this host alone, with
``Secure`` (RFC 6265bis, 4.1.3.2); another host of the same domain can then set none of them.
"""

from typing import Literal
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response

from newsbot.config import Config

SESSION, FORM, DEVICE = "newsbot_session", "newsbot_form", "newsbot_device"


def by_https(request: Request, config: Config) -> bool:
    """Say whether this page is read by https: by itself, or by the address that readers have."""
    public = urlsplit(config.public_address)
    asked = request.headers.get("host", "")
    return request.url.scheme == "https" or (public.scheme == "https" and public.netloc == asked)


def read(request: Request, name: str) -> str:
    """Return what a browser holds under a name; "" where it holds none."""
    return request.cookies.get(_called(request, name), "")


def give(
    request: Request,
    response: Response,
    name: str,
    value: str,
    *,
    seconds: int | None = None,
    samesite: Literal["lax", "strict"] = "lax",
) -> None:
    """Have the browser hold a value under a name, until it is closed, or for so long."""
    response.set_cookie(
        _called(request, name),
        value,
        max_age=seconds,
        path="/",
        secure=request.state.https,
        httponly=True,
        samesite=samesite,
    )


def take_away(request: Request, response: Response, name: str) -> None:
    """Have the browser forget a value."""
    response.delete_cookie(
        _called(request, name), path="/", secure=request.state.https, httponly=True, samesite="lax"
    )


def _called(request: Request, name: str) -> str:
    return f"__Host-{name}" if request.state.https else name
