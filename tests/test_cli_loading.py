"""Each command is where its table says, and loads no more than it needs."""

import subprocess
import sys

import pytest
from typer.main import get_command

from newsbot import cli
from newsbot.cli import source
from tests.conftest import Command


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_is_where_the_table_says(name: str) -> None:
    assert get_command(cli.app).commands[name].name == name  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", source.COMMANDS)
def test_every_command_about_sources_is_where_the_table_says(name: str) -> None:
    group = get_command(cli.app).commands["source"]  # type: ignore[attr-defined]
    assert group.commands[name].name == name


@pytest.mark.parametrize(
    "module", ["past_runs", "running", "sources", "scheduling", "alerts", "saved"]
)
def test_what_reads_the_archive_loads_nothing_that_crawls(module: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", f"import sys, newsbot.cli.{module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(said.stdout.split())
    assert loaded.isdisjoint({"scrapy", "twisted", "httpx", "playwright", "newsbot.extraction"})


# Says how long it took from the last word of a command to the end of its process, in seconds.
_TIMED = """
import atexit, time
atexit.register(lambda: print(time.monotonic() - ended))
from newsbot.cli.past_runs import list_runs
list_runs()
ended = time.monotonic()
"""


@pytest.mark.alone
def test_a_command_ends_when_it_has_said_all(newsbot: Command) -> None:
    def took() -> float:
        said = subprocess.run(
            [sys.executable, "-c", _TIMED],
            env=newsbot.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return float(said.stdout.split()[-1])

    # A machine that is busy may hold one up.
    assert min(took() for _ in range(3)) < 0.1
