"""Every route has a rule."""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.web.access import TABLE
from newsbot.web.app import create_app
from newsbot.web.live import Live


def routes(app: FastAPI) -> Iterator[str]:
    """Yield what can be asked for, as the table names it."""

    def each(found: list[BaseRoute]) -> Iterator[APIRoute]:
        for route in found:
            if isinstance(route, APIRoute):
                yield route
            included = getattr(route, "original_router", None)
            if included is not None:
                yield from each(included.routes)

    for route in each(app.routes):
        for method in route.methods - {"HEAD"}:
            yield f"{method} {route.path}"


def test_every_route_has_a_rule_and_every_rule_a_route(
    settings: Config, database: Database
) -> None:
    app = create_app(settings, database, Live(settings, database))
    assert set(routes(app)) == set(TABLE)
