"""An answer that fails in its middle breaks off: nobody takes what came of it for the whole.

Starlette's middleware that takes a request and returns an answer ends a stream whose source failed as if it
were over. So what fails is noted where it does, inside of all middleware, and outside of all the end is
withheld: the connection is closed without one (RFC 9112, 7.1 and 8).
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NOTED = "broken_off"


class BrokenOffError(Exception):
    """An answer failed when it had begun; the cause says why."""


class NoteFailures:
    """The innermost middleware: notes that an answer failed that had begun."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and note a failure."""
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:
            if begun:
                scope.setdefault("state", {})[_NOTED] = error
            raise


class BreakOff:
    """The outermost middleware: sends no end of an answer of which a failure is noted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or break off."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def sent(message: Message) -> None:
            ends = message["type"] == "http.response.body" and not message.get("more_body", False)
            if ends and (error := state.get(_NOTED)) is not None:
                raise BrokenOffError(f"the answer to {scope['path']} broke off") from error
            await send(message)

        await self._app(scope, receive, sent)
