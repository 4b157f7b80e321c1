"""``newsbot alert export`` and ``newsbot alert import``: alerts as YAML, to share with others."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsbot.cli import context
from newsbot.cli.alert_options import Yes, existing
from newsbot.cli.output import FAILURE, USAGE, Json, console, errors, fail, print_json, say

if TYPE_CHECKING:
    from newsbot.applying.stated import Problems

_HEAD = "# Written by newsbot alert export; newsbot alert import reads it, and newsbot apply.\n"


def add_to(app: typer.Typer) -> None:
    """Add these commands to those of alerts."""
    app.command("export")(export)
    app.command("import")(import_)


def export(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="These alerts; none: all.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it to this file, not to the screen.")
    ] = None,
) -> None:
    """Print alerts as YAML. Channels stand there by name; where they lead is not in it."""
    from newsbot.applying.alerts import Alerts
    from newsbot.applying.files import text_of
    from newsbot.applying.kind import Scene

    config = context.config()
    with context.archive(config) as database:
        wanted = {existing(database, each).id for each in names or ()}
        found = Alerts(Scene(database, config, datetime.now(UTC), {})).records()
    if names:
        found = [each for each in found if each.kept.id in wanted]
    if not found:
        fail("there are no alerts to export")
    text, left_out = text_of(Alerts, found, _HEAD)
    if to is None:
        typer.echo(text, nl=False)
    else:
        try:
            with to.open("x", encoding="utf8") as file:
                file.write(text)
        except FileExistsError:
            fail(f"{to} is there already; give another file")
        except OSError as error:
            fail(f"{to} cannot be written: {error.strerror}")
        say(f"{len(found)} alert{'s' if len(found) > 1 else ''} in {to}.")
    if left_out:
        errors.print(
            f"{left_out} channel{'s have' if left_out > 1 else ' has'} no name and "
            f"{'are' if left_out > 1 else 'is'} left out; give one: newsbot channel rename"
        )


def import_(
    file: Annotated[Path, typer.Argument(help="A YAML file, as `newsbot alert export` writes it.")],
    plan: Annotated[
        bool, typer.Option("--plan", help="Only show what it would add and change.")
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Add the alerts of a file, and change those that there are to what it says.

    It shows what it adds and changes, and asks. A file that is wrong changes nothing.
    """
    from newsbot.applying import telling
    from newsbot.applying.alerts import importing, read
    from newsbot.applying.kind import StepError
    from newsbot.applying.stated import Problems

    problems = Problems()
    declared = read(file, problems)
    _see_that_none(problems, code=USAGE)
    config = context.config()
    with context.archive(config) as database:
        kind, steps = importing(database, config, declared, problems, now=datetime.now(UTC))
        _see_that_none(problems, code=FAILURE)
        if not as_json:
            for step in steps:
                for line in telling.lines(kind, step, isolated=console.is_terminal):
                    say(line)
        done = bool(steps) and not plan and (yes or _asked(quiet=as_json))
        for step in steps if done else ():
            try:
                kind.apply(step)
            except StepError as error:
                fail(f"it stopped at the alert {step.name}: {error}")
    if as_json:
        print_json({"steps": [telling.as_json(kind, each) for each in steps], "done": done})
    elif not steps:
        say("Nothing to change: all is as the file says.")
    else:
        said = telling.counted(steps, done=done)
        say(f"Done: {said}." if done else f"{said}. Nothing was changed.")


def _asked(*, quiet: bool) -> bool:
    if quiet or not sys.stdin.isatty():
        fail("nothing was changed: give --yes to import without being asked", code=USAGE)
    return typer.confirm("Import?")


def _see_that_none(problems: "Problems", *, code: int) -> None:
    lines = problems.lines()
    if lines:
        count = "one thing is wrong" if len(lines) == 1 else f"{len(lines)} things are wrong"
        fail(
            "\n".join((f"nothing was changed, for {count}:", *(f"  {each}" for each in lines))),
            code=code,
        )
