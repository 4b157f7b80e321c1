"""The application: what stands at which address."""

from importlib.resources import files
from pathlib import Path

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.monitoring.exposition import Exposition
from newsbot.monitoring.readiness import lacking
from newsbot.web.access import allowed
from newsbot.web.account import Account
from newsbot.web.alerts import AlertPages
from newsbot.web.api import areas as api
from newsbot.web.api import problems
from newsbot.web.api.limits import ApiLimits
from newsbot.web.appearance import AppearancePage
from newsbot.web.articles import ArticlePages
from newsbot.web.attention import AttentionPages
from newsbot.web.auth import SignIn, answer_strangers
from newsbot.web.breaking_off import BreakOff, NoteFailures
from newsbot.web.broken import answer_failures
from newsbot.web.channels import ChannelPages
from newsbot.web.collections import CollectionPages
from newsbot.web.feeds import Feeds
from newsbot.web.guard import guard
from newsbot.web.lists import ListsPage
from newsbot.web.live import Live
from newsbot.web.machine import MachinePages
from newsbot.web.override_pages import OverridePages
from newsbot.web.pages import Pages
from newsbot.web.people import PeoplePages
from newsbot.web.redesigns import RedesignPages
from newsbot.web.runs import RunPages
from newsbot.web.saved import Saved
from newsbot.web.schedule_pages import SchedulePages
from newsbot.web.searching import Searching
from newsbot.web.source_adding import AddingPages
from newsbot.web.sources import SourcePages
from newsbot.web.triage import TriagePages
from newsbot.web.unsubscribe import Unsubscribe
from newsbot.web.why import WhyPage

_HERE = Path(str(files("newsbot.web")))


def create_app(config: Config, database: Database, live: Live) -> FastAPI:
    """Return the application on an open archive."""
    app = FastAPI(
        title="newsbot",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(allowed)],
    )
    app.add_middleware(NoteFailures)  # the first added is the innermost
    app.add_middleware(ApiLimits, config=config)
    app.middleware("http")(guard(config, database))
    app.add_middleware(BreakOff)
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    pages = Pages(config, database)
    # Before the pages of sources: "add" is none of them.
    app.include_router(AddingPages(config, database, pages).router)
    app.include_router(SourcePages(config, database, pages).router)
    override_pages = OverridePages(config, database, pages)
    app.router.add_event_handler("shutdown", override_pages.close)
    app.include_router(override_pages.router)
    app.include_router(pages.router)
    app.include_router(AppearancePage(pages).router)
    article_pages = ArticlePages(config, database, pages)
    app.router.add_event_handler("shutdown", article_pages.close)
    app.include_router(article_pages.router)
    app.include_router(RedesignPages(config, database, pages).router)
    app.include_router(Searching(config, database, pages).router)
    app.include_router(AlertPages(config, database, pages).router)
    app.include_router(ChannelPages(config, database, pages).router)
    app.include_router(AttentionPages(config, database, pages).router)
    app.include_router(Saved(config, database, pages).router)
    app.include_router(RunPages(database, pages).router)
    app.include_router(SchedulePages(database, pages).router)
    app.include_router(MachinePages(config, database, pages).router)
    app.include_router(WhyPage(config, database, pages).router)
    app.include_router(TriagePages(config, database, pages).router)
    app.include_router(CollectionPages(config, database, pages).router)
    app.include_router(ListsPage(database, pages).router)
    app.include_router(Unsubscribe(database, pages).router)
    app.include_router(Feeds(config, database).router)
    app.include_router(SignIn(config, database, pages).router)
    app.include_router(Account(config, database, pages).router)
    app.include_router(PeoplePages(database, pages).router)
    answer_strangers(app, pages)

    for router in api.routers(config, database, live, pages):
        app.include_router(router)

    @app.get("/events")
    async def events() -> StreamingResponse:
        return StreamingResponse(
            live.events(),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> Response:
        if lacks := lacking(config, database):
            return JSONResponse({"status": "not ready", "lacks": lacks}, status_code=503)
        return JSONResponse({"status": "ready"})

    exposition = Exposition(config, database)

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(exposition.text(), headers={"content-type": CONTENT_TYPE_LATEST})

    @app.exception_handler(404)
    def missing(request: Request, _error: Exception) -> HTMLResponse:
        return pages.page(request, "missing.html", status=404)

    answer_failures(app, pages)
    problems.install(app)
    return app
