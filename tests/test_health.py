"""What is taken for an illness of a source, and what is not: slow days, weekends, nights."""

import random
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from newsbot.alerts import health
from newsbot.alerts.grouping import groups, range_of
from newsbot.alerts.health import Ill
from newsbot.standing import Standing, after_run
from tests.newsrooms import Newsroom

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday


def judged(room: Newsroom, now: datetime) -> Ill | None:
    assert room.standing is not None
    return health.of_source(room.standing, now=now, failures=3, seconds=600)


def some_rooms(chance: random.Random, count: int) -> list[Newsroom]:
    return [
        Newsroom(
            f"s{number}",
            a_day=chance.choice((0.3, 1, 3, 8, 20, 60, 200)),
            every=chance.choice((1_800.0, 3_600.0, 7_200.0)),
            night=chance.choice((0.0, 0.1, 0.5)),
            weekend=chance.choice((0.0, 0.2, 0.6, 1.0)),
        )
        for number in range(count)
    ]


def live(room: Newsroom, days: float, chance: random.Random, start: datetime = START) -> set[str]:
    """Let time pass; returns what was judged of it on the way."""
    moment, end, found = start, start + timedelta(days=days), set[str]()
    while moment < end:
        room.ask(moment, chance)
        ill = judged(room, moment)
        found |= {ill.kind} if ill else set()
        moment += timedelta(seconds=room.every * chance.uniform(0.9, 1.1))
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_thirty_days_of_sixty_ordinary_sources_are_no_illness(seed: int) -> None:
    chance = random.Random(seed)
    wrong = {
        room.id: (room.a_day, room.night, room.weekend, found)
        for room in some_rooms(chance, 60)
        if (found := live(room, 30, chance))
    }
    assert not wrong


@pytest.mark.parametrize(("a_day", "within"), [(200, 1.0), (20, 2.0), (5, 9.0)])
def test_a_source_that_stops_is_quiet_sooner_the_more_it_published(
    a_day: float, within: float
) -> None:
    chance = random.Random(3)
    end = START + timedelta(days=29, hours=12)  # a Tuesday
    room = Newsroom("s", a_day=a_day, until=end)
    assert not live(room, 29.5, chance)
    assert "quiet" in live(room, within, chance, start=end)


def test_a_day_of_far_less_than_usual_is_told_the_next() -> None:
    chance = random.Random(4)
    room = Newsroom("s", a_day=80)
    assert not live(room, 43, chance)
    room.share = 0.1
    assert "rate" in live(room, 1.5, chance, start=START + timedelta(days=43))


def test_articles_without_their_authors_are_an_illness_and_with_them_again_none() -> None:
    chance = random.Random(5)
    room = Newsroom("s", a_day=40)
    assert not live(room, 14, chance)
    room.signed = 0.0
    assert "fields" in live(room, 2, chance, start=START + timedelta(days=14))
    room.signed = 0.9
    live(room, 2, chance, start=START + timedelta(days=16))
    assert judged(room, START + timedelta(days=18)) is None


def test_a_source_fails_after_three_times_and_ten_minutes() -> None:
    standing: Standing | None = None
    verdicts = []
    for minutes in (0, 2, 4, 11):
        now = START + timedelta(minutes=minutes)
        standing = after_run(
            standing,
            "s",
            mark=str(minutes),
            at=now,
            well=False,
            trouble="https://a.example/feed answered 503",
        )
        verdicts.append(health.of_source(standing, now=now, failures=3, seconds=600))
    assert verdicts[:3] == [None, None, None]
    assert verdicts[3] is not None
    assert (verdicts[3].host, verdicts[3].error) == ("a.example", "answered 503")


def test_a_run_is_taken_in_once() -> None:
    first = after_run(None, "s", mark="r 1", at=START, well=False, trouble="x")
    assert after_run(first, "s", mark="r 1", at=START, well=False, trouble="x") is first


def test_while_it_failed_a_source_learns_nothing_of_its_habit() -> None:
    chance = random.Random(6)
    end = START + timedelta(days=20)
    room = Newsroom("s", a_day=50, down=[(end, end + timedelta(hours=20), "x")])
    live(room, 20, chance)
    assert room.standing is not None
    before = room.standing.rhythm.rate
    live(room, 0.8, chance, start=end)
    room.until = end  # it has nothing in the first run after it
    room.ask(end + timedelta(hours=22), chance)
    assert room.standing.failures == 0
    assert room.standing.rhythm.rate == pytest.approx(before)
    assert judged(room, end + timedelta(hours=22)) is None


# What has one cause

A = Ill(
    kind="failing",
    subject="a",
    since=START,
    says="failed",
    host="a.example",
    address="192.0.2.7",
    error="answered 503",
)


def several(count: int, **changes: object) -> list[Ill]:
    return [
        attrs.evolve(A, subject=f"s{n}", host=f"{n}.example", address="", **changes)
        for n in range(count)
    ]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ills", "cause"),
    [
        ([A, attrs.evolve(A, subject="b", error="x")], "host"),
        ([attrs.evolve(each, proxy="p:1") for each in several(3)], "proxy"),
        (
            [
                attrs.evolve(each, address=f"192.0.2.{n}", error=str(n))
                for n, each in enumerate(several(3))
            ],
            "range",
        ),
        (several(5), "error"),
        (several(60), "all"),
    ],
)
def test_what_has_one_cause_is_one_group(ills: list[Ill], cause: str) -> None:
    (group,) = groups(ills, active=60)
    assert group.cause == cause
    assert len(group.ills) == len(ills)


def test_what_has_nothing_in_common_is_each_by_itself() -> None:
    ills = [attrs.evolve(each, error=str(n)) for n, each in enumerate(several(4))]
    assert [each.cause for each in groups(ills, active=60)] == ["one"] * 4
    apart = [
        attrs.evolve(each, since=START + timedelta(hours=2 * n))
        for n, each in enumerate(several(5))
    ]
    assert [each.cause for each in groups(apart, active=60)] == ["one"] * 5


def test_a_range_of_addresses() -> None:
    assert range_of("192.0.2.77") == "192.0.2.0/24"
    assert range_of("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert range_of("") == range_of("here") == ""
