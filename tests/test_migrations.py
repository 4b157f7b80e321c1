"""An archive of any older version becomes one of today's, whatever happens on the way."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import json_util
from pymongo import IndexModel
from pymongo.collection import Collection

from newsbot.archive import (
    articles,
    channels,
    frontier,
    naming,
    outbox,
    pages,
    rules,
    schedules,
    schema,
    sources,
)
from newsbot.archive.connection import ArchiveError, Database, connect
from newsbot.archive.matches import Match
from newsbot.archive.outbox import Message
from newsbot.archive.records import from_document
from newsbot.archive.runs import Run
from newsbot.archive.sealing import Sealer
from newsbot.config import Config
from newsbot.search.follow import rebuild
from newsbot.search.results import Reader
from tests.old_archives import DATA, KEY

OLDER = range(1, len(schema.MIGRATIONS))
OPTIONS = json_util.JSONOptions(tz_aware=True)
# What is counted anew: the schema's version, and what is derived of articles.
MADE_ANEW = {"meta", "prints", "events"}
# Two addresses that differ in http and https are two pages before version 4, and one since.
MERGED = {1: 1, 2: 1, 3: 1}


def stored(version: int) -> list[dict[str, Any]]:
    path: Path = DATA / f"schema-{version}.jsonl"
    if not path.exists():
        pytest.fail(f"no archive of version {version} is stored; see tests/old_archives.py")
    return [
        json_util.loads(line, json_options=OPTIONS) for line in path.read_text().splitlines()[1:]
    ]


def load(database: Database, version: int) -> None:
    """Have the archive be as that version left it."""
    for name in database.raw.list_collection_names():
        database.raw.drop_collection(name)
    for each in stored(version):
        of = database.raw[each["in"]]
        if "index" in each:
            told = each["index"]
            options = {name: value for name, value in told.items() if name != "key"}
            of.create_indexes([IndexModel(list(told["key"].items()), **options)])
        else:
            document = each["document"]
            if "sealed" in document:  # with the key of these archives; here another holds
                secret = Sealer(KEY, DATA).open(document["sealed"])
                document["sealed"] = database.sealer.seal(secret)
            of.insert_one(document)


def everything(database: Database) -> dict[str, dict[str, Any]]:
    """Return all documents and index names of all collections that have any."""
    names = sorted(database.raw.list_collection_names())
    found = {
        name: {each["_id"]: each for each in database.raw[name].find({})}
        | {f"index {each['name']}": True for each in database.raw[name].list_indexes()}
        for name in names
    }
    for each in found.get("channels", {}).values():
        if isinstance(each, dict):  # sealed twice, a secret is not the same twice
            each["sealed"] = database.sealer.open(each["sealed"])
    return {name: each for name, each in found.items() if each}


@pytest.mark.parametrize("version", OLDER)
def test_an_older_archive_is_brought_forward(
    settings: Config, database: Database, version: int
) -> None:
    load(database, version)
    before = everything(database)
    schema.upgrade(database.raw, database.sealer)
    after = everything(database)

    def count(all_: dict[str, dict[str, Any]], name: str) -> int:
        return sum(not str(key).startswith("index ") for key in all_.get(name, {}))

    for name in before:
        if name not in MADE_ANEW:
            gone = MERGED.get(version, 0) if name == "pages" else 0
            assert count(after, name) == count(before, name) - gone, name
    assert database.meta.find_one({"_id": "schema"})["version"] == len(schema.MIGRATIONS)

    # Every document is what today's code takes it for.
    kept = {each["_id"]: articles.from_stored(each) for each in database.articles.find({})}
    assert len(kept) == 4
    edited = next(each for each in kept.values() if each.record.revision == 2)
    (revision, *_) = articles.revisions(database, edited)
    assert revision.title == "Bridge stays closed"
    assert {each.name.casefold() for each in sources.everything(database)} >= {"river-post", "here"}
    assert len(rules.everything(database)) == 2
    assert len(schedules.everything(database)) == 1
    assert [from_document(Run, each).state for each in database.runs.find({})] == ["done"]
    assert len([from_document(Match, each) for each in database.matches.find({})]) == 3
    told = [from_document(Message, each) for each in database.outbox.find({})]
    assert len(told) == 2
    (channel,) = channels.everything(database)
    assert channels.opened(database, channel).target == "http://127.0.0.1:8098/hook"
    assert "8098/hook" not in channel.sealed
    assert {channel.id} == {each for rule in rules.everything(database) for each in rule.channels}
    for each in told:  # what was announced stays announced
        parts = (each.alert, each.story, each.occasion)
        assert each.id == outbox.message_id(*parts, channel.id)
    for each in database.frontier.find({}):
        assert frontier.links_of(database, each["_id"])
    known = [kept.article.url for kept in kept.values() if kept.article.title != "Left behind"]
    assert set(pages.unseen(database, known)) <= {"http://127.0.0.1:8099/a/copy"}

    # What it says can be found, under its sources' names.
    rebuild(settings, database)
    reader = Reader(settings, database)
    assert reader.search("bridge").total == 3
    assert reader.search('"إطلاق النار"').total == 1
    assert reader.search("source:river-post").total == 3
    assert naming.read(database).called("here")
    found = [
        each for each in sources.everything(database) if each.homepage.startswith("http://127")
    ]
    assert version > 1 or found[0].allowed_hosts == ("127.0.0.1:8099",)

    schema.upgrade(database.raw, database.sealer)
    database.meta.update_one({"_id": "schema"}, {"$set": {"version": version}})
    schema.upgrade(database.raw, database.sealer)  # from the beginning, on what is done already
    assert everything(database) == after


_WRITES = (
    "update_one",
    "insert_many",
    "insert_one",
    "delete_many",
    "create_indexes",
    "bulk_write",
    "update_many",
)


def test_migrations_that_are_killed_anywhere_are_carried_through(database: Database) -> None:
    version = 1  # from the first all of them are run
    load(database, version)
    schema.upgrade(database.raw, database.sealer)
    wanted = everything(database)
    for after in _kills():
        load(database, version)
        with pytest.MonkeyPatch.context() as patch:
            after(patch)
            try:
                schema.upgrade(database.raw, database.sealer)
            except KeyboardInterrupt:
                done = False
            else:
                done = True
        schema.upgrade(database.raw, database.sealer)
        assert everything(database) == wanted
        if done:
            return


def _kills() -> Iterator[Callable[[pytest.MonkeyPatch], None]]:
    """Yield what has a process die after its first write, after its second, and so on."""
    for most in range(1, 200):

        def after(patch: pytest.MonkeyPatch, most: int = most) -> None:
            left = [most]

            def counted(real: Callable[..., object]) -> Callable[..., object]:
                def write(self: object, *given: object, **more: object) -> object:
                    if left[0] == 0:
                        raise KeyboardInterrupt
                    left[0] -= 1
                    return real(self, *given, **more)

                return write

            for name in _WRITES:
                patch.setattr(Collection, name, counted(getattr(Collection, name)))

        yield after


def test_an_archive_of_a_newer_newsbot_is_refused(settings: Config, database: Database) -> None:
    newer = len(schema.MIGRATIONS) + 1
    database.meta.update_one({"_id": "schema"}, {"$set": {"version": newer}})
    before = everything(database)
    with pytest.raises(ArchiveError, match=f"version {newer}"), connect(settings):
        pass
    assert everything(database) == before
