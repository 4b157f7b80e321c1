"""What one crawl still has to visit: kept on disk first, handed out a few at a time, in a fair order.

Each entry point of a source has a lane (see ``newsbot.spiders.lanes``), and lanes take turns, so that
a sitemap with 50,000 old addresses does not hold up what a feed announced a minute ago. Looks for
edits and second tries take a turn of their own now and then; what a backfill found comes when nothing
else waits.

Links are written to the archive before the first of them is requested (see
``newsbot.archive.frontier``), so a crawl that is killed, stopped, or ended by its bound of pages
leaves them for the next. In memory are the links of a few chunks, and eight bytes for each other.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import attrs

from newsbot.archive import belonging, frontier, pages
from newsbot.discovery import Entry
from newsbot.revisits import Gone
from newsbot.spiders.chunking import by_url, chunks, ranked
from newsbot.spiders.lanes import BACKFILL, Held, Lanes, surplus
from newsbot.spiders.said import entry_of
from newsbot.spiders.session import CrawlSession, now

# Links whose texts are held in memory; the rest waits on disk.
IN_MEMORY = 5_000
# One link in so many is a page that was read or tried before, while fresh ones wait.
REVISIT_TURN = 8
# Links that a run could not ask for are tried again after so long, at the soonest.
_PAUSE = timedelta(minutes=10)


@attrs.frozen(eq=False)
class Followed:
    """A link that is followed.

    ``url`` is its canonical form and ``address`` the link as it was given; ``entry`` is what was said
    of it. ``visits`` found something there before, ``failures`` in a row did not. ``article`` is the
    id of what is kept from it already, ``look`` which look for edits this is (-1: none) and ``version``
    what was read the last time, if the same would be read of it; ``gone`` says how often it was answered
    since that there is no such page. ``backfill`` says that a walk back in time found it, ``again`` that it was asked for in this run and could not leave.
    """

    url: str
    address: str
    entry: Entry | None = None
    visits: int = 0
    failures: int = 0
    article: str = ""
    look: int = -1
    version: pages.Version | None = None
    gone: Gone | None = None
    backfill: bool = False
    again: bool = False
    held: Held | None = attrs.field(default=None, repr=False)

    @property
    def lane(self) -> str:
        """The entry point of the source that led to it; "" where none did in this run."""
        return self.held.header.lane if self.held else ""

    @property
    def partial(self) -> bool:
        """Whether an article is kept from what its entry carried, and its page was never read."""
        return bool(self.article) and not self.visits


@attrs.frozen
class Added:
    """What an entry point brought.

    ``urls`` are the canonical URLs of all its links, ``new`` those that nothing else had brought.
    ``met`` are the links of pages that were visited before. ``kept`` says that every fresh link is on
    disk or was visited: the entry point need not be read again for them. ``cut`` are the lanes of
    which links that waited were dropped to make room: their entry points must be read again for those.
    """

    urls: tuple[str, ...]
    new: tuple[str, ...]
    met: tuple[str, ...]
    kept: bool
    cut: frozenset[str] = frozenset()

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
        self._lanes = Lanes()
        self._again: deque[Followed] = deque()
        self._held: dict[str, Held] = {}
        self._loads: set[asyncio.Task[None]] = set()
        self._adding = asyncio.Lock()
        self._handed = 0
        self._visited = 0
        self._open = False
        self._backfilling = True

    async def open(self) -> None:
        """Take up what earlier runs left, and what is due for another look."""
        database, source = self._session.database, self._session.source.id
        for header in await asyncio.to_thread(frontier.headers, database, source):
            if not header.backfill or self._session.run.trigger == "backfill":
                self._hold(Held(header, len(header)))
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
                    entry=entry_of(page.address, page.said) if page.said else None,
                    visits=page.visits,
                    failures=page.failures,
                    article=page.article,
                    look=page.look,
                    version=page.version if page.read_with == read_with else None,
                    gone=page.gone,
                )
            )
        self._open = True

    # In

    async def add(self, lane: str, entries: Iterable[Entry], *, backfill: bool = False) -> Added:
        """Take up those links that were never visited and do not wait already.

        When this returns they are on disk.
        """
        database = self._session.database
        async with self._adding:
            found = await asyncio.to_thread(by_url, entries)
            unmet = [url for url in found if frontier.key_of(url) not in self._met]
            fresh = await asyncio.to_thread(pages.unseen, database, unmet, now=self._patience())
            made = await asyncio.to_thread(
                chunks,
                found,
                fresh,
                source=self._session.source.id,
                lane=lane,
                found_at=now(),
                backfill=backfill,
            )
            new = [Held(header, len(header)) for header, _ in made]
            links = {header.id: ranked_links for header, ranked_links in made}
            out = (
                []
                if backfill
                else surplus((*self._held.values(), *new), self._config.frontier_links)
            )
            self._forget(out)
            kept = [held for held in new if not held.dropped]
            cut = [held for held in out if held not in new]
            await asyncio.to_thread(frontier.put, database, [held.header for held in kept])
            await asyncio.to_thread(frontier.drop, database, [held.header.id for held in cut])
            for held in kept:
                # Every lane has something at hand, however long another is.
                if self._lanes.first(held.lane) is None or self._in_memory() < IN_MEMORY:
                    held.links = links[held.header.id]
                held.header = attrs.evolve(held.header, links=())
                self._hold(held)
            return Added(
                urls=tuple(found),
                new=tuple(fresh),
                met=tuple(url for url in unmet if url not in fresh),
                kept=len(kept) == len(new),
                cut=frozenset(held.lane for held in cut),
            )

    def _patience(self) -> datetime | None:
        """Return the moment by which a page that failed must be due to be tried; None for any."""
        return None if self._impatient else now()

    def _hold(self, held: Held) -> None:
        if held.header.id in self._held:
            return
        self._held[held.header.id] = held
        self._met.update(held.header.each_key())
        self._lanes.put(held)

    def _in_memory(self) -> int:
        return sum(len(held.links) for held in self._held.values() if held.links)

    def _forget(self, out: Sequence[Held]) -> None:
        for held in out:
            held.dropped = True
            self._held.pop(held.header.id, None)
            self._met.difference_update(held.header.each_key())
            self._session.counters["links_left_out"] += held.left

    # Out

    def next(self) -> Followed | None:
        """Return the next link to visit, None where there is none in memory now.

        Where links wait on disk, they are on their way then.
        """
        if not self._open or self.full:
            return None
        link = None
        if self._again and self._handed % REVISIT_TURN == REVISIT_TURN - 1:
            link = self._again.popleft()
        link = link or self._fresh()
        if link is None and self._again and not self._loads:
            link = self._again.popleft()
        if link is None and not self._loads and self._backfilling:
            link = self._from(BACKFILL)
        if link is not None:
            self._handed += 1
        return link

    def _fresh(self) -> Followed | None:
        return next(filter(None, map(self._from, self._lanes.turns())), None)

    def _from(self, lane: str) -> Followed | None:
        while (held := self._lanes.first(lane)) is not None:
            if held.links is None:
                self._load(held)
                return None
            link, tried = self._lanes.take(held)
            if frontier.key_of(link.url) in self._aliases:
                self._count(held, link.url)
                continue
            return Followed(
                url=link.url,
                address=link.address,
                entry=entry_of(link.address, link.said),
                failures=tried.failures,
                article=tried.article,
                backfill=held.header.backfill,
                held=held,
            )
        return None

    def _load(self, held: Held) -> None:
        if held.loading:
            return
        held.loading = True
        task = asyncio.ensure_future(self._read(held))
        self._loads.add(task)
        task.add_done_callback(self._loaded)

    async def _read(self, held: Held) -> None:
        """Read the links of a chunk from disk, and hold them against the pages visited by now.

        What another source's crawl has read meanwhile belongs to this source as well.
        """
        database, source = self._session.database, self._session.source.id
        try:
            links = await asyncio.to_thread(frontier.links_of, database, held.header.id)
            urls = [link.url for link in links]
            tried = await asyncio.to_thread(pages.unseen, database, urls, now=self._patience())
            met = [url for url in urls if url not in tried]
            await asyncio.to_thread(belonging.share, database, met, source)
            held.links = ranked(links, tried, held.header.found_at)
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
        self._visited += not also
        aliases = set(map(frontier.key_of, also))
        self._met |= aliases
        self._aliases |= aliases
        if link.held is not None:
            self._count(link.held, link.url)

    def _count(self, held: Held, url: str) -> None:
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

    def _settled(self, held: Held) -> None:
        self._held.pop(held.header.id, None)
        self._session.settled.append(held.header.id)

    def waiting(self) -> int:
        """Return how many links wait or are under way."""
        return sum(held.left for held in self._held.values() if not held.dropped)

    def waiting_of_backfill(self) -> int:
        """Return how many of them a walk back in time found."""
        return sum(
            held.left for held in self._held.values() if held.header.backfill and not held.dropped
        )

    def more_at(self) -> datetime | None:
        """Return when a next run is to go on with what this one leaves; None where it leaves nothing.

        What a backfill found waits for a backfill.
        """
        moment = now()
        since = [
            held.header.found_at
            for held in self._held.values()
            if not held.dropped and not held.header.backfill
        ]
        if not since:
            return None
        if self.full and 2 * self._visited > self._handed:
            return moment + timedelta(seconds=self._config.poll_fastest)
        # Kept back by a pause of their host, most of all: again after as long as they have waited.
        slowest = timedelta(seconds=self._config.poll_slowest)
        return moment + min(max(moment - max(since), _PAUSE), slowest)

    def end_backfill(self) -> None:
        """Leave what a walk back in time found to another run."""
        self._backfilling = False

    @property
    def full(self) -> bool:
        """Whether as many links were handed out as one run may visit."""
        return self._handed >= self._config.pages_per_run

    def idle(self) -> bool:
        """Say whether nothing is left that this run may hand out."""
        if self._loads:
            return False
        return self.full or (not self._again and self._lanes.idle(backfilling=self._backfilling))

    def close(self) -> None:
        """Say what was left out, and what waits for the next run."""
        left_out = self._session.counters["links_left_out"]
        if left_out:
            self._session.say(
                f"left out the {left_out} oldest links found: a source may have "
                f"{self._config.frontier_links} waiting (frontier_links)"
            )
        waiting = self.waiting()
        if waiting:
            self._session.counters["waiting"] = waiting
            self._session.say(
                "reached the limit of pages a run (pages_per_run); "
                f"{waiting} links wait for the next"
                if self.full
                else f"{waiting} links wait for the next run"
            )
