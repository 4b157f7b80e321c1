"""Archives by date: pages of the articles of a year, a month or a day, by how they are addressed.

No word of any language is needed: an archive's address writes its numbers, and those of its likes
the same way.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import attrs

from newsbot.text.urls import canonical_url

# No site has older pages, and what is addressed as one counts something else.
_EARLIEST = 1990
# What remains of a path behind a period, where it is the page of the period itself.
_TAIL = re.compile(r"(?:/(?:page/\d+|index\.\w+))?/?(?:\.(?:s?html?|php|aspx?))?", re.IGNORECASE)
# A month or a day may stand behind a word (``news-2024-05``), but not behind a headline's slug; a
# year alone is all of its segment.
_YEAR, _MONTH, _DAY = r"((?:199|20\d)\d)", r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])"
_PERIODS = tuple(
    re.compile(form)
    for form in (
        rf"(?<=/)(?:[^\W\d_]{{1,12}}[-_.])?{_YEAR}([/_.-]?){_MONTH}\2{_DAY}(?!\d)",
        rf"(?<=/)(?:[^\W\d_]{{1,12}}[-_.])?{_YEAR}([/_.-]?){_MONTH}(?!\d)",
        rf"(?<=/){_YEAR}(?!\d)",
    )
)
_YEAR_NAMES, _MONTH_NAMES = frozenset({"year", "y", "yr", "jahr"}), frozenset({"month", "m", "mon"})
_DAY_NAMES = frozenset({"day", "d"})


@attrs.frozen
class Period:
    """The days that an archive page tells of: from ``first`` to ``last``."""

    first: date
    last: date


@attrs.frozen
class _Place:
    """A period as an address writes it: ``shape`` is the address, to be formatted with its numbers."""

    shape: str
    numbers: tuple[int, ...]
    widths: tuple[int, ...]


def archive_period(url: str) -> Period | None:
    """Return the days of which an address is the archive page; None where it is none by its form.

    ``/2024/05/`` is May 2024, ``/archive/2024-05-17.html`` a day, ``?year=2024`` a year;
    ``/2024/05/a-headline`` is an article and no archive.
    """
    place = _place(url)
    return _period(place.numbers) if place else None


def _place(url: str) -> _Place | None:
    parts = urlsplit(canonical_url(url))
    path = unquote(parts.path)
    path = _braced("".join(str(int(each)) if each.isdecimal() else each for each in path))
    for form in _PERIODS:
        for found in form.finditer(path):
            if parts.query or not _TAIL.fullmatch(path, found.end()):
                continue
            spans = [found.span(group) for group in (1, 3, 4) if group <= (found.re.groups or 0)]
            shape, numbers = _cut(path, spans)
            whole = urlunsplit(parts._replace(path=quote(shape, safe="/{}:@!$&'()*+,;=~-._")))
            # Page 3 of May is followed by page 1 of April.
            whole = re.sub(r"/page/\d+(/?)$", r"\1", whole)
            return _Place(whole, numbers, tuple(end - start for start, end in spans))
    return _place_in_query(parts)


def _braced(text: str) -> str:
    """Return a text with the braces of its own doubled, as in what ``str.format`` fills in."""
    return text.replace("{", "{{").replace("}", "}}")


def _cut(text: str, spans: list[tuple[int, int]]) -> tuple[str, tuple[int, ...]]:
    numbers = tuple(int(text[start:end]) for start, end in spans)
    for start, end in reversed(spans):
        text = text[:start] + "{}" + text[end:]
    return text, numbers


def _place_in_query(parts: SplitResult) -> _Place | None:
    pairs = [(_braced(name), _braced(value)) for name, value in parse_qsl(parts.query)]
    named = {name.lower(): value for name, value in pairs if value.isascii() and value.isdigit()}
    numbers: list[int] = []
    widths: list[int] = []
    query = dict(pairs)
    for names in (_YEAR_NAMES, _MONTH_NAMES, _DAY_NAMES):
        name = next((each for each in query if each.lower() in names and each.lower() in named), "")
        if not name:
            break
        numbers.append(int(query[name]))
        widths.append(len(query[name]))
        query[name] = "{}"
    if numbers and _EARLIEST <= numbers[0] < 2100:
        shape = urlunsplit(parts._replace(query=urlencode(query, safe="{}")))
        return _Place(shape, tuple(numbers), tuple(widths))
    for name, value in pairs:
        found = next(
            (hit for form in _PERIODS[:2] if (hit := form.fullmatch(f"/{value}", 1))), None
        )
        if found:
            spans = [found.span(group) for group in (1, 3, 4) if group <= found.re.groups]
            shape, found_numbers = _cut(f"/{value}", spans)
            query = dict(pairs) | {name: shape[1:]}
            whole = urlunsplit(parts._replace(query=urlencode(query, safe="{}")))
            return _Place(whole, found_numbers, tuple(end - start for start, end in spans))
    return None


def _period(numbers: tuple[int, ...]) -> Period | None:
    try:
        if len(numbers) == 1:
            return Period(date(numbers[0], 1, 1), date(numbers[0], 12, 31))
        if len(numbers) == 2:
            first = date(numbers[0], numbers[1], 1)
            return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
        return Period(date(*numbers), date(*numbers))
    except ValueError:
        return None


def period_before(url: str, linked: Iterable[str] = ()) -> str:
    """Return the newest of the linked periods before that of an address, else the one just before.

    "" where the address is of no period, or of the earliest. Only what is written like the address
    is one of its likes.
    """
    place = _place(url)
    period = _period(place.numbers) if place else None
    if place is None or period is None or period.first.year <= _EARLIEST:
        return ""
    before: dict[str, date] = {}
    for link in linked:
        other = _place(link)
        when = _period(other.numbers) if other and other.shape == place.shape else None
        if when is not None and when.last < period.first:
            before.setdefault(link, when.first)
    if before:
        return max(before, key=lambda each: before[each])
    day = period.first - timedelta(days=1)
    parts = (day.year, day.month, day.day)
    if len(place.numbers) == 1:
        parts = (period.first.year - 1, 1, 1)
    written = [
        str(number).zfill(width) if width > 1 else str(number)
        for number, width in zip(parts, place.widths, strict=False)
    ]
    return place.shape.format(*written)
