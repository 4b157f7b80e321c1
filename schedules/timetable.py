"""The timetable: operators' schedules in APScheduler, and one look a second at what else is due.

Operators' schedules are documents of the archive; this process alone brings them into APScheduler's
MongoDB job store, so that no two processes write it. Sources that are polled by their own rhythm
are no jobs (adding one costs some 20 ms): one job asks, each second, which of them are due.

A run that was missed while the scheduler was down is made up for once, however often it was missed.
"""

import logging
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.jobstores.mongodb import MongoDBJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from newsbot.alerts.operators import LOOK_SECONDS, Watch
from newsbot.archive import schedules, sources
from newsbot.archive.connection import Database
from newsbot.archive.schedules import Kind, Schedule
from newsbot.config import Config
from newsbot.keeping import old_dates
from newsbot.keeping.holding import HoldError
from newsbot.keeping.retaining import tend
from newsbot.spiders.session import owner_name
from schedules.dispatch import dispatch

LONGEST_INTERVAL = 10 * 365 * 86_400.0
OPERATORS, OWN = "operators", "own"
# How often (seconds) retention's rules are carried out, and old dates judged that are left, and how soon after
# the start.
TENDED_EVERY, TENDED_FIRST = 3_600, 60

_log = logging.getLogger(__name__)


class ScheduleError(Exception):
    """A rule of time that cannot be; the text says why and what would be right."""


def trigger_of(kind: Kind, when: str, timezone: str) -> BaseTrigger:
    """Return APScheduler's trigger for a schedule.

    Raises:
        ScheduleError: when the rule of time or the time zone cannot be read.
    """
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ScheduleError(
            f"there is no time zone {timezone!r}; give an IANA name, as Asia/Damascus"
        ) from None
    try:
        if kind == "cron":
            return CronTrigger.from_crontab(when, timezone=zone)
        if kind == "interval":
            seconds = float(when)
            if not 1 <= seconds <= LONGEST_INTERVAL:
                raise ScheduleError("an interval is between one second and ten years")
            return IntervalTrigger(seconds=seconds, timezone=zone)
        moment = datetime.fromisoformat(when)
        return DateTrigger(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except ValueError as error:
        raise ScheduleError(f"{kind} {when!r} cannot be read: {error}; {_EXAMPLES[kind]}") from None


_EXAMPLES: dict[Kind, str] = {
    "cron": 'five fields, as "0 6 * * mon-fri" for weekdays at six',
    "interval": "a number of seconds, as 900",
    "once": "a moment, as 2027-01-31T06:00",
}


def next_times(schedule: Schedule, now: datetime, *, count: int = 5) -> list[datetime]:
    """Return the next moments at which a schedule starts a run."""
    trigger = trigger_of(schedule.kind, schedule.when, schedule.timezone)
    times: list[datetime] = []
    previous: datetime | None = None
    while len(times) < count:
        after = (previous + timedelta(microseconds=1)) if previous else now
        moment = trigger.get_next_fire_time(previous, after)
        if moment is None or moment < now:  # a moment that is past comes no more
            break
        times.append(moment)
        previous = moment
    return times


# APScheduler stores a job as the name of a function and its arguments; this is how that function
# finds the archive of its process.
_database: Database | None = None


def start_scheduled(schedule: str, _source: str) -> None:
    """Start the run that a schedule asks for. Called by APScheduler."""
    if _database is None:
        raise RuntimeError("the timetable is not open in this process")
    found = schedules.find(_database, schedule)
    if found is None or found.paused:
        return
    # A time that comes once is one occasion, should it ever be asked for again.
    moment = "" if found.kind == "once" else datetime.now(UTC).isoformat(timespec="seconds")
    occasion = f"schedule {schedule} {moment}"
    # The job may say what its source was before a merge.
    dispatch(_database, found.source, trigger="schedule", occasion=occasion)


class Timetable:
    """Starts runs when they are due, until closed."""

    def __init__(self, config: Config, database: Database) -> None:
        global _database
        _database = database
        self._config = config
        self._database = database
        self._known: dict[str, Schedule] = {}
        self._ending = threading.Event()
        self._watch = Watch(config, database, owner_name())
        self._scheduler = BackgroundScheduler(
            jobstores={
                OPERATORS: MongoDBJobStore(
                    database=database.name, collection="jobs", client=_KeptOpen(database.client)
                ),
                OWN: MemoryJobStore(),
            },
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            timezone=UTC,
        )

    def open(self) -> None:
        """Start; returns at once."""
        self._scheduler.start()
        for job in self._scheduler.get_jobs(OPERATORS):
            if schedules.find(self._database, job.id) is None:
                self._scheduler.remove_job(job.id, OPERATORS)
        self._follow()
        every_second = {"trigger": "interval", "seconds": 1, "jobstore": OWN}
        self._scheduler.add_job(self._follow, id="follow", **every_second)
        self._scheduler.add_job(self._poll, id="poll", **every_second)
        self._scheduler.add_job(
            self._watch_over,
            "interval",
            seconds=LOOK_SECONDS,
            id="watch",
            jobstore=OWN,
        )
        for name, job in (("tend", self._tend), ("old dates", self._judge_dates)):
            self._scheduler.add_job(
                job,
                "interval",
                seconds=TENDED_EVERY,
                next_run_time=datetime.now(UTC) + timedelta(seconds=TENDED_FIRST),
                id=name,
                jobstore=OWN,
            )

    def close(self) -> None:
        """Stop; a job that runs is finished, retention at its next lot."""
        self._ending.set()
        self._scheduler.shutdown(wait=True)

    def run(self, stop: threading.Event) -> None:
        """Work until the event is set."""
        self.open()
        stop.wait()
        self.close()

    def _follow(self) -> None:
        """Bring what operators changed into the job store."""
        found = schedules.everything(self._database)
        # Whether files keep it does not change when it is due.
        wanted = {each.id: attrs.evolve(each, kept_by_file=None) for each in found}
        if wanted == self._known:
            return
        for gone in set(self._known) - set(wanted):
            self._drop(gone)
        stored = {job.id for job in self._scheduler.get_jobs(OPERATORS)}
        for schedule in wanted.values():
            before = self._known.get(schedule.id)
            if schedule.paused:
                self._drop(schedule.id)
            elif schedule.id not in stored or (before is not None and before != schedule):
                self._scheduler.add_job(
                    "schedules.timetable:start_scheduled",
                    trigger_of(schedule.kind, schedule.when, schedule.timezone),
                    args=(schedule.id, schedule.source),
                    id=schedule.id,
                    name=schedule.id,
                    jobstore=OPERATORS,
                    replace_existing=True,
                )
        self._known = wanted

    def _drop(self, schedule: str) -> None:
        with suppress(JobLookupError):  # it was paused, or ran its only time
            self._scheduler.remove_job(schedule, OPERATORS)

    def _tend(self) -> None:
        """Let go of what retention's rules say, a lot at a time."""
        try:
            tend(self._config, self._database, now=datetime.now(UTC), stop=self._ending)
        except HoldError as error:
            _log.error("retention stands still: %s", error)

    def _judge_dates(self) -> None:
        """Judge the dates of articles that were stored before dates were, where that is left to do."""
        changed = old_dates.judge(self._database, stop=self._ending)
        if changed:
            _log.info("%d dates of articles stored earlier are not believed any more", changed)

    def _watch_over(self) -> None:
        """Judge how sources and newsbot fare, and have operators and subscribers be told what is wrong."""
        self._watch.look(datetime.now(UTC))

    def _poll(self) -> None:
        """Start a run of each source whose time has come."""
        now = datetime.now(UTC)
        for source in sources.due(self._database, now):
            interval = source.interval or self._config.poll_fastest * 5
            dispatch(
                self._database,
                source.id,
                trigger="poll",
                occasion=f"poll {source.next_due and source.next_due.isoformat()}",
            )
            sources.postpone(self._database, source.id, until=now + timedelta(seconds=interval))


class _KeptOpen:
    """A MongoDB client that the job store uses and must not close: it is the whole process's."""

    def __init__(self, client: object) -> None:
        self._client = client

    def __getitem__(self, name: str) -> object:
        return self._client[name]  # type: ignore[index]

    def close(self) -> None:
        """Leave the connection to whom it belongs."""
