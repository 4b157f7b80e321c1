"""The archive's promises, each on a real MongoDB."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from newsbot.archive import (
    articles,
    changes,
    channels,
    matches,
    outbox,
    pages,
    runs,
    schema,
    sources,
)
from newsbot.archive.articles import Kept
from newsbot.archive.connection import ArchiveError, Database, connect
from newsbot.archive.matches import Match, Passage
from newsbot.archive.outbox import Message
from newsbot.archive.pages import Visit
from newsbot.archive.sources import Source, SourceExistsError
from newsbot.config import Config
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.revisits import RevisitPlan
from newsbot.text.dates import ParsedDate

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
BODY = " ".join(f"word{number}" for number in range(60))


def article(
    path: str, *, body: str = BODY, title: str = "A headline", source: str = "s"
) -> Article:
    url = f"https://{source}.example/{path}"
    return Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source=source,
        fetched_at=NOW,
        title=title,
        body=body,
        published=ParsedDate(NOW.date(), NOW, "test"),
    )


def keep(database: Database, *found: Article, now: datetime = NOW) -> list[Kept]:
    return articles.keep(database, articles.judge(database, [*map(Candidate.of, found)]), now=now)


def verdicts(kept: list[Kept]) -> list[str]:
    return [each.verdict for each in kept]


def test_an_article_is_kept_once_and_comes_back_as_it_was(database: Database) -> None:
    first = article("a")
    assert verdicts(keep(database, first)) == ["new"]
    articles.finish(database, keep(database, first))
    assert verdicts(keep(database, first)) == ["known"]
    stored = articles.get(database, first.id)
    assert stored is not None
    assert stored.article == first


def test_what_was_stored_and_not_finished_is_still_to_do(database: Database) -> None:
    first = article("a")
    keep(database, first)
    assert verdicts(keep(database, first)) == ["new"]
    later = NOW + timedelta(minutes=1)
    (left,) = articles.unfinished(database, before=later)
    assert left.article.id == first.id
    articles.finish(database, [left])
    assert articles.unfinished(database, before=later) == []


def test_to_finish_what_was_kept_in_part_finishes_not_the_whole(database: Database) -> None:
    whole = article("a")
    part = attrs.evolve(whole, body="word1 word2", partial="refused_wall")
    kept = keep(database, part)
    assert verdicts(keep(database, whole)) == ["completed"]
    articles.finish(database, kept)
    (left,) = articles.unfinished(database, before=NOW + timedelta(minutes=1))
    assert left.article.body == BODY
    articles.finish(database, [left])
    assert articles.unfinished(database, before=NOW + timedelta(minutes=1)) == []


def test_an_edit_keeps_what_was_said_before(database: Database) -> None:
    first = article("a")
    articles.finish(database, keep(database, first))
    edited = attrs.evolve(first, title="A headline, corrected")
    (kept,) = keep(database, edited, now=NOW + timedelta(hours=1))
    assert (kept.verdict, kept.record.revision) == ("edited", 2)
    assert kept.record.first_seen == NOW
    (before,) = articles.revisions(database, kept)
    assert (before.title, before.number) == ("A headline", 1)
    # Back again, and forth: each is an edit, none is lost.
    for number, title in enumerate(("A headline", "A headline, corrected"), start=3):
        articles.finish(database, [kept])
        (kept,) = keep(database, attrs.evolve(first, title=title))
        assert kept.record.revision == number
    assert [each.title for each in articles.revisions(database, kept)] == [
        "A headline",
        "A headline, corrected",
        "A headline",
    ]


def test_spacing_case_and_accents_are_no_edit(database: Database) -> None:
    first = article("a", title="Café opens")
    articles.finish(database, keep(database, first))
    assert verdicts(keep(database, attrs.evolve(first, title="CAFE  opens"))) == ["known"]


def test_the_same_text_at_two_addresses_of_a_source_is_one_article(database: Database) -> None:
    first, again = article("a"), article("a?print=1")
    assert verdicts(keep(database, first, again)) == ["new", "duplicate"]
    assert verdicts(keep(database, article("b"))) == ["duplicate"]
    stored = articles.get(database, first.id)
    assert stored is not None
    assert set(stored.record.also_at) == {again.url, "https://s.example/b"}
    assert articles.count(database) == 1


def test_two_short_flashes_of_the_same_words_are_two_articles(database: Database) -> None:
    flashes = [article("a", body="Storm warning lifted"), article("b", body="Storm warning lifted")]
    assert verdicts(keep(database, *flashes)) == ["new", "new"]
    assert len({each.record.story for each in keep(database, *flashes)}) == 2


def test_the_same_text_of_two_sources_is_two_articles_of_one_story(database: Database) -> None:
    kept = keep(database, article("a", source="one"), article("a", source="two", title="Other"))
    assert verdicts(kept) == ["new", "new"]
    assert kept[0].record.story == kept[1].record.story
    told = articles.of_story(database, kept[0].record.story)
    assert {each.article.source for each in told} == {"one", "two"}


def test_four_writers_at_once_keep_each_article_once(database: Database) -> None:
    found = [article(str(number), body=f"{BODY} {number}") for number in range(200)]
    results: list[str] = []

    def write() -> None:
        for start in range(0, 200, 20):
            results.extend(verdicts(keep(database, *found[start : start + 20])))

    writers = [threading.Thread(target=write) for _ in range(4)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert articles.count(database) == 200
    assert database.revisions.count_documents({}) == 0
    assert len(results) == 800


def test_four_editors_at_once_make_each_edit_once(database: Database) -> None:
    first = article("a")
    articles.finish(database, keep(database, first))
    edited = attrs.evolve(first, body=BODY + " more")
    editors = [threading.Thread(target=keep, args=(database, edited)) for _ in range(4)]
    for each in editors:
        each.start()
    for each in editors:
        each.join()
    stored = articles.get(database, first.id)
    assert stored is not None
    assert stored.record.revision == 2
    assert database.revisions.count_documents({}) == 1


def test_a_source_has_one_active_run(database: Database) -> None:
    first = runs.request(database, "s", trigger="poll", occasion="one", now=NOW)
    assert first is not None
    assert runs.request(database, "s", trigger="poll", occasion="two", now=NOW) is None
    held = runs.take(database, first, owner="me", seconds=10, now=NOW)
    assert held is not None
    assert runs.finish(database, held, state="done", now=NOW, counters={"new": 1})
    assert runs.request(database, "s", trigger="poll", occasion="one", now=NOW) is None
    assert runs.request(database, "s", trigger="poll", occasion="three", now=NOW) is not None


def test_a_lease_is_taken_by_one_of_many(database: Database) -> None:
    run = runs.request(database, "s", trigger="poll", occasion="one", now=NOW)
    assert run is not None
    taken: list[str] = []

    def take(owner: str) -> None:
        if runs.take(database, run, owner=owner, seconds=10, now=NOW):
            taken.append(owner)

    takers = [threading.Thread(target=take, args=(f"worker-{n}",)) for n in range(8)]
    for each in takers:
        each.start()
    for each in takers:
        each.join()
    assert len(taken) == 1


def test_a_run_whose_worker_is_silent_goes_to_another_and_the_first_must_stop(
    database: Database,
) -> None:
    run = runs.request(database, "s", trigger="poll", occasion="one", now=NOW)
    assert run is not None
    first = runs.take(database, run, owner="first", seconds=10, now=NOW)
    assert first is not None
    assert runs.claimable(database, NOW + timedelta(seconds=5), at_most=9) == []
    (free,) = runs.claimable(database, NOW + timedelta(seconds=11), at_most=9)
    second = runs.take(database, free, owner="second", seconds=10, now=NOW + timedelta(seconds=11))
    assert second is not None
    assert second.attempt == 2
    late = {"now": NOW + timedelta(seconds=12), "counters": {}, "log": ()}
    assert not runs.renew(database, first, seconds=10, **late)
    assert not runs.finish(database, first, state="done", **late)
    assert runs.renew(database, second, seconds=10, **late)


def test_a_source_is_known_by_its_homepage(database: Database) -> None:
    source = Source(
        id=sources.source_id("https://News.example"),
        name="news",
        homepage="https://news.example/",
        added_at=NOW,
    )
    sources.add(database, source)
    assert sources.find(database, "https://news.example") == source
    with pytest.raises(SourceExistsError):
        sources.add(database, attrs.evolve(source, name="other"))


def test_visited_pages_are_not_fetched_again(database: Database) -> None:
    visit(database, "https://x.example/article", "article")
    visit(database, "https://x.example/hub", "not-article")
    urls = ["https://x.example/article", "https://x.example/hub", "https://x.example/new"]
    assert pages.unseen(database, urls) == {"https://x.example/new": pages.UNTRIED}

    hour = NOW + timedelta(hours=1)
    assert pages.due(database, "s", NOW, at_most=9) == []
    (revisit,) = pages.due(database, "s", hour, at_most=9)
    assert (revisit.url, revisit.visits) == ("https://x.example/article", 1)
    visit(database, revisit.url, "failed", revisit=1)
    (again,) = pages.due(database, "s", hour + timedelta(hours=2), at_most=9)
    assert (again.url, again.visits, again.failures) == ("https://x.example/article", 1, 1)
    assert pages.unseen(database, [again.url]) == {}
    visit(database, again.url, "article", revisit=2)
    assert pages.due(database, "s", hour + timedelta(days=9), at_most=9) == []


def test_a_page_that_failed_is_tried_again_with_growing_pauses_and_then_left_alone(
    database: Database,
) -> None:
    url, moment = "https://x.example/broken", NOW
    for failures, pause in enumerate(pages.RETRY_AFTER):
        visit(database, url, "failed", failures=failures, at=moment, said={"title": "A"})
        assert pages.unseen(database, [url], now=moment) == {}
        assert pages.unseen(database, [url]) == {url: pages.Tried(failures + 1)}
        assert pages.due(database, "s", moment, at_most=9) == []
        assert len(pages.due(database, "s", moment, at_most=9, impatient=True)) == 1
        moment += timedelta(seconds=pause)
        (due,) = pages.due(database, "s", moment, at_most=9)
        assert (due.visits, due.failures, due.said) == (0, failures + 1, {"title": "A"})
    visit(database, url, "failed", failures=len(pages.RETRY_AFTER), at=moment)
    assert pages.unseen(database, [url]) == {}
    assert pages.due(database, "s", moment + timedelta(days=99), at_most=9) == []


def test_a_page_that_failed_and_is_read_at_last_is_looked_at_again_like_any(
    database: Database,
) -> None:
    visit(database, "https://x.example/late", "failed", said={"title": "A"})
    visit(database, "https://x.example/late", "article", failures=1)
    (due,) = pages.due(database, "s", NOW + timedelta(hours=1), at_most=9)
    assert (due.visits, due.failures, due.said) == (1, 0, {})


@pytest.mark.parametrize(
    "twin",
    [
        "http://x.example/a/the-story-of-it",
        "https://www.x.example/a/the-story-of-it/",
        "http://x.example/a/the-story-of-it?utm_source=rss",
        "https://x.example/a/the-story-of-it/amp/",
    ],
)
def test_the_addresses_of_one_page_are_one(twin: str, database: Database) -> None:
    visit(database, "https://x.example/a/the-story-of-it", "article")
    assert pages.unseen(database, [twin]) == {}


def visit(
    database: Database, url: str, outcome: pages.Outcome, *, at: datetime = NOW, **about: Any
) -> None:
    made = Visit(url=url, source="s", outcome=outcome, at=at, **about)
    pages.mark(database, [made], RevisitPlan((3600.0, 7200.0)))


def test_a_page_is_looked_at_again_where_its_link_led_and_not_at_its_canonical_address(
    database: Database,
) -> None:
    linked, canonical = "https://m.x.example/a?utm_source=feed", "https://www.x.example/a"
    seen = Visit(url=canonical, address=linked, source="s", outcome="article", at=NOW)
    pages.mark(database, [seen], RevisitPlan((3600.0, 7200.0)))
    hour = NOW + timedelta(hours=1)
    (revisit,) = pages.due(database, "s", hour, at_most=9)
    assert (revisit.url, revisit.address) == (canonical, linked)
    again = Visit(url=canonical, address=linked, source="s", outcome="failed", at=hour, revisit=1)
    pages.mark(database, [again], RevisitPlan((3600.0, 7200.0)))
    (later,) = pages.due(database, "s", hour + timedelta(hours=2), at_most=9)
    assert later.address == linked


def test_a_match_is_recorded_once_and_a_story_told_once(database: Database) -> None:
    channel = channels.add(database, kind="webhook", target="https://desk.example/hook").id

    def record(name: str) -> int:
        match = Match(
            id=matches.match_id("rule", name),
            alert="rule",
            article=name,
            story="story",
            revision=1,
            matched_at=NOW,
            passage=Passage(text="x"),
        )
        message = Message(
            id=outbox.message_id("rule", "story", "first", channel),
            alert="rule",
            article=name,
            story="story",
            occasion="first",
            channel=channel,
            passage=match.passage,
            created_at=NOW,
            next_attempt=NOW,
        )
        outbox.put(database, [message])
        return matches.record(database, [match])

    assert [record("one"), record("one"), record("two")] == [1, 0, 1]
    assert database.matches.count_documents({}) == 2
    (message,) = outbox.deliverable(database, NOW)
    assert message.article == "one"


def test_changes_are_seen_and_resumed_from_where_they_were(database: Database) -> None:
    def seen(stream: changes.Stream) -> list[str]:
        found = []
        while (change := stream.next()) is not None:
            found.append(change.article)
        return found

    first, second = article("a"), article("b", body=BODY + " b")
    with changes.open_stream(database, None) as stream:
        assert not stream.resumed
        kept = keep(database, first)
        articles.finish(database, kept)
        assert seen(stream) == [first.id], "that it is finished is no news to a reader"
        token = stream.token
    keep(database, second)
    database.articles.delete_one({"_id": first.id})
    with changes.open_stream(database, token) as stream:
        assert stream.resumed
        assert seen(stream) == [second.id, first.id]


def test_data_of_a_newer_newsbot_is_refused(settings: Config, database: Database) -> None:
    database.meta.update_one({"_id": "schema"}, {"$set": {"version": len(schema.MIGRATIONS) + 1}})
    with pytest.raises(ArchiveError, match="schema version"), connect(settings):
        pass


def test_an_upgrade_may_be_repeated(database: Database) -> None:
    database.meta.delete_many({})
    schema.upgrade(database.raw, database.sealer)
    schema.upgrade(database.raw, database.sealer)
    assert database.meta.find_one({"_id": "schema"})["version"] == len(schema.MIGRATIONS)
