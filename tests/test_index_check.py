"""The index is compared with the archive, day by day, and what differs is mended."""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest
import tantivy

from newsbot.archive import articles
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.cli.doctor import _index_check
from newsbot.config import Config
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.search import checking, mending
from newsbot.search.checking import Checked, check
from newsbot.search.documents import Documents
from newsbot.search.follow import catch_up, follow
from newsbot.search.index import current, entry
from newsbot.search.results import Reader
from tests.conftest import Command, InProcess
from tests.search_kills import _Loader
from tests.test_kills import wait_until

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
COUNT, DAYS = 300, 10


def article(number: int, said: str = "calm") -> Article:
    url = f"https://one.example/{number}"
    return Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source="s",
        fetched_at=NOW,
        title=f"Report number{number}",
        body=f"The weather of place{number} is {said} today, and word{number} is all of it.",
    )


def put(database: Database, numbers: range) -> None:
    """Store articles, each day some of them."""
    for day in range(DAYS):
        some = [Candidate.of(article(number)) for number in numbers if number % DAYS == day]
        now = NOW + timedelta(days=day)
        articles.keep(database, articles.judge(database, some), now=now, pending=False)


@pytest.fixture
def filled(database: Database, settings: Config) -> Config:
    """An archive of articles of ten days, and its index."""
    put(database, range(COUNT))
    catch_up(settings, database)
    return settings


@contextmanager
def written(config: Config) -> Iterator[tantivy.IndexWriter]:
    """Write into the index behind the back of whoever follows the archive."""
    folder = current(config.index_dir)
    assert folder is not None
    writer: tantivy.IndexWriter = tantivy.Index.open(str(folder)).writer(15_000_000, 1)
    yield writer
    writer.commit()
    writer.wait_merging_threads()


def stored(database: Database, number: int) -> Kept:
    kept = articles.get(database, article(number).id)
    assert kept is not None
    return kept


def told(database: Database, kept: Kept) -> str:
    document = Documents.of(database).document(kept)
    return entry(
        kept.article.id,
        document,
        story=kept.record.story,
        content_hash=kept.record.content_hash,
    )


def spoil(config: Config, database: Database) -> None:
    """Remove three articles from the index, add two that are not in the archive and one twice, change two."""
    with written(config) as writer:
        for number in (3, 13, 24):
            writer.delete_documents_by_term("id", article(number).id)
        for number in (1_005, 1_006):
            kept = stored(database, 5)
            strange = attrs.evolve(kept, article=article(number, "strange"))
            writer.add_json(told(database, strange))
        writer.add_json(told(database, stored(database, 7)))
        for number in (8, 18):
            kept = stored(database, number)
            writer.delete_documents_by_term("id", kept.article.id)
            other = attrs.evolve(kept, article=article(number, "stormy"))
            writer.add_json(told(database, other))


def differed(found: Checked) -> dict[str, tuple[int, int, int]]:
    return {
        day.day.isoformat(): (day.missing, day.left_over, day.changed) for day in found.differed
    }


SPOILT = {
    "2026-03-04": (2, 0, 0),
    "2026-03-05": (1, 0, 0),
    "2026-03-06": (0, 2, 0),
    "2026-03-08": (0, 0, 1),
    "2026-03-09": (0, 0, 2),
}


def is_whole(config: Config, database: Database, count: int = COUNT) -> None:
    """See that the index has what the archive has, as a reader finds it."""
    reader = Reader(config, database)
    assert reader.count() == count
    assert reader.search("calm").total == count
    assert reader.search("strange OR stormy").total == 0
    found = check(config, database)
    assert (found.articles, found.differing, found.undecided) == (count, 0, 0)
    assert all((day.archive, day.archive_hash) == (day.index, day.index_hash) for day in found.days)


def test_an_index_that_has_what_the_archive_has_differs_nowhere(
    filled: Config, database: Database
) -> None:
    is_whole(filled, database)
    found = check(filled, database)
    assert [day.archive for day in found.days] == [COUNT // DAYS] * DAYS


def test_what_was_removed_added_and_changed_is_found_by_day_and_mended(
    filled: Config, database: Database
) -> None:
    spoil(filled, database)
    found = check(filled, database)
    assert differed(found) == SPOILT
    assert found.differing == found.mended == 8
    assert {day.day.isoformat() for day in found.days if day.archive_hash != day.index_hash} == {
        *SPOILT
    }
    counts = {day.day.isoformat(): (day.archive, day.index) for day in found.differed}
    assert counts["2026-03-04"] == (30, 28)
    assert counts["2026-03-06"] == (30, 32)
    assert counts["2026-03-08"] == (30, 31)
    is_whole(filled, database)


def test_an_article_that_left_mongodb_unseen_leaves_the_index(
    filled: Config, database: Database
) -> None:
    before = (current(filled.index_dir) or Path()) / "followed.json"
    database.articles.delete_one({"_id": article(9).id})
    catch_up(filled, database)  # the stream tells of it
    told_of = json.loads(before.read_text())
    kept = stored(database, 11)
    with written(filled) as writer:  # and here it is as if it had not
        gone = attrs.evolve(kept, article=article(9))
        writer.add_json(told(database, gone))
    before.write_text(json.dumps(told_of))
    assert differed(check(filled, database)) == {"2026-03-02": (0, 1, 0)}
    is_whole(filled, database, COUNT - 1)


def test_an_article_that_changed_in_mongodb_unseen_is_taken_up(
    filled: Config, database: Database
) -> None:
    # What no reader of the stream is told.
    database.articles.update_one({"_id": article(4).id}, {"$set": {"section": "Weather"}})
    assert Reader(filled, database).search("section:weather").total == 0
    assert differed(check(filled, database)) == {"2026-03-05": (0, 0, 1)}
    assert Reader(filled, database).search("section:weather").total == 1


def test_an_index_that_lacks_everything_is_filled(filled: Config, database: Database) -> None:
    with written(filled) as writer:
        writer.delete_all_documents()
    found = check(filled, database)
    assert found.differing == found.mended == COUNT
    is_whole(filled, database)


def test_the_command_says_what_differed_and_the_doctor_remembers(
    filled: Config, database: Database, newsbot_here: InProcess
) -> None:
    assert _index_check(filled, database).state == "note"
    spoil(filled, database)
    done = newsbot_here("reindex", "--check")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()[1:]}
    assert rows["2026-03-04"] == ["30", "28", "2", "0", "0"]
    assert "300 articles compared; 8 differed, 8 of them were mended." in done.stdout
    finding = _index_check(filled, database)
    assert finding.state == "note"
    assert "8 differed (2026-03-04: 2, 2026-03-05: 1, 2026-03-06: 2 …)" in finding.says
    found = newsbot_here.json("reindex", "--check")
    assert isinstance(found, dict)
    assert (found["articles"], found["differing"], len(found["days"])) == (COUNT, 0, DAYS)
    assert all(day["archive_hash"] == day["index_hash"] for day in found["days"])
    assert _index_check(filled, database).state == "ok"
    assert "nothing differs" in newsbot_here("reindex", "--check").stdout


@contextmanager
def following(config: Config, database: Database) -> Iterator[None]:
    """Have a thread follow the archive and another compare, as the indexer has."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=each, args=(config, database, stop))
        for each in (follow, checking.watch)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)


def test_the_indexer_finds_and_mends_by_itself(
    filled: Config,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    spoil(filled, database)
    for name, value in (("FIRST", 0.1), ("A_MINUTE", 60_000), ("_MARGIN", 0.1)):
        monkeypatch.setattr(checking, name, value)
    with following(filled, database):
        wait_until(lambda: checking.last(filled.index_dir) is not None)
    found = checking.last(filled.index_dir)
    assert found is not None
    assert differed(found) == SPOILT
    assert found.mended == 8
    assert "first stored on 2026-03-04 the index lacked 2" in caplog.text
    is_whole(filled, database)


def test_a_walk_goes_on_where_it_was(
    filled: Config, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(filled, database)
    for name, value in (("FIRST", 0.1), ("A_MINUTE", 2_000), ("_NOTED_EVERY", 1), ("_MARGIN", 0.1)):
        monkeypatch.setattr(checking, name, value)

    def done() -> int:
        walk = checking._noted(filled.index_dir).walk
        return walk.done if walk else 0

    with following(filled, database):
        wait_until(lambda: done() >= 3)
    half = done()
    assert half < 16
    monkeypatch.setattr(checking, "A_MINUTE", 600_000)
    taken: list[object] = []
    take = checking.Comparing.take
    monkeypatch.setattr(
        checking.Comparing, "take", lambda self, span: (taken.append(span), take(self, span))[1]
    )
    with following(filled, database):
        wait_until(lambda: checking.last(filled.index_dir) is not None)
    found = checking.last(filled.index_dir)
    assert found is not None
    assert len(taken) == 16 - half
    assert (found.articles, differed(found)) == (COUNT, SPOILT)


def test_nothing_differs_while_articles_are_stored_and_edited(
    filled: Config, database: Database, newsbot: Command
) -> None:
    indexer = newsbot.start("part", "indexer")
    loader = _Loader(database, 5)
    loader.start()
    try:
        end = time.monotonic() + 12
        walks = compared = 0
        while time.monotonic() < end:
            found = check(filled, database)
            assert found.differing == 0, differed(found)
            walks, compared = walks + 1, found.articles
    finally:
        loader.ended.set()
        loader.join(60)
        indexer.kill()
        indexer.communicate()
    assert loader.error is None
    assert walks >= 3
    assert loader.edits > 50
    assert compared > COUNT + 100
    found = check(filled, database)
    assert (found.articles, found.differing) == (COUNT + len(loader.editions), 0)


def test_what_differs_is_found_while_articles_are_stored_and_edited(
    filled: Config, database: Database, newsbot: Command
) -> None:
    spoil(filled, database)
    indexer = newsbot.start("part", "indexer")
    loader = _Loader(database, 6)
    loader.start()
    try:
        found = check(filled, database)
    finally:
        loader.ended.set()
        loader.join(60)
        indexer.kill()
        indexer.communicate()
    assert differed(found) == SPOILT
    assert found.mended == 8
    assert check(filled, database).differing == 0


def test_whoever_is_killed_the_next_mends_what_is_left(
    filled: Config, database: Database, newsbot: Command
) -> None:
    for moment in (0.6, 1.0, 1.4, 1.8, 2.2, 2.6):
        spoil(filled, database)
        started = newsbot.start("reindex", "--check")
        time.sleep(moment)
        started.send_signal(signal.SIGKILL)
        started.communicate()
        check(filled, database)
        assert mending.waiting(filled.index_dir) == []
        is_whole(filled, database)


def test_a_list_that_a_killed_process_left_is_taken_up_by_the_indexer(
    filled: Config, database: Database, newsbot: Command
) -> None:
    spoil(filled, database)
    broken = [article(number).id for number in (3, 13, 24, 1_005, 1_006, 7, 8, 18)]
    mending.ask(filled.index_dir, broken)
    (filled.index_dir / "mend" / "0-cut.json").write_text('["a')
    wanted: Callable[[], bool] = lambda: not mending.waiting(filled.index_dir)  # noqa: E731
    for _ in range(3):
        indexer = newsbot.start("part", "indexer")
        time.sleep(0.7)
        indexer.kill()
        indexer.communicate()
    indexer = newsbot.start("part", "indexer")
    wait_until(wanted)
    indexer.kill()
    indexer.communicate()
    is_whole(filled, database)
