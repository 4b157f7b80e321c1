"""Rewrites of one event are one story; two events of one kind are two."""

import gzip
import itertools
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsbot.alerts.matches import announce
from newsbot.archive import articles, channels, events, rules, stories
from newsbot.archive.connection import Database
from newsbot.archive.kept import Kept
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.events import COMMON, Facts, contradict, facts, likeness, same_event
from newsbot.extraction import extract
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from newsbot.text.dates import ParsedDate
from newsbot.text.rarity import weight
from newsbot.text.tokens import words
from tests.event_reports import OTHER, SAME, Report

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


def told(report: Report) -> Facts:
    """Return what a report tells of its event."""
    language, headline, text = report
    found = facts(words(headline), words(text), language)
    assert found is not None
    return found


@pytest.mark.parametrize("event", SAME)
def test_two_reports_of_one_event_are_recognised(event: str) -> None:
    one, other = map(told, SAME[event])
    assert same_event(one, [other]) > 0
    assert len({*one.telling()} & {*other.telling()}) >= COMMON, (
        "the one does not lead to the other"
    )


@pytest.mark.parametrize("kind", OTHER)
def test_two_events_of_one_kind_are_two(kind: str) -> None:
    one, other = map(told, OTHER[kind])
    assert same_event(one, [other]) == 0


def test_no_report_of_an_event_is_taken_for_one_of_another() -> None:
    all_reports = [report for pair in (*SAME.values(), *OTHER.values()) for report in pair]
    alike = {frozenset(pair) for pair in SAME.values()}
    # The trial and its verdict stand in both lists.
    verdicts = frozenset({*SAME["verdict"], OTHER["two trials in one court"][1]})
    for one, other in itertools.combinations(dict.fromkeys(all_reports), 2):
        if frozenset({one, other}) not in alike and not verdicts.issuperset({one, other}):
            assert same_event(told(one), [told(other)]) == 0, (one[1], other[1])


def test_what_is_told_comes_back_as_it_was_packed() -> None:
    before = told(SAME["ceasefire"][0])
    after = Facts.unpacked(before.packed())
    assert after.numbers == before.numbers
    assert likeness(before, after) == pytest.approx(1.0)
    assert not contradict(before, after)


def test_a_text_that_tells_too_little_tells_of_no_event() -> None:
    assert facts(words("Breaking"), words("More soon from the harbour"), "en") is None
    assert facts([], [], "ar") is None
    one = SAME["ferry"][0]
    for unknown in ("", "zu", "xx-YY"):  # which of its words are common is not known
        assert facts(words(one[1]), words(one[2]), unknown) is None
    assert facts(words(one[1]), words(one[2]), "en-GB") is not None


def test_rare_words_and_numbers_tell_more_than_common_ones() -> None:
    assert weight("the", "en") == 0
    assert weight("said", "en") < weight("ferry", "en") < weight("skerrow", "en")
    assert weight("2026", "en") < weight("212", "en")
    assert weight("7", "en") == 0
    assert weight("قال", "ar") < weight("ليندغرين", "ar")


@pytest.mark.shared
def test_no_two_labelled_pages_far_apart_in_time_are_taken_for_one_event(shared: Path) -> None:
    read = []
    for folder in (shared / "eval/cases/aeb", shared / "eval/cases/fundus_pub"):
        for line in (folder / "labels.jsonl").read_text("utf8").splitlines():
            label = json.loads(line)
            page = extract(
                gzip.decompress((folder / "pages" / label["page"]).read_bytes()), label["url"]
            )
            found = facts(words(page.title), words(page.body), page.language)
            if found is not None and page.published is not None:
                read.append((found, page.published.day))
    wrong = pairs = 0
    for (one, day), (other, later) in itertools.combinations(read, 2):
        if abs((day - later).days) > 30 and not one.terms.keys().isdisjoint(other.terms):
            pairs += 1
            wrong += same_event(one, [other]) > 0
    assert pairs > 1_000
    assert wrong == 0


# In the archive


def article(report: Report, source: str, *, at: datetime = NOW) -> Article:
    """Return an article as a source publishes it."""
    language, headline, text = report
    url = f"https://{source}.example/{abs(hash(report)):x}"
    return Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source=source,
        fetched_at=at,
        title=headline,
        body=text,
        language=language,
        published=ParsedDate(at.date(), at, "test"),
    )


def publish(database: Database, *found: Article, now: datetime = NOW) -> list[Kept]:
    """Store and announce articles as a crawl does."""
    judged = articles.judge(database, [*map(Candidate.of, found)])
    kept = articles.keep(database, judged, now=now)
    announce(database, kept, now=now)
    return kept


def heads_of(database: Database, *kept: Kept) -> set[str]:
    """Return the stories that these articles are of."""
    return set(stories.heads(database, [each.record.story for each in kept]).values())


def test_rewrites_of_one_event_become_one_story_the_first_seen(database: Database) -> None:
    one, other = SAME["ferry"]
    (first,) = publish(database, article(one, "herald"))
    (second,) = publish(database, article(other, "post"), now=NOW + timedelta(hours=2))
    assert first.record.story != second.record.story
    assert heads_of(database, first, second) == {first.record.story}
    assert [each.article.source for each in articles.of_story(database, second.record.story)] == [
        "herald",
        "post",
    ]


def test_what_is_days_apart_or_of_one_source_stays_apart(database: Database) -> None:
    one, other = SAME["ferry"]
    kept = [
        *publish(database, article(one, "herald")),
        *publish(database, article(other, "herald")),
    ]
    one, other = SAME["merger"]
    week = NOW + timedelta(days=7)
    kept += publish(database, article(one, "kurier"))
    kept += publish(database, article(other, "anzeiger", at=week), now=week)
    assert len(heads_of(database, *kept)) == 4


def test_events_of_one_kind_stay_apart(database: Database) -> None:
    kept = [
        each
        for number, report in enumerate(itertools.chain(*OTHER.values()))
        for each in publish(database, article(report, f"paper{number}"))
    ]
    assert len(heads_of(database, *kept)) == len(kept)


def test_an_alert_tells_an_event_once_whoever_reports_it(database: Database) -> None:
    channel = channels.add(database, kind="webhook", target="http://127.0.0.1:9/hook").id
    rule = Rule(id="r", name="r", query="halloran", channels=(channel,), created_at=NOW)
    rules.add(database, rule)
    one, other = SAME["ferry"]
    publish(database, article(one, "herald"))
    publish(database, article(other, "post"), now=NOW + timedelta(hours=1))
    publish(database, article(one, "post"), now=NOW + timedelta(hours=2))
    assert database.matches.count_documents({}) == 3
    assert database.outbox.count_documents({}) == 1


def test_what_was_told_stays_told_when_an_earlier_story_comes_to_stand_for_it(
    database: Database,
) -> None:
    channel = channels.add(database, kind="webhook", target="http://127.0.0.1:9/hook").id
    rule = Rule(id="r", name="r", query="halloran", channels=(channel,), created_at=NOW)
    rules.add(database, rule)
    one, other = SAME["ferry"]
    (early,) = publish(database, article(OTHER["two deaths of one day"][1], "gazette"))
    (first,) = publish(database, article(one, "herald"), now=NOW + timedelta(hours=1))
    assert database.outbox.count_documents({}) == 1
    stories.link(database, first.record.story, early.record.story, how="test")
    publish(database, article(other, "post"), now=NOW + timedelta(hours=2))
    assert database.outbox.count_documents({}) == 1


def test_lists_show_an_event_once(database: Database, settings: Config) -> None:
    one, other = SAME["ceasefire"]
    publish(database, article(one, "herald"))
    publish(database, article(other, "post"))
    publish(database, article(SAME["launch"][0], "kurier"))
    catch_up(settings, database)
    listed = Reader(settings, database).newest(10).hits
    assert sorted(each.more for each in listed) == [0, 1]


def test_two_workers_that_meet_reports_of_one_event_at_once_agree(database: Database) -> None:
    pairs = list(SAME.values())
    kept: list[Kept] = []
    meeting = threading.Barrier(2)

    def work(side: int) -> None:
        for pair in pairs:
            meeting.wait(30)
            kept.extend(publish(database, article(pair[side], f"paper{side}")))

    workers = [threading.Thread(target=work, args=(side,)) for side in (0, 1)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)
    assert len(kept) == 2 * len(pairs)
    assert len(heads_of(database, *kept)) == len(pairs)


def test_an_event_of_many_reports_is_known_by_a_few_of_them_and_then_forgotten(
    database: Database,
) -> None:
    one, other = SAME["ferry"]
    kept = [
        each
        for number in range(9)
        for each in publish(database, article((one, other)[number % 2], f"paper{number}"))
    ]
    assert len(heads_of(database, *kept)) == 1
    assert database.events.count_documents({}) <= events.MOST + 1
    assert events.prune(database, now=NOW + timedelta(days=events.KEPT, hours=1)) > 0
    assert database.events.count_documents({}) == 0
