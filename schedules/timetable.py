"""The timetable: operators' schedules in APScheduler, and one look after another at what else is due.

Any number of processes may keep it: one leads (a lease, :class:`newsbot.archive.leading.Leadership`), and
what is done here is done by that one. Operators' schedules are documents of the archive; who leads brings
them into APScheduler's MongoDB job store (:mod:`schedules.jobs`). Sources that are polled by their own
rhythm are no jobs (adding one costs some 20 ms): :mod:`schedules.polls` looks which of them are due.

A run that was missed while nobody led is made up for once, however often it was missed.

What is done again and again waits by a clock that is not set: APScheduler's own intervals would wait an hour
where the clock is set back by one.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import attrs
from apscheduler.job import Job
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from newsbot.alerts.operators import LOOK_SECONDS, Watch
from newsbot.archive import old_runs, pauses, runs, schedules
from newsbot.archive.connection import AWAY, Database
from newsbot.archive.leading import Leadership
from newsbot.archive.schedules import Schedule
from newsbot.config import Config
from newsbot.items import derived_id
from newsbot.keeping import old_dates
from newsbot.keeping.holding import HoldError
from newsbot.keeping.retaining import tend
from newsbot.spiders.session import owner_name
from schedules.blackouts import over, windows
from schedules.dispatch import dispatch_many
from schedules.jobs import AGAIN, JobStore, Starter
from schedules.polls import Polls
from schedules.timing import ScheduleError, timing_of

# The task that schedulers lead in, and how often (seconds) they look who does, and at what operators changed.
TASK, LEAD_EVERY, FOLLOW_EVERY = "timetable", 1.0, 1.0
# What APScheduler calls the jobs of operators, and who starts them.
OPERATORS, STARTER = "operators", "starter"
# How often (seconds) retention's rules are carried out, and old dates judged that are left, and how soon after
# the start.
TENDED_EVERY, TENDED_FIRST = 3_600, 60
# How often (seconds) runs that are over are forgotten.
PRUNED_EVERY = 600

# A start that is late by less (seconds) was not missed.
ON_TIME = 60.0
# Runs that read what a schedule's would.
FULL = ("schedule", "request")

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


class Timetable:
    """Starts runs when they are due, while this process leads, until closed."""

    def __init__(
        self, config: Config, database: Database, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._config = config
        self._database = database
        self._clock = clock
        self._owner = owner_name()
        self._leadership = Leadership(database.hasty, TASK, self._owner)
        self._ending = threading.Event()
        self._term: Term | None = None
        self._thread = threading.Thread(target=self._stand, name="leader", daemon=True)

    def open(self) -> None:
        """Start; returns at once."""
        self._thread.start()

    def close(self) -> None:
        """Stop; what is under way is finished, retention at its next lot. Another may lead at once."""
        self._ending.set()
        self._thread.join()
        self._end_term(wait=True)
        with suppress(*AWAY):  # then another leads when the lease is over
            self._leadership.release()

    def run(self, stop: threading.Event) -> None:
        """Work until the event is set."""
        self.open()
        stop.wait()
        self.close()

    def _stand(self) -> None:
        while not self._ending.is_set():
            if self._term and not self._leadership.holds():
                _log.warning("%s leads no more", self._owner)
                self._end_term(wait=False)
            try:
                if self._leadership.look(self._clock()) and self._term is None:
                    self._begin_term()
            except AWAY as error:
                _log.warning("who leads is not known while MongoDB is away: %s", error)
            except Exception:  # noqa: BLE001 - whatever broke, it is tried again
                _log.exception("who leads is not known")
            self._ending.wait(LEAD_EVERY)

    def _begin_term(self) -> None:
        """Begin a term, or none where that fails: the scheduler is the first that is started in it."""
        _log.info("%s leads", self._owner)
        leads, clock = self._leadership.holds, self._clock
        term = Term(self._config, self._database, leads, clock, self._owner)
        term.open()
        self._term = term

    def _end_term(self, *, wait: bool) -> None:
        if self._term:
            self._term.close(wait=wait)
            self._term = None


class Term:
    """What a leader does for as long as it leads; ``leads`` says whether it does at this moment."""

    def __init__(
        self,
        config: Config,
        database: Database,
        leads: Callable[[], bool],
        clock: Callable[[], datetime],
        owner: str = "",
    ) -> None:
        self._config = config
        self._database = database
        self._clock = clock
        self._known: dict[str, Schedule] | None = None
        self._ending = threading.Event()
        self._watch = Watch(config, database, owner or owner_name())
        self._leading = leads
        self._polls = Polls(config, database, leads=self._leads, clock=clock)
        store = JobStore(database, leads=self._leads)
        self._scheduler = BackgroundScheduler(
            jobstores={OPERATORS: store},
            executors={STARTER: Starter(store, self._start)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            jobstore_retry_interval=1,
            timezone=UTC,
        )
        self._threads = [
            threading.Thread(target=self._repeat, args=(name, step, first), name=name, daemon=True)
            for name, step, first in (
                ("follow", self._follow, 0.0),
                ("polls", self._polls.look, 0.0),
                ("watch", self._watch_over, LOOK_SECONDS),
                ("tend", self._tend, TENDED_FIRST),
                ("prune", self._prune, TENDED_FIRST),
                ("old dates", self._judge_dates, TENDED_FIRST),
            )
        ]

    def _leads(self) -> bool:
        return self._leading() and not self._ending.is_set()

    def open(self) -> None:
        """Begin; returns at once."""
        self._scheduler.start()
        for thread in self._threads:
            thread.start()

    def close(self, *, wait: bool) -> None:
        """Begin nothing more; ``wait`` for what is under way."""
        self._ending.set()
        self._scheduler.shutdown(wait=wait)
        for thread in self._threads if wait else ():
            thread.join()

    def _repeat(self, name: str, step: Callable[[], float], pause: float) -> None:
        """Do a step again and again, each time after the seconds that it returned."""
        away = False
        while not self._ending.wait(pause):
            if not self._leads():  # for a moment; or this term is about to be ended
                pause = LEAD_EVERY
                continue
            try:
                pause, away = step(), False
            except AWAY as error:
                if not away:
                    _log.warning("%s waits for MongoDB: %s", name, error)
                pause, away = 1.0, True
            except Exception:  # noqa: BLE001 - whatever broke, it is tried again
                _log.exception("%s failed, and is tried again", name)
                pause = 5.0

    def _follow(self) -> float:
        """Bring what operators changed into the job store."""
        found = schedules.everything(self._database)
        # Whether files keep it, and what was started, does not change when it is due.
        wanted = {each.id: attrs.evolve(each, kept_by_file=None, last=None) for each in found}
        if wanted != self._known:
            before = self._known or {}
            stored = {job.id: job for job in self._scheduler.get_jobs(OPERATORS)}
            for gone in (set(before) | set(stored)) - set(wanted):
                self._drop(gone)
            for schedule in found:
                if wanted[schedule.id] == before.get(schedule.id):
                    continue
                if schedule.paused:
                    self._drop(schedule.id)
                else:
                    self._add(schedule, stored.get(schedule.id))
            self._known = wanted
        self._scheduler.wakeup()
        return FOLLOW_EVERY

    def _add(self, schedule: Schedule, job: Job | None) -> None:
        """Have a schedule's job be as the schedule says, due first after what was started."""
        try:
            timing = timing_of(schedule)
        except ScheduleError as error:  # another version of newsbot took it
            _log.error(
                "the schedule %s of %s starts nothing: %s", schedule.id, schedule.source, error
            )
            return
        known = [each for each in (schedule.last, schedule.in_force_at) if each]
        if not known and job is not None:
            known = [job.next_run_time - timedelta(microseconds=1)]
        due = timing.after(max(known, default=self._clock()))
        if job is not None and job.trigger == timing and (due is None or job.next_run_time >= due):
            return  # later where it was put off
        if due is None:
            self._drop(schedule.id)
            return
        self._scheduler.add_job(
            "schedules.jobs:started",
            timing,
            args=(schedule.id,),
            id=schedule.id,
            name=schedule.id,
            jobstore=OPERATORS,
            executor=STARTER,
            next_run_time=due,
            replace_existing=True,
        )

    def _drop(self, schedule: str) -> None:
        with suppress(JobLookupError):  # it was paused, or ran its only time
            self._scheduler.remove_job(schedule, OPERATORS)

    def _start(self, schedule: str, moment: datetime) -> datetime | None:
        """Start the run that a schedule asks for, or let it pass; returns when to try again otherwise.

        A source that is crawled in full already is read by that. One that is being polled, or walked
        back, is crawled after that.
        """
        now = self._clock()
        found = schedules.get(self._database, schedule)
        if found is None or found.paused:
            return None
        if pauses.standing(self._database) is not None:
            _log.warning(
                "the start of %s at %s is let pass: everything is paused", found.id, moment
            )
            schedules.served(self._database, found.id, moment)
            return None
        again = now + AGAIN
        free = over(windows(found.blackouts, found.timezone), now) or again
        late = (max(free, now) - moment).total_seconds()
        if found.late is not None and late > max(found.late, ON_TIME):
            _log.warning("the start of %s at %s is let pass: %.0f s late", found.id, moment, late)
        elif free > now:
            return free
        elif not self._leads() or not self._begun(found, moment, now):
            return again
        schedules.served(self._database, found.id, moment)
        return None

    def _begun(self, schedule: Schedule, moment: datetime, now: datetime) -> bool:
        """Ask for a run, and say whether it is there, or another that does for it."""
        occasion = f"schedule {schedule.id} {moment.astimezone(UTC).isoformat()}"
        asked = [(schedule.source, occasion, moment)]
        if dispatch_many(self._database, asked, trigger="schedule", now=now):
            return True
        if runs.get(self._database, derived_id("run", schedule.source, occasion)):
            return True  # by whoever led before
        active = runs.active(self._database, schedule.source)
        return active is not None and active.trigger in FULL

    def _tend(self) -> float:
        """Let go of what retention's rules say, a lot at a time."""
        try:
            tend(self._config, self._database, now=self._clock(), stop=self._ending)
        except HoldError as error:
            _log.error("retention stands still: %s", error)
        return TENDED_EVERY

    def _prune(self) -> float:
        """Forget runs that are long over."""
        keep = timedelta(days=self._config.runs_keep_days)
        old_runs.prune(self._database, now=self._clock(), keep=keep, stop=self._ending)
        return PRUNED_EVERY

    def _judge_dates(self) -> float:
        """Judge the dates of articles that were stored before dates were, where that is left to do."""
        changed = old_dates.judge(self._database, stop=self._ending)
        if changed:
            _log.info("%d dates of articles stored earlier are not believed any more", changed)
        return TENDED_EVERY

    def _watch_over(self) -> float:
        """Judge how sources and newsbot fare, and have operators and subscribers be told what is wrong."""
        self._watch.look(self._clock())
        return LOOK_SECONDS
