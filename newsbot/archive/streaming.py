"""Many articles one after the other, in a given order, with no more than a few in memory.

They are read in small batches (the embedded MongoDB's time for an ``$in`` grows with the square of what
it finds), some of them ahead of need.
"""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from newsbot.archive import articles
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database, patiently

# Articles of a batch, and batches that are read ahead.
AT_ONCE = 20
AHEAD = 6
_THREADS = 2


def in_order(
    database: Database, ids: Iterable[str]
) -> Generator[tuple[str, Kept | None], None, None]:
    """Yield the articles of these ids, in their order; None for one that is there no more."""
    rest = iter(ids)
    waiting: deque[tuple[Sequence[str], Future[dict[str, Kept]]]] = deque()
    with ThreadPoolExecutor(_THREADS, "articles") as threads:
        try:
            while True:
                while len(waiting) < AHEAD and (some := list(islice(rest, AT_ONCE))):
                    waiting.append((some, threads.submit(articles.many, database, some)))
                if not waiting:
                    return
                asked, found = waiting.popleft()
                there = found.result()
                for each in asked:
                    yield each, there.get(each)
        finally:
            threads.shutdown(wait=True, cancel_futures=True)


def sources_of(database: Database, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the articles of these ids that are there, each with the id of its source."""
    rest = iter(ids)
    while some := list(islice(rest, AT_ONCE)):
        yield from _sources(database, some)


@patiently
def _sources(database: Database, ids: Sequence[str]) -> list[tuple[str, str]]:
    found = database.articles.find({"_id": {"$in": list(ids)}}, {"source": 1})
    by_id = {each["_id"]: each["source"] for each in found}
    return [(each, by_id[each]) for each in ids if each in by_id]
