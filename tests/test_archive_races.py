"""What others do to an article between its judgement and its storing; on a real MongoDB."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import attrs
import pytest
from pymongo.errors import AutoReconnect

from newsbot.alerts.matches import announce
from newsbot.archive import articles, channels, prints, removal, rules, stories
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.copies import Placing
from newsbot.archive.kept import Doubt
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.items import Article
from newsbot.reading import Candidate
from tests.conftest import Receiver
from tests.test_archive import BODY, NOW, article, keep, verdicts
from tests.test_delivery import deliver


def finished(database: Database, *found: Article) -> list[Kept]:
    kept = keep(database, *found)
    articles.finish(database, kept)
    return kept


def test_a_text_whose_other_address_went_meanwhile_is_stored(database: Database) -> None:
    """Its article was removed, say, or found to be part of another."""
    (first,) = finished(database, article("a"))
    judged = articles.judge(database, [Candidate.of(article("b"))])
    database.articles.delete_one({"_id": first.article.id})
    assert verdicts(articles.keep(database, judged, now=NOW)) == ["new"]
    assert articles.count(database) == 1


def test_what_an_entry_carries_takes_not_the_place_of_what_was_completed_meanwhile(
    database: Database,
) -> None:
    whole = article("a")
    part = attrs.evolve(whole, body="word1 word2", partial="refused_wall")
    finished(database, part)
    signed = articles.judge(database, [Candidate.of(attrs.evolve(part, authors=("A. Writer",)))])
    assert verdicts(keep(database, whole)) == ["completed"]
    articles.keep(database, signed, now=NOW)
    stored = articles.get(database, whole.id)
    assert stored is not None
    assert (stored.article.body, stored.article.partial) == (BODY, "")


def test_an_edit_of_what_is_removed_meanwhile_leaves_nothing(database: Database) -> None:
    (first,) = finished(database, article("a"))
    edited = attrs.evolve(first.article, title="A headline, corrected")
    judged = articles.judge(database, [Candidate.of(edited)])
    stone = removal.tombstone(first, (), cause="retention", now=NOW)
    removal.put_aside(database, [stone])
    assert verdicts(articles.keep(database, judged, now=NOW)) == ["removed"]
    assert database.revisions.count_documents({}) == 0


def test_what_an_entry_carries_and_an_earlier_page_leave_a_doubt_as_it_is(
    database: Database,
) -> None:
    first = article("a")
    finished(database, first)
    lost = attrs.evolve(first, body="Log in to read on", fetched_at=NOW + timedelta(hours=1))
    assert verdicts(keep(database, lost)) == ["doubtful"]
    later = NOW + timedelta(hours=2)
    keep(database, attrs.evolve(lost, partial="refused_wall", fetched_at=later))
    keep(database, attrs.evolve(first, fetched_at=NOW - timedelta(hours=1)))
    stored = articles.get(database, first.id)
    assert stored is not None
    assert isinstance(stored.record.doubt, Doubt)
    keep(database, attrs.evolve(first, fetched_at=later))
    stored = articles.get(database, first.id)
    assert stored is not None
    assert stored.record.doubt is None


def test_a_text_that_two_workers_meet_at_two_addresses_is_one_article_and_told_once(
    database: Database,
    settings: Config,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = channels.add(database, kind="webhook", target=receiver.url).id
    rule = Rule(id="r", name="r", query="word1", channels=(channel,), created_at=NOW)
    rules.add(database, rule)
    text = f"{BODY} {BODY}"
    file = prints.file

    def store(path: str, body: str, seconds: int) -> list[Kept]:
        now = NOW + timedelta(seconds=seconds)
        kept = keep(database, article(path, body=body), now=now)
        told = [each for each in kept if each.verdict == "new"]
        announce(database, told, now=now)
        return kept

    def after_another(*args: Any) -> None:
        """File, when another worker has stored its own between our look and our filing."""
        monkeypatch.setattr(prints, "file", file)
        assert verdicts(store("b", f"Updated. {text}", 1)) == ["new"]
        file(*args)

    monkeypatch.setattr(prints, "file", after_another)
    store("a", text, 0)
    assert [each["_id"] for each in database.articles.find({})] == [article("a").id]
    assert deliver(settings, database) == 1
    assert [each["article"]["url"] for each in receiver.messages] == [article("a").url]


def test_a_copy_is_found_by_who_stores_again_what_was_cut_off(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MongoDB goes away when an article was stored, and its copy by another worker at the same time."""
    copy = article("a", body=f"Agency. {BODY}", source="t")
    file, settle = prints.file, Placing.settle

    def after_another(*args: Any) -> None:
        monkeypatch.setattr(prints, "file", file)
        keep(database, copy)
        file(*args)

    def away(placing: Placing, kept: Mapping[str, Kept]) -> dict[str, Kept]:
        if article("a").id not in kept:
            return settle(placing, kept)
        monkeypatch.setattr(Placing, "settle", settle)
        raise AutoReconnect("it is away")

    monkeypatch.setattr(prints, "file", after_another)
    monkeypatch.setattr(Placing, "settle", away)
    (kept,) = keep(database, article("a"))
    other = articles.get(database, copy.id)
    assert other is not None
    assert len(set(stories.heads(database, [kept.record.story, other.record.story]).values())) == 1
