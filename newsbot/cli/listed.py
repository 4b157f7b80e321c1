"""Articles in a terminal: a line each for date and source, beside it the headline and what matched.

Lines of a terminal that knows of directions are set right to left where they begin so. Each text stands
in an isolate of its own (Unicode Annex 9), so that it turns its neighbours around nowhere.
"""

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from newsbot.cli.output import console, safe
from newsbot.search.results import Hit
from newsbot.text.doubts import believed

_ISOLATE, _END = "\u2068", "\u2069"
_DATE, _SOURCE, _NARROWEST = 10, 18, 30
_MARKED = "bold reverse"
# What stands around what matched where nothing can be shown in colour.
_OPENED, _CLOSED = "[", "]"


def print_hits(hits: Iterable[Hit]) -> None:
    """Print articles as a table of their date, source, headline, passage and id."""
    narrow = console.is_terminal and console.width < _DATE + _SOURCE + 4 + _NARROWEST
    margin = 2 if narrow else _DATE + _SOURCE + 4
    for hit in hits:
        about = f"{_day(hit):<{_DATE}}  {_isolated(_fit(hit.source or '(removed source)'))}"
        lines = [*_lines(hit, margin)]
        if narrow:
            _out(Text(about))
        for number, line in enumerate(lines):
            first = not narrow and not number
            _out(Text.assemble(f"{about}  " if first else " " * margin, line))


def _lines(hit: Hit, margin: int) -> Iterable[Text]:
    headline = safe(hit.kept.article.title or "(no headline)")
    headline.stylize("bold")
    yield from _wrapped(_marked(headline, hit.title_marks), margin)
    shown = hit.passage
    text, marks = shown.text, shown.marks
    if shown.published:
        text, marks = shown.published, shown.published_marks
    if text and text != hit.kept.article.title:
        yield from _wrapped(_marked(safe(text), marks), margin)
    about = [hit.kept.article.id]
    if hit.more:
        about.append(f"and {hit.more:,} more")
    if hit.kept.article.partial:
        about.append("in part")
    if hit.kept.record.deleted_at:
        about.append("taken down")
    yield Text(" · ".join(about), style="dim")


def _marked(text: Text, marks: Iterable[tuple[int, int]]) -> Text:
    """Return a text with these character ranges marked, by signs where there is no colour."""
    ranges = sorted(marks)
    if console.is_terminal and console.color_system:
        for low, high in ranges:
            text.stylize(_MARKED, low, high)
        return text
    out, at = Text(), 0
    for low, high in ranges:
        out.append_text(text[at:low])
        out.append(_OPENED)
        out.append_text(text[low:high])
        out.append(_CLOSED)
        at = high
    return out.append_text(text[at:])


def _wrapped(text: Text, margin: int) -> Iterable[Text]:
    text = Text(" ").join(text.split("\n"))
    wide = max(console.width - margin, _NARROWEST)
    lines = text.wrap(console, wide) if console.is_terminal else [text]
    for line in lines:
        line.rstrip()
        yield Text.assemble(_ISOLATE, line, _END) if console.is_terminal else line


def _fit(name: str) -> str:
    """Return a name as wide as its column."""
    plain = "".join(c if c.isprintable() else " " for c in name)
    if cell_len(plain) > _SOURCE:
        plain = f"{set_cell_size(plain, _SOURCE - 1).rstrip()}…"
    return plain


def _isolated(name: str) -> str:
    isolated = f"{_ISOLATE}{name}{_END}" if console.is_terminal else name
    return f"{isolated}{' ' * (_SOURCE - cell_len(name))}"


def _day(hit: Hit) -> str:
    stated = believed(hit.kept.article.published)
    return stated.day.isoformat() if stated else "-"


def _out(line: Text) -> None:
    line.rstrip()
    console.print(line, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)
