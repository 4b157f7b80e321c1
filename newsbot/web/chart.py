"""A line chart, reckoned on the server: what is drawn where, for a picture of 1,000 by 100 units.

The picture is stretched to the room it has; texts stand beside it, so that they are not.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from math import ceil

import attrs

from newsbot.search.attention import Attention, Line
from newsbot.search.told import gap_in_full

WIDTH, HEIGHT = 1_000.0, 100.0
# Into how many parts a chart is divided by the days named below it.
_PARTS = (3, 4, 2, 5, 1)


@attrs.frozen(kw_only=True)
class Column:
    """A bucket: where it stands, what it says when it is pointed at, and whether it has a gap."""

    x: float
    width: float
    said: str
    gap: bool


@attrs.frozen(kw_only=True)
class Drawn:
    """A chart: ``top`` is what its upper edge stands for.

    ``paths`` are the lines (SVG path data) where they tell something; ``faint`` are the same all the way,
    through what was not collected as usual or is not over.
    """

    columns: tuple[Column, ...]
    paths: tuple[str, ...]
    faint: tuple[str, ...]
    top: str
    middle: str
    ticks: tuple[str, ...]


def drawn(found: Attention) -> Drawn:
    """Return a comparison's chart."""
    heights = [_heights(line, found) for line in found.lines]
    top = _round_up(
        max((each for of_line in heights for each in of_line if each is not None), default=0.0),
        share=found.share,
    )
    width = WIDTH / max(1, len(found.buckets))
    return Drawn(
        columns=tuple(
            Column(
                x=round(at * width, 2),
                width=round(width, 2),
                said=_said(found, at),
                gap=not bucket.counts,
            )
            for at, bucket in enumerate(found.buckets)
        ),
        paths=tuple(
            " ".join(_path(_telling(line, of_line), top, width))
            for line, of_line in zip(found.lines, heights, strict=True)
        ),
        faint=tuple(" ".join(_path(of_line, top, width)) for of_line in heights),
        top=_number(top, share=found.share),
        middle=_number(top / 2, share=found.share),
        ticks=ticks([bucket.first for bucket in found.buckets]),
    )


def ticks(firsts: Sequence[date]) -> tuple[str, ...]:
    """Return the days to be named below a chart of what begins on these days.

    They stand at equal distances, so that only what divides the time evenly is named.
    """
    last = len(firsts) - 1
    step = next((last // parts for parts in _PARTS if last and last % parts == 0), 1)
    return tuple(each.isoformat() for each in firsts[::step])


def when(first: date, last: date) -> str:
    """Return what some days are called where a part of a chart is pointed at."""
    return f"{first}" if first == last else f"{first} to {last}"


def _heights(line: Line, found: Attention) -> Sequence[float | None]:
    return line.shares if found.share else [float(count) for count in line.counts]


def _telling(line: Line, heights: Sequence[float | None]) -> Sequence[float | None]:
    pairs = zip(line.buckets, heights, strict=True)
    return [height if bucket.counts else None for bucket, height in pairs]


def _round_up(most: float, *, share: bool) -> float:
    """Return the next round number (2, 4, 6, 8, 10, 20, 40 …) that is as large: its half is one, too."""
    step = 2e-4 if share else 2.0
    while step * 5 < most:
        step *= 10
    return step * max(1, ceil(round(most / step, 9)))


def _number(value: float, *, share: bool) -> str:
    return f"{value * 100:g}%" if share else f"{value:,g}"


def _path(heights: Sequence[float | None], top: float, width: float) -> Iterator[str]:
    """Yield the pieces of a line; it is broken where there is no number."""
    begun = False
    for at, height in enumerate(heights):
        if height is None:
            begun = False
            continue
        x, y = (at + 0.5) * width, HEIGHT * (1 - height / top)
        yield f"{'L' if begun else 'M'}{x:.1f} {y:.2f}"
        if not begun:  # a number between two that are missing is a point
            yield "h0.01"
        begun = True


def _said(found: Attention, at: int) -> str:
    bucket = found.buckets[at]
    lines = [
        f"{line.label}: {line.counts[at]} of {line.totals[at]}"
        + ("" if (share := line.shares[at]) is None else f" ({share:.1%})")
        for line in found.lines
    ]
    gap = gap_in_full(bucket)
    return "\n".join([when(bucket.first, bucket.last), *lines, *([f"gap: {gap}"] if gap else [])])
