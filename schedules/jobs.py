"""APScheduler's part: a job store that the leader alone touches, and starts that are written before they are due again.

APScheduler hands a due job to an executor and then writes when it is due next. Here the executor has written
the run before it returns, so that a process that dies in between leaves the job due: who leads next asks for the
same run, by the same id, once more. What could not be started now (its source is being polled, or it is in a
window in which nothing starts) stays due.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job
from apscheduler.jobstores.mongodb import MongoDBJobStore

from newsbot.archive.connection import AWAY, Database

# What could not be started is tried again after so long.
AGAIN = timedelta(seconds=1)

_log = logging.getLogger(__name__)


def started(schedule: str) -> None:
    """Stand for what a job does, which APScheduler wants to know by name; the executor does it."""
    raise RuntimeError(f"the schedule {schedule} is started by the timetable alone")


class JobStore(MongoDBJobStore):  # type: ignore[misc]
    """When operators' schedules are due, in the collection ``jobs``; to who does not lead it is empty."""

    def __init__(self, database: Database, *, leads: Callable[[], bool]) -> None:
        super().__init__(
            database=database.name, collection="jobs", client=_KeptOpen(database.client)
        )
        self._leads = leads
        self._left: set[str] = set()

    def leave(self, job: Job, again: datetime) -> None:
        """Leave a job that is being handled as it is, to be tried again at a moment."""
        self._left.add(job.id)
        if again > datetime.now(UTC) + 2 * AGAIN and self._leads():
            job._modify(next_run_time=again)
            super().update_job(job)

    def get_due_jobs(self, now: datetime) -> list[Job]:
        """Return what is due; nothing to who does not lead."""
        self._left.clear()
        found: list[Job] = super().get_due_jobs(now) if self._leads() else []
        return found

    def get_next_run_time(self) -> datetime | None:
        """Return when to look again."""
        again = datetime.now(UTC) + AGAIN
        try:
            moment: datetime | None = super().get_next_run_time()
        except Exception:  # noqa: BLE001 - whatever it is, APScheduler would end of it
            return again
        return max(moment, again) if moment and self._left else moment

    def update_job(self, job: Job) -> None:
        """Write when a job is due next, where it was started."""
        if job.id not in self._left and self._leads():
            # It stays due, and is started once all the same.
            with suppress(Exception):
                super().update_job(job)

    def remove_job(self, job_id: str) -> None:
        """Remove a job that is due no more."""
        if job_id not in self._left and self._leads():
            with suppress(Exception):
                super().remove_job(job_id)


class Starter(BaseExecutor):  # type: ignore[misc]
    """Starts what is due before it returns. ``start`` says when to try again what it did not start."""

    def __init__(self, store: JobStore, start: Callable[[str, datetime], datetime | None]) -> None:
        super().__init__()
        self._store = store
        self._start = start

    def submit_job(self, job: Job, run_times: list[datetime]) -> None:
        """Start a job once for all the times that it was due."""
        again: datetime | None = datetime.now(UTC) + AGAIN
        try:
            again = self._start(job.id, run_times[-1])
        except AWAY as error:
            _log.warning("the schedule %s waits for MongoDB: %s", job.id, error)
        finally:
            if again is not None:
                self._store.leave(job, again)

    def _do_submit_job(self, job: Job, run_times: list[datetime]) -> None:
        self.submit_job(job, run_times)


class _KeptOpen:
    """A MongoDB client that the job store uses and must not close: it is the whole process's."""

    def __init__(self, client: object) -> None:
        self._client = client

    def __getitem__(self, name: str) -> object:
        return self._client[name]  # type: ignore[index]

    def close(self) -> None:
        """Leave the connection to whom it belongs."""
