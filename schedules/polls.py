"""Which sources are polled now: one look at all that are due, the most urgent first.

When more are due than workers can start, what counts is how long a source waits by its own measure: the
time since it was due over its interval. A source that is asked each minute goes before one that is asked
each week until that has waited as many weeks as the first has minutes. So each is asked less often by the
same factor, and none starves: what waits grows more urgent without bound, and what was started begins
again at nothing. (It is the order of *highest response ratio next*, Brinch Hansen 1971.)

Only so many runs wait for workers as these begin within a moment: what is queued has lost its place in that
order.
"""

import logging
import math
from collections.abc import Callable
from datetime import datetime, timedelta

from newsbot.archive import pauses, runs, sources
from newsbot.archive.connection import Database
from newsbot.archive.leading import steady_clock
from newsbot.archive.sources import Due
from newsbot.config import Config
from schedules.dispatch import dispatch_many

# So many runs wait for workers at most before more polls are queued.
AHEAD = 100
# When it is looked again, in seconds: usually, and while more is due than was started.
USUALLY, BUSY = 0.2, 0.02
# An order of so many sources is made anew when it is this much older (times) than making it took.
_MANY, _WORTH = 200, 10.0
# A clock that goes back by so much (seconds) was set.
_SET_BACK = 30.0

_log = logging.getLogger(__name__)


class Polls:
    """Starts a run of each source whose time has come, while ``leads`` says so."""

    def __init__(
        self,
        config: Config,
        database: Database,
        *,
        leads: Callable[[], bool],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._leads = leads
        self._clock = clock
        # How often a source is asked whose rhythm is not known yet, in seconds.
        self._unknown = config.poll_fastest * 5
        self._waiting: list[Due] = []
        # By how much the clock is ahead of one that nobody sets, as it was last.
        self._ahead = math.inf
        self._valid_to = 0.0

    def look(self) -> float:
        """Queue what is most urgent; returns after how many seconds to look again.

        Each start is two writes, both for many: the runs, by ids that follow from source and due time, and
        then when the sources are due next, unless somebody has said that meanwhile. Killed between them,
        whoever looks next writes the same runs again, which is nothing.
        """
        pause = self._start_some()
        self._see_clock()  # after what is due: it may have to look at all sources
        return pause

    def _start_some(self) -> float:
        waiting = self._in_order()
        if not waiting or pauses.standing(self._database) is not None:
            return USUALLY
        room = AHEAD - runs.queued(self._database, at_most=AHEAD)
        if room <= 0 or not self._leads():
            return USUALLY
        some, self._waiting = waiting[:room], waiting[room:]
        now = self._clock()
        dispatch_many(
            self._database,
            [(each.source, f"poll {each.at.isoformat()}", each.at) for each in some],
            trigger="poll",
            now=now,
        )
        later = [(each, now + timedelta(seconds=each.interval or self._unknown)) for each in some]
        if self._leads():
            sources.postpone_due(self._database, later)
        return BUSY if self._waiting else USUALLY

    def _see_clock(self) -> None:
        """Have nobody wait for times that come again, at the beginning and when the clock was set back."""
        now = self._clock()
        ahead = now.timestamp() - steady_clock()
        if ahead < self._ahead - _SET_BACK:
            moved = sources.bring_back(self._database, now)
            if moved:
                _log.warning("the clock was set back: %d sources are due sooner", moved)
        self._ahead = ahead

    def _in_order(self) -> list[Due]:
        """Return what is due, the most urgent first; of very many as it was a moment ago."""
        if self._waiting and steady_clock() < self._valid_to:
            return self._waiting
        began, now = steady_clock(), self._clock()
        found = sources.due(self._database, now)
        self._waiting = sorted(found, key=lambda each: (-each.urgency(now, self._unknown), each.at))
        took = steady_clock() - began if len(found) > _MANY else 0.0
        self._valid_to = began + took * (1 + _WORTH)
        return self._waiting
