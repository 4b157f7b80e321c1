"""How commands speak: tables for people, JSON for programs, one sentence for what went wrong."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from math import ceil
from typing import Annotated, Any, NoReturn

import attrs
import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.table import Table

from newsbot.archive.sources import Source

# Bad usage, and failure.
USAGE, FAILURE = 2, 1
_EIGHTHS = " ▏▎▍▌▋▊▉█"
# Columns of a table that no terminal shows.
_WIDEST = 10_000

# What terminals obey, and what turns lines around: C0 and C1 controls, line separators, directional controls.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Terminal(Console):
    """A console on which no text does more than to be read, whoever wrote it and whatever prints it."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render, with a space in place of each character that a terminal would obey."""
        for each in super().render(renderable, options):
            if each.control or not _OBEYED.search(each.text):
                yield each
            else:
                yield Segment(_OBEYED.sub(" ", each.text), each.style)


console = Terminal(highlight=False, soft_wrap=not sys.stdout.isatty())
errors = Terminal(stderr=True, highlight=False, soft_wrap=True)


def fail(sentence: str, *, code: int = FAILURE) -> NoReturn:
    """Say what went wrong and end with that exit code."""
    errors.print(f"newsbot: {sentence}", markup=False, style="red" if errors.is_terminal else None)
    raise typer.Exit(code)


def say(line: str = "") -> None:
    """Print a line for people."""
    console.print(line, markup=False)


def print_json(value: object) -> None:
    """Print a value as JSON: one object, or a list of them."""
    typer.echo(in_json(value, indent=2))


def in_json(value: object, *, indent: int | None = None) -> str:
    """Return a value as JSON in which nothing stands that a terminal obeys: that is written by its number."""
    told = json.dumps(plain(value), ensure_ascii=False, indent=indent)
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", told)


def print_csv(text: str) -> None:
    """Print CSV as it is; on a terminal with a space in place of each character that it would obey."""
    typer.echo(_OBEYED.sub(_spaced, text) if sys.stdout.isatty() else text, nl=False)


def _spaced(found: re.Match[str]) -> str:
    ends_line = found[0] == "\r" and found.string.startswith("\n", found.end())
    return found[0] if ends_line else " "


def plain(value: object) -> Any:
    """Return a value as JSON knows it; records by their fields, moments in ISO 8601.

    Secrets of a source are not shown.
    """
    if isinstance(value, Source):
        from newsbot.fetching.credentials import masked

        value = masked(value)
    kind = type(value)
    if attrs.has(kind):
        return {field.name: plain(getattr(value, field.name)) for field in attrs.fields(kind)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return [plain(each) for each in value]
    return value


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """Print rows as a table, or a sentence where there are none."""
    listed = list(rows)
    if not listed:
        say(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in listed:
        table.add_row(*(safe(cell) for cell in row))
    # In a pipe, a row is a line, unless somebody says how wide it is.
    wide = os.environ.get("COLUMNS", "")
    width = int(wide) if wide.isdecimal() and int(wide) else _WIDEST
    out = console if console.is_terminal else Terminal(highlight=False, width=width)
    out.print(table)


def drawn(value: float, most: float, *, width: int) -> str:
    """Return a bar of ``width`` characters for the most; what is more than nothing is seen, too."""
    full, rest = divmod(ceil(value * width * 8 / most) if most else 0, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


@contextmanager
def counting(doing: str) -> Iterator[Callable[[int], None]]:
    """Show how far a long work is, where somebody looks on: what it does, and how many so far."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description} {task.completed:.0f}"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as progress:
        task = progress.add_task(doing)
        yield lambda count: progress.update(task, completed=count)


def safe(text: str) -> Any:
    """Return text as it may stand in a terminal: no control character, no markup."""
    from rich.text import Text

    return Text("".join(c if c.isprintable() or c == "\n" else " " for c in text))


def ago(moment: datetime | None) -> str:
    """Return how long ago a moment was (or how soon it comes), for people."""
    if moment is None:
        return "-"
    seconds = (datetime.now(UTC) - moment).total_seconds()
    size = abs(seconds)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if size >= length:
            words = f"{size / length:.0f} {unit}"
            break
    else:
        words = f"{size:.0f} s"
    return f"{words} ago" if seconds >= 0 else f"in {words}"
