"""``newsbot schedule``: when sources are crawled besides their own rhythm."""

from datetime import UTC, datetime
from typing import Annotated

import attrs
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


Jitter = Annotated[
    str, typer.Option(help="Start up to so much later, as 5m; not all at the same second.")
]
Windows = Annotated[
    list[str] | None,
    typer.Option(
        "--not",
        help='Start nothing then: "22:00-06:00", "sat,sun", "fri 10:00-14:00 Asia/Damascus". May be repeated.',
    ),
]
Late = Annotated[
    str,
    typer.Option(
        help="How late a start that was missed is still made up for, as 2h; 0 for not at all, always (usual)."
    ),
]


@app.command("add")
def add(
    source: Annotated[str, typer.Argument(help="A source's name.")],
    cron: Annotated[str, typer.Option(help='Five fields, as "0 6 * * mon-fri".')] = "",
    every: Annotated[str, typer.Option(help="Seconds, or as 15m, 6h, 1d.")] = "",
    at: Annotated[str, typer.Option(help="A moment, as 2027-01-31T06:00.")] = "",
    timezone: Annotated[str, typer.Option(help="What the times are meant in.")] = "UTC",
    jitter: Jitter = "0",
    blackouts: Windows = None,
    late: Late = "always",
    as_json: Json = False,
) -> None:
    """Crawl a source by a cron rule, at an interval, or once. One of --cron, --every, --at."""
    from schedules.timing import ScheduleError, next_times

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
            jitter=_seconds(jitter, "--jitter"),
            blackouts=tuple(blackouts or ()),
            late=_lateness(late),
            added_at=datetime.now(UTC),
        )
        try:
            coming = next_times(schedule, datetime.now(UTC), count=1)
            if not coming:
                fail(_never(schedule), code=USAGE)
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
    from schedules.timing import next_times

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
                told(each),
                each.timezone,
                "paused" if each.paused else _times(coming[each.id]),
            )
            for each in found
        ),
        empty='There are no schedules. Add one: newsbot schedule add NAME --cron "0 6 * * *"',
    )


@app.command("set")
def set_(
    schedule: str,
    jitter: Jitter = "",
    blackouts: Annotated[
        list[str] | None,
        typer.Option(
            "--not", help='Start nothing then, in place of what there was; "none" for no window.'
        ),
    ] = None,
    late: Late = "",
) -> None:
    """Change how a schedule starts. Its rule is what it is: for another one, remove it and add one."""
    from schedules.timing import ScheduleError, next_times

    changes: schedules.Changes = {}
    if jitter:
        changes["jitter"] = _seconds(jitter, "--jitter")
    if blackouts:
        changes["blackouts"] = () if blackouts == ["none"] else tuple(blackouts)
    if late:
        changes["late"] = _lateness(late)
    if not changes:
        fail("give what to change: --jitter, --not or --late", code=USAGE)
    now = datetime.now(UTC)
    with context.archive(context.config()) as database:
        found = _existing(database, schedule)
        changed = attrs.evolve(found, **changes)
        try:
            coming = next_times(changed, now, count=1)
        except ScheduleError as error:
            fail(str(error), code=USAGE)
        if not coming:
            fail(_never(changed), code=USAGE)
        schedules.change(database, found.id, now, **changes)
    say(f"Schedule {found.id[:8]}: {told(changed)}, next at {_times(coming)} ({found.timezone}).")


@app.command("pause")
def pause(schedule: str) -> None:
    """Pause a schedule."""
    with context.archive(context.config()) as database:
        found = _existing(database, schedule)
        schedules.change(database, found.id, datetime.now(UTC), paused=True)
    say(f"Schedule {found.id[:8]} is paused.")


@app.command("resume")
def resume(schedule: str) -> None:
    """Resume a paused schedule."""
    with context.archive(context.config()) as database:
        found = _existing(database, schedule)
        schedules.change(database, found.id, datetime.now(UTC), paused=False)
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


def told(schedule: Schedule) -> str:
    """Return how a schedule starts, in words of the command line."""
    when = schedules.span(schedule.when) if schedule.kind == "interval" else schedule.when
    words = [f"{_WORDS[schedule.kind]} {when}"]
    if schedule.jitter:
        words.append(f"up to {schedules.span(schedule.jitter)} later")
    words += [f"not {each}" for each in schedule.blackouts]
    if schedule.late is not None:
        words.append(
            f"at most {schedules.span(schedule.late)} late" if schedule.late else "never late"
        )
    return ", ".join(words)


_WORDS: dict[Kind, str] = {"cron": "cron", "interval": "every", "once": "at"}


def _never(schedule: Schedule) -> str:
    if schedule.blackouts:
        return f"{told(schedule)} never starts: all of its times are past, or in its windows"
    return f"{schedule.when} never comes again; give a moment that is to come"


def _seconds(text: str, option: str) -> float:
    try:
        seconds = float(schedules.seconds_in(text))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        fail(f"{option} {text!r} is no time; give seconds, or as 5m, 2h, 1d", code=USAGE)
    return seconds


def _lateness(text: str) -> float | None:
    return None if text == "always" else _seconds(text, "--late")


def _times(times: list[datetime]) -> str:
    return ", ".join(f"{each:%Y-%m-%d %H:%M:%S}" for each in times) or "never again"
