"""A worker that is told to stop stops, whatever its crawls wait for, and leaves them to another."""

import signal
from collections.abc import Callable
from datetime import UTC, datetime

from newsbot.archive.connection import Database
from newsbot.service import STOP_SECONDS
from tests.conftest import Command, Site
from tests.test_kills import wait_until

PAGE = "<html><body><h1>{title}</h1><p>The harbour opened at dawn, said the harbour master.</p>"


def test_a_crawl_whose_site_does_not_answer_is_handed_back(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    links = "".join(f'<a href="/a/story-number-{n}.html">Story number {n}</a>' for n in range(30))
    site.write("index.html", f"<html><body>{links}</body></html>")
    for number in range(30):
        site.write(f"a/story-number-{number}.html", PAGE.format(title=f"Story number {number}"))
    source = newsbot.json("source", "add", site.base, "--delay", "0.5", "--concurrency", "2")
    newsbot("schedule", "add", source["name"], "--every", "1h")
    schedule = newsbot.json("schedule", "list")[0]["schedule"]["id"]
    site.allow(0)
    assert newsbot("schedule", "run", schedule).returncode == 0
    worker = newsbot.start("part", "worker")
    wait_until(lambda: any(path.startswith("/a/") for path in site.requests))

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(STOP_SECONDS) == 0
    run = database.runs.find_one({"source": source["id"], "active": True})
    assert run["lease"]["until"].replace(tzinfo=UTC) < datetime.now(UTC)
