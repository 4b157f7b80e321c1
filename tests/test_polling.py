"""What a poll asks of a site: the entry points that are due, and only for what is new there."""

import contextlib
import http.server
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from newsbot.alerts.entry_point_words import state_of
from newsbot.archive import entry_points, runs, sources
from newsbot.archive.connection import Database
from newsbot.archive.entry_points import EntryPointRecord
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from newsbot.fetching.conditional import digest
from tests.conftest import POLL, Command, Site, lay_out
from tests.test_crawl import _story
from tests.test_kills import wait_until


class Newsroom:
    """A site whose every answer a test decides: ``pages`` by path, and what was asked of them."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], str]] = {}
        self.asked: list[tuple[str, bool]] = []
        self.etags = True
        # Paths whose ETag never changes.
        self.stuck: set[str] = set()
        room = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, headers, text = room.pages.get(self.path, (404, {}, ""))
                conditions = self.headers.get("If-None-Match")
                if self.path != "/robots.txt":
                    room.asked.append((self.path, conditions is not None))
                body = text.encode()
                etag = '"stuck"' if self.path in room.stuck else f'"{digest(body)}"'
                if conditions == etag:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if room.etags and status in (200, 304):
                    self.send_header("ETag", etag)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(POLL,), daemon=True).start()

    def put(self, path: str, text: str, status: int = 200, **headers: str) -> None:
        self.pages[path] = (status, headers, text)

    def article(self, number: int) -> str:
        path = f"/a/story-{number}-of-the-day.html"
        self.put(path, _story(f"Story {number} of the day", f"Ship {number} left the harbour."))
        return path

    def feed(self, *numbers: int, path: str = "/feed.xml") -> None:
        items = "".join(
            f"<item><title>Story {number}</title><link>{self.base}{self.article(number)}</link></item>"
            for number in numbers
        )
        self.put(
            path,
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>N</title>{items}</channel></rss>',
        )

    def front(self, *numbers: int) -> None:
        links = "".join(
            f'<p><a href="{self.article(number)}">Story {number} of this very day</a></p>'
            for number in numbers
        )
        self.put("/", f"<!doctype html><html><body><main>{links}</main></body></html>")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    """A site of a test's own."""
    with contextlib.closing(Newsroom()) as made:
        yield made


@attrs.frozen
class Polls:
    """A real worker, and the polls that it is asked for."""

    config: Config
    database: Database
    source: Source

    def __call__(self) -> dict[str, int]:
        """Poll the source once, as the scheduler asks for it; return the run's counters."""
        moment = datetime.now(UTC)
        run = runs.request(
            self.database,
            self.source.id,
            trigger="poll",
            occasion=f"poll {moment.isoformat()}",
            now=moment,
        )
        assert run is not None
        wait_until(lambda: runs.active(self.database, self.source.id) is None, 60)
        ended = runs.get(self.database, run.id)
        assert ended is not None
        assert ended.state == "done", (ended.reason, ended.log)
        return ended.counters

    def pass_time(self, **time: float) -> None:
        """Let so much time have passed since all that was learnt."""
        by = timedelta(**time)

        def earlier(moment: datetime | None) -> datetime | None:
            return moment - by if moment else None

        entry_points.save(
            self.database,
            [
                attrs.evolve(
                    each,
                    next_due=earlier(each.next_due),
                    full_at=earlier(each.full_at),
                    failing_since=earlier(each.failing_since),
                    distrusted_until=earlier(each.distrusted_until),
                    rhythm=attrs.evolve(each.rhythm, read_at=earlier(each.rhythm.read_at)),
                )
                for each in self.learnt().values()
            ],
        )

        for page in self.database.pages.find({"next_visit": {"$ne": None}}):
            self.database.pages.update_one(
                {"_id": page["_id"]}, {"$set": {"next_visit": page["next_visit"] - by}}
            )

    def learnt(self) -> dict[str, EntryPointRecord]:
        """What is known of each entry point, by its path."""
        known = entry_points.load(self.database, self.source)
        return {"/" + each.url.partition("//")[2].partition("/")[2]: each for each in known}

    def found(self) -> int:
        return self.database.articles.count_documents({})


@pytest.fixture
def polls(
    newsroom: Newsroom, settings: Config, database: Database, request: pytest.FixtureRequest
) -> Iterator[Polls]:
    """The newsroom as a source with a feed and a front page, and a worker that polls it.

    Its parameter is settings of that worker.
    """
    newsroom.feed(1, 2)
    newsroom.front(1, 2)
    source = Source(
        id=sources.source_id(newsroom.base),
        name="newsroom",
        homepage=f"{newsroom.base}/",
        entry_points=(
            Way(url=f"{newsroom.base}/feed.xml", kind="feed"),
            Way(url=f"{newsroom.base}/", kind="page"),
        ),
        allowed_hosts=(newsroom.base.removeprefix("http://"),),
        delay=0.0,
        next_due=datetime.now(UTC),
        added_at=datetime.now(UTC),
    )
    sources.add(database, source)
    worker = Command(settings, **getattr(request, "param", {})).start("part", "worker")
    yield Polls(settings, database, source)
    worker.terminate()
    assert worker.wait(20) == 0


def wait_of(record: EntryPointRecord) -> float:
    assert record.next_due is not None
    return (record.next_due - datetime.now(UTC)).total_seconds()


def test_the_second_poll_fetches_the_entry_points_alone_and_is_answered_by_304(
    shared: Path, make_site: Callable[[], Site], newsbot: Command
) -> None:
    site = make_site()
    lay_out(shared, site.root, site.base, "aeb")
    site.age()
    assert newsbot.json("crawl", site.base)["counters"]["new"] == 92
    site.answers.clear()

    second = newsbot.json("crawl", site.base)

    assert second["state"] == "done"
    asked = [answer for answer in site.answers if answer[0] != "/robots.txt"]
    assert sorted(asked) == [("/", 304), ("/feed.xml", 304), ("/sitemap.xml", 304)]
    assert second["counters"]["unchanged"] == 3
    assert second["counters"].get("links", 0) == 0


def test_one_entry_point_without_articles_says_nothing_of_the_source(
    polls: Polls, newsroom: Newsroom
) -> None:
    polls()
    newsroom.front()
    front = polls.learnt()["/"]
    past = datetime.now(UTC) - timedelta(seconds=1)
    entry_points.save(polls.database, [attrs.evolve(front, next_due=past)])

    assert polls()["entry_points"] == 1

    ended = runs.latest(polls.database, since=past - timedelta(hours=1), at_most=1)
    assert [run.reason for run in ended] == [""]


def test_a_poll_asks_what_is_due_and_learns_who_brings_news_first(
    polls: Polls, newsroom: Newsroom
) -> None:
    polls()
    assert polls.found() == 2
    newsroom.asked.clear()

    # Nothing is due: the source was made due by hand, so the best entry point alone is asked.
    polls()
    assert newsroom.asked == [("/feed.xml", True)]

    for day in range(3, 9):
        newsroom.feed(*range(1, 2 * day))
        newsroom.front(*range(1, 2 * day))
        polls.pass_time(hours=12)
        polls()
    learnt = polls.learnt()
    assert polls.found() == 15
    assert learnt["/feed.xml"].brought == 15
    assert learnt["/"].brought == 0
    assert wait_of(learnt["/"]) > 3 * wait_of(learnt["/feed.xml"])
    # The source is due when the first of them is, or a look for edits before.
    source = sources.find(polls.database, polls.source.id)
    assert source is not None
    assert source.next_due is not None
    assert source.next_due <= min(each.next_due for each in learnt.values() if each.next_due)

    # And when the other is the first to bring news, it is asked more often.
    before = wait_of(learnt["/"])
    newsroom.front(*range(1, 40))
    polls.pass_time(hours=12)
    polls()
    assert polls.learnt()["/"].brought == 24
    assert wait_of(polls.learnt()["/"]) < before / 2


def test_the_same_body_sent_again_is_not_read_again(polls: Polls, newsroom: Newsroom) -> None:
    newsroom.etags = False
    polls()
    polls.pass_time(days=1)
    counters = polls()
    assert counters["unchanged"] == 4  # two entry points, and looks at two articles
    assert counters.get("entry_points", 0) == 0
    assert [each.unchanged for each in polls.learnt().values()] == [1, 1]


def test_a_link_that_failed_is_not_hidden_by_not_modified(polls: Polls, newsroom: Newsroom) -> None:
    story = newsroom.pages["/a/story-2-of-the-day.html"]
    newsroom.put("/a/story-2-of-the-day.html", "", status=404)
    polls()
    assert polls.found() == 1
    newsroom.pages["/a/story-2-of-the-day.html"] = story
    polls.pass_time(days=1)
    polls()
    assert polls.found() == 2


def test_an_etag_that_never_changes_hides_news_for_a_day_at_most_and_is_found_out(
    polls: Polls, newsroom: Newsroom
) -> None:
    newsroom.stuck = {"/feed.xml", "/"}
    polls()
    newsroom.feed(1, 2, 3)
    polls.pass_time(hours=2)
    polls()
    assert polls.found() == 2  # believed, so far
    polls.pass_time(hours=23)
    polls()
    assert polls.found() == 3
    assert polls.learnt()["/feed.xml"].distrusted_until is not None
    newsroom.feed(1, 2, 3, 4)
    polls.pass_time(hours=2)
    polls()
    assert polls.found() == 4


def test_an_honest_server_is_asked_for_all_of_it_less_and_less(
    polls: Polls, newsroom: Newsroom
) -> None:
    polls()
    unconditional = []
    for _ in range(9):
        polls.pass_time(days=1)
        newsroom.asked.clear()
        polls()
        unconditional.append(("/feed.xml", False) in newsroom.asked)
    assert unconditional[0]
    assert 2 <= sum(unconditional) <= 4
    assert polls.learnt()["/feed.xml"].distrusted_until is None


def test_a_feed_that_is_gone_is_said_to_be_and_looked_for_now_and_then(
    polls: Polls, newsroom: Newsroom, newsbot: Command
) -> None:
    polls()
    del newsroom.pages["/feed.xml"]
    polls.pass_time(days=1)
    polls()
    feed = polls.learnt()["/feed.xml"]
    assert feed.gone
    assert state_of(feed, datetime.now(UTC)) == "gone since 1 d ago: answered 404"
    assert "gone since" in newsbot("source", "show", "newsroom").stdout
    polls.pass_time(days=30)
    newsroom.asked.clear()
    polls()
    assert ("/feed.xml", False) in [(path, False) for path, _ in newsroom.asked]
    assert 5 * 86_400 < wait_of(polls.learnt()["/feed.xml"]) < 9 * 86_400
    assert wait_of(polls.learnt()["/"]) < 7 * 3_600  # the front page leads now

    newsroom.feed(1, 2, 3)
    polls.pass_time(days=10)
    polls()
    assert polls.found() == 3
    assert not polls.learnt()["/feed.xml"].gone


def test_a_feed_that_has_moved_for_good_is_asked_where_it_is(
    polls: Polls, newsroom: Newsroom
) -> None:
    newsroom.feed(1, 2, path="/new.xml")
    newsroom.put("/feed.xml", "", status=301, Location=f"{newsroom.base}/new.xml")
    polls()
    newsroom.feed(1, 2, 3, path="/new.xml")
    newsroom.asked.clear()
    polls.pass_time(hours=6)
    polls()
    assert [path for path, _ in newsroom.asked if path.endswith(".xml")] == ["/new.xml"]
    assert polls.found() == 3


def test_a_sitemap_that_an_index_names_is_an_entry_point_of_its_own(
    polls: Polls, newsroom: Newsroom, database: Database
) -> None:
    def sitemap(*numbers: int) -> str:
        return "".join(
            f"<url><loc>{newsroom.base}{newsroom.article(number)}</loc></url>" for number in numbers
        )

    newsroom.put(
        "/index.xml",
        f"<sitemapindex><sitemap><loc>{newsroom.base}/posts-1.xml</loc></sitemap></sitemapindex>",
    )
    newsroom.put("/posts-1.xml", f"<urlset>{sitemap(7)}</urlset>")
    ways = (*polls.source.entry_points, Way(url=f"{newsroom.base}/index.xml", kind="sitemap"))
    polls = attrs.evolve(polls, source=attrs.evolve(polls.source, entry_points=ways))
    sources.change(database, polls.source.id, entry_points=ways)
    polls()
    assert polls.found() == 3
    newsroom.put("/posts-1.xml", f"<urlset>{sitemap(7, 8)}</urlset>")
    newsroom.asked.clear()
    polls.pass_time(days=1)
    polls()
    assert polls.found() == 4
    assert polls.learnt()["/posts-1.xml"].parent == f"{newsroom.base}/index.xml"


def test_a_section_that_a_sitemap_names_is_read_for_its_links_alone(
    polls: Polls, newsroom: Newsroom, database: Database
) -> None:
    # Its introduction is as long as an article's text.
    said = "".join(
        f"<p>All about the harbour, day by day, and week {n} of it.</p>" for n in range(30)
    )
    links = f'<a href="{newsroom.article(7)}">Story 7 of this very day</a>'
    newsroom.put("/harbour", f"<!doctype html><h1>Harbour</h1><main>{said}{links}</main>")
    newsroom.put("/pages.xml", f"<urlset><url><loc>{newsroom.base}/harbour</loc></url></urlset>")
    ways = (
        *polls.source.entry_points,
        Way(url=f"{newsroom.base}/pages.xml", kind="sitemap"),
        Way(url=f"{newsroom.base}/harbour", kind="page"),
    )
    sources.change(database, polls.source.id, entry_points=ways)
    attrs.evolve(polls, source=attrs.evolve(polls.source, entry_points=ways))()
    assert sorted(each["url"].rpartition("/")[2] for each in database.articles.find({})) == [
        f"story-{number}-of-the-day.html" for number in (1, 2, 7)
    ]
