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
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="error"))
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
    (200, b"<html><body></body></html>"),
    (200, b""),
    (404, LOST.format("404", "Not found", "").encode()),
]  # fmt: skip


def test_pages_that_nobody_edited_make_no_revision_whatever_surrounds_or_replaces_them(
    site: Pages, looking: Command, database: Database
) -> None:
    told = {f"/{each.path}": each for each in stories(25)}
    home = "".join(f'<p><a href="{path}">{path} a story of the day</a></p>' for path in told)
    visit = 0

    def dressed(path: str) -> tuple[int, bytes]:
        if path == "/":
            return 200, f"<html><body>{home}</body></html>".encode()
        return (200, page(told[path], visit)) if path in told else (404, b"")

    def replaced(path: str) -> tuple[int, bytes]:
        number = list(told).index(path) if path in told else 0
        return FAILED_VISITS[number % len(FAILED_VISITS)] if path in told else dressed(path)

    site.answer = dressed
    first = looking.json("crawl", site.base)
    assert first["counters"]["new"] == 25  # type: ignore[index]
    for visit in (1, 2):
        looked = looking.json("crawl", site.base)["counters"]  # type: ignore[index]
        assert looked["known"] == 25, looked
    site.answer = replaced
    failed = looking.json("crawl", site.base)["counters"]  # type: ignore[index]
    assert failed.get("known", 0) == failed.get("edited", 0) == failed.get("refused_busy", 0) == 0
    site.answer = dressed
    pass_time(database, 72)
    visit = 3
    again = looking.json("crawl", site.base)["counters"]  # type: ignore[index]

    assert again["known"] == 25
    assert database.revisions.count_documents({}) == 0
    assert Counter(each["revision"] for each in database.articles.find()) == {1: 25}
