"""The worker: one process with one reactor that runs many crawls.

It takes runs that nobody holds, crawls them side by side, and recycles itself when it has grown. A
worker that dies loses its leases, and its runs start again elsewhere or in its successor.
"""

import asyncio
import contextlib
import logging
import math
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import ParamSpec, Protocol

import psutil
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings

from newsbot.alerts.matches import LEFT_AFTER, from_spool, sweep
from newsbot.archive import allowances, events, merging, pauses, runs, sources, uplinks
from newsbot.archive.connection import AWAY, Database
from newsbot.archive.room import lack_of_room
from newsbot.archive.runs import Run, State
from newsbot.archive.sources import Source
from newsbot.archive.spool import take_over
from newsbot.config import Config
from newsbot.fetching.rendering import close_browser
from newsbot.fetching.uplink import target_of, uplink
from newsbot.logs import about
from newsbot.metrics import counted
from newsbot.spiders.ending import end_early
from newsbot.spiders.extractors import Extractors
from newsbot.spiders.news import NewsSpider
from newsbot.spiders.session import CrawlError, CrawlSession, MustWaitError, owner_name

P = ParamSpec("P")

_log = logging.getLogger(__name__)

POLL_SECONDS = 0.25
SWEEP_SECONDS = 30.0
# While our own connection is down, that is written down so often (seconds).
SAY_SECONDS = 60.0
# A crawl that goes on for longer (seconds) is a large one. Large ones do not count among those at once, up to
# as many again: else some first crawls would keep all polls waiting for hours.
LARGE_AFTER = 60.0
# Crawls that a person asked for, and waits for, beyond those at once.
URGENT = 4
# How often (seconds) is looked whether everything is paused.
PAUSE_LOOK = 1.0
# What a worker that has grown too large has for finishing what it crawls, while it takes nothing more,
# before it hands back what is left (seconds).
LEAVING = 30.0
# What all crawls have for ending when the worker is told to stop, in seconds, and what then remains
# for handing back those that did not.
GRACE = 2.0
HANDING_BACK = 1.0


def scrapy_settings() -> Settings:
    """Return this project's Scrapy settings."""
    settings = Settings()
    settings.setmodule("newsbot.settings", priority="project")
    return settings


async def crawl(
    runner: AsyncCrawlerRunner,
    session: CrawlSession,
    extractors: Extractors,
    started: Callable[[Crawler], None] = lambda _: None,
) -> None:
    """Run one crawl to its end."""
    with about(run=session.run.id, source=session.source.id):
        await _crawl(runner, session, extractors, started)


async def _crawl(
    runner: AsyncCrawlerRunner,
    session: CrawlSession,
    extractors: Extractors,
    started: Callable[[Crawler], None],
) -> None:
    crawler = runner.create_crawler(NewsSpider)
    started(crawler)
    try:
        await runner.crawl(crawler, session=session, extractors=extractors)
    except MustWaitError as error:
        # Not a failure of the source: it is asked for again after its usual time.
        await session.end("cancelled", str(error))
    except CrawlError as error:
        await session.end("failed", str(error))
    except Exception as error:  # whatever broke, the run says so
        await session.end("failed", f"{type(error).__name__}: {error}")
        raise


class Offered(Protocol):
    """Where a worker's runs come from."""

    def __call__(
        self, now: datetime, *, at_most: int, paused: bool, urgent_alone: bool
    ) -> list[Run]:
        """Return active runs that nobody holds, the first to be taken first. Called in a thread.

        While everything is ``paused``, those that people asked for or that had been begun; ``urgent_alone``
        asks for those of people.
        """
        ...


class Worker:
    """Takes runs and crawls them, until told to stop.

    They are those that wait in the archive, unless it is told otherwise by ``offered``. ``owner`` is the
    name under which it holds them.
    """

    def __init__(
        self,
        config: Config,
        database: Database,
        *,
        offered: Offered | None = None,
        owner: str = "",
    ) -> None:
        self._config = config
        self._database = database
        self._offered: Offered = offered or partial(runs.claimable, database.hasty)
        # A run waits for MongoDB as long as it has to; what is read meanwhile is spooled.
        database.patience = math.inf
        self._owner = owner or owner_name()
        self._crawls: dict[asyncio.Task[None], tuple[CrawlSession, list[Crawler]]] = {}
        self._extractors = Extractors(config.extraction_processes, config.page_timeout)
        self._not_before = 0.0
        self._paused, self._paused_at = False, float("-inf")
        self._said_trouble = False
        self._said_uplink: tuple[datetime | None, float] = None, 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until the event is set, or until this process has grown too large."""
        runner = AsyncCrawlerRunner(scrapy_settings())
        uplink().probes = tuple(map(target_of, self._config.uplink_probes))
        await _left_to_next_time(self._swept, 0.0)
        await _left_to_next_time(self._take_over)
        sweeper = asyncio.create_task(self._sweep())
        try:
            while not stop.is_set() and not self._too_large():
                if not self._short_of_room() and await self._connected():
                    await self._take_some(runner)
                await _either(stop, POLL_SECONDS)
            if not stop.is_set():
                _log.warning("this worker has grown too large, and makes room for another")
                await self._wait_for_all(stop)
        finally:
            sweeper.cancel()
            await self._end()

    def _too_large(self) -> bool:
        resident: int = psutil.Process().memory_info().rss
        return resident > self._config.worker_memory

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await _left_to_next_time(self._swept, LEFT_AFTER)
            await _left_to_next_time(self._take_over)
            await _left_to_next_time(merging.go_on, self._database)
            await _left_to_next_time(self._prune)

    def _swept(self, left_after: float) -> None:
        sweep(self._database, now=datetime.now(UTC), left_after=left_after)

    def _prune(self) -> None:
        now = datetime.now(UTC)
        events.prune(self._database, now=now)
        allowances.prune(self._database, today=now.date())

    def _take_over(self) -> None:
        with contextlib.suppress(*AWAY):  # what is left stays
            take_over(self._config.data_dir, from_spool(self._database))

    def _short_of_room(self) -> bool:
        """Say whether the disk has no room for what another run would bring."""
        trouble = lack_of_room(self._config)
        if trouble and not self._said_trouble:
            _log.error("no run is taken: %s", trouble)
        self._said_trouble = bool(trouble)
        return bool(trouble)

    async def _connected(self) -> bool:
        """Say whether runs may be taken: not while our own connection is down. Writes down what is so."""
        ours = uplink()
        if ours.down_since is not None:
            await ours.is_down()
        said = self._said_uplink
        again = time.monotonic() - said[1] >= SAY_SECONDS
        if ours.down_since != said[0] or (ours.down_since and again):
            if ours.down_since is None or said[0] is None:
                _log.warning("our own connection is %s", "down" if ours.down_since else "up again")
            self._said_uplink = ours.down_since, time.monotonic()
            note = partial(
                uplinks.note,
                self._database.hasty,
                platform.node(),
                down_since=ours.down_since,
                now=datetime.now(UTC),
            )
            await _left_to_next_time(note)
        return ours.runs_allowed(self._config.runs_at_once, len(self._crawls)) > 0

    async def _take_some(self, runner: AsyncCrawlerRunner) -> None:
        allowed = self._allowed()
        room = allowed - len(self._crawls)
        if room + URGENT <= 0 or time.monotonic() < self._not_before:
            return
        mine = {session.run.id for session, _ in self._crawls.values()}
        try:
            for run in await asyncio.to_thread(self._claimable, room, len(mine)):
                most = allowed + URGENT if run.trigger == "request" else allowed
                # One whose lease ran out while MongoDB was away is taken up again by its own crawl.
                if run.id in mine or len(self._crawls) >= most:
                    continue
                session = await asyncio.to_thread(self._take, run)
                if session is not None:
                    self._start(runner, session)
        except AWAY as error:
            if not self._not_before:
                _log.warning("no run is taken while MongoDB is away: %s", error)
            # Others were cut off as well: whoever holds a lease has time to renew it first.
            self._not_before = time.monotonic() + self._config.lease_seconds / 3

    def _allowed(self) -> int:
        """Return how many crawls there may be now that nobody waits for in person."""
        most, now = self._config.runs_at_once, time.monotonic()
        large = sum(now - session.begun > LARGE_AFTER for session, _ in self._crawls.values())
        return uplink().runs_allowed(most + min(large, most), len(self._crawls))

    def _claimable(self, room: int, mine: int) -> list[Run]:
        database, now = self._database.hasty, time.monotonic()
        if now - self._paused_at >= PAUSE_LOOK:
            self._paused, self._paused_at = pauses.standing(database) is not None, now
        return self._offered(
            datetime.now(UTC),
            at_most=max(room, 0) + mine + URGENT,
            paused=self._paused,
            urgent_alone=room <= 0,
        )

    def _take(self, run: Run) -> CrawlSession | None:
        moment = datetime.now(UTC)
        source = sources.find(self._database.hasty, run.source)
        unfit = _unfit(run, source)
        if source is None or unfit is not None:
            state, why = unfit or ("lost", "")
            runs.give_up(self._database, run, reason=why, now=moment, state=state)
            counted.runs.labels(state).inc()
            return None
        held = runs.take(
            self._database.hasty,
            run,
            owner=self._owner,
            seconds=self._config.lease_seconds,
            now=moment,
        )
        if held is None:
            return None
        if held.attempt == 1:
            counted.start_lag.observe((moment - run.requested_at).total_seconds())
        return CrawlSession(self._config, self._database, source, held)

    def _start(self, runner: AsyncCrawlerRunner, session: CrawlSession) -> None:
        uplink().run_taken()
        begun: list[Crawler] = []
        task = asyncio.create_task(crawl(runner, session, self._extractors, begun.append))
        self._crawls[task] = session, begun
        counted.runs_under_way.set(len(self._crawls))
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._crawls.pop(task, None)
        counted.runs_under_way.set(len(self._crawls))
        if not task.cancelled() and task.exception() is not None:
            asyncio.get_event_loop().call_exception_handler(
                {"message": "a crawl broke", "exception": task.exception()}
            )

    async def _wait_for_all(self, stop: asyncio.Event) -> None:
        until = time.monotonic() + LEAVING
        while self._crawls and not stop.is_set() and time.monotonic() < until:
            await _either(stop, POLL_SECONDS)

    async def _end(self) -> None:
        """Stop what still runs; it hands its leases back.

        A crawl that does not end in time fetches nothing more, and its run is handed back for it.
        """
        self._database.given_up.set()
        ending = [
            asyncio.ensure_future(end_early(crawler, session, "shutdown"))
            for session, begun in self._crawls.values()
            for crawler in begun
        ]
        if self._crawls:
            await asyncio.wait([*ending, *self._crawls], timeout=GRACE)
        await asyncio.gather(
            close_browser(), asyncio.to_thread(self._extractors.close), self._hand_back()
        )

    async def _hand_back(self) -> None:
        left = [session for session, _ in self._crawls.values()]
        for session in left:
            session.stop_fetching()
        back = asyncio.gather(*(each.hand_back() for each in left), return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(back, HANDING_BACK)


def _unfit(run: Run, source: Source | None) -> tuple[State, str] | None:
    """Return how a run ends that is not to be crawled any more, and why; None where it is."""
    if source is None:
        return "lost", "its source was removed"
    if run.cancellation is not None:  # its worker died before it could end it
        return "cancelled", run.cancellation.sentence
    if run.attempt >= runs.ATTEMPTS:
        return "lost", f"its worker died {run.attempt} times; see the workers' logs"
    if run.trigger == "poll" and run.state == "queued" and source.state == "paused":
        return "cancelled", f"its source is paused; newsbot source resume {source.name}"
    return None


async def _left_to_next_time(step: Callable[P, object], *about: P.args, **more: P.kwargs) -> None:
    """Do what other processes left to do; what cannot be done now must not keep from crawling."""
    try:
        await asyncio.to_thread(step, *about, **more)
    except Exception:  # noqa: BLE001 - whatever broke, it is tried again
        _log.exception("what another process left could not be finished now")


async def _either(stop: asyncio.Event, seconds: float) -> None:
    """Wait for the event, at most so long."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def crawl_here(config: Config, session: CrawlSession, stop: asyncio.Event) -> None:
    """Crawl one held run in this process, to its end or until the event is set."""
    await asyncio.to_thread(
        sweep, session.database, now=datetime.now(UTC), left_after=config.lease_seconds
    )
    await _left_to_next_time(take_over, config.data_dir, from_spool(session.database))
    session.database.patience = math.inf
    extractors = Extractors(config.extraction_processes, config.page_timeout)
    begun: list[Crawler] = []
    task = asyncio.create_task(
        crawl(AsyncCrawlerRunner(scrapy_settings()), session, extractors, begun.append)
    )
    try:
        while not task.done():
            if stop.is_set() and begun and begun[0].engine is not None:
                session.database.given_up.set()
                await end_early(begun[0], session, "cancelled")
                break
            await _either(stop, 0.1)
        await task
    finally:
        await asyncio.gather(close_browser(), asyncio.to_thread(extractors.close))
