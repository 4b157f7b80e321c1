"""Letters: taken by a real SMTP server, in threads, with a way to end them, and nothing smuggled into them."""

import asyncio
import email
import email.policy
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.alerts.delivery import Courier
from newsbot.alerts.sending.email import Letters, compose
from newsbot.alerts.sending.failure import SendError
from newsbot.alerts.sending.letter import letter
from newsbot.alerts.telling import Moment, Telling, Told
from newsbot.archive import channels
from newsbot.archive.connection import Database
from newsbot.archive.matches import Passage
from newsbot.config import Config
from newsbot.edits.differences import difference
from tests.conftest import free_port
from tests.letters import PostOffice, certificate, parts
from tests.told_articles import article, channel, rule, store

NOW = datetime.now(UTC)
ANN, US = Address(username="ann", domain="news.example"), Address("newsbot", "alerts", "us.example")
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"}  # fmt: skip


def told(**values: object) -> Told:
    made = Told(
        message="m", article="a", story="s", title="Ferries sail", language="en", source="Harbour Post",
        seen=Moment(shown="now", original="now"), passage=Passage(text="Then shots.", marks=((5, 10),)),
        clause="shots", page="https://harbour.example/1", archive="https://news.example/article/a",
    )  # fmt: skip
    return attrs.evolve(made, **values)  # type: ignore[arg-type]


def saying(*of: Told, **values: object) -> Telling:
    made = Telling(
        id="0123456789abcdef", kind="article", at=NOW, alert="r", name="harbour", query="shots", story="s",
        headline=of[0].headline if of else "Nothing", told=of, page="https://news.example/alerts/r",
    )  # fmt: skip
    return attrs.evolve(made, **values)  # type: ignore[arg-type]


@pytest.fixture
def office() -> Iterator[PostOffice]:
    made = PostOffice()
    yield made
    made.close()


def send(config: Config, said: Telling | None = None, unsubscribe: str = "") -> None:
    sending = Letters(config).send(
        said or saying(told()), "ann@news.example", unsubscribe=unsubscribe
    )
    asyncio.run(sending)


def test_a_letter_says_all_in_text_and_in_html(office: PostOffice, config: Config) -> None:
    one = told(more_sources=4, published=Moment(shown="23 March 2020", original="2020-03-23"))
    send(office.settings(config), saying(one), "https://news.example/unsubscribe/x")
    (caught,) = office.letters
    assert office.envelopes[0].mail_from == "alerts@newsroom.example"
    assert office.envelopes[0].rcpt_tos == ["ann@news.example"]
    assert caught["subject"] == "harbour: Ferries sail"
    assert caught["from"] == "newsbot <alerts@newsroom.example>"
    assert caught["auto-submitted"] == "auto-generated"
    assert caught.get_content_type() == "multipart/alternative"
    text, html = parts(caught)
    for words in (
        "Ferries sail", "Harbour Post", "published 23 March 2020", "and 4 more sources", "https://harbour.example/1",
        "https://news.example/article/a", "https://news.example/alerts/r", "https://news.example/unsubscribe/x",
    ):  # fmt: skip
        assert words in text
        assert words in html
    assert "Then *shots*." in text
    assert "Then <mark>shots</mark>." in html
    assert "Why: shots" in text
    assert not re.search(r"<(img|script|link|iframe|object)|url\(|@import| src=", html)


def test_one_click_ends_letters_where_the_page_is_reached_safely(
    office: PostOffice, config: Config
) -> None:
    send(office.settings(config), unsubscribe="https://news.example/unsubscribe/x")
    send(office.settings(config), unsubscribe="http://127.0.0.1:8650/unsubscribe/x")
    send(office.settings(config), saying(told(), alert="", name=""))
    safe, plain, none = office.letters
    assert safe["list-unsubscribe"] == "<https://news.example/unsubscribe/x>"
    assert safe["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert plain["list-unsubscribe"] == "<http://127.0.0.1:8650/unsubscribe/x>"
    assert plain["list-unsubscribe-post"] is None
    assert none["list-unsubscribe"] is None


def test_letters_of_one_story_are_one_thread(office: PostOffice, config: Config) -> None:
    config = office.settings(config)
    send(config)
    send(config, saying(told(), id="edit", kind="edit"))
    send(config, saying(told(), story="other", id="third"))
    send(config, saying(told(), alert="another", id="fourth"))
    threads = [caught["references"] for caught in office.letters]
    assert threads[0] == threads[1] == office.letters[0]["in-reply-to"]
    assert len(set(threads)) == 3
    ids = [caught["message-id"] for caught in office.letters]
    assert ids[0] == "<0123456789abcdef@newsroom.example>"
    assert len(set(ids)) == 4
    send(config)
    assert office.letters[-1]["message-id"] == ids[0], "one that is repeated is the same letter"


TEXTS = st.text(alphabet=st.one_of(st.sampled_from("\r\n\t\0\u2028\u2029\x85 :<>@=?אب"), st.characters()), max_size=120)  # fmt: skip


@settings(max_examples=300)
@given(TEXTS, TEXTS, TEXTS)
def test_nothing_that_was_published_becomes_a_header(title: str, name: str, query: str) -> None:
    whole = [text.encode("utf8", "replace").decode() for text in (title, name, query)]
    one = told(title=whole[0], passage=Passage(text=whole[0]), source=whole[1], clause=whole[2])
    said = saying(one, name=whole[1] or "x", query=whole[2], headline=whole[0] and one.headline)
    from newsbot.alerts.telling import one_line

    said = attrs.evolve(said, headline=one_line(said.headline))
    raw = compose(said, ANN, US, unsubscribe="https://n.example/u", now=NOW).as_bytes()
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert set(parsed.keys()) == HEADERS
    assert len(parsed.keys()) == len(HEADERS)
    assert parsed["to"] == "ann@news.example"
    assert parsed.get_content_type() == "multipart/alternative"
    assert len(list(parsed.iter_parts())) == 2  # type: ignore[attr-defined]
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


def test_a_hostile_title_stays_in_its_subject(office: PostOffice, config: Config) -> None:
    title = "Sale\r\nBcc: victim@x.example\r\n\r\n<script>alert(1)</script>"
    from newsbot.alerts.telling import one_line

    send(office.settings(config), saying(told(title=title), headline=one_line(title)))
    (caught,) = office.letters
    assert caught["bcc"] is None
    assert office.envelopes[0].rcpt_tos == ["ann@news.example"]
    assert caught["subject"].endswith("Sale Bcc: victim@x.example <script>alert(1)</script>")
    assert "<script>" not in parts(caught)[1]


def test_an_arabic_headline_arrives_whole_and_in_its_own_direction(
    office: PostOffice, config: Config
) -> None:
    title = "وزير الدفاع الروسي في سوريا.. التقى بشار الأسد.. وهذا ملخص ما دار بينهما"
    passage = Passage(text="سمع إطلاق النار", marks=((4, 15),), published="سمع إطـ.ـلاق النـ.ـار", published_marks=((4, 21),))  # fmt: skip
    send(office.settings(config), saying(told(title=title, language="ar", passage=passage)))
    (caught,) = office.letters
    assert caught["subject"] == f"harbour: \u2068{title}\u2069"
    text, html = parts(caught)
    assert '<div class="passage" dir="rtl" lang="ar">سمع <mark>إطلاق النار</mark></div>' in html
    assert "<mark>إطـ.ـلاق النـ.ـار</mark>" in html
    assert "\u2068سمع *إطلاق النار*\u2069" in text
    assert "As published:\n\n    \u2068سمع *إطـ.ـلاق النـ.ـار*\u2069" in text


def test_an_edit_shows_what_was_taken_out_and_put_in() -> None:
    changes = {"headline": difference("Ferries sail", "Ferries stay <b>")}
    made = letter(saying(told(kind="edit", changes=changes), kind="edit"))
    assert "<del>sail</del><ins>stay &lt;b&gt;</ins>" in re.sub(r"\s+", " ", made.html).replace("> <", "><")  # fmt: skip
    assert "headline: Ferries [-sail-]" in made.text


def test_a_digest_has_its_stories_and_says_how_many_more_there_are() -> None:
    some = [told(message=f"m{n}", title=f"Story {n}") for n in range(3)]
    made = letter(saying(*some, kind="digest", headline="9 messages", left_out=6))
    assert made.subject == "harbour: 9 messages"
    for number in range(3):
        assert f"Story {number}" in made.text
        assert f"Story {number}" in made.html
    assert "and 6 more: https://news.example/alerts/r" in made.text


def test_the_server_is_logged_in_to_behind_tls_or_not_at_all(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, tls = certificate(tmp_path)
    office = PostOffice(tls=tls, login=("newsbot", "S3cret-pass"))
    try:
        login = {
            "smtp_security": "starttls",
            "smtp_user": "newsbot",
            "smtp_password": "S3cret-pass",
        }
        with pytest.raises(SendError, match="certificate"):
            send(office.settings(config, **login))
        assert office.logins == [], "nobody is told a password whose name is not proved"
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        send(office.settings(config, **login))
        assert office.logins == [("newsbot", "S3cret-pass")]
        assert len(office.letters) == 1
        with pytest.raises(SendError) as failed:
            send(office.settings(config, **login | {"smtp_password": "Wr0ng-pass"}))
        assert "535" in str(failed.value)
        assert "Wr0ng-pass" not in str(failed.value)
        assert not failed.value.final, "an operator puts it right"
    finally:
        office.close()


def test_a_server_without_tls_gets_no_letter_unless_that_is_wished(
    office: PostOffice, config: Config
) -> None:
    with pytest.raises(SendError):
        send(
            office.settings(config, smtp_security="starttls", smtp_user="a", smtp_password="pw-pw")
        )
    assert office.letters == []


def test_a_refused_recipient_is_final_and_a_full_disk_is_not(
    office: PostOffice, database: Database, settings: Config
) -> None:
    config = office.settings(settings)
    ann = channel(database, "ann@news.example", "email")
    rule(database, "shots", ann, now=NOW)
    store(database, [article(now=NOW)], NOW)
    office.to_recipients = ["451 4.3.0 disk full", "550 5.1.1 no such user"]
    asyncio.run(Courier(config, database, "test").deliver_due())
    (waiting,) = database.outbox.find()
    assert (waiting["state"], "451" in waiting["failure"]) == ("due", True)
    database.outbox.update_many({}, {"$set": {"next_attempt": NOW - timedelta(seconds=1)}})
    asyncio.run(Courier(config, database, "test").deliver_due())
    (dead,) = database.outbox.find()
    assert (dead["state"], "550" in dead["failure"]) == ("dead", True)


def test_who_is_not_set_up_to_send_letters_is_told_what_to_set(
    database: Database, settings: Config
) -> None:
    rule(database, "shots", channel(database, "ann@news.example", "email"), now=NOW)
    store(database, [article(now=NOW)], NOW)
    asyncio.run(Courier(settings, database, "test").deliver_due())
    (waiting,) = database.outbox.find()
    assert "NEWSBOT_SMTP_HOST" in waiting["failure"]
    down = settings.model_copy(update={"smtp_host": "127.0.0.1", "smtp_port": free_port(), "email_from": "a@b.example"})  # fmt: skip
    database.outbox.update_many({}, {"$set": {"next_attempt": NOW - timedelta(seconds=1)}})
    asyncio.run(Courier(down, database, "test").deliver_due())
    (waiting,) = database.outbox.find()
    assert waiting["state"] == "due"
    assert "127.0.0.1" in waiting["failure"]


def test_who_wants_no_more_letters_of_an_alert_gets_none(
    office: PostOffice, database: Database, settings: Config
) -> None:
    config = office.settings(settings)
    ann = channel(database, "ann@news.example", "email")
    rule(database, "shots", ann, now=NOW, each="article")
    store(database, [article(1, now=NOW)], NOW)
    asyncio.run(Courier(config, database, "test").deliver_due())
    (caught,) = office.letters
    link = caught["list-unsubscribe"].strip("<>")
    assert link.startswith("https://news.example/unsubscribe/r/")
    channels.silence(database, ann.id, "r")
    store(database, [article(2, now=NOW, body="More shots.")], NOW)
    asyncio.run(Courier(config, database, "test").deliver_due())
    assert len(office.letters) == 1


def test_a_hundred_letters_go_through_a_few_connections(
    office: PostOffice, database: Database, settings: Config, request: pytest.FixtureRequest
) -> None:
    wait: Callable[..., None] = __import__("tests.test_kills", fromlist=["wait_until"]).wait_until
    from tests.test_delivery_lines import delivering, messages_to, states

    ann = channel(database, "ann@news.example", "email")
    messages_to(database, ann, count=100)
    with delivering(office.settings(settings), database):
        wait(lambda: states(database, ann) == {"sent": 100}, 60)
    assert len({caught["message-id"] for caught in office.letters}) == 100
