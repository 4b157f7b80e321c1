"""A run that is cancelled stops within 5 seconds, whatever it waits for, and keeps what it has."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen
from typing import Any

import psutil
import pytest

from newsbot.archive.connection import Database
from tests.conftest import Command, Site, chromium
from tests.test_kills import wait_until

STOPS_WITHIN = 5.0
# More than a page's answer, or a host's turn, may take before the crawl is cancelled.
PAGES = 30
WORDS = "The harbour opened at dawn, said the harbour master, and {0} ships left it. " * 12


def a_site(site: Site) -> None:
    """Lay out a site of some articles."""
    links = "".join(
        f'<a href="/a/story-number-{n}.html">Story number {n}</a>' for n in range(PAGES)
    )
    site.write("index.html", f"<html><body>{links}</body></html>")
    for number in range(PAGES):
        text = WORDS.format(number)
        site.write(
            f"a/story-number-{number}.html",
            f"<html><head><title>Story number {number}</title></head><body><article>"
            f"<h1>Story number {number}</h1><p>{text}</p><p>{text}</p></article></body></html>",
        )


@contextmanager
def working(newsbot: Command, **settings: object) -> Iterator["Popen[str]"]:
    newsbot.environment |= {f"NEWSBOT_{name.upper()}": str(each) for name, each in settings.items()}
    worker = newsbot.start("part", "worker")
    try:
        yield worker
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(20)


def added(newsbot: Command, site: Site, *limits: str) -> dict[str, Any]:
    source: dict[str, Any] = newsbot.json("source", "add", site.base, "--no-poll", *limits)  # type: ignore[assignment]
    site.requests.clear()  # what is asked for from here on is asked for by a run
    return source


def begun(newsbot: Command, source: dict[str, Any]) -> str:
    (run,) = newsbot.json("runs", "start", source["name"])  # type: ignore[misc]
    return str(run["id"])


def seconds_to_stop(database: Database, run: str) -> float:
    kept = database.runs.find_one({"_id": run})
    assert kept["state"] == "cancelled"
    took: float = (kept["finished_at"] - kept["cancellation"]["at"]).total_seconds()
    return took


@pytest.fixture
def site(make_site: Callable[[], Site]) -> Site:
    made = make_site()
    a_site(made)
    return made


def test_while_an_answer_is_waited_for_and_keeps_what_it_has(
    site: Site, newsbot: Command, database: Database
) -> None:
    source = added(newsbot, site, "--delay", "0", "--concurrency", "4")
    site.allow(5)
    with working(newsbot):
        run = begun(newsbot, source)
        wait_until(lambda: database.articles.count_documents({"pending": {"$ne": True}}) == 5)
        wait_until(lambda: sum(path.startswith("/a/") for path in site.requests) >= 9)
        done = newsbot("runs", "cancel", run[:8], "--why", "enough of it")
        assert done.returncode == 0, done.stderr
        assert seconds_to_stop(database, run) < STOPS_WITHIN
        kept = database.runs.find_one({"_id": run})
        assert kept["reason"].startswith("by ")
        assert kept["reason"].endswith(": enough of it")
        assert kept["counters"]["new"] == 5
        site.allow(float("inf"))
        asked = len(site.requests)
        # What it had found and not read waits for the next run, which reads it.
        again = begun(newsbot, source)
        wait_until(lambda: database.runs.find_one({"_id": again})["state"] == "done")
        assert database.articles.count_documents({}) == PAGES
        assert len([path for path in site.requests[asked:] if path.startswith("/a/")]) == PAGES - 5


def test_while_a_site_is_left_its_time_between_two_requests(
    site: Site, newsbot: Command, database: Database
) -> None:
    source = added(newsbot, site, "--delay", "60")
    with working(newsbot):
        run = begun(newsbot, source)
        # The site was asked when it was added, so that the run has to wait a minute for its homepage.
        wait_until(lambda: database.runs.find_one({"_id": run})["state"] == "running")
        time.sleep(1)
        assert newsbot("runs", "cancel", run).returncode == 0
        assert seconds_to_stop(database, run) < STOPS_WITHIN


def test_while_a_failed_request_waits_to_be_tried_again(
    site: Site, newsbot: Command, database: Database
) -> None:
    source = added(newsbot, site, "--delay", "0")
    site.refusals["/"] = 503
    asked = len(site.requests)
    with working(newsbot, retry_pause=300):
        run = begun(newsbot, source)
        wait_until(lambda: "/" in site.requests[asked:])
        assert newsbot("runs", "cancel", run).returncode == 0
        assert seconds_to_stop(database, run) < STOPS_WITHIN


def test_while_pages_wait_to_be_extracted(site: Site, newsbot: Command, database: Database) -> None:
    source = added(newsbot, site, "--delay", "0", "--concurrency", "4")
    site.allow(3)
    with working(newsbot, extraction_processes=1) as worker:
        run = begun(newsbot, source)
        wait_until(lambda: database.articles.count_documents({}) == 3)
        extractors = _extractors(worker.pid)
        assert extractors
        for each in extractors:
            os.kill(each, signal.SIGSTOP)
        site.allow(float("inf"))
        wait_until(lambda: len(site.answers) >= 7)
        assert newsbot("runs", "cancel", run).returncode == 0
        assert seconds_to_stop(database, run) < STOPS_WITHIN
        for each in extractors:
            os.kill(each, signal.SIGCONT)


def _extractors(worker: int) -> list[int]:
    """Return the processes that extract: of the worker's, those that read pages."""
    return [
        each.pid
        for each in psutil.Process(worker).children(recursive=True)
        if "spawn_main" in " ".join(each.cmdline())
    ]


def test_while_a_page_is_read_in_a_browser(
    site: Site, newsbot: Command, database: Database
) -> None:
    chromium()
    source = added(newsbot, site, "--delay", "0", "--javascript")
    site.allow(0)
    with working(newsbot):
        run = begun(newsbot, source)
        wait_until(lambda: any(path.startswith("/a/") for path in site.requests))
        assert newsbot("runs", "cancel", run).returncode == 0
        assert seconds_to_stop(database, run) < STOPS_WITHIN
        site.allow(float("inf"))


def test_whose_worker_was_killed(site: Site, newsbot: Command, database: Database) -> None:
    source = added(newsbot, site, "--delay", "0")
    site.allow(0)
    newsbot.environment["NEWSBOT_LEASE_SECONDS"] = "3"
    worker = newsbot.start("part", "worker")
    run = begun(newsbot, source)
    wait_until(lambda: any(path.startswith("/a/") for path in site.requests))
    worker.kill()
    worker.wait()
    began = time.monotonic()
    done = newsbot("runs", "cancel", run)
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < STOPS_WITHIN + 3
    assert database.runs.find_one({"_id": run})["state"] == "cancelled"


def test_a_poll_that_is_cancelled_is_due_at_its_usual_time(
    site: Site, newsbot: Command, database: Database
) -> None:
    source: dict[str, Any] = newsbot.json("source", "add", site.base, "--delay", "0")  # type: ignore[assignment]
    site.allow(0)
    scheduler = newsbot.start("part", "scheduler")
    with working(newsbot):
        wait_until(lambda: any(path.startswith("/a/") for path in site.requests))
        due: datetime = database.sources.find_one({"_id": source["id"]})["next_due"]
        assert newsbot("runs", "cancel", source["name"]).returncode == 0
    scheduler.terminate()
    scheduler.wait(20)
    assert database.sources.find_one({"_id": source["id"]})["next_due"] == due
    assert database.runs.count_documents({"state": "cancelled"}) == 1


def test_what_everything_paused_means(
    site: Site, newsbot: Command, database: Database, tmp_path: Path
) -> None:
    newsbot("source", "add", site.base, "--delay", "0", "--name", "harbour")
    paused = newsbot("pause", "--why", "the building moves")
    assert paused.returncode == 0
    assert "moves" in newsbot("doctor").stdout
    assert "moves" in newsbot("runs").stdout
    scheduler = newsbot.start("part", "scheduler")
    with working(newsbot):
        time.sleep(3)  # that nothing comes to pass can only be seen in time
        assert database.runs.count_documents({}) == 0
        assert newsbot("runs", "start", "harbour").returncode == 0
        wait_until(lambda: database.runs.count_documents({"state": "done"}) == 1)
        database.sources.update_many({}, {"$set": {"next_due": datetime(2026, 1, 1, tzinfo=UTC)}})
        assert newsbot("resume").returncode == 0
        assert newsbot("resume").returncode == 1
        wait_until(lambda: database.runs.count_documents({"trigger": "poll", "state": "done"}) == 1)
    scheduler.terminate()
    scheduler.wait(20)
