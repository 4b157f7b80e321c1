"""What one crawl still has to visit: kept on disk first, handed out a few at a time, in a fair order.

Each entry point of a source has a lane, and lanes take turns, so that a sitemap with 50,000 old
addresses does not hold up what a feed announced a minute ago. Within a lane the newest goes first.
Looks for edits and second tries take a turn of their own now and then; what a backfill found comes
when nothing else waits.

Links are written to the archive before the first of them is requested (see
``newsbot.archive.frontier``), so a crawl that is killed, stopped, or ended by its bound of pages
leaves them for the next. In memory are the links of a few chunks, and eight bytes for each other.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from newsbot.archive import frontier, pages
from newsbot.archive.frontier import Chunk, Link
from newsbot.archive.pages import UNTRIED, Tried
from newsbot.archive.records import from_document, to_document
from newsbot.discovery import Entry
from newsbot.spiders.session import CrawlSession, now
from newsbot.text.urls import canonical_url

# Links whose texts are held in memory; the rest waits on disk.
IN_MEMORY = 5_000
# One link in so many is a page that was read or tried before, while fresh ones wait.
REVISIT_TURN = 8
# A link without a date is taken for one of this age: behind today's news, before the old.
UNDATED = timedelta(days=3)
# A date further ahead than this is none: clocks and time zones differ by less.
AHEAD = timedelta(days=1)

# Characters kept of what an entry says. Enough for an article that can be read nowhere else, and
# no more: a feed may carry anything.
_BOUNDS = {"title": 1_000, "guid": 500, "summary": 5_000, "content": 50_000, "language": 35}
_AUTHORS, _AUTHOR = 20, 200

_LANES_OF_BACKFILL = "\x00backfill"


@attrs.frozen(eq=False)
class Followed:
    """A link that is followed.

    ``url`` is its canonical form and ``address`` the link as it was given; ``entry`` is what was said
    of it. ``visits`` found something there before, ``failures`` in a row did not. ``article`` is the
    id of what is kept from it already, ``look`` which look for edits this is (-1: none) and ``version``
    what was read the last time, if the same would be read of it. ``backfill`` says that a walk back in time found it, ``again``
    that it was asked for in this run and could not leave.
    """

    url: str
    address: str
    entry: Entry | None = None
    visits: int = 0
    failures: int = 0
    article: str = ""
    look: int = -1
    version: pages.Version | None = None
    backfill: bool = False
    again: bool = False
    held: "_Held | None" = attrs.field(default=None, repr=False)

    @property
    def partial(self) -> bool:
        """Whether an article is kept from what its entry carried, and its page was never read."""
        return bool(self.article) and not self.visits


@attrs.define(eq=False)
class _Held:
    """A chunk in the hands of this crawl; ``links`` is None while they are only on disk."""

    header: Chunk
    left: int
    of_earlier_run: bool
    links: "deque[_Ranked] | None" = None
    done: set[str] = attrs.Factory(set)
    loading: bool = False
    begun: bool = False
    broken: bool = False
    dropped: bool = False

    @property
    def rank(self) -> float:
        """How new its next link is, in seconds since 1970."""
        return self.links[0][0] if self.links else self.header.newest.timestamp()


# How new a link is (seconds since 1970), the link, and what came of it so far.
_Ranked = tuple[float, Link, Tried]


@attrs.frozen
class Added:
    """What an entry point brought.

    ``urls`` are the canonical URLs of all its links, ``new`` those that nothing else had brought.
    ``met`` are the links of pages that were visited before. ``kept`` says that every fresh link is on
    disk or was visited: the entry point need not be read again for them.
    """

    urls: tuple[str, ...]
    new: tuple[str, ...]
    met: tuple[str, ...]
    kept: bool

    @property
    def links(self) -> int:
        """How many links it has."""
        return len(self.urls)

    @property
    def fresh(self) -> int:
        """How many of them nothing else had brought."""
        return len(self.new)


class Frontier:
    """The links that one crawl has yet to visit.

    ``more`` is called when links that were on disk are there to be handed out.
    """

    def __init__(self, session: CrawlSession, more: Callable[[], None]) -> None:
        self._session = session
        self._more = more
        self._config = session.config
        # An operator who asks for a crawl asks for what failed a minute ago, too.
        self._impatient = session.run.trigger == "request"
        self._met: set[int] = set()
        self._aliases: set[int] = set()
        self._lanes: dict[str, list[tuple[float, int, _Held]]] = {}
        self._turns: deque[str] = deque()
        self._again: deque[Followed] = deque()
        self._held: dict[str, _Held] = {}
        self._loads: set[asyncio.Task[None]] = set()
        self._adding = asyncio.Lock()
        self._number = 0
        self._handed = 0
        self._open = False
        self._left_out = 0

    async def open(self) -> None:
        """Take up what earlier runs left, and what is due for another look."""
        database, source = self._session.database, self._session.source.id
        for header in await asyncio.to_thread(frontier.headers, database, source):
            if not header.backfill or self._session.run.trigger == "backfill":
                self._hold(_Held(header, len(header), of_earlier_run=True))
        due = await asyncio.to_thread(
            pages.due,
            database,
            source,
            now(),
            at_most=self._config.revisits_per_run,
            impatient=self._impatient,
        )
        read_with = self._session.source.overrides.mark()
        for page in due:
            self._met.add(frontier.key_of(page.url))
            self._again.append(
                Followed(
                    url=page.url,
                    address=page.address,
                    entry=_entry(page.address, page.said) if page.said else None,
                    visits=page.visits,
                    failures=page.failures,
                    article=page.article,
                    look=page.look,
                    version=page.version if page.read_with == read_with else None,
                )
            )
        self._open = True

    # In

    async def add(self, lane: str, entries: Iterable[Entry], *, backfill: bool = False) -> Added:
        """Take up those links that were never visited and do not wait already.

        When this returns they are on disk.
        """
        async with self._adding:
            moment = now()
            found = await asyncio.to_thread(_by_url, entries)
            unmet = [url for url in found if frontier.key_of(url) not in self._met]
            fresh = await asyncio.to_thread(
                pages.unseen,
                self._session.database,
                unmet,
                now=None if self._impatient else moment,
            )
            chunks = await asyncio.to_thread(
                _chunks,
                {url: found[url] for url in fresh},
                fresh,
                self._session.source.id,
                lane,
                moment,
                backfill,
            )
            new = [_Held(header, len(header), of_earlier_run=False) for header, _ in chunks]
            links = {held.header.id: links for held, (_, links) in zip(new, chunks, strict=True)}
            out = [] if backfill else self._surplus(new)
            self._forget(out)
            kept = [held for held in new if not held.dropped]
            await asyncio.to_thread(
                frontier.put, self._session.database, [held.header for held in kept]
            )
            await asyncio.to_thread(
                frontier.drop,
                self._session.database,
                [held.header.id for held in out if held not in new],
            )
            for held in kept:
                # Every lane has something at hand, however long another is.
                if not self._lanes.get(_lane_of(held)) or self._in_memory() < IN_MEMORY:
                    held.links = links[held.header.id]
                held.header = attrs.evolve(held.header, links=())
                self._hold(held)
            met = tuple(url for url in unmet if url not in fresh)
            return Added(tuple(found), tuple(fresh), met, len(kept) == len(new))

    def _hold(self, held: _Held) -> None:
        header = held.header
        if header.id in self._held:
            return
        self._held[header.id] = held
        self._met.update(header.each_key())
        lane = _lane_of(held)
        if lane not in self._lanes:
            self._lanes[lane] = []
            if lane != _LANES_OF_BACKFILL:
                self._turns.append(lane)
        self._push(self._lanes[lane], held)

    def _push(self, lane: list[tuple[float, int, _Held]], held: _Held) -> None:
        self._number += 1  # of two that are as new, the one that was there first
        heapq.heappush(lane, (-held.rank, self._number, held))

    def _in_memory(self) -> int:
        return sum(len(held.links) for held in self._held.values() if held.links)

    def _surplus(self, new: Sequence[_Held]) -> list[_Held]:
        """Return the chunks beyond what a source may have waiting: the oldest of the longest lane."""
        lanes: dict[str, list[_Held]] = {}
        sizes: dict[str, int] = {}
        for held in (*self._held.values(), *new):
            if not held.header.backfill:
                lanes.setdefault(held.header.lane, []).append(held)
                sizes[held.header.lane] = sizes.get(held.header.lane, 0) + held.left
        surplus = sum(sizes.values()) - self._config.frontier_links
        out: list[_Held] = []
        if surplus <= 0:
            return out
        for each in lanes.values():
            each.sort(key=lambda held: held.header.newest, reverse=True)
        while surplus > 0 and lanes:
            longest = max(lanes, key=lambda name: sizes[name])
            held = lanes[longest].pop()
            if not lanes[longest]:
                del lanes[longest]
            if held.begun or held.loading:
                continue
            out.append(held)
            sizes[longest] -= held.left
            surplus -= held.left
        return out

    def _forget(self, out: Sequence[_Held]) -> None:
        for held in out:
            held.dropped = True
            self._held.pop(held.header.id, None)
            self._met.difference_update(held.header.each_key())
            self._session.counters["links_left_out"] += held.left
            self._left_out += held.left

    # Out

    def next(self) -> Followed | None:
        """Return the next link to visit, None where there is none in memory now.

        Where links wait on disk, they are on their way then.
        """
        if not self._open or self._handed >= self._config.pages_per_run:
            return None
        link = None
        if self._again and self._handed % REVISIT_TURN == REVISIT_TURN - 1:
            link = self._again.popleft()
        link = link or self._fresh()
        if link is None and self._again and not self._loads:
            link = self._again.popleft()
        if link is None and not self._loads:
            link = self._from(self._lanes.get(_LANES_OF_BACKFILL, []))
        if link is not None:
            self._handed += 1
        return link

    def _fresh(self) -> Followed | None:
        for _ in range(len(self._turns)):
            lane = self._turns[0]
            self._turns.rotate(-1)
            link = self._from(self._lanes[lane])
            if link is not None:
                return link
        return None

    def _from(self, lane: list[tuple[float, int, _Held]]) -> Followed | None:
        while lane:
            held = lane[0][2]
            if held.dropped or (held.links is not None and not held.links):
                heapq.heappop(lane)
                continue
            if held.links is None:
                self._load(held)
                return None
            heapq.heappop(lane)
            _, link, tried = held.links.popleft()
            held.begun = True
            if held.links:
                self._push(lane, held)
            if frontier.key_of(link.url) in self._aliases:
                self._count(held, link.url)
                continue
            return Followed(
                url=link.url,
                address=link.address,
                entry=_entry(link.address, link.said),
                failures=tried.failures,
                article=tried.article,
                backfill=held.header.backfill,
                held=held,
            )
        return None

    def _load(self, held: _Held) -> None:
        if held.loading:
            return
        held.loading = True
        task = asyncio.ensure_future(self._read(held))
        self._loads.add(task)
        task.add_done_callback(self._loaded)

    async def _read(self, held: _Held) -> None:
        database = self._session.database
        try:
            links = await asyncio.to_thread(frontier.links_of, database, held.header.id)
            tried = dict.fromkeys((link.url for link in links), UNTRIED)
            if held.of_earlier_run:
                moment = None if self._impatient else now()
                tried = await asyncio.to_thread(pages.unseen, database, list(tried), now=moment)
            found_at = held.header.found_at
            held.links = deque(
                (_rank(_entry(link.address, link.said), found_at), link, tried[link.url])
                for link in links
                if link.url in tried
            )
            held.left = len(held.links)
        except Exception as error:  # noqa: BLE001 - it stays on disk for the next run
            held.links, held.dropped = deque(), True
            self._session.say(f"links that wait could not be read: {error}")
            return
        finally:
            held.loading = False
        if not held.left:
            self._settled(held)

    def _loaded(self, task: asyncio.Task[None]) -> None:
        self._loads.discard(task)
        self._more()

    # What became of it

    def done(self, link: Followed, *also: str) -> None:
        """Note that a link's visit is on record, under these further addresses too."""
        aliases = set(map(frontier.key_of, also))
        self._met |= aliases
        self._aliases |= aliases
        if link.held is not None:
            self._count(link.held, link.url)

    def _count(self, held: _Held, url: str) -> None:
        if url in held.done:
            return
        held.done.add(url)
        held.left -= 1
        if held.left == 0:
            self._settled(held)

    def give_back(self, link: Followed) -> None:
        """Take back a link that could not be asked for; it is handed out again."""
        self._again.appendleft(attrs.evolve(link, again=True))
        self._handed -= 1

    def broke(self, link: Followed) -> None:
        """Note a link whose visit could not be put on record: it waits for the next run."""
        if link.held is not None:
            link.held.broken = True

    def _settled(self, held: _Held) -> None:
        self._held.pop(held.header.id, None)
        self._session.settled.append(held.header.id)

    @property
    def left_out(self) -> int:
        """How many links were dropped, beyond what a source may have waiting."""
        return self._left_out

    def waiting(self) -> int:
        """Return how many links wait or are under way."""
        return sum(held.left for held in self._held.values() if not held.dropped)

    def waiting_of_backfill(self) -> int:
        """Return how many of them a walk back in time found."""
        return sum(held.left for held in self._held.values() if held.header.backfill)

    def idle(self) -> bool:
        """Say whether nothing is left that this run may hand out."""
        if self._loads:
            return False
        if self._handed >= self._config.pages_per_run:
            return True
        return not self._again and not any(
            not held.dropped and (held.links is None or held.links)
            for lane in self._lanes.values()
            for _, _, held in lane
        )

    async def close(self) -> None:
        """Note which links broke in this run, and give up those that always do."""
        begun = [held for held in self._held.values() if held.broken and not held.links]
        worst = [held for held in begun if held.header.tries + 1 >= frontier.TRIES]
        ids = {held.header.id for held in begun} - {held.header.id for held in worst}
        database = self._session.database
        await asyncio.to_thread(frontier.left_over, database, ids)
        await asyncio.to_thread(frontier.drop, database, [held.header.id for held in worst])
        if worst:
            lost = sum(held.left for held in worst)
            self._session.counters["links_left_out"] += lost
            self._session.say(
                f"gave up {lost} links: {frontier.TRIES} runs could not put on record what they lead to"
            )
        if self._left_out:
            self._session.say(
                f"left out the {self._left_out} oldest links found: a source may have "
                f"{self._config.frontier_links} waiting (frontier_links)"
            )
        waiting = self.waiting() - sum(held.left for held in worst)
        if waiting:
            self._session.counters["waiting"] = waiting
            self._session.say(
                "reached the limit of pages a run (pages_per_run); "
                f"{waiting} links wait for the next"
                if self._handed >= self._config.pages_per_run
                else f"{waiting} links wait for the next run"
            )


def _lane_of(held: _Held) -> str:
    return _LANES_OF_BACKFILL if held.header.backfill else held.header.lane


def said(entry: Entry | None) -> dict[str, Any]:
    """Return what an entry says, bounded, as a document without what is empty."""
    if entry is None:
        return {}
    document = {name: value for name, value in to_document(entry).items() if value}
    document.pop("url")
    for name, most in _BOUNDS.items():
        if len(document.get(name, "")) > most:
            document[name] = document[name][:most]
    if "authors" in document:
        document["authors"] = [name[:_AUTHOR] for name in document["authors"][:_AUTHORS]]
    return document


def _entry(address: str, document: Any) -> Entry:
    return from_document(Entry, {**document, "url": address})


def _by_url(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Return the entries by the canonical URL of their links; the first that says it says it best."""
    found: dict[str, Entry] = {}
    for entry in entries:
        found.setdefault(canonical_url(entry.url), entry)
    return found


def _rank(entry: Entry, found_at: datetime) -> float:
    """Return how new an entry is, in seconds since 1970."""
    told = entry.published or entry.updated
    if told is not None:
        moment = told.instant or datetime(told.day.year, told.day.month, told.day.day, tzinfo=UTC)
        if moment <= found_at + AHEAD:
            return moment.timestamp()
    return (found_at - UNDATED).timestamp()


def _chunks(
    entries: dict[str, Entry],
    tried: dict[str, Tried],
    source: str,
    lane: str,
    found_at: datetime,
    backfill: bool,
) -> list[tuple[Chunk, deque[_Ranked]]]:
    """Return the chunks of fresh links, newest first, and the links of each with their ranks."""
    ranked = sorted(
        ((_rank(entry, found_at), url) for url, entry in entries.items()),
        key=lambda each: each[0],
        reverse=True,
    )
    made = []
    for some in _split(
        (rank, Link(url=url, address=entries[url].url, said=said(entries[url])), tried[url])
        for rank, url in ranked
    ):
        newest = datetime.fromtimestamp(some[0][0], UTC)
        header = frontier.chunk(
            [link for _, link, _ in some],
            source=source,
            lane=lane,
            found_at=found_at,
            newest=newest,
            backfill=backfill,
        )
        made.append((header, deque(some)))
    return made


def _split(
    links: Iterable[_Ranked],
) -> Iterator[list[_Ranked]]:
    """Yield runs of links that fit into a chunk."""
    some: list[_Ranked] = []
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
