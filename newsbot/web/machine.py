"""The pages of the machine itself: what takes room on its disk, and how newsbot is set."""

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.config_origins import settings_of
from newsbot.keeping.policy import NEVER
from newsbot.keeping.storage import storage
from newsbot.search.results import Reader
from newsbot.web.pages import Pages


class MachinePages:
    """The pages of one machine."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._config = config
        self._database = database
        self._pages = pages
        self._reader = Reader(config, database)
        self.router = APIRouter()
        for path, page in (
            ("/admin", self.index),
            ("/admin/storage", self.storage),
            ("/admin/settings", self.settings),
        ):
            self.router.add_api_route(
                path, page, methods=["GET"], response_class=HTMLResponse, response_model=None
            )

    def index(self, request: Request) -> HTMLResponse:
        """List what admins have."""
        return self._pages.page(request, "admin.html")

    def storage(self, request: Request) -> HTMLResponse:
        """Show what takes room, how long what is kept, and the last backup."""
        return self._pages.page(
            request,
            "storage.html",
            storage=storage(self._config, self._database),
            articles=self._reader.count(),
            kept_for=lambda days: timedelta(days=days),
            never=NEVER,
        )

    def settings(self, request: Request) -> HTMLResponse:
        """Show each setting, and where it comes from."""
        return self._pages.page(request, "settings.html", settings=settings_of(self._config))
