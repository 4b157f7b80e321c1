"""Small charts in tables and pages, each one path: bars of days, and hours that went well or not."""

from collections.abc import Mapping, Sequence
from datetime import date

from newsbot.archive.coverage import SourceDay

WIDTH, HEIGHT = 140, 24
HOURS = 24


def spark(counts: Sequence[int | None], *, width: int = WIDTH, height: int = HEIGHT) -> str:
    """Return SVG path data of bars, the highest as high as the picture; a day that is not known has none."""
    most = max((each or 0 for each in counts), default=0)
    room = width / max(1, len(counts))
    bar = room * 0.8
    drawn = []
    for at, count in enumerate(counts):
        if count:
            high = max(1.0, height * count / most)
            drawn.append(f"M{at * room:.4g} {height}v-{high:.3g}h{bar:.3g}v{high:.3g}z")
    return "".join(drawn)


def hours(ledger: Mapping[date, SourceDay], days: Sequence[date], *, well: bool) -> str:
    """Return SVG path data of squares, a column a day, for the hours in which runs ended well, or only failed."""
    drawn = []
    for at, day in enumerate(days):
        said = ledger.get(day, SourceDay())
        bits = said.well if well else said.failed & ~said.well
        drawn += [f"M{at} {hour}h.9v.9h-.9z" for hour in range(HOURS) if bits >> hour & 1]
    return "".join(drawn)
