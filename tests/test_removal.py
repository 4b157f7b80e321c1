"""One article out of everything, unless it is held; and it does not come back."""

import gzip
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from newsbot.alerts.matches import announce
from newsbot.archive import (
    articles,
    audit,
    channels,
    frontier,
    holds,
    pages,
    removal,
    removed,
    rules,
    sources,
)
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.frontier import Link
from newsbot.archive.holds import Hold, Kind, hold_id
from newsbot.archive.rules import Rule
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.fetching.captures import Provenance
from newsbot.fetching.raw_files import closed_files
from newsbot.items import Article
from newsbot.keeping import removing
from newsbot.keeping.holding import HoldError, Holds
from newsbot.keeping.removing import HeldError
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from tests.test_archive import BODY, article, keep, verdicts
from tests.test_warc import capture, raw_files

NOW = datetime.now(UTC).replace(microsecond=0)
SECRET = BODY + " whistleblower named here"


@pytest.fixture(autouse=True)
def _this_moment() -> None:
    """Begin each test now: a suite takes longer than what these tests wait for."""
    global NOW
    NOW = datetime.now(UTC).replace(microsecond=0)


def hold(database: Database, kind: Kind, what: str) -> Hold:
    made = Hold(id=hold_id(kind, what), kind=kind, what=what, reason="file 7", by="me", at=NOW)
    assert holds.add(database, made)
    return made


def stored(database: Database, *found: Article) -> list[Kept]:
    kept = keep(database, *found, now=NOW)
    announce(database, kept, now=NOW)
    return kept


def remove(settings: Config, database: Database, kept: Kept) -> removing.Done:
    return removing.remove(settings, database, kept, why="court order 12", now=NOW)


def everything(database: Database) -> str:
    return str([list(database.raw[name].find({})) for name in database.raw.list_collection_names()])


def test_nothing_of_a_removed_article_is_left_anywhere(
    settings: Config, database: Database
) -> None:
    rules.add(
        database,
        Rule(
            id="r",
            name="r",
            query="whistleblower",
            channels=(channels.add(database, kind="webhook", target="http://127.0.0.1:1/").id,),
            created_at=NOW,
        ),
    )
    first = article("the-secret-slug", body=SECRET, title="Secret headline")
    stored(database, first)
    (kept,) = stored(database, attrs.evolve(first, title="Secret headline, edited"))
    assert kept.record.revision == 2
    database.pages.insert_one(
        {
            "_id": pages.page_id(first.url),
            "url": first.url,
            "source": "s",
            "outcome": "article",
            "article": first.id,
            "fetched_at": NOW,
            "visits": 1,
        }
    )
    said = {"title": "Secret headline", "summary": "whistleblower"}
    links = [
        Link(url=first.url, address=first.url, said=said),
        Link(url="https://s.example/other", address="https://s.example/other"),
    ]
    chunk = frontier.chunk(links, source="s", lane="l", found_at=NOW, newest=NOW)
    frontier.put(database, [chunk])
    files = raw_files(settings.data_dir)
    of_it = Provenance(source="s", link=first.url)
    for number in (1, 2):
        files.write(capture(url=first.url, body=b"<p>whistleblower</p>" * number, provenance=of_it))
    # The second page of it stands at another address; the link that led there was the article's.
    second = attrs.evolve(of_it, part=2)
    files.write(capture(url=first.url + "/page2", body=b"<p>whistleblower</p>", provenance=second))
    files.write(capture(url="https://s.example/other", body=b"<p>innocent</p>" * 50))
    files.close()
    catch_up(settings, database)
    assert Reader(settings, database).search("whistleblower").total == 1
    assert "whistleblower" in everything(database)

    done = remove(settings, database, kept)
    assert done.met["raw"] == 3
    assert done.met["links"] == 1
    catch_up(settings, database)
    assert Reader(settings, database).search("whistleblower").total == 0
    left = everything(database).replace("'query': 'whistleblower'", "")
    assert "whistleblower" not in left
    assert "Secret" not in left
    assert "secret-slug" not in left
    (path,) = closed_files(settings.data_dir)
    raw = gzip.decompress(path.read_bytes())
    assert b"whistleblower" not in raw
    assert b"secret-slug" not in raw
    assert b"innocent" in raw
    begun, ended = reversed(audit.about(database, first.id))
    assert (begun.action, begun.why, ended.action) == ("remove", "court order 12", "removed")
    assert begun.by == audit.acting_user()


def test_a_removed_article_does_not_come_back(settings: Config, database: Database) -> None:
    first = article("a", body=SECRET)
    (kept,) = stored(database, first)
    remove(settings, database, kept)
    assert verdicts(keep(database, first)) == ["removed"]
    moved = article("moved", body=SECRET)
    assert verdicts(keep(database, moved, article("b", body="Other words. " * 30))) == [
        "removed",
        "new",
    ]
    assert pages.unseen(database, [first.url, "https://s.example/new"]) == {
        "https://s.example/new": pages.UNTRIED
    }
    other_paper = article("a", body=SECRET, source="t")
    assert verdicts(keep(database, other_paper)) == ["new"]
    stone = removed.get(database, first.id)
    assert stone is not None
    removed.lift(database, stone)
    assert verdicts(keep(database, first)) == ["new"]
    assert first.url in pages.unseen(database, [first.url])


def test_what_was_in_hand_while_it_was_removed_does_not_stay(
    settings: Config, database: Database
) -> None:
    first = article("a", body=SECRET)
    (kept,) = stored(database, first)
    from newsbot.reading import Candidate

    edited = attrs.evolve(first, title="Another headline")
    judged = articles.judge(database, [Candidate.of(edited)])
    remove(settings, database, kept)
    assert verdicts(articles.keep(database, judged, now=NOW)) == ["removed"]
    # A process that judged it new before the tombstone stood, and stores it after.
    fresh = attrs.evolve(judged[0], verdict="new", stored=None)
    assert verdicts(articles.keep(database, [fresh], now=NOW)) == ["removed"]
    assert articles.get(database, first.id) is None
    assert database.revisions.count_documents({}) == 0
    removing.settle(settings, database, now=NOW + timedelta(hours=1))
    assert removed.left_open(database) == []


def test_a_message_that_waits_tells_of_another_copy(settings: Config, database: Database) -> None:
    hook = channels.add(database, kind="webhook", target="http://127.0.0.1:1/").id
    rule = Rule(id="r", name="r", query="whistleblower", channels=(hook,), created_at=NOW)
    rules.add(database, rule)
    first, copy = article("a", body=SECRET), article("a", body=SECRET, source="t")
    (kept,) = stored(database, first)
    stored(database, copy)
    (before,) = database.outbox.find({})
    assert before["article"] == first.id
    remove(settings, database, kept)
    (after,) = database.outbox.find({})
    assert after["article"] == copy.id
    (kept,) = articles.many(database, [copy.id]).values()
    remove(settings, database, kept)
    assert database.outbox.count_documents({}) == 0


def test_a_story_that_was_told_is_not_told_again(settings: Config, database: Database) -> None:
    hook = channels.add(database, kind="webhook", target="http://127.0.0.1:1/").id
    rule = Rule(id="r", name="r", query="whistleblower", channels=(hook,), created_at=NOW)
    rules.add(database, rule)
    (kept,) = stored(database, article("a", body=SECRET))
    database.outbox.update_many({}, {"$set": {"state": "sent"}})
    remove(settings, database, kept)
    stored(database, article("a", body=SECRET, source="t"))
    (message,) = database.outbox.find({})
    assert (message["state"], message["passage"]["text"]) == ("sent", "")


@pytest.mark.parametrize("kind", ["article", "query", "source"])
def test_what_is_held_is_not_removed(settings: Config, database: Database, kind: Kind) -> None:
    (kept,) = stored(database, article("a", body=SECRET))
    what = {"article": kept.article.id, "query": "whistleblower", "source": "s"}[kind]
    made = hold(database, kind, what)
    with pytest.raises(HeldError, match=made.id):
        remove(settings, database, kept)
    assert articles.get(database, kept.article.id) is not None
    assert database.removed.count_documents({}) == 0
    assert holds.remove(database, made.id) == made
    remove(settings, database, kept)
    assert articles.get(database, kept.article.id) is None


def test_a_hold_on_a_source_holds_what_was_merged_into_it(database: Database) -> None:
    from newsbot.archive import merging

    one, other = (
        Source(id=each, name=each, homepage=f"https://{each}.example/", added_at=NOW)
        for each in ("one", "two")
    )
    for each in (one, other):
        sources.add(database, each)
    hold(database, "source", one.id)
    merging.begin(database, one, other)
    assert Holds.read(database).on_source(other.id) is not None


def test_a_query_with_an_age_cannot_hold(database: Database) -> None:
    hold(database, "query", "date:>7d")
    with pytest.raises(HoldError, match="relative age"):
        Holds.read(database)


def test_of_a_hold_on_a_query_what_comes_later_is_held_too(database: Database) -> None:
    hold(database, "query", "whistleblower")
    kept = stored(database, article("a", body=SECRET), article("b"))
    held = Holds.read(database).held([each.article.id for each in kept])
    assert list(held) == [kept[0].article.id]


def test_what_would_go_is_told_before(settings: Config, database: Database) -> None:
    first = article("a", body=SECRET)
    stored(database, first)
    (kept,) = stored(database, attrs.evolve(first, title="Edited"))
    stored(database, article("a", body=SECRET, source="t"))
    found = removal.reach(database, kept)
    assert (found.revisions, len(found.copies), len(found.pages)) == (1, 1, 1)


def test_the_doctor_tells_of_a_removal_that_was_left_and_of_a_hold_that_holds_all_up(
    settings: Config, database: Database
) -> None:
    from newsbot.cli.doctor import _keeping

    assert _keeping(settings, database).state == "ok"
    (kept,) = stored(database, article("a", body=SECRET))
    stone = removal.tombstone(kept, (), cause="takedown", now=NOW - timedelta(days=1))
    removed.put(database, [stone])
    assert "1 removals are not carried through" in _keeping(settings, database).says
    removing.settle(settings, database, now=NOW)
    assert _keeping(settings, database).state == "ok"
    assert articles.get(database, kept.article.id) is None
    hold(database, "query", "date:>7d")
    assert "stand still" in _keeping(settings, database).says
