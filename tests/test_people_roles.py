"""Every address, asked for by everybody: strangers, each role by session, and tokens of each scope.

The application is the real one. Only what an address does is left out: behind the look at who may ask for
it, a request that may be asked ends with 418 and the name of its route.
"""

import re
from collections.abc import Iterator

import pytest
from fastapi import HTTPException, Request
from fastapi.testclient import TestClient

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.people import changing, signing_in, tokens
from newsbot.people.roles import ROLES, SCOPES, Role
from newsbot.people.signing_in import Browser
from newsbot.web.access import TABLE, allowed
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.test_people import GOOD

REACHED = 418
Asking = tuple[dict[str, str], Role]


async def reached(request: Request) -> None:
    await allowed(request)
    raise HTTPException(REACHED, request.scope["route"].path)


@pytest.fixture(scope="module")
def desk(own_archive: tuple[Config, Database]) -> Iterator[TestClient]:
    settings, database = own_archive
    config = settings.model_copy(update={"api_requests": 0, "api_costly_requests": 0})
    app = create_app(config, database, Live(config, database))
    app.dependency_overrides[allowed] = reached
    with TestClient(app, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def everybody(own_archive: tuple[Config, Database], desk: TestClient) -> dict[str, Asking]:
    """Who asks, with what headers, and what each may do."""
    config, database = own_archive
    asking: dict[str, Asking] = {"nobody": ({}, Role.NOBODY)}
    for role in reversed(ROLES):
        user = changing.add(database, f"the {role}", role=role, password=GOOD, by="test")
        _, secret = signing_in.begin(config, database, user, Browser())
        asking[f"session of {role}"] = ({"cookie": f"newsbot_session={secret}"}, Role.named(role))
        for scope, allows in SCOPES.items() if role == "admin" else ():
            _, secret = tokens.make(database, user, scope, (scope,), days=None, by="test")
            asking[f"token to {scope} of {role}"] = (bearer(secret), allows)
    # More than its owner may by now.
    user = changing.add(database, "once an admin", role="admin", password=GOOD, by="test")
    _, secret = tokens.make(database, user, "x", ("admin",), days=None, by="test")
    _, expired = tokens.make(database, user, "x", ("admin",), days=0, by="test")
    _, ended = signing_in.begin(config, database, user, Browser())
    changing.set_role(database, user.name, "viewer", by="test")
    asking["token to admin of viewer"] = (bearer(secret), Role.VIEWER)
    asking["token that has expired"] = (bearer(expired), Role.NOBODY)
    asking["token that was guessed"] = (bearer("nb_guessed"), Role.NOBODY)
    asking["session that has ended"] = ({"cookie": f"newsbot_session={ended}"}, Role.NOBODY)
    return asking


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("who", ["nobody", *(f"session of {role}" for role in ROLES)])
def test_every_address_answers_each_role_as_the_table_says(
    who: str, desk: TestClient, everybody: dict[str, Asking]
) -> None:
    see(desk, everybody[who])


@pytest.mark.parametrize(
    "who",
    [
        *(f"token to {scope} of admin" for scope in SCOPES),
        *("token to admin of viewer", "token that has expired", "token that was guessed"),
        "session that has ended",
    ],
)
def test_every_address_answers_each_token_as_its_scope_says(
    who: str, desk: TestClient, everybody: dict[str, Asking]
) -> None:
    see(desk, everybody[who])


def see(desk: TestClient, asking: Asking) -> None:
    headers, role = asking
    for address, needed in TABLE.items():
        method, path = address.split(" ", 1)
        answer = desk.request(method, re.sub(r"\{[^}]+\}", "x", path), headers=headers)
        if role >= needed:
            assert (answer.status_code, answer.json()["detail"]) == (REACHED, path), address
        else:
            assert answer.status_code == (403 if role else 401), address
            assert answer.headers["content-type"].startswith(
                "application/problem+json" if path.startswith("/api/") else "application/json"
            )


def test_a_browser_of_a_stranger_is_sent_to_sign_in_from_every_page(
    desk: TestClient, everybody: dict[str, Asking]
) -> None:
    assert everybody
    for address, needed in TABLE.items():
        method, path = address.split(" ", 1)
        if needed and not path.startswith("/api/"):
            path = re.sub(r"\{[^}]+\}", "x", path)
            answer = desk.request(method, path, headers={"accept": "text/html"})
            assert answer.status_code == 303
            onward = path if method == "GET" else "/"
            assert answer.headers["location"] == f"/sign-in?next={onward}"


def test_a_stranger_sends_no_more_than_a_form(
    desk: TestClient, everybody: dict[str, Asking]
) -> None:
    assert everybody
    large = {
        "content": b"name=" + b"x" * 70_000,
        "headers": {"content-type": "application/x-www-form-urlencoded"},
    }
    assert desk.post("/sign-in", **large).status_code == 413  # type: ignore[arg-type]
    assert desk.post("/lists", **large).status_code == 413  # type: ignore[arg-type]

    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 1_000

    assert desk.post("/sign-in", content=endless()).status_code == 411
