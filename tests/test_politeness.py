"""Hosts are asked in turn, left alone when they ask for it or fail, and their robots.txt is kept."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from newsbot.archive import hosts as records
from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.archive.entry_points import load
from newsbot.config import Config
from newsbot.fetching.hosts import FAILURES_IN_A_ROW, Host, Hosts, host_key
from newsbot.fetching.http_dates import http_date, retry_after
from newsbot.fetching.refusals import RefusedError
from tests.hostile_server import HostileServer
from tests.hostile_site import HONEST, busy, honest
from tests.measured_crawl import crawl

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[HostileServer]:
    """A server that nobody has asked for anything."""
    served = HostileServer()
    yield served
    served.close()


# Retry-After


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 01 Mar 2026 12:05:00 GMT", 300.0),
        ("Sunday, 01-Mar-26 12:05:00 GMT", 300.0),
        ("Sun Mar  1 12:05:00 2026", 300.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("Sun, 01 Mar 99999999999999999999 12:05:00 GMT", None),
        ("Sun, 01 Mar 2026 12:05:00 +99999999999999999999", None),
        ("\u00b2\u00b3", None),
        ("Sun, 99 Mar 2026 12:05:00 GMT", None),
        ("9" * 5_000, 999_999_999_999.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 01 Mar 2026 12:05:00 GMT",
        "Sun, 01 Mar 2026 12:05:00",
        "Sun, 01 Mar 2026 12:05:00 -0000",
    ],
)
def test_a_date_without_a_zone_is_in_utc(text: str) -> None:
    assert http_date(text) == NOW + timedelta(minutes=5)


# Hosts


def test_http_and_https_are_one_host_and_other_ports_are_others() -> None:
    same = {host_key(url) for url in ("http://A.example/1", "https://a.example:443/2")}

    assert same == {"a.example"}
    assert host_key("http://a.example:8080/") == "a.example:8080"


def test_requests_of_two_crawls_to_one_host_are_spaced_and_those_of_one_are_its_own_affair() -> (
    None
):
    async def ask(host: Host, crawl: str, began: list[float]) -> None:
        for _ in range(5):
            async with host.turn(crawl, delay=0.05, concurrency=4):
                began.append(time.monotonic())
            await asyncio.sleep(0.05)  # as each crawl's own delay has it

    async def asked(*crawls: str) -> list[float]:
        began: list[float] = []
        host = Host("a.example")
        await asyncio.gather(*(ask(host, crawl, began) for crawl in crawls))
        return sorted(began)

    of_two, of_one = asyncio.run(asked("one", "two")), asyncio.run(asked("one"))

    # Ten requests have nine spaces between them, and five of one crawl have four.
    assert of_two[-1] - of_two[0] > 9 * 0.05 - 0.005
    assert of_one[-1] - of_one[0] < 9 * 0.05


def test_no_more_requests_are_under_way_at_a_host_than_a_source_may_have() -> None:
    async def most() -> int:
        host, under_way, most_seen = Host("a.example"), 0, 0

        async def ask(crawl: int) -> None:
            nonlocal under_way, most_seen
            async with host.turn(crawl, delay=0.0, concurrency=2):
                under_way += 1
                most_seen = max(most_seen, under_way)
                await asyncio.sleep(0.005)
                under_way -= 1

        await asyncio.gather(*(ask(number) for number in range(20)))
        return most_seen

    assert asyncio.run(most()) == 2


def test_a_turn_that_is_given_up_is_handed_on() -> None:
    async def run() -> None:
        host = Host("a.example")

        async def hold() -> None:
            async with host.turn("x", delay=0.0, concurrency=1):
                await asyncio.sleep(0.01)

        first, second, third = (asyncio.ensure_future(hold()) for _ in range(3))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait_for(asyncio.gather(first, third), 1)

    asyncio.run(run())


def test_a_crawl_delay_spaces_the_requests_of_one_crawl_too() -> None:
    async def took() -> float:
        host = Host("a.example")
        host.asks_for_delay("https", 0.05)
        began = time.monotonic()
        for _ in range(4):
            async with host.turn("one", delay=0.0, concurrency=4):
                pass
        return time.monotonic() - began

    assert asyncio.run(took()) > 0.14


def test_a_crawl_delay_is_kept_until_the_robots_txt_that_asked_for_it_does_no_more() -> None:
    host = Host("a.example")
    host.asks_for_delay("https", 8.0)
    host.asks_for_delay("http", 2.0)
    assert host.crawl_delay == 8.0
    host.asks_for_delay("https", 0.0)
    assert host.crawl_delay == 2.0


def test_a_host_that_fails_again_and_again_is_left_alone_for_longer_each_time() -> None:
    host = Host("a.example")
    pauses = []
    for _ in range(3):
        while not host.failed("answered 500"):
            host.check()
        pauses.append(host.pause_left())
        host.left_alone_until = None

    assert FAILURES_IN_A_ROW == 10
    assert [round(pause) for pause in pauses] == [60, 120, 240]


def test_an_answer_between_failures_starts_the_count_anew() -> None:
    host = Host("a.example")
    for _ in range(FAILURES_IN_A_ROW - 1):
        assert not host.failed("answered 500")
    host.answered()

    assert not host.failed("answered 500")


def test_no_host_silences_a_source_for_longer_than_a_day() -> None:
    host = Host("a.example")
    host.asked_for_pause(1e12, "it answered 429")

    assert host.pause_left() <= 86_400
    with pytest.raises(RefusedError, match="it answered 429"):
        host.check()


def test_hosts_that_are_left_alone_are_not_forgotten_among_many() -> None:
    known = Hosts()
    known.of("http://kept.example/").asked_for_pause(600, "it answered 429")
    for number in range(Hosts.MOST + 10):
        known.of(f"http://h{number}.example/")

    assert known.of("http://kept.example/").pause_left() > 0


# Whole runs


@pytest.mark.alone
def test_robots_txt_is_asked_for_once_and_its_changes_are_obeyed(
    site: HostileServer, settings: Config, database: Database
) -> None:
    config = settings.model_copy(update={"warc": False})
    filler = b"# nothing to see here, and this goes on for ten megabytes\n" * 180_000
    rules = b"User-agent: *\nCrawl-delay: 0.1\nDisallow: /news/2024/05/03/\n"
    site.robots = rules + filler + b"Disallow: /\n"

    first = crawl(site, config, "/honest.xml")
    took = site.moments[-1] - site.moments[1]
    again = crawl(site, config, "/honest.xml")

    assert first.run["counters"]["refused_robots"] == 1
    assert len(first.kept) == len(again.kept) == HONEST - 1
    assert took > (HONEST - 1) * 0.1 - 0.05
    assert site.asked["/robots.txt"] == 1
    assert site.asked[honest(3)] == 0

    site.robots = b"User-agent: *\nDisallow: /news/2024/05/04/\n"
    opened = crawl(site, config, "/honest.xml", robots_seconds=0)

    assert site.base + honest(3) in opened.kept
    assert "robots.txt has changed" in opened.log

    # What cannot be read is gone by as it was, for a day, and then waited for.
    site.robots, site.robots_status = b"", 503
    stale = crawl(site, config, "/honest.xml", robots_seconds=0)

    assert stale.run["state"] == "done"
    assert "/robots.txt cannot be read: answered 503" in stale.log

    yesterday = datetime.now(UTC) - timedelta(days=2)
    key = f"127.0.0.1:{site.port}"
    copy = records.get(database, key).robots["http"]
    database.hosts.update_one({"_id": key}, {"$set": {"robots.http.fresh_until": yesterday}})
    site.asked.clear()
    waiting = crawl(site, config, "/honest.xml", robots_seconds=0)

    assert copy.read_at is not None
    assert waiting.run["state"] == "failed"
    assert "left alone because its host's robots.txt cannot be read" in waiting.run["reason"]
    assert set(site.asked) == {"/robots.txt"}


def test_a_short_pause_is_waited_for_and_a_long_one_ends_the_run(
    site: HostileServer, settings: Config, database: Database
) -> None:
    config = settings.model_copy(update={"warc": False})
    site.busy = [1, 1]

    waited = crawl(site, config, "/busy-page/")

    assert {site.base + busy(number) for number in range(1, 9)} == waited.kept
    assert sum(count for path, count in site.asked.items() if "/busy/" in path) <= 12

    database.pages.delete_many({})
    site.busy = [3_600] * 100
    site.asked.clear()
    ended = crawl(site, config, "/busy-page/")
    asked = sum(site.asked.values())
    later = crawl(site, config, "/busy-page/")

    # Those under way when the first was refused; then nothing, by another process either.
    assert asked <= 1 + 8
    assert ended.run["counters"]["refused_busy"] == 8
    assert "is left alone until" in ended.log
    assert sum(site.asked.values()) == asked
    assert later.run["state"] == "failed"
    assert "with its whole host" in later.run["reason"]
    # Nor is it polled in vain until then.
    [way] = load(database, sources.find(database, "site"))
    assert way.next_due > datetime.now(UTC) + timedelta(seconds=3_000)


def test_a_shorter_pause_does_not_take_the_place_of_a_longer_one(database: Database) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for hours, why in ((1, "first"), (3, "longest"), (2, "last")):
        records.leave_alone(database, "a.example", until=now + timedelta(hours=hours), why=why)

    known = records.get(database, "a.example")

    assert (known.left_alone_until, known.why) == (now + timedelta(hours=3), "longest")


@pytest.mark.alone
def test_a_host_that_is_down_is_not_pressed(site: HostileServer, settings: Config) -> None:
    config = settings.model_copy(update={"warc": False})

    down = crawl(site, config, "/broken-page/", retries=3)

    asked = sum(count for path, count in site.asked.items() if path.startswith("/broken/"))
    # 100 pages, four tries each, if nobody looked at what comes back.
    assert asked < 60
    assert "10 requests in a row failed" in down.log
    assert down.run["counters"]["refused_busy"] > 80
