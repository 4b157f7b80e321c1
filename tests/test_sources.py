"""Sources: what they are told apart by, what may be set of them."""

from datetime import UTC, datetime

import attrs

from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source, Way
from newsbot.items import Overrides
from tests.conftest import Command

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)


def source(name: str, homepage: str = "", **fields: object) -> Source:
    homepage = homepage or f"https://{name}.example/"
    return Source(
        id=sources.source_id(homepage),
        name=name,
        homepage=homepage,
        added_at=NOW,
        **fields,  # type: ignore[arg-type]
    )


def test_a_change_sets_what_it_names_and_nothing_else(database: Database) -> None:
    before = source("one", groups=("europe",), next_due=NOW)
    sources.add(database, before)
    ways = (Way(url="https://one.example/feed", kind="feed"),)
    overrides = Overrides(title="h1", drop=(".ad",))
    sources.change(database, before.id, entry_points=ways, overrides=overrides, delay=2.5)
    assert sources.find(database, "one") == attrs.evolve(
        before, entry_points=ways, overrides=overrides, delay=2.5
    )


def test_a_record_of_before_a_field_was_there_is_read(database: Database) -> None:
    bare = {"_id": "x", "name": "old", "homepage": "https://old.example/", "added_at": NOW}
    database.sources.insert_one(bare)
    found = sources.find(database, "old")
    assert found is not None
    assert (found.former_names, found.addresses) == ((), ())


def test_settings_are_set_on_the_command_line(database: Database, newsbot: Command) -> None:
    sources.add(database, source("one", groups=("Europe", "wire"), next_due=NOW))
    words = "--delay 2.5 --concurrency 3 --javascript --no-poll --group Asia --no-group EUROPE"
    shown = newsbot.json("source", "set", "one", *words.split(), "--title", "One News")
    expected = {
        "delay": 2.5,
        "concurrency": 3,
        "javascript": True,
        "next_due": None,
        "groups": ["wire", "Asia"],
        "title": "One News",
    }
    assert isinstance(shown, dict)
    assert shown | expected == shown
    found = sources.find(database, "one")
    assert found is not None
    assert (found.delay, found.groups, found.next_due) == (2.5, ("wire", "Asia"), None)


def test_setting_nothing_is_bad_usage_that_says_what_to_give(
    database: Database, newsbot: Command
) -> None:
    sources.add(database, source("one"))
    done = newsbot("source", "set", "one")
    assert done.returncode == 2
    assert "give an option, as --group europe" in done.stderr
