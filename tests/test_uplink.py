"""When our own connection is down, no source is held to have failed, and nothing is asked in vain."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from newsbot.archive import sources, standings, uplinks
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from newsbot.fetching import uplink as module
from newsbot.fetching.uplink import FEWEST_FAILED, FRESH, Uplink, target_of
from schedules.dispatch import dispatch
from tests.conftest import Command, Site, free_port
from tests.test_kills import wait_until


async def listening(port: int) -> asyncio.Server:
    return await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", port)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said holds for no time, so that no test waits."""
    monkeypatch.setattr(module, "FRESH", 0.0)
    monkeypatch.setattr(module, "HOLDS", 0.0)
    monkeypatch.setattr(module, "SLOW_START", 0.5)


def test_one_host_that_fails_while_others_take_connections_has_failed(at_once: None) -> None:
    async def main() -> None:
        first, second = free_port(), free_port()
        ours = Uplink()
        async with await listening(first), await listening(second):
            for port in (first, second):
                ours.answered("localhost", "127.0.0.1", port)
            assert not await ours.blames_us("dead.example", 80)
        # And where they take none any more, it is us.
        assert await ours.blames_us("dead.example", 80)
        assert ours.down_since is not None
        assert not await ours.is_down()  # one request is made all the same
        assert await ours.is_down()
        ours.run_taken()
        assert ours.runs_allowed(16, 0) == 0
        async with await listening(first):
            assert not await ours.is_down()
        assert ours.down_since is None
        assert ours.runs_allowed(16, 0) == 1  # the first minute is no stampede

    asyncio.run(main())


def test_without_hosts_to_try_five_that_fail_together_say_it(at_once: None) -> None:
    async def main() -> None:
        ours = Uplink()
        for number in range(FEWEST_FAILED - 1):
            assert not await ours.blames_us(f"{number}.example", 80)
        assert not await ours.blames_us("0.example", 80)
        assert await ours.blames_us("last.example", 80)
        assert not await ours.is_down()  # one is tried
        assert await ours.is_down()
        ours.answered("0.example", None, 80)
        assert ours.down_since is None

    asyncio.run(main())


def test_hosts_of_one_network_are_one_that_is_tried(at_once: None) -> None:
    async def main() -> None:
        ours = Uplink()
        for number in range(4):  # all behind one provider that has fallen
            ours.answered(f"{number}.example", f"198.18.0.{number}", 80)
            ours.answered(f"{number}.example", f"93.184.7.{number}", 80)
        assert len([each for each in ours._targets("") if each[1][0].startswith("93.")]) == 1

    asyncio.run(main())


def test_a_probe_is_a_host_with_its_port() -> None:
    assert target_of("192.0.2.1:53") == ("192.0.2.1", 53)
    assert target_of("[2001:db8::1]:53") == ("2001:db8::1", 53)
    assert target_of("gate.example") == ("gate.example", 443)


def feed(site: Site) -> None:
    site.write("feed.xml", '<rss version="2.0"><channel></channel></rss>')


def test_a_cut_is_held_against_no_source_and_over_with_the_first_answer(
    settings: Config, database: Database, make_site: Callable[[], Site]
) -> None:
    newsbot = Command(settings, retries=0, download_delay=0)
    sites = [make_site() for _ in range(3)]
    for number, site in enumerate(sites):
        feed(site)
        sources.add(
            database,
            Source(
                id=f"s{number}",
                name=f"paper{number}",
                homepage=f"{site.base}/",
                entry_points=(Way(url=f"{site.base}/feed.xml", kind="feed"),),
                allowed_hosts=(site.base.partition("://")[2],),
                added_at=datetime.now(UTC),
            ),
        )

    def ask(occasion: str) -> None:
        for number in range(3):
            dispatch(database, f"s{number}", trigger="poll", occasion=occasion)

    def ended() -> list[str]:
        return [each["state"] for each in database.runs.find({"finished_at": {"$ne": None}})]

    def cut() -> bool:
        return any(each.down_since for each in uplinks.everything(database))

    names = ("s0", "s1", "s2")
    worker = newsbot.start("part", "worker", output=settings.data_dir.parent / "worker.log")
    try:
        ask("before")
        wait_until(lambda: ended() == ["done"] * 3, 90)
        before = standings.many(database, names)
        assert len(before) == 3
        for site in sites:
            site.close()
        closed = time.monotonic()
        wait_until(lambda: time.monotonic() - closed > FRESH, 5)
        ask("cut")
        wait_until(cut, 60)
        wait_until(lambda: "cancelled" in ended(), 30)
        assert standings.many(database, names) == before  # nothing was learnt of any
        assert set(ended()) == {"done", "cancelled"}
        with contextlib.ExitStack() as opened:
            for site in sites:
                back = Site(site.root, int(site.base.rpartition(":")[2]))
                opened.callback(back.close)
            wait_until(lambda: not cut(), 60)
            ask("after")
            wait_until(lambda: not database.runs.count_documents({"active": True}), 90)
        assert "failed" not in ended()
        assert database.hosts.count_documents({"left_alone_until": {"$ne": None}}) == 0
    finally:
        worker.terminate()
        worker.wait(30)
