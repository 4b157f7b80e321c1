"""Operators are told what is wrong: once a cause, again while it lasts, and once when it is over."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from newsbot.alerts.operators import Watch
from newsbot.archive import channels, outbox, sources, troubles, uplinks
from newsbot.archive.connection import Database
from newsbot.archive.records import to_document
from newsbot.archive.sources import Source
from newsbot.config import Config
from tests.conftest import InProcess
from tests.newsrooms import Newsroom

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
REFUSED = "https://{host}/feed refused the connection"


@pytest.fixture
def operators(database: Database) -> str:
    added = channels.add(
        database, kind="webhook", target="https://hook.example/", name="ops", operators=True
    )
    return added.id


@pytest.fixture
def roomy(settings: Config) -> Config:
    """The disk of whoever runs this is nobody's trouble here."""
    return settings.model_copy(update={"disk_reserve": 0})


class World:
    """Sources by a simulated clock, and the watch over them."""

    def __init__(
        self, config: Config, database: Database, rooms: list[Newsroom], hosts: int = 0
    ) -> None:
        self.config, self.database, self.rooms = config, database, rooms
        self.now = START
        self.chance = random.Random(1)
        self.watch = Watch(config, database, "one")
        self.due = {
            room.id: START + timedelta(seconds=self.chance.uniform(0, room.every)) for room in rooms
        }
        made = [
            Source(
                id=room.id,
                name=f"Paper {room.id}",
                homepage=f"https://{self.host(number, hosts)}/",
                added_at=START,
            )
            for number, room in enumerate(rooms)
        ]
        assert sources.add_many(database, made) == []

    @staticmethod
    def host(number: int, hosts: int) -> str:
        return f"paper{number % hosts if hosts else number}.example"

    def live(self, until: datetime, *, look: timedelta, skip: bool = False) -> None:
        """Let time pass, and have the watch look as often."""
        while self.now < until:
            self.now += look
            for room in self.rooms:
                while self.due[room.id] <= self.now:
                    if not skip:
                        room.ask(self.due[room.id], self.chance)
                    self.due[room.id] += timedelta(
                        seconds=room.every * self.chance.uniform(0.9, 1.1)
                    )
            self.write()
            self.watch.look(self.now)
            self.deliver()

    def deliver(self) -> None:
        self.database.outbox.update_many({"state": "due"}, {"$set": {"state": "sent"}})

    def write(self) -> None:
        kept = [to_document(room.standing) for room in self.rooms if room.standing]
        self.database.standings.delete_many({})
        if kept:
            self.database.standings.insert_many(kept, ordered=False)

    def told(self) -> list[str]:
        found = self.database.outbox.find({"kind": "operator"}).sort("created_at", 1)
        return [each["said"]["title"] for each in found]


def rooms(count: int, **more: object) -> list[Newsroom]:
    return [Newsroom(f"s{number}", a_day=20, **more) for number in range(count)]  # type: ignore[arg-type]


def after(hours: float = 0, minutes: float = 0) -> datetime:
    return START + timedelta(hours=hours, minutes=minutes)


LOOK = timedelta(minutes=5)


def test_thirty_days_of_ordinary_sources_are_told_nothing_of(
    database: Database, roomy: Config, operators: str
) -> None:
    chance = random.Random(9)
    made = [
        Newsroom(
            f"s{n}",
            a_day=chance.choice((1, 5, 20, 100)),
            every=7_200.0,
            weekend=chance.choice((0.1, 0.5, 1)),
        )
        for n in range(60)
    ]
    for room in made:  # a hiccup now and then
        moment = START + timedelta(days=chance.uniform(0, 29))
        room.down.append((moment, moment + timedelta(hours=3), "https://x.example/ answered 502"))
    world = World(roomy, database, made)
    world.live(START + timedelta(days=30), look=timedelta(hours=6))
    assert world.told() == []


def test_a_source_that_fails_is_told_again_and_well(
    database: Database, roomy: Config, operators: str
) -> None:
    made = rooms(8, every=300.0)
    made[3].down.append((after(5), after(14), REFUSED.format(host="paper3.example")))
    world = World(roomy, database, made)
    world.live(after(5), look=LOOK)
    assert world.told() == []
    world.live(after(6), look=LOOK)
    assert world.told() == ["Paper s3 fails"]
    (message,) = database.outbox.find({})
    assert message["channel"] == operators
    assert any("refused the connection" in line for line in message["said"]["lines"])
    world.live(after(13), look=LOOK)
    assert len(world.told()) == 2
    assert world.told()[1].startswith("Still, after 6 h")
    world.live(after(16), look=LOOK)
    assert len(world.told()) == 3
    assert world.told()[2].startswith("Well again: Paper s3; was failing ")
    assert "articles came in after it" in world.told()[2] or "article came" in world.told()[2]
    world.live(after(40), look=timedelta(minutes=30))
    assert len(world.told()) == 3


def test_what_has_one_cause_is_one_message(
    database: Database, roomy: Config, operators: str
) -> None:
    made = rooms(30, every=300.0)
    for number in range(12):
        made[number].down.append((after(2), after(4), REFUSED.format(host="shared.example")))
    world = World(roomy, database, made)
    world.live(after(3.5), look=LOOK)
    assert world.told() == ["12 sources fail, all on shared.example"]
    (message,) = database.outbox.find({})
    assert message["said"]["sources"][-1] == "and 2 more"
    world.live(after(6), look=LOOK)
    assert len(world.told()) == 2
    assert world.told()[1].startswith("Well again: 12 of 12 sources; was failing 2 h")


def test_one_that_joins_a_trouble_on_its_host_is_no_new_message(
    database: Database, roomy: Config, operators: str
) -> None:
    made = rooms(30, every=300.0)
    made[0].down.append((after(2), after(8), REFUSED.format(host="shared.example")))
    made[1].down.append((after(4), after(8), REFUSED.format(host="shared.example")))
    world = World(roomy, database, made)
    world.live(after(7), look=LOOK)
    told = world.told()
    assert told[0] == "Paper s0 fails"
    assert all(each.startswith("Still") for each in told[1:])
    world.live(after(12), look=LOOK)
    assert world.told()[-1].startswith("Well again: 2 of 2 sources")


def test_two_thousand_sources_and_the_uplink_cut_for_an_hour_are_two_messages(
    database: Database, roomy: Config, operators: str
) -> None:
    made = [Newsroom(f"s{n}", a_day=5, every=600.0) for n in range(2_000)]
    for number, room in enumerate(made):
        room.down.append((after(1), after(2), REFUSED.format(host=f"paper{number}.example")))
    world = World(roomy, database, made)
    world.live(after(0.9), look=timedelta(minutes=18))
    world.live(after(2.2), look=timedelta(minutes=6))
    world.live(after(4), look=timedelta(minutes=18))
    told = world.told()
    assert len(told) == 2, told
    assert told[0] == "Our own connection is down"
    assert told[1].startswith("Well again: our own connection; was down 1 h")


def test_while_the_workers_say_that_the_connection_is_down_no_source_is_judged(
    database: Database, roomy: Config, operators: str
) -> None:
    made = rooms(12, every=300.0)
    made[0].down.append((after(1), after(3), REFUSED.format(host="paper0.example")))
    world = World(roomy, database, made)
    world.live(after(1), look=LOOK)
    for minute in range(0, 60, 5):
        uplinks.note(database, "here", down_since=after(1), now=after(1, minute))
        world.live(after(1, minute + 5), look=LOOK, skip=minute > 5)
    uplinks.note(database, "here", down_since=None, now=after(2))
    world.live(after(2.2), look=LOOK)
    assert world.told()[0] == "Our own connection is down"
    assert len(world.told()) == 2
    # The one that still fails is told by itself then.
    world.live(after(2.9), look=LOOK)
    assert world.told()[2:] == ["Paper s0 fails"]


def test_a_source_that_comes_and_goes_is_one_trouble(
    database: Database, roomy: Config, operators: str
) -> None:
    made = rooms(6, every=120.0)
    for minutes in range(120, 300, 30):  # away for 22 minutes, there for 8
        made[2].down.append(
            (after(0, minutes), after(0, minutes + 22), "https://a.example/ answered 502")
        )
    world = World(roomy, database, made)
    world.live(after(1.8), look=timedelta(minutes=30))
    world.live(after(7), look=LOOK)
    told = world.told()
    assert told[0] == "Paper s2 fails"
    assert len(told) == 2, told
    assert told[1].startswith("Well again: Paper s2")


def test_where_nobody_is_told_the_doctor_says_what_is_wrong(
    database: Database, roomy: Config, newsbot_here: InProcess
) -> None:
    made = rooms(3, every=300.0)
    made[0].down.append((after(1), after(9), REFUSED.format(host="paper0.example")))
    world = World(roomy, database, made)
    world.live(after(2), look=LOOK)
    assert world.told() == []
    (found,) = [each for each in newsbot_here("doctor").stdout.splitlines() if "troubles" in each]
    assert found.startswith("WRONG")
    assert "Paper s0 fails" in found
    assert "no channel is marked for operators" in found


class KilledError(Exception):
    """The process is gone."""


def test_killed_at_any_write_nothing_is_told_twice_and_nothing_lost(
    settings: Config,
    database: Database,
    roomy: Config,
    operators: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = rooms(8, every=300.0)
    made[3].down.append((after(1), after(3), REFUSED.format(host="paper3.example")))
    world = World(roomy, database, made)
    count = 0
    kill_at: list[int] = []

    def deadly(real: Callable[..., object]) -> Callable[..., object]:

        def step(*args: object, **kwargs: object) -> object:
            nonlocal count
            count += 1
            if kill_at and count == kill_at[0]:
                kill_at.pop(0)
                raise KilledError(f"before {real}")
            done = real(*args, **kwargs)
            count += 1
            if kill_at and count == kill_at[0]:
                kill_at.pop(0)
                raise KilledError(f"after {real}")
            return done

        return step

    for module, name in (
        (troubles, "keep"),
        (troubles, "told"),
        (troubles, "drop"),
        (outbox, "put"),
    ):
        monkeypatch.setattr(module, name, deadly(getattr(module, name)))
    kill_at += range(1, 60, 3)
    kills = 0
    while world.now < after(5):
        world.now += LOOK
        for room in world.rooms:
            while world.due[room.id] <= world.now:
                room.ask(world.due[room.id], world.chance)
                world.due[room.id] += timedelta(seconds=room.every)
        world.write()
        while True:
            try:
                world.watch.look(world.now)
                break
            except KilledError:
                kills += 1
                world.watch = Watch(roomy, database, "one")  # its successor
        world.deliver()
    told = world.told()
    assert kills >= 5
    assert told[0] == "Paper s3 fails"
    assert told[-1].startswith("Well again: Paper s3")
    assert len(told) == 2, told
