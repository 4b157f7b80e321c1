"""What a message says: who, what, when, which sentence, why, and where to read on."""

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.alerts import gathering
from newsbot.alerts.telling import Telling, moment, one_line, shortened
from newsbot.archive import outbox
from newsbot.archive.connection import Database
from newsbot.archive.outbox import Message
from newsbot.archive.rules import Rule, Timing
from newsbot.edits.differences import difference
from newsbot.text.dates import ParsedDate
from tests.told_articles import all_messages, article, channel, rule, store

NOW = datetime(2026, 3, 23, 22, 30, tzinfo=UTC)
BASE = "https://news.example"
DISGUISED = "كان الجو باردا. وسمع إطـ.ـلاق النـ.ـار قرب الميناء. ولم يأت أحد."


def the_one(database: Database) -> Telling:
    (message,) = all_messages(database)
    said = gathering.one(database, message, base=BASE)
    assert said is not None
    return said


def add_rule(database: Database, query: str, **values: object) -> Rule:
    return rule(database, query, channel(database, "https://desk.example/x"), now=NOW, **values)


def message(kind: outbox.MessageKind, said: dict[str, object], **values: object) -> Message:
    made = Message(
        id=f"{kind}-1", kind=kind, alert="r", occasion="o", channel="c", said=said, created_at=NOW, next_attempt=NOW
    )  # fmt: skip
    return attrs.evolve(made, **values)  # type: ignore[arg-type]


def said_by(database: Database, each: Message) -> Telling:
    found = gathering.one(database, each, base=BASE)
    assert found is not None
    return found


def test_a_message_says_who_tells_what_when_and_where_to_read_on(database: Database) -> None:
    add_rule(database, "shots", timing=Timing(zone="Asia/Damascus"))
    stated = ParsedDate(date(2026, 3, 23), datetime(2026, 3, 23, 21, 15, tzinfo=UTC))
    store(database, [article(now=NOW, language="en", authors=("Ann",), published=stated)], NOW)
    said = the_one(database)
    assert (said.kind, said.name, said.headline) == ("article", "harbour", "Ferries sail")
    assert said.page == f"{BASE}/alerts/r"
    (told,) = said.told
    assert told.page == "https://harbour.example/1"
    assert told.archive == f"{BASE}/article/{told.article}"
    assert told.published is not None
    # Damascus is at UTC+3: there the next day has begun, and the publisher's own day is kept.
    assert (
        told.published.shown == "24 March 2026, 00:15 UTC+03 (23 March 2026 where it was published)"
    )
    assert told.published.original == "2026-03-23T21:15:00+00:00"
    assert told.seen.shown == "24 March 2026, 01:30 UTC+03"
    passage = told.passage
    assert passage.text == "Then shots were fired at the harbour."
    assert [passage.text[low:high] for low, high in passage.marks] == ["shots"]
    assert told.more_sources == 0


def test_a_disguised_sentence_is_told_as_it_reads_and_as_it_was_published(
    database: Database,
) -> None:
    add_rule(database, '"إطلاق النار"')
    store(database, [article(now=NOW, body=DISGUISED, language="ar")], NOW)
    passage = the_one(database).told[0].passage
    assert [passage.text[low:high] for low, high in passage.marks] == ["إطلاق النار"]
    marked = [passage.published[low:high] for low, high in passage.published_marks]
    assert marked == ["إطـ.ـلاق النـ.ـار"]


def test_it_says_how_many_more_sources_tell_the_story(database: Database) -> None:
    add_rule(database, "shots")
    long = "Shots were fired at the harbour. " + " ".join(f"word{n} more" for n in range(60))
    copies = [article(n, now=NOW, body=long, source=f"s{n}") for n in range(1, 6)]
    store(database, copies, NOW)
    assert the_one(database).told[0].more_sources == 4


def test_a_day_without_a_time_is_told_as_it_is_and_a_doubtful_date_is_not(
    database: Database,
) -> None:
    add_rule(database, "shots", each="article")
    days = (ParsedDate(date(2026, 3, 20)), ParsedDate(date(2099, 1, 1), doubt="in the future"))
    for number, stated in enumerate(days):
        store(database, [article(number, now=NOW, published=stated, body=f"{number} shots")], NOW)
    told = [said_by(database, each).told[0] for each in all_messages(database)]
    assert {each.published.original if each.published else None for each in told} == {
        "2026-03-20",
        None,
    }


def test_an_edit_says_what_changed(database: Database) -> None:
    add_rule(database, "shots")
    (kept,) = store(database, [article(now=NOW)], NOW)
    later = NOW + timedelta(hours=1)
    other = "It was cold. Then three shots were fired at the old harbour. Nobody came."
    store(database, [article(now=later, title="Ferries stay", body=other)], later)
    (first,) = all_messages(database)
    edit = attrs.evolve(
        first, id="e", kind="edit", said={"kinds": ["headline", "correction"], "revision": 2}
    )
    said = said_by(database, edit)
    assert said.headline == "Corrected: Ferries stay"
    (told,) = said.told
    assert told.article == kept.article.id
    assert told.lines == ("What changed: headline, correction.",)
    text = [(each.change, each.text.strip()) for each in told.changes["headline"]]
    assert text == [("same", "Ferries"), ("removed", "sail"), ("added", "stay")]
    assert ("added", "three") in [(e.change, e.text.strip()) for e in told.changes["text"]]


def test_a_digest_says_its_parts_and_how_many_more_there_are(database: Database) -> None:
    add_rule(database, "shots", each="article")
    for number in range(3):
        store(database, [article(number, now=NOW, body=f"{number} shots")], NOW)
    database.outbox.update_many({}, {"$set": {"state": "gathered", "digest": "digest-1"}})
    ends = {"from": "2026-03-22T08:00:00+00:00", "to": "2026-03-23T08:00:00+00:00", "count": 3}
    said = said_by(database, message("digest", ends))
    assert said.headline == "3 messages, 22 March 2026, 08:00 UTC to 23 March 2026, 08:00 UTC"
    assert len(said.told) == 3
    assert said.left_out == 0
    more = said_by(database, message("digest", ends | {"count": 250}))
    assert (len(more.told), more.left_out) == (3, 247)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"count": 0, "read": 418, "of": 420, "missing": ["Echo", "Star"]},
            "No match; 418 of 420 sources read; 2 were not: Echo, Star.",
        ),
        (
            {"count": 0, "read": 412, "of": 420, "missing": ["Echo"]},
            "No match; 412 of 420 sources read; 8 were not, among them Echo.",
        ),
        ({"count": 0, "read": 9, "of": 9, "missing": []}, "No match; 9 of 9 sources read."),
    ],
)
def test_an_empty_digest_explains_its_silence(
    database: Database, said: dict[str, object], sentence: str
) -> None:
    add_rule(database, "shots")
    told = said_by(database, message("digest", said))
    assert told.lines == (sentence,)
    assert told.headline == "No match"


def test_a_threshold_and_a_trouble_are_told_in_their_own_words(database: Database) -> None:
    add_rule(database, "shots")
    store(database, [article(now=NOW)], NOW)
    (first,) = all_messages(database)
    spread = attrs.evolve(first, kind="spread", said={"what": "publishers", "number": 7})
    assert said_by(database, spread).headline == "7 publishers tell this story: Ferries sail"
    surge = message("spread", {"what": "surge", "span": "hour", "number": 34, "usual": 5})
    assert said_by(database, surge).headline == "34 stories in an hour, where 5 are usual"
    trouble = message(
        "operator", {"title": "Echo fails", "lines": ["Since 9:00."], "sources": ["Echo"]}, alert=""
    )
    said = said_by(database, trouble)
    assert (said.headline, said.lines, said.sources) == ("Echo fails", ("Since 9:00.",), ("Echo",))


def test_what_is_gone_is_not_told(database: Database) -> None:
    add_rule(database, "shots")
    store(database, [article(now=NOW)], NOW)
    (first,) = all_messages(database)
    database.articles.delete_many({})
    assert gathering.one(database, first, base=BASE) is None
    assert gathering.one(database, message("digest", {}, alert="other"), base=BASE) is None


def test_times_are_told_by_the_readers_clock_through_a_change_of_clocks() -> None:
    before = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    told = [moment(before + timedelta(minutes=each), "Europe/Berlin").shown for each in (0, 1)]
    assert told == ["29 March 2026, 01:59 CET", "29 March 2026, 03:00 CEST"]
    assert moment(before, "No/Where").shown.endswith("UTC")


@given(st.text())
def test_a_headline_is_one_line_whatever_was_published(text: str) -> None:
    line = one_line(text)
    assert "\n" not in line
    assert "\r" not in line
    line.encode()
    assert all(c.isprintable() or c in "\u200c\u200d\u200e\u200f\u061c" for c in line)


def test_a_long_change_is_shown_with_a_few_words_around_it() -> None:
    many = " ".join(f"word{n}" for n in range(500))
    (pieces,) = shortened({"text": difference(f"{many} old {many}", f"{many} new {many}")}).values()
    assert [(e.change, e.text.strip()) for e in pieces if e.change != "same"] == [
        ("removed", "old"),
        ("added", "new"),
    ]
    assert sum(len(each.text) for each in pieces) < 300
