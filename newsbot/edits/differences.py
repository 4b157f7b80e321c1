"""What changed between two versions of a text, word by word.

Paragraphs are compared first, then the words of those that differ; so a long text with a small edit
costs little, and a moved comma never makes a paragraph look rewritten. Words that stand by chance in
both, between long changes, are shown as changed: *the* in the middle of a new sentence tells nobody
anything. In scripts that put no space between words (Chinese, Japanese, Thai …) each character is
compared.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Literal

import attrs

from newsbot.text.draft import MARKS

Change = Literal["same", "removed", "added"]

# The comparison takes a bit for each pair of words: at most so many pairs (12 MB, 0.3 s)
# are compared; what is larger is shown as removed and added.
_MOST_PAIRS = 100_000_000
_UNSPACED = (
    "\u0e01-\u0e2e\u0e30-\u0e3a\u0e40-\u0e46\u0e81-\u0ecd\u1000-\u109f\u1780-\u17d3"  # Thai to Khmer
    "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"  # Han
)
# A word with the marks on its letters, and with signs within it: 1,700, e-mail, don't, إطـ.ـلاق.
_UNIT = re.compile(
    rf"\n|[ \t]*(?:[{_UNSPACED}][{MARKS}]*"
    rf"|(?:(?![{_UNSPACED}])\w)[{MARKS}\u200c\u200d]*"
    rf"(?:[^\w\s]{{0,3}}(?:(?![{_UNSPACED}])\w)[{MARKS}\u200c\u200d]*)*"
    r"|[^\w\s]|[^\S\n])"
)
_WORD = re.compile(r"\w")


@attrs.frozen
class Piece:
    """A run of text that both versions have, or that was removed or added."""

    change: Change
    text: str


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """Return what changed from one text to the other, in the order of reading.

    The pieces that are "same" or "added" make up ``after``; those that are "same" or "removed" make up
    ``before``, but for white space where only that differs. What is removed stands before what was put
    in its place. Never raises; time and memory are bounded whatever the texts are.
    """
    old, new = _lines(before), _lines(after)
    found: list[Piece] = []
    for tag, low, high, start, end in _opcodes(old, new):
        if tag == "equal":
            found.append(Piece("same", "".join(new[start:end])))
        else:
            found += _of_words(_units(old[low:high]), _units(new[start:end]))
    return tuple(_joined(_spaced(_joined(_settled(_joined(found))))))


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _units(lines: Iterable[str]) -> list[str]:
    return _UNIT.findall("".join(lines))


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Return opcodes as difflib's, replacements joined; one for all where it is too much."""
    from rapidfuzz.distance import Indel

    one = [each.strip(" \t\r\n") or "\n" for each in old]
    other = [each.strip(" \t\r\n") or "\n" for each in new]
    head = _common(one, other)
    tail = _common(one[head:][::-1], other[head:][::-1])
    middle, centre = one[head : len(one) - tail], other[head : len(other) - tail]
    codes: list[tuple[str, int, int, int, int]] = []
    if head:
        codes.append(("equal", 0, head, 0, head))
    if len(middle) * len(centre) > _MOST_PAIRS:
        codes.append(("replace", head, len(one) - tail, head, len(other) - tail))
    elif middle or centre:
        codes += [
            (
                "equal" if code.tag == "equal" else "replace",
                head + code.src_start,
                head + code.src_end,
                head + code.dest_start,
                head + code.dest_end,
            )
            for code in Indel.opcodes(middle, centre)
        ]
    if tail:
        codes.append(("equal", len(one) - tail, len(one), len(other) - tail, len(other)))
    joined = []
    for equal, run in groupby(codes, key=lambda code: code[0] == "equal"):
        some = list(run)
        first, last = some[0], some[-1]
        joined.append(("equal" if equal else "replace", first[1], last[2], first[3], last[4]))
    return joined


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _of_words(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for tag, low, high, start, end in _opcodes(old, new):
        if tag == "equal":
            yield Piece("same", "".join(new[start:end]))
            continue
        yield Piece("removed", "".join(old[low:high]))
        yield Piece("added", "".join(new[start:end]))


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces with neighbours of one change made one, what is removed first."""
    out: list[Piece] = []
    for same, run in groupby(
        (each for each in pieces if each.text), key=lambda each: each.change == "same"
    ):
        some = list(run)
        changes: tuple[Change, ...] = ("same",) if same else ("removed", "added")
        for change in changes:
            text = "".join(each.text for each in some if each.change == change)
            if text:
                out.append(Piece(change, text))
    return out


def _settled(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces with what is the same by chance, between longer changes, as changed.

    An island goes where it has fewer words than the changes before and behind it, and three at most: the
    rule of semantic clean-ups (N. Fraser, "Writing: Diff Strategies", 2006), held to what is no phrase.
    """
    groups = [list(run) for _, run in groupby(pieces, key=lambda each: each.change == "same")]
    sizes = [max(_length(each.text) for each in group) for group in groups]
    out: list[Piece] = []
    for at, group in enumerate(groups):
        island = (
            group[0].change == "same"
            and 0 < at < len(groups) - 1
            and "\n" not in group[0].text
            and sizes[at] <= 3
            and sizes[at] < min(sizes[at - 1], sizes[at + 1])
        )
        if island:
            out += [Piece("removed", group[0].text), Piece("added", group[0].text)]
        else:
            out += group
    return out


def _spaced(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield the pieces with the space before what was replaced as no part of the change."""
    at = 0
    while at < len(pieces):
        pair = pieces[at : at + 2]
        if [each.change for each in pair] == ["removed", "added"] and all(
            each.text.startswith(" ") for each in pair
        ):
            yield Piece("same", " ")
            yield from (Piece(each.change, each.text[1:]) for each in pair if each.text[1:])
            at += 2
        else:
            yield pieces[at]
            at += 1


def _length(text: str) -> int:
    return sum(1 for unit in _UNIT.findall(text) if _WORD.search(unit))


def words_of(text: str) -> list[str]:
    """Return a text's words as they are compared and shown, signs and spaces left out."""
    return [unit.strip() for unit in _UNIT.findall(text) if _WORD.search(unit)]


def shortened(pieces: Sequence[Piece], *, context: int = 6, longest: int = 60) -> tuple[Piece, ...]:
    """Return a difference for a glance: what is the same only near changes, long changes cut.

    ``context`` is how many words of what is the same stay beside a change, ``longest`` how many words of
    a change are shown; "…" stands for the rest.
    """
    out: list[Piece] = []
    for at, piece in enumerate(pieces):
        units = _UNIT.findall(piece.text)
        if piece.change != "same":
            cut = units if len(units) <= longest else [*units[:longest], " …"]
        elif len(units) <= 2 * context:
            cut = units
        else:
            behind = _some(units, context) if at else []
            before = _some(units[::-1], context)[::-1] if at < len(pieces) - 1 else []
            rest = "".join(before)
            gap = "" if not before or rest[:1].isspace() else " "
            cut = [*behind, " …" if behind else "…", gap, rest]
        out.append(Piece(piece.change, "".join(cut)))
    return tuple(out) if any(each.change != "same" for each in pieces) else ()


def _some(units: Sequence[str], count: int) -> list[str]:
    """Return the first units, up to so many words."""
    some: list[str] = []
    for unit in units:
        if not count:
            break
        count -= _WORD.search(unit) is not None
        some.append(unit)
    return some
