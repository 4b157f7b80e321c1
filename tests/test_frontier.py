"""The frontier: what waits to be visited survives, is fair, newest first, and bounded."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from newsbot.archive import frontier, pages, runs, sources
from newsbot.archive.connection import Database
from newsbot.archive.pages import Visit
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.discovery import Entry
from newsbot.revisits import RevisitPlan
from newsbot.spiders.frontier import Followed, Frontier
from newsbot.spiders.session import CrawlSession
from newsbot.text.dates import ParsedDate
from tests.conftest import Command, Site
from tests.test_crawl import _story

NOW = datetime.now(UTC)
SITEMAP, FEED = "https://x.example/sitemap.xml", "https://x.example/feed"


@pytest.fixture(autouse=True)
def _this_moment() -> None:
    """Begin each test now: a suite takes longer than what these tests wait for."""
    global NOW
    NOW = datetime.now(UTC)


def session(database: Database, config: Config, **settings: object) -> CrawlSession:
    """Open a run of a source, once more where there is one."""
    source = Source(id="s", name="s", homepage="https://x.example/", added_at=NOW)
    if sources.find(database, "s") is None:
        sources.add(database, source)
    run = runs.request(database, "s", trigger="poll", occasion=str(datetime.now(UTC)), now=NOW)
    run = run or runs.active(database, "s")
    assert run is not None
    return CrawlSession(config.model_copy(update=settings), database, source, run)


def entry(number: int, *, days_ago: float | None = None, **said: str) -> Entry:
    moment = None if days_ago is None else NOW - timedelta(days=days_ago)
    told = None if moment is None else ParsedDate(moment.date(), moment, "feed")
    return Entry(url=f"https://x.example/a/story-number-{number}", published=told, **said)


async def take(waiting: Frontier, most: int = 10_000) -> list[Followed]:
    """Take links as a crawl does until none comes."""
    taken: list[Followed] = []
    while len(taken) < most:
        link = waiting.next()
        if link is not None:
            taken.append(link)
        elif waiting.idle():
            break
        else:
            await asyncio.sleep(0.005)
    return taken


async def fill(
    session: CrawlSession, *lots: tuple[str, Iterable[Entry]], backfill: bool = False
) -> Frontier:
    waiting = Frontier(session, lambda: None)
    await waiting.open()
    for lane, entries in lots:
        await waiting.add(lane, list(entries), backfill=backfill)
    return waiting


def visit(session: CrawlSession, waiting: Frontier, *links: Followed) -> None:
    visits = [Visit(url=link.url, source="s", outcome="article", at=NOW) for link in links]
    pages.mark(session.database, visits, RevisitPlan(()))
    for link in links:
        waiting.done(link)


def fail(session: CrawlSession, waiting: Frontier, link: Followed) -> None:
    visit = Visit(url=link.url, source="s", outcome="failed", at=NOW, failures=link.failures)
    pages.mark(session.database, [visit], RevisitPlan(()))
    waiting.done(link)


def test_links_are_on_disk_before_they_are_handed_out_and_gone_when_all_were_visited(
    database: Database, settings: Config
) -> None:
    async def crawl() -> None:
        first = session(database, settings)
        said = Entry(
            url="https://x.example/a/story-number-1",
            title="A title",
            published=ParsedDate(NOW.date(), None, "feed"),
            guid="g",
            summary="What it says",
            content="<p>All of it</p>",
            authors=("A. Writer",),
            language="en",
        )
        waiting = await fill(first, (FEED, [said, entry(2)]))
        assert frontier.waiting(database, "s") == 2
        links = {link.url: link for link in await take(waiting)}
        assert links[said.url].entry == said
        visit(first, waiting, links[said.url])

        # The process dies here; the next has only what is on disk.
        second = session(database, settings)
        waiting = await fill(second)
        (left,) = await take(waiting)
        assert left.url.endswith("number-2")
        visit(second, waiting, left)
        await second._write_visits()
        assert frontier.waiting(database, "s") == 0

    asyncio.run(crawl())


def test_a_long_sitemap_does_not_hold_up_what_a_feed_announces(
    database: Database, settings: Config
) -> None:
    async def crawl() -> list[Followed]:
        old = (entry(number, days_ago=1_000 - number / 100) for number in range(6_000))
        new = (entry(10_000 + number, days_ago=0.1) for number in range(8))
        waiting = await fill(session(database, settings), (SITEMAP, old), (FEED, new))
        return await take(waiting)

    urls = [link.url for link in asyncio.run(crawl())]
    assert len(urls) == len(set(urls)) == 6_008
    assert sum("number-1000" in url for url in urls[:16]) == 8
    # Newest first: the last of the sitemap are its newest.
    assert urls[0].endswith("number-5999")
    assert urls[-1].endswith("number-0")


def test_what_is_undated_comes_after_todays_and_before_what_is_old(
    database: Database, settings: Config
) -> None:
    async def crawl() -> list[Followed]:
        lot = [
            entry(1, days_ago=400),
            entry(2),
            entry(3, days_ago=-300),  # no date at all: nobody publishes in ten months
            entry(4, days_ago=0.5),
        ]
        return await take(await fill(session(database, settings), (FEED, lot)))

    assert [link.url[-1] for link in asyncio.run(crawl())] == ["4", "2", "3", "1"]


def test_a_link_that_three_entry_points_name_is_handed_out_once(
    database: Database, settings: Config
) -> None:
    twins = (
        "https://x.example/a/story-number-1",
        "http://www.x.example/a/story-number-1/?utm_source=feed",
        "https://m.x.example/a/story-number-1",
        "https://x.example/a/story-number-1/amp/",
    )

    async def crawl() -> list[Followed]:
        lots = [(f"{FEED}/{place}", [Entry(url=url)]) for place, url in enumerate(twins)]
        return await take(await fill(session(database, settings), *lots))

    assert [link.address for link in asyncio.run(crawl())] == [twins[0]]


def test_no_more_waits_than_a_source_may_have_and_the_oldest_go(
    database: Database, settings: Config
) -> None:
    async def crawl() -> tuple[list[Followed], int]:
        crawling = session(database, settings, frontier_links=2_000)
        old = (entry(number, days_ago=5 + number / 100) for number in range(5_000))
        waiting = await fill(crawling, (SITEMAP, old))
        added = await waiting.add(FEED, [entry(9_999, days_ago=1)])
        assert added.kept  # it waits, and an older one of the long lane went for it
        assert added.cut == {SITEMAP}
        return await take(waiting), crawling.counters["links_left_out"]

    links, left_out = asyncio.run(crawl())
    numbers = {int(link.url.rpartition("-")[2]) for link in links}
    assert frontier.waiting(database, "s") == len(links) <= 2_000
    assert 9_999 in numbers
    assert 0 in numbers
    assert 4_999 not in numbers
    assert left_out == 5_001 - len(links)


def test_what_was_left_out_is_not_taken_for_kept(database: Database, settings: Config) -> None:
    async def crawl() -> bool:
        crawling = session(database, settings, frontier_links=1_000)
        waiting = await fill(crawling)
        return (await waiting.add(SITEMAP, [entry(number) for number in range(3_000)])).kept

    assert not asyncio.run(crawl())


def test_a_link_on_which_newsbot_broke_takes_nothing_with_it_that_was_put_off(
    database: Database, settings: Config
) -> None:
    async def crawl(*broken: str) -> list[str]:
        crawling = session(database, settings)
        waiting = await fill(crawling, (FEED, [entry(1), entry(2)]))
        links = await take(waiting)
        for link in links:
            if link.url.endswith(broken):
                fail(crawling, waiting, link)
        waiting.close()
        await crawling._write_visits()
        return [link.url[-1] for link in links]

    assert asyncio.run(crawl("number-1")) == ["1", "2"]
    assert [asyncio.run(crawl()) for _ in range(9)] == [["2"]] * 9
    assert frontier.waiting(database, "s") == 2


def test_links_that_a_pause_of_the_host_kept_back_wait_for_as_long_as_it_takes(
    database: Database, settings: Config
) -> None:
    async def crawl() -> int:
        waiting = await fill(session(database, settings), (FEED, [entry(1)]))
        links = await take(waiting)  # asked for, and answered by neither page nor failure
        waiting.close()
        return len(links)

    assert [asyncio.run(crawl()) for _ in range(9)] == [1] * 9


@pytest.mark.parametrize(
    ("visited", "hours", "wait"),
    [(True, 0, 60), (False, 0, 600), (False, 2, 7_200), (False, 90, 21_600)],
)
def test_what_a_run_leaves_is_gone_on_with_soon_or_after_as_long_as_it_has_waited(
    database: Database, settings: Config, visited: bool, hours: int, wait: int
) -> None:
    async def crawl() -> datetime | None:
        lot = [entry(number) for number in range(4)]
        waiting = await fill(session(database, settings), (FEED, lot))
        assert waiting.more_at() is not None
        by = timedelta(hours=hours)
        for each in database.frontier.find({}):
            found_at = {"found_at": each["found_at"] - by}
            database.frontier.update_one({"_id": each["_id"]}, {"$set": found_at})
        crawling = session(database, settings, pages_per_run=2)
        waiting = await fill(crawling)
        links = await take(waiting)
        if visited:
            visit(crawling, waiting, *links)
        return waiting.more_at()

    more_at = asyncio.run(crawl())
    assert more_at is not None
    assert abs((more_at - datetime.now(UTC)).total_seconds() - wait) < 20


def test_what_a_backfill_found_makes_no_source_due(database: Database, settings: Config) -> None:
    waiting = asyncio.run(fill(session(database, settings), (FEED, [entry(1)]), backfill=True))
    assert waiting.more_at() is None


def read_by_another(database: Database, *urls: str) -> None:
    """Have another source's crawl read pages, each an article of its own."""
    visits = [
        Visit(url=url, source="other", outcome="article", article=url, at=NOW) for url in urls
    ]
    pages.mark(database, visits, RevisitPlan(()))
    database.articles.insert_many([{"_id": url, "sources": ["other"]} for url in urls])


@pytest.mark.parametrize("runs_later", [0, 1])
def test_what_another_source_read_while_it_waited_is_not_read_again_and_belongs_to_both(
    database: Database, settings: Config, runs_later: int
) -> None:
    async def crawl() -> list[str]:
        crawling = session(database, settings)
        # More than are held in memory: the rest comes back from disk.
        lot = [entry(number, days_ago=number / 100) for number in range(6_000)]
        waiting = await fill(crawling, (SITEMAP, lot))
        if runs_later:
            waiting = await fill(session(database, settings))
        read_by_another(database, lot[5_990].url, lot[5_995].url)
        return [link.url for link in await take(waiting)]

    urls = asyncio.run(crawl())
    assert len(urls) == len(set(urls)) == 5_998
    shared = list(database.articles.find({}))
    assert len(shared) == 2
    assert all(set(each["sources"]) == {"other", "s"} for each in shared)


def test_a_link_of_a_chunk_put_back_on_disk_brings_what_was_tried_before(
    database: Database, settings: Config
) -> None:
    async def crawl() -> Followed:
        crawling = session(database, settings)
        link = entry(5_995)
        failed = Visit(url=link.url, source="s", outcome="failed", at=NOW - timedelta(days=1))
        pages.mark(database, [failed], RevisitPlan(()))
        # Not among those due for another look: it is another source's page.
        database.pages.update_one({"url": link.url}, {"$set": {"source": "other"}})
        lot = [entry(number, days_ago=number / 100) for number in range(5_995)]
        waiting = await fill(crawling, (SITEMAP, [*lot, entry(5_995, days_ago=90)]))
        return (await take(waiting))[-1]

    last = asyncio.run(crawl())
    assert (last.url[-4:], last.failures) == ("5995", 1)


def test_a_removed_source_leaves_nothing_waiting(database: Database, settings: Config) -> None:
    asyncio.run(fill(session(database, settings), (FEED, [entry(1)])))
    sources.remove(database, "s")
    assert database.frontier.count_documents({}) == 0


def test_a_run_that_reached_its_bound_leaves_the_rest_to_the_next(
    make_site: Callable[[], Site], database: Database, settings: Config
) -> None:
    newsbot = Command(settings, pages_per_run=4)
    site = make_site()
    numbers = range(10)
    links = "".join(
        f'<a href="/a/{number}.html">A story of the day, number {number}</a>' for number in numbers
    )
    site.write("index.html", f"<html><body>{links}</body></html>")
    for number in numbers:
        site.write(
            f"a/{number}.html",
            _story(f"Story number {number}", f"The harbour opened at {number} o'clock."),
        )
    first = newsbot.json("crawl", site.base)
    assert (first["counters"]["new"], first["counters"]["waiting"]) == (4, 6)
    assert "6 links wait for the next" in "".join(first["log"])

    # What the site shows by now has nothing to do with what was found.
    site.write("index.html", "<html><body><p>Nothing today.</p></body></html>")
    assert newsbot.json("crawl", site.base)["counters"]["new"] == 4
    assert newsbot.json("crawl", site.base)["counters"]["new"] == 2
    assert database.frontier.count_documents({}) == 0
    fetched = [path for path in site.requests if path.startswith("/a/")]
    assert len(fetched) == len(set(fetched)) == 10


def test_a_stored_link_of_an_earlier_form_can_still_be_read(database: Database) -> None:
    document = {"url": "https://x.example/a", "address": "https://x.example/a", "newer": 1}
    made = frontier.chunk(
        [frontier.Link(url="https://x.example/a", address="https://x.example/a")],
        source="s",
        lane=FEED,
        found_at=NOW,
        newest=NOW,
    )
    frontier.put(database, [made])
    database.frontier.update_one({"_id": made.id}, {"$set": {"links": [document]}})
    (link,) = frontier.links_of(database, made.id)
    assert link == attrs.evolve(made.links[0])
