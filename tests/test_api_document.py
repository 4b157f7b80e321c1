"""What the API says of itself is whole, and true."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.web.access import TABLE
from tests.test_api import served


@pytest.fixture(scope="module")
def api(own_archive: tuple[Config, Database]) -> TestClient:
    return served(*own_archive)


@pytest.fixture(scope="module")
def document(api: TestClient) -> dict[str, Any]:
    told: dict[str, Any] = api.get("/api/v1/openapi.json").json()
    return told


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_address_of_the_api_is_in_the_document(operations: dict[str, dict[str, Any]]) -> None:
    asked = {each for each in TABLE if " /api/v1/" in each}
    assert set(operations) == asked - {"GET /api/v1/openapi.json"}


def test_every_operation_says_what_it_is_and_who_may_ask(
    operations: dict[str, dict[str, Any]],
) -> None:
    names = [each["operationId"] for each in operations.values()]
    assert len(set(names)) == len(names)
    for asked, operation in operations.items():
        assert operation["tags"], asked
        assert len(operation["summary"]) > 10, asked
        assert operation["x-role"] == TABLE[asked].name.lower()


def test_every_body_has_an_example(operations: dict[str, dict[str, Any]]) -> None:
    for asked, operation in operations.items():
        bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
        for name, body in bodies.items():
            for media in body.get("content", {}).values():
                assert media.get("example") is not None, f"{asked} {name}"


def test_every_parameter_says_what_it_means(operations: dict[str, dict[str, Any]]) -> None:
    for asked, operation in operations.items():
        for each in operation.get("parameters", []):
            assert each.get("description"), f"{asked}: {each['name']}"


def test_its_page_shows_every_operation(
    api: TestClient, operations: dict[str, dict[str, Any]]
) -> None:
    page = api.get("/api")
    assert page.status_code == 200
    for each in operations.values():
        assert f'id="{each["operationId"]}"' in page.text
    assert "<script>" not in page.text
