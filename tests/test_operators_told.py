"""A real site goes down and comes back: the operators' webhook receives exactly two messages of it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from newsbot.alerts.delivery import Courier
from newsbot.alerts.operators import Watch
from newsbot.archive import channels, sources, standings
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from schedules.dispatch import dispatch
from tests.conftest import Command, Receiver, Site
from tests.test_kills import wait_until


def test_a_site_that_goes_down_and_comes_back_is_two_messages(
    settings: Config, database: Database, make_site: Callable[[], Site], receiver: Receiver
) -> None:
    config = settings.model_copy(update={"disk_reserve": 0, "trouble_seconds": 0.5})
    newsbot = Command(settings, retries=0, download_delay=0)
    channels.add(database, kind="webhook", target=receiver.url, name="ops", operators=True)
    river, hill = make_site(), make_site()
    for name, site in (("river", river), ("hill", hill)):
        site.write("feed.xml", '<rss version="2.0"><channel></channel></rss>')
        sources.add(
            database,
            Source(
                id=name,
                name=name,
                homepage=f"{site.base}/",
                entry_points=(Way(url=f"{site.base}/feed.xml", kind="feed"),),
                allowed_hosts=(site.base.partition("://")[2],),
                added_at=datetime.now(UTC),
            ),
        )
    watch, minutes = Watch(config, database, "one"), 0

    def crawl(occasion: str, *names: str) -> None:
        for name in names:
            dispatch(database, name, trigger="poll", occasion=occasion)
        wait_until(lambda: not database.runs.count_documents({"active": True}), 90)

    def look() -> None:
        """Look now, and again after as long as what begins waits for what has the same cause."""
        nonlocal minutes
        for _ in range(3):
            watch.look(datetime.now(UTC) + timedelta(minutes=minutes))
            minutes += 2
        # They are written by the watch's clock, which is ahead of the courier's.
        database.outbox.update_many({"state": "due"}, {"$set": {"next_attempt": datetime.now(UTC)}})
        asyncio.run(Courier(config, database, "one").deliver_due())

    worker = newsbot.start("part", "worker", output=settings.data_dir.parent / "worker.log")
    try:
        crawl("well", "river", "hill")
        look()
        assert receiver.messages == []
        hill.close()
        for number in range(3):
            crawl(f"down {number}", "hill", "river")
        failing = standings.many(database, ["hill"])["hill"]
        assert failing.failures == 3
        assert failing.failing_since is not None
        hard = failing.failing_since + timedelta(seconds=config.trouble_seconds)
        wait_until(lambda: datetime.now(UTC) > hard)
        look()
        look()
        (first,) = receiver.messages
        assert first["headline"] == "hill fails"
        back = Site(hill.root, int(hill.base.rpartition(":")[2]))
        crawl("back", "hill", "river")
        look()
        look()
        back.close()
    finally:
        worker.terminate()
        worker.wait(30)
    assert len(receiver.messages) == 2
    assert str(receiver.messages[1]["headline"]).startswith("Well again: hill; was failing ")
