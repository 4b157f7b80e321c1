"""What an article's page shows of its edits, and of the difference of two of its versions."""

from collections.abc import Mapping
from itertools import pairwise

import attrs

from newsbot.archive import revisions
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.revisions import Revision
from newsbot.edits.differences import Piece, shortened

# Words that are shown beside each change, and changes of an article that are shown at once.
_CONTEXT, _MOST = 12, 200


@attrs.frozen
class Edit:
    """An edit: the version that it made, and what it changed, near the changes only."""

    made: Revision
    changes: Mapping[str, tuple[Piece, ...]]


@attrs.frozen
class History:
    """An article's edits, the newest first, and its versions by number.

    ``low`` and ``high`` are two that are compared, ``changes`` all that differs between them; None where
    nobody asked.
    """

    edits: tuple[Edit, ...]
    versions: Mapping[int, Revision]
    low: int
    high: int
    changes: Mapping[str, tuple[Piece, ...]] | None = None


def look(database: Database, kept: Kept, low: str, high: str) -> History:
    """Return an article's history; ``low`` and ``high`` are what somebody asked to compare, or ""."""
    told = revisions.versions(database, kept)
    versions = {each.number: each for each in told}
    last = told[-1].number
    numbers = [int(each) if each.isascii() and each.isdigit() else 0 for each in (low, high)]
    compared = None
    if all(number in versions for number in numbers):
        compared = revisions.changes(*(versions[number] for number in numbers))
    else:
        numbers = [max(1, last - 1), last]
    edits = tuple(_edit(*pair) for pair in list(pairwise(told))[-_MOST:])
    return History(edits[::-1], versions, numbers[0], numbers[1], compared)


def _edit(before: Revision, after: Revision) -> Edit:
    changes = revisions.changes(before, after)
    return Edit(after, {label: shortened(own, context=_CONTEXT) for label, own in changes.items()})
