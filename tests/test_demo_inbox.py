"""The demo's inbox: whatever alert arrives is kept and shown, and nothing in it can do harm."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from newsbot.demo.inbox import Inbox, InboxFileError

NOW = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


def inbox(file: Path | None = None) -> Inbox:
    return Inbox(lambda: NOW, file)


def ask(receiver: Inbox, method: str, path: str, content: bytes = b"") -> httpx.Response:
    """Send the inbox one request and return its answer."""

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(receiver.application())
        async with httpx.AsyncClient(transport=transport, base_url="http://inbox") as client:
            return await client.request(method, path, content=content)

    return asyncio.run(exchange())


def test_a_message_is_answered_with_204_and_kept():
    receiver = inbox()
    assert (
        ask(receiver, "POST", "/hook", '{"title": "وقف إطلاق النار"}'.encode()).status_code == 204
    )
    assert ask(receiver, "GET", "/messages").json() == [
        {"received": "2026-03-01T12:00:05.000+00:00", "body": {"title": "وقف إطلاق النار"}}
    ]


def test_the_newest_message_comes_first():
    receiver = inbox()
    for number in range(3):
        ask(receiver, "POST", "/hook", str(number).encode())
    assert [each["body"] for each in ask(receiver, "GET", "/messages").json()] == [2, 1, 0]
    page = ask(receiver, "GET", "/").text
    assert "3 messages" in page


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"\xff",
        b"NaN",
        b"[1e999]",
        b'"\\ud800"',
        b"[" * 100_000,
        b"[" * 60 + b"1" + b"]" * 60,
        b'{"a":' * 60 + b"1" + b"}" * 60,
        b"9" * 10_000,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_could_not_be_shown_is_refused_and_the_inbox_goes_on(content):
    receiver = inbox()
    answer = ask(receiver, "POST", "/hook", content)
    assert answer.status_code == 400
    assert answer.text.startswith("A message ")
    assert ask(receiver, "POST", "/hook", b"1").status_code == 204
    assert ask(receiver, "GET", "/").status_code == 200
    assert len(ask(receiver, "GET", "/messages").json()) == 1


def test_a_message_of_more_than_a_megabyte_is_refused():
    assert ask(inbox(), "POST", "/hook", b'"' + b"a" * 2**20 + b'"').status_code == 413


def test_the_page_escapes_everything():
    receiver = inbox()
    hostile = {"<script>": "<script>alert(1)</script>", "url": "javascript:alert(1)", "n": ["<b>"]}
    ask(receiver, "POST", "/hook", json.dumps(hostile).encode())
    answer = ask(receiver, "GET", "/")
    assert "<script" not in answer.text
    assert "<b>" not in answer.text
    assert 'href="javascript' not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_each_value_takes_its_own_direction():
    receiver = inbox()
    ask(receiver, "POST", "/hook", '{"passage": "وقف"}'.encode())
    assert '<dd dir="auto">وقف</dd>' in ask(receiver, "GET", "/").text


def test_an_address_in_a_message_can_be_followed():
    receiver = inbox()
    ask(receiver, "POST", "/hook", b'{"url": "http://127.0.0.1:1/a?b&c"}')
    assert 'href="http://127.0.0.1:1/a?b&amp;c"' in ask(receiver, "GET", "/").text


def test_messages_are_appended_to_the_file_and_there_again_after_a_restart(tmp_path: Path):
    file = tmp_path / "inbox.jsonl"
    ask(inbox(file), "POST", "/hook", b'{"n": 1}')
    ask(inbox(file), "POST", "/hook", b'{"n": 2}')
    assert [json.loads(line)["body"] for line in file.open()] == [{"n": 1}, {"n": 2}]
    assert len(ask(inbox(file), "GET", "/messages").json()) == 2


def test_a_file_that_cannot_be_used_is_said(tmp_path: Path):
    with pytest.raises(InboxFileError, match="cannot be used"):
        inbox(tmp_path / "nowhere" / "inbox.jsonl")
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{\n")
    with pytest.raises(InboxFileError, match="no message"):
        inbox(broken)
