"""The difference of two texts in two columns, what belongs together in one row. Pure."""

from collections.abc import Iterator, Sequence

import attrs

from newsbot.edits.differences import Piece

# Paragraphs that both texts have and that stay beside a change; more of them are folded.
_BESIDE = 1


@attrs.frozen
class Row:
    """What stands side by side: runs of text of either column; ``folded`` counts paragraphs left out instead."""

    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()
    folded: int = 0

    @property
    def same(self) -> bool:
        """Whether both columns say the same here."""
        return all(each.change == "same" for each in (*self.before, *self.after))


def sides(pieces: Sequence[Piece], *, whole: bool = False) -> tuple[Row, ...]:
    """Return a difference as rows, from one line end that both texts have to the next.

    What is removed stands in ``before`` only, what is added in ``after`` only. Of what is the same, the
    paragraph beside a change is kept and the rest is folded, unless ``whole``.
    """
    rows = list(_rows(pieces))
    return tuple(rows if whole else _folded(rows))


def _rows(pieces: Sequence[Piece]) -> Iterator[Row]:
    before: list[Piece] = []
    after: list[Piece] = []
    for piece in pieces:
        if piece.change == "removed":
            before.append(piece)
        elif piece.change == "added":
            after.append(piece)
        else:
            *ended, rest = piece.text.split("\n")
            for text in ended:
                yield _row([*before, Piece("same", text)], [*after, Piece("same", text)])
                before, after = [], []
            before.append(Piece("same", rest))
            after.append(Piece("same", rest))
    yield _row(before, after)


def _row(before: Sequence[Piece], after: Sequence[Piece]) -> Row:
    return Row(
        tuple(each for each in before if each.text), tuple(each for each in after if each.text)
    )


def _folded(rows: Sequence[Row]) -> Iterator[Row]:
    changed = [at for at, row in enumerate(rows) if not row.same]
    near = {at + step for at in changed for step in range(-_BESIDE, _BESIDE + 1)}
    skipped = 0
    for at, row in enumerate(rows):
        if at in near:
            if skipped:
                yield Row(folded=skipped)
            skipped = 0
            if row.before or row.after:
                yield row
        else:
            skipped += bool(row.before or row.after)
    if skipped:
        yield Row(folded=skipped)
