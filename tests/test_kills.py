"""Kill any process at any moment: nothing is lost, nothing is done twice."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsbot.archive import server
from newsbot.archive.connection import Database, connect, patiently
from newsbot.config import Config
from tests.conftest import Command, Site, lay_out
from tests.long_known import long_known

KILLS = 10
SEED = 7
# Pages that the site answers between two kills, at most, of 276: those that wait as well, the tenth
# kill is in mid-crawl however fast the machine.
COPIES, MOST = 3, 15
LIMITS = ("--delay", "0", "--concurrency", "8")


# The runs of a test: its source was crawled before, by a poll.
CRAWL = {"trigger": {"$ne": "poll"}}


def wait_until(condition: Callable[[], object], seconds: float = 120) -> None:
    """Wait for a condition, at most so long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.02)


def set_up(
    shared: Path, site: Site, newsbot: Command, database: Database, copies: int = COPIES
) -> tuple[Counter[str], dict[str, object]]:
    """Lay out a site, add it and an alert that every one of its articles meets."""
    truth = lay_out(shared, site.root, site.base, "aeb", copies=copies)
    source = newsbot.json("source", "add", site.base, *LIMITS)
    long_known(database)
    every = ("url:127.0.0.1", "--webhook", site.base, "--max-age", "0", "--quiet")
    assert newsbot("alert", "add", "all", *every).returncode == 0
    return Counter(str(row["url"]) for row in truth), source  # type: ignore[return-value]


@patiently
def steps_done(database: Database) -> int:
    """Count what was written of articles: stored, announced, marked as visited."""
    return sum(
        collection.count_documents({})
        for collection in (database.articles, database.matches, database.pages)
    )


def check(database: Database, truth: Counter[str]) -> None:
    """Every article is there exactly once, and its alert was recorded exactly once."""
    assert Counter(each["url"] for each in database.articles.find({}, {"url": 1})) == truth
    assert database.articles.count_documents({"pending": True}) == 0
    assert database.revisions.count_documents({}) == 0
    matches = Counter(each["article"] for each in database.matches.find({}, {"article": 1}))
    assert set(matches.values()) == {1}
    assert len(matches) == len(truth)
    stories = database.articles.distinct("story")
    assert Counter(each["story"] for each in database.outbox.find({}, {"story": 1})) == Counter(
        stories
    )


def test_a_worker_killed_ten_times_in_mid_crawl_loses_and_doubles_nothing(
    shared: Path, make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site, chance = make_site(), random.Random(SEED)
    truth, source = set_up(shared, site, newsbot, database)
    newsbot.environment |= {"NEWSBOT_EXTRACTION_PROCESSES": "1", "NEWSBOT_LEASE_SECONDS": "2"}
    started = newsbot("schedule", "add", str(source["name"]), "--every", "1h")
    schedule = newsbot.json("schedule", "list")[0]["schedule"]["id"]
    assert newsbot("schedule", "run", schedule).returncode == 0, started.stderr

    in_mid_crawl = 0
    for _ in range(KILLS):
        pages = chance.randint(1, MOST)
        enough = steps_done(database) + chance.randint(1, pages)
        site.allow(pages)
        before = database.runs.find_one(CRAWL)["attempt"]
        worker = newsbot.start("part", "worker")
        # What it sweeps up before it takes the run is work as well, but no crawl.
        wait_until(lambda before=before: database.runs.find_one(CRAWL)["attempt"] > before)
        wait_until(lambda enough=enough: steps_done(database) >= enough)
        time.sleep(chance.uniform(0, 0.2))  # a random moment is what is wanted
        in_mid_crawl += database.runs.count_documents(CRAWL | {"state": "running"})
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    site.allow(float("inf"))
    worker = newsbot.start("part", "worker")
    wait_until(lambda: database.runs.count_documents(CRAWL | {"state": "done"}) == 1, 240)
    wait_until(lambda: database.articles.count_documents({"pending": True}) == 0)
    worker.terminate()
    assert worker.wait(10) == 0

    assert in_mid_crawl == KILLS
    assert database.runs.count_documents(CRAWL) == 1
    # A machine that is busy may lose a lease of two seconds once more.
    assert database.runs.find_one(CRAWL)["attempt"] > KILLS
    assert database.frontier.count_documents({}) == 0
    check(database, truth)


def test_a_crawl_frozen_beyond_its_lease_loses_nothing_when_it_thaws(
    shared: Path, make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    truth, source = set_up(shared, site, newsbot, database, copies=1)
    newsbot.environment |= {"NEWSBOT_LEASE_SECONDS": "4"}
    site.allow(20)
    crawl = newsbot.start("crawl", str(source["name"]), "--json")
    wait_until(lambda: database.pages.count_documents({}) >= 5)
    lease = database.runs.find_one(CRAWL)["lease"]["until"]
    os.kill(crawl.pid, signal.SIGSTOP)
    site.allow(float("inf"))
    wait_until(lambda: datetime.now(UTC) > lease + timedelta(seconds=1.5))
    os.kill(crawl.pid, signal.SIGCONT)
    crawl.communicate(timeout=240)
    # It may have given up, as it should where it cannot know that nobody had taken over.
    wait_until(lambda: newsbot("crawl", str(source["name"])).returncode == 0)
    check(database, truth)


@pytest.mark.skipif(
    bool(os.environ.get("NEWSBOT_TEST_MONGODB_URI")), reason="kills the embedded MongoDB"
)
def test_an_embedded_mongodb_killed_ten_times_in_mid_crawl_loses_and_doubles_nothing(
    shared: Path, make_site: Callable[[], Site], config: Config
) -> None:
    site, chance = make_site(), random.Random(SEED)
    newsbot = Command(config)
    with connect(config) as held:  # keeps the server up between the commands
        assert held.name == config.database
        truth, source = set_up(shared, site, newsbot, held)
        newsbot.environment |= {"NEWSBOT_LEASE_SECONDS": "60", "NEWSBOT_PAGE_TIMEOUT": "120"}
        crawl = newsbot.start("crawl", str(source["name"]), "--json")
        for _ in range(KILLS):
            pages = chance.randint(1, MOST)
            enough = steps_done(held) + chance.randint(1, pages)
            site.allow(pages)
            wait_until(lambda enough=enough: steps_done(held) >= enough)
            time.sleep(chance.uniform(0, 0.2))  # a random moment is what is wanted
            wait_until(lambda: server.running(config.data_dir))
            there = server.running(config.data_dir)
            assert there is not None
            os.kill(there.server, signal.SIGKILL)
            wait_until(
                lambda old=there: (server.running(config.data_dir) or old).server != old.server
            )
        assert crawl.poll() is None
        site.allow(float("inf"))
        crawl.communicate(timeout=240)

        # Whatever a run gave up in the worst of it, the next one makes good.
        for _ in range(3):
            if newsbot("crawl", str(source["name"])).returncode == 0:
                break
        check(held, truth)
