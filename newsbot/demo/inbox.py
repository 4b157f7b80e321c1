"""The inbox: a real receiver of webhooks, so that the demo's alerts arrive somewhere to be seen."""

import json
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from newsbot.demo.fixed import static_text

_KEPT: Final = 1000
"""Messages held in memory; the file, where there is one, keeps all."""

_LARGEST: Final = 1024 * 1024
"""Bytes of the longest message taken."""

_DEEPEST: Final = 20
"""Levels of lists and objects in each other; the page shows them within one another."""

# Messages come from outside: nothing in them may run or be loaded.
_POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"

_PAGE: Final = Environment(
    loader=PackageLoader("newsbot.demo"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
).get_template("inbox.html")


@attrs.frozen
class Message:
    """A webhook that arrived: when (ISO 8601, UTC) and what it said, as parsed from JSON."""

    received: str
    body: object


class InboxFileError(Exception):
    """The inbox file cannot be read or written; the message says which, why and what to do."""


class Inbox:
    """Keeps what is posted to ``/hook`` and shows it, newest first.

    With a ``file`` each message is also appended there as a line of JSON, and the last ones are
    there again after a restart. Raises InboxFileError where the file cannot be used.
    """

    def __init__(self, clock: Callable[[], datetime], file: Path | None = None) -> None:
        self._clock = clock
        self._file = file
        self._messages: deque[Message] = deque(maxlen=_KEPT)
        if file:
            try:
                file.touch()
                with file.open(encoding="utf8") as lines:
                    self._messages.extend(Message(**json.loads(line)) for line in lines)
            except OSError as problem:
                raise InboxFileError(
                    f"The inbox file {file} cannot be used ({problem.strerror}); "
                    "choose another place for it."
                ) from problem
            except (ValueError, TypeError) as problem:
                raise InboxFileError(
                    f"The inbox file {file} holds a line that is no message; "
                    "remove the file or choose another."
                ) from problem

    def application(self) -> Starlette:
        """Return the inbox as an ASGI application."""
        return Starlette(
            routes=[
                Route("/", self._page),
                Route("/hook", self._receive, methods=["POST"]),
                Route("/messages", self._list),
                Route("/style.css", self._style),
            ]
        )

    async def _receive(self, request: Request) -> Response:
        content = bytearray()
        try:
            async for chunk in request.stream():
                content += chunk
                if len(content) > _LARGEST:
                    return PlainTextResponse("A message may have 1 MiB at most.\n", 413)
        except ClientDisconnect:
            return Response(status_code=400)
        try:
            body: object = json.loads(content)
            # Python reads what is no JSON and could not be shown: NaN, half a surrogate pair.
            json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError):
            return PlainTextResponse("A message must be JSON in UTF-8.\n", 400)
        if _deeper_than(body, _DEEPEST):
            return PlainTextResponse(f"A message may nest {_DEEPEST} levels at most.\n", 400)
        message = Message(received=self._clock().isoformat(timespec="milliseconds"), body=body)
        if self._file:
            # One short line to a local file: not worth a thread.
            with self._file.open("a", encoding="utf8") as lines:
                lines.write(json.dumps(attrs.asdict(message), ensure_ascii=False) + "\n")
        self._messages.append(message)
        return Response(status_code=204)

    async def _list(self, _: Request) -> Response:
        return JSONResponse([attrs.asdict(message) for message in reversed(self._messages)])

    async def _page(self, request: Request) -> Response:
        html = _PAGE.render(
            messages=list(reversed(self._messages))[:100],
            total=len(self._messages),
            hook=str(request.url.replace(path="/hook", query="")),
        )
        return HTMLResponse(html, headers={"content-security-policy": _POLICY})

    async def _style(self, _: Request) -> Response:
        return Response(static_text("inbox.css"), media_type="text/css")


def _deeper_than(body: object, levels: int) -> bool:
    if levels == 0:
        return isinstance(body, dict | list) and bool(body)
    inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return any(_deeper_than(each, levels - 1) for each in inner)
