"""Polls that could not do all: what is left waits, is tried again, and costs its entry points nothing."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from scrapy.http import Request, Response

from newsbot.archive import runs, sources
from newsbot.archive.connection import Database
from newsbot.spiders.frontier import Added
from newsbot.spiders.polling import Polling
from newsbot.spiders.session import CrawlSession
from tests.test_crawl import _story
from tests.test_polling import Newsroom, Polls, newsroom, polls

__all__ = ["newsroom", "polls"]


def refuse_to_keep(polls: Polls, collection: str, validator: dict[str, object]) -> None:
    """Have the database take only what this validator passes; {} takes everything again."""
    polls.database.raw.command("collMod", collection, validator=validator)


def test_links_that_newsbot_could_not_keep_are_not_hidden_by_not_modified(
    polls: Polls, newsroom: Newsroom
) -> None:
    polls()
    newsroom.feed(1, 2, 3)
    polls.pass_time(hours=12)
    refuse_to_keep(polls, "frontier", {"never": 1})
    assert polls()["failed_newsbot"] == 1
    learnt = polls.learnt()["/feed.xml"]
    assert learnt.failing_since is not None
    assert "newsbot itself" in learnt.trouble

    refuse_to_keep(polls, "frontier", {})
    polls.pass_time(hours=12)
    polls()
    assert polls.found() == 3


def test_an_article_that_could_not_be_kept_is_tried_again_after_pauses(
    polls: Polls, newsroom: Newsroom
) -> None:
    refuse_to_keep(polls, "articles", {"never": 1})
    assert polls()["failed_archive"] == 2
    pages = list(polls.database.pages.find({"outcome": "failed"}))
    assert len(pages) == 2
    assert all(page["said"]["title"].startswith("Story ") for page in pages)
    assert all(page["next_visit"] > datetime.now(UTC) for page in pages)
    assert polls.database.frontier.count_documents({}) == 0

    newsroom.asked.clear()
    polls()
    assert not [path for path, _ in newsroom.asked if path.startswith("/a/")]
    refuse_to_keep(polls, "articles", {})
    polls.pass_time(minutes=6)
    assert polls()["new"] == 2


@pytest.mark.parametrize("polls", [{"pages_per_run": 2}], indirect=True)
def test_what_one_run_may_not_fetch_is_not_forgotten(polls: Polls, newsroom: Newsroom) -> None:
    newsroom.feed(1, 2, 3, 4, 5)
    for found in (2, 4, 5):
        polls()
        assert polls.found() == found
        polls.pass_time(hours=6)


@pytest.mark.parametrize("polls", [{"pages_per_run": 2}], indirect=True)
def test_what_waits_makes_a_source_due_soon_and_costs_its_entry_points_nothing(
    polls: Polls, newsroom: Newsroom
) -> None:
    newsroom.feed(1, 2, 3, 4)
    polls()
    source = sources.find(polls.database, polls.source.id)
    assert source is not None
    assert source.next_due is not None
    assert source.next_due - datetime.now(UTC) <= timedelta(minutes=1)
    newsroom.asked.clear()
    polls()
    assert polls.found() == 4
    assert all(path.startswith("/a/") for path, _ in newsroom.asked)


def test_an_entry_point_whose_waiting_links_were_driven_out_is_read_in_full(
    polls: Polls, newsroom: Newsroom
) -> None:
    polls()
    known = {path: record for path, record in polls.learnt().items() if record.etag}
    assert {"/feed.xml", "/"} <= set(known)
    run = runs.request(
        polls.database, polls.source.id, trigger="request", occasion="?", now=datetime.now(UTC)
    )

    async def drive_out() -> None:
        assert run is not None
        polling = Polling(CrawlSession(polls.config, polls.database, polls.source, run))
        await polling.begin(more_to_do=False)
        feed, front = known["/feed.xml"].url, known["/"].url
        polling.unchanged(front, Response(front, body=b"new", request=Request(front)))
        await polling.found(front, Added(("u",), ("u",), (), kept=True, cut=frozenset({feed})))

    asyncio.run(drive_out())
    learnt = polls.learnt()
    assert (learnt["/feed.xml"].etag, learnt["/feed.xml"].digest) == ("", "")
    assert learnt["/"].etag == known["/"].etag


def test_a_worker_crawls_although_what_another_left_cannot_be_finished(
    database: Database, request: pytest.FixtureRequest
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=1)
    unreadable = {"_id": "?", "pending": True, "revision": 1, "changed_at": long_ago}
    database.articles.insert_one(unreadable)
    polls: Polls = request.getfixturevalue("polls")
    assert polls()["new"] == 2


def test_a_look_for_edits_asks_for_what_changed_alone(polls: Polls, newsroom: Newsroom) -> None:
    polls()
    newsroom.asked.clear()
    polls.pass_time(hours=2)
    counters = polls()
    looked = [each for each in newsroom.asked if each[0].startswith("/a/")]
    assert sorted(looked) == [(f"/a/story-{number}-of-the-day.html", True) for number in (1, 2)]
    assert counters["unchanged"] == 2 + len(newsroom.asked) - len(looked)
    assert "known" not in counters  # nothing was read, nothing looked up

    path = "/a/story-1-of-the-day.html"
    newsroom.put(path, _story("Story 1 of the day", "Ship 1 came back to the harbour."))
    polls.pass_time(hours=3)
    assert polls()["edited"] == 1
    source = sources.find(polls.database, polls.source.id)
    assert source is not None
    assert source.edits.looked == (2, 2)
    assert source.edits.edited == (0, 1)
    pages = list(polls.database.pages.find({"outcome": "article"}))
    assert {page["look"] for page in pages} == {2}


@pytest.mark.parametrize("polls", [{"revisits_per_run": 1}], indirect=True)
def test_looks_for_edits_are_bounded_and_the_source_is_due_for_the_rest(polls: Polls) -> None:
    polls()
    polls.pass_time(hours=2)
    polls()
    looked = [page["look"] for page in polls.database.pages.find({"outcome": "article"})]
    assert sorted(looked) == [0, 1]
    source = sources.find(polls.database, polls.source.id)
    assert source is not None
    assert source.next_due is not None
    assert source.next_due - datetime.now(UTC) < timedelta(minutes=11)
