"""Every kind of error that the API tells, by what brings it about."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from httpx import Response
from pymongo import MongoClient

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.items import Raw
from newsbot.people import changing, tokens
from newsbot.web.api.problems import KINDS
from tests.conftest import free_port
from tests.test_api import served
from tests.test_web import article, put

KEPT = attrs.evolve(article("kept"), raw=Raw(file="gone.warc.gz", offset=0))
BROKEN = article("broken", body="What is kept of it has lost its title.")


@pytest.fixture(scope="module")
def ask(own_archive: tuple[Config, Database]) -> Iterator[Callable[..., Response]]:
    """Asks as somebody with a token that may read, unless another is given."""
    config, database = own_archive
    put(database, KEPT, BROKEN)
    database.articles.update_one({"_id": BROKEN.id}, {"$unset": {"title": 1}})
    secrets = {}
    for name, role, scope in (("Lina", "admin", "admin"), ("Omar", "viewer", "read")):
        user = changing.add(database, name, role=role, password="nine grey ships wait", by="test")
        _, secrets[name] = tokens.make(database, user, "t", (scope,), days=None, by="test")
    with served(config, database) as client:

        def asking(path: str, method: str = "GET", by: str = "Lina", **sent: Any) -> Response:
            headers = {"authorization": f"Bearer {secrets[by]}"} if by else {}
            headers |= sent.pop("headers", {})
            return client.request(method, f"/api/v1{path}", headers=headers, **sent)

        asking("/alerts", "POST", json={"name": "there", "query": "x"})
        yield asking


JSON = {"content-type": "application/json"}
BROUGHT_ABOUT: dict[str, tuple[str, dict[str, Any]]] = {
    "bad-request": ("/channels", {"method": "POST", "json": {"name": "x", "target": "nix"}}),
    "bad-json": ("/alerts", {"method": "POST", "content": b"{", "headers": JSON}),
    "bad-query": ("/search?q=(", {}),
    "bad-cursor": ("/search?q=x&cursor=nix", {}),
    "unauthorized": ("/alerts", {"by": ""}),
    "forbidden": ("/alerts/there/pause", {"method": "POST", "by": "Omar"}),
    "not-found": ("/articles/nix", {}),
    "method-not-allowed": ("/search", {"method": "DELETE"}),
    "conflict": ("/alerts", {"method": "POST", "json": {"name": "there", "query": "x"}}),
    "gone": (f"/articles/{KEPT.id}/raw", {}),
    "changed-meanwhile": (
        "/alerts/there",
        {"method": "PATCH", "json": {"max_age": 1}, "headers": {"if-match": '"other"'}},
    ),
    "too-large": ("/alerts", {"method": "POST", "content": b"x" * 1_000_001, "headers": JSON}),
    "unsupported-media-type": ("/alerts", {"method": "POST", "content": b"x"}),
    "misdirected": ("/alerts", {"headers": {"host": "evil.example"}}),
    "invalid": ("/alerts?limit=0", {}),
    "precondition-required": ("/alerts/there", {"method": "PATCH", "json": {"max_age": 1}}),
    "failed": (f"/articles/{BROKEN.id}", {}),
}


@pytest.mark.parametrize("kind", BROUGHT_ABOUT)
def test_an_error_is_told_as_its_kind(ask: Callable[..., Response], kind: str) -> None:
    path, sent = BROUGHT_ABOUT[kind]
    answer = ask(path, **sent)
    told = answer.json()
    assert (told["type"], answer.status_code) == (f"/api#{kind}", KINDS[kind].status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["title"] == KINDS[kind].title
    assert len(told["detail"]) > 15
    assert told["instance"] == f"/api/v1{path.partition('?')[0]}"
    if kind == "unauthorized":
        assert answer.headers["www-authenticate"].startswith("Bearer")
    if kind == "method-not-allowed":
        assert answer.headers["allow"]


def test_an_archive_that_is_away_is_told_soon_and_when_to_ask_again(
    settings: Config, database: Database
) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient(
        "127.0.0.1", free_port(), serverSelectionTimeoutMS=200, tz_aware=True
    )
    away = Database(client, database.name, database.sealer)
    began = datetime.now(UTC)
    answer = served(settings, away).get("/api/v1/alerts")
    assert (answer.status_code, answer.json()["type"]) == (503, "/api#unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert (datetime.now(UTC) - began).total_seconds() < 15


def test_each_kind_is_brought_about_somewhere() -> None:
    elsewhere = {"too-many-requests", "unavailable"}
    assert set(BROUGHT_ABOUT) | elsewhere == set(KINDS)
