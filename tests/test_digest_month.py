"""A month of digests and quiet hours, through the changes of clocks: each match once, at the right hour."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsbot.alerts import timing
from newsbot.alerts.digests import DigestMaker
from newsbot.archive.connection import Database
from newsbot.archive.outbox import Message
from newsbot.archive.records import from_document
from newsbot.archive.rules import Rule, Timing
from tests.waiting import DAY, HOUR, change, each_once, find, have, made, stories

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
ZONES = (BERLIN, NEW_YORK, LORD_HOWE)
NIGHT, SHORT_NIGHT = ("22:00", "07:00"), ("22:00", "02:15")

# What the clocks of each zone do in these months: when (UTC), and what a digest of 02:15 is due at that day.
SPRING = {
    NEW_YORK: (datetime(2026, 3, 8, 7, tzinfo=UTC), "03:00 -0400"),
    BERLIN: (datetime(2026, 3, 29, 1, tzinfo=UTC), "03:00 +0200"),
    LORD_HOWE: (datetime(2026, 4, 4, 15, tzinfo=UTC), "02:15 +1030"),
}
AUTUMN = {
    LORD_HOWE: (datetime(2026, 10, 3, 15, 30, tzinfo=UTC), "02:30 +1100"),
    BERLIN: (datetime(2026, 10, 25, 1, tzinfo=UTC), "02:15 +0200"),
    NEW_YORK: (datetime(2026, 11, 1, 6, tzinfo=UTC), "02:15 -0500"),
}
# Times that come twice, and the offset of the first.
TWICE = {
    (LORD_HOWE, date(2026, 4, 5)): ("01:45", "+1100"),
    (BERLIN, date(2026, 10, 25)): ("02:15", "+0200"),
    (NEW_YORK, date(2026, 11, 1)): ("01:45", "-0400"),
}

TIMINGS = (
    Timing(how="hourly", at="00:20"),
    Timing(how="hourly", at="00:45", quiet=NIGHT),
    Timing(how="daily", at="08:00"),
    Timing(how="daily", at="02:15"),
    Timing(how="daily", at="01:45"),
    Timing(how="weekly", at="02:15", weekday=6),
    Timing(quiet=NIGHT),
    Timing(quiet=SHORT_NIGHT),
    Timing(most=2),
    Timing(most=2, quiet=NIGHT),
)


@attrs.define
class Month:
    """What came of a month: when each rule's messages went out, and what was in them."""

    found: dict[str, datetime]
    sent: dict[str, tuple[Message, datetime, list[str]]]


def live(database: Database, some: list[Rule], moments: Mapping[str, list[datetime]]) -> Month:
    """Let rules find stories at these moments, and two processes look at each slot."""
    seed = random.Random(4)
    makers = [DigestMaker(database), DigestMaker(database)]
    agenda = {moment for each in moments.values() for moment in each}
    found: dict[str, datetime] = {}
    sent: dict[str, tuple[Message, datetime, list[str]]] = {}
    told: Counter[tuple[str, date]] = Counter()
    while agenda:
        now = min(agenda)
        agenda.remove(now)
        for rule in some:
            for _ in range(moments[rule.id].count(now)):
                today = (rule.id, timing.local_day(rule.timing, now))
                slot = timing.place(rule.timing, now, told_today=told[today])
                story = f"{rule.id} {len(found)}"
                (message,) = find(database, rule, story, now, told_today=told[today])
                found[message] = now
                if slot is None:
                    told[today] += 1
                else:
                    agenda.add(slot)
        if seed.random() < 0.1:  # one is killed, and another starts
            makers[0] = DigestMaker(database)
        for maker in seed.sample(makers, seed.choice((1, 2))):
            maker.make_due(now)
        for document in database.outbox.find({"state": "due", "sent": {"$exists": False}}):
            message = from_document(Message, document)
            content = stories(database, message) if message.kind == "digest" else [message.story]
            sent[message.id] = (message, now, content)
            database.outbox.update_one({"_id": message.id}, {"$set": {"sent": True}})
    return Month(found, sent)


@pytest.mark.parametrize("season", ["spring", "autumn"])
def test_a_month_with_changes_of_the_clocks_in_three_zones(database: Database, season: str) -> None:
    changes = SPRING if season == "spring" else AUTUMN
    first, last = (min(changes.values())[0] - 2 * DAY, max(changes.values())[0] + 2 * DAY)
    assert last - first >= 30 * DAY
    seed = random.Random(season)
    some, moments = [], {}
    for zone in ZONES:
        around = changes[zone][0]
        for number, of in enumerate(TIMINGS):
            rule = have(database, attrs.evolve(of, zone=zone), f"{zone} {number}")
            some.append(rule)
            minutes = [seed.uniform(0, (last - first) / timedelta(minutes=1)) for _ in range(8)]
            near = [seed.gauss(0, 240) for _ in range(8)]
            moments[rule.id] = [
                *(first + timedelta(minutes=round(each, 3)) for each in minutes),
                *(around + timedelta(minutes=round(each, 3)) for each in near),
            ]
    month = live(database, some, moments)

    # Each match is in exactly one message.
    each_once(database)
    told = Counter(story for _, _, content in month.sent.values() for story in content)
    assert len(told) == len(month.found) == 16 * len(some)
    assert set(told.values()) == {1}

    by_rule: dict[str, list[tuple[Message, datetime, list[str]]]] = defaultdict(list)
    for message, now, content in month.sent.values():
        by_rule[message.alert].append((message, now, content))
    for rule in some:
        see_hours(rule, by_rule[rule.id], changes[rule.timing.zone])


def see_hours(
    rule: Rule,
    sent: list[tuple[Message, datetime, list[str]]],
    changed: tuple[datetime, str],
) -> None:
    """See that what a rule sent went out when its timing says, by the clocks on the wall."""
    of, zone = rule.timing, ZoneInfo(rule.timing.zone)
    days: Counter[tuple[date, bool]] = Counter()
    for message, now, content in sent:
        local = now.astimezone(zone)
        of_change = local.date() == changed[0].astimezone(zone).date()
        days[local.date(), message.kind == "digest"] += 1
        assert all(story.startswith(rule.id) for story in content)
        if of.quiet and not (of.quiet == SHORT_NIGHT and of_change):
            assert of.quiet[1] <= local.strftime("%H:%M") < of.quiet[0], (rule, local)
        if message.kind == "digest":
            see_digest(of, local, changed[1] if of_change else "")
    if of.how in ("daily", "weekly"):
        assert set(days.values()) == {1}
    if of.most:
        assert max(count for (_, digest), count in days.items() if not digest) <= of.most
    # Nothing waits longer than its period, a night, and a change of the clocks.
    period = {"hourly": HOUR, "daily": DAY, "weekly": 7 * DAY, "at once": DAY}[of.how]
    wait = max(now - message.created_at for message, now, _ in sent)
    assert wait <= period + (9 * HOUR if of.quiet else timedelta()) + HOUR


def see_digest(of: Timing, local: datetime, on_change: str) -> None:
    """See that a digest went out at its time; ``on_change`` is what stands for 02:15 on such a day."""
    clock, offset = local.strftime("%H:%M"), local.strftime("%z")
    twice, first = TWICE.get((of.zone, local.date()), ("", ""))
    if of.quiet and clock == of.quiet[1]:
        assert clock != twice or offset == first
    elif of.how == "hourly":
        assert clock[3:] == of.at[3:]
    elif on_change and "02:15" in (of.at, *of.quiet):
        assert f"{clock} {offset}" == on_change
    elif of.how == "at once":
        assert clock == "00:00"
        assert of.most
    else:
        assert clock == of.at
        assert clock != twice or offset == first
        assert of.how == "daily" or local.weekday() == of.weekday


# Whatever is changed meanwhile

TIMES = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
QUIET = st.just(()) | st.tuples(TIMES, TIMES).filter(lambda pair: pair[0] != pair[1])
ANY = st.builds(
    Timing,
    how=st.sampled_from(["hourly", "daily", "weekly"]),
    at=TIMES,
    weekday=st.integers(0, 6),
    zone=st.sampled_from(ZONES),
    quiet=QUIET,
    even_empty=st.booleans(),
) | st.builds(Timing, zone=st.sampled_from(ZONES), quiet=QUIET, most=st.integers(0, 2))
STEPS = st.lists(
    st.tuples(st.just("find"), st.integers(0, 3))
    | st.tuples(st.just("change"), ANY)
    | st.tuples(st.just("state"), st.sampled_from(["active", "paused"]))
    | st.tuples(st.just("pass"), st.sampled_from([0.01, 1.0, 20.0, 60.0, 700.0, 1440.0, 8000.0])),
    max_size=15,
)
STARTS = st.sampled_from([each[0] for each in (*SPRING.values(), *AUTUMN.values())])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY, STARTS, st.floats(-2_000, 2_000), STEPS)
def test_each_match_is_in_one_message_whatever_is_changed_meanwhile(
    database: Database,
    of: Timing,
    start: datetime,
    minutes: float,
    steps: list[tuple[str, object]],
) -> None:
    for collection in (database.outbox, database.alerts, database.meta):
        collection.delete_many({"_id": {"$ne": "schema"}})
    now = start + timedelta(minutes=minutes)
    rule = have(database, of, channels=("desk", "phone"), created_at=now)
    maker, found, sent = DigestMaker(database), set(), {}
    steps = [*steps, ("state", "active"), *[("slot", None)] * 6]
    for number, (what, value) in enumerate(steps):
        match what:
            case "find":
                known = attrs.evolve(rule, timing=of) if value == 3 else rule  # a slow worker's
                found |= set(find(database, known, str(number), now, told_today=number % 4))
            case "change":
                rule = change(database, rule, now, timing=value)
            case "state":
                rule = change(database, rule, now, state=value)
            case "pass":
                now += timedelta(minutes=float(str(value)))
            case _:
                waiting = database.outbox.find({"state": "waiting"}, {"slot": 1})
                now = max(now, min((each["slot"] for each in waiting), default=now))
        maker.make_due(now)
        after = {each.id: stories(database, each) for each in made(database) if each.state == "due"}
        assert {each: after[each] for each in sent} == sent
        sent = after
    each_once(database)
    assert {each["_id"] for each in database.outbox.find({"kind": "article"}, {"_id": 1})} == found
