"""``newsbot runs``: what was crawled when, and what came of it; and runs begun, followed and cancelled."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from newsbot.archive import pauses, runs, sources
from newsbot.cli import context
from newsbot.cli.output import Json, ago, fail, print_json, print_table, say
from newsbot.cli.tallies import not_read


class _ListByDefault(TyperGroup):
    """Lists where no command is named: ``newsbot runs``, ``newsbot runs NAME``, ``newsbot runs --days 1``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        asks_for_help = args[:1] and args[0] in ctx.help_option_names
        if not asks_for_help and (not args or args[0] not in self.commands):
            args = ["list", *args]
        return list(super().parse_args(ctx, args))


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    from newsbot.cli import run_commands

    group = typer.Typer(
        cls=_ListByDefault,
        help="What was crawled when, and what came of it. Without a command: the list.",
    )
    group.command("list")(list_runs)
    run_commands.add_to(group)
    parent.add_typer(group, name="runs")


def list_runs(
    source: Annotated[str, typer.Argument(help="Only this source's.")] = "",
    days: Annotated[float, typer.Option(min=0, help="How far back, in days.")] = 7,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    as_json: Json = False,
) -> None:
    """List the latest runs."""
    with context.archive(context.config()) as database:
        only = None
        if source:
            named = sources.find(database, source)
            if named is None:
                fail(f"there is no source {source!r}; `newsbot source list` shows those there are")
            only = named.id
        since = datetime.now(UTC) - timedelta(days=days)
        listed = runs.latest(database, since=since, source=only, at_most=limit)
        names = sources.names(database, [run.source for run in listed])
        paused = pauses.standing(database)
    if as_json:
        print_json(listed)
        return
    if paused:
        say(f"Everything is paused {paused.sentence}. newsbot resume ends that.")
    print_table(
        ("run", "source", "state", "asked for", "new", "edited", "requests", "not read", "reason"),
        (
            (
                run.id[:8],
                names.get(run.source, "(removed)"),
                run.state,
                ago(run.requested_at),
                str(run.counters.get("new", 0)),
                str(run.counters.get("edited", 0)),
                str(run.counters.get("requests", 0)),
                ", ".join(not_read(run.counters)),
                run.reason,
            )
            for run in listed
        ),
        empty="There were no runs. Start one: newsbot runs start NAME",
    )
