"""When schedules start: rules across clock changes, jitter, windows, what was missed, and what is shown of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest
from apscheduler.job import Job
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.archive.schedules import Schedule
from schedules.blackouts import WindowError, blocked, over, windows
from schedules.timing import ScheduleError, Timing, next_times, timing_of

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def schedule(kind: str, when: str, timezone: str = "UTC", **more: object) -> Schedule:
    made = Schedule(
        id=f"{kind} {when}",
        source="s",
        kind=kind,  # type: ignore[arg-type]
        when=when,
        timezone=timezone,
        added_at=NOW,
    )
    return attrs.evolve(made, **more)  # type: ignore[arg-type]


def shown(of: Schedule, start: str, count: int) -> list[str]:
    """Return the next times as they are shown, from a moment of the schedule's zone on."""
    begin = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(of.timezone))
    return [f"{each:%m-%d %H:%M %z}" for each in next_times(of, begin, count=count)]


# By hand, from when the clocks of these places were changed (tz database): spring and autumn.
@pytest.mark.parametrize(
    ("rule", "zone", "start", "times"),
    [
        # 2 to 3 on 29 March 2026: half past two does not come, and it starts at three.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00",
         ["03-28 02:30 +0100", "03-29 03:00 +0200", "03-30 02:30 +0200"]),
        # 3 to 2 on 25 October 2026: half past two comes twice, and it starts the first time.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00",
         ["10-25 02:30 +0200", "10-26 02:30 +0100"]),
        # Every half hour goes by the hours that there are.
        ("*/30 * * * *", "Europe/Berlin", "2026-03-29T01:10",
         ["03-29 01:30 +0100", "03-29 03:00 +0200", "03-29 03:30 +0200"]),
        ("*/30 * * * *", "Europe/Berlin", "2026-10-25T02:10",
         ["10-25 02:30 +0200", "10-25 02:00 +0100", "10-25 02:30 +0100", "10-25 03:00 +0100"]),
        # Half an hour on Lord Howe: 2:00 to 2:30 on 4 October 2026, 2:00 to 1:30 on 5 April.
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00",
         ["10-04 02:30 +1100", "10-05 02:15 +1100"]),
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00",
         ["04-05 01:45 +1100", "04-06 01:45 +1030"]),
        # São Paulo changed its clocks at midnight, until 2019: 0 to 1 on 4 November 2018, 0 to 23 on 17 February.
        ("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00",
         ["11-04 01:00 -0200", "11-05 00:00 -0200"]),
        ("30 23 * * *", "America/Sao_Paulo", "2018-02-17T12:00",
         ["02-17 23:30 -0200", "02-18 23:30 -0300"]),
        ("0 0 * * *", "America/Sao_Paulo", "2026-11-01T12:00",
         ["11-02 00:00 -0300", "11-03 00:00 -0300"]),
        # Samoa left out the 30th of December 2011.
        ("0 6 * * *", "Pacific/Apia", "2011-12-29T00:00",
         ["12-29 06:00 -1000", "12-31 00:00 +1400", "12-31 06:00 +1400"]),
        # Sunday is 0 and 7, and a day of the month or of the week is enough, as with cron.
        ("0 6 * * 0", "UTC", "2026-03-02T00:00", ["03-08 06:00 +0000", "03-15 06:00 +0000"]),
        ("0 6 * * 1-5", "UTC", "2026-03-06T12:00", ["03-09 06:00 +0000", "03-10 06:00 +0000"]),
        ("0 6 13 * fri", "UTC", "2026-03-07T00:00", ["03-13 06:00 +0000", "03-20 06:00 +0000"]),
        ("0 6 29 2 *", "UTC", "2026-03-07T00:00", ["02-29 06:00 +0000"]),
    ],
)  # fmt: skip
def test_a_cron_rule_across_clock_changes(
    rule: str, zone: str, start: str, times: list[str]
) -> None:
    assert shown(schedule("cron", rule, zone), start, len(times)) == times


def by_the_minute(rule: str, zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield when a rule of numbers, ``*`` and ``*/n`` starts, found by walking each minute (cron(8))."""
    minute, hour, *_ = rule.split()

    def fits(field: str, value: int) -> bool:
        if field.startswith("*"):
            return value % int(field[2:] or 1) == 0
        return value in map(int, field.split(","))

    owed: set[datetime] = set()
    moment = begin
    before = begin.astimezone(zone).replace(tzinfo=None) - MINUTE
    done: set[datetime] = set()
    while moment < end:
        local = moment.astimezone(zone).replace(tzinfo=None)
        if "*" in minute[0] + hour[0]:
            if fits(minute, local.minute) and fits(hour, local.hour):
                yield moment
        else:
            passed = before + MINUTE
            while passed <= local:  # more than one where the clock skips
                if fits(minute, passed.minute) and fits(hour, passed.hour) and passed not in done:
                    owed.add(passed)
                passed += MINUTE
            if owed:
                yield moment
                done |= owed
                owed.clear()
        before = max(before, local)
        moment += MINUTE


CHANGES = [
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("America/New_York", "2026-11-01"),
    ("Africa/Casablanca", "2026-03-22"),
    ("Asia/Damascus", "2026-03-27"),
]


@given(
    change=st.sampled_from(CHANGES),
    minute=st.sampled_from(["0", "15", "30", "0,30", "5,35,59", "*", "*/20"]),
    hour=st.sampled_from(["0", "1", "2", "3", "23", "1,2,3", "*", "*/2"]),
    offset=st.integers(0, 6 * 60),
)
@settings(max_examples=50)
def test_cron_rules_are_as_another_implementation_has_them(
    change: tuple[str, str], minute: str, hour: str, offset: int
) -> None:
    zone = ZoneInfo(change[0])
    day = datetime.fromisoformat(change[1]).replace(tzinfo=zone).astimezone(UTC)
    begin, end = day - HOUR, day + 27 * HOUR
    rule = f"{minute} {hour} * * *"
    wanted = list(by_the_minute(rule, zone, begin, end))
    since = begin + timedelta(minutes=offset)
    found = timing_of(schedule("cron", rule, change[0]))
    times = []
    moment = found.after(since - timedelta(seconds=1))
    while moment is not None and moment < end:
        times.append(moment)
        moment = found.after(moment)
    assert times == [each for each in wanted if each >= since]


# Windows


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("22:00-06:00", ["03-02 22:00", "03-02 23:59", "03-03 05:59"], ["03-02 21:59", "03-03 06:00"]),
        ("sat,sun", ["03-07 00:00", "03-08 23:59"], ["03-06 23:59", "03-09 00:00"]),
        ("fri 22:00-06:00", ["03-06 22:00", "03-07 05:59"], ["03-06 05:00", "03-07 22:00"]),
        ("sat-mon 10:00-11:00", ["03-07 10:00", "03-09 10:59"], ["03-10 10:00", "03-09 11:00"]),
        ("10:00-24:00", ["03-02 10:00", "03-02 23:59"], ["03-02 09:59", "03-03 00:00"]),
        ("10:00-11:00 Asia/Damascus", ["03-02 07:30"], ["03-02 10:30"]),
    ],
)  # fmt: skip
def test_a_window(text: str, inside: list[str], outside: list[str]) -> None:
    some = windows([text], "UTC")
    for told, expected in ((inside, True), (outside, False)):
        for each in told:
            moment = datetime.fromisoformat(f"2026-{each}").replace(tzinfo=UTC)
            assert blocked(some, moment) is expected, each


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "write one as"),
        ("22:00", "cannot be read"),
        ("25:00-26:00", "no clock shows"),
        ("10:00-10:00", "begins when it ends"),
        ("10:00-11:00 12:00-13:00", "two of its times"),
        ("satur", "no weekdays"),
        ("10:00-11:00 Mars/Olympus", "names no time zone"),
        ("Asia/Damascus", "cannot be read"),
    ],
)
def test_a_window_that_cannot_be_says_what_would_be_right(text: str, says: str) -> None:
    with pytest.raises(WindowError, match=says):
        windows([text], "UTC")
    with pytest.raises(ScheduleError, match=says):
        timing_of(schedule("cron", "0 6 * * *", blackouts=(text,)))


WINDOWS = st.lists(
    st.sampled_from(
        ["22:00-06:00", "02:15-02:45", "sat", "01:00-02:30", "sun 02:30-05:00", "00:00-12:00 UTC", "23:30-00:30"]
    ),
    min_size=1,
    max_size=2,
)  # fmt: skip


@given(change=st.sampled_from(CHANGES), some=WINDOWS, offset=st.integers(0, 48 * 60))
@settings(max_examples=100)
def test_a_window_is_over_when_its_first_free_minute_comes(
    change: tuple[str, str], some: list[str], offset: int
) -> None:
    shut = windows(some, change[0])
    day = datetime.fromisoformat(change[1]).replace(tzinfo=ZoneInfo(change[0])).astimezone(UTC)
    moment = day - DAY + timedelta(minutes=offset)
    expected = moment
    while blocked(shut, expected):
        expected += MINUTE
    assert over(shut, moment) == expected


def test_what_falls_in_a_window_is_left_out_and_a_single_time_moves_to_its_end() -> None:
    night = ("22:00-06:00",)
    every = schedule("cron", "0 */4 * * *", "Asia/Damascus", blackouts=night)
    assert shown(every, "2026-03-02T00:00", 5) == [
        f"03-0{day} {hour} +0300" for day, hour in [(2, "08:00"), (2, "12:00"), (2, "16:00"), (2, "20:00"), (3, "08:00")]
    ]  # fmt: skip
    once = schedule("once", "2026-03-02T23:15", "Asia/Damascus", blackouts=night)
    assert shown(once, "2026-03-02T00:00", 5) == ["03-03 06:00 +0300"]
    never = schedule("cron", "0 23 * * *", blackouts=night)
    assert next_times(never, NOW) == []
    assert next_times(schedule("cron", "0 23 * * *", blackouts=("mon-sun",)), NOW) == []


# Jitter


RULES = st.sampled_from(
    [
        ("cron", "0 * * * *"),
        ("cron", "*/7 * * * *"),
        ("cron", "30 2 * * *"),
        ("interval", "90"),
        ("interval", "5400"),
        ("interval", "86400"),
        ("once", "2026-03-29T02:30"),
    ]
)
JITTERS = st.sampled_from([0.0, 30.0, 600.0, 7_200.0])


@st.composite
def timings(draw: st.DrawFn) -> tuple[Schedule, datetime]:
    zone, day = draw(st.sampled_from(CHANGES[:4]))
    kind, when = draw(RULES)
    begin = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) - DAY
    made = schedule(
        kind,
        when,
        zone,
        jitter=draw(JITTERS),
        blackouts=tuple(draw(st.one_of(st.just([]), WINDOWS))),
        added_at=begin - timedelta(seconds=draw(st.integers(0, 4_000))),
    )
    return made, begin + timedelta(seconds=draw(st.integers(0, 90_000)))


class _Nobody:
    timezone = UTC


def as_apscheduler(
    of: Schedule, begin: datetime, end: datetime, pause: timedelta | None = None
) -> list[datetime]:
    """Return what APScheduler starts, that looks when something is due, or after a pause; as its loop has it."""
    timing = timing_of(of)
    job = Job.__new__(Job)
    job._scheduler, job.trigger = _Nobody(), timing
    job.next_run_time = timing.after(begin)
    started, now = [], begin
    while now < end and job.next_run_time is not None and (pause or job.next_run_time <= end):
        now = now + pause if pause else max(job.next_run_time, now)
        times = job._get_run_times(now)
        if times:
            started.append(times[-1])
            job.next_run_time = timing.get_next_fire_time(times[-1], now)
    return started


@given(of=timings())
@settings(max_examples=60)
def test_what_is_shown_is_what_apscheduler_starts(of: tuple[Schedule, datetime]) -> None:
    made, begin = of
    listed = [each.astimezone(UTC) for each in next_times(made, begin, count=8)]
    assert listed == sorted(set(listed))
    shut = windows(made.blackouts, made.timezone)
    assert not any(blocked(shut, each) for each in listed)
    end = begin + DAY
    started = as_apscheduler(made, begin, end)
    soon = [each for each in listed if each <= end]
    assert started[: len(soon)] == soon
    # Asked from any moment on, the same: nobody keeps a state.
    for each in listed[:3]:
        (again,) = next_times(made, each - timedelta(seconds=1), count=1)
        assert again.astimezone(UTC) == each


@given(of=timings(), pause=st.sampled_from([HOUR, 7 * HOUR, DAY, 9 * DAY]))
@settings(max_examples=25)
def test_of_what_was_missed_the_last_is_started_once(
    of: tuple[Schedule, datetime], pause: timedelta
) -> None:
    made, begin = of
    started = as_apscheduler(made, begin, begin + pause, pause)
    end, timing, last = begin + pause, timing_of(made), None
    # From an hour before on, or from the beginning, each after the other.
    moment = max(begin, end - 15 * HOUR)
    while (following := timing.after(moment)) is not None and following <= end:
        last = moment = following
    if last is None and (only := timing.after(begin)) and only <= end:
        assert started
        assert timing.after(started[0]) == following
    else:
        assert started == ([last] if last else [])


def test_a_month_of_missed_seconds_is_found_at_once() -> None:
    timing = timing_of(schedule("interval", "1"))
    assert timing.get_next_fire_time(NOW, NOW + 30 * DAY) == NOW + 30 * DAY


def test_jitter_stays_in_its_band_and_differs_by_schedule() -> None:
    plain = schedule("cron", "0 6 * * *")
    jittered = attrs.evolve(plain, jitter=600.0)
    other = attrs.evolve(jittered, id="another")
    named, mine, others = (next_times(each, NOW, count=200) for each in (plain, jittered, other))
    late = [(moved - at).total_seconds() for at, moved in zip(named, mine, strict=True)]
    assert 0 <= min(late) < 60
    assert 540 < max(late) < 600
    assert mine != others
    # It never reaches the rule's next moment.
    close = next_times(schedule("interval", "60", jitter=7_200.0), NOW, count=100)
    assert all(NOW + MINUTE * n <= each < NOW + MINUTE * (n + 1) for n, each in enumerate(close, 1))


def test_a_timing_is_kept_as_it_is() -> None:
    import pickle

    timing = timing_of(
        schedule("cron", "0 6 * * *", "Asia/Damascus", jitter=60.0, blackouts=("sat",))
    )
    again: Timing = pickle.loads(pickle.dumps(timing))
    assert again == timing
    assert again.after(NOW) == timing.after(NOW)
