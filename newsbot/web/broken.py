"""What a reader sees where a page cannot be had: the archive is away, or newsbot itself failed."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response

from newsbot.archive.connection import AWAY, ArchiveError
from newsbot.web.pages import Pages

# After how many seconds a page is asked for again (the template says so to browsers).
_AGAIN = 10


def answer_failures(app: FastAPI, pages: Pages) -> None:
    """Have failures be told on a page; what failed is logged in any case."""

    def away(request: Request, _error: Any) -> Response:
        told = _page(request, 503)
        told.headers["retry-after"] = str(_AGAIN)
        return told

    def failed(request: Request, _error: Any) -> Response:
        return _page(request, 500)

    def _page(request: Request, status: int) -> Response:
        if not hasattr(request.state, "visitor"):  # it failed before it was known who asks
            return PlainTextResponse("newsbot failed to answer; its log tells why.", status)
        return pages.page(request, "broken.html", status=status, status_code=status)

    for kind in (*AWAY, ArchiveError):
        app.add_exception_handler(kind, away)
    app.add_exception_handler(Exception, failed)
