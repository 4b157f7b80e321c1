"""Several schedulers: one leads, and another does soon after it was killed, frozen or stopped."""

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pymongo.errors import AutoReconnect

from newsbot.archive import leading, runs, sources
from newsbot.archive.connection import Database
from newsbot.archive.leading import Leadership
from newsbot.config import Config
from newsbot.items import derived_id
from schedules.polls import Polls
from schedules.timetable import TASK, Term, Timetable
from tests.conftest import Command, InProcess
from tests.test_kills import wait_until
from tests.test_timetable import add_source

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
# As promised.
TAKEN_OVER = 15.0


class Clock:
    """A clock that is set by hand, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def standing(database: Database, owner: str, clock: Clock) -> Leadership:
    return Leadership(database, "work", owner, seconds=9.0, clock=clock)


def test_one_leads_and_another_when_the_lease_stood_unrenewed(database: Database) -> None:
    clock = Clock()
    one, other = (standing(database, name, clock) for name in ("one", "other"))
    assert one.look(NOW)
    assert not other.look(NOW)
    for _ in range(30):  # renewed, it goes on
        clock.seconds += 1
        assert one.look(NOW)
        assert not other.look(NOW)
    taken = None
    for second in range(1, 15):  # the one is gone
        clock.seconds += 1
        if other.look(NOW):
            taken = second
            break
    assert taken is not None
    assert 7 <= taken <= 12
    assert not one.holds()
    assert not one.look(NOW)


def test_who_leads_is_decided_by_no_clock_that_people_set(database: Database) -> None:
    """The other's clock is a day ahead, and both start anywhere."""
    mine, others = Clock(), Clock()
    others.seconds = 5_000.0
    one, other = standing(database, "one", mine), standing(database, "other", others)
    assert one.look(NOW)
    for _ in range(20):
        mine.seconds += 1
        others.seconds += 1
        assert one.look(NOW)
        assert not other.look(NOW + timedelta(days=1))


def test_whoever_could_not_renew_in_time_leads_no_more_until_nobody_else_took_it(
    database: Database,
) -> None:
    clock = Clock()
    one, other = (standing(database, name, clock) for name in ("one", "other"))
    assert one.look(NOW)
    clock.seconds += 9.0
    assert not one.holds()
    assert one.look(NOW)  # nobody did
    other.look(NOW)
    clock.seconds += 9.6
    assert other.look(NOW)
    assert not one.look(NOW)


def test_what_is_given_up_is_taken_at_once(database: Database) -> None:
    clock = Clock()
    one, other = (standing(database, name, clock) for name in ("one", "other"))
    assert one.look(NOW)
    assert not other.look(NOW)
    one.release()
    assert not one.holds()
    assert leading.leader(database, "work") is None
    assert other.look(NOW)
    one.release()  # too late to matter
    assert other.look(NOW)
    found = leading.leader(database, "work")
    assert found is not None
    assert found.owner == "other"


def test_of_many_that_look_at_once_one_leads(database: Database) -> None:
    clock, ready, leads = Clock(), threading.Barrier(8), []

    def look(name: str) -> None:
        mine = standing(database, name, clock)
        ready.wait()
        if mine.look(NOW):
            leads.append(name)

    threads = [threading.Thread(target=look, args=(str(number),)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    found = leading.leader(database, "work")
    assert found is not None
    assert leads == [found.owner]


def test_who_does_not_lead_starts_nothing(database: Database, settings: Config) -> None:
    source = add_source(database, "due", NOW)
    before = sources.find(database, source.id)
    Polls(settings, database, leads=lambda: False, clock=lambda: datetime.now(UTC)).look()
    assert runs.active(database, source.id) is None
    assert sources.find(database, source.id) == before


class Schedulers:
    """Real processes of `newsbot part scheduler` on one archive."""

    def __init__(self, newsbot: Command, database: Database, folder: Path) -> None:
        self._newsbot = newsbot
        self._database = database
        self._folder = folder
        self.processes: dict[int, subprocess.Popen[str]] = {}
        self._asked = 0

    def start(self) -> int:
        made = self._newsbot.start("part", "scheduler", output=self.log(len(self.processes)))
        self.processes[made.pid] = made
        return made.pid

    def log(self, number: int) -> Path:
        return self._folder / f"scheduler-{number}.log"

    def leading(self) -> int | None:
        """Return the process that leads, by what it wrote down."""
        found = leading.leader(self._database, TASK)
        return int(found.owner.split(":")[1]) if found else None

    def answer(self) -> None:
        """Wait until a source that is due now gets its run."""
        self._asked += 1
        source = add_source(self._database, f"asked {self._asked}", datetime.now(UTC))
        wait_until(lambda: runs.active(self._database, source.id), TAKEN_OVER)

    def kill(self, process: int) -> None:
        self.processes[process].kill()
        self.processes[process].wait()


@pytest.fixture
def schedulers(newsbot: Command, database: Database, tmp_path: Path) -> Iterator[Schedulers]:
    made = Schedulers(newsbot, database, tmp_path)
    with ExitStack() as ending:
        ending.callback(lambda: [made.kill(each) for each in made.processes])
        yield made


def test_of_two_schedulers_another_leads_soon_after_a_kill_or_a_freeze(
    schedulers: Schedulers, database: Database
) -> None:
    first = schedulers.start()
    wait_until(lambda: schedulers.leading() == first, 30)
    second = schedulers.start()
    schedulers.answer()
    assert schedulers.leading() == first

    schedulers.processes[first].send_signal(signal.SIGSTOP)
    schedulers.answer()  # within fifteen seconds
    assert schedulers.leading() == second
    # What is due when it thaws is the other's to start.
    schedulers.processes[first].send_signal(signal.SIGCONT)
    wait_until(lambda: "leads no more" in schedulers.log(0).read_text(), 10)
    schedulers.answer()
    assert schedulers.leading() == second

    schedulers.kill(second)
    schedulers.answer()
    assert schedulers.leading() == first
    # Each source that was due had one run.
    due = [each["source"] for each in database.runs.find({})]
    assert len(due) == len(set(due)) == 4


def test_one_that_is_stopped_leaves_the_lead_at_once(
    schedulers: Schedulers, newsbot_here: InProcess
) -> None:
    first = schedulers.start()
    wait_until(lambda: schedulers.leading() == first, 30)
    (said,) = [each for each in newsbot_here("doctor").stdout.splitlines() if "scheduler" in each]
    assert said.startswith("ok")
    assert f"process {first} leads" in said
    schedulers.processes[first].terminate()
    assert schedulers.processes[first].wait(10) == 0
    assert schedulers.leading() is None


def test_two_timetables_in_turn_start_each_due_time_once(
    database: Database, settings: Config
) -> None:
    """A leader that stood still between reading and writing writes what was written already."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    source = add_source(database, "due", at)
    slow, quick = (
        Polls(settings, database, leads=lambda: True, clock=lambda: datetime.now(UTC))
        for _ in range(2)
    )
    slow._in_order()
    quick.look()
    (first,) = database.runs.find({"source": source.id})
    assert first["_id"] == derived_id("run", source.id, f"poll {at.isoformat()}")
    assert first["due_at"] == at
    # It is over, and the source is due again tomorrow.
    database.runs.update_one(
        {"_id": first["_id"]}, {"$set": {"state": "done"}, "$unset": {"active": 1}}
    )
    tomorrow = at + timedelta(days=1)
    sources.reschedule(database, source.id, next_due=tomorrow, now=at)
    slow._valid_to = float("inf")
    slow.look()
    assert database.runs.count_documents({"source": source.id}) == 1
    left = sources.find(database, source.id)
    assert left is not None
    assert left.next_due == tomorrow


def test_a_timetable_that_closes_and_opens_elsewhere_goes_on(
    database: Database, settings: Config
) -> None:
    first, second = Timetable(settings, database), Timetable(settings, database)
    first.open()
    wait_until(lambda: leading.leader(database, TASK) is not None, 10)
    second.open()
    first.close()
    source = add_source(database, "due", datetime.now(UTC))
    wait_until(lambda: runs.active(database, source.id), 5)
    second.close()


def test_what_a_leader_does_goes_on_after_a_moment_in_which_it_did_not_lead(
    database: Database, settings: Config
) -> None:
    leads = threading.Event()
    leads.set()
    term = Term(settings, database, leads.is_set, lambda: datetime.now(UTC))
    term.open()
    try:
        leads.clear()
        time.sleep(1.0)
        source = add_source(database, "due", datetime.now(UTC))
        leads.set()
        wait_until(lambda: runs.active(database, source.id), 10)
    finally:
        term.close(wait=True)


def test_a_term_that_cannot_begin_is_begun_again(
    database: Database, settings: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, failing = Term.open, [AutoReconnect("away"), RuntimeError("broken")]

    def open_(term: Term) -> None:
        if failing:
            raise failing.pop()
        begun(term)

    monkeypatch.setattr(Term, "open", open_)
    source = add_source(database, "due", datetime.now(UTC))
    timetable = Timetable(settings, database)
    timetable.open()
    try:
        wait_until(lambda: runs.active(database, source.id), 15)
    finally:
        timetable.close()
