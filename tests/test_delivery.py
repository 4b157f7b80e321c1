"""Delivery: each message arrives, failures are tried again later, and nothing is sent for ever."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from newsbot.alerts.delivery import LONGEST_PAUSE, Courier, pause_after
from newsbot.alerts.matches import announce
from newsbot.archive import articles, channels, outbox, rules
from newsbot.archive.connection import Database
from newsbot.archive.outbox import Message
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.items import Article
from newsbot.reading import Candidate
from tests.conftest import Receiver, free_port

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _this_moment() -> None:
    """Begin each test now: a suite takes longer than what these tests wait for."""
    global NOW
    NOW = datetime.now(UTC)


def fire(database: Database, target: str) -> Message:
    """Have an alert fire for an article; returns the message that waits."""
    url = "https://harbour.example/a"
    rule = Rule(
        id="r",
        name="harbour",
        query='"the harbour"',
        channels=(channels.add(database, kind="webhook", target=target).id,),
        created_at=NOW,
    )
    rules.add(database, rule)
    found = Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source="s",
        fetched_at=NOW,
        title="Ferries sail",
        body="It was cold. At dawn the harbour opened. Nobody came.",
    )
    announce(
        database,
        articles.keep(database, articles.judge(database, [Candidate.of(found)]), now=NOW),
        now=NOW,
    )
    return waiting(database)


def waiting(database: Database) -> Message:
    (document,) = database.outbox.find()
    return outbox.many(database, [document["_id"]])[document["_id"]]


def deliver(settings: Config, database: Database) -> int:
    return asyncio.run(Courier(settings, database, "test").deliver_due())


def make_due(database: Database) -> None:
    database.outbox.update_many({}, {"$set": {"next_attempt": NOW - timedelta(seconds=1)}})


def test_a_message_says_what_matched_and_arrives_once(
    database: Database, settings: Config, receiver: Receiver
) -> None:
    message = fire(database, receiver.url)
    assert deliver(settings, database) == 1
    assert deliver(settings, database) == 0
    (body,) = receiver.messages
    assert body["id"] == message.id
    assert body["alert"]["name"] == "harbour"
    assert body["article"]["url"] == "https://harbour.example/a"
    passage = body["passage"]
    assert passage["text"] == "At dawn the harbour opened."
    assert [passage["text"][low:high] for low, high in passage["marks"]] == ["the harbour"]
    assert waiting(database).state == "sent"


def test_a_receiver_that_fails_is_tried_again_later(
    database: Database, settings: Config, receiver: Receiver
) -> None:
    fire(database, receiver.url)
    receiver.answers = [500, 204]
    assert deliver(settings, database) == 1
    failed = waiting(database)
    assert (failed.state, failed.attempts) == ("due", 1)
    assert "500" in failed.failure
    assert failed.next_attempt > datetime.now(UTC)
    assert deliver(settings, database) == 0
    make_due(database)
    assert deliver(settings, database) == 1
    assert waiting(database).state == "sent"
    assert len({message["id"] for message in receiver.messages}) == 1


def test_a_receiver_that_never_answers_is_given_up_and_said(
    database: Database, settings: Config
) -> None:
    fire(database, f"http://127.0.0.1:{free_port()}/")
    deliver(settings, database)
    assert waiting(database).state == "due"
    database.outbox.update_many({}, {"$set": {"created_at": NOW - timedelta(days=2)}})
    make_due(database)
    deliver(settings, database)
    dead = waiting(database)
    assert dead.state == "dead"
    assert "Connect" in dead.failure


def test_a_message_that_is_being_delivered_is_left_alone(database: Database) -> None:
    message = fire(database, "http://127.0.0.1:9/")
    held = outbox.take(database, message, owner="one", seconds=30, now=NOW)
    assert held is not None
    assert outbox.take(database, message, owner="two", seconds=30, now=NOW) is None
    assert outbox.deliverable(database, NOW) == []
    assert len(outbox.deliverable(database, NOW + timedelta(seconds=31))) == 1


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_pauses_grow_to_a_bound_and_honour_the_receivers_wish(chance: float) -> None:
    pauses = [pause_after(attempts, None, chance=chance) for attempts in range(1, 40)]
    assert pauses == sorted(pauses)
    assert 1 <= pauses[0] <= 3
    assert pauses[-1] <= LONGEST_PAUSE * 1.25
    assert pause_after(1, 120.0, chance=chance) == 120


def test_pausing_an_alert_keeps_it_from_firing_within_a_second(database: Database) -> None:
    from newsbot.alerts.rules import REFRESH, RuleBook
    from tests.test_kills import wait_until

    fire(database, "http://127.0.0.1:9/")
    book = RuleBook.of(database)
    assert "r" in book.in_force().rules
    rules.set_state(database, "r", "paused")
    wait_until(lambda: "r" not in book.in_force().rules, REFRESH + 1)
