"""Saved searches: names that are theirs alone, on the command line and in the archive."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsbot.archive import audit, feeds, searches
from newsbot.archive.connection import Database
from newsbot.archive.searches import SavedSearch
from newsbot.config import Config
from newsbot.keeping.backing_up import back_up, put_back
from newsbot.search.follow import catch_up
from tests.here import Here
from tests.test_archive import article, keep

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def newsbot(settings: Config, database: Database) -> Here:
    return Here(settings)


def save(database: Database, name: str, query: str = "harbour") -> SavedSearch:
    saved = searches.new(name, query, order="newest", by="lina", now=NOW)
    searches.add(database, saved)
    return saved


def test_a_search_is_saved_listed_shown_renamed_and_removed(newsbot: Here) -> None:
    made = newsbot.json("saved", "add", "  وقف   إطلاق النار ", '"إطلاق النار" seen:<7d')
    assert (made["name"], made["order"]) == ("وقف إطلاق النار", "newest")
    assert made["by"] == audit.acting_user()
    assert [made] == newsbot.json("saved", "list")
    assert newsbot.json("saved", "show", "وقف إطلاق النار") == made
    renamed = newsbot.json("saved", "rename", "وقف إطلاق النار", "Ceasefire")
    assert renamed == made | {"name": "Ceasefire"}
    assert "Ceasefire" in newsbot("saved", "list").stdout
    assert newsbot("saved", "remove", "ceasefire").exit_code == 0
    assert newsbot.json("saved", "list") == []
    gone = newsbot("saved", "show", "ceasefire")
    assert gone.exit_code == 1
    assert "no saved search 'ceasefire'" in gone.stderr


def test_a_saved_search_finds_what_the_search_finds(
    newsbot: Here, database: Database, settings: Config
) -> None:
    keep(database, article("1", title="The harbour opens"), article("2", title="A storm"), now=NOW)
    catch_up(settings, database)
    newsbot("saved", "add", "port", "harbour", "--order", "relevance")
    assert newsbot.json("saved", "run", "PORT") == newsbot.json(
        "search", "harbour", "--order", "relevance"
    )
    newsbot("saved", "add", "none", "unheardof")
    assert newsbot("saved", "run", "none").exit_code == 1


def test_a_query_that_is_none_is_refused_under_a_caret(newsbot: Here) -> None:
    refused = newsbot("saved", "add", "x", 'storm AND ("high')
    assert refused.exit_code == 2
    assert "\n             ^\n" in refused.stderr
    assert newsbot.json("saved", "list") == []


def test_names_differ_by_more_than_case(database: Database) -> None:
    first = save(database, "Straße")
    searches.add(database, first)  # written again, as after an answer that was lost
    with pytest.raises(searches.SearchExistsError, match="'Straße' already"):
        searches.add(
            database,
            searches.new("STRASSE", "x", order="newest", by="", now=NOW + timedelta(seconds=1)),
        )
    other = save(database, "Weg")
    with pytest.raises(searches.SearchExistsError):
        searches.rename(database, other.id, "strasse")
    searches.rename(database, first.id, "STRASSE")
    assert [each.name for each in searches.everything(database)] == ["STRASSE", "Weg"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "-x", "a\u202eb", "a\x07b", "a\u200bb"])
def test_names_that_cannot_be_said_or_seen_are_refused(name: str) -> None:
    with pytest.raises(searches.SearchNameError):
        searches.checked_name(name)


def test_a_persian_name_keeps_its_joiner() -> None:
    assert searches.checked_name("می\u200cرود") == "می\u200cرود"


def test_a_feeds_address_stays_until_it_is_renewed(newsbot: Here, database: Database) -> None:
    newsbot("saved", "add", "port", "harbour")
    first = newsbot.json("saved", "feed", "port")
    assert newsbot.json("saved", "feed", "port") == first
    assert first["atom"].startswith("http://127.0.0.1:8650/feed/")
    token = first["atom"].rpartition("/")[2].removesuffix(".atom")
    assert len(token) >= 32, "192 bits, six a character"
    second = newsbot.json("saved", "feed", "port", "--renew")
    assert second["atom"] != first["atom"]
    assert feeds.find(database, token) is None
    assert [each.action for each in audit.latest(database, since=NOW - timedelta(days=1))] == [
        "feed renew"
    ]


def test_no_list_tells_an_address(newsbot: Here, database: Database) -> None:
    made = newsbot.json("saved", "add", "port", "harbour")
    token = feeds.address(database, "search", made["id"]).token
    for words in (("list",), ("list", "--json"), ("show", "port"), ("show", "port", "--json")):
        assert token not in newsbot("saved", *words).stdout
    assert token not in repr(feeds.address(database, "search", made["id"]))


def test_a_backup_has_the_searches_and_brings_no_ended_address_back(
    settings: Config, database: Database, tmp_path: Path
) -> None:
    saved, other = save(database, "port"), save(database, "storm")
    leaked = feeds.address(database, "search", saved.id)
    kept = feeds.address(database, "search", other.id)
    back_up(settings, database, tmp_path / "backup")
    now = feeds.renew(database, "search", saved.id)
    searches.remove(database, other.id)
    put_back(settings, database, tmp_path / "backup", force=True)
    assert searches.everything(database) == [saved, other]
    assert feeds.find(database, leaked.token) is None
    assert feeds.find(database, now.token) == now
    assert feeds.find(database, kept.token) == kept


def test_a_list_that_a_saved_search_uses_cannot_be_removed(newsbot: Here) -> None:
    assert newsbot("saved", "add", "x", "@ports").exit_code == 2
    newsbot("list", "add", "ports", "harbour", "quay")
    newsbot("saved", "add", "sea", "@ports -storm")
    refused = newsbot("list", "remove", "ports")
    assert refused.exit_code == 1
    assert "used by saved search 'sea'" in refused.stderr
    newsbot("saved", "remove", "sea")
    assert newsbot("list", "remove", "ports").exit_code == 0
