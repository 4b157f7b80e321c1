"""``newsbot search``: a table for people, JSON and CSV for programs, counts and timelines."""

import csv
import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from newsbot.archive import articles, sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.cli import listed
from newsbot.config import Config
from newsbot.extraction import extract
from newsbot.items import Article
from newsbot.reading import read
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from newsbot.text.dates import ParsedDate
from tests.conftest import InProcess

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)


def article(number: int, title: str, body: str, **changed: object) -> Article:
    url = f"https://paper{number % 2}.example/{number}"
    fields: dict[str, object] = {
        "id": articles.article_id(url),
        "url": url,
        "fetched_url": url,
        "source": f"source{number % 2}",
        "fetched_at": NOW,
        "title": title,
        "body": body,
        "language": "en",
        "published": ParsedDate(date(2026, 2, 1) + timedelta(days=number)) if number else None,
    }
    return Article(**{**fields, **changed})  # type: ignore[arg-type]


@pytest.fixture
def here(newsbot_here: InProcess, database: Database) -> InProcess:
    """The command line over five articles of two sources, of which one is undated."""
    for number, name in enumerate(("Coast Daily", "بريد النهر")):
        home = f"https://paper{number}.example/"
        sources.add(database, Source(id=f"source{number}", name=name, homepage=home, added_at=NOW))
    made = [article(n, f"=Storm {n}", f"The storm of day {n}.") for n in range(5)]
    judged = articles.judge(database, [*map(read, made)])
    articles.keep(database, judged, now=NOW)
    return newsbot_here


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_page_says_how_much_was_found_and_how_much_of_it_is_undated(here: InProcess) -> None:
    said = here("search", "storm", "--limit", "2").stdout
    assert "2 of 5 stories, 5 articles, 1 without a known date" in said
    assert "The next page: --after " in said


def test_pages_follow_each_other_by_their_tokens(here: InProcess) -> None:
    found: Any = here.json("search", "storm", "--limit", "2")
    ids: list[str] = []
    while True:
        ids += [hit["id"] for hit in found["hits"]]
        if found["next"] is None:
            break
        found = here.json("search", "storm", "--limit", "2", "--after", found["next"])
    assert len(ids) == len(set(ids)) == 5


def test_a_token_that_is_none_is_refused(here: InProcess) -> None:
    done = here("search", "storm", "--after", "nonsense")
    assert (done.returncode, "this is no page of a search" in done.stderr) == (2, True)


def test_csv_is_one_row_a_hit_with_no_formula_in_it(here: InProcess) -> None:
    told = rows(here("search", "storm", "--csv").stdout)
    assert sorted(each["title"] for each in told) == [f"'=Storm {n}" for n in range(5)]
    assert sorted(each["published"] for each in told)[:2] == ["", "2026-02-02"]


def test_facets_and_a_timeline_give_their_numbers(here: InProcess) -> None:
    told = rows(here("search", "storm", "--facets", "--csv").stdout)
    assert [
        (each["value"], each["id"], each["count"]) for each in told if each["facet"] == "source"
    ] == [("Coast Daily", "source0", "3"), ("بريد النهر", "source1", "2")]
    bars = rows(here("search", "storm", "--timeline", "day", "--csv").stdout)
    assert [(each["first"], each["count"], each["total_collected"]) for each in bars] == [
        (f"2026-02-0{n}", "1", "1") for n in (2, 3, 4, 5)
    ]
    assert all("was not yet added" in each["gap"] for each in bars)
    found: Any = here.json("search", "storm", "--facets", "--timeline", "month")
    assert found["facets"]["language"]["values"][0]["count"] == 5
    assert [each["count"] for each in found["timeline"]["bars"]] == [4]
    assert found["timeline"]["undated"] == 1
    seen: Any = here.json("search", "storm", "--timeline", "day", "--seen")
    assert [(each["first"], each["count"]) for each in seen["timeline"]["bars"]] == [
        ("2026-03-01", 5)
    ]
    said = here("search", "storm", "--facets", "--timeline", "week").stdout
    assert "  3  Coast Daily" in said
    assert "undated    1" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--timeline", "year"), "give day, week or month"),
        (("--csv", "--facets", "--timeline", "day"), "CSV is one table"),
        (("--csv", "--json"), "CSV is one table"),
    ],
)
def test_what_cannot_be_asked_is_said(
    words: tuple[str, ...], sentence: str, here: InProcess
) -> None:
    done = here("search", "storm", *words)
    assert (done.returncode, sentence in done.stderr) == (2, True)


def test_the_passage_is_shown_as_published_and_marked(
    newsbot_here: InProcess, database: Database, shared: Path
) -> None:
    gold = json.loads((shared / "seed/mada_post.gold.json").read_text())
    page = extract((shared / "seed/mada_post.html").read_bytes(), "https://paper0.example/0")
    seed = article(0, page.title, page.body, language="ar")
    articles.keep(database, articles.judge(database, [read(seed)]), now=NOW)
    assert "[إطـ.ـلاق النـ.ـار]" in newsbot_here("search", '"إطلاق النار"').stdout
    for query in gold["found_by"]:
        assert newsbot_here("search", query).returncode == 0, query
    for query in gold["not_found_by"]:
        assert newsbot_here("search", query).returncode == 1, query


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal_or_turns_another_around(
    width: int,
    here: InProcess,
    settings: Config,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = article(7, "عاصفة " * 30, "storm عاصفة في الساحل " * 40)
    articles.keep(database, articles.judge(database, [read(long)]), now=NOW)
    catch_up(settings, database)
    out = io.StringIO()
    screen = Console(file=out, force_terminal=True, width=width, color_system="standard")
    monkeypatch.setattr(listed, "console", screen)
    listed.print_hits(Reader(settings, database).search("storm").hits)
    for line in re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue()).split("\n"):
        assert cell_len(line) <= width
        assert line.count("\u2068") == line.count("\u2069")
