"""The API: searching, page by page, counted, understood; and exports."""

import csv
import io
import json
from collections.abc import Iterator

import polars as pl
import pytest
from fastapi.testclient import TestClient

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.search.follow import catch_up
from tests.test_api import served
from tests.test_web import article, put

COUNT = 120


@pytest.fixture(scope="module")
def api(own_archive: tuple[Config, Database]) -> Iterator[TestClient]:
    config, database = own_archive
    put(
        database,
        *(article(f"n{number}", body=f"Nine ships wait {number}.") for number in range(COUNT)),
    )
    catch_up(config, database)
    with served(config, database) as client:
        yield client


def pages(api: TestClient, address: str | None) -> Iterator[dict[str, object]]:
    while address:
        told = api.get(address).json()
        yield told
        address = told["next"]


@pytest.mark.parametrize("each", ["article", "story"])
def test_pages_have_everything_once_while_articles_arrive(
    api: TestClient, own_archive: tuple[Config, Database], each: str
) -> None:
    config, database = own_archive
    seen: list[str] = []
    first = ""
    for number, page in enumerate(pages(api, f"/api/v1/search?q=ships&limit=50&each={each}")):
        first = first or str(page["total"])
        assert str(page["total"]) == first
        seen += [hit["article"]["id"] for hit in page["items"]]  # type: ignore[attr-defined]
        put(database, article(f"late-{each}-{number}", body=f"Nine ships arrive {number}."))
        catch_up(config, database)
    assert len(seen) == len(set(seen)) == int(first)


def test_a_query_that_is_none_is_told_with_its_place(api: TestClient) -> None:
    for path in ("search", "search/facets", "search/timeline", "search/explain", "export"):
        answer = api.get(f"/api/v1/{path}", params={"q": '"never closed'})
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (400, "/api#bad-query"), path
        assert problem["position"] == 0
        assert problem["explanation"].splitlines()[1].strip() == "^"


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "WyJhIiwgMV0", "x" * 5_000])
def test_a_cursor_that_is_none_is_told(api: TestClient, cursor: str) -> None:
    for path in ("search?q=ships", "alerts?limit=1", "matches?limit=1"):
        answer = api.get(f"/api/v1/{path}&cursor={cursor}")
        assert (answer.status_code, answer.json()["type"]) == (400, "/api#bad-cursor"), path


def test_a_cursor_of_another_search_is_told(api: TestClient) -> None:
    address = api.get("/api/v1/search?q=ships&limit=1").json()["next"]
    answer = api.get(address.replace("q=ships", "q=wait"))
    assert answer.json()["detail"].startswith("This is a page of another search")


def test_what_is_found_is_counted_and_understood(api: TestClient) -> None:
    counted = api.get("/api/v1/search/facets?q=wait").json()
    assert counted["total"] == COUNT
    assert {each["field"] for each in counted["facets"]} >= {"source", "language", "day"}
    bars = api.get("/api/v1/search/timeline?q=wait&by=day").json()["bars"]
    assert [(each["first"], each["count"], each["share"] > 0) for each in bars] == [
        ("2026-03-01", COUNT, True)
    ]
    understood = api.get("/api/v1/search/explain?q=ships -ferry").json()
    assert understood["tree"]["kind"] == "and"
    assert [each["kind"] for each in understood["tree"]["parts"]] == ["word", "not"]
    lines = api.get("/api/v1/attention?q=ships&q=ferry").json()["lines"]
    assert [each["query"] for each in lines] == ["ships", "ferry"]
    assert api.get("/api/v1/rising").json()["terms"] == []


def test_an_export_is_the_same_in_each_format(api: TestClient) -> None:
    asked = "/api/v1/export?q=wait&columns=id,title,published_day,authors"
    lines = [json.loads(line) for line in api.get(asked).text.splitlines()]
    assert len(lines) == COUNT
    table = api.get(f"{asked}&format=csv&bom=false")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["newsbot-found"] == str(COUNT)
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["id"] for row in rows] == [line["id"] for line in lines]
    frame = pl.read_parquet(api.get(f"{asked}&format=parquet").content)
    assert frame["id"].to_list() == [line["id"] for line in lines]
    assert frame["published_day"].to_list()[0].isoformat() == lines[0]["published_day"]
    sample = api.get(f"{asked}&sample=5&seed=7").text
    assert sample == api.get(f"{asked}&sample=5&seed=7").text
    assert len(sample.splitlines()) == 5


def test_what_an_export_cannot_have_is_told(api: TestClient) -> None:
    refused = api.get("/api/v1/export?columns=id,nix")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "columns")
    refused = api.get("/api/v1/export?by=day")
    assert "give sample" in refused.json()["detail"]


def test_head_of_an_export_makes_none(api: TestClient) -> None:
    head = api.head("/api/v1/export?q=wait")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["newsbot-found"] == str(COUNT)
