"""Which looks for edits are made, and when."""

from datetime import UTC, datetime, timedelta

from newsbot.revisits import FLOOR, Edits, Gone, RevisitPlan, after_doubt

NOW = datetime(2026, 3, 2, tzinfo=UTC)
AFTER = (3_600.0, 10_800.0, 43_200.0, 86_400.0, 259_200.0, 604_800.0)
URLS = [f"https://a.example/{number}" for number in range(1_000)]


def looks(plan: RevisitPlan, url: str) -> list[float]:
    """Return when each look at a page is made, in seconds from its first visit."""
    made, look, moment = [], -1, NOW
    while (following := plan.following(url, look, moment)) is not None:
        look, moment = following
        made.append((moment - NOW).total_seconds())
    return made


def test_the_looks_follow_the_plan_from_the_first_visit() -> None:
    assert looks(RevisitPlan(AFTER), URLS[0]) == list(AFTER)


def test_what_was_published_together_is_not_looked_at_together() -> None:
    plan = RevisitPlan(AFTER, spread=0.1)
    first = [looks(plan, url)[0] for url in URLS]
    assert 3_200 < min(first) < 3_400
    assert 3_800 < max(first) < 4_000
    assert len({round(each / 60) for each in first}) >= 10


def test_a_source_that_never_edits_is_looked_at_less_and_not_never() -> None:
    edits = Edits().after([(0, False)] * 100)
    plan = RevisitPlan(AFTER, edits, worth=0.02)
    first = sum(looks(plan, url)[0] == 3_600 for url in URLS)
    assert 0.7 * len(URLS) / FLOOR < first < 1.3 * len(URLS) / FLOOR
    # The looks of which nothing is known yet are all made.
    assert all(len(looks(plan, url)) >= 5 for url in URLS)


def test_a_source_that_begins_to_edit_is_found_again() -> None:
    edits = Edits().after([(0, False)] * 5_000)
    assert edits.share(0) < 0.02
    assert edits.after([(0, True)] * 5).share(0) > 0.02


def test_there_is_an_end_of_it() -> None:
    assert RevisitPlan(AFTER).following(URLS[0], 5, NOW) is None
    assert RevisitPlan(()).following(URLS[0], -1, NOW) is None
    assert RevisitPlan((60.0, 0.0)).following(URLS[0], 0, NOW) == (1, NOW + timedelta(0))


def test_a_page_is_gone_for_good_after_three_visits_over_a_day() -> None:
    def after(*hours: float) -> Gone:
        found = None
        for hour in hours:
            found = Gone.after(found, NOW + timedelta(hours=hour))
        assert found is not None
        return found

    assert not after(0).for_good
    assert not after(0, 30).for_good
    assert not after(0, 1, 2, 3).for_good
    assert after(0, 13, 26).for_good
    assert after(0, 1, 2, 30).for_good
    # Looked at so that three visits over a day happen; then now and then, in case that it returns.
    assert after(0).following(NOW) == NOW + timedelta(hours=13)
    deleted = after(0, 13, 26)
    assert deleted.following(deleted.last) == NOW + timedelta(days=7)
    assert deleted.following(NOW + timedelta(days=8)) == NOW + timedelta(days=30)
    assert deleted.following(NOW + timedelta(days=31)) is None


def test_a_look_that_is_not_believed_is_made_again_three_times() -> None:
    pauses = [after_doubt(NOW, looks) for looks in (1, 2, 3, 4)]
    assert all(each and each - NOW > timedelta(hours=6) for each in pauses[:3])
    assert pauses[3] is None
