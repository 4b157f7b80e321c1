"""Delivery: takes messages out of the outbox and brings them to their receivers.

A message is leased, tried, and settled: sent, due again after a growing pause, or set aside as dead
after the configured time. A process that dies between sending and settling sends once more; the
message's id, which stands in the ``webhook-id`` header and in a letter's ``Message-ID``, lets the receiver
see that.

Each channel has a line of its own: so many of its messages are under way at a time, and one that fails
several times in a row, or asks for a pause, rests as a whole, while the others go on.
"""

import asyncio
import contextlib
import logging
import random
import time
import traceback
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import ParamSpec, TypeVar

import attrs

from newsbot.alerts import gathering
from newsbot.alerts.lines import Line, Lines
from newsbot.alerts.sending.failure import SendError
from newsbot.alerts.sending.ways import Ways
from newsbot.alerts.telling import Telling
from newsbot.archive import channels, outbox
from newsbot.archive.channels import Channel
from newsbot.archive.connection import AWAY, Database
from newsbot.archive.outbox import Message
from newsbot.archive.sealing import SealError
from newsbot.config import Config
from newsbot.metrics import counted

P = ParamSpec("P")
R = TypeVar("R")

# First pause after a failed try, and the longest (seconds); each is twice the one before.
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 3_600.0
POLL_SECONDS = 0.25
# Messages held at a time, and how many are read ahead.
AT_ONCE, AHEAD = 128, 200
# Seconds that a lease lasts beyond the longest try.
_MARGIN = 10.0
# Times in a row that a channel fails before all of it rests.
_ILL_AFTER = 3

_log = logging.getLogger(__name__)


def _of(message: Message) -> dict[str, str]:
    """Return what a line about a message is about."""
    return {"article": message.article, "alert": message.alert, "channel": message.channel}


def _unwanted(channel: Channel | None, message: Message, said: Telling | None) -> str:
    """Return why a message is not sent at all, "" where it is."""
    if channel is None:
        return "its channel was removed"
    if message.alert in channel.silenced:
        return "its receiver wants nothing more of this alert"
    return "" if said is not None else "its alert or article was removed"


def pause_after(attempts: int, retry_after: float | None, *, chance: float) -> float:
    """Return the seconds to wait after so many failed tries.

    ``chance`` in [0, 1) spreads receivers' retries over half the pause; a receiver's own wish for
    a longer one is honoured.
    """
    pause = min(FIRST_PAUSE * 2.0 ** min(attempts - 1, 32), LONGEST_PAUSE)
    return max(pause * (0.75 + chance / 2), retry_after or 0.0)


class Courier:
    """Delivers what is due, until cancelled. ``owner`` is whose leases its are: one of each process."""

    def __init__(self, config: Config, database: Database, owner: str) -> None:
        self._config = config
        self._database = database
        self._owner = owner
        # A try may take its timeout twice (connecting, then answering) before its lease is over.
        self._try = config.delivery_timeout * 2
        self._lease = self._try + _MARGIN
        self._lines = Lines()
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._tries: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._settled: list[tuple[Message, asyncio.Future[None]]] = []
        self._to_settle = asyncio.Event()
        self._look_again = 0.0
        self._archive: ThreadPoolExecutor | None = None

    async def run(self) -> None:
        """Deliver for ever; looks for due messages four times a second."""
        async with self._open() as ways:
            try:
                while True:
                    self._woken.clear()
                    try:
                        if time.monotonic() >= self._look_again:
                            await self._look(ways)
                        await self._start(ways)
                    except AWAY as error:
                        _log.warning("MongoDB is away: %s", type(error).__name__)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._woken.wait(), POLL_SECONDS)
            finally:
                await asyncio.gather(*self._tries, return_exceptions=True)

    async def deliver_due(self) -> int:
        """Deliver what is due now, once; returns how many messages were tried."""
        async with self._open() as ways:
            tried = 0
            await self._look(ways)
            while self._lines.waiting or self._tries:
                tried += await self._start(ways)
                if not self._tries:
                    break
                await asyncio.wait(self._tries, return_when=asyncio.FIRST_COMPLETED)
        return tried

    @contextlib.asynccontextmanager
    async def _open(self) -> AsyncIterator[Ways]:
        """Open the ways, and threads for them: looking up a name that hangs holds up no other step."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(AT_ONCE, "ways"))
        with ThreadPoolExecutor(4, "outbox") as self._archive:
            async with Ways(self._config, at_once=AT_ONCE) as ways:
                settler = asyncio.create_task(self._settle_all())
                try:
                    yield ways
                finally:
                    settler.cancel()

    async def _in_archive(self, step: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.get_running_loop().run_in_executor(
            self._archive, partial(step, *args, **kwargs)
        )

    # Looking

    async def _look(self, ways: Ways) -> None:
        """Read what is due for channels that could take more, where little is read ahead."""
        began = time.monotonic()
        passed = self._lines.passed(ways.to_one, began)
        found, known = await self._in_archive(self._read, passed)
        self._lines.add(found, known)
        # A long look, at a long outbox, is not begun again at once.
        took = time.monotonic() - began
        more = len(found) == AHEAD
        self._look_again = time.monotonic() + (2 * took if more else max(POLL_SECONDS, 2 * took))

    def _read(self, passed: Sequence[str]) -> tuple[list[Message], dict[str, Channel]]:
        found = outbox.deliverable(self._database, datetime.now(UTC), without=passed, at_most=AHEAD)
        return found, channels.many(self._database, {each.channel for each in found})

    # Trying

    async def _start(self, ways: Ways) -> int:
        """Take the leases of what may go out now and begin; returns how many that are."""
        chosen = self._lines.choose(ways.by_kind, ways.to_one, AT_ONCE, time.monotonic())
        if not chosen:
            return 0
        until = time.monotonic() + self._lease
        held, said = await self._in_archive(self._take, chosen)
        for message in held:
            line = self._lines.of(message.channel)
            line.under_way += 1
            task = asyncio.create_task(
                self._deliver(ways, line, message, said.get(message.id), until)
            )
            self._tries.add(task)
            task.add_done_callback(partial(self._ended, line, message))
        taken = {each.id for each in held}
        for message in chosen:
            if message.id not in taken:  # another was faster
                self._lines.known.discard(message.id)
        return len(held)

    def _take(self, chosen: Sequence[Message]) -> tuple[list[Message], dict[str, Telling]]:
        now = datetime.now(UTC)
        held = outbox.take_many(
            self._database, chosen, owner=self._owner, seconds=self._lease, now=now
        )
        return held, gathering.tell(self._database, held, base=self._config.web_address)

    def _ended(self, line: Line, message: Message, task: asyncio.Task[None]) -> None:
        line.under_way -= 1
        self._lines.known.discard(message.id)
        self._tries.discard(task)
        self._woken.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("message %s: %s", message.id, type(error).__name__, extra=_of(message))

    async def _deliver(
        self, ways: Ways, line: Line, message: Message, said: Telling | None, until: float
    ) -> None:
        unwanted = _unwanted(line.channel, message, said)
        if unwanted or line.channel is None or said is None:
            await self._settle(attrs.evolve(message, state="dropped", failure=unwanted))
            return
        turns = self._turns.setdefault(
            message.channel, asyncio.Semaphore(ways.to_one[line.channel.kind])
        )
        failures = line.failures
        async with turns:
            began = time.monotonic()
            if line.rests(began) or line.failures > failures:
                await self._settle(
                    message
                )  # as it was: its turn comes when its channel is well again
                return
            if began > until - self._try:  # it was frozen; the lease may be another's by now
                return
            try:
                await self._send(ways, line.channel, said)
            except SendError as error:
                failed: SendError | None = error
            else:
                failed = None
        if failed is not None:
            if failed.ill:
                line.failed(began, time.monotonic())
            await self._failed(line, message, failed)
        else:
            line.took(time.monotonic() - began)
            sent = attrs.evolve(message, state="sent", sent_at=datetime.now(UTC), failure="")
            await self._settle(attrs.evolve(sent, attempts=message.attempts + 1))

    async def _send(self, ways: Ways, channel: Channel, said: Telling) -> None:
        try:
            secret = channels.opened(self._database, channel)
        except SealError as error:
            raise SendError(str(error), ill=True) from None
        try:
            await ways.send(said, channel, secret, sealer=self._database.sealer)
        except SendError:
            raise
        except Exception as error:  # noqa: BLE001 - one message harms no other
            # Its text may hold what must not be seen; where it broke may be.
            place = traceback.extract_tb(error.__traceback__)[-1]
            why = (
                f"something unforeseen broke: {type(error).__name__} at {place.name}:{place.lineno}"
            )
            _log.error("message %s: %s", said.id, why)
            raise SendError(why) from None

    async def _failed(self, line: Line, message: Message, error: SendError) -> None:
        moment, attempts = datetime.now(UTC), message.attempts + 1
        pause = pause_after(attempts, error.retry_after, chance=random.random())  # noqa: S311
        over = error.final or moment - message.begun > self._give_up
        after = attrs.evolve(
            message,
            state="dead" if over else "due",
            attempts=attempts,
            next_attempt=moment + timedelta(seconds=pause),
            failure=str(error)[:500],
        )
        if error.retry_after or line.failures >= _ILL_AFTER:
            rest = pause_after(
                max(1, line.failures - _ILL_AFTER + 1),
                error.retry_after,
                chance=random.random(),  # noqa: S311
            )
            line.rests_until = max(line.rests_until, time.monotonic() + rest)
        await self._settle(after)
        if over and error.ill:
            await self._give_up_others(message, str(error))

    @property
    def _give_up(self) -> timedelta:
        return timedelta(seconds=self._config.delivery_give_up)

    async def _give_up_others(self, failed: Message, why: str) -> None:
        """Set aside what waits as long for a channel that takes nothing: it is tried seldom by now."""
        before = datetime.now(UTC) - self._give_up
        while late := await self._in_archive(
            outbox.overdue, self._database, failed.channel, before=before
        ):
            held = await self._in_archive(
                outbox.take_many,
                self._database,
                late,
                owner=self._owner,
                seconds=self._lease,
                now=datetime.now(UTC),
            )
            for each in held:
                await self._settle(attrs.evolve(each, state="dead", failure=why[:500]))
            if not held:
                return

    # Settling

    async def _settle(self, message: Message) -> None:
        """Have it written down how a try went; returns when it is on disk."""
        tried = {"due": "failed"}.get(message.state, message.state)
        if tried != "failed" or message.failure:  # one that waits on was not tried
            counted.messages.labels(tried).inc()
        if message.state == "dead":
            why = message.failure
            _log.warning("message %s is set aside: %s", message.id, why, extra=_of(message))
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._settled.append((message, written))
        self._to_settle.set()
        await written

    async def _settle_all(self) -> None:
        """Write down what was tried, together what ends together."""
        while True:
            await self._to_settle.wait()
            self._to_settle.clear()
            batch, self._settled = self._settled, []
            while True:
                try:
                    await self._in_archive(
                        outbox.settle_many, self._database, [each for each, _ in batch]
                    )
                    break
                except AWAY:  # it was sent: that is not to be forgotten
                    await asyncio.sleep(POLL_SECONDS)
            for _, written in batch:
                if not written.done():
                    written.set_result(None)
