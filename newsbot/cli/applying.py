"""``newsbot apply``: sources, schedules, lists and alerts kept as files."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
import typer

from newsbot.cli import context
from newsbot.cli.output import FAILURE, USAGE, Json, console, fail, print_json, say

if TYPE_CHECKING:
    from newsbot.applying.files import Files
    from newsbot.applying.planning import Plan
    from newsbot.applying.stated import Problems

# What `--plan` exits with where something would change.
WOULD_CHANGE = 3


def add_to(parent: typer.Typer) -> None:
    """Add this command to the command line."""
    parent.command("apply")(apply)


def apply(
    path: Annotated[
        Path, typer.Argument(metavar="DIR|FILE", help="A folder of YAML files, or one of them.")
    ],
    plan_only: Annotated[
        bool,
        typer.Option(
            "--plan",
            help="Only show what would change: exits 3 where something would, 0 where not.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    export: Annotated[
        bool, typer.Option("--export", help="Write what there is to the folder, as such files.")
    ] = False,
    name: Annotated[
        str,
        typer.Option(
            help="What this set of files is called, by default as its folder: "
            "what files of one name added, only files of that name remove."
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Have sources, schedules, lists and alerts be as files say: shows what will change, asks, does it.

    Applied again it changes nothing. What files state is theirs; all else is left alone. A file that is
    wrong changes nothing, and all that is wrong in any is told at once.
    """
    if export:
        _export(path, as_json=as_json)
        return
    from newsbot.applying.files import FilesError, read_files
    from newsbot.applying.stated import Problems

    if "/" in name:
        fail("--name has no slash; give a word, as --name desk", code=USAGE)
    problems = Problems()
    try:
        files = read_files(path, name, problems)
    except FilesError as error:
        fail(f"{error}; nothing was changed", code=USAGE)
    wrong = bool(problems.found)
    if not files.whole:
        _fail_for(problems, wrong=wrong)
    _apply(files, problems, wrong=wrong, plan_only=plan_only, yes=yes, as_json=as_json)


def _apply(
    files: "Files", problems: "Problems", *, wrong: bool, plan_only: bool, yes: bool, as_json: bool
) -> None:
    from newsbot.applying.kind import StepError
    from newsbot.applying.planning import plan

    config = context.config()
    with context.archive(config) as database:
        made = plan(database, config, files, problems, now=datetime.now(UTC))
        if problems.found:
            _fail_for(problems, wrong=wrong)
        done = False
        if not as_json:
            _show(made)
        if made.steps and not plan_only:
            if not yes:
                _ask(quiet=as_json)
            try:
                made.carry_out()
            except StepError as error:
                fail(f"it stopped at the {error}")
            done = True
        _end(made, plan_only=plan_only, done=done, as_json=as_json)


def _show(made: "Plan") -> None:
    from newsbot.applying import telling

    for remark in made.remarks:
        say(remark)
    for kind, step in made.steps:
        for line in telling.lines(kind, step, isolated=console.is_terminal):
            say(line)
    if made.steps:
        say(f"{telling.counted([step for _, step in made.steps], done=False)}.")


def _ask(*, quiet: bool) -> None:
    if quiet or not sys.stdin.isatty():
        fail("nothing was changed: give --yes to apply without being asked", code=USAGE)
    if not typer.confirm("Apply?"):
        say("Nothing was changed.")
        raise typer.Exit(FAILURE)


def _end(made: "Plan", *, plan_only: bool, done: bool, as_json: bool) -> None:
    from newsbot.applying import telling

    if as_json:
        steps = [telling.as_json(kind, step) for kind, step in made.steps]
        print_json({"steps": steps, "remarks": made.remarks, "done": done})
    elif not made.steps:
        say("Nothing to change: all is as the files say.")
    elif done:
        say(f"Done: {telling.counted([step for _, step in made.steps], done=True)}.")
    if made.steps and plan_only:
        raise typer.Exit(WOULD_CHANGE)


def _fail_for(problems: "Problems", *, wrong: bool) -> None:
    """End for what is wrong: in the files themselves, or only beside what there is."""
    lines = problems.lines()
    count = "one thing is wrong" if len(lines) == 1 else f"{len(lines)} things are wrong"
    fail(
        "\n".join((f"nothing was changed, for {count}:", *(f"  {line}" for line in lines))),
        code=USAGE if wrong else FAILURE,
    )


def _export(folder: Path, *, as_json: bool) -> None:
    from newsbot.applying.files import FilesError, write_files
    from newsbot.applying.planning import records

    config = context.config()
    with context.archive(config) as database:
        found = records(database, config, datetime.now(UTC))
    try:
        written = write_files(folder, found)
    except FilesError as error:
        fail(f"nothing was written: {error}", code=USAGE)
    if as_json:
        told = [attrs.asdict(each) | {"file": str(each.file)} for each in written]
        print_json(told)
        return
    for each in written:
        secret = (
            f"; {each.left_out} values that may be secret are left out" if each.left_out else ""
        )
        say(f"Wrote {each.file}: {each.count} {each.of}{secret}.")
    if not written:
        say("There is nothing to write: no sources, no schedules, no lists.")
