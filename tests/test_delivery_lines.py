"""Channels have lines of their own: who is slow or ill holds up nobody else, and is not pestered."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from newsbot.alerts.delivery import Courier
from newsbot.archive import channels, outbox
from newsbot.archive.channels import Channel
from newsbot.archive.connection import Database
from newsbot.config import Config
from tests.conftest import Receiver, free_port
from tests.test_kills import wait_until
from tests.told_articles import all_messages, article, channel, rule, store

NOW = datetime.now(UTC)


@pytest.fixture
def receivers() -> Iterator[Callable[[], Receiver]]:
    """Return a function that makes receiving ends."""
    with contextlib.ExitStack() as made:

        def make() -> Receiver:
            one = Receiver()
            made.callback(one.close)
            return one

        yield make


def messages_to(database: Database, *to: Channel, count: int) -> None:
    """Put so many messages for each channel into the outbox, all about one article."""
    if database.alerts.count_documents({}) == 0:
        rule(database, "shots", channel(database, "https://desk.example/none"), now=NOW)
        store(database, [article(now=NOW)], NOW)
    (first, *_) = all_messages(database)
    database.outbox.update_one({"_id": first.id}, {"$set": {"state": "sent"}})
    made = [
        attrs.evolve(
            first,
            id=f"{each.id}-{number:05}",
            state="due",
            channel=each.id,
            occasion=f"{number}",
            created_at=datetime.now(UTC),
            next_attempt=datetime.now(UTC),
            lease=None,
        )
        for number in range(count)
        for each in to
    ]
    outbox.put(database, made)


def states(database: Database, to: Channel) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in database.outbox.find({"channel": to.id}):
        found[each["state"]] = found.get(each["state"], 0) + 1
    return found


@contextlib.contextmanager
def delivering(settings: Config, database: Database) -> Iterator[None]:
    """Have a courier at work meanwhile, in a thread of its own."""
    import threading

    loop = asyncio.new_event_loop()
    courier = Courier(settings, database, "test")
    task = loop.create_task(courier.run())

    def work() -> None:
        asyncio.set_event_loop(loop)
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(30)
        loop.close()


def test_a_slow_receiver_holds_up_no_other(
    database: Database, settings: Config, receivers: Callable[[], Receiver]
) -> None:
    slow, quick = receivers(), receivers()
    slow.seconds = 3.0
    to_slow, to_quick = channel(database, slow.url), channel(database, quick.url)
    messages_to(database, to_slow, count=300)
    messages_to(database, to_quick, count=40)
    with delivering(settings, database):
        wait_until(lambda: states(database, to_quick) == {"sent": 40}, 20)
        assert states(database, to_slow).get("sent", 0) <= 24
        slow.seconds = 0.0
        wait_until(lambda: states(database, to_slow) == {"sent": 300}, 60)
    assert len({message["id"] for message in slow.messages}) == 300
    assert len(slow.messages) == 300


def test_only_so_many_messages_go_to_one_channel_at_a_time(
    database: Database, settings: Config, receivers: Callable[[], Receiver]
) -> None:
    one = receivers()
    one.seconds = 0.05
    to = channel(database, one.url)
    messages_to(database, to, count=100)
    with delivering(settings.model_copy(update={"delivery_per_channel": 3}), database):
        wait_until(lambda: states(database, to) == {"sent": 100}, 30)
    assert one.at_once == 3


def test_a_receiver_that_asks_for_a_pause_gets_it_from_all_its_messages(
    database: Database, settings: Config, receivers: Callable[[], Receiver]
) -> None:
    busy = receivers()
    busy.answers, busy.says = [429] * 8, {"retry-after": "3"}
    to = channel(database, busy.url)
    messages_to(database, to, count=20)
    with delivering(settings, database):
        wait_until(lambda: len(busy.posts) >= 8, 10)
        asked = time.monotonic()
        wait_until(lambda: len(busy.posts) > 8, 10)
        assert time.monotonic() - asked > 2.5
        wait_until(lambda: states(database, to) == {"sent": 20}, 20)


def test_a_receiver_that_is_down_is_tried_by_one_message_at_a_time(
    database: Database, settings: Config
) -> None:
    to = channel(database, f"http://127.0.0.1:{free_port()}/")
    messages_to(database, to, count=100)
    with delivering(settings, database):
        wait_until(lambda: database.outbox.count_documents({"attempts": {"$gt": 0}}) >= 3, 10)
        time.sleep(3)
        tries = sum(each["attempts"] for each in database.outbox.find({"channel": to.id}))
    assert tries <= 12
    assert states(database, to) == {"due": 100}


def test_what_waited_too_long_for_a_receiver_that_is_down_is_set_aside_together(
    database: Database, settings: Config
) -> None:
    to = channel(database, f"http://127.0.0.1:{free_port()}/")
    messages_to(database, to, count=50)
    database.outbox.update_many({}, {"$set": {"created_at": NOW - timedelta(days=2)}})
    with delivering(settings, database):
        wait_until(lambda: states(database, to) == {"dead": 50}, 20)
    assert all("Connect" in each.failure for each in outbox.in_state(database, "dead"))


def test_a_dead_letter_that_is_sent_again_has_its_whole_time_again(
    database: Database, settings: Config, receivers: Callable[[], Receiver]
) -> None:
    one = receivers()
    one.answers = [410, 500]
    to = channel(database, one.url)
    messages_to(database, to, count=1)
    database.outbox.update_many({}, {"$set": {"created_at": NOW - timedelta(days=2)}})
    courier = Courier(settings, database, "test")
    asyncio.run(courier.deliver_due())
    assert states(database, to) == {"dead": 1}
    (dead,) = outbox.in_state(database, "dead")
    assert "410" in dead.failure
    assert outbox.send_again(database, [dead.id], now=datetime.now(UTC)) == 1
    asyncio.run(Courier(settings, database, "test").deliver_due())
    assert states(database, to) == {"due": 1}, "one failure more does not end it"
    database.outbox.update_many({"channel": to.id}, {"$set": {"next_attempt": NOW}})
    asyncio.run(Courier(settings, database, "test").deliver_due())
    assert states(database, to) == {"sent": 1}


def test_what_was_dropped_or_is_no_more_wanted_is_not_sent(
    database: Database, settings: Config, receivers: Callable[[], Receiver]
) -> None:
    one = receivers()
    to = channel(database, one.url)
    messages_to(database, to, count=3)
    first, second, third = (each for each in all_messages(database) if each.channel == to.id)
    assert outbox.drop(database, [first.id], why="no") == 1
    channels.silence(database, to.id, "r")
    asyncio.run(Courier(settings, database, "test").deliver_due())
    assert states(database, to) == {"dropped": 3}
    assert one.posts == []
    channels.hear(database, to.id, "r")
    assert outbox.send_again(database, [second.id, third.id], now=datetime.now(UTC)) == 2
    asyncio.run(Courier(settings, database, "test").deliver_due())
    assert states(database, to) == {"dropped": 1, "sent": 2}


def test_a_message_dropped_while_it_is_under_way_does_not_come_back(database: Database) -> None:
    messages_to(database, channel(database, "https://desk.example/x"), count=1)
    (message,) = outbox.deliverable(database, datetime.now(UTC))
    held = outbox.take(database, message, owner="a", seconds=30, now=datetime.now(UTC))
    assert held is not None
    outbox.drop(database, [held.id], why="no")
    outbox.settle(database, attrs.evolve(held, attempts=1))
    assert outbox.many(database, [held.id])[held.id].state == "dropped"
    outbox.settle(database, attrs.evolve(held, state="sent"))
    assert outbox.many(database, [held.id])[held.id].state == "sent", "it arrived"


def test_of_two_couriers_one_takes_each_message(
    database: Database, settings: Config, receivers: Callable[[], Receiver]
) -> None:
    one = receivers()
    to = channel(database, one.url)
    messages_to(database, to, count=100)
    due = outbox.deliverable(database, datetime.now(UTC), at_most=100)
    taken = [
        outbox.take_many(database, due, owner=owner, seconds=30, now=datetime.now(UTC))
        for owner in ("a", "b")
    ]
    assert [len(each) for each in taken] == [100, 0]
    again = outbox.take_many(database, due[:1], owner="a", seconds=30, now=datetime.now(UTC))
    assert again[0].lease == taken[0][0].lease, "who asks twice has it once"


def test_a_channel_that_was_removed_ends_its_messages(
    database: Database, settings: Config, receivers: Callable[[], Receiver]
) -> None:
    to = channel(database, receivers().url)
    messages_to(database, to, count=2)
    channels.remove(database, to.id)
    asyncio.run(Courier(settings, database, "test").deliver_due())
    assert states(database, to) == {"dropped": 2}
