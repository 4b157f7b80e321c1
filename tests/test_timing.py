"""When a message goes out: by the clocks of a zone, through their changes, outside of quiet hours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.alerts import timing
from newsbot.alerts.timing import TimingError, check, last_slot, local_day, next_slot, place
from newsbot.archive.rules import Timing

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
# Clocks are changed at 01:00, 02:00, 00:00, 23:00, by half an hour, by a day (Apia, 2011), or never.
ZONES = (
    *(BERLIN, NEW_YORK, LORD_HOWE, "America/Havana", "Africa/Cairo", "Asia/Beirut"),
    *(
        "America/Nuuk",
        "America/St_Johns",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "Africa/Casablanca",
        "UTC",
    ),
)


def at(zone: str, text: str) -> datetime:
    """Return the moment at which the clocks of a zone show this; an offset says which of two."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def shown(zone: str, moment: datetime) -> str:
    """Return what the clocks of a zone show, and how far they are from UTC."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %z")


def slots(of: Timing, after: str, number: int = 3) -> list[str]:
    """Return the next slots after a local time, as the clocks show them."""
    found, moment = [], at(of.zone, after)
    for _ in range(number):
        moment = next_slot(of, moment)
        found.append(shown(of.zone, moment))
    return found


# Digests


def test_a_daily_digest_is_due_at_its_time_on_either_side_of_a_change() -> None:
    daily = Timing(how="daily", at="08:00", zone=BERLIN)
    assert slots(daily, "2026-03-27 09:00") == [
        "2026-03-28 08:00 +0100",
        "2026-03-29 08:00 +0200",
        "2026-03-30 08:00 +0200",
    ]


@pytest.mark.parametrize(
    ("zone", "time", "after", "expected"),
    [
        # The clocks pass over it: it is due when they are put forward.
        (BERLIN, "02:30", "2026-03-28 12:00", "2026-03-29 03:00 +0200"),
        (NEW_YORK, "02:00", "2026-03-07 12:00", "2026-03-08 03:00 -0400"),
        (LORD_HOWE, "02:15", "2026-10-03 12:00", "2026-10-04 02:30 +1100"),
        ("America/Havana", "00:00", "2026-03-07 12:00", "2026-03-08 01:00 -0400"),
        ("America/Nuuk", "23:30", "2026-03-28 12:00", "2026-03-29 00:00 -0100"),
        # They show it twice: it is due the first time.
        (BERLIN, "02:30", "2026-10-24 12:00", "2026-10-25 02:30 +0200"),
        (NEW_YORK, "01:00", "2026-10-31 12:00", "2026-11-01 01:00 -0400"),
        (LORD_HOWE, "01:45", "2026-04-04 12:00", "2026-04-05 01:45 +1100"),
    ],
)
def test_a_time_that_is_passed_over_or_comes_twice_is_one_slot(
    zone: str, time: str, after: str, expected: str
) -> None:
    daily = Timing(how="daily", at=time, zone=zone)
    first, second, _ = slots(daily, after)
    assert first == expected
    assert second[11:16] == time
    weekly = Timing(how="weekly", at=time, weekday=6 if zone != "America/Nuuk" else 5, zone=zone)
    assert slots(weekly, after, 1) == [expected]


def test_an_hourly_digest_is_due_each_hour_that_passes() -> None:
    hourly = Timing(how="hourly", at="00:15", zone=BERLIN)
    assert slots(hourly, "2026-03-29 01:00") == [
        "2026-03-29 01:15 +0100",
        "2026-03-29 03:15 +0200",
        "2026-03-29 04:15 +0200",
    ]
    assert slots(hourly, "2026-10-25 02:00+02:00") == [
        "2026-10-25 02:15 +0200",
        "2026-10-25 02:15 +0100",
        "2026-10-25 03:15 +0100",
    ]


def test_an_hourly_digest_keeps_its_minutes_where_clocks_are_changed_by_half_an_hour() -> None:
    hourly = Timing(how="hourly", at="00:15", zone=LORD_HOWE)
    assert slots(hourly, "2026-10-04 01:00", 2) == [
        "2026-10-04 01:15 +1030",
        "2026-10-04 03:15 +1100",
    ]
    hourly = Timing(how="hourly", at="00:45", zone=LORD_HOWE)
    assert slots(hourly, "2026-04-05 01:00", 3) == [
        "2026-04-05 01:45 +1100",
        "2026-04-05 01:45 +1030",
        "2026-04-05 02:45 +1030",
    ]


def test_what_comes_at_a_slots_own_moment_is_for_the_next() -> None:
    daily = Timing(how="daily", at="08:00")
    moment = at("UTC", "2026-05-01 08:00")
    assert place(daily, moment, told_today=0) == moment + timedelta(days=1)
    assert place(daily, moment - timedelta(microseconds=1), told_today=0) == moment


def test_a_weekly_digest_is_due_on_its_day_where_it_is() -> None:
    weekly = Timing(how="weekly", at="07:30", weekday=0, zone="Pacific/Auckland")
    assert slots(weekly, "2026-05-02 12:00", 2) == [
        "2026-05-04 07:30 +1200",
        "2026-05-11 07:30 +1200",
    ]


# Quiet hours


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-05-01 21:59", None),
        ("2026-05-01 22:00", "2026-05-02 07:00 +0200"),
        ("2026-05-02 00:30", "2026-05-02 07:00 +0200"),
        ("2026-05-02 06:59", "2026-05-02 07:00 +0200"),
        ("2026-05-02 07:00", None),
        # A night of seven hours, and one of eleven.
        ("2026-03-28 23:00", "2026-03-29 07:00 +0200"),
        ("2026-10-24 23:00", "2026-10-25 07:00 +0100"),
    ],
)
def test_what_is_found_in_quiet_hours_waits_for_their_end(now: str, expected: str | None) -> None:
    of = Timing(quiet=("22:00", "07:00"), zone=BERLIN)
    slot = place(of, at(BERLIN, now), told_today=0)
    assert (slot and shown(BERLIN, slot)) == expected


@pytest.mark.parametrize(
    ("quiet", "now", "expected"),
    [
        # Their end is passed over, or comes twice: the first time ends them.
        (("22:00", "02:30"), "2026-03-29 01:59", "2026-03-29 03:00 +0200"),
        (("22:00", "02:30"), "2026-10-25 02:10+02:00", "2026-10-25 02:30 +0200"),
        (("22:00", "02:30"), "2026-10-25 02:10+01:00", None),
        # Their begin comes twice: the first time begins them.
        (("02:30", "07:00"), "2026-10-25 02:10+01:00", "2026-10-25 07:00 +0100"),
        (("02:15", "02:45"), "2026-03-29 03:00", None),
        # What lay between them is passed over: one night, and no hole in it.
        (("02:30", "02:10"), "2026-03-29 01:00", "2026-03-30 02:10 +0200"),
    ],
)
def test_quiet_hours_begin_and_end_once_where_clocks_are_changed(
    quiet: tuple[str, str], now: str, expected: str | None
) -> None:
    slot = place(Timing(quiet=quiet, zone=BERLIN), at(BERLIN, now), told_today=0)
    assert (slot and shown(BERLIN, slot)) == expected


def test_digests_that_fall_into_quiet_hours_are_one_at_their_end() -> None:
    hourly = Timing(how="hourly", at="00:15", quiet=("22:00", "07:00"), zone=BERLIN)
    assert slots(hourly, "2026-05-01 21:00", 4) == [
        "2026-05-01 21:15 +0200",
        "2026-05-02 07:00 +0200",
        "2026-05-02 07:15 +0200",
        "2026-05-02 08:15 +0200",
    ]
    # The last hour of the night has part in it, too.
    assert slots(hourly, "2026-05-02 06:50", 1) == ["2026-05-02 07:00 +0200"]
    daily = Timing(how="daily", at="23:00", quiet=("22:00", "07:00"), zone=BERLIN)
    assert slots(daily, "2026-05-01 12:00", 1) == ["2026-05-02 07:00 +0200"]


# So many a day


def test_what_is_more_than_a_day_may_have_waits_for_its_end() -> None:
    of = Timing(most=3, zone=NEW_YORK)
    now = at(NEW_YORK, "2026-03-08 01:30")
    assert local_day(of, now) == date(2026, 3, 8)
    assert place(of, now, told_today=2) is None
    slot = place(of, now, told_today=3)
    assert slot is not None
    assert shown(NEW_YORK, slot) == "2026-03-09 00:00 -0400"
    assert shown(NEW_YORK, timing.day_begin(of, now)) == "2026-03-08 00:00 -0500"


def test_the_rest_of_a_day_that_ends_in_quiet_hours_goes_out_with_what_these_hold() -> None:
    of = Timing(most=3, quiet=("22:00", "07:00"), zone=NEW_YORK)
    now = at(NEW_YORK, "2026-05-01 12:00")
    late = at(NEW_YORK, "2026-05-01 23:30")
    assert place(of, now, told_today=3) == place(of, late, told_today=0)


# Any timing, any zone, any moment


TIMES = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
QUIET = st.just(()) | st.tuples(TIMES, TIMES).filter(lambda pair: pair[0] != pair[1])
DIGESTS = st.builds(
    Timing,
    how=st.sampled_from(["hourly", "daily", "weekly"]),
    at=TIMES,
    weekday=st.integers(0, 6),
    zone=st.sampled_from(ZONES),
    quiet=QUIET,
)
AT_ONCE = st.builds(Timing, zone=st.sampled_from(ZONES), quiet=QUIET, most=st.integers(0, 5))
# Half of them near a change of one of the clocks.
CHANGES = [
    *((BERLIN, "2026-03-29 01:59"), (BERLIN, "2026-10-25 01:59"), (NEW_YORK, "2026-03-08 01:59")),
    *((NEW_YORK, "2026-11-01 00:59"), (LORD_HOWE, "2026-10-04 01:59")),
    *((LORD_HOWE, "2026-04-05 01:29"), ("Pacific/Apia", "2011-12-29 23:59")),
    *(("America/St_Johns", "2010-11-07 00:00"), ("America/Nuuk", "2026-03-28 22:59")),
]
MOMENTS = st.datetimes(
    datetime.fromisoformat("1995-01-01"),
    datetime.fromisoformat("2036-12-31"),
    timezones=st.just(UTC),
) | st.builds(
    lambda change, minutes: at(*change) + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.floats(-3_000, 3_000),
)


def is_quiet(of: Timing, moment: datetime) -> bool:
    """Say whether it is quiet as the clocks have it; on a day without a change that is all."""
    begin, end = of.quiet
    clock = moment.astimezone(ZoneInfo(of.zone)).strftime("%H:%M")
    return begin <= clock < end if begin < end else not end <= clock < begin


def changed_near(of: Timing, moment: datetime) -> bool:
    """Say whether clocks are changed within two days of a moment."""
    offsets = {
        (moment + timedelta(hours=hours)).astimezone(ZoneInfo(of.zone)).utcoffset()
        for hours in range(-48, 49)
    }
    return len(offsets) > 1


@given(DIGESTS, MOMENTS)
def test_a_digest_comes_after_what_is_in_it_and_soon_enough(of: Timing, now: datetime) -> None:
    check(of)
    slot = place(of, now, told_today=0)
    assert slot is not None
    assert slot == next_slot(of, now) > now
    period = {"hourly": 1, "daily": 24, "weekly": 7 * 24}[of.how]
    # As long as the period, and a night, and a change of the clocks (a day, once in Apia).
    assert slot - now <= timedelta(hours=period + (24 if of.quiet else 0) + 26)


@given(DIGESTS, MOMENTS)
def test_the_last_slot_and_the_next_have_none_between_them(of: Timing, now: datetime) -> None:
    last = last_slot(of, now)
    assert last <= now < next_slot(of, now) == next_slot(of, last)


@given(DIGESTS, MOMENTS, st.floats(0, 3_000))
def test_who_comes_later_goes_no_earlier(of: Timing, now: datetime, minutes: float) -> None:
    assert next_slot(of, now) <= next_slot(of, now + timedelta(minutes=minutes))


def first_shown(zone: str, day: date, time: str) -> datetime:
    """Return the first minute at which the clocks show this or, when they are put over it, more."""
    wanted = datetime.fromisoformat(f"{day} {time}")
    moment = wanted.replace(tzinfo=UTC) - timedelta(hours=16)
    while moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < wanted:
        moment += timedelta(minutes=1)
    return moment


@given(DIGESTS.filter(lambda of: of.how != "hourly" and not of.quiet), MOMENTS)
def test_each_day_has_one_slot_at_its_time(of: Timing, now: datetime) -> None:
    around = [local_day(of, now) + timedelta(days=days) for days in range(-2, 10)]
    expected = {
        first_shown(of.zone, day, of.at)
        for day in around
        if of.how == "daily" or day.weekday() == of.weekday
    }
    assert next_slot(of, now) == min(each for each in expected if each > now)


@given(DIGESTS.filter(lambda of: of.how == "hourly" and not of.quiet), MOMENTS)
def test_each_hour_has_its_slot(of: Timing, now: datetime) -> None:
    zone = ZoneInfo(of.zone)
    first = next_slot(of, now)
    assert first.astimezone(zone).minute == int(of.at[3:])
    passed = int((first - now) / timedelta(minutes=1))
    between = (now + timedelta(minutes=each) for each in range(passed))
    assert all(
        each.astimezone(zone).minute != int(of.at[3:])
        for each in between
        if each.minute != now.minute
    )


@given(DIGESTS | AT_ONCE, MOMENTS, st.integers(0, 6))
def test_nothing_goes_out_in_quiet_hours(of: Timing, now: datetime, told: int) -> None:
    slot = place(of, now, told_today=told)
    moment = slot or now
    if slot is not None:
        assert slot > now
    if of.quiet and not changed_near(of, moment):
        assert not is_quiet(of, moment)
    if of.how == "at once" and not of.quiet:
        assert (slot is None) == (not of.most or told < of.most)
    assert timing.quiet_until(of, moment) is None


@given(AT_ONCE, MOMENTS)
def test_a_day_ends_when_the_next_begins(of: Timing, now: datetime) -> None:
    if of.zone == "America/St_Johns" and now.year < 2012:
        return  # put its clocks back at a minute past midnight: into a day that had ended
    end = timing.day_end(attrs.evolve(of, quiet=()), now)
    assert timing.day_begin(of, now) <= now < end
    assert local_day(of, end) > local_day(of, now) == local_day(of, end - timedelta(seconds=1))
    assert timing.day_begin(of, end) == end


# What cannot be


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Timing(how="monthly"), "hourly"),  # type: ignore[arg-type]
        (Timing(how="daily", at="8:00"), "'8:00' is no time for a digest"),
        (Timing(how="daily", at="24:00"), "as 08:00"),
        (Timing(how="daily", at="٠٨:٠٠"), "as 08:00"),
        (Timing(how="daily", at="08:00\n"), "as 08:00"),
        (Timing(how="weekly", weekday=7), "6 for Sunday"),
        (Timing(zone="Berlin"), "there is no time zone 'Berlin'; give an IANA name"),
        (Timing(zone=""), "IANA"),
        (Timing(zone="../../etc/passwd"), "IANA"),
        (Timing(quiet=("22:00",)), "two times"),
        (Timing(quiet=("22:00", "07:00", "08:00")), "two times"),
        (Timing(quiet=("22", "07:00")), "the begin of quiet hours"),
        (Timing(quiet=("22:00", "7am")), "the end of quiet hours"),
        (Timing(quiet=("22:00", "22:00")), "never end"),
        (Timing(most=-1), "0 for all"),
        (Timing(most=10_001), "10000"),
        (Timing(how="daily", most=5), "one message already"),
        (Timing(even_empty=True), "hourly, daily or weekly"),
    ],
)
def test_a_timing_that_cannot_be_is_told_so(wrong: Timing, said: str) -> None:
    with pytest.raises(TimingError, match=said):
        check(wrong)
