"""``newsbot extract``: a page's article on the terminal, from an address or a file."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Command, Site
from tests.test_extraction import PAGE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "harbour.html"
    path.write_text(PAGE, encoding="utf8")
    return path


def test_an_address_is_fetched_and_read(make_site: Callable[[], Site], newsbot: Command) -> None:
    site = make_site()
    address = site.write("a/harbour.html", PAGE)
    done = newsbot("extract", address)
    assert done.returncode == 0, done.stderr
    assert "Harbour opens after nine days" in done.stdout
    assert "Amara Nwosu, Petra Lindqvist" in done.stdout
    assert "2026-03-01" in done.stdout
    assert "The council will decide next month" in done.stdout
    assert "Read also" not in done.stdout
    assert "/robots.txt" in site.requests


def test_a_page_that_robots_txt_closes_is_not_read(
    make_site: Callable[[], Site], newsbot: Command
) -> None:
    site = make_site()
    site.write("robots.txt", "User-agent: *\nDisallow: /a/\n")
    done = newsbot("extract", site.write("a/harbour.html", PAGE))
    assert done.returncode == 1
    assert "/a/harbour.html" not in site.requests
    assert len(done.stderr.splitlines()) == 1


def test_a_file_is_read_without_the_network(newsbot: Command, file: Path) -> None:
    done = newsbot("extract", str(file), "--url", "https://courier.example/harbour")
    assert done.returncode == 0, done.stderr
    assert "https://courier.example/harbour" in done.stdout


def test_json_has_every_field(newsbot: Command, file: Path) -> None:
    found = newsbot.json("extract", str(file), "--url", "https://courier.example/harbour")
    assert isinstance(found, dict)
    assert found["title"] == "Harbour opens after nine days"
    assert found["authors"] == ["Amara Nwosu", "Petra Lindqvist"]
    assert found["published"]["day"] == "2026-03-01"
    assert found["is_article"] is True
    assert "explanation" not in found


def test_explained_it_says_where_each_came_from_and_what_was_left_out(
    newsbot: Command, file: Path
) -> None:
    done = newsbot("extract", str(file), "--explain")
    assert "meta" in done.stdout
    assert "text from: page" in done.stdout
    assert "sends elsewhere" in done.stdout
    done = newsbot("extract", str(file), "--explain", "--json")
    why = json.loads(done.stdout)["explanation"]
    assert why["text_from"] == "page"
    assert any(each["taken"] for each in why["considered"]["title"])
    assert any("dredger that never came" in each["text"] for each in why["left_out"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nowhere.html",), 2, "is no web address and no file"),
        (("http://127.0.0.1:1/a",), 1, "refuses the connection"),
        (("{file}", "--url", "not an address"), 2, "is no web address"),
        (("{folder}",), 2, "no file that can be read"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    newsbot: Command, file: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    done = newsbot("extract", *(word.format(file=file, folder=file.parent) for word in words))
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("page", ["", "\0\0\0", "<title>404 Not Found</title><p>Not here."])
def test_a_page_that_is_no_article_ends_with_1_and_says_why(
    newsbot: Command, tmp_path: Path, page: str
) -> None:
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf8")
    done = newsbot("extract", str(path))
    assert done.returncode == 1
    assert done.stdout.startswith("kind")
    assert "Traceback" not in done.stderr
