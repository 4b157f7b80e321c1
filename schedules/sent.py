"""The worker of ``dispatch = "celery"``: the same worker, whose runs are those that the broker sends it.

Celery runs in a thread, and each message in one of its pool's, which does nothing but hold it until nothing is
left to do for its run here, or its crawl has become a large one; then the message is acknowledged, which makes
room for the next. The reactor, the crawls and the signals are the main
thread's, as they are without a broker. The run's lease decides who crawls: a message of a run that somebody
else holds, or that is over, is let go.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from celery import Celery
from celery.worker import WorkController, state

from newsbot.archive import runs
from newsbot.archive.connection import Database
from newsbot.archive.runs import Run
from newsbot.config import Config
from newsbot.spiders.session import owner_name
from schedules import reactor, worker
from schedules.broker import TASK, application

# How often (seconds) is looked in the archive for what people asked for.
LOOK_SECONDS = 1.0
# Seconds that Celery has to leave the broker, once its worker has handed its runs back.
LEAVING = 1.5

_log = logging.getLogger(__name__)


class Sent:
    """The runs whose messages are held here. Safe for threads."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner
        self._held: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._closed = False
        # When crawls of ours were first seen, and when was last looked for what people asked for.
        self._began: dict[str, float] = {}
        self._looked = float("-inf")

    def hold(self, run: str) -> None:
        """Return when nothing is left to do for a run here. A message that is here already is not held."""
        with self._lock:
            if self._closed or run in self._held:
                return
            over = self._held[run] = threading.Event()
        over.wait()

    def offered(
        self, now: datetime, *, at_most: int, paused: bool = False, urgent_alone: bool = False
    ) -> list[Run]:
        """Return those that nobody holds: what people asked for, then in the order of their messages.

        What people asked for is looked for in the archive as well, each second.
        While everything is paused, messages of what does not begin then are let go; they are sent again.
        """
        with self._lock:
            here = list(self._held)
        found = {run.id: run for run in runs.several(self._database, here)} if here else {}
        free: list[Run] = []
        for each in here:
            run = found.get(each)
            waits = paused and run and run.state == "queued" and run.trigger != "request"
            if run is None or run.state not in runs.ACTIVE or waits:
                self._let_go(each)
            elif run.lease is None or run.lease.until < now:
                free.append(run)
            elif run.lease.owner != self._owner or self._large(each):
                self._let_go(each)
        urgent = [
            *self._asked_for(now, at_most),
            *(run for run in free if run.trigger == "request"),
        ]
        others = [] if urgent_alone else [run for run in free if run.trigger != "request"]
        return list({run.id: run for run in (*urgent, *others)}.values())[:at_most]

    def _large(self, run: str) -> bool:
        """Say whether a crawl of ours has become a large one, which leaves its place to others."""
        began = self._began.setdefault(run, time.monotonic())
        return time.monotonic() - began > worker.LARGE_AFTER

    def _asked_for(self, now: datetime, at_most: int) -> list[Run]:
        """Return what people asked for: they wait for it, and are not to wait for a message to be let go."""
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return []
        self._looked = time.monotonic()
        return runs.claimable(self._database, now, at_most=at_most, urgent_alone=True)

    def close(self) -> None:
        """Let go of all, and hold no more."""
        with self._lock:
            self._closed = True
            here = list(self._held)
        for run in here:
            self._let_go(run)

    def _let_go(self, run: str) -> None:
        with self._lock:
            over = self._held.pop(run, None)
        self._began.pop(run, None)
        if over is not None:
            over.set()


def run(config: Config, database: Database) -> None:
    """Crawl what the broker sends until SIGTERM or SIGINT, or until this process has grown too large.

    Raises:
        RuntimeError: when Celery ended by itself.
    """
    reactor.run(partial(_work, config, database))


async def _work(config: Config, database: Database, stop: asyncio.Event) -> None:
    owner = owner_name()
    sent = Sent(database.hasty, owner)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    celery = _Celery(config, owner, sent, lambda: loop.call_soon_threadsafe(over.set))
    celery.start()

    async def obey() -> None:
        await stop.wait()
        celery.stop()
        sent.close()  # it leaves the broker while crawls are being handed back
        over.set()

    obeying = asyncio.create_task(obey())
    try:
        await worker.Worker(config, database, offered=sent.offered, owner=owner).run(over)
    finally:
        obeying.cancel()
        celery.stop()
        sent.close()
        await asyncio.to_thread(celery.join, LEAVING)
    if celery.broke:
        raise RuntimeError("Celery ended by itself; what it logged before says why")


class _Celery(threading.Thread):
    """Celery's worker, which takes messages from the broker as long as there is room for them."""

    def __init__(self, config: Config, owner: str, sent: Sent, ended: Callable[[], object]) -> None:
        super().__init__(name="celery", daemon=True)
        self.broke = False
        self._stopped = threading.Event()
        self._ended = ended
        self._worker = WorkController(
            app=_with_task(application(config), sent),
            hostname=owner,
            pool_cls="threads",
            concurrency=config.runs_at_once,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )

    def stop(self) -> None:
        """Have it take no more messages, and end once all that are here were let go."""
        self._stopped.set()
        state.should_stop = 0

    def run(self) -> None:
        """Take messages until stopped."""
        try:
            self._worker.start()
        finally:
            self.broke = not self._stopped.is_set()
            self._ended()


def _with_task(app: Celery, sent: Sent) -> Celery:
    app.task(sent.hold, name=TASK)
    return app
