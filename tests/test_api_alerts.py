"""The API: alerts, written and changed so that nobody's change is lost; what they found, and would have."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.search.follow import catch_up
from tests.test_api import served
from tests.test_web import article, put


@pytest.fixture(scope="module")
def api(own_archive: tuple[Config, Database]) -> Iterator[TestClient]:
    with served(*own_archive) as client:
        yield client


def added(api: TestClient, name: str, **values: Any) -> dict[str, Any]:
    answer = api.post("/api/v1/alerts", json={"name": name, "query": "harbour", **values})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/api/v1/alerts/{told['id']}"
    return told


def test_a_change_wants_what_was_seen(api: TestClient) -> None:
    alert = added(api, "seen", timing={"how": "daily", "at": "07:30"})
    path = f"/api/v1/alerts/{alert['id']}"
    tag = api.get(path).headers["etag"]
    assert api.patch(path, json={"max_age": 5}).json()["type"] == "/api#precondition-required"
    changed = api.patch(path, json={"timing": {"at": "08:15"}}, headers={"if-match": tag})
    assert changed.status_code == 200
    assert changed.json()["timing"] == {**alert["timing"], "at": "08:15"}
    assert changed.json()["version"] == 2
    assert changed.headers["etag"] == api.get(path).headers["etag"] != tag
    late = api.patch(path, json={"max_age": 9}, headers={"if-match": tag})
    assert (late.status_code, late.json()["type"]) == (412, "/api#changed-meanwhile")
    assert api.delete(path, headers={"if-match": tag}).status_code == 412
    assert api.delete(path, headers={"if-match": "*"}).status_code == 204
    assert api.get(path).status_code == 404
    assert api.post("/api/v1/alerts/seen/restore").json()["id"] == alert["id"]
    said = [each["said"] for each in api.get(f"{path}/versions").json()["items"]]
    assert said == [["added"], ["timing.at: 07:30 → 08:15"], ["removed"], ["brought back"]]


@pytest.mark.parametrize(
    ("sent", "status", "pointers"),
    [
        ({"name": "x", "query": "((("}, 422, {"#/query"}),
        ({"name": "x", "query": "a", "timing": {"how": "never"}}, 422, {"#/timing/how"}),
        ({"name": "x", "query": "a", "timing": {"zone": "No/Where"}}, 422, {"#/timing"}),
        ({"name": "x", "query": "a", "nope": 1}, 422, {"#/nope"}),
        ({"name": "x", "query": "a", "channels": ["nix"]}, 422, {"#/channels"}),
        ({"query": "a"}, 422, {"#/name"}),
        ([], 422, {"#"}),
    ],
)
def test_each_value_that_cannot_be_is_pointed_at(
    api: TestClient, sent: Any, status: int, pointers: set[str]
) -> None:
    answer = api.post("/api/v1/alerts", json=sent)
    assert answer.status_code == status
    assert {each["pointer"] for each in answer.json()["errors"]} == pointers


@pytest.mark.parametrize(
    ("content", "kind", "status", "type_"),
    [
        (b"{", "application/json", 400, "bad-json"),
        (b"\xff\xfe", "application/json", 400, "bad-json"),
        (b"name=x", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (b"{}", "", 415, "unsupported-media-type"),
        (b'"' + b"x" * 1_000_000 + b'"', "application/json", 413, "too-large"),
    ],
)
def test_a_body_that_cannot_be_is_told(
    api: TestClient, content: bytes, kind: str, status: int, type_: str
) -> None:
    headers = {"content-type": kind} if kind else {}
    for sent in (content, iter([content])):  # with its length, and without
        answer = api.post("/api/v1/alerts", content=sent, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/api#{type_}")


def test_a_name_that_is_taken_is_told(api: TestClient) -> None:
    added(api, "taken")
    answer = api.post("/api/v1/alerts", json={"name": "taken", "query": "a"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/api#conflict")


def test_steps_of_an_alert(api: TestClient) -> None:
    alert = added(api, "steps")
    path = f"/api/v1/alerts/{alert['id']}"
    assert api.post(f"{path}/pause").json()["state"] == "paused"
    assert api.post(f"{path}/resume").json()["state"] == "active"
    assert api.post(f"{path}/undo", json={}).json()["state"] == "paused"
    assert api.post(f"{path}/undo", json={"version": 99}).status_code == 409
    feed = api.get(f"{path}/feed").json()
    assert api.get(feed["atom"]).status_code == 200
    assert api.post(f"{path}/feed").json()["atom"] != feed["atom"]
    assert api.get(feed["atom"]).status_code == 404
    assert api.post(f"{path}/release", json={}).status_code == 409


def test_what_an_alert_found_is_listed_and_what_it_would_have_sent(
    api: TestClient, own_archive: tuple[Config, Database]
) -> None:
    config, database = own_archive
    alert = added(api, "found", query="ferries", max_age=0)
    today = {"published": None, "source": "elsewhere"}
    put(
        database,
        *(article(f"f{number}", body=f"Ferries {number} leave.", **today) for number in range(7)),
    )
    catch_up(config, database)
    path, seen = f"/api/v1/alerts/{alert['id']}", []
    address = f"{path}/matches?limit=3"
    while address:
        page = api.get(address).json()
        seen += [each["article"] for each in page["items"]]
        assert {each["alert_name"] for each in page["items"]} == {"found"}
        address = page["next"]
    assert len(seen) == len(set(seen)) == 7
    assert api.get(f"/api/v1/articles/{seen[0]}/matches").json()["items"][0]["alert"] == alert["id"]
    tested = api.post(f"{path}/backtest", json={}).json()
    assert tested["met"] == 7
    assert api.post("/api/v1/alerts/backtest", json={"query": "ferris"}).json()["causes"]
    looked = api.post(f"{path}/preview", json={"query": "ferries 3"}).json()
    assert looked["said"] == ["query: ferries → ferries 3"]
    assert looked["preview"]["drops"] == 6
    kept = api.get(f"/api/v1/articles/{seen[0]}").json()
    muted = api.post(f"{path}/mute", json={"story": seen[0]}).json()
    assert muted["muted"] == [kept["story"]]
    assert api.post(f"{path}/unmute", json={"story": seen[0]}).json()["muted"] == []


def test_an_alert_and_a_query_are_tried_on_a_text(api: TestClient) -> None:
    alert = added(api, "tried", noise={"title_only": True})
    text = {"body": "The harbour opens.", "title": "Nothing of it"}
    told = api.post(f"/api/v1/alerts/{alert['id']}/test", json=text).json()
    assert (told["met"], told["held"]) == (True, "its headline alone does not meet the query")
    assert told["marks"]["body"] == [[4, 11]]
    missed = api.post("/api/v1/alerts/test", json={**text, "query": "ferry"}).json()
    assert (missed["met"], missed["missing"]) == (False, ["ferry"])
