"""``newsbot triage`` and ``newsbot collection``: as a new user types them."""

import json
from pathlib import Path

import pytest

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.search.follow import catch_up
from tests.announcing import add_source, publish, story
from tests.conftest import InProcess

MORE = "Bread costs more since Monday. The council met, and spoke of trams and of bridges."


@pytest.fixture
def ids(database: Database, settings: Config) -> list[str]:
    add_source(database, "herald")
    kept = publish(database, story("a"), story("b", title="Bread costs more", body=MORE))
    catch_up(settings, database)
    return [each.article.id for each in kept]


def test_stories_are_listed_marked_and_taken_back(ids: list[str], newsbot_here: InProcess) -> None:
    listed = newsbot_here("triage", "list")
    assert listed.returncode == 0
    assert "Bread costs more" in listed.stdout
    assert newsbot_here("triage", "mark", "read", ids[1]).stdout.strip() == "1 story marked."
    assert "Bread costs more" not in newsbot_here("triage", "list").stdout
    assert newsbot_here("triage", "undo").returncode == 0
    told = json.loads(newsbot_here("triage", "list", "bread", "--json").stdout)
    assert [each["article"] for each in told["stories"]] == [ids[1]]

    newsbot_here("triage", "mark", "take", ids[0], "--reader", "ada")
    late = newsbot_here("triage", "mark", "take", ids[0], "--reader", "bob")
    assert late.returncode == 1
    assert "ada has it" in late.stdout
    taken = newsbot_here("triage", "list", "--show", "taken").stdout
    assert "taken (ada)" in taken


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (("triage", "list", "--show", "old"), 2, "there is no list 'old'"),
        (("triage", "list", "("), 2, "^"),
        (("triage", "list", "--alert", "none"), 2, "newsbot alert list"),
        (("triage", "mark", "eat", "x"), 2, "there is no mark 'eat'"),
        (("triage", "mark", "read", "x"), 1, "there is no story or article x"),
        (("triage", "undo"), 1, "nothing to take back"),
        (("collection", "show", "none"), 1, "newsbot collection list"),
        (("collection", "add", "Port", "none"), 1, "there is no article none"),
        (("collection", "add", "Port", "none", "--share", "all"), 2, "edited by the desk"),
        (("collection", "export", "Port", "--to", "x.txt"), 2, "cannot be told by its name"),
    ],
)
@pytest.mark.usefixtures("database")
def test_what_cannot_be_is_said(
    newsbot_here: InProcess, command: tuple[str, ...], code: int, said: str
) -> None:
    done = newsbot_here(*command)
    assert done.returncode == code
    assert said in done.stderr


def test_a_collection_is_filled_shown_and_exported(
    ids: list[str], newsbot_here: InProcess, tmp_path: Path
) -> None:
    assert "There are no collections yet" in newsbot_here("collection", "list").stdout
    added = newsbot_here("collection", "add", "Port", *ids, "--note", "first hand", "--tags", "a,b")
    assert added.stdout.strip() == "Port: 2 added, 2 in it now."
    again = newsbot_here("collection", "add", "port", "https://herald.example/a")
    assert again.stdout.strip() == "Port: 0 added, 2 in it now."
    told = json.loads(newsbot_here("collection", "list", "--json").stdout)
    assert [(each["name"], each["articles"]) for each in told] == [("Port", 2)]
    assert "first hand" in newsbot_here("collection", "show", "Port").stdout
    for name in ("found.jsonl", "found.csv", "found.parquet"):
        to = tmp_path / name
        assert newsbot_here("collection", "export", "Port", "--to", str(to)).returncode == 0
        assert to.stat().st_size > 100
    first = json.loads((tmp_path / "found.jsonl").read_text().splitlines()[0])
    assert (first["position"], first["note"], first["id"]) == (1, "first hand", ids[0])
    assert first["note_tags"] == ["a", "b"]
