"""The page that says why: what became of one address, step by step."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from newsbot.archive import rules
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.web.pages import Pages
from newsbot.why.asking import NoAddressError, ask
from newsbot.why.steps import Answer


class WhyPage:
    """Answers for one address, and, where one is named, for one alert."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._config = config
        self._database = database
        self._pages = pages
        self.router = APIRouter()
        self.router.add_api_route(
            "/why", self.show, methods=["GET"], response_class=HTMLResponse, response_model=None
        )

    def show(self, request: Request, url: str = "", alert: str = "") -> HTMLResponse:
        """Show the steps of an address, or the form alone."""
        answer: Answer | None = None
        error = ""
        rule = rules.find(self._database, alert.strip()) if alert.strip() else None
        if alert.strip() and rule is None:
            error = f"There is no alert {alert.strip()!r}."
        elif url.strip():
            try:
                answer = ask(self._config, self._database, url, rule=rule, now=datetime.now(UTC))
            except NoAddressError as wrong:
                error = str(wrong)
        return self._pages.page(
            request,
            "why.html",
            status=400 if error else 200,
            answer=answer,
            url=url,
            alert=alert,
            error=error,
        )
