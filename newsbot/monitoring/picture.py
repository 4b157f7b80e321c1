"""How newsbot is at one moment: what waits, what is under way, what is behind, what is wrong.

Read out of the archive, the index and the data folder by whoever is asked. What can be looked up is read
each time; what has to be counted through (sources, links that wait) when the last count is old, and the
less often the longer it took: it may take a hundredth of the time at most.
"""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, get_args

import attrs

from newsbot import parts
from newsbot.alerts.health import Kind
from newsbot.archive import frontier, lag, sources, spool_folders, troubles
from newsbot.archive.connection import Database
from newsbot.archive.runs import Run
from newsbot.archive.troubles import Trouble
from newsbot.config import Config
from newsbot.search.follow import reached
from newsbot.search.index import current
from newsbot.search.results import Reader

# Runs under way that are told one by one.
RUNS = 200
# Seconds for which what is counted through is not counted again.
_COUNTED_FOR = 60.0
# States of messages that wait for something, or for somebody.
_WAITING = ("due", "waiting", "dead")


@attrs.frozen(kw_only=True)
class Picture:
    """newsbot at one moment.

    ``sources`` counts by state; ``due`` are those whose poll is late, the first of them for
    ``poll_lag`` seconds. ``queued`` runs wait for a worker, the first for ``queue_lag`` seconds; ``running``
    are under way, and ``names`` those of their sources. ``messages`` counts by state what waits;
    ``delivery_lag`` is for how many seconds the first that nobody tried is due. ``index_lag`` is how many
    seconds the index is behind (None: there is none); ``articles`` is how many it has. ``links`` wait on the
    frontier (``links_all``: these are all). Bytes: ``spooled`` of ``spool_room``, ``disk_free``,
    ``disk_total``. ``parts`` is None where no service works on the data folder. ``leaders`` are those of whom
    the lease holds, by task.
    """

    at: datetime
    sources: Mapping[str, int]
    due: int
    poll_lag: float
    queued: int
    queue_lag: float
    running: tuple[Run, ...]
    names: Mapping[str, str]
    messages: Mapping[str, int]
    delivery_lag: float
    index_lag: float | None
    articles: int
    links: int
    links_all: bool
    spooled: int
    spool_room: int
    disk_free: int
    disk_total: int
    parts: tuple[parts.Part, ...] | None
    troubles: tuple[Trouble, ...]
    leaders: Mapping[str, str]


class Photographer:
    """Makes pictures of one newsbot. Safe for threads."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        # Who asks how newsbot is wants an answer, while MongoDB is away as well.
        self._database = database.hasty
        self._reader = Reader(config, self._database)
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[Any, float]] = {}

    def take(self) -> Picture:
        """Return a picture of now.

        Raises:
            one of ``connection.AWAY``: when MongoDB does not answer.
        """
        config, database, now = self._config, self._database, datetime.now(UTC)
        due, due_since = lag.due(database, now)
        queued, queued_since = lag.queue(database)
        running = tuple(lag.running(database, at_most=RUNS))
        folder = current(config.index_dir)
        config.data_dir.mkdir(parents=True, exist_ok=True)
        disk = shutil.disk_usage(config.data_dir)
        links, links_all = self._counted("links", lambda: frontier.size(database))
        alive = parts.running(config.data_dir)
        return Picture(
            at=now,
            sources=self._counted("sources", lambda: lag.sources_by_state(database)),
            due=due,
            poll_lag=_since(due_since, now),
            queued=queued,
            queue_lag=_since(queued_since, now),
            running=running,
            names=sources.names(database, [run.source for run in running]) if running else {},
            messages={state: lag.messages(database, state) for state in _WAITING},
            delivery_lag=_since(lag.undelivered_since(database), now),
            index_lag=_since(reached(folder), now) if folder else None,
            articles=self._articles(),
            links=links,
            links_all=links_all,
            spooled=spool_folders.size(config.data_dir / "spool"),
            spool_room=config.spool_bytes,
            disk_free=disk.free,
            disk_total=disk.total,
            parts=None if alive is None else tuple(alive),
            troubles=tuple(each for each in troubles.standing(database) if each.state == "open"),
            leaders={
                task: owner
                for task, (owner, until) in lag.leaders(database).items()
                if owner and until > now
            },
        )

    def _articles(self) -> int:
        try:
            return self._reader.count()
        except (ValueError, OSError):  # it cannot be opened: ``readiness`` says so
            return 0

    def _counted(self, what: str, count: Callable[[], Any]) -> Any:
        with self._lock:
            value, again = self._counts.get(what, (None, 0.0))
            if time.monotonic() >= again:
                began = time.monotonic()
                value = count()
                took = time.monotonic() - began
                self._counts[what] = value, began + max(_COUNTED_FOR, 100 * took)
            return value


def _since(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())


def troubles_by_kind(picture: Picture) -> Mapping[str, int]:
    """Count the troubles that stand by their kind, each kind that there can be."""
    return dict.fromkeys(get_args(Kind), 0) | Counter(each.kind for each in picture.troubles)
