"""Digests through kills and stalls: wherever a process that makes them ends, each match is in one message."""

import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from newsbot.alerts.digests import DigestMaker, make_due
from newsbot.archive import leading
from newsbot.archive.connection import Database
from newsbot.archive.rules import Timing
from newsbot.config import Config
from tests.conftest import Command
from tests.test_kills import wait_until
from tests.waiting import (
    DAILY,
    DAY,
    EIGHT,
    HOURLY,
    NOW,
    SECOND,
    Commands,
    change,
    each_once,
    find,
    have,
    listened,
    made,
    stories,
)

# Makes what is due at eight, and is killed after so many answers of MongoDB.
_KILLED = """
import os, signal, sys
from newsbot.alerts.digests import DigestMaker
from newsbot.archive.connection import connect
from newsbot.config import Config
from tests.waiting import EIGHT, Commands, listened

def kill(number):
    if number == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)

with connect(Config()) as database:
    DigestMaker(listened(database, Commands(kill)), most=101).make_due(EIGHT)
"""


def told(database: Database) -> dict[str, list[str]]:
    """Return what the digests that are due tell of."""
    return {each.id: stories(database, each) for each in made(database) if each.state == "due"}


def test_a_process_killed_after_any_step_loses_nothing_and_tells_nothing_twice(
    database: Database, settings: Config
) -> None:
    environment = Command(settings).environment
    survived = False
    killed = 0
    while not survived:
        for each in (database.outbox, database.alerts):
            each.delete_many({})
        # One of more than one command gathers, one that is more than a digest holds, one of nothing.
        rule = have(database, DAILY)
        have(database, attrs.evolve(DAILY, even_empty=True), "storm")
        found = set(find(database, rule, map(str, range(102)), NOW))
        ended = subprocess.run(
            [sys.executable, "-c", _KILLED, str(killed + 1)], env=environment, check=False
        )
        survived = ended.returncode == 0
        assert survived or ended.returncode == -signal.SIGKILL
        before = told(database)
        # A worker brought one more meanwhile, and then nothing else happens.
        found |= set(find(database, rule, "late", EIGHT - SECOND, slot=EIGHT))
        maker = DigestMaker(database, most=101)
        for seconds in range(1, 4):
            maker.make_due(EIGHT + SECOND * seconds)
        after = told(database)
        assert {each: after[each] for each in before} == before
        maker.make_due(EIGHT + DAY)
        each_once(database)
        assert database.outbox.count_documents({"state": "gathered"}) == len(found)
        of_nothing = [each for each in made(database) if not each.said["count"]]
        assert [each.said["to"][:10] for each in of_nothing] == ["2026-05-05", "2026-05-06"]
        killed += 1
    assert killed > 15


@pytest.mark.parametrize("at", range(1, 16))
def test_a_process_that_stalls_anywhere_does_no_harm_to_another(
    database: Database, at: int
) -> None:
    rule = have(database, DAILY)
    found = set(find(database, rule, ["a", "b"], NOW))
    stalled, go_on = threading.Event(), threading.Event()

    def stall(number: int) -> None:
        if number == at:
            stalled.set()
            go_on.wait(60)

    slow = DigestMaker(listened(database, Commands(stall)))
    ended = threading.Event()

    def run() -> None:
        slow.make_due(EIGHT)
        ended.set()
        stalled.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert stalled.wait(60)
    quick = DigestMaker(database)
    sent = told(database)
    found |= set(find(database, rule, "late", EIGHT - SECOND, slot=EIGHT))
    for seconds in (1, 2):
        quick.make_due(EIGHT + SECOND * seconds)
        sent |= told(database)
    # By another timing the late one goes out sooner than the slow process thinks.
    change(database, rule, EIGHT + 3 * SECOND, timing=HOURLY)
    found |= set(find(database, rule, "c", EIGHT + 3 * SECOND))
    for seconds in (3, 900):
        quick.make_due(EIGHT + SECOND * seconds)
        sent |= told(database)
    go_on.set()
    thread.join(60)
    assert ended.is_set()
    for minutes in (16, 80):
        slow.make_due(EIGHT + timedelta(minutes=minutes))
        quick.make_due(EIGHT + timedelta(minutes=minutes))
    each_once(database)
    assert database.outbox.count_documents({"state": "gathered"}) == len(found)
    # What was due has not changed after.
    assert {each: told(database)[each] for each in sent} == sent


def test_several_at_once_make_each_digest_once(database: Database) -> None:
    some = [have(database, DAILY, f"rule {number}", channels=("a", "b")) for number in range(6)]
    for rule in some:
        find(database, rule, map(str, range(25)), NOW)
    makers = [DigestMaker(listened(database, Commands())) for _ in range(4)]
    threads = [threading.Thread(target=maker.make_due, args=(EIGHT,)) for maker in makers]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    make_due(database, EIGHT + SECOND)
    each_once(database)
    assert [each.said["count"] for each in made(database)] == [25] * 12


def test_one_process_at_a_time_makes_digests(database: Database) -> None:
    assert leading.lead(database, "digests", "one", seconds=30, now=NOW)
    assert not leading.lead(database, "digests", "other", seconds=30, now=NOW + 29 * SECOND)
    assert leading.lead(database, "digests", "one", seconds=30, now=NOW + 29 * SECOND)
    assert not leading.lead(database, "digests", "other", seconds=30, now=NOW + 58 * SECOND)
    assert leading.lead(database, "digests", "other", seconds=30, now=NOW + 60 * SECOND)
    assert not leading.lead(database, "digests", "one", seconds=30, now=NOW + 60 * SECOND)


def test_two_processes_that_deliver_make_a_digest_once_when_its_slot_has_come(
    database: Database, settings: Config
) -> None:
    newsbot = Command(settings)
    running = [newsbot.start("part", "delivery") for _ in range(2)]
    try:
        wait_until(lambda: database.meta.find_one({"_id": "leader of digests"}))
        now = datetime.now(UTC)
        rule = have(database, DAILY, created_at=now)
        find(database, rule, ["a", "b"], now - DAY, slot=now + 2 * SECOND)
        wait_until(lambda: made(database))
        (leader,) = [
            each
            for each in running
            if str(each.pid) in database.meta.find_one({"_id": "leader of digests"})["owner"]  # type: ignore[index]
        ]
        leader.kill()
        wait_until(lambda: database.outbox.count_documents({"state": "gathered"}) == 2)
        (digest,) = made(database)
        assert digest.created_at >= now + 2 * SECOND
        assert stories(database, digest) == ["a", "b"]
        # The other takes over when the lease is over.
        find(database, rule, "c", now - DAY, slot=digest.created_at)
        change(database, rule, now, timing=Timing())
        wait_until(lambda: len(made(database)) == 2)
    finally:
        for each in running:
            each.terminate()
            each.wait(30)
