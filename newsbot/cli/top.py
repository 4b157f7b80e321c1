"""``newsbot top``: how newsbot is, looked at while it works."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsbot.cli import context
from newsbot.cli.output import Json, console, fail, plain, print_json, safe

if TYPE_CHECKING:
    from rich.console import RenderableType

    from newsbot.monitoring.picture import Picture

# Runs and troubles that are shown one by one.
_RUNS, _TROUBLES = 12, 6
# The window of the first rates (seconds): processes write down what they count every five.
_WINDOW = 6.0
_NARROW = 80


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("top")(top)


def top(
    once: Annotated[
        bool, typer.Option("--once", help="Print one picture and end; so it does in a pipe.")
    ] = False,
    every: Annotated[float, typer.Option(min=0.5, help="Seconds between two pictures.")] = 2.0,
    window: Annotated[
        float, typer.Option(min=0, help="With --once: seconds over which rates are taken; 0: none.")
    ] = _WINDOW,
    as_json: Json = False,
) -> None:
    """Show how newsbot is: parts, runs under way, rates, what waits, how far it is behind, troubles.

    Rates are a minute. Ctrl-C ends it.
    """
    from newsbot.archive.connection import AWAY
    from newsbot.monitoring.picture import Photographer
    from newsbot.monitoring.rates import Reading, a_minute

    config = context.config()
    with context.archive(config) as database:
        photographer = Photographer(config, database)
        before = Reading.of(config.data_dir)
        if once or as_json or not console.is_terminal:
            time.sleep(window)
            try:
                picture = photographer.take()
            except AWAY as error:
                fail(f"MongoDB does not answer: {type(error).__name__}")
            rates = a_minute(before, Reading.of(config.data_dir)) if window else None
            if as_json:
                print_json(plain(picture) | {"a_minute": rates})
            else:
                console.print(shown(picture, rates, width=console.width))
            return
        _watch(photographer, before, config.data_dir, every)


def _watch(photographer: Any, before: Any, data_dir: Any, every: float) -> None:
    """Show pictures until Ctrl-C. Rates are those of the last half minute."""
    from collections import deque

    from rich.live import Live
    from rich.text import Text

    from newsbot.archive.connection import AWAY
    from newsbot.monitoring.rates import Reading, a_minute

    readings = deque([before])
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            readings.append(Reading.of(data_dir))
            while len(readings) > 2 and readings[-1].at - readings[1].at > 30:
                readings.popleft()
            rates = a_minute(readings[0], readings[-1])
            try:
                live.update(shown(photographer.take(), rates, width=console.width), refresh=True)
            except AWAY as error:
                said = f"MongoDB does not answer ({type(error).__name__}); it is asked again ..."
                live.update(Text(said, style="bold red"), refresh=True)
            time.sleep(every)


def shown(picture: "Picture", rates: dict[str, float] | None, *, width: int) -> "RenderableType":
    """Return a picture as it stands on a terminal of so many columns."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    head = Text(f"newsbot  {picture.at:%Y-%m-%d %H:%M:%S} UTC", style="bold")
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="bold", no_wrap=True)
    lines.add_column(overflow="fold")
    for label, said in _lines(picture, rates):
        lines.add_row(label, said)
    return Group(
        head, lines, Text(), *_runs(picture, narrow=width < _NARROW), Text(), *_troubles(picture)
    )


def _lines(picture: "Picture", rates: dict[str, float] | None) -> list[tuple[str, Any]]:
    per = {name: f"{value:,.0f}" for name, value in (rates or {}).items()}
    sources = ", ".join(f"{count:,} {state}" for state, count in picture.sources.items())
    messages = picture.messages
    at_least = "" if picture.links_all else "at least "
    return [
        ("archive", f"{picture.articles:,} articles · sources {sources}"),
        ("parts", _parts(picture)),
        (
            "a minute",
            f"requests {per['requests']} · new {per['new']} · edited {per['edited']} · runs {per['runs']} · "
            f"matches {per['matches']} · sent {per['sent']} · failed {per['failed']}"
            if per
            else "not taken (--window)",
        ),
        (
            "behind",
            (
                f"polls {_span(picture.poll_lag)} ({picture.due:,} due) · runs {_span(picture.queue_lag)} "
                f"({picture.queued:,} queued) · messages {_span(picture.delivery_lag)} · index "
                f"{'none yet' if picture.index_lag is None else _span(picture.index_lag)}"
            ),
        ),
        (
            "waits",
            (
                f"{at_least}{picture.links:,} links · messages {messages['due']:,} due, "
                f"{messages['waiting']:,} for digests, {messages['dead']:,} dead · spool "
                f"{_bytes(picture.spooled)}"
            ),
        ),
        ("disk", f"{_bytes(picture.disk_free)} of {_bytes(picture.disk_total)} free"),
    ]


def _parts(picture: "Picture") -> Any:
    from rich.text import Text

    if picture.parts is None:
        return Text("no `newsbot up` works on this data folder", style="yellow")
    said = Text()
    for part in picture.parts:
        how = "down" if part.waiting else f"died {part.deaths}×" if part.deaths else "up"
        said.append(" · " if said else "")
        said.append(
            f"{part.name} {how}",
            style="red" if part.waiting else "yellow" if part.deaths else "green",
        )
    return said


def _runs(picture: "Picture", *, narrow: bool) -> list[Any]:
    from rich.table import Table
    from rich.text import Text

    if not picture.running:
        return [Text("No run is under way.")]
    table = Table(box=None, pad_edge=False, header_style="bold", expand=False)
    columns = [
        "runs under way",
        "for",
        "requests",
        "new",
        *([] if narrow else ["edited", "known", "failed"]),
    ]
    for number, name in enumerate(columns):
        table.add_column(
            name, justify="right" if number else "left", no_wrap=True, overflow="ellipsis"
        )
    for run in picture.running[:_RUNS]:
        counters = run.counters
        failed = sum(
            value for name, value in counters.items() if name.startswith(("failed", "refused"))
        )
        counts = [counters.get(name, 0) for name in ("requests", "new")]
        counts += [] if narrow else [counters.get("edited", 0), counters.get("known", 0), failed]
        since = run.started_at or run.requested_at
        table.add_row(
            safe(picture.names.get(run.source, "(removed)")[:28]),
            _span((datetime.now(UTC) - since).total_seconds()),
            *(f"{each:,}" for each in counts),
        )
    more = len(picture.running) - _RUNS
    return [table, *([Text(f"and {more:,} more")] if more > 0 else [])]


def _troubles(picture: "Picture") -> list[Any]:
    from rich.text import Text

    if not picture.troubles:
        return [Text("No trouble stands.", style="green")]
    said = [Text(f"{len(picture.troubles):,} troubles stand", style="bold red")]
    for each in picture.troubles[:_TROUBLES]:
        line = safe(f"  {each.kind} ({len(each.members):,}): {each.says}")
        line.truncate(max(console.width - 1, 40), overflow="ellipsis")
        said.append(line)
    return said


def _span(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def _bytes(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1e3:.0f} kB"
