"""Asks the whole API for what its own description allows, and holds each answer against that."""

import warnings

import schemathesis
import schemathesis.specs.openapi.checks as described
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.people import changing, tokens
from newsbot.web.app import create_app
from newsbot.web.live import Live

_CHECKS = [
    not_a_server_error,
    described.status_code_conformance,
    described.content_type_conformance,
    described.response_schema_conformance,
]
# It has no end.
_ENDLESS = frozenset({"/api/v1/events"})


def walk(
    config: Config, database: Database, *, examples: int, number: int | None = None
) -> tuple[int, dict[str, str]]:
    """Ask each operation so many times; returns how many requests there were, and what failed, by operation.

    ``number`` makes it the same requests each time.
    """
    free = config.model_copy(update={"api_requests": 0, "api_costly_requests": 0})
    app = create_app(free, database, Live(free, database))
    # Somebody may be added on the way: whoever asks is let in all the same.
    user = changing.add(database, "walker", role="admin", password="tram olive kettle", by="test")
    _, secret = tokens.make(database, user, "walk", ("admin",), days=None, by="test")
    headers = {"authorization": f"Bearer {secret}"}
    failed: dict[str, str] = {}
    asked = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_asgi(
            "/api/v1/openapi.json", app, headers=headers, timeout=60
        )
        for found in schema.get_all_operations():
            operation = found.ok()
            if operation.path in _ENDLESS:
                continue

            @settings(
                max_examples=examples,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            )
            @given(case=operation.as_strategy())
            def one(case: schemathesis.Case) -> None:
                nonlocal asked
                asked += 1
                case.call_and_validate(checks=_CHECKS, headers=headers, timeout=60)

            try:
                (one if number is None else seed(number)(one))()
            except FailureGroup as error:
                told = "\n".join(str(each) for each in error.exceptions)
                failed[f"{operation.method.upper()} {operation.path}"] = told
    return asked, failed
