"""The API: what holds everywhere, and articles."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from newsbot.search.follow import catch_up
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.test_web import article, put

EDITED, PLAIN = (
    article("edited"),
    article("plain", body="Nine ships wait. " * 9, title="Nine ships"),
)


def served(config: Config, database: Database) -> TestClient:
    app = create_app(config, database, Live(config, database))
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def api(own_archive: tuple[Config, Database]) -> Iterator[TestClient]:
    config, database = own_archive
    made = Source(
        id="s",
        name="harbour-news",
        homepage="https://harbour.example/",
        entry_points=(Way(url="https://harbour.example/feed", kind="feed"),),
        added_at=datetime.now(UTC),
    )
    sources.add(database, made)
    put(database, EDITED, PLAIN)
    put(database, article("edited", title="At last the harbour opens"))
    catch_up(config, database)
    with served(config, database) as client:
        yield client


def test_an_article_is_had_with_its_history(api: TestClient) -> None:
    told = api.get(f"/api/v1/articles/{EDITED.id}").json()
    assert told["title"] == "At last the harbour opens"
    assert told["sources"] == [{"id": "s", "name": "harbour-news"}]
    assert told["published"]["day"] == "2026-03-01"
    assert told["first_seen"].endswith("Z")
    revisions = api.get(f"/api/v1/articles/{EDITED.id}/revisions").json()["items"]
    assert [(each["number"], each["kinds"]) for each in revisions] == [(1, []), (2, ["headline"])]
    assert api.get(f"/api/v1/articles/{EDITED.id}/revisions/1").json() == revisions[0]
    changes = api.get(f"/api/v1/articles/{EDITED.id}/differences/1/2").json()["changes"]
    assert {each["text"] for each in changes["headline"] if each["change"] == "added"} == {
        "At last the"
    }
    story = api.get(f"/api/v1/articles/{EDITED.id}/story").json()
    assert [each["id"] for each in story["items"]] == [EDITED.id]


def test_what_somebody_has_already_is_not_sent_again(api: TestClient) -> None:
    path = f"/api/v1/articles/{PLAIN.id}"
    first = api.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    again = api.get(path, headers={"if-none-match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert api.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_head_is_get_without_a_body(api: TestClient) -> None:
    path = f"/api/v1/articles/{PLAIN.id}"
    got, head = api.get(path), api.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-length", "content-type"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize(
    ("asked", "status", "kind", "said"),
    [
        ("GET /api/v1/nothing", 404, "not-found", "There is nothing at /api/v1/nothing"),
        ("GET /api/v1/articles/nix", 404, "not-found", "There is no article 'nix'"),
        (f"GET /api/v1/articles/{PLAIN.id}/revisions/7", 404, "not-found", "has revision 1"),
        (f"GET /api/v1/articles/{PLAIN.id}/raw", 404, "not-found", "was not kept"),
        (f"GET /api/v1/articles/{PLAIN.id}/revisions/x", 422, "invalid", "number"),
        (f"DELETE /api/v1/articles/{PLAIN.id}", 405, "method-not-allowed", "Allow"),
    ],
)
def test_an_error_is_a_problem_that_says_what_to_do(
    api: TestClient, asked: str, status: int, kind: str, said: str
) -> None:
    method, path = asked.split()
    answer = api.request(method, path)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert problem["type"] == f"/api#{kind}"
    assert said in problem["detail"]
    assert problem["instance"] == path
    assert problem["title"]


def test_a_page_that_is_missing_stays_a_page(api: TestClient) -> None:
    answer = api.get("/nothing", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_who_asks_too_much_is_told_when_to_come_again(
    own_archive: tuple[Config, Database],
) -> None:
    config, database = own_archive
    few = config.model_copy(update={"api_requests": 2})
    with served(few, database) as client:
        path = f"/api/v1/articles/{PLAIN.id}"
        first = client.get(path)
        assert first.headers["ratelimit-policy"] == '"requests";q=2;w=60'
        assert first.headers["ratelimit"].startswith('"requests";r=1;t=')
        assert client.get(path).status_code == 200
        refused = client.get(path)
        assert refused.status_code == 429
        assert refused.json()["type"] == "/api#too-many-requests"
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert client.get("/healthz").status_code == 200


def test_times_are_in_utc_whatever_they_were(api: TestClient) -> None:
    told = api.get(f"/api/v1/articles/{PLAIN.id}").json()
    seen = datetime.fromisoformat(told["first_seen"])
    assert seen.utcoffset() == timedelta(0)


def test_a_name_that_leads_here_and_another_sites_form_are_refused_as_problems(
    api: TestClient,
) -> None:
    path = f"/api/v1/articles/{PLAIN.id}"
    elsewhere = api.get(path, headers={"host": "evil.example"})
    assert (elsewhere.status_code, elsewhere.json()["type"]) == (421, "/api#misdirected")
    forged = api.post(
        "/api/v1/alerts",
        json={"name": "x", "query": "x"},
        headers={"origin": "https://evil.example"},
    )
    assert (forged.status_code, forged.json()["type"]) == (403, "/api#forbidden")
