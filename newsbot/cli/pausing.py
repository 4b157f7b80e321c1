"""``newsbot pause`` and ``newsbot resume``: everything at once."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from newsbot.archive import audit, pauses, wishes
from newsbot.cli import context
from newsbot.cli.output import Json, fail, print_json, say


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("pause")(pause)
    app.command("resume")(resume)


def pause(
    why: Annotated[str, typer.Option(help="Why; `newsbot doctor` and the web page say it.")] = "",
    stop: Annotated[
        bool, typer.Option("--stop", help="Cancel what is under way or queued as well.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Pause everything: no poll and no schedule starts a run until `newsbot resume`.

    Runs under way go on, unless --stop is given. What is asked for by name (`newsbot runs start`, `newsbot
    crawl`) is crawled all the same. One source alone: newsbot source pause NAME.
    """
    by = audit.acting_user()
    with context.archive(context.config()) as database:
        before = pauses.standing(database)
        pause = pauses.begin(database, by=by, why=why, now=datetime.now(UTC))
        if before is None:
            audit.note(database, "pause", why=why, by=by)
        going = wishes.under_way(database)
        for run in going if stop else ():
            said = f"everything was paused{f': {why}' if why else ''}"
            wishes.cancel(database, run.id, by=by, why=said, now=datetime.now(UTC))
    if as_json:
        print_json(pause)
        return
    if before is not None:
        say(f"Everything is paused already, {before.sentence}.")
    else:
        say("Everything is paused. newsbot resume ends that.")
    if going and stop:
        say(f"{len(going)} runs were told to stop, and do within 5 seconds.")
    elif going:
        say(f"{len(going)} runs were under way or queued; those begun go on (--stop cancels them).")


def resume() -> None:
    """End the pause of everything: sources that came due meanwhile are polled once, now."""
    with context.archive(context.config()) as database:
        if not pauses.end(database):
            fail("nothing is paused; one source by itself: newsbot source resume NAME")
        audit.note(database, "resume")
    say("Polls and schedules start runs again.")
