"""Who may read newsbot's feeds, when one ends, and what a reader that polls is sent."""

from collections.abc import Callable
from datetime import UTC, datetime

import attrs
import pytest
from fastapi.testclient import TestClient

from newsbot.archive import feeds, lists, revisions, searches, sources
from newsbot.archive.connection import Database
from newsbot.archive.lists import TermList
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.search.follow import catch_up
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.test_feeds import ATOM, FULL, MORNING, atom, get, save, stored, token, told
from tests.test_kills import wait_until
from tests.test_web import article, page, put, source

__all__ = ["page", "source"]

pytestmark = pytest.mark.usefixtures("source")


# Who may read it, and when it ends


def test_no_cookie_is_asked_for_and_no_foreign_host_answered(
    page: TestClient, database: Database
) -> None:
    secret = token(database)
    assert get(page, f"/feed/{secret}.atom").status_code == 200
    foreign = page.get(f"/feed/{secret}.atom", headers={"host": "evil.example"})
    assert foreign.status_code == 421
    assert page.head(f"/feed/{secret}.atom").status_code == 200


def test_an_address_that_is_none_leads_nowhere(page: TestClient, database: Database) -> None:
    secret = token(database)
    for wrong in ("x", secret[:-1], secret + "x", secret.swapcase(), "%00", "*", "$ne", "é"):
        answer = get(page, f"/feed/{wrong}.atom")
        assert answer.status_code == 404
        assert "renewed" in answer.text
    saved = searches.everything(database)[0]
    for guess in (saved.id, feeds.address(database, "search", saved.id).id):
        assert get(page, f"/feed/{guess}.json").status_code == 404


def test_a_renewed_address_ends_the_one_before(page: TestClient, database: Database) -> None:
    secret = token(database)
    renewed = feeds.renew(database, "search", searches.everything(database)[0].id)
    assert get(page, f"/feed/{secret}.atom").status_code == 404
    assert get(page, f"/feed/{renewed.token}.atom").status_code == 200


def test_the_feed_of_what_was_removed_says_that_it_is_gone(
    page: TestClient, database: Database, source: Source
) -> None:
    secret = token(database)
    of_source = feeds.address(database, "source", source.id).token
    searches.remove(database, searches.everything(database)[0].id)
    sources.remove(database, source.id)
    for each in (secret, of_source):
        gone = get(page, f"/feed/{each}.json")
        assert gone.status_code == 410
        assert "has been removed" in gone.text


def test_a_query_that_became_none_is_explained_in_its_feed(
    page: TestClient, database: Database, settings: Config
) -> None:
    stored(database, settings, FULL)
    made = TermList(id="ports", entries=("harbour",), version=1, by="", at=MORNING)
    lists.replace(database, made)
    secret = token(database, "@ports")
    assert len(told(page, secret)["items"]) == 1
    lists.replace(database, attrs.evolve(made, entries=(), version=2, removed=True))
    with TestClient(create_app(settings, database, Live(settings, database))) as later:
        wait_until(lambda: "cannot be answered" in get(later, f"/feed/{secret}.json").text)
        root = atom(later, secret)
        (entry,) = root.findall(f"{ATOM}entry")
        assert "cannot be answered" in entry.findtext(f"{ATOM}title")
        assert "@ports\n  ^" in entry.findtext(f"{ATOM}content")
        tag = get(later, f"/feed/{secret}.atom").headers["etag"]
        assert get(later, f"/feed/{secret}.atom", **{"if-none-match": tag}).status_code == 304


# Polled


def test_what_a_reader_has_is_not_sent_again(
    page: TestClient, database: Database, settings: Config
) -> None:
    stored(database, settings, FULL)
    for ending in ("atom", "json"):
        address = f"/feed/{token(database) if ending == 'atom' else _again(database)}.{ending}"
        first = get(page, address)
        named = {"if-none-match": f'"other", W/{first.headers["etag"]}'}
        dated = {"if-modified-since": first.headers["last-modified"]}
        for same in (named, dated, named | {"if-modified-since": "Mon, 01 Jan 2001 00:00:00 GMT"}):
            answer = get(page, address, **same)
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == first.headers["etag"]
        assert get(page, address, **{"if-none-match": '"other"'} | dated).status_code == 200
        put(database, article(ending, title="harbour again", body=f"{ending} text " * 30))
        catch_up(settings, database)
        wait_until(lambda: get(page, address, **named).status_code == 200)  # noqa: B023
        for same in (named, dated):
            answer = get(page, address, **same)
            assert answer.status_code == 200
            assert answer.headers["last-modified"] != first.headers["last-modified"]


def _again(database: Database) -> str:
    return feeds.address(database, "search", searches.everything(database)[0].id).token


def test_an_article_that_leaves_makes_another_answer(
    page: TestClient, database: Database, settings: Config
) -> None:
    other = article("b", body="harbour once more " * 20)
    stored(database, settings, FULL, other)
    address = f"/feed/{token(database)}.atom"
    first = get(page, address)
    database.articles.delete_one({"_id": other.id})
    for same in ("etag", "if-none-match"), ("last-modified", "if-modified-since"):
        answer = get(page, address, **{same[1]: first.headers[same[0]]})
        assert answer.status_code == 200
        assert other.url not in answer.text


def test_whatever_changes_in_a_feed_is_never_answered_as_unchanged(
    page: TestClient, database: Database, settings: Config, source: Source
) -> None:
    made = TermList(id="ports", entries=("harbour",), version=1, by="", at=MORNING)
    lists.replace(database, made)
    other = article("b", title="quay", body="harbour once more " * 20)
    stored(database, settings, FULL, other)
    search = save(database, "@ports OR title:quay")
    address = f"/feed/{feeds.address(database, 'search', search.id).token}.json"

    def edit() -> None:
        put(
            database, attrs.evolve(FULL, body=FULL.body + "\nThe harbour opens at noon, they said.")
        )

    def change_list() -> None:
        lists.replace(database, attrs.evolve(made, entries=("nowhere",), version=2))

    changes: tuple[Callable[[], object], ...] = (
        edit,
        lambda: revisions.note_deletion(database, other.id, now=datetime.now(UTC)),
        # What is written beside an article's text, by whatever part of newsbot.
        lambda: database.articles.update_one({"_id": FULL.id}, {"$set": {"tags": ["harbours"]}}),
        lambda: sources.rename(database, source, "ferry-news"),
        lambda: searches.rename(database, search.id, "haven"),
        change_list,
        lambda: database.articles.delete_one({"_id": other.id}),
    )
    for change in changes:
        first = get(page, address)
        same = (
            {"if-none-match": first.headers["etag"]},
            {"if-modified-since": first.headers["last-modified"]},
        )
        assert {get(page, address, **each).status_code for each in same} == {304}
        change()
        catch_up(settings, database)
        for each in same:
            wait_until(lambda: get(page, address, **each).status_code == 200)  # noqa: B023
        assert get(page, address).content != first.content
