"""The spool: what is on disk stays whole, in order, within its bounds, and goes in once."""

import os
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import bson
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import AutoReconnect

from newsbot.alerts.matches import from_spool
from newsbot.archive import articles, spool
from newsbot.archive.connection import Database
from newsbot.archive.pages import Visit
from newsbot.archive.spool import (
    DiskFullError,
    Emptied,
    Entry,
    Spool,
    SpoolError,
    SpoolFullError,
    Visits,
    decode,
    encode,
    standing,
    take_over,
)
from newsbot.archive.spool_records import Torn, Whole, frame, records
from newsbot.cli.doctor import Finding, _spool
from newsbot.config import Config
from newsbot.items import Article, derived_id
from newsbot.reading import Candidate, read
from newsbot.revisits import RevisitPlan
from newsbot.text.dates import ParsedDate
from tests.test_kills import wait_until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLAN = RevisitPlan((3600.0,), spread=0.0)


def candidate(number: int, *, text: str = "", at: datetime = NOON) -> Candidate:
    """Return the article of this number as the crawl makes it."""
    url = f"https://news.example/a/{number}"
    return read(
        Article(
            id=derived_id("article", url),
            url=url,
            fetched_url=url,
            source="s",
            fetched_at=at,
            title=f"Story {number}",
            body=text or f"On day {number} " + " ".join(f"word{number}x{n}" for n in range(30)),
            published=ParsedDate(day=NOON.date(), source="test"),
        )
    )


def visit(of: Candidate) -> Visit:
    return Visit(url=of.article.url, source="s", outcome="article", at=NOON, article=of.article.id)


class Archive:
    """Takes what a spool brings, unless it is away."""

    def __init__(self) -> None:
        self.there = threading.Event()
        self.got: list[Entry] = []

    def __call__(self, entries: Sequence[Entry], damaged: bool) -> Emptied:
        if not self.there.is_set():
            raise AutoReconnect("away")
        self.got += entries
        return Emptied({each.article.id: "new" for each in entries if isinstance(each, Candidate)})


# Records


@given(st.lists(st.binary(max_size=200), max_size=8), st.data())
def test_of_a_file_cut_anywhere_every_record_before_the_cut_is_kept(
    payloads: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(map(frame, payloads))
    cut = data.draw(st.integers(0, len(whole)))
    found = list(records(whole[:cut]))
    kept = [each.payload for each in found if isinstance(each, Whole)]
    ends = [len(b"".join(map(frame, payloads[: n + 1]))) for n in range(len(payloads))]
    assert kept == payloads[: sum(end <= cut for end in ends)]
    assert sum(len(e.data if isinstance(e, Torn) else frame(e.payload)) for e in found) == cut


@given(st.lists(st.binary(max_size=100), min_size=1, max_size=6), st.data())
def test_a_bit_that_turned_costs_the_record_that_it_is_in(
    payloads: list[bytes], data: st.DataObject
) -> None:
    framed = [frame(payload) for payload in payloads]
    whole = bytearray(b"".join(framed))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    struck = next(n for n in range(len(framed)) if at < len(b"".join(framed[: n + 1])))
    kept = [each.payload for each in records(bytes(whole)) if isinstance(each, Whole)]
    assert kept == payloads[:struck] + payloads[struck + 1 :]


def test_an_entry_is_read_back_as_it_was_written() -> None:
    first = candidate(1)
    for entry in (first, Visits((visit(first),), PLAN)):
        assert decode(encode(entry)) == entry


# The spool of a living process


def test_entries_go_in_in_their_order_when_the_archive_is_back_and_leave_nothing(
    tmp_path: Path,
) -> None:
    mine, archive, told = Spool(tmp_path, 10_000_000), Archive(), []
    mine.empty_into(archive)
    wanted = [candidate(number) for number in range(30)]
    for each in wanted:
        mine.keep(each, told.append).result(10)
    mine.keep(Visits((visit(wanted[0]),), PLAN)).result(10)
    assert mine.active
    assert standing(tmp_path).waiting == 30
    assert standing(tmp_path).left == 0, "they are not a dead process's"
    archive.there.set()
    wait_until(lambda: not mine.active)
    assert [each for each in archive.got if isinstance(each, Candidate)] == wanted
    assert isinstance(archive.got[-1], Visits)
    wait_until(lambda: len(told) == 30)
    wait_until(lambda: list((tmp_path / "spool").iterdir()) == [])


def test_a_full_spool_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    mine = Spool(tmp_path, 2_500)
    ends = [mine.keep(candidate(number)).exception(10) for number in range(10)]
    refused = [error for error in ends if error is not None]
    assert 0 < len(refused) < 10
    assert all(isinstance(error, SpoolFullError) for error in refused)
    assert "spool_bytes" in str(refused[0])
    assert standing(tmp_path).waiting == 10 - len(refused)
    assert 0.5 < mine.fill <= 1


def test_a_crawl_slows_as_the_spool_fills(tmp_path: Path) -> None:
    mine = Spool(tmp_path, 100_000)
    assert mine.pace() == 0
    paces = []
    for number in range(20):
        mine.keep(candidate(number)).result(10)
        paces.append(mine.pace())
    assert paces == sorted(paces)
    assert paces[0] >= spool.PACE
    assert paces[-1] > paces[0]


def test_a_disk_that_is_full_in_mid_write_leaves_only_what_was_acknowledged(
    small_disk: Path,
) -> None:
    mine, kept, error = Spool(small_disk, 1_000_000_000), 0, None
    while error is None:
        text = " ".join(os.urandom(6).hex() for _ in range(8_000))
        error = mine.keep(candidate(kept, text=text)).exception(10)
        kept += error is None
    assert isinstance(error, DiskFullError)
    assert "make room" in str(error)
    found = [
        record
        for path in (small_disk / "spool").glob("2*/*.spool")
        for record in records(path.read_bytes())
    ]
    assert kept > 0
    assert [type(record) for record in found] == [Whole] * kept


def test_what_cannot_be_written_down_is_told_to_its_sender_alone(tmp_path: Path) -> None:
    mine, bad = Spool(tmp_path, 1_000_000), candidate(1)
    bad = attrs.evolve(bad, article=attrs.evolve(bad.article, title="half a letter: \ud800"))
    ends = [mine.keep(bad), mine.keep(candidate(2))]
    assert isinstance(ends[0].exception(10), SpoolError)
    assert ends[1].exception(10) is None
    assert standing(tmp_path).waiting == 1


# What the dead left


def test_what_a_dead_process_left_is_stored_announced_and_marked_once(
    database: Database, tmp_path: Path
) -> None:
    first, second, again = candidate(1), candidate(2), candidate(1)
    _leave(tmp_path, [first, second, Visits((visit(first), visit(second)), PLAN), again])
    assert take_over(tmp_path, from_spool(database)) == 2
    assert database.articles.count_documents({}) == 2
    assert database.articles.count_documents({"pending": True}) == 0
    assert database.pages.count_documents({"outcome": "article"}) == 2
    assert database.revisions.count_documents({}) == 0
    assert list((tmp_path / "spool").glob("2*")) == []
    assert take_over(tmp_path, from_spool(database)) == 0


def test_a_later_reading_in_the_archive_is_not_undone_by_an_earlier_one(
    database: Database, tmp_path: Path
) -> None:
    late = candidate(1, text="What it says now. " * 20, at=NOON + timedelta(hours=1))
    articles.keep(database, articles.judge(database, [late]), now=NOON)
    _leave(tmp_path, [candidate(1)])
    take_over(tmp_path, from_spool(database))
    assert database.revisions.count_documents({}) == 0
    stored = articles.get(database, late.article.id)
    assert stored is not None
    assert stored.article.body == late.article.body


def test_an_edit_that_was_spooled_behind_its_article_is_one_revision(
    database: Database, tmp_path: Path
) -> None:
    edited = candidate(1, text="It says something else. " * 20, at=NOON + timedelta(minutes=1))
    _leave(tmp_path, [candidate(1), edited])
    take_over(tmp_path, from_spool(database))
    assert database.revisions.count_documents({}) == 1


def test_a_record_that_the_disk_lost_has_its_page_fetched_again(
    database: Database, tmp_path: Path
) -> None:
    lost, kept = candidate(1), candidate(2)
    _leave(tmp_path, [lost, kept, Visits((visit(lost), visit(kept)), PLAN)])
    path = next((tmp_path / "spool").glob("2*/*.spool"))
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    path.write_bytes(data)
    take_over(tmp_path, from_spool(database))
    assert [page["url"] for page in database.pages.find()] == [kept.article.url]
    assert standing(tmp_path).torn == 1


def test_what_mongodb_refuses_is_set_aside_and_holds_nothing_up(
    database: Database, tmp_path: Path
) -> None:
    good, bad = candidate(1), candidate(2)
    huge = attrs.evolve(bad, article=attrs.evolve(bad.article, body="x" * 17_000_000))
    _leave(tmp_path, [huge, good, Visits((visit(bad), visit(good)), PLAN)])
    take_over(tmp_path, from_spool(database))
    assert [each["_id"] for each in database.articles.find()] == [good.article.id]
    assert [page["url"] for page in database.pages.find()] == [good.article.url]
    assert standing(tmp_path).refused == 1


def test_a_record_of_another_newsbot_that_cannot_be_read_is_set_aside(
    database: Database, tmp_path: Path
) -> None:
    _leave(tmp_path, [candidate(1)])
    path = next((tmp_path / "spool").glob("2*/*.spool"))
    path.write_bytes(
        frame(b"A" + bson.encode({"article": {"of": "the future"}})) + path.read_bytes()
    )
    assert take_over(tmp_path, from_spool(database)) == 1
    assert standing(tmp_path).refused == 1


def test_the_doctor_says_what_waits_and_what_was_set_aside(config: Config) -> None:
    assert _spool(config) == Finding("spool", "ok", "nothing waits")
    mine = Spool(config.data_dir, 1_000_000)
    mine.keep(candidate(1)).result(10)
    assert _spool(config).state == "note"
    assert "1 articles" in _spool(config).says
    (config.data_dir / "spool" / "torn").mkdir()
    (config.data_dir / "spool" / "torn" / "piece").write_bytes(b"x")
    assert _spool(config).state == "wrong"


def test_two_processes_that_take_over_at_once_store_everything_once(
    database: Database, tmp_path: Path
) -> None:
    for start in range(0, 60, 20):
        _leave(tmp_path, [candidate(number) for number in range(start, start + 20)])
    counts: list[int] = []
    several = [
        threading.Thread(target=lambda: counts.append(take_over(tmp_path, from_spool(database))))
        for _ in range(3)
    ]
    for each in several:
        each.start()
    for each in several:
        each.join(60)
    assert sum(counts) == 60
    assert database.articles.count_documents({}) == 60


def _leave(data_dir: Path, entries: Sequence[Entry]) -> None:
    """Have a process spool entries and die."""
    mine = Spool(data_dir, 100_000_000)
    for each in entries:
        mine.keep(each).result(10)
    assert mine._held is not None
    mine._held.close()  # as the system does for a process that ends
