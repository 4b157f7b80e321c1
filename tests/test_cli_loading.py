"""Each command is where its table says, and loads no more than it needs."""

import subprocess
import sys

import pytest
from typer.main import get_command

from newsbot import cli
from newsbot.cli import source


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_is_where_the_table_says(name: str) -> None:
    assert get_command(cli.app).commands[name].name == name  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", source.COMMANDS)
def test_every_command_about_sources_is_where_the_table_says(name: str) -> None:
    group = get_command(cli.app).commands["source"]  # type: ignore[attr-defined]
    assert group.commands[name].name == name


@pytest.mark.parametrize("module", ["past_runs", "running", "sources", "scheduling", "alerts"])
def test_what_reads_the_archive_loads_nothing_that_crawls(module: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", f"import sys, newsbot.cli.{module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(said.stdout.split())
    assert loaded.isdisjoint({"scrapy", "twisted", "httpx", "playwright", "newsbot.extraction"})
