"""Collections on their pages and in the API: made, filled from lists, noted, exported, shared."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from newsbot.archive import collections, feeds, removal, sources
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.search.follow import catch_up
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.test_saved_page import forms
from tests.test_web import article, put, shown

WORDS = ("Nine ships wait", "Bread costs more", "=1+1 is a sum", "Rain for a week")


@pytest.fixture(scope="module")
def town(own_archive: tuple[Config, Database]) -> tuple[Config, Database, list[Kept]]:
    config, database = own_archive
    made = Source(
        id="s", name="harbour-news", homepage="https://harbour.example/", added_at=datetime.now(UTC)
    )
    sources.add(database, made)
    kept = [
        put(database, article(str(at), title=words, body=f"{words}. " * 9))[0]
        for at, words in enumerate(WORDS)
    ]
    catch_up(config, database)
    return config, database, kept


@pytest.fixture(scope="module")
def page(town: tuple[Config, Database, list[Kept]]) -> Iterator[TestClient]:
    config, database, _ = town
    with TestClient(create_app(config, database, Live(config, database))) as client:
        yield client


@pytest.fixture
def kept(town: tuple[Config, Database, list[Kept]]) -> list[Kept]:
    town[1].collections.delete_many({})
    return town[2]


@pytest.fixture
def database(town: tuple[Config, Database, list[Kept]]) -> Database:
    return town[1]


def test_stories_of_a_list_are_put_aside_and_read_as_a_report(
    page: TestClient, kept: list[Kept], database: Database
) -> None:
    assert "There is no collection yet." in shown(page, "/collections")
    (form,) = forms(shown(page, "/triage?show=all"), "/triage/mark")
    chosen = {"story": [each.record.story for each in kept[:2]], "do": "choose"}
    text = page.post("/collections/add", data={"token": form["token"], **chosen}).text
    assert text.count("checked") == 2
    sent = {"token": form["token"], "article": [each.article.id for each in kept[:2]]}
    answer = page.post("/collections/add", data=sent | {"name": "", "note": "from both banks"})
    assert answer.status_code == 400
    assert "from both banks</textarea>" in answer.text
    answer = page.post("/collections/add", data=sent | {"name": "Port", "note": "from both banks"})
    assert answer.status_code == 200
    assert [answer.text.count(f">{words}</a></h2>") for words in WORDS[:3]] == [1, 1, 0]
    assert answer.text.count("from both banks") == 2
    (made,) = collections.everything(database)
    assert (made.name, made.owner) == ("Port", "the web page")


def test_a_report_is_edited_and_never_over_somebody_elses_change(
    page: TestClient, kept: list[Kept], database: Database
) -> None:
    ids = [each.article.id for each in kept]
    made = collections.new("Port", by="ada", now=datetime.now(UTC), sharing="desk")
    collections.add(database, made)
    collections.put_in(database, made.id, ids, by="ada", now=datetime.now(UTC))
    here = f"/collections/{made.id}"
    text = shown(page, f"{here}?edit=1")
    note = next(each for each in forms(text, f"{here}/note") if each["article"] == ids[0])
    page.post(f"{here}/note", data=note | {"note": "call the harbour master"})
    late = page.post(f"{here}/note", data=note | {"note": "call the mayor"})
    assert late.status_code == 409
    assert "the web page has changed the note since you opened it" in late.text.lower()
    assert "call the mayor</textarea>" in late.text
    assert "call the harbour master" in late.text
    page.post(f"{here}/move", data=note | {"to": "4"})
    page.post(f"{here}/leave-out", data=note | {"article": ids[1]})
    found = collections.find(database, made.id)
    assert found is not None
    assert [each.article for each in found.entries] == [ids[2], ids[3], ids[0]]
    tell = forms(text, f"{here}/tell")[0] | {"name": "Quay", "sharing": "private", "tags": "a، b,c"}
    assert "Quay" in page.post(f"{here}/tell", data=tell).text
    found = collections.find(database, made.id)
    assert found is not None
    assert (found.tags, found.sharing) == (("a", "b", "c"), "private")
    page.post(f"{here}/remove", data={"token": note["token"]})
    assert page.get(here).status_code == 404


def test_what_was_removed_stays_as_a_sentence_and_a_file_leaves_it_out(
    page: TestClient, kept: list[Kept], database: Database
) -> None:
    (gone,) = put(database, article("gone", title="Gone", body="It is gone. " * 9))
    ids = [gone.article.id, kept[2].article.id]
    told = page.post("/api/v1/collections", json={"name": "Port"})
    assert told.status_code == 201
    here = f"/api/v1/collections/{told.json()['id']}"
    page.post(f"{here}/entries", json={"articles": ids, "note": "=A1", "tags": ["x", "y"]})
    removal.put_aside(
        database, [removal.tombstone(gone, (), cause="takedown", now=datetime.now(UTC))]
    )
    text = shown(page, f"/collections/{told.json()['id']}")
    assert "An article stood here that was removed from the archive" in text
    assert text.count("=A1") == 1

    answer = page.get(f"{here}/export?format=csv&columns=title&bom=false")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["position"] == "2"
    assert row["note"].lstrip("'") == "=A1"
    assert row["note"] != "=A1", "a spreadsheet must not run it"
    assert page.get(f"{here}/export?format=parquet").content[:4] == b"PAR1"
    assert page.get(f"/collections/{told.json()['id']}/export?form=jsonl").text.count("\n") == 1
    assert page.get(f"{here}/export?columns=none").status_code == 422


def test_the_api_changes_what_it_has_seen(page: TestClient, kept: list[Kept]) -> None:
    made = page.post("/api/v1/collections", json={"name": "Port", "sharing": "desk"}).json()
    here = f"/api/v1/collections/{made['id']}"
    ids = [each.article.id for each in kept[:3]]
    page.post(f"{here}/entries", json={"articles": ids})
    got = page.get(here)
    assert page.patch(here, json={"name": "Quay"}).status_code == 428
    change = {"headers": {"if-match": got.headers["etag"]}, "json": {"name": "Quay"}}
    assert page.patch(here, **change).json()["name"] == "Quay"
    assert page.patch(here, **change).status_code == 412
    entry = f"{here}/entries/{ids[2]}"
    assert page.patch(entry, json={"note": "first"}).status_code == 428
    told = page.patch(entry, json={"note": "first", "version": 1, "place": 1}).json()
    assert (told["entries"][0]["article"], told["entries"][0]["note"]) == (ids[2], "first")
    late = page.patch(entry, json={"note": "other", "version": 1})
    assert late.status_code == 412
    assert "the web page has changed the note" in late.json()["detail"].lower()
    assert len(page.delete(entry).json()["entries"]) == 2
    unknown = page.post(f"{here}/entries", json={"articles": ["none"]})
    assert unknown.status_code == 404
    assert [each["name"] for each in page.get("/api/v1/collections").json()["items"]] == ["Quay"]
    assert page.delete(here).status_code == 204
    assert page.get(here).status_code == 404


def test_what_is_put_in_is_read_as_a_feed_until_its_address_is_renewed(
    page: TestClient, kept: list[Kept], database: Database
) -> None:
    made = page.post("/api/v1/collections", json={"name": "Port"}).json()
    for each in kept[:2]:
        page.post(f"/api/v1/collections/{made['id']}/entries", json={"articles": [each.article.id]})
    here = f"/collections/{made['id']}"
    assert "/feed/" not in shown(page, here), "whoever only reads it is not told"
    text = shown(page, f"{here}?edit=1")
    address = next(each for each in text.split('"') if each.endswith(".json") and "/feed/" in each)
    told = page.get(address).json()
    assert told["title"] == "Port"
    assert [each["title"] for each in told["items"]] == [WORDS[1], WORDS[0]]
    (form,) = forms(text, f"{here}/renew")
    page.post(f"{here}/renew", data=form)
    assert page.get(address).status_code == 404
    feed = feeds.address(database, "collection", made["id"])
    page.delete(f"/api/v1/collections/{made['id']}")
    assert page.get(f"/feed/{feed.token}.atom").status_code == 410
