"""One crawl's ties to the archive: its source, its run and lease, its counters and visits.

The same for a run that a worker took, for ``newsbot crawl`` and for ``scrapy crawl news``.
"""

import asyncio
import logging
import os
import platform
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import attrs

from newsbot.archive import frontier, pages, runs, sources, wishes
from newsbot.archive.connection import AWAY, Database, answers
from newsbot.archive.emptying import REFUSED
from newsbot.archive.room import lack_of_room
from newsbot.archive.runs import Cancellation, Run, State, Trigger
from newsbot.archive.sources import Source
from newsbot.archive.spool import DiskFullError, Spool, SpoolError, Visits
from newsbot.config import Config
from newsbot.fetching.lease import Stop
from newsbot.items import Article
from newsbot.metrics import counted
from newsbot.reading import Candidate
from newsbot.revisits import RevisitPlan
from newsbot.standing import NOTHING

# Visits are written down this often (seconds) or when so many have come together.
VISIT_SECONDS = 0.5
VISITS = 200
# Looks for edits come apart by this share of their wait.
SPREAD_OF_LOOKS = 0.1
# How often (seconds) one who waits for the lease, or for room in the spool, looks for it.
LOOK_SECONDS = 0.1
# The part of a lease, its last, in which no request leaves any more: what is under way when it ends is given up.
LAST_PART = 1 / 6
# How often (seconds) a crawl looks whether it was cancelled, or whether somebody follows it.
ASK_SECONDS = 1.0
# Counters that say how something is, and not how often something was; and what one worker's own connection did.
_OF_NOW = frozenset({"spooled", "waiting", "overrides_missed", "refused_uplink"})

_log = logging.getLogger(__name__)


class CrawlError(Exception):
    """A crawl that cannot start; the text says why and what to do."""


class BusyError(CrawlError):
    """A crawl that cannot start while another process crawls the source."""


class MustWaitError(CrawlError):
    """A crawl that cannot start on this machine as it is now; nothing is wrong with the source."""


def owner_name() -> str:
    """Return a name for this process that no other has."""
    return f"{platform.node()}:{os.getpid()}:{uuid4().hex[:8]}"


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


class CrawlSession:
    """What one crawl knows and writes besides its articles."""

    def __init__(self, config: Config, database: Database, source: Source, run: Run) -> None:
        self.config = config
        self.database = database
        self.source = source
        self.run = run
        # A run that was another worker's before goes on counting, and telling, where that one ended.
        self.counters: Counter[str] = Counter(
            {name: value for name, value in run.counters.items() if name not in _OF_NOW}
        )
        self.log: deque[str] = deque(run.log, maxlen=40)
        # When the articles that it visits are looked at again.
        self.plan = RevisitPlan(
            config.revisit_after, source.edits, config.revisit_worth, SPREAD_OF_LOOKS
        )
        self.spool = Spool.of(config)
        # What it brings that is news, and how complete; and from where it is answered.
        self.brought = NOTHING
        # What the worker before has counted is its own.
        self._counted: Counter[str] = Counter(self.counters)
        self.found = 0  # links that nothing had led to before
        self.address = ""
        self.failure = ""
        self.outcome: State | None = None
        # When this process began it, by its monotonic clock.
        self.begun = time.monotonic()
        self._deadline = self.begun + config.lease_seconds
        self._stopped = False
        # Gives up whatever the crawl waits for.
        self.stop = Stop()
        # By whom it was cancelled, and why.
        self.cancellation: Cancellation | None = None
        self._visits: list[pages.Visit] = []
        # Chunks of the frontier whose last visit is among those noted.
        self.settled: list[str] = []
        self._writing = asyncio.Lock()
        self._away_since: float | None = None
        self._next_request = 0.0
        # Why the crawl has to end as failed; "" where nothing keeps it from going on.
        self.trouble = ""

    @classmethod
    def begin(
        cls, config: Config, database: Database, name: str, *, trigger: Trigger = "request"
    ) -> "CrawlSession":
        """Open a run of a source, held by this process; one that waits already is taken as it is.

        Raises:
            CrawlError: when there is no such source, or (``BusyError``) it is being crawled.
        """
        source = sources.find(database, name)
        if source is None:
            raise CrawlError(
                f"there is no source {name!r}; `newsbot source list` shows those there are, "
                "`newsbot source add URL` adds one"
            )
        trouble = lack_of_room(config)
        if trouble:
            raise CrawlError(trouble)
        owner, moment = owner_name(), now()
        run = runs.request(
            database, source.id, trigger=trigger, occasion=owner + moment.isoformat(), now=moment
        )
        if run is None:
            run = _queued(database, source, config)
        held = runs.take(database, run, owner=owner, seconds=config.lease_seconds, now=moment)
        if held is None:
            raise BusyError(f"{source.name} is being crawled by another process; try again later")
        return cls(config, database, source, held)

    def may_fetch(self) -> bool:
        """Say whether a request may leave: the lease holds for long enough for most answers."""
        return self.lease_left() > self.config.lease_seconds * LAST_PART

    def lease_left(self) -> float:
        """Return for how many seconds the lease still holds, by this process's own monotonic clock."""
        return 0.0 if self._stopped else max(0.0, self._deadline - time.monotonic())

    async def end_cancelled(self) -> None:
        """End the run as cancelled, by whom and why."""
        await self.end("cancelled", self.cancellation.sentence if self.cancellation else "")

    def stop_fetching(self) -> None:
        """Let nothing more leave, and renew the lease no more."""
        self._stopped = True

    def say(self, line: str) -> None:
        """Add a line to the run's log, which is part of this process's own."""
        _log.info("%s", line, extra={"run": self.run.id, "source": self.source.id})
        self.log.append(f"{now():%H:%M:%S} {line}")

    def visited(self, visit: pages.Visit) -> None:
        """Note a visit whose outcome is in the archive."""
        self._visits.append(visit)

    async def turn(self, ending: Callable[[], bool]) -> bool:
        """Wait until this crawl may ask for a page. False: it is ending, and may not any more.

        It waits while its lease could not be renewed, and while the spool is full; while articles are
        spooled it asks for one page at a time, the more slowly the fuller the spool is.
        """
        while not (self._stopped or self.trouble or ending()):
            if self.may_fetch() and self.spool.fill < 1.0:
                pause = self.spool.pace()
                if not pause:
                    return True
                left = self._next_request - time.monotonic()
                if left <= 0:
                    self._next_request = time.monotonic() + pause
                    return True
                await asyncio.sleep(min(left, LOOK_SECONDS))
                continue
            await asyncio.sleep(LOOK_SECONDS)
        return False

    async def spool_article(self, candidate: Candidate) -> None:
        """Put an article on disk, to go into the archive when MongoDB is back.

        Raises:
            SpoolError: when it is not kept.
        """
        loop = asyncio.get_running_loop()

        def told(verdict: str) -> None:
            with suppress(RuntimeError):  # the crawl, and its loop, may be over
                loop.call_soon_threadsafe(self._left_spool, candidate.article, verdict)

        try:
            await asyncio.wrap_future(self.spool.keep(candidate, told))
        except DiskFullError as error:
            self.trouble = self.trouble or str(error)
            raise
        self.counters["spooled"] += 1

    def _left_spool(self, article: Article, verdict: str) -> None:
        self.counters["spooled"] -= 1
        self.counters["partial"] += bool(article.partial) and verdict == "new"
        self.counters["failed_archive" if verdict == REFUSED else verdict] += 1

    def away(self, error: BaseException) -> None:
        """Note that MongoDB did not answer: the crawl goes on until its lease ends, and then waits."""
        if self._away_since is None:
            self._away_since = time.monotonic()
            self.say(
                f"MongoDB is away ({type(error).__name__}); articles wait on disk, and nothing is asked "
                "for after the lease"
            )

    def _back(self) -> None:
        if self._away_since is not None:
            seconds, self._away_since = time.monotonic() - self._away_since, None
            self.say(f"MongoDB is back after {seconds:.0f} s; the crawl goes on")

    async def heartbeat(self, stop: Callable[[str], None], more: Callable[[], None]) -> None:
        """Renew the lease and write visits down until cancelled; stop the crawl when it is lost.

        A lease that could not be renewed in time since MongoDB was away is taken up again by comparing
        and setting, if nobody took it meanwhile: ``more`` is called then. Until that nothing leaves.
        """
        renewed = asked = time.monotonic()
        watched_until = None
        writing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        writing.set_result(None)
        while not self._stopped:
            await asyncio.sleep(min(VISIT_SECONDS, self.config.lease_seconds / 6))
            self.trouble = self.trouble or lack_of_room(self.config)
            if self.trouble:
                # It may be long until it can be written down as the run's reason.
                _log.error("the crawl of %s stops: %s", self.source.name, self.trouble)
                stop(self.trouble)
                return
            try:
                watched = watched_until is not None and watched_until > now()
                pause = ASK_SECONDS if watched else self.config.lease_seconds
                early = time.monotonic() - renewed < min(pause, self.config.lease_seconds / 3)
                # The lease comes first, and waits for nothing: on a busy machine each step takes its time.
                if not (early and self.may_fetch()):
                    renewed, lapsed = time.monotonic(), not self.may_fetch()
                    if not await self._renew():
                        stop("its lease went to another worker")
                        return
                    self._back()
                    if lapsed:
                        more()
                if writing.done():
                    writing = asyncio.ensure_future(self._keep_visits())
                if time.monotonic() - asked >= ASK_SECONDS:
                    asked = time.monotonic()
                    wished = await asyncio.to_thread(wishes.of, self.database.hasty, self.run.id)
                    watched_until = wished.watched_until
                    if wished.cancellation is not None:
                        self.cancellation = wished.cancellation
                        stop(f"cancelled {wished.cancellation.sentence}")
                        return
            except AWAY as error:
                self.away(error)
            except Exception as error:  # noqa: BLE001 - the deadline decides, whatever went wrong
                self.say(f"the archive did not answer: {type(error).__name__}: {error}")
                if not self.lease_left():
                    stop("its lease could not be renewed in time")
                    return

    async def _keep_visits(self) -> None:
        """Write visits down, as far as that goes now."""
        try:
            await self._write_visits()
        except AWAY as error:
            self.away(error)
        except Exception as error:  # noqa: BLE001 - they stay, and are tried again
            self.say(f"the archive did not answer: {type(error).__name__}: {error}")

    def _count(self) -> None:
        """Have this process count what came since it last did."""
        counted.crawled(self._counted, self.counters)
        self._counted = Counter(self.counters)

    async def _renew(self) -> bool:
        asked = time.monotonic()
        self._count()
        kept = await asyncio.to_thread(
            runs.renew,
            self.database,
            self.run,
            seconds=self.config.lease_seconds,
            now=now(),
            counters=self.counters,
            log=tuple(self.log),
        )
        if kept:
            self._deadline = asked + self.config.lease_seconds
        return kept

    async def _write_visits(self) -> None:
        async with self._writing:
            if self.spool.active:
                await self._spool_visits()
                return
            settled = list(self.settled)
            try:
                while self._visits:
                    some = self._visits[:VISITS]
                    await asyncio.to_thread(pages.mark, self.database.hasty, some, self.plan)
                    del self._visits[: len(some)]
            except AWAY as error:
                self.away(error)
                await self._spool_visits()
                return
            await asyncio.to_thread(frontier.drop, self.database.hasty, settled)
            del self.settled[: len(settled)]

    async def _spool_visits(self) -> None:
        """Put visits behind the articles that wait; what does not go there stays until MongoDB is back."""
        while self._visits:
            some = tuple(self._visits[:VISITS])
            try:
                await asyncio.wrap_future(self.spool.keep(Visits(some, self.plan)))
            except DiskFullError as error:
                self.trouble = self.trouble or str(error)
                return
            except SpoolError:
                return
            del self._visits[: len(some)]

    async def end(self, state: State, reason: str = "", *, ours: bool = False) -> None:
        """Write down what is left, and end the run; ``ours`` is a failure that is not the source's."""
        # So that what the run counts is what it brought; who cancels a run waits for that.
        while self.cancellation is None and self._waits_for_spool():  # noqa: ASYNC110 - another thread empties it
            await asyncio.sleep(LOOK_SECONDS)
        await asyncio.sleep(0)
        await self._write_visits()
        if self._visits:  # neither MongoDB nor the disk took them
            await asyncio.to_thread(answers, self.database)
            await self._write_visits()
        self.outcome = state
        self.failure = reason
        self._count()
        ended = await asyncio.to_thread(
            runs.finish,
            self.database,
            self.run,
            state=state,
            reason=reason,
            now=now(),
            counters=self.counters,
            log=tuple(self.log),
            brought=attrs.evolve(self.brought, found=self.found, stored=self.counters["new"]),
            address=self.address,
            ours=ours,
        )
        if ended:  # it was this worker's still, and had not been ended
            self._log_end(state, reason)
            counted.runs.labels(state).inc()
            counted.run_seconds.observe((now() - (self.run.started_at or now())).total_seconds())

    def _log_end(self, state: State, reason: str) -> None:
        """Log how the run ended. A poll that brought nothing is told where all is asked for."""
        brought = sum(self.counters[each] for each in ("new", "edited", "completed"))
        level = logging.INFO if brought or state != "done" else logging.DEBUG
        of: dict[str, object] = {
            "run": self.run.id,
            "source": self.source.id,
            "source_name": self.source.name,
            "new": self.counters["new"],
            "edited": self.counters["edited"],
        }
        _log.log(
            level,
            "the run ended as %s%s",
            state,
            f": {reason}" if reason else "",
            extra=of,
        )

    async def cut_off(self) -> None:
        """End a run that our own connection kept from asking anything: it is due as soon as that is up."""
        if self.run.trigger in ("schedule", "backfill"):
            await self.hand_back()  # nobody else would ask for it again
            return
        await asyncio.to_thread(sources.postpone, self.database, self.source.id, until=now())
        await self.end("cancelled", "our own connection is down; nothing is wrong with the source")

    def _waits_for_spool(self) -> bool:
        there_is = self.spool.active and not self.database.given_up.is_set()
        return there_is and self.counters["spooled"] > 0

    async def hand_back(self) -> None:
        """Leave the run to another worker, with what was done so far written down."""
        await self._write_visits()
        self._count()
        await asyncio.to_thread(
            runs.hand_back, self.database, self.run, counters=self.counters, log=tuple(self.log)
        )


def _queued(database: Database, source: Source, config: Config) -> Run:
    """Return the source's active run if it is free to take."""
    active = runs.active(database, source.id)
    if active is None:
        raise BusyError(f"the run of {source.name} ended just now; try again")
    if active.lease and active.lease.until > now():
        since = active.started_at or active.requested_at
        raise BusyError(
            f"{source.name} is being crawled since {since:%H:%M:%S} UTC; "
            f"wait for that run to end (`newsbot runs`), or up to {config.lease_seconds:.0f} s "
            "if its process died"
        )
    return active
