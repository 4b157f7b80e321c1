"""What an article said before, for people: its edits, and the difference of any two versions.

Where a terminal shows colours, what was removed is red and struck through, what was added green and
underlined; elsewhere it stands in ``[-…-]`` and ``{+…+}``, as wdiff has it. A right-to-left text is set
apart by isolates (Unicode Standard Annex 9), so that the marks stay at the words that they mark.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from rich.text import Text

from newsbot.archive.revisions import Revision
from newsbot.cli.output import USAGE, console, fail, plain, print_json, safe, say
from newsbot.edits import Piece, difference, shortened
from newsbot.items import Article
from newsbot.text.dates import ParsedDate

_STYLES = {"same": "", "removed": "red strike", "added": "green underline"}
_MARKS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
_SPACED = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)
_ISOLATE, _POP = "\u2068", "\u2069"


def print_history(told: Sequence[Revision]) -> None:
    """Print an article's versions, oldest first: when, what kind of edit, and what it changed."""
    first = told[0]
    say(f"\nversion 1   seen {first.seen_from:%Y-%m-%d %H:%M} UTC")
    for before, after in pairwise(told):
        kinds = ", ".join(after.kinds) or "edit"
        say(f"\nversion {after.number:<3} seen {after.seen_from:%Y-%m-%d %H:%M} UTC   {kinds}")
        for label, pieces in _changes(before, after):
            cut = shortened(pieces)
            if cut:
                console.print(Text(f"  {label}: ") + marked(cut))


def print_difference(told: Sequence[Revision], low: int, high: int) -> None:
    """Print what changed from one version to another."""
    before, after = _both(told, low, high)
    changes = _changes(before, after)
    if not any(each.change != "same" for _, pieces in changes for each in pieces):
        say(f"Versions {low} and {high} say the same.")
        return
    for label, pieces in changes:
        if label == "text":
            console.print()
            console.print(marked(pieces))
        elif any(each.change != "same" for each in pieces):
            console.print(Text(f"{label}: ") + marked(pieces))


def print_difference_json(article: Article, told: Sequence[Revision], low: int, high: int) -> None:
    """Print what changed from one version to another, as pieces of text."""
    before, after = _both(told, low, high)
    print_json(
        {
            "article": article.id,
            "from": _about(before),
            "to": _about(after),
            "differences": dict(_changes(before, after)),
        }
    )


def history_json(told: Sequence[Revision]) -> list[object]:
    """Return an article's versions with what each changed, near the changes only."""
    changes = [dict[str, object](), *(_short(*pair) for pair in pairwise(told))]
    return [
        {**plain(each), "changes": changed} for each, changed in zip(told, changes, strict=True)
    ]


def _short(before: Revision, after: Revision) -> dict[str, object]:
    found = {label: shortened(pieces) for label, pieces in _changes(before, after)}
    return {label: plain(pieces) for label, pieces in found.items() if pieces}


def _both(told: Sequence[Revision], low: int, high: int) -> tuple[Revision, Revision]:
    by_number = {each.number: each for each in told}
    for number in (low, high):
        if number not in by_number:
            last = max(by_number)
            there = "one version" if last == 1 else f"versions 1 to {last}"
            fail(f"there is no version {number}: the article has {there}", code=USAGE)
    return by_number[low], by_number[high]


def _about(revision: Revision) -> dict[str, object]:
    return {
        "number": revision.number,
        "seen_from": revision.seen_from,
        "seen_until": revision.seen_until,
        "kinds": revision.kinds,
    }


def _changes(before: Revision, after: Revision) -> list[tuple[str, tuple[Piece, ...]]]:
    """Return the differences of two versions by field, as published."""
    one, other = _fields(before), _fields(after)
    return [(label, difference(one[label], other[label])) for label in one]


def _fields(revision: Revision) -> dict[str, str]:
    return {
        "headline": revision.title_as_published or revision.title,
        "by": ", ".join(revision.authors),
        "published": _moment(revision.published),
        "text": revision.body_as_published or revision.body,
    }


def _moment(stated: ParsedDate | None) -> str:
    if stated is None:
        return ""
    return f"{stated.instant:%Y-%m-%d %H:%M} UTC" if stated.instant else f"{stated.day}"


def marked(pieces: Sequence[Piece]) -> Text:
    """Return a difference as it may stand in a terminal, or in a file."""
    coloured = console.is_terminal and not console.no_color
    right_to_left = any(_is_right_to_left(each.text) for each in pieces)
    out = Text()
    for at, piece in enumerate(pieces):
        text = safe(piece.text).plain
        if coloured or piece.change == "same":
            out.append(text, style=_STYLES[piece.change])
            continue
        spaces = _SPACED.fullmatch(text)
        before, said, behind = spaces.groups() if spaces else ("", text, "")
        # A space that was removed and put there again is one space.
        replaced = piece.change == "added" and at > 0 and pieces[at - 1].change == "removed"
        opening, closing = _MARKS[piece.change]
        if right_to_left:
            said = f"{_ISOLATE}{said}{_POP}"
        out.append(f"{'' if replaced else before}{opening}{said}{closing}{behind}")
    return out


def _is_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(each) in ("R", "AL") for each in text)
