"""The most relevant first: how articles are weighed, and an order that holds while pages are read.

What an article scores changes a little with every article that is stored, as words get rarer or more
common. So an order is worked out once, for the first page, and kept in a file for those that follow:
nothing is shown twice or left out, whatever is stored, edited or removed meanwhile.
"""

import time
from array import array
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import attrs
import tantivy
from tantivy import Occur

from newsbot.search.asking import within
from newsbot.search.cursors import PageError

# An article of the last day, week, month, quarter and year gains this share of the best score for each of
# these that it is in: one of today half of it.
RECENT_DAYS = (1, 7, 30, 91, 365)
GAIN = 0.1
# An order is kept for so many articles. Who needs more takes the newest first, or an export.
MOST = 10_000

# Orders are kept for this time (seconds), and so many of them: each is 160 kB at most.
_KEPT, _ORDERS = 86_400.0, 200


def weighed(
    searcher: tantivy.Searcher, schema: tantivy.Schema, query: tantivy.Query, today: int
) -> tantivy.Query:
    """Return a query that scores what it finds by its words and its age.

    The score is that of BM25, a word in the title counting double, and in addition, for each of
    ``RECENT_DAYS`` that the article is within, ``GAIN`` of the best such score. An article's age is that
    of its published day, where that is not known of its first storing. ``today`` counts days from 1970.
    """
    best = searcher.search(query, limit=1, count=False).hits
    gain = GAIN * (float(best[0][0]) if best and best[0][0] > 0 else 1.0)
    young = (within(schema, "recent", today - days + 1, None) for days in RECENT_DAYS)
    gains = ((Occur.Should, tantivy.Query.const_score_query(each, gain)) for each in young)
    return tantivy.Query.boolean_query([(Occur.Must, query), *gains])


@attrs.frozen
class Order:
    """Articles in order, by the numbers that stand for them, and those for their stories."""

    keys: Sequence[int]
    story_keys: Sequence[int]

    def keep(self, folder: Path) -> str:
        """Write it down; returns by what name it is found again, "" where it cannot be written."""
        content = array("q", [*self.keys, *self.story_keys]).tobytes()
        name = blake2b(content, digest_size=12).hexdigest()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            draft = folder / f"{name}.{time.monotonic_ns()}.new"
            draft.write_bytes(content)
            draft.replace(folder / name)
            _tidy(folder)
        except OSError:
            return ""
        return name

    @classmethod
    def kept(cls, folder: Path, name: str) -> "Order":
        """Return what was written down.

        Raises:
            PageError: when it is there no longer.
        """
        numbers = array("q")
        try:
            if not name.isalnum():
                raise ValueError
            numbers.frombytes((folder / name).read_bytes())
        except (OSError, ValueError):
            raise PageError(
                "the order of this list is no longer kept (it is for a day); begin at the first page"
            ) from None
        half = len(numbers) // 2
        return cls(numbers[:half], numbers[half:])


def _tidy(folder: Path) -> None:
    """Remove what was written too long ago, and the oldest of too many."""
    written = []
    for file in folder.iterdir():
        try:
            written.append((file.stat().st_mtime, file))
        except OSError:
            continue  # another process was faster
    written.sort(reverse=True)
    for place, (at, file) in enumerate(written):
        if place >= _ORDERS or time.time() - at > _KEPT:
            file.unlink(missing_ok=True)
