"""``newsbot runs``: what was crawled when, and what came of it."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from newsbot.archive import runs, sources
from newsbot.cli import context
from newsbot.cli.output import Json, ago, fail, print_json, print_table
from newsbot.cli.tallies import not_read


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("runs")(list_runs)


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
    if as_json:
        print_json(listed)
        return
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
        empty="There were no runs. Start one: newsbot crawl NAME",
    )
