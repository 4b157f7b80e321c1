"""How large an edit is, in words."""

from newsbot.edits.differences import difference, words_of
from newsbot.edits.version import Kind

# Kinds that may be a matter of a word or of a page; the others are what they are, whatever their size.
SIZED: frozenset[Kind] = frozenset({"correction", "addition", "cut", "rewording"})


def size(before: str, after: str) -> int:
    """Return how many words of two texts are other: of a replacement, those of its longer side."""
    total = removed = 0
    for piece in difference(before, after):
        count = len(words_of(piece.text))
        if piece.change == "removed":
            total, removed = total + count, count
        elif piece.change == "added":
            total, removed = total + max(0, count - removed), 0
        else:
            removed = 0
    return total
