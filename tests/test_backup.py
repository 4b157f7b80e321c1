"""The archive into a file and back: all of it, verified, and nobody is told anything twice."""

import gzip
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from newsbot import parts
from newsbot.alerts.matches import announce, sweep
from newsbot.archive import (
    articles,
    audit,
    backup,
    channels,
    feeds,
    holds,
    outbox,
    pages,
    restore,
    rules,
    runs,
    searches,
    swapping,
)
from newsbot.archive.backup_file import BackupError, Summing, documents_in
from newsbot.archive.connection import Database, connect
from newsbot.archive.holds import Hold
from newsbot.archive.rules import Rule
from newsbot.archive.schema import MIGRATIONS
from newsbot.config import Config
from newsbot.fetching.raw_files import closed_files, raw_block
from newsbot.keeping import removing
from newsbot.keeping.backing_up import RefusedError, UnfinishedError, back_up, put_back
from newsbot.search.results import Reader
from tests.conftest import InProcess
from tests.test_archive import article, keep, verdicts
from tests.test_warc import capture, raw_files

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(autouse=True)
def _this_moment() -> None:
    """Begin each test now: a suite takes longer than what these tests wait for."""
    global NOW
    NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def other(server: Config, config: Config, tmp_path: Path) -> Iterator[tuple[Config, Database]]:
    """An empty archive on another data folder."""
    here = config.model_copy(
        update={
            "mongodb_uri": server.mongodb_uri,
            "database": config.database + "_other",
            "data_dir": tmp_path / "other",
        }
    )
    with connect(here) as opened:
        yield here, opened
        opened.client.drop_database(opened.name)


def fill(database: Database, count: int = 30) -> None:
    hook = channels.add(database, kind="webhook", target="http://127.0.0.1:1/").id
    rules.add(database, Rule(id="r", name="r", query="word1", channels=(hook,), created_at=NOW))
    saved = searches.new("word", "word1", order="newest", by="lina", now=NOW)
    searches.add(database, saved)
    feeds.address(database, "search", saved.id)
    found = [article(str(n), body=f"word1 number{n} " + f"w{n} " * 40) for n in range(count)]
    announce(database, keep(database, *found, now=NOW), now=NOW)
    announce(database, keep(database, attrs.evolve(found[0], title="Edited"), now=NOW), now=NOW)
    database.pages.insert_one(
        {"_id": "e", "source": "s", "url": "u", "kind": "feed", "readings": 3, "etag": "x"}
    )


def sums(database: Database) -> dict[str, object]:
    found = {}
    for name in backup.collections_of(database):
        summing = Summing()
        for document in backup.documents(database, name):
            summing.add(document)
        found[name] = summing.sum
    return found


def test_what_is_restored_is_what_was_backed_up(
    settings: Config, database: Database, other: tuple[Config, Database], tmp_path: Path
) -> None:
    fill(database)
    database.outbox.update_many({}, {"$set": {"state": "sent"}})
    path = tmp_path / "backup"
    written = back_up(settings, database, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert written.collections == sums(database)
    assert restore.check(path) == written
    config, there = other
    put_back(config, there, path)
    changed = {"audit", "pages"}  # the restore itself is on record, and feeds are read again
    before, after = sums(database), sums(there)
    assert {n: s for n, s in after.items() if n not in changed} == {
        n: s for n, s in before.items() if n not in changed
    }
    assert there.pages.find_one({"_id": "e"})["etag"] == ""
    for name in backup.collections_of(database):
        assert backup.indexes_of(there, name) == backup.indexes_of(database, name)
    assert Reader(config, there).search("word1").total == 30
    (entry,) = audit.latest(there, since=NOW - timedelta(days=1))
    assert (entry.action, entry.counts["articles"]) == ("restore", 30)


def test_a_collection_that_is_read_in_parts_is_read_whole(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, 60)
    database.articles.insert_one({"_id": "odd", "changed_at": NOW})
    database.articles.insert_one({"_id": "odder", "story": "~", "changed_at": NOW})
    whole = sums(database)
    monkeypatch.setattr(backup, "_WHOLE", 1)
    monkeypatch.setattr(backup, "_PART", 3)
    assert sums(database) == whole


def test_nobody_is_told_again_and_nothing_is_lost(
    settings: Config, database: Database, other: tuple[Config, Database], tmp_path: Path
) -> None:
    fill(database)
    left = article("left", body="word1 left " + "left " * 40)
    keep(database, left, now=NOW)  # a worker was killed before it was announced
    assert database.outbox.count_documents({"state": "due"}) == 30
    back_up(settings, database, tmp_path / "backup")
    config, there = other
    put_back(config, there, tmp_path / "backup")
    assert outbox.deliverable(there, NOW + timedelta(days=1)) == []
    assert sweep(there, now=NOW + timedelta(hours=1)) == 1
    assert outbox.deliverable(there, NOW + timedelta(days=1)) == []
    assert "waited when the backup" in there.outbox.find_one({})["failure"]
    kept = keep(there, left, now=NOW)
    assert verdicts(kept) == ["known"]


def test_an_archive_that_is_replaced_keeps_what_was_decided_since(
    settings: Config, database: Database, tmp_path: Path
) -> None:
    fill(database)
    database.outbox.update_many({}, {"$set": {"state": "sent"}})
    files = raw_files(settings.data_dir)
    gone = article("3")
    files.write(capture(url=gone.url, body=b"<p>word1</p>" * 400))
    files.close()
    (raw,) = closed_files(settings.data_dir)
    back_up(settings, database, tmp_path / "backup", raw=True)
    late = article("late", body="word1 late " + "late " * 40)
    announce(database, keep(database, late, now=NOW), now=NOW)
    database.outbox.update_many({}, {"$set": {"state": "sent"}})
    kept = articles.get(database, gone.id)
    assert kept is not None
    removing.remove(settings, database, kept, why="order", now=NOW)
    held = Hold(id="h", kind="article", what=late.id, reason="x", by="me", at=NOW)
    holds.add(database, held)
    raw.unlink()

    with pytest.raises(RefusedError, match="--force"):
        put_back(settings, database, tmp_path / "backup")
    put_back(settings, database, tmp_path / "backup", force=True)
    assert articles.get(database, gone.id) is None
    assert articles.get(database, late.id) is None
    assert holds.everything(database) == [held]
    assert [entry.action for entry in audit.latest(database, since=NOW - timedelta(days=1))] == [
        "restore",
        "removed",
        "remove",
    ]
    # What was told after the backup is found anew, and is not told anew.
    announce(database, keep(database, late, now=NOW), now=NOW)
    assert database.outbox.count_documents({"state": "due"}) == 0
    # Its page came back with the backup, and goes again.
    assert b"word1" in gzip.decompress(raw.read_bytes())
    removing.settle(settings, database, now=NOW + timedelta(hours=1))
    assert b"word1" not in gzip.decompress(raw.read_bytes())


def test_a_backup_that_read_two_active_runs_of_a_source_is_restored(
    settings: Config,
    database: Database,
    other: tuple[Config, Database],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """MongoDB tells a collection batch by batch: one run ends and the next begins in between."""
    read = backup.documents

    def documents(database: Database, name: str, **words: str) -> Iterator[bytes]:
        yield from read(database, name, **words)
        if name == "runs":
            assert runs.finish(database, first, state="done", now=NOW, counters={})
            later = NOW + timedelta(seconds=1)
            assert runs.request(database, "s", trigger="poll", occasion="2", now=later)
            found = database.runs.find_raw_batches({"active": True})
            yield from documents_in(next(found))

    requested = runs.request(database, "s", trigger="poll", occasion="1", now=NOW)
    assert requested is not None
    taken = runs.take(database, requested, owner="o", seconds=60, now=NOW)
    assert taken is not None
    first = taken
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(backup, "documents", documents)
        back_up(settings, database, tmp_path / "backup")
    config, there = other
    put_back(config, there, tmp_path / "backup")
    assert [each.state for each in runs.latest(there, since=NOW)] == ["queued", "lost"]
    active = runs.active(there, "s")
    assert active is not None
    assert active.id != first.id
    assert backup.indexes_of(there, "runs") == backup.indexes_of(database, "runs")


def test_pages_as_they_came_come_back(
    settings: Config, database: Database, other: tuple[Config, Database], tmp_path: Path
) -> None:
    files = raw_files(settings.data_dir)
    first = files.write(capture(1))
    files.close()
    still = raw_files(settings.data_dir)
    second = still.write(capture(2))
    written = back_up(settings, database, tmp_path / "backup", raw=True)
    assert written.files == 2
    config, there = other
    put_back(config, there, tmp_path / "backup")
    for place in (first, second):
        assert raw_block(config.data_dir, place) == raw_block(settings.data_dir, place)
    still.close()


def damages(path: Path) -> Iterator[tuple[str, bytes]]:
    whole = path.read_bytes()
    yield "cut off", whole[: len(whole) // 2]
    yield "its last byte is missing", whole[:-1]
    yield "no backup", b"something else"
    yield "empty", b""
    middle = len(whole) // 2
    yield "a bit is another", whole[:middle] + bytes([whole[middle] ^ 4]) + whole[middle + 1 :]
    plain = gzip.decompress(whole)
    # Packed again, so that the checksum of the packing cannot tell.
    yield "a word is another", gzip.compress(plain.replace(b"number7 ", b"number8 ", 1))
    yield "its end is missing", gzip.compress(plain[: plain.rindex(b"Z")])
    yield (
        "a format to come",
        gzip.compress(plain.replace(b"\x10format\x00\x01", b"\x10format\x00\x09")),
    )
    yield "twice", whole + whole


def test_a_damaged_backup_is_told_and_leaves_the_archive_as_it_was(
    settings: Config, database: Database, tmp_path: Path
) -> None:
    fill(database)
    path = tmp_path / "backup"
    back_up(settings, database, path)
    before = sums(database)
    for name, data in damages(path):
        broken = tmp_path / "broken"
        broken.write_bytes(data)
        with pytest.raises(BackupError) as told:
            put_back(settings, database, broken, force=True)
        assert str(broken) in str(told.value), name
        assert sums(database) == before, name
    assert not [n for n in database.raw.list_collection_names() if n.startswith("restoring")]


def test_a_restore_that_is_killed_leaves_the_one_archive_or_the_other(
    settings: Config, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database)
    path = tmp_path / "backup"
    back_up(settings, database, path)
    database.articles.delete_many({"title": "A headline"})
    few = articles.count(database)
    for place in ("_verify", "_settle"):
        with monkeypatch.context() as patch:
            patch.setattr(restore, place, _killed)
            real_clear, calls = swapping.clear, []

            def clear(
                database: object,
                real: object = real_clear,
                calls: list[int] = calls,
            ) -> None:
                calls.append(1)
                if len(calls) == 1:  # it had no time for a second
                    real(database)  # type: ignore[operator]

            patch.setattr(swapping, "clear", clear)
            with pytest.raises(KeyboardInterrupt):
                put_back(settings, database, path, force=True)
        assert articles.count(database) == few
    # In the middle of putting in place: whoever opens the archive next goes on with it.
    from pymongo.collection import Collection

    real, left = Collection.rename, [3]

    def rename(self: object, *given: object, **more: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return real(self, *given, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Collection, "rename", rename)
        with pytest.raises(KeyboardInterrupt):
            put_back(settings, database, path, force=True)
    with connect(settings) as again:
        assert articles.count(again) == 30
        assert not [n for n in again.raw.list_collection_names() if n.startswith("restoring")]


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("renamed", [False, True])
def test_a_restore_that_is_killed_once_decided_has_all_its_indexes(
    settings: Config,
    database: Database,
    other: tuple[Config, Database],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    renamed: bool,
) -> None:
    fill(database)
    written = back_up(settings, database, tmp_path / "backup")
    config, there = other

    def killed(_database: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(swapping, "go_on", killed)
        with pytest.raises(KeyboardInterrupt):
            put_back(config, there, tmp_path / "backup")
    if renamed:
        for name in written.collections:
            there.raw[swapping.staged(name)].rename(name, dropTarget=True)
    with connect(config) as opened:
        for name in backup.collections_of(database):
            assert backup.indexes_of(opened, name) == backup.indexes_of(database, name)
        assert opened.articles.count_documents({}) == 30
        assert not swapping.go_on(opened.raw)


def test_a_backup_of_a_newer_newsbot_is_refused(
    settings: Config, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "MIGRATIONS", (*MIGRATIONS, None))
    back_up(settings, database, tmp_path / "backup")
    with pytest.raises(BackupError, match="newer one"):
        put_back(settings, database, tmp_path / "backup")


def test_nothing_is_restored_under_running_parts(
    settings: Config, database: Database, tmp_path: Path
) -> None:
    back_up(settings, database, tmp_path / "backup")
    with parts.alone(settings.data_dir), pytest.raises(RefusedError, match="stop it"):
        put_back(settings, database, tmp_path / "backup")
    lease = {"until": datetime.now(UTC) + timedelta(seconds=5)}
    database.runs.insert_one({"_id": "x", "source": "s", "active": True, "lease": lease})
    with pytest.raises(RefusedError, match="a crawl is under way"):
        put_back(settings, database, tmp_path / "backup")


def test_a_backup_taken_while_articles_come_in_has_what_each_page_of_it_needs(
    settings: Config, database: Database, other: tuple[Config, Database], tmp_path: Path
) -> None:
    fill(database)
    stop = threading.Event()

    def crawl() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            each = article(f"new{number}", body=f"word1 new{number} " + f"x{number} " * 40)
            announce(database, keep(database, each, now=NOW), now=NOW)
            database.pages.insert_one(
                {"_id": pages.page_id(each.url), "url": each.url, "source": "s", "article": each.id}
            )

    writer = threading.Thread(target=crawl)
    writer.start()
    try:
        back_up(settings, database, tmp_path / "backup")
    finally:
        stop.set()
        writer.join()
    config, there = other
    put_back(config, there, tmp_path / "backup")
    for page in there.pages.find({"article": {"$ne": None}}):
        assert there.articles.find_one({"_id": page["article"]})
    finished = {"pending": None, "_id": {"$exists": True}}
    for each in there.articles.find(finished):
        assert there.matches.find_one({"article": each["_id"]})


def test_a_restore_whose_index_cannot_be_built_says_so(
    settings: Config, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database)
    back_up(settings, database, tmp_path / "backup")
    database.articles.delete_many({})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("newsbot.keeping.backing_up.rebuild", full)
    with pytest.raises(UnfinishedError, match=r"is restored and verified, but .* No space"):
        put_back(settings, database, tmp_path / "backup", force=True)
    assert articles.count(database) == 30


def test_the_commands(
    settings: Config, database: Database, newsbot_here: InProcess, tmp_path: Path
) -> None:
    fill(database)
    path = str(tmp_path / "archive.backup")
    done = newsbot_here("backup", path)
    assert done.returncode == 0, done.stderr
    done = newsbot_here("backup", path)
    assert done.returncode == 1
    assert "is there already" in done.stderr
    assert newsbot_here("backup", "verify", path).returncode == 0
    assert newsbot_here("backup", "verify", path + "x").returncode == 1
    done = newsbot_here("restore", path)
    assert (done.returncode, "--force" in done.stderr) == (1, True)
    Path(path).write_bytes(Path(path).read_bytes()[:-9])
    done = newsbot_here("restore", path, "--force")
    assert done.returncode == 1
    assert "The archive is as it was." in done.stderr
    assert newsbot_here("backup", "/nowhere/x").returncode == 1
