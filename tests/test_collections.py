"""Articles put aside: nothing that two people do at once is lost, and nothing of what was removed stays."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from newsbot.archive import collections, removal
from newsbot.archive.collections import ChangedError, Collection, CollectionError
from newsbot.archive.connection import Database
from tests.announcing import NOW, add_source, publish, story

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def made(database: Database) -> Collection:
    collection = collections.new("Harbour", by="ada", now=NOW, tags=["ships", " ships "])
    collections.add(database, collection)
    return collection


def order(database: Database, made: Collection) -> list[str]:
    found = collections.find(database, made.id)
    assert found is not None
    return [each.article for each in found.entries]


def test_articles_are_put_in_noted_moved_and_left_out(database: Database, made: Collection) -> None:
    assert made.tags == ("ships",)
    put_in = collections.put_in
    put_in(database, made.id, ["a", "b", "c", "a"], by="ada", now=NOW)
    put_in(database, made.id, ["b", "d"], by="ada", now=NOW, note=" first hand \n")
    assert order(database, made) == ["a", "b", "c", "d"]
    collections.move(database, made.id, "d", to=1, by="ada", now=LATER)
    collections.move(database, made.id, "a", to=99, by="ada", now=LATER)
    changed = collections.leave_out(database, made.id, "c", by="ada", now=LATER)
    assert order(database, made) == ["d", "b", "a"]
    assert changed.entries[0].note == "first hand"
    assert changed.articles == ("d", "b", "a")
    assert (changed.version, changed.at) == (6, LATER)
    assert [each.id for each in collections.containing(database, "b")] == [made.id]
    assert collections.containing(database, "c") == []


def test_what_people_add_at_once_is_all_there(database: Database, made: Collection) -> None:
    def put(name: str) -> None:
        collections.put_in(database, made.id, [name], by=name, now=NOW)

    names = [f"article {at}" for at in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(put, names))
    assert sorted(order(database, made)) == sorted(names)


def test_nothing_is_written_over_somebody_elses_change(
    database: Database, made: Collection
) -> None:
    collections.put_in(database, made.id, ["a", "b"], by="ada", now=NOW)

    def annotate(article: str, note: str, by: str, version: int) -> Collection:
        return collections.annotate(
            database, made.id, article, by=by, now=LATER, note=note, tags=(), version=version
        )

    annotate("a", "check the date", "ada", 1)
    annotate("b", "and this one", "bob", 1)
    with pytest.raises(ChangedError, match="ada has changed the note since you opened it") as late:
        annotate("a", "another", "bob", 1)
    entry = late.value.found.entry("a")
    assert entry is not None
    assert (entry.note, entry.version) == ("check the date", 2)
    assert annotate("a", "check the date", "bob", 1).version == late.value.found.version

    def tell(name: str, version: int) -> Collection:
        return collections.tell(
            database,
            made.id,
            by="bob",
            now=LATER,
            name=name,
            about="",
            tags=(),
            sharing="desk",
            version=version,
        )

    assert tell("Port", 1).told_version == 2
    with pytest.raises(ChangedError, match="bob has changed the collection"):
        tell("Quay", 1)


def test_who_sees_and_who_changes_a_collection(database: Database) -> None:
    for sharing in collections.SHARINGS:
        collections.add(database, collections.new(sharing, by="ada", now=NOW, sharing=sharing))
    seen = {each.name for each in collections.everything(database, seen_by="bob")}
    assert seen == {"desk", "edited by the desk"}
    every = collections.everything(database)
    assert {each.name for each in every if each.changed_by("bob")} == {"edited by the desk"}
    assert all(each.changed_by("ada") and each.seen_by("ada") for each in every)


@pytest.mark.parametrize("cause", ["takedown", "retention"])
def test_of_a_removed_article_its_place_stays(
    database: Database, made: Collection, cause: removal.Cause
) -> None:
    add_source(database, "herald")
    kept = publish(database, story("a"), story("b", body="Bread costs more. The council met."))
    ids = [each.article.id for each in kept]
    collections.put_in(database, made.id, ids, by="ada", now=NOW, note="quotes the mayor")
    stone = removal.tombstone(kept[0], (), cause=cause, now=LATER)
    for _ in range(2):
        removal.put_aside(database, [stone])
    found = collections.find(database, made.id)
    assert found is not None
    gone, there = found.entries
    assert (gone.article, gone.gone_at) == (ids[0], LATER)
    assert gone.note == ("" if cause == "takedown" else "quotes the mayor")
    assert (there.gone_at, there.note) == (None, "quotes the mayor")
    assert found.articles == (ids[1],)
    assert found.version == 3


def test_what_a_collection_cannot_have_is_said(database: Database, made: Collection) -> None:
    with pytest.raises(CollectionError, match="between 1 and 100 characters"):
        collections.new("  ", by="ada", now=NOW)
    with pytest.raises(CollectionError, match="at most 4,000 characters"):
        collections.put_in(database, made.id, ["a"], by="ada", now=NOW, note="x" * 4_001)
    with pytest.raises(CollectionError, match=r"at most 1,000 articles.*1,001 were to be added"):
        collections.put_in(database, made.id, [str(n) for n in range(1_001)], by="ada", now=NOW)
    with pytest.raises(CollectionError, match="no such collection"):
        collections.put_in(database, "none", ["a"], by="ada", now=NOW)
