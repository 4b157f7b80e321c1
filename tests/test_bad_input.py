"""Bad input gets one clear sentence: what, where, what to do. Nothing is half-done."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsbot.archive.connection import Database
from newsbot.config import Config
from tests.conftest import Command, Site, free_port


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


@pytest.mark.usefixtures("nothing_changed")
@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("crawl", "nowhere"), 1, "there is no source 'nowhere'"),
        (("source", "show", "nowhere"), 1, "there is no source 'nowhere'"),
        (("source", "add", "not an address"), 2, "is no web address"),
        (("source", "add", "ftp://news.example/"), 2, "is no web address"),
        (("schedule", "add", "nowhere", "--every", "1h"), 1, "there is no source 'nowhere'"),
        (("schedule", "add", "nowhere"), 2, "give one of --cron, --every and --at"),
        (("search", '"open phrase'), 2, "^"),
        (("alert", "add", "x", "NOT only NOT exclusions"), 2, "exclu"),
        (("alert", "add", "x", "date:>7d"), 2, "relative age"),
        (("alert", "add", "x", "fine", "--webhook", "nonsense"), 2, "is no web address"),
        (("show", "0" * 24), 1, "there is no article"),
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
    for words in (("crawl", address), ("source", "add", address), ("source", "test", address)):
        assert "cannot be reached" in says(newsbot, *words, code=1)


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
    assert "there already" in says(newsbot, "source", "add", site.base + "/", code=1)
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
    for words in (("search", "x"), ("up",), ("doctor",)):
        text = says(newsbot, *words, code=1)
        assert str(blocked / "data") in text
        assert "NEWSBOT_DATA_DIR" in text


def test_a_mongodb_that_does_not_answer_is_named(config: Config) -> None:
    address = f"mongodb://127.0.0.1:{free_port()}/"
    newsbot = Command(config, mongodb_uri=address)
    for words in (("search", "x"), ("up",), ("doctor",)):
        text = says(newsbot, *words, code=1)
        assert address in text
        assert "NEWSBOT_MONGODB_URI" in text


def test_a_password_is_never_said(config: Config) -> None:
    address = f"mongodb://desk:hunter2@127.0.0.1:{free_port()}/"
    assert "hunter2" not in says(Command(config, mongodb_uri=address), "search", "x", code=1)


def test_a_setting_that_cannot_be_is_named(config: Config) -> None:
    text = says(Command(config, web_port="http"), "search", "x", code=2)
    assert "NEWSBOT_WEB_PORT" in text
