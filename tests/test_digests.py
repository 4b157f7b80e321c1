"""Digests: what waits goes out once, together, when its slot has come by the timing that then holds."""

from datetime import datetime, timedelta

import attrs

from newsbot.alerts import timing
from newsbot.alerts.digests import DigestMaker, make_due
from newsbot.archive import coverage, matches, outbox, rules, sources
from newsbot.archive.connection import Database
from newsbot.archive.matches import NO_PASSAGE, Match
from newsbot.archive.rules import Timing
from tests.waiting import (
    DAILY,
    DAY,
    EIGHT,
    HOUR,
    HOURLY,
    NOW,
    SECOND,
    Commands,
    change,
    each_once,
    find,
    have,
    listened,
    made,
    stories,
)

# Made in time


def test_what_was_muted_while_it_waited_goes_out_with_no_digest(database: Database) -> None:
    rule = have(database, DAILY, channels=("desk", "phone"))
    for story in ("loud", "quiet"):
        find(database, rule, story, NOW)
        matches.record(
            database,
            [
                Match(
                    id=matches.match_id(rule.id, story),
                    alert=rule.id,
                    article=story,
                    story=story,
                    revision=1,
                    passage=NO_PASSAGE,
                    matched_at=NOW,
                )
            ],
        )
    change(database, rule, NOW + HOUR, muted=("quiet",))
    assert make_due(database, EIGHT) == 2
    assert [stories(database, each) for each in made(database)] == [["loud"], ["loud"]]
    assert {
        each.article: each.held for each in matches.of_stories(database, ["loud", "quiet"])
    } == {
        "loud": "",
        "quiet": "muted",
    }
    each_once(database)


def test_what_waits_goes_out_together_at_its_slot(database: Database) -> None:
    rule = have(database, DAILY, channels=("desk", "phone"))
    for number in range(3):
        find(database, rule, f"story {number}", NOW + HOUR * number)
    assert make_due(database, EIGHT - SECOND) == 0
    assert make_due(database, EIGHT) == 2
    assert make_due(database, EIGHT) == 0
    first, second = made(database)
    assert {first.channel, second.channel} == {"desk", "phone"}
    assert first.occasion == "digest:2026-05-05T08:00:00+00:00"
    assert first.id == outbox.message_id(rule.id, "", first.occasion, first.channel)
    assert (first.state, first.slot, first.next_attempt) == ("due", EIGHT, EIGHT)
    assert first.said == {
        "from": "2026-05-04T08:00:00+00:00",
        "to": "2026-05-05T08:00:00+00:00",
        "count": 3,
    }
    assert stories(database, first) == ["story 0", "story 1", "story 2"]
    each_once(database)


def test_rules_and_channels_have_digests_of_their_own(database: Database) -> None:
    one, other = have(database, DAILY), have(database, DAILY, "storm")
    find(database, one, "a", NOW)
    find(database, other, "a", NOW)
    assert make_due(database, EIGHT) == 2
    assert [stories(database, each) for each in made(database)] == [["a"], ["a"]]


def test_what_arrives_late_goes_out_with_the_next(database: Database) -> None:
    rule = have(database, DAILY)
    find(database, rule, "in time", NOW)
    make_due(database, EIGHT)
    find(database, rule, "late", EIGHT - SECOND, slot=EIGHT)  # a worker was slow
    assert make_due(database, EIGHT + SECOND) == 0
    assert make_due(database, EIGHT + DAY) == 1
    assert [stories(database, each) for each in made(database)] == [["in time"], ["late"]]
    each_once(database)


def test_what_arrives_late_for_the_end_of_quiet_hours_goes_out_at_once(database: Database) -> None:
    rule = have(database, Timing(quiet=("22:00", "07:00")))
    morning = datetime(2026, 5, 5, 7, 0, tzinfo=NOW.tzinfo)
    find(database, rule, "in time", morning - HOUR)
    make_due(database, morning)
    find(database, rule, "late", morning - SECOND, slot=morning)
    make_due(database, morning + SECOND)
    assert make_due(database, morning + 2 * SECOND) == 1
    assert [stories(database, each) for each in made(database)] == [["in time"], ["late"]]
    each_once(database)


def test_after_an_outage_all_that_is_overdue_is_one_digest(database: Database) -> None:
    rule = have(database, HOURLY)
    for hours in range(5):
        find(database, rule, f"story {hours}", NOW + HOUR * hours)
    now = NOW + 9 * HOUR
    assert make_due(database, now) == 1
    (digest,) = made(database)
    assert digest.slot == now - HOUR + timedelta(minutes=15)
    assert len(stories(database, digest)) == 5
    each_once(database)


def test_a_digest_is_bounded_and_none_of_the_rest_is_lost(database: Database) -> None:
    maker = DigestMaker(database, most=4)
    rule = have(database, DAILY)
    for number in range(10):
        find(database, rule, f"story {number}", NOW + SECOND * number)
    for seconds in range(4):
        maker.make_due(EIGHT + SECOND * seconds)
    assert [stories(database, each) for each in made(database)] == [
        [f"story {number}" for number in some] for some in (range(4), range(4, 8), range(8, 10))
    ]
    each_once(database)


def test_five_thousand_matches_are_one_digest(database: Database) -> None:
    rule = have(database, DAILY)
    find(database, rule, map(str, range(4_995)), NOW)
    find(database, rule, ["d", "b", "a", "e", "c"], NOW - HOUR)
    assert make_due(database, EIGHT) == 1
    (digest,) = made(database)
    assert digest.said["count"] == 5_000
    # The oldest are named.
    assert {each.story for each in outbox.parts(database, digest.id, at_most=5)} == set("abcde")
    # What it was made from is not carried along.
    assert set(digest.said) == {"from", "to", "count"}
    assert database.outbox.count_documents({"state": "gathered", "digest": digest.id}) == 5_000


# The timing that holds


def test_a_digest_that_comes_more_often_now_brings_what_waits_forward(database: Database) -> None:
    rule = have(database, Timing(how="weekly", at="08:00", weekday=0))
    find(database, rule, "a", NOW)
    maker = DigestMaker(database)
    assert maker.make_due(NOW + HOUR) == 0
    change(database, rule, NOW + HOUR, timing=HOURLY)
    assert maker.make_due(NOW + HOUR + SECOND) == 0
    assert maker.make_due(NOW + HOUR + timedelta(minutes=15)) == 1
    each_once(database)


def test_a_digest_that_comes_more_rarely_now_has_what_waits_wait(database: Database) -> None:
    rule = have(database, HOURLY)
    find(database, rule, "a", NOW)
    change(database, rule, NOW, timing=DAILY)
    assert make_due(database, NOW + HOUR) == 0
    assert make_due(database, EIGHT - SECOND) == 0
    assert make_due(database, EIGHT) == 1
    each_once(database)


def test_a_rule_that_is_told_at_once_now_is_told_of_what_waits_at_once(database: Database) -> None:
    rule = have(database, DAILY)
    find(database, rule, ["a", "b"], NOW)
    maker = DigestMaker(database)
    maker.make_due(NOW)
    change(database, rule, NOW + SECOND, timing=Timing())
    assert maker.make_due(NOW + 2 * SECOND) == 1
    (digest,) = made(database)
    assert stories(database, digest) == ["a", "b"]
    each_once(database)


def test_at_once_with_quiet_hours_waits_for_their_end(database: Database) -> None:
    rule = have(database, DAILY)
    find(database, rule, "a", NOW)
    change(database, rule, NOW, timing=Timing(quiet=("11:00", "13:00")))
    assert make_due(database, NOW + SECOND) == 0
    assert make_due(database, NOW + HOUR) == 1
    each_once(database)


def test_what_a_worker_placed_by_the_timing_of_before_follows_soon(database: Database) -> None:
    rule = have(database, DAILY)
    maker = DigestMaker(database)
    change(database, rule, NOW, timing=HOURLY)
    maker.make_due(NOW + SECOND)
    find(database, rule, "a", NOW + SECOND)  # by the rule as it was
    maker.make_due(NOW + 3 * SECOND)
    assert maker.make_due(NOW + timedelta(minutes=15)) == 1
    each_once(database)


def test_the_rest_of_a_day_waits_for_its_end_whatever_else_is_changed(database: Database) -> None:
    rule = have(database, Timing(most=3))
    midnight = datetime(2026, 5, 5, tzinfo=NOW.tzinfo)
    find(database, rule, "a", NOW, slot=timing.place(rule.timing, NOW, told_today=3))
    maker = DigestMaker(database)
    maker.make_due(NOW)
    rule = change(database, rule, NOW, query="the harbour")
    assert maker.make_due(NOW + SECOND) == 0
    assert maker.make_due(midnight - SECOND) == 0
    assert maker.make_due(midnight) == 1
    find(database, rule, "b", midnight, slot=midnight + DAY)
    change(database, rule, midnight, timing=Timing())
    assert maker.make_due(midnight + SECOND) == 1
    each_once(database)


def test_what_waits_for_a_paused_rule_goes_out_when_it_is_in_force_again(
    database: Database,
) -> None:
    rule = have(database, DAILY)
    find(database, rule, "a", NOW)
    maker = DigestMaker(database)
    rule = change(database, rule, NOW, state="paused")
    for days in range(3):
        assert maker.make_due(EIGHT + DAY * days) == 0
    change(database, rule, EIGHT + 2 * DAY + HOUR, state="active")
    assert maker.make_due(EIGHT + 2 * DAY + HOUR) == 0
    assert maker.make_due(EIGHT + 3 * DAY) == 1
    each_once(database)


def test_what_waits_for_a_paused_rule_of_quiet_hours_goes_out_when_it_is_in_force_again(
    database: Database,
) -> None:
    rule = have(database, Timing(quiet=("11:00", "13:00")))
    find(database, rule, "a", NOW)
    maker = DigestMaker(database)
    rule = change(database, rule, NOW, state="paused")
    assert maker.make_due(NOW + HOUR) == 0
    change(database, rule, NOW + HOUR, state="active")
    assert maker.make_due(NOW + HOUR + SECOND) == 1
    each_once(database)


def test_what_waits_for_a_rule_that_was_removed_goes_with_it(database: Database) -> None:
    rule = have(database, DAILY)
    find(database, rule, "a", NOW)
    rules.remove(database, rule.id)
    find(database, rule, "b", NOW)  # a worker that did not know yet
    assert make_due(database, EIGHT) == 0
    assert database.outbox.count_documents({}) == 0


def test_a_channel_that_a_rule_had_is_sent_what_was_found_while_it_did(database: Database) -> None:
    rule = have(database, DAILY, channels=("desk", "phone"))
    find(database, rule, "a", NOW)
    change(database, rule, NOW, channels=("desk",))
    assert make_due(database, EIGHT) == 2


def test_a_broken_timing_harms_nobody_and_loses_nothing(database: Database) -> None:
    good, broken = have(database, DAILY), have(database, DAILY, "storm")
    find(database, good, "a", NOW)
    find(database, broken, "a", NOW)
    database.alerts.update_one(
        {"_id": broken.id}, {"$set": {"timing.zone": "Europe/Atlantis", "timing.even_empty": True}}
    )
    make_due(database, EIGHT)
    make_due(database, EIGHT + SECOND)
    each_once(database)


# Digests of nothing


def read_by(
    database: Database, name: str, *moments: datetime, failed: str = "", **values: object
) -> None:
    """Keep a source whose runs ended at these moments."""
    record = sources.Source(
        id=name,
        name=name,
        homepage=f"https://{name}.example/",
        next_due=NOW,
        added_at=NOW - 30 * DAY,
    )
    sources.add(database, attrs.evolve(record, **values))  # type: ignore[arg-type]
    for moment in moments:
        coverage.note(
            database,
            name,
            "failed" if failed else "done",
            reason=failed,
            counters={},
            started=moment,
            ended=moment,
        )


def test_a_digest_of_nothing_says_which_sources_were_read(database: Database) -> None:
    read_by(database, "herald", NOW, NOW + HOUR)
    read_by(database, "gazette", NOW, failed="no answer in 30 s")
    read_by(database, "courier", NOW - 3 * DAY)
    # It is asked once in two days, and was.
    read_by(database, "monthly", NOW - DAY, interval=2 * 86_400.0)
    # It is crawled on request, as it was this week.
    read_by(database, "annals", NOW - 4 * DAY, next_due=None)
    read_by(database, "tribune", state="paused")
    read_by(database, "newcomer", added_at=EIGHT + HOUR)
    have(database, attrs.evolve(DAILY, even_empty=True))
    maker = DigestMaker(database)
    assert maker.make_due(NOW) == 0
    assert maker.make_due(EIGHT) == 1
    assert maker.make_due(EIGHT + SECOND) == 0
    assert make_due(database, EIGHT + SECOND) == 0
    (digest,) = made(database)
    assert (digest.state, digest.slot) == ("due", EIGHT)
    assert digest.said == {
        "from": "2026-05-04T08:00:00+00:00",
        "to": "2026-05-05T08:00:00+00:00",
        "count": 0,
        "read": 3,
        "of": 6,
        "missing": [
            "courier (no run of it ended)",
            "gazette (its runs failed: no answer in 30 s)",
            "tribune (it is paused)",
        ],
    }


def test_a_digest_of_nothing_speaks_of_the_sources_that_its_rule_looks_at(
    database: Database,
) -> None:
    read_by(database, "herald", NOW, groups=("north",))
    read_by(database, "gazette", groups=("north",))
    read_by(database, "courier")
    of = attrs.evolve(DAILY, even_empty=True)
    have(database, of, "a", sources=("north",))
    have(database, of, "b", query="harbour source:herald")
    have(database, of, "c", noise=rules.Noise(without=("north",)))
    have(database, of, "d", query="@gone")
    assert make_due(database, EIGHT) == 4
    said = {each.alert[-1]: (each.said["read"], each.said["of"]) for each in made(database)}
    assert said == {"a": (1, 2), "b": (1, 1), "c": (0, 1), "d": (1, 3)}


def test_a_digest_goes_out_even_empty_only_where_it_is(database: Database) -> None:
    full = have(database, attrs.evolve(DAILY, even_empty=True))
    have(database, DAILY, "storm")
    have(database, attrs.evolve(DAILY, even_empty=True), "paused", state="paused")
    find(database, full, "a", NOW)
    assert make_due(database, EIGHT) == 1
    find(database, full, "late", EIGHT - SECOND, slot=EIGHT)
    assert make_due(database, EIGHT + SECOND) == 0
    assert make_due(database, EIGHT + DAY) == 1
    assert make_due(database, EIGHT + 2 * DAY) == 1
    assert [each.said["count"] for each in made(database)] == [1, 1, 0]


def test_nothing_is_said_of_the_time_before_a_rule_was_what_it_is(database: Database) -> None:
    rule = have(database, DAILY)
    maker = DigestMaker(database)
    maker.make_due(EIGHT)
    change(database, rule, EIGHT + HOUR, timing=attrs.evolve(DAILY, even_empty=True))
    assert maker.make_due(EIGHT + HOUR) == 0
    assert make_due(database, EIGHT + 2 * HOUR) == 0
    assert maker.make_due(EIGHT + DAY) == 1


def test_after_an_outage_one_digest_of_nothing_goes_out(database: Database) -> None:
    have(database, attrs.evolve(HOURLY, even_empty=True))
    maker = DigestMaker(database)
    maker.make_due(NOW)
    assert maker.make_due(NOW + 9 * HOUR) == 1
    assert maker.make_due(NOW + 9 * HOUR + SECOND) == 0
    assert make_due(database, NOW + 9 * HOUR + SECOND) == 0
    assert maker.make_due(NOW + 10 * HOUR) == 1


# Costs


def test_nothing_to_do_is_two_questions(database: Database) -> None:
    rule = have(database, attrs.evolve(DAILY, even_empty=True))
    find(database, rule, "a", NOW)
    commands = Commands()
    maker = DigestMaker(listened(database, commands))
    for seconds in (0, 5, 15, 70, 80):
        maker.make_due(NOW + SECOND * seconds)
    commands.names.clear()
    for seconds in range(90, 100):
        maker.make_due(NOW + SECOND * seconds)
    assert commands.names == ["find", "find"] * 10
