"""Curves as SVG, on logarithmic axes: what a page of the documentation shows."""

import math
from collections.abc import Iterator, Sequence
from html import escape

import attrs

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 860, 520, 70, 20, 44, 130


@attrs.frozen
class Line:
    """A named curve through points; ``dashed`` sets a second measure of the same thing apart."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dashed: bool = attrs.field(default=False, kw_only=True)


@attrs.frozen
class _Axis:
    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def marks(self) -> Iterator[float]:
        for power in range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1):
            for digit in (1, 2, 5):
                if self.low <= digit * 10.0**power <= self.high:
                    yield digit * 10.0**power


def chart(lines: Sequence[Line], *, title: str, across: str, up: str) -> str:
    """Return a chart of curves with both axes logarithmic."""
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    x_axis = _Axis(min(xs) / 1.1, max(xs) * 1.1, _LEFT, right)
    y_axis = _Axis(min(ys) / 1.2, max(ys) * 1.2, bottom, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}">',
        '<g font-family="sans-serif" font-size="12" fill="#222">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="24" font-size="16">{escape(title)}</text>',
    ]
    for mark in x_axis.marks():
        x = x_axis.at(mark)
        parts.append(f'<path d="M{x:.1f} {_TOP}V{bottom}" stroke="#e4e4e4"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{mark:g}</text>')
    for mark in y_axis.marks():
        y = y_axis.at(mark)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="#e4e4e4"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{mark:g}</text>')
    middle = (_TOP + bottom) / 2
    parts.append(
        f'<text x="{(_LEFT + right) / 2}" y="{bottom + 36}" text-anchor="middle">{escape(across)}</text>'
    )
    parts.append(
        f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">'
        f"{escape(up)}</text>"
    )
    for number, line in enumerate(lines):
        stroke = f'stroke="{line.colour}" stroke-width="2"' + (
            ' stroke-dasharray="6 4"' if line.dashed else ""
        )
        path = "L".join(f"{x_axis.at(x):.1f} {y_axis.at(y):.1f}" for x, y in line.points)
        parts.append(f'<path d="M{path}" fill="none" {stroke}/>')
        parts += [
            f'<circle cx="{x_axis.at(x):.1f}" cy="{y_axis.at(y):.1f}" r="3" fill="{line.colour}"/>'
            for x, y in line.points
        ]
        x, y = _LEFT + number % 2 * 400, bottom + 62 + number // 2 * 20
        parts.append(f'<path d="M{x} {y - 4}h34" {stroke}/>')
        parts.append(f'<text x="{x + 42}" y="{y}">{escape(line.name)}</text>')
    return "\n".join([*parts, "</g></svg>", ""])
