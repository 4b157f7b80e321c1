"""Hostile sites: a run ends in bounded time and memory, says what it refused, keeps what is honest."""

import json
from collections.abc import Iterator

import pytest

from newsbot.archive.connection import connect
from newsbot.config import Config
from tests.conftest import Command
from tests.hostile_entry_points import many, million, unclosed
from tests.hostile_server import HostileServer
from tests.hostile_site import HONEST, honest, odd
from tests.measured_crawl import Crawled, crawl


@pytest.fixture(scope="module")
def hostile() -> Iterator[HostileServer]:
    """The hostile server."""
    served = HostileServer()
    yield served
    served.close()


@pytest.fixture(scope="module")
def archive(server: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """An archive for a module's crawls."""
    folder = tmp_path_factory.mktemp("hostile")
    made = server.model_copy(
        update={
            "data_dir": folder,
            "database": f"newsbot_test_{abs(hash(folder)):x}",
            "extraction_processes": 1,
            "warc": False,
        }
    )
    yield made
    with connect(made) as database:
        database.client.drop_database(made.database)


@pytest.fixture(scope="module")
def plain(hostile: HostileServer, archive: Config) -> Crawled:
    """A crawl of the honest part alone: what a crawl takes anyway."""
    return crawl(hostile, archive, "/honest.xml", name="plain")


@pytest.fixture(scope="module")
def trapped(hostile: HostileServer, archive: Config, plain: Crawled) -> Crawled:
    """A crawl of the same site where every trap stands among its articles."""
    _forget(archive)
    return crawl(hostile, archive, "/honest.xml", "/traps/", name="trapped")


def _forget(archive: Config) -> None:
    with connect(archive) as database:
        database.articles.delete_many({})
        database.pages.delete_many({})


# What stands behind a link, and what the run says of it.
TRAPS = {
    "slow-drip": "takes longer to arrive than it may (more than 6 s)",
    "slow-header": "did not answer in time",
    "silent": "did not answer in time",
    "redirects": "redirects without end",
    "circle": "redirects without end (back to",
    "to-metadata": "(169.254.169.254 is cloud metadata)",
    "to-loopback-six": "(::1 is loopback)",
    "to-file": "is neither http nor https",
    "to-long-address": "is no address that newsbot fetches",
    "bomb-gzip": "is larger than newsbot reads (unpacks to more than 2000000 bytes)",
    "bomb-deflate": "is larger than newsbot reads (unpacks to more than 2000000 bytes)",
    "bomb-br": "unpacks to far more than a page does",
    "bomb-zstd": "unpacks to far more than a page does",
    "nested": "(packed 20 times over)",
    "gigabyte-announced": "is larger than newsbot reads",
    "gigabyte-unannounced": "is larger than newsbot reads",
    "endless-chunks": "is larger than newsbot reads",
    "header-lines": "has more header than newsbot reads",
    "header-line": "has more header than newsbot reads",
    "interim": "has more header than newsbot reads",
    "cookies-many": "has more header than newsbot reads",
    "reset": "could not be read",
    "garbage": "could not be read",
    "status-nonsense": "could not be read",
    "chunk-nonsense": "could not be read",
    "binary": "is no text",
    "film": "is no text",
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_named_with_what_was_refused(name: str, trapped: Crawled) -> None:
    said = [line for line in trapped.run["log"] if f"/t/{name}" in line]

    assert said, trapped.log
    assert TRAPS[name] in said[-1]


def test_every_honest_article_among_the_traps_is_kept(
    hostile: HostileServer, trapped: Crawled
) -> None:
    paths = [honest(number) for number in range(1, HONEST + 1)]
    paths += [
        odd(name)
        for name in ("as-image", "many-cookies", "long-header", "no-type", "zstd", "cookie-gate")
    ]

    assert trapped.kept == {hostile.base + path for path in paths}
    assert trapped.run["state"] == "done"


@pytest.mark.alone
def test_the_traps_cost_little_time_and_memory(plain: Crawled, trapped: Crawled) -> None:
    # The slowest may take what one page may; 33 MB are what came and was unpacked, at its largest.
    assert trapped.seconds < plain.seconds + 15
    assert trapped.peak < plain.peak + 60_000_000


def test_what_was_refused_is_counted_and_said(archive: Config, trapped: Crawled) -> None:
    counters = trapped.run["counters"]

    assert counters["refused_size"] == 5
    assert counters["refused_headers"] == 4
    assert counters["refused_type"] == 2
    assert "5 too large" in Command(archive)("runs").stdout
    assert "4 with too much header" in Command(archive)("source", "show", "trapped").stdout


# Entry points without end

MAZES = (
    "/laughs.xml",
    "/laughs-sitemap.xml",
    "/million.xml",
    "/many.xml",
    "/unclosed.xml.gz",
    "/deep-index/0",
    "/gallery.xml",
)


@pytest.fixture(scope="module")
def mazes(hostile: HostileServer, archive: Config, trapped: Crawled) -> Crawled:
    """A crawl of the same site with entry points that lead nowhere, for ever."""
    _forget(archive)
    million(hostile.base)  # packed beforehand, so that it is sent at once
    many(hostile.base)
    unclosed()
    return crawl(hostile, archive, *MAZES, "/honest.xml", name="mazes")


def test_every_honest_article_among_the_mazes_is_kept(
    hostile: HostileServer, mazes: Crawled
) -> None:
    # The billion laughs, too, name an honest article.
    told = {url for url in mazes.kept if url.startswith(hostile.base + "/news/")}

    assert {hostile.base + honest(number) for number in range(1, HONEST + 1)} <= told
    assert mazes.run["state"] == "done"


@pytest.mark.alone
def test_mazes_cost_little_time_and_memory(plain: Crawled, mazes: Crawled) -> None:
    assert mazes.seconds < plain.seconds + 30
    assert mazes.peak < plain.peak + 120_000_000


def test_a_calendar_is_given_up_when_its_days_are_no_articles(
    hostile: HostileServer, archive: Config
) -> None:
    # Slowly enough that it is known of a page what it is before very many more are asked for.
    config = archive.model_copy(update={"extraction_processes": 0})
    _forget(archive)
    crawled = crawl(hostile, config, "/calendar/", "/honest.xml", name="calendar", delay=0.05)

    asked = sum(path.startswith(("/calendar/1", "/calendar/2")) for path in hostile.asked)
    assert 10 <= asked < 60
    assert crawled.run["counters"]["refused_trap"] > 100
    assert "waiting" not in crawled.run["counters"]
    assert len(crawled.kept) == HONEST


def test_a_feed_of_a_million_entries_is_too_large(hostile: HostileServer, mazes: Crawled) -> None:
    assert f"{hostile.base}/million.xml is larger than newsbot reads" in mazes.log


def test_of_a_feed_of_many_entries_some_are_read(hostile: HostileServer, mazes: Crawled) -> None:
    assert mazes.run["counters"]["refused_links"] > 1_000
    assert sum(path.startswith("/m/2024") for path in hostile.asked) == 200


def test_sitemaps_that_name_sitemaps_for_ever_are_read_some_steps_deep(
    hostile: HostileServer, mazes: Crawled
) -> None:
    assert sum(path.startswith("/deep-index") for path in hostile.asked) <= 51


def test_no_entity_of_a_feed_or_sitemap_is_expanded(mazes: Crawled) -> None:
    assert "lollol" not in json.dumps(mazes.run)
    assert all("lol" not in url for url in mazes.kept)
