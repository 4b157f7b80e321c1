"""Sends runs that wait in the archive to workers by the broker, and again what nobody took.

Whoever asks for a run writes it into the archive and is done; the scheduler looks there, a few times a second,
for runs that nobody holds. So a run cannot get lost between the archive and the broker, nor in a broker
that forgets: what stays unclaimed is sent again. The broker holds the first of them alone, so that their order
is decided in the archive, and the broker's memory is bounded however long no worker is there.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import attrs

from newsbot.archive import pauses, runs
from newsbot.archive.connection import AWAY, Database
from newsbot.archive.leading import Leadership
from newsbot.config import Config
from newsbot.spiders.session import owner_name
from schedules.broker import Broker, BrokerError

# How often (seconds) is looked for runs to send, and after how many seconds again for a broker that is down.
LOOK_SECONDS = 0.25
DOWN_SECONDS = 2.0
# Seconds for which one relay leads; another takes over after them.
LEADS_SECONDS = 6.0
# How many messages wait in the broker at most.
WINDOW = 500
# Seconds after which a run that nobody took is sent again: at once after the first where the broker has no
# message left, else twice as long each time, up to the last.
AGAIN, AGAIN_MOST = 10.0, 640.0

_log = logging.getLogger(__name__)

Waiting = tuple[str, int]  # a run, and the number of the lease that it had last


@attrs.define
class Plan:
    """Which of the runs that wait are sent now. Pure: it is told the time (seconds that only grow)."""

    _sent: dict[Waiting, tuple[float, int]] = attrs.field(factory=dict)

    def now(self, waiting: Sequence[Waiting], in_broker: int, moment: float) -> list[Waiting]:
        """Return what to send, of what waits in its order, where so many messages are in the broker."""
        self._sent = {each: self._sent[each] for each in waiting if each in self._sent}
        due = [each for each in waiting if self._due(each, in_broker, moment)]
        return due[: max(0, WINDOW - in_broker)]

    def sent(self, some: Sequence[Waiting], moment: float) -> None:
        """Note what was sent."""
        for each in some:
            times = self._sent[each][1] if each in self._sent else 0
            self._sent[each] = moment, times + 1

    def _due(self, each: Waiting, in_broker: int, moment: float) -> bool:
        if each not in self._sent:
            return True
        last, times = self._sent[each]
        pause = AGAIN if in_broker == 0 else min(AGAIN * 2 ** (times - 1), AGAIN_MOST)
        return moment - last >= pause


class Relay:
    """Looks and sends, in a thread of its own, until closed. Of several, one does.

    It is one for order's sake alone: a run that two of them send comes twice, and runs once.
    """

    def __init__(self, config: Config, database: Database) -> None:
        self._database = database
        self._leadership = Leadership(database.hasty, "relay", owner_name(), seconds=LEADS_SECONDS)
        self._broker = Broker(config)
        self._plan = Plan()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="relay")
        self._said = ""
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._ending.set()
        self._thread.join()

    def look(self) -> int:
        """Send what is to be sent now; returns how many.

        Raises:
            BrokerError: when the broker does not answer.
        """
        if not self._leadership.look(datetime.now(UTC)):
            return 0
        database = self._database.hasty
        paused = pauses.standing(database) is not None
        waiting = runs.claimable_ids(database, datetime.now(UTC), at_most=WINDOW, paused=paused)
        if not waiting:
            return 0
        some = self._plan.now(waiting, self._broker.waiting(), time.monotonic())
        if some:
            self._broker.send([run for run, _ in some])
            self._plan.sent(some, time.monotonic())
        return len(some)

    def _run(self) -> None:
        pause = LOOK_SECONDS
        while not self._ending.wait(pause):
            trouble = self._tried(self.look)
            pause = DOWN_SECONDS if trouble else LOOK_SECONDS
            if trouble != self._said:
                if trouble:
                    _log.error("no run is sent to workers: %s", trouble)
                else:
                    _log.warning("runs are sent to workers again")
            self._said = trouble
        with suppress(*AWAY):  # then another leads when the lease is over
            self._leadership.release()
        self._broker.close()

    @staticmethod
    def _tried(step: Callable[[], object]) -> str:
        try:
            step()
        except BrokerError as error:
            return str(error)
        except AWAY as error:
            return f"MongoDB is away: {type(error).__name__}"
        except Exception as error:  # noqa: BLE001 - whatever broke, it is tried again
            _log.exception("runs could not be sent")
            return f"{type(error).__name__}: {error}"
        return ""
