"""``newsbot schedule``: when sources are crawled besides their own rhythm."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from newsbot.archive import schedules, sources
from newsbot.archive.connection import Database
from newsbot.archive.schedules import Kind, Schedule
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, fail, print_json, print_table, say
from newsbot.cli.sources import existing
from newsbot.items import derived_id

app = typer.Typer(help="When sources are crawled besides their own rhythm.", no_args_is_help=True)


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="schedule")


@app.command("add")
def add(
    source: Annotated[str, typer.Argument(help="A source's name.")],
    cron: Annotated[str, typer.Option(help='Five fields, as "0 6 * * mon-fri".')] = "",
    every: Annotated[str, typer.Option(help="Seconds, or as 15m, 6h, 1d.")] = "",
    at: Annotated[str, typer.Option(help="A moment, as 2027-01-31T06:00.")] = "",
    timezone: Annotated[str, typer.Option(help="What the times are meant in.")] = "UTC",
    as_json: Json = False,
) -> None:
    """Crawl a source by a cron rule, at an interval, or once. One of --cron, --every, --at."""
    from schedules.timetable import ScheduleError, next_times

    asked: tuple[tuple[Kind, str], ...] = (
        ("cron", cron),
        ("interval", schedules.seconds_in(every)),
        ("once", at),
    )
    given = [(kind, when) for kind, when in asked if when]
    if len(given) != 1:
        fail("give one of --cron, --every and --at", code=USAGE)
    kind, when = given[0]
    config = context.config()
    with context.archive(config) as database:
        found = existing(database, source)
        schedule = Schedule(
            id=derived_id("schedule", found.id, kind, when, timezone),
            source=found.id,
            kind=kind,
            when=when,
            timezone=timezone,
            added_at=datetime.now(UTC),
        )
        try:
            coming = next_times(schedule, datetime.now(UTC), count=1)
            if not coming:
                fail(f"{when} never comes again; give a moment that is to come", code=USAGE)
            schedules.add(database, schedule)
        except ScheduleError as error:
            fail(str(error), code=USAGE)
        except schedules.ScheduleExistsError:
            fail(f"{found.name} has that schedule already; nothing was changed")
    if as_json:
        print_json(schedule)
        return
    say(
        f"Schedule {schedule.id[:8]}: {found.name} next at {_times(coming)} ({timezone}), while `newsbot up` runs."
    )


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the schedules, with the next five times of each."""
    from schedules.timetable import next_times

    with context.archive(context.config()) as database:
        found = schedules.everything(database)
        names = sources.names(database, [each.source for each in found])
    now = datetime.now(UTC)
    coming = {each.id: [] if each.paused else next_times(each, now) for each in found}
    if as_json:
        print_json([{"schedule": each, "next": coming[each.id]} for each in found])
        return
    print_table(
        ("schedule", "source", "rule", "time zone", "next"),
        (
            (
                each.id[:8],
                names.get(each.source, "(removed)"),
                f"{each.kind} {each.when}",
                each.timezone,
                "paused" if each.paused else _times(coming[each.id]),
            )
            for each in found
        ),
        empty='There are no schedules. Add one: newsbot schedule add NAME --cron "0 6 * * *"',
    )


@app.command("pause")
def pause(schedule: str) -> None:
    """Pause a schedule."""
    with context.archive(context.config()) as database:
        found = _existing(database, schedule)
        schedules.set_paused(database, found.id, paused=True)
    say(f"Schedule {found.id[:8]} is paused.")


@app.command("resume")
def resume(schedule: str) -> None:
    """Resume a paused schedule."""
    with context.archive(context.config()) as database:
        found = _existing(database, schedule)
        schedules.set_paused(database, found.id, paused=False)
    say(f"Schedule {found.id[:8]} is in force again.")


@app.command("remove")
def remove(schedule: str) -> None:
    """Remove a schedule."""
    with context.archive(context.config()) as database:
        found = _existing(database, schedule)
        schedules.remove(database, found.id)
    say(f"Schedule {found.id[:8]} is removed.")


@app.command("run")
def run(schedule: str) -> None:
    """Start what a schedule would start, now, in the workers of `newsbot up`."""
    from schedules.dispatch import dispatch

    with context.archive(context.config()) as database:
        found = _existing(database, schedule)
        started = dispatch(
            database,
            found.source,
            trigger="schedule",
            occasion=f"by hand {datetime.now(UTC).isoformat()}",
        )
    if started is None:
        fail("its source is being crawled already")
    say(f"Run {started.id[:8]} is queued for the next free worker.")


def _existing(database: Database, schedule: str) -> Schedule:
    found = schedules.find(database, schedule)
    if found is None:
        fail(f"there is no schedule {schedule!r}; `newsbot schedule list` shows those there are")
    return found


def _times(times: list[datetime]) -> str:
    return ", ".join(f"{each:%Y-%m-%d %H:%M:%S}" for each in times) or "never again"
