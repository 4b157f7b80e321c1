"""Runs as the archive keeps them: asked for by people, cancelled, handed back; and everything paused."""

import asyncio
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from prometheus_client import REGISTRY

from newsbot.archive import pauses, runs, wishes
from newsbot.archive.connection import Database
from newsbot.archive.runs import Run
from newsbot.config import Config
from newsbot.spiders.session import CrawlSession
from tests.conftest import InProcess
from tests.constructed import add_source

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)


def asked(database: Database, source: str, trigger: str = "poll", at: datetime = NOW) -> Run:
    run = runs.request(database, source, trigger=trigger, occasion=str(at), now=at)  # type: ignore[arg-type]
    assert run is not None
    return run


def held(database: Database, run: Run, owner: str = "me") -> Run:
    taken = runs.take(database, run, owner=owner, seconds=10, now=NOW)
    assert taken is not None
    return taken


def cancel(database: Database, run: Run, why: str = "a reason", at: datetime = NOW) -> Run:
    found = wishes.cancel(database, run.id, by="ann", why=why, now=at)
    assert found is not None
    return found


def claimed(database: Database, **how: bool) -> list[str]:
    return [each.source for each in runs.claimable(database, NOW, at_most=9, **how)]


def test_what_a_person_asks_for_is_taken_before_what_has_waited_longer(database: Database) -> None:
    for number in range(3):
        asked(database, f"poll-{number}", at=NOW - timedelta(minutes=9 - number))
    asked(database, "mine", "request")
    assert claimed(database) == ["mine", "poll-0", "poll-1", "poll-2"]
    assert claimed(database, urgent_alone=True) == ["mine"]
    held(database, runs.claimable(database, NOW, at_most=1)[0])
    assert claimed(database, urgent_alone=True) == []


def test_a_poll_that_waits_becomes_the_run_that_a_person_asks_for(database: Database) -> None:
    asked(database, "other", at=NOW - timedelta(minutes=9))
    waits = asked(database, "mine")
    made, was = wishes.at_once(database, "mine", by="ann", now=NOW)
    assert made is not None
    assert (made.id, made.trigger, was) == (waits.id, "request", None)
    assert claimed(database)[0] == "mine"


def test_a_source_that_is_being_crawled_is_not_crawled_twice(database: Database) -> None:
    under_way = held(database, asked(database, "mine"))
    made, was = wishes.at_once(database, "mine", by="ann", now=NOW)
    assert made is None
    assert was is not None
    assert was.id == under_way.id


def test_a_queued_run_is_cancelled_at_once_and_says_by_whom_and_why(database: Database) -> None:
    run = cancel(database, asked(database, "s"))
    assert (run.state, run.reason, run.finished_at) == ("cancelled", "by ann: a reason", NOW)
    assert claimed(database) == []
    assert asked(database, "s", at=NOW + timedelta(hours=1)).state == "queued"


def test_who_holds_a_run_is_asked_to_end_it_and_the_first_reason_stands(
    database: Database,
) -> None:
    run = held(database, asked(database, "s"))
    assert not cancel(database, run).ended
    assert not cancel(database, run, why="another").ended
    wish = wishes.of(database, run.id).cancellation
    assert wish is not None
    assert wish.sentence == "by ann: a reason"


def test_a_run_whose_worker_is_dead_is_cancelled(database: Database) -> None:
    run = held(database, asked(database, "s"))
    assert not cancel(database, run).ended
    gone = cancel(database, run, at=NOW + timedelta(seconds=11))
    assert (gone.state, gone.reason) == ("cancelled", "by ann: a reason")


def test_a_run_that_has_ended_stays_as_it_ended(database: Database) -> None:
    run = held(database, asked(database, "s"))
    runs.finish(database, run, state="done", now=NOW, counters={"new": 1})
    assert cancel(database, run).state == "done"
    assert wishes.cancel(database, "none", by="ann", why="", now=NOW) is None


def test_a_run_that_is_handed_back_is_no_death_and_keeps_what_it_counted(
    database: Database,
) -> None:
    run = asked(database, "s")
    for number in range(runs.ATTEMPTS + 1):
        taken = held(database, run, owner=f"worker-{number}")
        runs.hand_back(database, taken, counters={"new": number}, log=(f"{number}",))
        (run,) = runs.claimable(database, NOW, at_most=9)
    assert run.attempt == 0
    assert run.counters == {"new": runs.ATTEMPTS}
    assert run.log == (f"{runs.ATTEMPTS}",)


def test_while_everything_is_paused_only_what_was_begun_or_asked_for_is_taken(
    database: Database,
) -> None:
    asked(database, "poll")
    asked(database, "schedule", "schedule")
    asked(database, "mine", "request")
    runs.hand_back(database, held(database, asked(database, "begun")))
    assert sorted(claimed(database, paused=True)) == ["begun", "mine"]


def test_a_pause_says_who_and_why_and_stands_until_it_is_ended(database: Database) -> None:
    assert pauses.standing(database) is None
    pauses.begin(database, by="ann", why="moving house", now=NOW)
    pauses.begin(database, by="bob", why="", now=NOW + timedelta(hours=1))
    standing = pauses.standing(database)
    assert standing is not None
    assert standing.sentence == "by ann since 2026-03-01 05:00 UTC: moving house"
    assert pauses.end(database)
    assert not pauses.end(database)
    assert pauses.standing(database) is None


@pytest.mark.parametrize("length", [8, 24])
def test_a_run_is_found_by_the_beginning_of_its_id(database: Database, length: int) -> None:
    run = asked(database, "s", at=datetime.now(UTC))
    (found,) = wishes.named(database, run.id[:length], now=datetime.now(UTC))
    assert found.id == run.id
    assert wishes.named(database, "(.*", now=NOW) == []
    wishes.cancel(database, run.id, by="ann", why="", now=NOW)
    (again,) = wishes.named(database, run.id[:length], now=NOW + timedelta(days=900))
    assert again.state == "cancelled"


def test_what_a_run_counted_in_another_worker_is_counted_there_alone(
    database: Database, settings: Config
) -> None:
    source = add_source(database, "one", NOW, "coast")
    run = attrs.evolve(
        held(database, asked(database, "one")), counters={"new": 400, "refused_uplink": 3}
    )
    session = CrawlSession(settings, database, source, run)
    # What another worker's own connection did says nothing of this one's.
    assert session.counters == {"new": 400}
    before = new_articles()
    session.counters["new"] += 2
    asyncio.run(session.hand_back())
    assert new_articles() - before == 2
    ended = ended_runs()
    other = runs.get(database, run.id)
    assert other is not None
    held(database, other, "another worker")
    asyncio.run(session.end("done"))  # it is another's, and has not ended
    assert ended_runs() == ended


def ended_runs() -> float:
    return REGISTRY.get_sample_value("newsbot_runs_ended_total", {"state": "done"}) or 0.0


def new_articles() -> float:
    return REGISTRY.get_sample_value("newsbot_articles_total", {"verdict": "new"}) or 0.0


def test_a_source_whose_name_looks_like_the_beginning_of_an_id_is_meant(
    database: Database, newsbot_here: InProcess
) -> None:
    now = datetime.now(UTC)
    add_source(database, "feed", now, "coast")
    add_source(database, "other", now, "coast")
    mine, others = asked(database, "feed", at=now), asked(database, "other", at=now)
    document = database.runs.find_one({"_id": others.id})
    database.runs.delete_one({"_id": others.id})
    database.runs.insert_one(document | {"_id": "feed" + others.id[4:]})
    assert newsbot_here("runs", "cancel", "feed").returncode == 0
    assert database.runs.find_one({"_id": mine.id})["state"] == "cancelled"
    assert database.runs.find_one({"source": "other"})["state"] == "queued"
