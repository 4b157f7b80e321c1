"""Runs on the web page: followed, cancelled, begun; and everything paused."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from newsbot.archive import audit, pauses, runs
from newsbot.archive.connection import Database
from newsbot.archive.runs import Run
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.test_web import shown, source

__all__ = ["source"]


@pytest.fixture
def page(settings: Config, database: Database) -> Iterator[TestClient]:
    with TestClient(create_app(settings, database, Live(settings, database))) as client:
        yield client


@pytest.fixture
def token(page: TestClient) -> str:
    found = re.search(r'name="token" value="([^"]+)"', shown(page, "/runs"))
    assert found is not None
    return found[1]


@pytest.fixture
def under_way(database: Database, source: Source) -> Run:
    run = runs.request(database, source.id, trigger="poll", occasion="x", now=datetime.now(UTC))
    assert run is not None
    held = runs.take(database, run, owner="worker", seconds=60, now=datetime.now(UTC))
    assert held is not None
    counted = {"new": 3, "requests": 7, "bytes": 12_345, "refused_size": 2, "failed_timeout": 1}
    log = ("08:00:00 <script>alert(1)</script>",)
    runs.renew(database, held, seconds=60, now=datetime.now(UTC), counters=counted, log=log)
    return held


def test_a_run_is_shown_as_it_goes_on_with_a_script_or_without(
    page: TestClient, database: Database, under_way: Run
) -> None:
    text = shown(page, f"/runs/{under_way.id}")
    assert "harbour-news" in text
    assert "too large" in text
    assert '<noscript><meta http-equiv="refresh"' in text
    assert "data-follow" in text
    assert "&lt;script&gt;" in text
    assert database.runs.find_one({})["watched_until"] is not None
    runs.finish(database, under_way, state="done", now=datetime.now(UTC), counters={"new": 4})
    over = shown(page, f"/runs/{under_way.id}")
    assert "refresh" not in over
    assert "data-follow" not in over
    assert page.get("/runs/none").status_code == 404


def test_a_run_is_cancelled_by_a_form_of_this_page_alone(
    page: TestClient, database: Database, under_way: Run, token: str
) -> None:
    address = f"/runs/{under_way.id}/cancel"
    assert page.post(address, data={"why": "x"}).status_code == 403
    assert page.post(address, data={"token": token, "why": "enough"}).status_code == 200
    said = database.runs.find_one({"_id": under_way.id})["cancellation"]
    assert (said["by"], said["why"]) == ("the web page", "enough")
    runs.finish(database, under_way, state="done", now=datetime.now(UTC), counters={})
    late = page.post(address, data={"token": token})
    assert late.status_code == 409
    assert "It had ended by then" in late.text


def test_a_source_is_crawled_now(
    page: TestClient, database: Database, source: Source, token: str
) -> None:
    answer = page.post(f"/sources/{source.id}/crawl", data={"token": token})
    assert "queued" in answer.text
    (run,) = runs.claimable(database, datetime.now(UTC), at_most=1, urgent_alone=True)
    assert run.source == source.id
    again = page.post(f"/sources/{source.id}/crawl", data={"token": token})
    assert run.id in str(again.url)


@pytest.mark.usefixtures("source")
def test_everything_is_paused_and_resumed_and_each_page_that_matters_says_so(
    page: TestClient, database: Database, token: str
) -> None:
    page.post("/runs/pause", data={"token": token, "why": "the house moves"})
    for address in ("/", "/runs"):
        assert "Everything is paused" in shown(page, address)
        assert "the house moves" in shown(page, address)
    assert pauses.standing(database) is not None
    page.post("/runs/resume", data={"token": token})
    assert pauses.standing(database) is None
    done = audit.latest(database, since=datetime(2026, 1, 1, tzinfo=UTC))
    assert {each.action for each in done} == {"pause", "resume"}
