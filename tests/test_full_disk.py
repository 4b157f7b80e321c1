"""A full disk stops a crawl with a sentence, and costs nothing that was acknowledged."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pymongo.errors import PyMongoError

from newsbot.archive import server
from newsbot.archive.connection import Database, connect
from newsbot.config import Config
from tests.conftest import Command, Site, mounted
from tests.test_kills import CRAWL, check, wait_until
from tests.test_outage import LEASE, small_site, start_crawl

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("NEWSBOT_TEST_MONGODB_URI")),
    reason="fills the disk of the embedded MongoDB",
)

MEGABYTE = 1_000_000


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Iterator[Config]:
    """The configuration of a test whose data folder is on a disk of its own, of 200 MB."""
    with mounted(tmp_path / "disk", "200m") as disk:
        yield config.model_copy(update={"data_dir": disk / "data", "mongodb_uri": None})


def fill(disk: Path, *, but: int = 0) -> Path:
    """Fill a disk but for so many bytes; returns the file that does it."""
    ballast = disk / "ballast"
    left = shutil.disk_usage(disk).free - but
    with ballast.open("wb", buffering=0) as file:
        try:
            while left > 0:
                left -= file.write(bytes(min(left, MEGABYTE)))
            while not but:
                file.write(b"x")
        except OSError:
            pass
    return ballast


def write_on(database: Database) -> None:
    """Write until MongoDB cannot: there is room in its files on a full disk."""
    while True:
        database.raw["filler"].insert_one({"filler": os.urandom(MEGABYTE)})


def test_a_crawl_stops_while_there_is_room_for_the_archive_and_goes_on_when_there_is_more(
    make_site: Callable[[], Site], config: Config
) -> None:
    site, disk = make_site(), config.data_dir.parent
    newsbot = Command(config, lease_seconds=LEASE, disk_reserve=60 * MEGABYTE)
    with connect(config) as held:
        truth, source = small_site(site, newsbot, held)
        name = str(source["name"])
        site.allow(20)
        crawl = newsbot.start("crawl", name, "--json", output=disk.parent / "said")
        wait_until(lambda: held.articles.count_documents({}) >= 5)
        ballast = fill(disk, but=40 * MEGABYTE)
        wait_until(lambda: held.runs.count_documents({"state": "running", **CRAWL}) == 0)
        site.allow(float("inf"))
        crawl.wait(60)

        run = held.runs.find_one(CRAWL)
        assert run["state"] == "failed"
        assert "is full" in run["reason"]
        assert "make room" in run["reason"]
        refused = newsbot("crawl", name)
        assert refused.returncode == 1
        assert "make room" in refused.stderr
        ballast.unlink()
        assert newsbot("crawl", name).returncode == 0
        check(held, truth)


def test_a_disk_full_to_the_last_byte_costs_nothing_that_was_acknowledged(
    make_site: Callable[[], Site], config: Config
) -> None:
    site, disk = make_site(), config.data_dir.parent
    newsbot = Command(config, lease_seconds=LEASE, disk_reserve=0)
    with connect(config) as held:
        truth, source = small_site(site, newsbot, held)
        start_crawl(held, source)
        site.allow(20)
        said = disk.parent / "said"
        worker = newsbot.start("part", "worker", output=said)
        wait_until(lambda: held.articles.count_documents({}) >= 5)
        acknowledged = {each["_id"] for each in held.articles.find({}, {"_id": 1})}
        there = server.running(config.data_dir)
        assert there is not None
        ballast = fill(disk)
        with pytest.raises(PyMongoError):
            write_on(held)
        # Its storage has stopped: its keeper ends it, and waits for room.
        wait_until(lambda: not Path(f"/proc/{there.server}").exists())
        site.allow(float("inf"))
        wait_until(lambda: "make room" in said.read_text())
        assert worker.poll() is None
        ballast.unlink()
        wait_until(lambda: (server.running(config.data_dir) or there).server != there.server)

        wait_until(lambda: held.runs.count_documents({"state": "failed", **CRAWL}) == 1)
        assert "make room" in held.runs.find_one(CRAWL)["reason"]
        worker.terminate()
        assert worker.wait(10) == 0
        for _ in range(3):
            if newsbot("crawl", str(source["name"])).returncode == 0:
                break
        check(held, truth)
        assert acknowledged <= {each["_id"] for each in held.articles.find({}, {"_id": 1})}
