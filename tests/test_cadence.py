"""How often an address brings news, and when it is asked again. Time is simulated; nothing waits."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import sqrt

from hypothesis import given
from hypothesis import strategies as st

from newsbot.cadence import DAY, HOUR, Rhythm, next_reading

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
LIMITS = {"worth": 15.0, "fastest": 60.0, "slowest": 21_600.0}


def observed(
    brings: Callable[[datetime], float], *, days: float, step: float = 600.0, seed: int = 1
) -> tuple[Rhythm, datetime]:
    """Return the rhythm learnt of an address that brings so many articles an hour at a moment."""
    draw = random.Random(seed)
    now, rhythm = MONDAY, Rhythm().watched(MONDAY, 0)
    while now < MONDAY + timedelta(days=days):
        now += timedelta(seconds=step)
        chance = brings(now) * step / HOUR
        rhythm = rhythm.watched(now, int(chance) + (draw.random() < chance % 1))
    return rhythm, now


def wait(rhythm: Rhythm, now: datetime, **limits: float) -> float:
    return (next_reading(rhythm, now, **LIMITS | limits) - now).total_seconds()


def test_the_rate_is_learnt() -> None:
    rhythm, _ = observed(lambda _: 3.0, days=7)
    assert 2.5 < rhythm.rate * HOUR < 3.5


def test_four_times_the_news_is_asked_twice_as_often() -> None:
    often, now = observed(lambda _: 4.0, days=14)
    seldom, _ = observed(lambda _: 1.0, days=14)
    assert 1.6 < wait(seldom, now) / wait(often, now) < 2.5
    assert abs(wait(often, now) - sqrt(2 * 15 * HOUR / 4)) < 60


def test_a_new_address_is_asked_within_minutes_and_a_silent_one_ever_less_often() -> None:
    assert wait(Rhythm(), MONDAY) < 20 * 60
    waits = [wait(*observed(lambda _: 0.0, days=days, step=HOUR)) for days in (1, 7, 28, 200)]
    assert waits == sorted(waits)
    assert waits[-1] > 4 * HOUR


def test_the_hours_of_a_newsroom_are_learnt_and_its_morning_is_not_slept_through() -> None:
    rhythm, _ = observed(lambda at: 6.0 if 6 <= at.hour < 18 else 0.1, days=21)
    noon, night = MONDAY + timedelta(days=22, hours=12), MONDAY + timedelta(days=22, hours=1)
    quiet = rhythm.watched(night, 0)
    assert wait(quiet, night) > 2 * wait(rhythm.watched(noon, 3), noon)
    # However long it would wait at night, it is back when the day begins.
    before_six = MONDAY + timedelta(days=22, hours=5, minutes=55)
    assert wait(rhythm.watched(before_six, 0), before_six) < 15 * 60


def test_a_weekend_is_learnt() -> None:
    rhythm, _ = observed(lambda at: 0.2 if at.weekday() >= 5 else 4.0, days=28)
    sunday, monday = MONDAY + timedelta(days=34, hours=12), MONDAY + timedelta(days=35, hours=12)
    assert rhythm.watched(sunday, 0).rate_at(sunday) < rhythm.watched(monday, 0).rate_at(monday) / 3


def test_a_burst_of_news_is_followed_while_it_lasts() -> None:
    rhythm, now = observed(lambda _: 0.5, days=14)
    usual = wait(rhythm, now)
    burst = rhythm.watched(now + timedelta(minutes=15), 8)
    assert wait(burst, now + timedelta(minutes=15)) < 0.6 * usual
    later = burst.watched(now + timedelta(hours=20), 10)
    assert 0.7 * usual < wait(later, now + timedelta(hours=20)) < 1.3 * usual


def test_the_dates_of_what_was_there_already_say_how_often_there_is_news() -> None:
    hourly = [MONDAY - timedelta(hours=hour) for hour in range(20)]
    yearly = [MONDAY - timedelta(days=365 * year) for year in range(1, 20)]
    of_hourly = Rhythm().with_history(hourly, hourly, MONDAY).watched(MONDAY, 0)
    of_yearly = Rhythm().with_history(yearly, yearly, MONDAY).watched(MONDAY, 0)
    of_copies = Rhythm().with_history(hourly, [], MONDAY).watched(MONDAY, 0)
    assert 0.8 < of_hourly.rate * HOUR < 1.3
    assert wait(of_yearly, MONDAY) > 10 * wait(of_hourly, MONDAY)
    assert wait(of_copies, MONDAY) > 3 * wait(of_hourly, MONDAY)


def test_an_archive_that_was_away_for_a_month_learns_from_what_it_finds() -> None:
    rhythm, now = observed(lambda _: 1.0, days=14)
    back = now + timedelta(days=30)
    found = rhythm.watched(back, 30 * 24)
    assert 0.8 < found.rate * HOUR < 1.2
    assert 0.7 < wait(found, back) / wait(rhythm, now) < 1.4


@given(
    readings=st.lists(
        st.tuples(st.floats(0, 60 * DAY), st.integers(0, 100_000)), min_size=1, max_size=20
    ),
    fastest=st.floats(1, 600),
    slowest=st.floats(600, 60 * DAY),
    worth=st.floats(0.01, 10_000),
)
def test_whatever_was_seen_the_next_reading_lies_within_its_limits(
    readings: list[tuple[float, int]], fastest: float, slowest: float, worth: float
) -> None:
    now, rhythm = MONDAY, Rhythm()
    for passed, brought in readings:
        now += timedelta(seconds=passed)
        rhythm = rhythm.watched(now, brought)
    waited = wait(rhythm, now, worth=worth, fastest=fastest, slowest=slowest)
    assert fastest - 0.01 <= waited <= slowest + 0.01
