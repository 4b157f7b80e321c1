"""A timeline of runs, reckoned on the server: a line a source, a bar a run."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import attrs

from newsbot.archive.runs import Run, State

WIDTH = 1_000.0
# A bar is that wide at least, so that it is seen; sources that have a line.
NARROWEST, LINES = 3.0, 30
# Times that are named below it.
TICKS = 4


@attrs.frozen(kw_only=True)
class Bar:
    """A run on its line: where it stands (of 1,000), and what it is."""

    run: str
    state: State
    x: float
    width: float
    since: datetime


@attrs.frozen(kw_only=True)
class Line:
    """A source's line."""

    source: str
    name: str
    bars: tuple[Bar, ...]


@attrs.frozen(kw_only=True)
class Timeline:
    """Lines of the sources whose runs are the newest; ``more`` sources have runs and no line."""

    first: datetime
    last: datetime
    lines: tuple[Line, ...]
    more: int

    @property
    def ticks(self) -> tuple[datetime, ...]:
        """The moments that are named below, at equal distances."""
        step = (self.last - self.first) / TICKS
        return tuple(self.first + step * number for number in range(TICKS + 1))


def timeline(
    found: Sequence[Run], names: Mapping[str, str], *, first: datetime, last: datetime
) -> Timeline:
    """Return the timeline of runs, newest first as they are given, from a moment to another."""
    of: dict[str, list[Bar]] = {}
    whole = max((last - first).total_seconds(), 1.0)
    for run in found:
        begun, over = run.started_at or run.requested_at, run.finished_at or last
        left = max(0.0, (begun - first).total_seconds()) / whole * WIDTH
        right = min(1.0, (over - first).total_seconds() / whole) * WIDTH
        width = max(NARROWEST, right - left)
        bar = Bar(
            run=run.id,
            state=run.state,
            x=round(min(left, WIDTH - width), 1),
            width=round(width, 1),
            since=begun,
        )
        of.setdefault(run.source, []).append(bar)
    lines = [
        Line(source=source, name=names.get(source, ""), bars=tuple(bars))
        for source, bars in list(of.items())[:LINES]
    ]
    return Timeline(first=first, last=last, lines=tuple(lines), more=max(0, len(of) - len(lines)))
