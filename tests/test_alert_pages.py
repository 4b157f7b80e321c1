"""Alerts on the web page: written with a look at the past, changed, undone, muted, read as a feed."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from fastapi.testclient import TestClient

from newsbot.alerts import changing
from newsbot.archive import audit, channels, feeds, outbox, rules
from newsbot.archive.connection import Database
from newsbot.archive.outbox import Message
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.search.follow import catch_up
from newsbot.text.dates import ParsedDate
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.conftest import Command, Receiver
from tests.test_web import article, put, shown, source

__all__ = ["source"]

HOOK = "https://desk.example/secret-hook"


@pytest.fixture
def page(settings: Config, database: Database) -> Iterator[TestClient]:
    with TestClient(create_app(settings, database, Live(settings, database))) as client:
        yield client


@pytest.fixture
def token(page: TestClient) -> str:
    found = re.search(r'name="token" value="([^"]+)"', shown(page, "/alerts"))
    assert found is not None
    return found[1]


def made(database: Database, **values: object) -> Rule:
    given = {"name": "ferries", "query": "harbour", **values}
    return changing.add(database, given, by="Lina", now=datetime.now(UTC))


def whole(token: str, **typed: object) -> dict[str, object]:
    """Return the whole form, as a browser sends it: what is not ticked is not in it."""
    return {"token": token, "whole": "yes", "name": "ferries", "query": "harbour"} | typed


@pytest.mark.usefixtures("source")
def test_an_alert_is_looked_at_before_it_is_saved(
    page: TestClient, database: Database, settings: Config, token: str
) -> None:
    put(database, article("a", published=None), article("b", published=None, body="Nothing else."))
    catch_up(settings, database)
    looked = page.post("/alerts", data=whole(token, query='"nine days"', do="look"))
    assert looked.status_code == 200
    assert "would have sent 1 message" in looked.text
    assert "The harbour opens" in looked.text
    assert "Nothing is saved yet" in looked.text
    assert rules.everything(database) == []
    never = page.post("/alerts", data=whole(token, query="ferriess", do="look"))
    assert "would have sent 0 messages" in never.text
    assert '<code dir="auto">ferries</code>' in never.text, "the nearest spelling is offered"


def test_all_that_the_form_has_is_kept(page: TestClient, database: Database, token: str) -> None:
    hook = channels.add(database, kind="webhook", target=HOOK, shown="desk").id
    form = whole(
        token,
        **{
            "channels": hook,
            "timing.how": "weekly",
            "timing.at": "07:30",
            "timing.weekday": "4",
            "timing.zone": "Asia/Damascus",
            "timing.quiet.from": "22:00",
            "timing.quiet.to": "06:00",
            "timing.most": "0",
            "timing.even_empty": "yes",
            "each": "article",
            "languages": "ar, en",
            "max_age": "0.5",
            "noise.title_only": "yes",
            "noise.mentions": "2",
            "edits.kinds": ["headline", "retraction"],
            "edits.least": "10",
            "spread.publishers": "4",
            "spread.surge": "day",
        },
    )
    answer = page.post("/alerts", data=form, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    (rule,) = rules.everything(database)
    assert (rule.timing.how, rule.timing.at, rule.timing.weekday) == ("weekly", "07:30", 4)
    assert (rule.timing.zone, rule.timing.quiet) == ("Asia/Damascus", ("22:00", "06:00"))
    assert (rule.timing.most, rule.timing.even_empty) == (0, True)
    assert (rule.each, rule.languages, rule.max_age) == ("article", ("ar", "en"), 0.5)
    assert (rule.noise.title_only, rule.noise.mentions) == (True, 2)
    assert (rule.edits.meets, rule.edits.kinds, rule.edits.least) == (
        False,
        ("headline", "retraction"),
        10,
    )
    assert (rule.spread.publishers, rule.spread.surge) == (4, "day")
    assert rule.channels == (hook,)
    # The form shows it all again, and sent as it stands it changes nothing.
    html = shown(page, f"/alerts/{rule.id}/change")
    inputs = dict(
        re.findall(r'<input id="([^"]+)" name="[^"]+" type="[^"]+" value="([^"]*)"', html)
    )
    assert inputs["timing.zone"] == "Asia/Damascus"
    again = form | inputs | {"version": "1"}
    page.post(f"/alerts/{rule.id}/change", data=again)
    assert rules.everything(database)[0].version == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"query": '"never closed'}, "never closed"),
        ({"query": "date:&gt;7d"}, "^"),
        ({"name": ""}, "name"),
        ({"timing.zone": "Europe/Berlinn"}, "no time zone"),
        ({"timing.at": "25:00"}, "25:00"),
        ({"timing.quiet.from": "22:00"}, "fill in both"),
        ({"timing.most": "many"}, "is no number"),
        ({"languages": "klingonish-language"}, "language"),
        ({"sources": "nobody"}, "nobody"),
        ({"webhook": "nowhere"}, "no web address"),
        ({"webhook": "http://10.0.0.1/hook"}, "10.0.0.1"),
        ({"edits.kinds": "sneezing"}, "sneezing"),
        ({"channels": "gone"}, "gone"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(
    page: TestClient, database: Database, token: str, typed: dict[str, object], said: str
) -> None:
    answer = page.post("/alerts", data=whole(token, **({"max_age": "7.25"} | typed)))
    assert answer.status_code == 400, answer.text
    assert 'class="error"' in answer.text
    assert said in answer.text
    assert 'value="7.25"' in answer.text
    assert rules.everything(database) == []


@pytest.mark.usefixtures("source")
def test_a_change_tells_what_it_adds_and_drops_before_it_is_made(
    page: TestClient, database: Database, settings: Config, token: str
) -> None:
    rule = made(database, query="harbour")
    put(
        database,
        article("a", published=None),
        article("b", published=None, title="Storm", body="A storm took the roof of the old mill."),
    )
    catch_up(settings, database)
    form = whole(token, version="1", query="storm OR roof")
    looked = page.post(f"/alerts/{rule.id}/change", data=form | {"do": "look"}).text
    assert "<strong>adds 1</strong> and <strong>drops 1</strong>" in looked
    assert rules.everything(database)[0].query == "harbour"
    page.post(f"/alerts/{rule.id}/change", data=form)
    assert rules.everything(database)[0].query == "storm OR roof"
    html = shown(page, f"/alerts/{rule.id}")
    assert "query: harbour → storm OR roof" in html
    page.post(f"/alerts/{rule.id}/undo", data={"token": token, "to": "1"})
    assert rules.everything(database)[0].query == "harbour"
    assert rules.everything(database)[0].version == 3


@pytest.mark.usefixtures("source")
def test_a_list_that_does_not_count_all_matches_says_so(
    page: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(database)
    put(database, article("a"), article("b", body="The harbour again, and other words."))
    assert "there were more" not in shown(page, "/alerts")
    monkeypatch.setattr("newsbot.web.alerts._MOST_COUNTED", 1)
    html = shown(page, "/alerts")
    assert "Counted are the newest 1 matches of these days; there were more." in html
    assert '<td class="number">1</td>' in html


def test_who_changes_what_another_changed_meanwhile_is_told(
    page: TestClient, database: Database, token: str
) -> None:
    rule = made(database)
    changing.change(database, rule, {"query": "quay"}, by="Omar", now=datetime.now(UTC))
    mine = whole(token, version="1", query="mine")
    answer = page.post(f"/alerts/{rule.id}/change", data=mine)
    assert answer.status_code == 400
    assert "by Omar" in answer.text
    assert 'value="mine"' in answer.text
    assert rules.everything(database)[0].query == "quay"


@pytest.mark.usefixtures("source")
def test_a_story_is_muted_and_heard_again_on_the_page(
    page: TestClient, database: Database, token: str
) -> None:
    rule = made(database)
    (kept,) = put(database, article("a", published=None))
    story = {"token": token, "story": kept.record.story}
    assert "Tell nothing more of this story" in shown(page, f"/alerts/{rule.id}")
    page.post(f"/alerts/{rule.id}/mute", data=story)
    assert rules.everything(database)[0].muted == (kept.record.story,)
    page.post(f"/alerts/{rule.id}/unmute", data=story)
    assert rules.everything(database)[0].muted == ()


@pytest.mark.usefixtures("source")
def test_what_is_held_says_why_and_is_told_after_all(
    page: TestClient, database: Database, token: str
) -> None:
    hook = channels.add(database, kind="webhook", target=HOOK, shown="desk").id
    rule = made(database, channels=(hook,))
    put(database, article("a"))  # of the first of March
    html = shown(page, f"/alerts/{rule.id}")
    assert "held: " in html
    assert "Nobody was told of 1" in html
    assert outbox.counts(database)["waiting"] == 0
    (why,) = re.findall(r'name="why" value="([^"]+)"', html)
    page.post(f"/alerts/{rule.id}/release", data={"token": token, "why": why})
    assert outbox.counts(database)["waiting"] == 1
    assert "Nobody was told of" not in shown(page, f"/alerts/{rule.id}")


@pytest.mark.usefixtures("source")
def test_an_alert_is_read_as_a_feed_of_what_it_told(
    page: TestClient, database: Database, settings: Config
) -> None:
    rule = made(database)
    now = datetime.now(UTC)
    stated = ParsedDate(now.date(), now, "test")
    old, new = article("a"), article("b", published=stated, title="Told", body="Harbour at noon.")
    put(database, old)
    put(database, new)
    token = feeds.address(database, "alert", rule.id).token
    told = page.get(f"/feed/{token}.json")
    assert [each["title"] for each in told.json()["items"]] == ["Told"]
    assert page.get(f"/feed/{token}.atom").text.count("</entry>") == 1
    same = page.get(f"/feed/{token}.json", headers={"if-none-match": told.headers["etag"]})
    assert same.status_code == 304
    assert token in shown(page, f"/alerts/{rule.id}")
    assert f"/feed/{token}.atom" in Command(settings)("alert", "feed", "ferries").stdout
    changing.remove(database, rule, by="Lina", now=datetime.now(UTC))
    assert page.get(f"/feed/{token}.json").status_code == 410


def test_a_channel_is_added_tried_and_removed_and_its_secret_shown_to_nobody(
    page: TestClient, database: Database, token: str, receiver: Receiver
) -> None:
    form = {"token": token, "name": "desk", "target": f"{receiver.url}?key=s3cret-word"}
    added = page.post("/channels", data=form)
    assert added.status_code == 200, added.text
    assert "whsec_" in added.text
    (channel,) = channels.everything(database)
    assert "s3cret-word" not in added.text
    html = shown(page, "/channels")
    assert "s3cret-word" not in html
    assert "whsec_" not in html
    tried = page.post(f"/channels/{channel.id}/test", data={"token": token})
    assert "took it" in tried.text
    assert len(receiver.messages) == 1
    page.post(f"/channels/{channel.id}/operators", data={"token": token})
    assert channels.everything(database)[0].operators
    rule = made(database, channels=(channel.id,))
    refused = page.post(f"/channels/{channel.id}/remove", data={"token": token})
    assert refused.status_code == 400
    changing.remove(database, rule, by="Lina", now=datetime.now(UTC))
    page.post(f"/channels/{channel.id}/remove", data={"token": token})
    assert channels.everything(database) == []


def test_what_signs_the_webhook_of_an_alert_is_shown_once(
    page: TestClient, database: Database, token: str, receiver: Receiver
) -> None:
    saved = page.post("/alerts", data=whole(token, webhook=receiver.url))
    assert "whsec_" in saved.text
    (rule,) = rules.everything(database)
    (channel,) = channels.everything(database)
    assert rule.channels == (channel.id,)
    assert "whsec_" not in shown(page, f"/alerts/{rule.id}")


@pytest.mark.parametrize("target", ["nowhere", "http://10.0.0.1/x", "tgram://", "a@b@c", ""])
def test_a_channel_that_cannot_be_is_refused_without_showing_what_was_typed(
    page: TestClient, database: Database, token: str, target: str
) -> None:
    form = {"token": token, "name": "desk", "target": target}
    answer = page.post("/channels", data=form)
    assert answer.status_code == 400
    assert 'class="error"' in answer.text
    assert channels.everything(database) == []


def test_what_was_set_aside_is_sent_again_or_dropped(
    page: TestClient, database: Database, token: str
) -> None:
    now = datetime.now(UTC)
    hook = channels.add(database, kind="webhook", target=HOOK, shown="desk").id
    dead = Message(
        id="m1",
        alert="",
        occasion="x",
        channel=hook,
        kind="operator",
        state="dead",
        failure="the receiver answered 500",
        created_at=now - timedelta(days=2),
        next_attempt=now,
    )
    outbox.put(database, [dead, attrs.evolve(dead, id="m2", occasion="y")])
    html = shown(page, "/outbox")
    assert html.count("the receiver answered 500") == 2
    page.post("/outbox/resend", data={"token": token, "message": ["m1"]})
    page.post("/outbox/drop", data={"token": token, "message": ["m2"]})
    done = audit.latest(database, since=datetime(2026, 1, 1, tzinfo=UTC))
    assert {(each.action, each.counts["messages"]) for each in done} == {
        ("outbox resend", 1),
        ("outbox drop", 1),
    }
    counts = outbox.counts(database)
    assert (counts["due"], counts["dead"]) == (1, 0)


@pytest.mark.parametrize(
    "address",
    [
        *("/alerts", "/alerts/r/change", "/alerts/r/pause"),
        *("/channels", "/channels/c/test", "/channels/c/remove"),
        *("/outbox/resend", "/outbox/drop"),
    ],
)
def test_no_form_of_another_page_changes_anything(
    page: TestClient, database: Database, address: str
) -> None:
    rules.add(database, Rule(id="r", name="r", query="x", created_at=datetime.now(UTC)))
    assert page.post(address, data={"token": "guessed"}).status_code == 403
