"""The API of schedules, the pause of everything, trials, storage and settings."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import attrs
import pytest
from fastapi.testclient import TestClient

from newsbot.archive import audit, pauses, schedules, sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from tests.conftest import Site
from tests.test_api import served
from tests.test_kills import wait_until
from tests.test_survey import newsroom

SOURCE = Source(
    id="s",
    name="harbour-news",
    homepage="https://harbour.example/",
    entry_points=(Way(url="https://harbour.example/feed", kind="feed"),),
    next_due=datetime(2026, 1, 1, tzinfo=UTC),
    added_at=datetime(2026, 1, 1, tzinfo=UTC),
)
RULE = {"source": "harbour-news", "when": "0 6 * * mon-fri", "timezone": "Asia/Damascus"}


@pytest.fixture(scope="module")
def api(own_archive: tuple[Config, Database]) -> Iterator[TestClient]:
    config, database = own_archive
    config.data_dir.mkdir(parents=True, exist_ok=True)
    sources.add(database, SOURCE)
    with served(config, database) as client:
        yield client


def test_a_schedule_is_added_changed_paused_run_and_removed(
    api: TestClient, own_archive: tuple[Config, Database]
) -> None:
    made = api.post("/api/v1/schedules", json=RULE | {"jitter": "5m", "blackouts": ["sat,sun"]})
    assert made.status_code == 201, made.text
    where = made.headers["location"]
    assert (made.json()["jitter"], len(made.json()["next"])) == (300, 5)
    assert api.post("/api/v1/schedules", json=RULE).status_code == 409
    got = api.get(where)
    assert got.json()["when"] == RULE["when"]
    assert [each["id"] for each in api.get("/api/v1/schedules").json()["items"]] == [
        got.json()["id"]
    ]
    assert api.patch(where, json={"late": "2h"}).status_code == 428
    changed = api.patch(
        where, json={"late": "2h", "blackouts": []}, headers={"if-match": got.headers["etag"]}
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["late"], changed.json()["jitter"]) == (7_200, 300)
    assert changed.json()["blackouts"] == []
    assert api.post(f"{where}/pause").json()["next"] == []
    assert len(api.post(f"{where}/resume").json()["next"]) == 5
    run = api.post(f"{where}/runs")
    assert (run.status_code, run.json()["trigger"]) == (201, "schedule")
    assert api.post(f"{where}/runs").json()["id"] == run.json()["id"]
    assert api.delete(where).status_code == 204
    assert api.get(where).status_code == 404
    done = {each.action for each in audit.about(own_archive[1], got.json()["id"])}
    assert {"schedule add", "schedule set", "schedule run", "schedule remove"} <= done


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"source": "nobody"}, "no source"),
        ({"when": "61 * * * *"}, "cannot be read"),
        ({"timezone": "Mars/Base"}, "no time zone"),
        ({"jitter": "soon"}, "is no time"),
        ({"blackouts": ["never"]}, "cannot be read"),
        ({"kind": "once", "when": "2020-01-01"}, "never starts"),
    ],
)
def test_a_schedule_that_cannot_be_is_told_why(
    api: TestClient, own_archive: tuple[Config, Database], said: dict[str, object], why: str
) -> None:
    answer = api.post("/api/v1/schedules", json=RULE | said)
    assert answer.status_code == 422
    assert why in answer.json()["detail"].lower()
    assert schedules.everything(own_archive[1]) == []


def test_the_polls_that_are_due_are_told(api: TestClient) -> None:
    assert [each["source"] for each in api.get("/api/v1/polls").json()["items"]] == ["s"]


def test_everything_is_paused_and_resumed(
    api: TestClient, own_archive: tuple[Config, Database]
) -> None:
    assert api.get("/api/v1/pause").json()["paused"] is False
    told = api.put("/api/v1/pause", json={"why": "the house moves"}).json()
    assert (told["paused"], told["why"], told["by"]) == (True, "the house moves", "the web page")
    assert pauses.standing(own_archive[1]) is not None
    assert api.delete("/api/v1/pause").status_code == 204
    assert pauses.standing(own_archive[1]) is None


def test_a_site_is_tried_and_nothing_is_changed(
    api: TestClient, own_archive: tuple[Config, Database], make_site: Callable[[], Site]
) -> None:
    site = make_site()
    newsroom(site)
    begun = api.post("/api/v1/trials", json={"homepage": site.base})
    assert begun.status_code == 202
    where = begun.headers["location"]
    wait_until(lambda: api.get(where).json()["state"] != "looking", seconds=30)
    told = api.get(where).json()
    assert (told["state"], told["found"]["title"]) == ("done", "Courier")
    assert len(told["samples"]) == 5
    assert told["conditional_requests"] is True
    assert len(sources.everything(own_archive[1])) == 1
    assert api.get("/api/v1/trials/none").status_code == 404


def test_overrides_are_tried_on_a_page(
    api: TestClient, own_archive: tuple[Config, Database], make_site: Callable[[], Site]
) -> None:
    site = make_site()
    newsroom(site)
    host = site.base.removeprefix("http://")
    own = attrs.evolve(SOURCE, id="o", name="own", homepage=site.base, allowed_hosts=(host,))
    sources.add(own_archive[1], own)
    wish = {"url": f"{site.base}/a/1.html", "overrides": {"authors": "h1", "drop": [".ad"]}}
    told = api.post("/api/v1/sources/own/overrides/trial", json=wish).json()
    assert told["with_them"]["title"] == told["without"]["title"] == "Ferries wait for storm 1"
    assert told["missed"] == ["drop .ad"]
    assert (told["kept"], told["stored"]) == (False, None)
    wrong = wish | {"overrides": {"title": "h1 >> ["}}
    assert api.post("/api/v1/sources/own/overrides/trial", json=wrong).status_code == 422
    nothing = wish | {"url": f"{site.base}/none"}
    refused = api.post("/api/v1/sources/own/overrides/trial", json=nothing)
    assert "answered 404" in refused.json()["detail"]


def test_storage_and_settings_are_told(api: TestClient) -> None:
    told = api.get("/api/v1/storage").json()
    assert told["free"] > 0
    assert {each["part"] for each in told["taken"]} >= {"index", "raw", "spool", "logs"}
    rows = {each["name"]: each for each in api.get("/api/v1/settings").json()["items"]}
    assert rows["web_port"]["value"] == "8650"
