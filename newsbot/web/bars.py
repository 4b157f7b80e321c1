"""Bars of a chart, one a day: where each stands in its picture, and what it says."""

from collections.abc import Iterable, Sequence

import attrs

from newsbot.web.chart import HEIGHT, WIDTH


@attrs.frozen(kw_only=True)
class DayBar:
    """A bar: its place, and what it says when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    said: str


def bars(counts: Sequence[int], said: Iterable[str]) -> list[DayBar]:
    """Return the bars of these counts, the highest as high as the picture."""
    most, room = max(counts, default=0), WIDTH / max(1, len(counts))
    drawn = []
    for at, (count, words) in enumerate(zip(counts, said, strict=True)):
        height = HEIGHT * count / most if most else 0.0
        drawn.append(
            DayBar(
                x=round(at * room, 2),
                y=round(HEIGHT - height, 2),
                width=round(room, 2),
                height=round(height, 2),
                said=words,
            )
        )
    return drawn
