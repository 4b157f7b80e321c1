"""One crawl's ties to the archive: its source, its run and lease, its counters and visits.

The same for a run that a worker took, for ``newsbot crawl`` and for ``scrapy crawl news``.
"""

import asyncio
import os
import platform
import time
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from newsbot.archive import frontier, pages, runs, sources
from newsbot.archive.connection import Database
from newsbot.archive.runs import Run, State, Trigger
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.revisits import RevisitPlan

# Visits are written down this often (seconds) or when so many have come together.
VISIT_SECONDS = 0.5
VISITS = 200
# Looks for edits come apart by this share of their wait.
SPREAD_OF_LOOKS = 0.1


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
        self.counters: Counter[str] = Counter(
            {name: value for name, value in run.counters.items() if name == "lost_workers"}
        )
        self.log: deque[str] = deque(maxlen=40)
        # When the articles that it visits are looked at again.
        self.plan = RevisitPlan(
            config.revisit_after, source.edits, config.revisit_worth, SPREAD_OF_LOOKS
        )
        self.failure = ""
        self.outcome: State | None = None
        self._deadline = time.monotonic() + config.lease_seconds
        self._stopped = False
        self._visits: list[pages.Visit] = []
        # Chunks of the frontier whose last visit is among those noted.
        self.settled: list[str] = []
        self._writing = asyncio.Lock()

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
        """Say whether the lease still holds, by this process's own monotonic clock."""
        return not self._stopped and time.monotonic() < self._deadline

    def stop_fetching(self) -> None:
        """Let nothing more leave, and renew the lease no more."""
        self._stopped = True

    def say(self, line: str) -> None:
        """Add a line to the run's log."""
        self.log.append(f"{now():%H:%M:%S} {line}")

    def visited(self, visit: pages.Visit) -> None:
        """Note a visit whose outcome is in the archive."""
        self._visits.append(visit)

    async def heartbeat(self, stop: Callable[[str], None]) -> None:
        """Renew the lease and write visits down until cancelled; stop the crawl when it is lost."""
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(min(VISIT_SECONDS, self.config.lease_seconds / 6))
            if self._stopped:
                return
            try:
                await self._write_visits()
                if time.monotonic() - renewed < self.config.lease_seconds / 3:
                    continue
                renewed = time.monotonic()
                if not await self._renew():
                    stop("its lease went to another worker")
                    return
            except Exception as error:  # noqa: BLE001 - the deadline decides, whatever went wrong
                self.say(f"the archive did not answer: {type(error).__name__}: {error}")
            if not self.may_fetch():
                stop("its lease could not be renewed in time")
                return

    async def _renew(self) -> bool:
        asked = time.monotonic()
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
            settled = list(self.settled)
            while self._visits:
                some = self._visits[:VISITS]
                await asyncio.to_thread(pages.mark, self.database, some, self.plan)
                del self._visits[: len(some)]
            await asyncio.to_thread(frontier.drop, self.database, settled)
            del self.settled[: len(settled)]

    async def end(self, state: State, reason: str = "") -> None:
        """Write down what is left, and end the run."""
        await self._write_visits()
        self.outcome = state
        self.failure = reason
        await asyncio.to_thread(
            runs.finish,
            self.database,
            self.run,
            state=state,
            reason=reason,
            now=now(),
            counters=self.counters,
            log=tuple(self.log),
        )

    async def hand_back(self) -> None:
        """Leave the run to another worker, with what was done so far written down."""
        await self._write_visits()
        await asyncio.to_thread(runs.hand_back, self.database, self.run)


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
