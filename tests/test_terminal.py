"""No command has a terminal obey what publishers, readers or files wrote, as a table or as JSON."""

import json
import re

import pytest

from newsbot.archive import articles, rules, sources
from newsbot.archive.connection import Database
from newsbot.cli.output import Terminal, in_json, print_csv
from newsbot.config import Config
from tests.conftest import InProcess
from tests.hostile_texts import FAMILIES, STORED
from tests.hostile_world import World, fill

# Whatever a terminal takes for more than a letter: line ends and tabs are.
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def world(settings: Config, database: Database) -> World:
    texts = (*FAMILIES["terminal"], *FAMILIES["controls"], *FAMILIES["headers"])
    return fill(settings, database, ["".join(texts)], STORED)


def test_no_command_passes_on_what_a_terminal_obeys(
    world: World, database: Database, newsbot_here: InProcess
) -> None:
    source = sources.everything(database)[0].id
    rule = rules.everything(database)[0].name
    article = world.ids["article"][0]
    assert articles.get(database, article) is not None
    for words in (
        ("search", "harbour"),
        ("search", "harbour", "--timeline", "week", "--facets"),
        ("show", article),
        ("show", article, "--history"),
        ("show", article, "--diff", "1", "2"),
        ("why", f"https://harbour.example/{article}"),
        ("runs",),
        ("runs", "show", source),
        ("source", "list"),
        ("source", "show", source),
        ("source", "redesign", source),
        ("alert", "list"),
        ("alert", "show", rule),
        ("alert", "matches", rule),
        ("alert", "test", "harbour", "the harbour \x1b[31mopens"),
        ("list", "list"),
        ("saved", "list"),
        ("channel", "list"),
        ("outbox", "list"),
        ("compare", "harbour", "ferry"),
        ("rising",),
        ("doctor",),
    ):
        for form in ((), ("--json",)):
            done = newsbot_here(*words, *form)
            told = done.stdout + done.stderr
            assert done.returncode != 2, (words, told)
            found = OBEYED.search(told.replace("\r\n", "\n"))
            assert found is None, (words, form, told[max(0, found.start() - 40) : found.end()])
            if form and done.returncode == 0 and done.stdout.startswith(("{", "[")):
                json.loads(done.stdout)


@pytest.mark.parametrize("text", FAMILIES["terminal"])
def test_whatever_is_printed_is_only_read(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(force_terminal=True, color_system=None).print(text, markup=False)
    assert not OBEYED.search(capsys.readouterr().out)


def test_json_says_the_same_with_nothing_in_it_that_a_terminal_obeys() -> None:
    told = in_json([*STORED])
    assert not OBEYED.search(told)
    assert json.loads(told) == [*STORED]


def test_csv_in_a_pipe_is_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_csv("a,\u009b31mb\r\n")
    assert capsys.readouterr().out == "a,\u009b31mb\r\n"
