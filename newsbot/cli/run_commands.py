"""``newsbot runs start``, ``show`` and ``cancel``."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from newsbot.archive import runs, sources, wishes
from newsbot.archive.audit import acting_user
from newsbot.archive.connection import Database
from newsbot.archive.runs import Run
from newsbot.cli import context
from newsbot.cli.output import Json, ago, errors, fail, in_json, print_json, say
from newsbot.cli.sources import existing
from newsbot.cli.tallies import found, in_bytes, not_read

# How far a run is is written down each second while somebody follows it, and for so long after the last look.
WATCHED = timedelta(seconds=10)
LOOK_SECONDS = 0.5
# What a crawl takes at most to end when it is cancelled, and to be seen to have (seconds).
ENDING = 6.0

RunName = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="The beginning of a run's id, or a source: the run it has under way, or its last.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to those of runs."""
    app.command("show")(show)
    app.command("start")(start)
    app.command("cancel")(cancel)


def show(
    run: RunName,
    follow: Annotated[
        bool,
        typer.Option("--follow", "-f", help="Go on showing how far it is, until it has ended."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Show a run: how far it is, what came of it, what it could not read, and the last lines of its log.

    With --follow and --json a line of JSON is printed whenever something has changed.
    """
    with context.archive(context.config()) as database:
        shown = existing_run(database, run)
        name = sources.names(database, [shown.source]).get(shown.source, "(removed)")
        if follow:
            _follow(database, shown, name, as_json=as_json)
            return
    if as_json:
        print_json(shown)
        return
    _print(shown, name)
    for line in shown.log:
        say(f"  {line}")


def start(
    source: Annotated[list[str], typer.Argument(help="Names of sources.")],
    as_json: Json = False,
) -> None:
    """Crawl sources now, in the workers of `newsbot up`, before all that is due.

    A run that waits already becomes that run. `newsbot crawl NAME` crawls in this terminal instead.
    """
    begun: list[Run] = []
    busy: list[str] = []
    with context.archive(context.config()) as database:
        for each in [existing(database, name) for name in source]:
            made, was = wishes.at_once(database, each.id, by=acting_user(), now=datetime.now(UTC))
            if made is None:
                busy.append(each.name)
                if not as_json:
                    errors.print(f"newsbot: {_busy(each.name, was)}", markup=False)
                continue
            begun.append(made)
            if not as_json:
                say(
                    f"{each.name}: run {made.id[:8]} is next. Follow it: newsbot runs show {made.id[:8]} -f"
                )
    if as_json:
        print_json(begun)
    if busy:
        raise typer.Exit(1)


def _busy(name: str, was: Run | None) -> str:
    if was is None:
        return f"the run of {name} ended just now; try again"
    return f"{name} is being crawled already: newsbot runs show {was.id[:8]} -f"


def cancel(
    run: Annotated[list[str], typer.Argument(metavar="RUN", help="Runs, as in `runs show`.")],
    why: Annotated[str, typer.Option(help="Why; it is kept with the run.")] = "",
    as_json: Json = False,
) -> None:
    """Cancel runs: each stops within 5 seconds, and keeps what it has.

    A source that is polled is polled again at its usual time.
    """
    config = context.config()
    ended: list[Run] = []
    over: list[str] = []
    with context.archive(config) as database:
        named = [existing_run(database, each) for each in run]
        for each in named:
            if each.ended:
                over.append(f"run {each.id[:8]} had ended already ({each.state})")
                continue
            wishes.cancel(database, each.id, by=acting_user(), why=why, now=datetime.now(UTC))
        # A worker that is dead is known to be when its lease has run out.
        until = time.monotonic() + ENDING + config.lease_seconds
        ended += [_until_ended(database, each, why, until) for each in named if not each.ended]
    if as_json:
        print_json(ended)
    for each in ended:
        if not each.ended:
            fail(f"run {each.id[:8]} does not stop; its worker's log says why")
        if each.state != "cancelled":
            over.append(f"run {each.id[:8]} ended by itself first ({each.state})")
        elif not as_json:
            say(f"Run {each.id[:8]} is cancelled; what it had is kept: {_brought(each)}.")
    if over:
        fail("; ".join(over))


def _until_ended(database: Database, run: Run, why: str, until: float) -> Run:
    while True:
        there = wishes.cancel(database, run.id, by=acting_user(), why=why, now=datetime.now(UTC))
        if there is None or there.ended or time.monotonic() > until:
            return there or run
        time.sleep(LOOK_SECONDS / 5)


def existing_run(database: Database, name: str) -> Run:
    """Return the run that is meant; one that is not there ends the command."""
    # A source's name may look like the beginning of an id.
    source = sources.find(database, name)
    if source is None:
        named = wishes.named(database, name, now=datetime.now(UTC))
        if len(named) == 1:
            return named[0]
        if named:
            fail(f"{len(named)} runs' ids begin with {name!r}; give more of it")
        fail(f"there is no run and no source {name!r}; `newsbot runs` lists the latest")
    active = runs.active(database, source.id)
    last = (
        [active]
        if active
        else runs.latest(
            database, since=datetime.fromtimestamp(0, UTC), source=source.id, at_most=1
        )
    )
    if not last:
        fail(f"{source.name} was never crawled; newsbot runs start {source.name}")
    return last[0]


def _follow(database: Database, run: Run, name: str, *, as_json: bool) -> None:
    """Print what changes until the run has ended."""
    shown: Any = None
    said: tuple[str, ...] = ()
    watched = 0.0
    while True:
        there = runs.get(database, run.id)
        if there is None:
            fail("the run is gone from the archive")
        now = (there.state, dict(there.counters), there.log)
        if as_json and now != shown:
            typer.echo(in_json(there))
        elif not as_json:
            if shown is None:
                _print(there, name)
            for line in lines_since(said, there.log):
                say(f"  {line}")
            if shown is not None and now[:2] != shown[:2] and not there.ended:
                say(f"  {_brought(there)}")
        shown, said = now, there.log
        if there.ended:
            if not as_json:
                say(_outcome(there, name))
            if there.state != "done":
                raise typer.Exit(1)
            return
        if time.monotonic() - watched > WATCHED.total_seconds() / 2:
            wishes.watch(database, run.id, until=datetime.now(UTC) + WATCHED)
            watched = time.monotonic()
        time.sleep(LOOK_SECONDS)


def lines_since(before: tuple[str, ...], log: tuple[str, ...]) -> Iterable[str]:
    """Return the lines of a log's tail that came after another look at it."""
    for overlap in range(min(len(before), len(log)), 0, -1):
        if before[len(before) - overlap :] == log[:overlap]:
            return log[overlap:]
    return log


def _print(run: Run, name: str) -> None:
    say(f"Run {run.id}  {name}")
    say(f"  state         {run.state}{f': {run.reason}' if run.reason else ''}")
    if run.cancellation and not run.ended:
        say(f"  cancelled     {run.cancellation.sentence}; it is ending")
    say(f"  asked for     {ago(run.requested_at)}, by {_TRIGGERS[run.trigger]}")
    if run.started_at:
        took = (run.finished_at or datetime.now(UTC)) - run.started_at
        say(f"  took          {took.total_seconds():.1f} s, begun {ago(run.started_at)}")
    if run.lease and not run.ended:
        say(f"  worker        {run.lease.owner}, number {run.lease.number} to take it")
    say(f"  brought       {_brought(run)}")
    for met in (*found(run.counters), *not_read(run.counters)):
        say(f"                {met}")


_TRIGGERS = {
    "request": "a person",
    "schedule": "a schedule",
    "poll": "its rhythm",
    "backfill": "a walk back in time",
}


def _brought(run: Run) -> str:
    counters = run.counters
    return (
        f"{counters.get('new', 0)} new, {counters.get('edited', 0)} edited, "
        f"{counters.get('known', 0)} known, {counters.get('requests', 0)} requests, "
        f"{in_bytes(counters.get('bytes', 0))}"
    )


def _outcome(run: Run, name: str) -> str:
    reason = f" {run.reason}" if run.state == "cancelled" else f": {run.reason}"
    return f"{name}: {run.state}{reason if run.reason else ''}. {_brought(run)}."
