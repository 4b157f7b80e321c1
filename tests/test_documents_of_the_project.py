"""What the project says of itself is true."""

import re
import tomllib
from pathlib import Path

from newsbot.cli import app
from newsbot.config_reference import reference

ROOT = Path(__file__).parents[1]


def test_the_reference_of_settings_is_the_codes() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf8") == reference()


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    said = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf8").lower()
    names = [re.split(r"[<>=!~ ]", each)[0] for each in project["dependencies"]]
    assert [name for name in names if name not in said] == []


def test_every_command_of_the_readme_is_one() -> None:
    from typer.main import get_command

    command = get_command(app)
    known = set(command.commands)  # type: ignore[attr-defined]
    text = (ROOT / "README.md").read_text(encoding="utf8")
    used = set(re.findall(r"^(?:\S*/)?newsbot (?:--demo )?([a-z]+)", text, re.MULTILINE))
    assert used
    assert used <= known


def test_every_page_that_is_linked_is_there() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf8")):
            assert (page.parent / target).exists(), f"{page.name} links {target}"
