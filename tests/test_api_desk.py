"""The API: sources and runs, channels and messages, saved searches and lists, and how newsbot is."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from newsbot.archive import outbox, sources
from newsbot.archive.connection import Database
from newsbot.archive.outbox import Message
from newsbot.archive.sources import Pair, Source, Way
from newsbot.config import Config
from tests.conftest import Site
from tests.test_api import served
from tests.test_kills import wait_until

SECRET = "s3cret-value"


@pytest.fixture(scope="module")
def api(own_archive: tuple[Config, Database]) -> Iterator[TestClient]:
    config, database = own_archive
    made = Source(
        id="s",
        name="harbour-news",
        homepage="https://harbour.example/",
        entry_points=(Way(url="https://harbour.example/feed", kind="feed"),),
        headers=(Pair(name="Authorization", value=SECRET), Pair(name="Accept", value="text/html")),
        cookies=(Pair(name="session", value=SECRET),),
        proxy=f"http://me:{SECRET}@proxy.example:3128",
        added_at=datetime.now(UTC),
    )
    sources.add(database, made)
    allowing = config.model_copy(update={"webhook_hosts": ("127.0.0.1",)})
    with served(allowing, database) as client:
        yield client


def changed(api: TestClient, path: str, **values: Any) -> dict[str, Any]:
    answer = api.patch(path, json=values, headers={"if-match": api.get(path).headers["etag"]})
    assert answer.status_code == 200, answer.text
    assert api.get(path).json() == answer.json()
    told: dict[str, Any] = answer.json()
    return told


def test_a_source_is_changed_and_its_secrets_stay_hidden_and_whole(
    api: TestClient, own_archive: tuple[Config, Database]
) -> None:
    path = "/api/v1/sources/harbour-news"
    shown = api.get(path)
    assert SECRET not in shown.text
    told = changed(
        api,
        path,
        groups=["coast", " Coast "],
        delay=2.5,
        headers=[*shown.json()["headers"], {"name": "Accept-Language", "value": "ar"}],
        cookies=shown.json()["cookies"],
        proxy=shown.json()["proxy"],
    )
    assert (told["groups"], told["delay"], told["polled"]) == (["Coast"], 2.5, False)
    kept = sources.find(own_archive[1], "s")
    assert kept is not None
    assert [(each.name, each.value) for each in kept.headers] == [
        ("Authorization", SECRET),
        ("Accept", "text/html"),
        ("Accept-Language", "ar"),
    ]
    assert (kept.cookies[0].value, SECRET in kept.proxy) == (SECRET, True)
    assert changed(api, path, poll=True)["polled"]
    assert changed(api, path, name="harbour")["former_names"] == ["harbour-news"]
    assert api.post(f"{path}/pause").json()["state"] == "paused"
    assert api.get("/api/v1/sources?state=paused&group=COAST").json()["items"][0]["id"] == "s"
    assert api.post(f"{path}/resume").json()["state"] == "active"
    assert api.get(f"{path}/health").json()["ills"] == []
    assert api.get(f"{path}/entry-points").status_code == 200


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"entry_points": []}, "#/entry_points"),
        ({"entry_points": [{"url": "nix", "kind": "feed"}]}, "#/entry_points/0/url"),
        ({"overrides": {"title": "[[["}}, "#/overrides"),
        ({"headers": [{"name": "bad name", "value": "x"}]}, "#/headers"),
        ({"headers": [{"name": "X-New", "value": "••••"}]}, "#/headers"),
        ({"allowed_hosts": ["http://x/"]}, "#/allowed_hosts"),
        ({"proxy": "nix"}, "#/proxy"),
        ({"name": "a/b"}, "#/name"),
        ({"delay": -1}, "#/delay"),
    ],
)
def test_what_no_source_can_have_is_pointed_at(
    api: TestClient, sent: dict[str, Any], pointer: str
) -> None:
    answer = api.patch("/api/v1/sources/s", json=sent, headers={"if-match": "*"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


def test_a_site_is_added_by_its_homepage(api: TestClient, make_site: Callable[[], Site]) -> None:
    site = make_site()
    site.write("index.html", '<a href="/a/1.html">A first story of the day, told at length</a>')
    asked = api.post("/api/v1/sources", json={"homepage": site.base, "groups": ["tests"]})
    assert asked.status_code == 202
    place = asked.headers["location"]
    wait_until(lambda: api.get(place).json()["state"] != "looking", 30)
    done = api.get(place).json()
    assert done["state"] == "added", done
    source = api.get(f"/api/v1/sources/{done['source']}").json()
    assert (source["homepage"].rstrip("/"), source["groups"]) == (site.base, ["tests"])
    run = api.get(f"/api/v1/runs/{done['run']}").json()
    assert (run["state"], run["trigger"], run["ended"]) == ("queued", "request", False)
    again = api.post("/api/v1/sources", json={"homepage": site.base}).headers["location"]
    wait_until(lambda: api.get(again).json()["state"] != "looking", 30)
    assert api.get(again).json()["source"] == done["source"]
    assert "already" in api.get(again).json()["failure"]
    refused = api.post("/api/v1/sources", json={"homepage": "nix"})
    assert refused.json()["errors"][0]["pointer"] == "#/homepage"


def test_runs_are_begun_listed_and_cancelled(api: TestClient) -> None:
    begun = api.post("/api/v1/sources/s/runs")
    assert begun.status_code == 201
    run = begun.json()
    assert begun.headers["location"] == f"/api/v1/runs/{run['id']}"
    listed = api.get("/api/v1/runs?source=s&limit=1").json()["items"]
    assert [each["id"] for each in listed] == [run["id"]]
    ended = api.post(f"/api/v1/runs/{run['id']}/cancel", json={"why": "the site asked"}).json()
    assert (ended["state"], ended["reason"]) == ("cancelled", "by the web page: the site asked")
    assert api.get("/api/v1/runs/nix").status_code == 404


def test_pages_of_runs_have_each_once(api: TestClient) -> None:
    for _ in range(5):
        run = api.post("/api/v1/sources/s/runs").json()["id"]
        api.post(f"/api/v1/runs/{run}/cancel", json={})
    whole = [each["id"] for each in api.get("/api/v1/runs?source=s").json()["items"]]
    paged: list[str] = []
    address = "/api/v1/runs?source=s&limit=2"
    while address:
        page = api.get(address).json()
        paged += [each["id"] for each in page["items"]]
        address = page["next"]
    assert paged == whole
    assert len(set(whole)) == len(whole) >= 5


def test_a_channel_shows_nothing_of_its_secret_again(api: TestClient) -> None:
    target = f"https://hooks.example/{SECRET}"
    added = api.post("/api/v1/channels", json={"name": "desk", "target": target})
    assert (added.status_code, added.json()["new"]) == (201, True)
    assert added.json()["signing"].startswith("whsec_")
    assert SECRET not in added.text
    path = added.headers["location"]
    again = api.post("/api/v1/channels", json={"name": "other", "target": target}).json()
    assert (again["id"], again["new"], again["signing"]) == (added.json()["id"], False, "")
    assert added.json()["signing"] not in api.get(path).text
    assert changed(api, path, name="night desk", operators=True)["operators"] is True
    alert = api.post(
        "/api/v1/alerts", json={"name": "told", "query": "x", "channels": ["night desk"]}
    ).json()
    assert alert["channels"] == [added.json()["id"]]
    refused = api.delete(path, headers={"if-match": "*"})
    assert (refused.status_code, "told" in refused.json()["detail"]) == (409, True)
    assert api.delete(f"{path}?anyway=true", headers={"if-match": "*"}).status_code == 204
    inside = api.post("/api/v1/channels", json={"name": "in", "target": "http://10.0.0.1/x"})
    assert (inside.status_code, "webhook_hosts" in inside.json()["detail"]) == (400, True)


def test_messages_that_were_set_aside_are_sent_again_or_dropped(
    api: TestClient, own_archive: tuple[Config, Database]
) -> None:
    now = datetime.now(UTC)
    made = [
        Message(
            id=f"m{number}",
            alert="",
            occasion="o",
            channel="c",
            state="dead",
            created_at=now,
            next_attempt=now,
            failure="it was gone",
        )
        for number in range(5)
    ]
    outbox.put(own_archive[1], made)
    first = api.get("/api/v1/outbox?limit=3").json()
    second = api.get(first["next"]).json()
    ids = [each["id"] for each in (*first["items"], *second["items"])]
    assert sorted(ids) == ["m0", "m1", "m2", "m3", "m4"]
    assert api.get("/api/v1/outbox/m1").json()["message"]["failure"] == "it was gone"
    assert api.post("/api/v1/outbox/resend", json={"messages": ["m1"]}).json()["messages"] == 1
    assert api.post("/api/v1/outbox/drop", json={"messages": ["m2", "nix"]}).json()["messages"] == 1
    counts = api.get("/api/v1/outbox/counts").json()["counts"]
    assert (counts["dead"], counts["due"], counts["dropped"]) == (3, 1, 1)


def test_a_search_is_saved_renamed_read_as_a_feed_and_removed(api: TestClient) -> None:
    added = api.post("/api/v1/searches", json={"name": "Harbours", "query": "harbour"})
    path = added.headers["location"]
    assert api.post("/api/v1/searches", json={"name": "harbours", "query": "x"}).status_code == 409
    bad = api.post("/api/v1/searches", json={"name": "Bad", "query": "((("})
    assert bad.json()["type"] == "/api#bad-query"
    assert changed(api, path, name="Ports")["id"] == added.json()["id"]
    assert api.get(api.get(f"{path}/feed").json()["json_feed"]).status_code == 200
    assert api.delete(path, headers={"if-match": api.get(path).headers["etag"]}).status_code == 204
    assert api.get(path).status_code == 404


def test_a_list_is_made_changed_and_removed_only_as_it_was_seen(api: TestClient) -> None:
    path = "/api/v1/lists/ships"
    made = api.put(path, json={"entries": ["Aurora", '"Northern Star"']})
    assert (made.status_code, made.json()["version"]) == (200, 1)
    assert api.put(path, json={"entries": ["Aurora"]}).status_code == 428
    tag = made.headers["etag"]
    put = api.put(path, json={"entries": ["Aurora"]}, headers={"if-match": tag})
    assert put.json()["entries"] == ["Aurora"]
    assert api.put(path, json={"entries": ["B"]}, headers={"if-match": tag}).status_code == 412
    assert api.put(path, json={"entries": []}, headers={"if-match": "*"}).status_code == 409
    assert [each["id"] for each in api.get("/api/v1/lists").json()["items"]] == ["ships"]
    api.post("/api/v1/alerts", json={"name": "ships", "query": "@ships"})
    used = api.delete(path, headers={"if-match": "*"})
    assert (used.status_code, "alert 'ships'" in used.json()["detail"]) == (409, True)
    assert api.get("/api/v1/search/explain?q=@ships").json()["lists"] == {"ships": 2}


def test_how_newsbot_is_and_why(api: TestClient) -> None:
    health = api.get("/api/v1/health").json()
    assert (health["ready"], health["picture"]["articles"]) == (True, 0)
    why = api.get("/api/v1/why?url=https://harbour.example/never").json()
    assert why["last"]["outcome"] == "never seen"
    assert api.get("/api/v1/why?url=nix").json()["errors"][0]["parameter"] == "url"
    assert api.get("/api/v1/why?url=https://x.example/&alert=nix").status_code == 404
