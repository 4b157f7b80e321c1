"""Bad input gets one clear sentence: what, where, what to do. Nothing is half-done."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.archive import sources, users
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.people import changing
from tests.conftest import Command, Site, free_port

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def nothing_changed(database: Database) -> Iterator[None]:
    """Hold that a command left no source, run or article behind."""
    yield
    for collection in (database.sources, database.runs, database.articles, database.alerts):
        assert collection.count_documents({}) == 0


def says(newsbot: Command, *words: str, code: int) -> str:
    """Run a command that fails, and return the sentence it says."""
    done = newsbot(*words)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr + done.stdout


def each_says(newsbot: Command, *commands: tuple[str, ...], code: int) -> Iterator[str]:
    """Run commands that fail side by side, and return the sentence that each says."""
    with ThreadPoolExecutor() as together:
        yield from together.map(lambda words: says(newsbot, *words, code=code), commands)


@pytest.mark.usefixtures("nothing_changed")
@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("crawl", "nowhere"), 1, "there is no source 'nowhere'"),
        (("crawl", "http://"), 2, "is no web address"),
        (("crawl", "http://no such host/"), 2, "is no web address"),
        (("source", "show", "nowhere"), 1, "there is no source 'nowhere'"),
        (("source", "add", "not an address"), 2, "is no web address"),
        (("source", "add", "ftp://news.example/"), 2, "is no web address"),
        (("schedule", "add", "nowhere", "--every", "1h"), 1, "there is no source 'nowhere'"),
        (("schedule", "add", "nowhere"), 2, "give one of --cron, --every and --at"),
        (("search", '"open phrase'), 2, "^"),
        (("alert", "add", "x", "NOT only NOT exclusions"), 2, "exclu"),
        (("alert", "add", "x", "date:>7d"), 2, "relative age"),
        (("alert", "add", "x", "fine", "--webhook", "nonsense"), 2, "is no web address"),
        (("alert", "add", " ", "fine"), 2, "the alert has no name"),
        (("show", "0" * 24), 1, "there is no article"),
        (("runs", "nowhere"), 1, "there is no source 'nowhere'"),
        (("search", "fine", "--order", "best"), 2, "give newest or relevance"),
        (("part", "nothing"), 2, "there is no part"),
    ],
)
def test_a_wrong_word_is_answered_with_a_sentence(
    words: tuple[str, ...], code: int, sentence: str, newsbot: Command
) -> None:
    assert sentence in says(newsbot, *words, code=code)


@pytest.mark.usefixtures("nothing_changed")
def test_a_site_that_is_down_is_said_to_be(newsbot: Command) -> None:
    address = f"http://127.0.0.1:{free_port()}/"
    commands = (("crawl", address), ("source", "add", address), ("source", "test", address))
    for text in each_says(newsbot, *commands, code=1):
        assert "cannot be reached" in text


def test_a_known_source_that_is_down_fails_its_run_in_words(
    newsbot: Command, make_site: Callable[[], Site], database: Database
) -> None:
    site = make_site()
    site.write("index.html", '<a href="/a/1.html">A first story of the day</a>')
    name = newsbot.json("source", "add", site.base)["name"]
    site.close()
    assert "refused the connection" in says(newsbot, "crawl", name, code=1)
    assert database.runs.find_one()["state"] == "failed"


def test_a_site_without_articles_says_so(
    newsbot: Command, make_site: Callable[[], Site], database: Database
) -> None:
    site = make_site()
    site.write("index.html", "<html><body><h1>Under construction</h1></body></html>")
    assert "shows no links to articles" in says(newsbot, "crawl", site.base, code=1)
    assert database.sources.count_documents({}) == 0


def test_a_source_is_not_added_twice(
    newsbot: Command, make_site: Callable[[], Site], database: Database
) -> None:
    site = make_site()
    site.write("index.html", '<a href="/a/1.html">A first story of the day</a>')
    assert newsbot("source", "add", site.base).returncode == 0
    assert "is the source" in says(newsbot, "source", "add", site.base + "/", code=1)
    assert database.sources.count_documents({}) == 1


def test_a_port_in_use_is_named(config: Config) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = says(Command(config, web_port=port), "up", code=1)
    assert f"port {port}" in text
    assert "NEWSBOT_WEB_PORT" in text


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path, config: Config) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    newsbot = Command(config.model_copy(update={"data_dir": blocked / "data"}))
    for text in each_says(newsbot, ("search", "x"), ("up",), ("doctor",), code=1):
        assert str(blocked / "data") in text
        assert "NEWSBOT_DATA_DIR" in text


def test_a_mongodb_that_does_not_answer_is_named(config: Config) -> None:
    address = f"mongodb://127.0.0.1:{free_port()}/"
    newsbot = Command(config, mongodb_uri=address)
    for text in each_says(newsbot, ("search", "x"), ("up",), ("doctor",), code=1):
        assert address in text
        assert "NEWSBOT_MONGODB_URI" in text


def test_a_password_is_never_said(config: Config) -> None:
    address = f"mongodb://desk:hunter2@127.0.0.1:{free_port()}/"
    assert "hunter2" not in says(Command(config, mongodb_uri=address), "search", "x", code=1)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("web_port", "http"),
        ("web_port", 0),
        ("database", "a.b"),
        ("mongodb_cache", "lots"),
        ("revisit_after", "soon"),
        ("revisit_after", "[1, soon]"),
    ],
)
def test_a_setting_that_cannot_be_is_named(config: Config, setting: str, value: object) -> None:
    text = says(Command(config, **{setting: value}), "search", "x", code=2)
    assert f"NEWSBOT_{setting.upper()}" in text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"web_port = ", "newsbot.toml cannot be read"),
        (b"\xff\xfe", "newsbot.toml cannot be read"),
        (b"wob_port = 3", "there is no setting 'wob_port'"),
    ],
)
def test_a_settings_file_that_cannot_be_is_named(
    config: Config, tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "newsbot.toml").write_bytes(content)
    newsbot = Command(config)
    newsbot.folder = tmp_path
    assert sentence in says(newsbot, "search", "x", code=2)


def test_an_address_that_is_not_this_machines_is_named(
    settings: Config, database: Database
) -> None:
    elsewhere = Command(settings, web_host="192.0.2.1")
    assert "newsbot user add NAME --role admin" in says(elsewhere, "up", code=1)
    changing.add(
        database, "lina", role=users.ADMIN, password="nine ferries at the quay", by="the test"
    )
    text = says(elsewhere, "up", code=1)
    assert "192.0.2.1 is no address of this machine" in text
    assert "NEWSBOT_WEB_HOST" in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--at", "2001-01-01T06:00"), "never comes again"),
        (("--at", "tomorrow"), "cannot be read"),
        (("--every", "0"), "between one second"),
        (("--every", "inf"), "between one second"),
        (("--every", "nan"), "between one second"),
        (("--every", "often"), "cannot be read"),
        (("--cron", "61 * * * *"), "cannot be read"),
        (("--cron", "0 6 * * *", "--timezone", "Mars/Olympus"), "there is no time zone"),
        (("--cron", "0 6 * * *", "--every", "1h"), "give one of"),
    ],
)
def test_a_rule_of_time_that_cannot_be_is_answered(
    words: tuple[str, ...],
    sentence: str,
    newsbot: Command,
    database: Database,
) -> None:
    sources.add(database, Source(id="s", name="one", homepage="http://x.example/", added_at=NOW))
    assert sentence in says(newsbot, "schedule", "add", "one", *words, code=2)
    assert database.schedules.count_documents({}) == 0


def test_an_export_that_fails_leaves_no_file_behind(newsbot: Command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    folder = out / "folder"
    folder.mkdir()
    assert "^" in says(newsbot, "export", '"open', "--to", str(out / "found.jsonl"), code=2)
    assert "cannot be written" in says(newsbot, "export", "x", "--to", str(folder), code=1)
    missing = out / "none" / "found.jsonl"
    assert "cannot be written" in says(newsbot, "export", "x", "--to", str(missing), code=1)
    assert list(out.iterdir()) == [folder]


@pytest.mark.skipif(
    bool(os.environ.get("NEWSBOT_TEST_MONGODB_URI")), reason="starts the embedded MongoDB"
)
def test_a_data_folder_that_was_removed_is_made_anew_at_once(config: Config) -> None:
    newsbot = Command(config)
    assert newsbot("runs").returncode == 0
    for _ in range(2):
        shutil.rmtree(config.data_dir)  # its database lingers for a moment still
        assert newsbot("runs").returncode == 0
