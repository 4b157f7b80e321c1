"""Two sources made one: decided by one write, carried through however often it is killed."""

import signal
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from newsbot.archive import articles, belonging, merging, pages, rules, runs, schedules, sources
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.archive.schedules import Schedule
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from tests.conftest import Command
from tests.test_kills import wait_until
from tests.test_sources import NOW, article, eventually, keep, searched, source

QUERIES = ("source:old", "source:new", "source:older", "group:coast", "source:old -source:new")


def two(database: Database) -> tuple[Source, Source]:
    """Two sources: the one has a former name, a group, entry points, a schedule and a run."""
    feed = Way(url="https://older.example/feed", kind="feed")
    old = source("older", groups=("coast",), entry_points=(feed,), next_due=NOW)
    new = source(
        "new", groups=("harbours",), entry_points=(Way(url="https://new.example/", kind="page"),)
    )
    for each in (old, new):
        sources.add(database, each)
    old = sources.rename(database, old, "old")
    schedules.add(
        database,
        Schedule(id="hourly", source=old.id, kind="interval", when="3600", added_at=NOW),
    )
    runs.request(database, old.id, trigger="request", occasion="x", now=NOW)
    return old, new


def test_what_was_the_ones_is_the_others(database: Database, settings: Config) -> None:
    old, new = two(database)
    third = source("third")
    sources.add(database, third)
    keep(database, *(article(f"{number}", old) for number in range(230)))
    keep(database, article("a", new), article("t", third))
    belonging.share(database, [f"{third.homepage}t"], old.id)
    belonging.share(database, [f"{old.homepage}0"], new.id)

    database.raw.get_collection("frontier").insert_one({"_id": "chunk", "source": old.id})

    told: list[int] = []
    assert merging.carry_over(database, merging.begin(database, old, new), told.append) is None

    assert told[-1] == 231
    assert merging.unfinished(database) == []
    for collection in (database.pages, database.runs, database.schedules, database.articles):
        assert collection.count_documents({"source": old.id}) == 0
    assert database.raw.get_collection("frontier").distinct("source") == [new.id]
    assert database.articles.count_documents({"sources": old.id}) == 0
    assert database.pages.count_documents({"shared_with": old.id}) == 0
    both = articles.at(database, f"{third.homepage}t")
    assert both is not None
    assert (both.article.source, both.record.sources) == (third.id, (third.id, new.id))
    merged = sources.find(database, "older")
    assert merged is not None
    assert (merged.id, merged.name, merged.groups) == (new.id, "new", ("harbours", "coast"))
    assert [way.url for way in merged.entry_points] == [
        "https://new.example/",
        "https://older.example/feed",
    ]
    assert [each.name for each in sources.everything(database)] == ["new", "third"]
    assert sources.find(database, old.homepage) == merged
    assert eventually(lambda: searched(settings, database, *QUERIES) == [232, 232, 232, 232, 0])
    run = database.runs.find_one({})
    assert run is not None
    assert (run["state"], run["source"]) == ("cancelled", new.id)
    assert pages.due(database, new.id, NOW + timedelta(days=1), at_most=1)


def test_queries_and_alerts_hold_from_the_first_write_on(
    database: Database, settings: Config
) -> None:
    old, new = two(database)
    for query in QUERIES:
        rules.add(database, Rule(id=query, name=query, query=query, created_at=NOW))
    keep(database, article("1", old), article("2", new))
    database.matches.delete_many({})
    merging.begin(database, old, new)  # and the process dies here
    assert eventually(lambda: searched(settings, database, *QUERIES) == [2, 2, 2, 2, 0])
    keep(database, article("3", old))  # a crawl that has not noticed yet
    assert searched(settings, database, *QUERIES) == [3, 3, 3, 3, 0]
    fired = {each["alert"] for each in database.matches.find()}
    assert fired == {"source:old", "source:new", "source:older", "group:coast"}


def test_a_merge_that_is_killed_in_the_middle_is_gone_on_with(
    database: Database, settings: Config, newsbot: Command
) -> None:
    old, new = two(database)
    for start in range(0, 300, 100):
        keep(database, *(article(f"{number}", old) for number in range(start, start + 100)))
    query = {"sources": new.id}
    merge = newsbot.start("source", "merge", "old", "new", "--yes")
    wait_until(lambda: database.articles.count_documents(query) >= 100)
    merge.send_signal(signal.SIGKILL)
    merge.wait()
    assert 0 < database.articles.count_documents({"sources": old.id}) < 300
    assert eventually(lambda: searched(settings, database, "source:old", "source:new") == [300] * 2)

    again = newsbot("source", "merge", "old", "new", "--yes")

    assert again.returncode == 0, again.stderr
    assert "old is part of new now" in again.stdout
    assert database.articles.count_documents({"sources": [new.id], "source": new.id}) == 300
    assert database.articles.count_documents({"revision": 1}) == 300
    assert database.revisions.count_documents({}) == 0
    assert merging.unfinished(database) == []
    assert searched(settings, database, "source:old") == [300]


def test_a_crawl_of_the_merged_source_is_ended_and_waited_for(database: Database) -> None:
    old, new = two(database)
    run = runs.active(database, old.id)
    assert run is not None
    now = datetime.now(UTC)
    held = runs.take(database, run, owner="worker", seconds=1.5, now=now)
    assert held is not None
    merge = merging.begin(database, old, new)
    until = merging.carry_over(database, merge)
    assert until is not None
    assert held.lease is not None
    assert abs(until - held.lease.until) < timedelta(milliseconds=2)
    assert not runs.renew(database, held, seconds=9, now=now, counters={}, log=())
    keep(database, article("late", old))
    assert merging.carry_over(database, merging.unfinished(database)[0]) == until
    time.sleep(max((until - datetime.now(UTC)).total_seconds(), 0) + 0.05)
    assert merging.carry_over(database, merging.unfinished(database)[0]) is None
    assert database.articles.distinct("source") == [new.id]


def test_merges_one_after_the_other_lead_to_the_last(database: Database, settings: Config) -> None:
    chain = [source(name) for name in ("a", "b", "c")]
    for each in chain:
        sources.add(database, each)
    keep(database, article("x", chain[0]))
    for one, other in pairwise(chain):
        merging.carry_over(database, merging.begin(database, one, other))
    found = sources.find(database, "a")
    assert found is not None
    assert found.id == chain[2].id
    assert eventually(lambda: searched(settings, database, "source:a", "source:c") == [1, 1])
    sources.remove(database, chain[2].id)
    assert sources.records(database) == []
    sources.add(database, source("a", "https://elsewhere.example/"))
