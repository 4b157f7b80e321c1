"""The page that a letter leads to whose reader wants no more of its alert.

Its address holds a word that nobody can guess, and is all that is asked for: a mail program posts to it by
itself (RFC 8058). A look at it changes nothing, for programs that look through letters follow their links.
The alert itself stays as it is, and tells its other channels.
"""

import hmac
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse

from newsbot.alerts.sending.ways import unsubscribe_token
from newsbot.archive import channels, rules
from newsbot.archive.connection import Database
from newsbot.web.pages import Pages


class Unsubscribe:
    """Ends an alert's messages to one channel, and takes that back."""

    def __init__(self, database: Database, pages: Pages) -> None:
        self._database = database
        self._pages = pages
        self.router = APIRouter()
        path = "/unsubscribe/{alert}/{channel}/{token}"
        for method, page in (("GET", self.look), ("POST", self.change)):
            self.router.add_api_route(
                path, page, methods=[method], response_class=HTMLResponse, response_model=None
            )

    def look(self, request: Request, alert: str, channel: str, token: str) -> HTMLResponse:
        """Show whether messages go out."""
        return self._page(request, alert, channel, token)

    def change(
        self,
        request: Request,
        alert: str,
        channel: str,
        token: str,
        again: Annotated[str, Form()] = "",
    ) -> HTMLResponse:
        """End the messages, or have them again."""
        self._checked(alert, channel, token)
        step = channels.hear if again else channels.silence
        step(self._database, channel, alert)
        return self._page(request, alert, channel, token, changed=True)

    def _page(
        self, request: Request, alert: str, channel: str, token: str, *, changed: bool = False
    ) -> HTMLResponse:
        self._checked(alert, channel, token)
        there = channels.find(self._database, channel)
        rule = rules.find(self._database, alert)
        if there is None or rule is None or (there.id, rule.id) != (channel, alert):
            raise HTTPException(404)
        return self._pages.page(
            request,
            "unsubscribe.html",
            name=rule.name,
            shown=there.shown,
            silenced=alert in there.silenced,
            changed=changed,
        )

    def _checked(self, alert: str, channel: str, token: str) -> None:
        right = unsubscribe_token(self._database.sealer, channel, alert)
        if not hmac.compare_digest(right.encode(), token.encode()):
            raise HTTPException(404)
