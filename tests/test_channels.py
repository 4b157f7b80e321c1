"""Channels by command: added, tried, renamed, removed; and nothing that is secret of them seen again."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest
from fastapi.testclient import TestClient

from newsbot.alerts.delivery import Courier
from newsbot.alerts.sending.failure import masked
from newsbot.alerts.sending.ways import unsubscribe_address
from newsbot.archive import channels
from newsbot.archive.connection import Database
from newsbot.archive.sealing import Sealer
from newsbot.config import Config
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.conftest import Command, InProcess, Receiver, free_port
from tests.told_articles import article, channel, rule, store

NOW = datetime.now(UTC)
SIGNING = "whsec_" + base64.b64encode(b"a signing secret of 32 bytes ...").decode()


@pytest.fixture
def page(settings: Config, database: Database) -> Iterator[TestClient]:
    config = settings.model_copy(update={"public_address": "https://news.example"})
    with TestClient(create_app(config, database, Live(config, database))) as client:
        yield client


def test_a_channel_is_added_tried_renamed_and_removed(
    newsbot_here: InProcess, database: Database, receiver: Receiver
) -> None:
    added = newsbot_here("channel", "add", "desk", receiver.url)
    assert added.returncode == 0
    assert re.search(r"signed with whsec_\S+", added.stdout)
    assert "/hook" not in added.stdout
    again = newsbot_here("channel", "add", "other", receiver.url)
    assert "There is this channel already: desk" in again.stdout
    assert "whsec_" not in again.stdout
    store(database, [article(now=NOW)], NOW)
    tried = newsbot_here("channel", "test", "desk")
    assert "took it: Test: Ferries sail" in tried.stdout
    (body,) = receiver.messages
    assert (body["kind"], body["article"]["title"]) == ("test", "Ferries sail")  # type: ignore[index]
    assert database.outbox.count_documents({}) == 0
    receiver.answers = [500]
    failed = newsbot_here("channel", "test", "desk")
    assert failed.returncode == 1
    assert "desk did not take it: the receiver answered 500" in failed.stderr
    assert newsbot_here("channel", "rename", "desk", "night desk").returncode == 0
    (listed,) = newsbot_here.json("channel", "list")
    assert (listed["name"], listed["readable"], listed["alerts"]) == ("night desk", True, [])
    newsbot_here("channel", "operators", "night desk")
    assert newsbot_here.json("channel", "list")[0]["operators"] is True
    assert newsbot_here("channel", "remove", "night desk").returncode == 0
    assert "There are no channels" in newsbot_here("channel", "list").stdout


def test_a_test_of_an_empty_archive_says_so(newsbot_here: InProcess, receiver: Receiver) -> None:
    newsbot_here("channel", "add", "desk", receiver.url)
    assert newsbot_here("channel", "test", "desk").returncode == 0
    assert "no article yet" in receiver.messages[0]["lines"][0]  # type: ignore[index]


def test_a_channel_that_alerts_tell_is_not_removed_by_mistake(
    newsbot_here: InProcess, database: Database
) -> None:
    rule(database, "shots", channel(database, "https://desk.example/x", name="desk"), now=NOW)
    refused = newsbot_here("channel", "remove", "desk")
    assert refused.returncode == 1
    assert "is told by harbour" in refused.stderr
    assert newsbot_here("channel", "remove", "desk", "--anyway").returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("channel", "add", "x", "nonsense"), 2, "is no e-mail address"),
        (("channel", "add", "x", "http://10.1.2.3/"), 2, "webhook_hosts"),
        (("channel", "add", " ", "https://a.example/"), 2, "has no name"),
        (("channel", "add", "x", "https://a.example/", "--signing", "abc"), 2, "24 to 64 bytes"),
        (("channel", "test", "nobody"), 1, "there is no channel 'nobody'"),
        (("outbox", "show", "abc"), 1, "there is no message 'abc'"),
        (("outbox", "resend"), 2, "say which"),
        (("outbox", "drop", "--channel", "nobody"), 1, "there is no channel"),
    ],
)
def test_bad_usage_says_what_is_wrong(
    newsbot_here: InProcess, words: tuple[str, ...], code: int, says: str
) -> None:
    done = newsbot_here(*words)
    assert (done.returncode, says in " ".join(done.stderr.split())) == (code, True), done.stderr


def test_dead_letters_are_listed_shown_sent_again_and_dropped(
    newsbot_here: InProcess, database: Database, settings: Config, receiver: Receiver
) -> None:
    import asyncio

    to = channel(database, receiver.url, name="desk")
    rule(database, "shots", to, now=NOW)
    store(database, [article(now=NOW)], NOW)
    receiver.answers = [410, 410]
    asyncio.run(Courier(settings, database, "test").deliver_due())
    (dead,) = newsbot_here.json("outbox", "list")
    assert "410" in dead["failure"]
    listed = newsbot_here("outbox", "list", "--channel", "desk").stdout
    assert dead["id"][:12] in listed
    shown = newsbot_here("outbox", "show", dead["id"][:12]).stdout
    assert "dead" in shown
    assert "Then *shots* were fired at the harbour." in shown
    assert "1 message is due again" in newsbot_here("outbox", "resend", dead["id"][:12]).stdout
    asyncio.run(Courier(settings, database, "test").deliver_due())
    assert "1 message is dropped" in newsbot_here("outbox", "drop", "--channel", "desk").stdout
    assert newsbot_here.json("outbox", "list") == []
    assert [each["state"] for each in newsbot_here.json("outbox", "list", "--state", "dropped")] == ["dropped"]  # fmt: skip


def test_secrets_are_seen_nowhere_again(
    newsbot: Command, newsbot_here: InProcess, database: Database, page: TestClient, tmp_path: Path
) -> None:
    """Every word that was typed as a secret is looked for in all that newsbot says afterwards."""
    dead = free_port()
    secrets = {
        f"http://127.0.0.1:{dead}/hook/QWERTZtoken1?key=QWERTZtoken2": ("QWERTZtoken1", "QWERTZtoken2"),
        f"http://ann:QWERTZtoken3@127.0.0.1:{dead}/": ("QWERTZtoken3",),
        f"json://user:QWERTZtoken4@127.0.0.1:{dead}/QWERTZtoken5?+X-Key=QWERTZtoken6": ("QWERTZtoken4", "QWERTZtoken5", "QWERTZtoken6"),
        "tgram://123456789:QWERTZtoken7_aaaaaaaaaaaaaaaaaaaaa/98765432/": ("QWERTZtoken7",),
    }  # fmt: skip
    newsbot.environment |= {"NEWSBOT_DELIVERY_TIMEOUT": "2", "NEWSBOT_LOG_LEVEL": "DEBUG"}
    said = []
    added = []
    for number, target in enumerate(secrets):
        done = newsbot_here("channel", "add", f"c{number}", target, "--signing", SIGNING)
        assert done.returncode == 0, done.stderr
        said += [done.stdout.replace(SIGNING, "", 1), done.stderr]
        added.append(channels.find(database, f"c{number}"))
    rule(database, "shots", *(each for each in added if each), now=NOW)
    store(database, [article(now=NOW)], NOW)
    log = tmp_path / "delivery.log"
    part = newsbot.start("part", "delivery", output=log)
    from tests.test_kills import wait_until

    wait_until(lambda: database.outbox.count_documents({"attempts": {"$gte": 1}}) == len(secrets))
    part.terminate()
    part.wait(20)
    failures = [each["failure"] for each in database.outbox.find({})]
    assert all(failures)
    said += [log.read_text(), *failures]
    done = newsbot("--debug", "channel", "test", "c2")
    said += [done.stdout, done.stderr]
    for words in (
        ("channel", "list"), ("channel", "list", "--json"), ("channel", "test", "c0"),
        ("channel", "add", "again", next(iter(secrets))), ("outbox", "list", "--state", "due"),
        ("outbox", "list", "--state", "due", "--json"), ("alert", "list"), ("alert", "list", "--json"),
    ):  # fmt: skip
        done = newsbot_here(*words)
        said += [done.stdout, done.stderr]
    said += [page.get(path).text for path in ("/", "/alerts", "/alerts/r", "/channels", "/outbox")]
    said += [repr(each) for each in added]
    said.append(json.dumps([str(each) for each in database.channels.find({})]))
    everything = "\n".join(said)
    for target, words in secrets.items():
        assert target not in everything
        for word in words:
            assert word not in everything, next(each for each in said if word in each)[:3000]
    assert SIGNING not in everything
    assert SIGNING.removeprefix("whsec_") not in everything


def test_what_is_hidden_is_hidden_in_parts_and_decoded() -> None:
    text = "Failed https://h.example/services/AbCd%2FEf?token=xyz123 AbCd/Ef xyz123 at h.example"
    hidden = masked(text, "https://h.example/services/AbCd%2FEf?token=xyz123")
    assert "AbCd" not in hidden
    assert "xyz123" not in hidden


def test_a_letter_leads_to_a_page_that_ends_its_alert_for_its_channel_alone(
    page: TestClient, settings: Config, database: Database
) -> None:
    ann = channel(database, "ann@news.example", "email")
    desk = channel(database, "https://desk.example/x")
    rule(database, "shots", ann, desk, now=NOW)
    address = unsubscribe_address(settings, database.sealer, ann, "r").removeprefix(settings.web_address)  # fmt: skip
    assert "ann" not in address
    assert "Send nothing more of it" in page.get(address).text
    assert silenced(database) == set(), "a look changes nothing"
    one_click = {"List-Unsubscribe": "One-Click"}
    host = {"host": "news.example"}
    assert page.post(address, data=one_click, headers=host).status_code == 200
    assert silenced(database) == {("ann@news.example", "r")}
    assert "Nothing more of this alert" in page.get(address).text
    assert page.post(address, data={"again": "yes"}).status_code == 200
    assert silenced(database) == set()
    for wrong in (address[:-1], address[:-1] + ("A" if address[-1] != "A" else "B"), address.replace("/r/", "/s/")):  # fmt: skip
        assert page.post(wrong, data=one_click).status_code == 404
        assert page.get(wrong).status_code == 404
    assert silenced(database) == set()


def silenced(database: Database) -> set[tuple[str, str]]:
    return {
        (each.shown, alert) for each in channels.everything(database) for alert in each.silenced
    }


def test_a_token_is_another_for_every_key_and_part(config: Config, tmp_path: Path) -> None:
    one, other = Sealer(None, tmp_path / "a"), Sealer(None, tmp_path / "b")
    assert one.token("a", "b") == Sealer(None, tmp_path / "a").token("a", "b")
    assert len({one.token("a", "b"), one.token("ab"), one.token("b", "a"), other.token("a", "b")}) == 4  # fmt: skip


def test_channels_of_another_key_are_named(
    newsbot_here: InProcess,
    newsbot: Command,
    database: Database,
    tmp_path: Path,
    receiver: Receiver,
) -> None:
    channel(database, receiver.url, name="desk")
    here = database.sealer
    database.sealer = Sealer(None, tmp_path / "elsewhere")
    channel(database, "https://other.example/x", name="other")
    assert [each.name for each in channels.unreadable(database)] == ["desk"]
    database.sealer = here
    assert [each.name for each in channels.unreadable(database)] == ["other"]
    listed = newsbot("channel", "list").stdout  # as wide as needed
    assert "https://other.example/… (sealed with another key)" in listed
    assert "NEWSBOT_SECRET_KEY" in listed
    told = json.loads(newsbot_here("channel", "list", "--json").stdout)
    assert {each["name"]: each["readable"] for each in told} == {"desk": True, "other": False}
    failed = newsbot_here("channel", "test", "other")
    assert failed.returncode == 1
    assert "sealed with another key" in failed.stderr


def test_a_channel_of_before_is_read_as_one_that_silenced_nothing(database: Database) -> None:
    to = channel(database, "https://desk.example/x")
    database.channels.update_one({"_id": to.id}, {"$unset": {"silenced": 1, "operators": 1}})
    assert channels.find(database, to.id) == attrs.evolve(to, created_at=channels.find(database, to.id).created_at)  # type: ignore[union-attr]  # fmt: skip
