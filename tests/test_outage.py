"""MongoDB away in mid-crawl: what was read waits on disk, and nothing is lost, doubled or out of order."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from newsbot.archive import channels, rules, runs, server, spool
from newsbot.archive.connection import Database, connect
from newsbot.archive.rules import Rule
from newsbot.config import Config
from tests.conftest import Command, Site
from tests.long_known import long_known
from tests.test_kills import CRAWL, LIMITS, check, wait_until

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("NEWSBOT_TEST_MONGODB_URI")), reason="kills the embedded MongoDB"
)

LEASE = 4.0
AT_ONCE = int(LIMITS[-1])
PAGES = 60
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    "<body><article>{page}</article></body></html>"
)
SYLLABLES = "ba co di fel gum har jin kol lam mur nas por quil rin sol tam ves wil yor zan".split()


@contextmanager
def away(config: Config) -> Iterator[None]:
    """Keep the embedded MongoDB away: killed, and its keeper kept from starting it again."""
    there = server.running(config.data_dir)
    assert there is not None
    os.kill(there.keeper, signal.SIGSTOP)
    os.kill(there.server, signal.SIGKILL)
    try:
        yield
    finally:
        os.kill(there.keeper, signal.SIGCONT)


def pages_asked(site: Site) -> Counter[str]:
    """Return how often each article's page was asked for."""
    return Counter(path for path in site.requests if path.startswith("/a/"))


@pytest.fixture
def held(config: Config) -> Iterator[Database]:
    """The embedded MongoDB of the test's own folder, which comes back after it was killed."""
    with connect(config) as database:
        yield database


@pytest.fixture
def newsbot(config: Config, held: Database) -> Command:
    """The command line on it."""
    return Command(config, lease_seconds=LEASE, page_timeout=120)


def small_site(
    site: Site, newsbot: Command, database: Database
) -> tuple[Counter[str], dict[str, object]]:
    """Lay out a site of different articles; add it, and an alert that each of them meets."""
    chance, truth = random.Random(PAGES), Counter[str]()
    for number in range(PAGES):
        title = f"Story number {number} of the day"
        text = "".join(f"<p>{_sentences(chance)}</p>" for _ in range(4))
        page = f"<h1>{title}</h1>{text}"
        truth[site.write(f"a/story-number-{number}.html", PAGE.format(title=title, page=page))] = 1
    links = "".join(
        f'<li><a href="{url}">Story number {number} of the day</a></li>'
        for number, url in enumerate(truth)
    )
    site.write("index.html", f"<html><body><ul>{links}</ul></body></html>")
    source: dict[str, object] = newsbot.json("source", "add", site.base, *LIMITS)  # type: ignore[assignment]
    rule = Rule(
        id="all",
        name="all",
        query="url:127.0.0.1",
        max_age=0.0,
        channels=(channels.add(database, kind="webhook", target=site.base).id,),
        created_at=datetime.now(UTC),
    )
    rules.add(database, rule)
    long_known(database)
    return truth, source


def _sentences(chance: random.Random) -> str:
    return " ".join(
        " ".join(f"{chance.choice(SYLLABLES)}{chance.choice(SYLLABLES)}" for _ in range(9)) + "."
        for _ in range(4)
    ).capitalize()


def start_crawl(database: Database, source: dict[str, object]) -> None:
    """Queue a run of a source, for a worker to take."""
    now = datetime.now(UTC)
    run = runs.request(database, str(source["id"]), trigger="schedule", occasion="test", now=now)
    assert run is not None


def test_what_is_read_while_mongodb_is_away_waits_on_disk_and_is_stored_once(
    make_site: Callable[[], Site], newsbot: Command, held: Database, config: Config
) -> None:
    site = make_site()
    truth, source = small_site(site, newsbot, held)
    start_crawl(held, source)
    site.allow(20)
    worker = newsbot.start("part", "worker", output=config.data_dir / "worker.log")
    wait_until(lambda: held.articles.count_documents({}) >= 5)
    with away(config):
        gone = time.monotonic()
        site.allow(12)  # fewer than there are: the crawl has to wait, and to go on
        wait_until(lambda: spool.standing(config.data_dir).waiting > 0)
        # Nothing is asked for after the lease that could not be renewed.
        time.sleep(max(0.0, gone + LEASE + 1 - time.monotonic()))
        asked = len(site.requests)
        waits = spool.standing(config.data_dir).waiting
        time.sleep(3)
        assert len(site.requests) == asked
        assert waits > 0
    site.allow(float("inf"))
    wait_until(lambda: held.runs.count_documents({"state": "done", **CRAWL}) == 1)
    wait_until(lambda: held.articles.count_documents({"pending": True}) == 0)

    run = held.runs.find_one(CRAWL)
    assert run["attempt"] == 1, "its own worker took it up again"
    assert any("MongoDB is back after" in line for line in run["log"])
    assert run["counters"]["new"] == len(truth)
    check(held, truth)
    # What was under way when the lease ended was given up then, and asked for again.
    asked_for = pages_asked(site)
    assert set(asked_for.values()) == {1, 2}
    assert sum(times == 2 for times in asked_for.values()) <= AT_ONCE
    assert held.frontier.count_documents({}) == 0
    assert list((config.data_dir / "spool").iterdir()) == []
    worker.terminate()
    assert worker.wait(10) == 0


def test_a_torn_spool_of_a_worker_that_died_is_taken_over_by_the_next(
    make_site: Callable[[], Site], newsbot: Command, held: Database, config: Config
) -> None:
    site = make_site()
    truth, source = small_site(site, newsbot, held)
    start_crawl(held, source)
    site.allow(20)
    worker = newsbot.start("part", "worker", output=config.data_dir / "worker.log")
    wait_until(lambda: held.articles.count_documents({}) >= 5)
    stored = held.articles.count_documents({})
    with away(config):
        site.allow(float("inf"))
        wait_until(lambda: spool.standing(config.data_dir).waiting >= 3)
        worker.kill()
        worker.wait()
        left = spool.standing(config.data_dir)
        assert left.left == left.waiting
        newest = max((config.data_dir / "spool").glob("2*/*.spool"))
        whole = newest.read_bytes()
        newest.write_bytes(whole + whole[: len(whole) // 3])  # as if it died in a write
    wait_until(lambda: server.running(config.data_dir))

    began = datetime.now(UTC)
    worker = newsbot.start("part", "worker", output=config.data_dir / "worker.log")
    wait_until(lambda: held.runs.count_documents({"state": "done", **CRAWL}) == 1)
    wait_until(lambda: held.articles.count_documents({"pending": True}) == 0)
    check(held, truth)
    assert held.runs.find_one(CRAWL)["attempt"] == 2
    standing = spool.standing(config.data_dir)
    assert (standing.waiting, standing.torn, standing.refused) == (0, 1, 0)
    assert "are no whole record" in (config.data_dir / "worker.log").read_text()
    # What waited came from the disk; what was stored already waited for its announcement alone.
    from_before = held.articles.count_documents({"fetched_at": {"$lt": began}})
    assert from_before >= max(stored, left.waiting)
    worker.terminate()
    assert worker.wait(10) == 0
