"""Who leads in what one process does for all: a lease by the name of the task, taken by comparing and setting.

Whoever leads for long (:class:`Leadership`) goes by no clock but his own. The holder stops when his lease is
over by a clock that cannot be set; another takes it when he has seen it stand unrenewed for as long as it
is, by such a clock of his own. So clocks of several machines may differ, and be set, as in Kubernetes'
leader election; what remains, that a holder is stopped between looking at his clock and writing, is for ids
that are derived: what he writes then was written already.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import attrs
from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, Document, or_away, patiently

# A lease in seconds; it is renewed at a third of it. One who looks each second leads at most 12 s after
# another was killed.
LEASE_SECONDS = 9.0
# Two clocks may go so differently during a lease (seconds).
_MARGIN = 0.5


def steady_clock() -> float:
    """Return seconds by a clock that nobody sets and that goes on while the machine sleeps, where it has one."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


@attrs.frozen(kw_only=True)
class Leader:
    """Who leads: ``host:pid:…`` of the process, and until when by its clock. ``number`` grows with each renewal."""

    owner: str
    number: int
    until: datetime


@patiently
def leader(database: Database, task: str) -> Leader | None:
    """Return who leads a task, or led last; None where nobody does and who did gave it up."""
    found = database.meta.find_one({"_id": _key(task)})
    if not found or not found["owner"]:
        return None
    return Leader(owner=found["owner"], number=found["number"], until=found["until"])


class Leadership:
    """One process's part in who leads a task. Look each second; safe for threads that only ask ``holds``."""

    def __init__(
        self,
        database: Database,
        task: str,
        owner: str,
        *,
        seconds: float = LEASE_SECONDS,
        clock: Callable[[], float] = steady_clock,
    ) -> None:
        self._database = database
        self._key = _key(task)
        self._owner = owner
        self._seconds = seconds
        self._clock = clock
        self._deadline = self._renewed = float("-inf")
        # The lease of another as it was seen last, and since when it stands so, by this clock.
        self._seen: tuple[str, int] | None = None
        self._seen_at = 0.0

    def holds(self) -> bool:
        """Say whether this process leads at this moment."""
        return self._clock() < self._deadline

    def look(self, now: datetime) -> bool:
        """Renew the lease, or take it where it is free; says whether this process leads.

        ``now`` is only written down, for people.

        Raises:
            AutoReconnect, WTimeoutError: when MongoDB is away.
        """
        asked = self._clock()
        if self.holds() and asked - self._renewed < self._seconds / 3:
            return True
        found = _read(self._database, self._key)
        if not self._free(found):
            return self.holds()
        until = now + timedelta(seconds=self._seconds)
        made = {"owner": self._owner, "seconds": self._seconds, "until": until}
        if _write(self._database, self._key, found, made):
            self._renewed, self._deadline = asked, asked + self._seconds
        return self.holds()

    def release(self) -> None:
        """Lead no more, so that another may at once."""
        self._deadline = float("-inf")
        _release(self._database, self._key, self._owner)

    def _free(self, found: Document | None) -> bool:
        """Say whether the lease as it was read may be taken: nobody's, ours, or not renewed for too long."""
        if found is None or found["owner"] in ("", self._owner):
            return True
        read_at, held = self._clock(), (found["owner"], found["number"])
        if held != self._seen:
            self._seen, self._seen_at = held, read_at
        lease: float = found.get("seconds", self._seconds)
        return read_at - self._seen_at > lease + _MARGIN


def _key(task: str) -> str:
    return f"leader of {task}"


@or_away
def _read(database: Database, key: str) -> Document | None:
    return database.meta.find_one({"_id": key})


@or_away
def _write(database: Database, key: str, found: Document | None, made: Document) -> bool:
    """Set the lease as it was read to another; False where somebody else was faster."""
    if found is None:
        try:
            database.meta.insert_one({"_id": key, "number": 1, **made})
        except DuplicateKeyError:
            return False
        return True
    taken = database.meta.update_one(
        {"_id": key, "number": found["number"]}, {"$set": made, "$inc": {"number": 1}}
    )
    return taken.modified_count == 1


@or_away
def _release(database: Database, key: str, owner: str) -> None:
    database.meta.update_one({"_id": key, "owner": owner}, {"$set": {"owner": ""}})


@patiently
def lead(database: Database, task: str, owner: str, *, seconds: float, now: datetime) -> bool:
    """Be the one who does a task for so long; False while another is. Who leads already goes on."""
    key = _key(task)
    found = database.meta.find_one({"_id": key})
    until = now + timedelta(seconds=seconds)
    if found is None:
        try:
            database.meta.insert_one({"_id": key, "owner": owner, "number": 1, "until": until})
        except DuplicateKeyError:
            return False
        return True
    if found["owner"] != owner and found["until"] > now:
        return False
    taken = database.meta.update_one(
        {"_id": key, "number": found["number"]},
        {"$set": {"owner": owner, "until": until}, "$inc": {"number": 1}},
    )
    return taken.modified_count == 1
