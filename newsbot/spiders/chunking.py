"""From the fresh links of a reading to chunks of the frontier, newest first."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from newsbot.archive import frontier
from newsbot.archive.frontier import Chunk, Link
from newsbot.archive.pages import Tried
from newsbot.discovery import Entry
from newsbot.spiders.said import entry_of, said
from newsbot.text.urls import canonical_url

# A link without a date is taken for one of this age: behind today's news, before the old.
UNDATED = timedelta(days=3)
# A date further ahead than this is none: clocks and time zones differ by less.
AHEAD = timedelta(days=1)

# How new a link is (seconds since 1970), the link, and what came of it so far.
Ranked = tuple[float, Link, Tried]


def by_url(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Return the entries by the canonical URL of their links; the first that says it says it best."""
    found: dict[str, Entry] = {}
    for entry in entries:
        found.setdefault(canonical_url(entry.url), entry)
    return found


def chunks(
    entries: Mapping[str, Entry],
    tried: Mapping[str, Tried],
    *,
    source: str,
    lane: str,
    found_at: datetime,
    backfill: bool,
) -> list[tuple[Chunk, deque[Ranked]]]:
    """Return the chunks of links that are still to be fetched, and the links of each with their ranks.

    ``tried`` are these links, by canonical URL; ``entries`` may be more.
    """
    ranked = sorted(
        ((_rank(entries[url], found_at), url) for url in tried),
        key=lambda each: each[0],
        reverse=True,
    )
    made = []
    for some in _split(
        (rank, Link(url=url, address=entries[url].url, said=said(entries[url])), tried[url])
        for rank, url in ranked
    ):
        header = frontier.chunk(
            [link for _, link, _ in some],
            source=source,
            lane=lane,
            found_at=found_at,
            newest=datetime.fromtimestamp(some[0][0], UTC),
            backfill=backfill,
        )
        made.append((header, deque(some)))
    return made


def ranked(links: Iterable[Link], tried: Mapping[str, Tried], found_at: datetime) -> deque[Ranked]:
    """Return with their ranks those links of a chunk that are still to be fetched (``tried``)."""
    return deque(
        (_rank(entry_of(link.address, link.said), found_at), link, tried[link.url])
        for link in links
        if link.url in tried
    )


def _rank(entry: Entry, found_at: datetime) -> float:
    """Return how new an entry is, in seconds since 1970."""
    told = entry.published or entry.updated
    if told is not None:
        moment = told.instant or datetime(told.day.year, told.day.month, told.day.day, tzinfo=UTC)
        if moment <= found_at + AHEAD:
            return moment.timestamp()
    return (found_at - UNDATED).timestamp()


def _split(links: Iterable[Ranked]) -> Iterator[Sequence[Ranked]]:
    """Yield runs of links that fit into a chunk."""
    some: list[Ranked] = []
    size = 0
    for each in links:
        mine = sum(len(value) for value in each[1].said.values() if isinstance(value, str)) + 500
        if some and (len(some) >= frontier.LINKS or size + mine > frontier.SIZE):
            yield some
            some, size = [], 0
        some.append(each)
        size += mine
    if some:
        yield some
