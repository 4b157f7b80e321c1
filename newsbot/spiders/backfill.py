"""A walk back in time through a source's sitemaps, older pages and archives, in slices.

A slice is a run of its own, of bounded time: it begins with the entry points that are due, so that news
is not held up by a walk of hours, and goes on where the last slice was. What a list names is put into
the frontier, behind everything else that waits.

A chain of lists ends by evidence: it names nothing of the days wanted that the list before did not, for
some lists in a row, or the articles that it leads to are all older than the day wanted.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from datetime import date
from typing import cast

import attrs
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from newsbot.archive import backfills, belonging, frontier
from newsbot.archive.backfills import Backfill, State, Step
from newsbot.archive.entry_points import EntryPointRecord, load
from newsbot.discovery import Entry
from newsbot.discovery.backward import Backward, Further, last_day, read_backward
from newsbot.discovery.entries import Kind
from newsbot.fetching.causes import LATER
from newsbot.fetching.failures import failure_of
from newsbot.fetching.hosts import host_key
from newsbot.fetching.lease import LeaseOverError, StoppedError
from newsbot.items import Article
from newsbot.spiders.extractors import CrawlExtractors, ExtractionError
from newsbot.spiders.frontier import Followed, Frontier
from newsbot.spiders.making import charset_of
from newsbot.spiders.polling import Polling
from newsbot.spiders.session import CrawlSession, now
from newsbot.text.doubts import believed
from newsbot.text.urls import canonical_url

# Seconds of a slice, after which the source's entry points have their turn again.
SLICE = 60.0
# Lists in a row, of one chain, without anything new of the days wanted, after which it ends.
BARREN = 5
# Articles in a row, of one entry point, that are older than wanted, after which its chains end.
TOO_OLD = 25
# Lists that are read at a time, and links of theirs that may wait before the next is read: evidence
# has to be met before the walk has run past it.
AT_ONCE, AHEAD = 2, 50
# Lists that wait to be read; a document has room for so many.
MOST_STEPS = 20_000
# Links of a list that the next is compared with, and lists that could not be read that are named.
_COMPARED, _UNREAD = 200, 50
_KEY = 8
_NOTHING_THERE = frozenset({404, 410})


class Walk:
    """One slice of a source's backfill."""

    def __init__(
        self,
        session: CrawlSession,
        waiting: Frontier,
        polling: Polling,
        extractors: CrawlExtractors,
        backfill: Backfill,
    ) -> None:
        self._session = session
        self._frontier = waiting
        self._polling = polling
        self._extractors = extractors
        self._record = backfill
        self._steps = list(backfill.steps)
        self._reading: dict[str, Step] = {}
        # Hosts that are not asked for another list in this slice.
        self._busy: set[str] = set()
        self._asked = set(_keys(backfill.asked))
        self._packed = bytearray(backfill.asked)
        self._older: Counter[str] = Counter()
        self._months = Counter(backfill.months)
        self._undated = backfill.undated
        self._unread = deque(backfill.unread, maxlen=_UNREAD)
        self._lists = backfill.lists
        self._waited = waiting.waiting_of_backfill()
        self._moved = False
        self._until: float | None = None
        self._saving = asyncio.Lock()

    @classmethod
    async def open(
        cls,
        session: CrawlSession,
        waiting: Frontier,
        polling: Polling,
        extractors: CrawlExtractors,
    ) -> "Walk | None":
        """Return the walk that a run is a slice of; None where it is none."""
        if session.run.trigger != "backfill":
            return None
        record = await asyncio.to_thread(backfills.get, session.database, session.source.id)
        if record is None or record.state != "going":
            return None
        walk = cls(session, waiting, polling, extractors, record)
        if not record.slices and not record.lists:
            walk._begin(await asyncio.to_thread(load, session.database, session.source))
        return walk

    def _begin(self, entry_points: Iterable[EntryPointRecord]) -> None:
        for each in entry_points:
            kind = cast("Kind", each.kind)
            self._take_up([Further(url=each.address or each.url, kind=kind)], each.url)

    def connect(self, crawler: Crawler) -> None:
        """Be told what its links lead to."""
        crawler.signals.connect(self._kept, signals.item_scraped)
        crawler.signals.connect(self._met, signals.item_dropped)

    # Out

    def requests(self) -> Iterator[Request]:
        """Yield requests for the lists to be read now; none where none is."""
        # What news names is news, though an older list names it, too.
        if self._polling.under_way:
            return
        if self._until is None:
            self._until = time.monotonic() + SLICE
        if time.monotonic() >= self._until:
            self._frontier.end_backfill()
            return
        self._steps = [step for step in self._steps if self._live(step)]
        while self._may_read() and (step := self._best()) is not None:
            self._steps.remove(step)
            self._reading[step.url] = step
            in_browser = self._session.source.javascript and step.kind == "page"
            meta = {"playwright": True, "dont_retry": True} if in_browser else {}
            yield Request(
                step.url,
                callback=self._read,
                errback=self._failed,
                cb_kwargs={"step": step},
                meta={**meta, "download_maxsize": self._session.config.entry_point_bytes},
                dont_filter=True,
            )

    def _may_read(self) -> bool:
        return (
            len(self._reading) < AT_ONCE
            and self._lists + len(self._reading) < self._record.most
            and self._frontier.waiting_of_backfill() < AHEAD
        )

    def _live(self, step: Step) -> bool:
        # A sitemap is no chain: where one of them is of old, another is not. Nor is what came before in
        # an archive, which may begin with its oldest, evidence against the days that it is of.
        of_days = step.kind == "sitemap" or step.last is not None
        return of_days or self._older[step.root] < TOO_OLD

    def _best(self) -> Step | None:
        """Return which step is next: of chains that bring something, the newest that is known.

        None where all lists left are with hosts that are not to be asked now.
        """
        return min(
            (step for step in self._steps if not self._left_alone(step)),
            key=lambda step: (step.barren, -(step.last or date.max).toordinal()),
            default=None,
        )

    def _left_alone(self, step: Step) -> bool:
        return bool(self._busy) and host_key(step.url) in self._busy

    # In

    async def _read(self, response: Response, step: Step) -> None:
        """Read a list that answered."""
        try:
            backward = await self._extractors.run(
                read_backward,
                response.body,
                response.url,
                step.kind,
                charset=charset_of(response),
                depth=step.depth,
            )
        except ExtractionError as error:
            self._unread.append(f"{step.url} could not be read: {error}")
        except StoppedError:  # it is read by the next slice
            return
        else:
            await self._take_in(step, backward)
        await self._done(step)

    async def _take_in(self, step: Step, backward: Backward) -> None:
        """Take up what a list names: entries of the days wanted, and lists that go further back."""
        days = [last_day(entry) for entry in backward.entries]
        recent = [
            entry
            for entry, day in zip(backward.entries, days, strict=True)
            if day is None or day >= self._record.since
        ]
        wanted = [entry for entry in recent if not self._too_new(entry)]
        added = await self._frontier.add(step.root, wanted, backfill=True)
        database, source = self._session.database, self._session.source.id
        await asyncio.to_thread(belonging.share, database, added.met, source)
        self._session.counters["links"] += added.links
        known = await asyncio.to_thread(backfills.days, database, added.met)
        for day in (*days, *known):
            if day is not None:
                self._tell(step.root, day)
        # What is newer than wanted lies on the way.
        named = [frontier.key_of(canonical_url(entry.url)) for entry in recent]
        fruitful = not set(named) <= set(_keys(step.before))
        barren = 0 if fruitful or step.kind == "sitemap" else step.barren + 1
        if barren < BARREN:
            before = b"".join(key.to_bytes(_KEY, "big") for key in named[:_COMPARED])
            self._take_up(backward.further, step.root, step, barren, before)

    async def _failed(self, failure: Failure) -> None:
        """Note a list that could not be read; where there is none, its chain has ended."""
        step: Step = failure.request.cb_kwargs["step"]  # type: ignore[attr-defined]
        error = cast("BaseException", failure.value)
        if isinstance(error, LeaseOverError):
            self._steps.append(self._reading.pop(step.url, step))
            return
        cause, words = failure_of(error)
        if cause in LATER or cause == "failed_browser":  # that says nothing of the list
            self._session.say(f"{step.url} {words}")
            self._busy.add(host_key(step.url))
            self._steps.append(self._reading.pop(step.url, step))
            return
        status = error.response.status if isinstance(error, HttpError) else None
        if status not in _NOTHING_THERE:
            self._unread.append(f"{step.url} {words}")
        await self._done(step)

    def _too_new(self, entry: Entry) -> bool:
        published = entry.published.day if entry.published else None
        until = self._record.until
        return until is not None and published is not None and published > until

    def _take_up(
        self,
        further: Iterable[Further],
        root: str,
        step: Step | None = None,
        barren: int = 0,
        before: bytes = b"",
    ) -> None:
        for each in further:
            key = frontier.key_of(each.url)
            if key in self._asked or not each.may_hold(self._record.since, self._record.until):
                continue
            if len(self._steps) >= MOST_STEPS:
                return
            self._asked.add(key)
            self._packed += key.to_bytes(_KEY, "big")
            self._steps.append(
                Step(
                    url=each.url,
                    kind=each.kind,
                    root=root,
                    depth=step.depth + (each.kind == "sitemap") if step else 0,
                    barren=barren,
                    before=before,
                    last=each.last,
                )
            )

    async def _done(self, step: Step) -> None:
        self._reading.pop(step.url, None)
        self._lists += 1
        self._moved = True
        self._session.counters["lists"] += 1
        await self._save()

    # What its links led to

    def _kept(self, item: Article, response: Response) -> None:
        stated = believed(item.published)
        if stated is None:
            self._undated += 1
        else:
            self._months[f"{stated.day:%Y-%m}"] += 1
        self._met(item, response)

    def _met(self, item: Article, response: Response) -> None:
        link = _link_of(response)
        stated = believed(item.published)
        if link is not None and link.backfill and stated is not None:
            self._tell(link.lane, stated.day)

    def _tell(self, root: str, day: date) -> None:
        """Take a day that an entry point led to for evidence of how far back it is."""
        self._older[root] = self._older[root] + 1 if day < self._record.since else 0

    # Written down

    async def _save(self, *, state: State = "going") -> None:
        async with self._saving:
            self._record = attrs.evolve(
                self._record,
                state=state,
                changed_at=now(),
                lists=self._lists,
                steps=(*self._reading.values(), *self._steps),
                asked=bytes(self._packed),
                months=dict(self._months),
                undated=self._undated,
                unread=tuple(self._unread),
            )
            await asyncio.to_thread(backfills.save, self._session.database, self._record)

    async def close(self) -> None:
        """End the slice, and the walk where there is nothing left to do."""
        self._steps = [step for step in self._steps if self._live(step)]
        left = self._frontier.waiting_of_backfill()
        state: State = "going"
        if not left and not self._reading:
            if not self._steps:
                state = "done"
            elif self._lists >= self._record.most:
                state = "bounded"
        moved = self._moved or left != self._waited or state != "going"
        self._record = attrs.evolve(
            self._record,
            slices=self._record.slices + 1,
            still=0 if moved else self._record.still + 1,
        )
        await self._save(state=state)


def _link_of(response: Response | Failure) -> Followed | None:
    request = response.request  # type: ignore[union-attr]
    return request.cb_kwargs.get("link") if request else None


def _keys(packed: bytes) -> list[int]:
    return [int.from_bytes(packed[at : at + _KEY], "big") for at in range(0, len(packed), _KEY)]
