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

from newsbot.archive.revisions import Revision, changes
from newsbot.cli.output import USAGE, console, fail, plain, print_json, safe, say
from newsbot.edits.differences import Change, Piece, shortened
from newsbot.items import Article

_STYLES: dict[Change, str] = {"removed": "red strike", "added": "green underline"}
_MARKS: dict[Change, tuple[str, str]] = {"removed": ("[-", "-]"), "added": ("{+", "+}")}
_SPACED = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)
_ISOLATE, _POP = "\u2068", "\u2069"


def print_history(told: Sequence[Revision]) -> None:
    """Print an article's versions, oldest first: when, what kind of edit, and what it changed."""
    first = told[0]
    say(f"\nversion 1   seen {first.seen_from:%Y-%m-%d %H:%M} UTC")
    for before, after in pairwise(told):
        kinds = ", ".join(after.kinds) or "edit"
        say(f"\nversion {after.number:<3} seen {after.seen_from:%Y-%m-%d %H:%M} UTC   {kinds}")
        for label, pieces in changes(before, after).items():
            console.print(marked(shortened(pieces), label=label, indent="  "))


def print_difference(told: Sequence[Revision], low: int, high: int) -> None:
    """Print what changed from one version to another."""
    before, after = _both(told, low, high)
    changed = changes(before, after)
    if not changed:
        say(f"Versions {low} and {high} say the same.")
    for label, pieces in changed.items():
        if label == "text":
            console.print()
            console.print(marked(pieces))
        else:
            console.print(marked(pieces, label=label))


def print_difference_json(article: Article, told: Sequence[Revision], low: int, high: int) -> None:
    """Print what changed from one version to another, as pieces of text."""
    before, after = _both(told, low, high)
    print_json(
        {
            "article": article.id,
            "from": _about(before),
            "to": _about(after),
            "differences": changes(before, after),
        }
    )


def history_json(told: Sequence[Revision]) -> list[object]:
    """Return an article's versions with what each changed, near the changes only."""
    changed = [{}, *(changes(*pair) for pair in pairwise(told))]
    return [
        {**plain(each), "changes": {label: plain(shortened(own)) for label, own in made.items()}}
        for each, made in zip(told, changed, strict=True)
    ]


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


def marked(pieces: Sequence[Piece], *, label: str = "", indent: str = "") -> Text:
    """Return a difference as it may stand in a terminal, or in a file; ``label`` stands before it."""
    coloured = console.is_terminal and not console.no_color
    isolated = any(_is_right_to_left(each.text) for each in pieces)
    lines = [Text()]
    for at, piece in enumerate(pieces):
        # A space that was removed and put there again is one space.
        replaced = piece.change == "added" and at > 0 and pieces[at - 1].change == "removed"
        for number, text in enumerate(safe(piece.text).plain.split("\n")):
            if number:
                lines.append(Text())
            if piece.change == "same":
                lines[-1].append(text)
            elif text and coloured:
                said = _in_isolate(text) if isolated else text
                lines[-1].append(" " if replaced and not number else "")
                lines[-1].append(said, style=_STYLES[piece.change])
            elif text:
                lines[-1].append(_in_marks(text, piece.change, bare=replaced, isolated=isolated))
    # A line takes its direction from its first letter, which is not to be the label's.
    shown = [_isolate(line) if isolated and (label or indent) else line for line in lines]
    return Text(f"{indent}{label}: " if label else indent) + Text(f"\n{indent}").join(shown)


def _in_marks(text: str, change: Change, *, bare: bool, isolated: bool) -> str:
    spaces = _SPACED.fullmatch(text)
    before, said, behind = spaces.groups() if spaces else ("", text, "")
    opening, closing = _MARKS[change]
    said = _in_isolate(said) if isolated else said
    return f"{'' if bare else before}{opening}{said}{closing}{behind}"


def _in_isolate(text: str) -> str:
    return f"{_ISOLATE}{text}{_POP}"


def _isolate(line: Text) -> Text:
    return Text(_ISOLATE) + line + Text(_POP) if line.plain else line


def _is_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(each) in ("R", "AL") for each in text)
