"""Texts as cells of a spreadsheet: none is taken for a formula, none turns its neighbours around.

Both are for CSV alone, which programs open that calculate and draw. JSON Lines and Parquet hold texts
as they are. Pure.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"), the full-width
# forms, which Japanese and Chinese versions take alike, too. The mark itself is among what is marked,
# so that it can be told from an apostrophe of the text.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_MARK = "'"

# Characters that open a stretch of another direction, and what closes it (Unicode Annex 9, 2.1-2.5).
# They reach to the end of the paragraph: what is left open there would turn what a text editor shows
# behind it in the line.
_PDF, _PDI = "\u202c", "\u2069"
_EMBEDDINGS = "\u202a\u202b\u202d\u202e"
_ISOLATES = "\u2066\u2067\u2068"
_CONTROLS = re.compile(f"[{_EMBEDDINGS}{_ISOLATES}{_PDF}{_PDI}]")


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return rows of texts as CSV (RFC 4180)."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(
        [as_cell(each) for each in row] for row in rows
    )
    return text.getvalue()


def as_cell(text: str) -> str:
    """Return a text as a cell of CSV."""
    return guarded(settled(text.replace("\0", "")))


def guarded(text: str) -> str:
    """Return a text as a cell: an apostrophe before it where it would be taken for a formula."""
    return _MARK + text if _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """Return the text of which ``guarded`` made this cell."""
    return cell[1:] if cell.startswith(_MARK) and _FORMULA.match(cell) else cell


def settled(text: str) -> str:
    """Return a text whose directional controls are closed in the line that opens them.

    Closing ones that close nothing are dropped. A text without such controls is returned as it is.
    """
    if not _CONTROLS.search(text):
        return text
    return "\n".join(map(_settled_line, text.split("\n")))


def _settled_line(line: str) -> str:
    open_: list[str] = []  # what closes each stretch that is open
    kept: list[str] = []
    for letter in line:
        if letter in _EMBEDDINGS:
            open_.append(_PDF)
        elif letter in _ISOLATES:
            open_.append(_PDI)
        elif letter == _PDF:
            if not open_ or open_[-1] != _PDF:
                continue
            open_.pop()
        elif letter == _PDI:
            if _PDI not in open_:
                continue
            while open_.pop() != _PDI:
                kept.append(_PDF)  # an isolate that ends ends what was opened in it
        kept.append(letter)
    return "".join(kept) + "".join(reversed(open_))
