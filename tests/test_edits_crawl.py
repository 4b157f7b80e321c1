"""Edits through the real chain: a site on loopback, real crawls, MongoDB.

Time passes by ageing what the archive has on record, never by waiting.
"""

import http.server
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import uvicorn

from newsbot.archive import articles, revisions
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.demo import SITES, newsroom
from newsbot.demo.newsroom import Newsroom
from newsbot.demo.stock import Edit, stock
from newsbot.demo.website import Website
from tests.changing_pages import page, stories
from tests.conftest import Command, free_port


class Pages:
    """A site whose every page is made by a function of its path: a status and a body."""

    def __init__(self) -> None:
        self.answer: Callable[[str], tuple[int, bytes]] = lambda path: (404, b"")
        pages = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, body = pages.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site() -> Iterator[Pages]:
    made = Pages()
    yield made
    made.close()


@pytest.fixture
def looking(settings: Config) -> Command:
    """The command line, with a look for edits due at every crawl."""
    return Command(settings, revisit_after=str([0] * 12), retries=0, retry_pause=0.02)


def pass_time(database: Database, hours: float) -> None:
    """Let everything that is on record of pages and doubts be so much older."""
    by = timedelta(hours=hours)
    moments = ("fetched_at", "next_visit", "gone.since", "gone.last")
    for each in database.pages.find({}):
        earlier = {name: _at(each, name) for name in moments}
        database.pages.update_one(
            {"_id": each["_id"]}, {"$set": {n: at - by for n, at in earlier.items() if at}}
        )
    for each in database.articles.find({"doubt": {"$ne": None}}):
        database.articles.update_one(
            {"_id": each["_id"]}, {"$set": {"doubt.since": each["doubt"]["since"] - by}}
        )


def _at(document: Any, name: str) -> datetime | None:
    for part in name.split("."):
        document = (document or {}).get(part)
    return document


def kinds(database: Database) -> dict[str, list[list[str]]]:
    """Return, by the path of each article that was edited, the kinds of each of its edits."""
    found = {}
    for document in database.articles.find({}):
        kept = articles.from_stored(document)
        told = revisions.versions(database, kept)
        assert [each.number for each in told] == list(range(1, len(told) + 1))
        if len(told) > 1:
            path = "/" + kept.article.url.split("/", 3)[3]
            found[path] = [list(each.kinds) for each in told[1:]]
    return found


def expected(edit: Edit) -> list[str]:
    said = {"headline": edit.title, "correction": edit.correction, "addition": edit.paragraph}
    return [kind for kind, text in said.items() if text]


def test_each_edit_of_the_demo_is_one_revision_of_its_kind(
    monkeypatch: pytest.MonkeyPatch, looking: Command, database: Database
) -> None:
    told = stock()["courier"]
    monkeypatch.setattr(newsroom, "OPENING_PER_SITE", len(told))
    begun = datetime.now(UTC) - timedelta(hours=6)
    clock = [begun]
    room = Newsroom({"courier": told}, interval=60)
    room.advance(begun)
    (courier,) = (each for each in SITES if each.name == "courier")
    base = f"http://127.0.0.1:{free_port()}"
    application = Website(courier, room, base, lambda: clock[0]).application()
    port = int(base.rpartition(":")[2])
    server = uvicorn.Server(
        uvicorn.Config(application, port=port, log_config=None, log_level="error")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    # Between these moments no story is edited twice.
    moments = (0.0, 6.0, 8.5, 13.0)
    for story in told:
        made = [sum(edit.after <= at for edit in story.edit) for at in moments]
        assert all(after - before <= 1 for before, after in pairwise(made)), story.key
    try:
        for at in moments:
            clock[0] = begun + timedelta(minutes=at)
            done = looking.json("crawl", base)
            assert done["state"] == "done"  # type: ignore[index]
    finally:
        server.should_exit = True
        thread.join()

    assert database.articles.count_documents({}) == len(told)
    edited = [[expected(edit) for edit in story.edit] for story in told if story.edit]
    assert sorted(kinds(database).values()) == sorted(edited)
    assert database.revisions.count_documents({}) == sum(map(len, edited))


LOST = "<html><head><title>{}</title></head><body><h1>{}</h1><p>{}</p></body></html>"
FAILED_VISITS: list[tuple[int, bytes]] = [
    (200, LOST.format("Just a moment...", "Checking your browser", "Enable JavaScript.").encode()),
    (403, LOST.format("Access denied", "Access denied", "Reference #18.2d351ab8").encode()),
    (200, LOST.format("Before you continue", "We value your privacy", "Accept all cookies? " * 40).encode()),
    (200, LOST.format("Log in", "Log in", "E-mail, password. Forgot it?").encode()),
    (200, LOST.format("Page not found", "Page not found", "We could not find that page.").encode()),
    (500, b"oops"),
    (503, LOST.format("Service unavailable", "Maintenance", "We will be back soon.").encode()),
    (502, b""),
    # Nothing says that this is a wall, so that it passes for an article.
    (200, LOST.format("Courier", "Your region", "Readers of your region are asked to choose a "
     "newspaper that is printed nearer to where they live, which they find on the next sheet. " * 6).encode()),
    (200, b"<html><body></body></html>"),
    (200, b""),
    (404, LOST.format("404", "Not found", "").encode()),
]  # fmt: skip


def test_pages_that_nobody_edited_make_no_revision_whatever_surrounds_or_replaces_them(
    site: Pages, looking: Command, database: Database
) -> None:
    told = {f"/{each.path}": each for each in stories(25)}
    home = "".join(f'<p><a href="{path}">{path} a story of the day</a></p>' for path in told)
    visit = [0]

    def dressed(path: str) -> tuple[int, bytes]:
        if path == "/":
            return 200, f"<html><body>{home}</body></html>".encode()
        return (200, page(told[path], visit[0])) if path in told else (404, b"")

    def replaced(path: str) -> tuple[int, bytes]:
        number = list(told).index(path) if path in told else 0
        return FAILED_VISITS[number % len(FAILED_VISITS)] if path in told else dressed(path)

    site.answer = dressed
    first = looking.json("crawl", site.base)
    assert first["counters"]["new"] == 25  # type: ignore[index]
    for visit[0] in (1, 2):
        looked = looking.json("crawl", site.base)["counters"]  # type: ignore[index]
        assert looked["known"] == 25, looked
    site.answer = replaced
    failed = looking.json("crawl", site.base)["counters"]  # type: ignore[index]
    assert failed.get("known", 0) == failed.get("edited", 0) == failed.get("refused_busy", 0) == 0
    assert failed["doubtful"] == 2
    site.answer = dressed
    pass_time(database, 72)
    visit[0] = 3
    again = looking.json("crawl", site.base)["counters"]  # type: ignore[index]

    assert again["known"] == 25
    assert database.revisions.count_documents({}) == 0
    assert Counter(each["revision"] for each in database.articles.find()) == {1: 25}


SECTIONS = ("harbour", "bakery", "library", "school", "theatre", "railway", "market", "museum")


def report(about: str, *, keep: float = 1.0, title: str = "", by: str = "", at: str = "") -> str:
    """Return a page about something; ``keep`` is the part of its text that it shows."""
    text = [
        f"The council of Greywick decided on Monday what is to become of its {about} next year.",
        f"Residents had asked since March for longer hours at the {about}, and 212 signed for it.",
        f"Money for the {about} comes from a fund that the county set up after the flood of 2019.",
        f"Work on the roof of the {about} begins in May and is to last until the first frost.",
        f"A second vote on the {about} will follow when the treasurer has heard the builders.",
    ]
    shown = " ".join(text).split()
    body = " ".join(shown[: int(keep * len(shown))])
    return (
        f'<html lang="en"><head><meta charset="utf-8"><title>{title or f"The {about} stays"}</title>'
        f'<meta property="og:type" content="article">'
        f'<meta property="article:published_time" content="{at or "2026-03-01T08:00:00Z"}"></head>'
        f"<body><article><h1>{title or f'Council decides: the {about} stays'}</h1>"
        f'<p class="byline">By <a rel="author" href="/by">{by or "Anna Reed"}</a></p>'
        f"<p>{body}</p></article></body></html>"
    )


WITHDRAWN = """<html><body><article><h1>Council decides: the theatre stays</h1><p>This article has been
withdrawn, since what it said was wrong.</p></article></body></html>"""


class Reports:
    """Pages about the sections of a town; ``instead`` are answers other than the whole report."""

    def __init__(self) -> None:
        self.instead: dict[str, tuple[int, str]] = {}

    def __call__(self, path: str) -> tuple[int, bytes]:
        links = "".join(
            f'<p><a href="/a/{each}-1.html">What becomes of the {each}</a></p>' for each in SECTIONS
        )
        if path == "/":
            return 200, f"<html><body>{links}</body></html>".encode()
        about = path.removeprefix("/a/").removesuffix("-1.html")
        status, text = self.instead.get(about, (200, report(about) if about in SECTIONS else ""))
        return (status if text or status != 200 else 404), text.encode()


@pytest.fixture
def reports(site: Pages, looking: Command) -> Reports:
    site.answer = made = Reports()
    done = looking.json("crawl", site.base)
    assert done["counters"]["new"] == len(SECTIONS)  # type: ignore[index]
    return made


def test_every_field_that_changes_makes_a_revision_of_its_kind(
    site: Pages, reports: Reports, looking: Command, database: Database
) -> None:
    reports.instead = {
        "harbour": (200, report("harbour", title="Harbour is to close")),
        "bakery": (200, report("bakery", by="Tom Gale")),
        "library": (200, report("library", at="2026-03-02T09:30:00Z")),
        "school": (200, report("school").replace("212", "221")),
        "theatre": (200, WITHDRAWN),
        "railway": (200, report("railway", keep=0.7)),
    }
    looking.json("crawl", site.base)

    assert kinds(database) == {
        "/a/harbour-1.html": [["headline"]],
        "/a/bakery-1.html": [["byline"]],
        "/a/library-1.html": [["date"]],
        "/a/school-1.html": [["correction"]],
        "/a/theatre-1.html": [["retraction"]],
        "/a/railway-1.html": [["cut"]],
    }
    before = database.revisions.find_one({"number": 1, "authors": "Anna Reed"})
    assert before
    assert before["published"]["day"] == "2026-03-01"


def test_what_all_pages_of_a_site_lose_is_no_edit_and_what_one_loses_is_one_once_it_is_confirmed(
    site: Pages, reports: Reports, looking: Command, database: Database
) -> None:
    reports.instead = {each: (200, report(each, keep=0.3)) for each in SECTIONS}
    for _ in range(2):
        looking.json("crawl", site.base)
        pass_time(database, 72)
    assert kinds(database) == {}
    assert database.articles.count_documents({"doubt.looks": 2}) == len(SECTIONS)

    reports.instead = {}
    looking.json("crawl", site.base)
    assert kinds(database) == {}
    assert database.articles.count_documents({"doubt": {"$ne": None}}) == 0

    pass_time(database, 72)
    reports.instead = {"school": (200, report("school", keep=0.3))}
    looking.json("crawl", site.base)
    assert kinds(database) == {}
    pass_time(database, 72)
    looking.json("crawl", site.base)
    assert kinds(database) == {"/a/school-1.html": [["cut"]]}


def test_a_page_is_deleted_when_it_was_gone_on_three_visits_over_a_day_and_restored_when_it_returns(
    site: Pages, reports: Reports, looking: Command, database: Database
) -> None:
    reports.instead = {"museum": (404, "gone"), "market": (410, "gone"), "school": (503, "later")}
    for _ in range(2):
        looking.json("crawl", site.base)
        pass_time(database, 14)
    assert database.articles.count_documents({"deleted_at": {"$ne": None}}) == 0
    looking.json("crawl", site.base)

    deleted = {each["url"]: each for each in database.articles.find({"deleted_at": {"$ne": None}})}
    assert set(deleted) == {f"{site.base}/a/museum-1.html", f"{site.base}/a/market-1.html"}
    museum = deleted[f"{site.base}/a/museum-1.html"]
    assert kinds(database)["/a/museum-1.html"] == [["deletion"]]
    assert "Greywick" in museum["body"]
    shown = looking("show", museum["_id"]).stdout
    assert "taken down" in shown

    reports.instead = {"market": (410, "gone")}
    pass_time(database, 24 * 8)
    looking.json("crawl", site.base)
    assert kinds(database)["/a/museum-1.html"] == [["deletion"], ["restored"]]
    assert database.articles.find_one({"_id": museum["_id"]})["deleted_at"] is None  # type: ignore[index]
    assert kinds(database)["/a/market-1.html"] == [["deletion"]]
