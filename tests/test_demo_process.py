"""The demo newsroom as a process: what it keeps, how it stops, and what it says where it cannot start."""

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import fastfeedparser
import psutil
import pytest

from newsbot.demo import INBOX_OFFSET, hook_url
from newsbot.demo.server import serve
from tests.conftest import free_port
from tests.test_demo_server import Demo, calm, newest_number, running, until

__all__ = ["calm"]


def test_the_inbox_keeps_what_is_sent_to_the_hook(tmp_path: Path):
    file = tmp_path / "inbox.jsonl"
    with running("--interval", "3600", "--inbox", str(file)) as demo:
        sent = demo.client.post(hook_url(demo.base_port), json={"title": "إطلاق النار"})
        assert sent.status_code == 204
        inbox = f"http://127.0.0.1:{demo.base_port + INBOX_OFFSET}/"
        assert "إطلاق النار" in demo.client.get(inbox).text
        assert demo.client.get(f"{inbox}messages").json()[0]["body"] == {"title": "إطلاق النار"}
    assert "إطلاق النار" in file.read_text(encoding="utf8")


def test_what_was_published_is_there_again_after_a_kill(tmp_path: Path):
    options = ("--interval", "0.05", "--state", str(tmp_path / "state.json"))
    with running(*options) as demo:
        base = demo.base_port
        until(lambda: newest_number(demo) > 20)
        feeds = ("/feed", "/atom.xml", "/rss.xml", "/feed.rss")
        entries = [
            entry.link
            for name, feed in zip(("madapost", "wire", "courier", "mirror"), feeds, strict=True)
            for entry in fastfeedparser.parse(demo.get(name, feed).content).entries
        ]
        demo.process.kill()
        demo.process.wait()
    with running(*options, base_port=base) as again:
        assert {again.client.get(address).status_code for address in entries} == {200}


@pytest.mark.alone
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_within_a_second_whoever_is_connected(number: signal.Signals):
    with running("--interval", "1") as demo, contextlib.ExitStack() as lines:
        for offset in range(INBOX_OFFSET + 1):
            for request in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HT", b""):
                line = socket.create_connection(("127.0.0.1", demo.base_port + offset))
                lines.enter_context(line)
                line.sendall(request)
        half = b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"
        line = socket.create_connection(("127.0.0.1", demo.base_port + INBOX_OFFSET))
        lines.enter_context(line)
        line.sendall(half)
        assert demo.get("wire", "/").status_code == 200
        begun = time.monotonic()
        demo.process.send_signal(number)
        assert demo.process.wait(5) == 0
        assert time.monotonic() - begun < 1
        assert demo.process.stderr
        assert demo.process.stderr.read() == ""


def test_a_port_in_use_is_said_in_one_sentence_and_leaves_nothing_behind(tmp_path: Path):
    base = free_port(INBOX_OFFSET + 1)
    state = tmp_path / "state.json"
    with socket.socket() as held:
        held.bind(("127.0.0.1", base + 3))
        held.listen()
        command = [sys.executable, "-m", "newsbot.demo"]
        options = ["--base-port", str(base), "--state", str(state)]
        done = subprocess.run(
            [*command, *options], capture_output=True, text=True, timeout=20, check=False
        )
    assert done.returncode == 1
    assert f"Port {base + 3} on 127.0.0.1 is already in use" in done.stderr
    assert "choose another base port" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not state.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"base_port": 65530}, "needs 7 ports in a row"),
        ({"base_port": -1}, "needs 7 ports in a row"),
        ({"interval": 0.0}, "must be from 0.01"),
        ({"interval": float("nan")}, "must be from 0.01"),
        ({"state": Path("/nowhere/state.json")}, "choose a folder"),
        ({"inbox": Path("/nowhere/inbox.jsonl")}, "choose another place"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(options, said, capsys):
    with pytest.raises(SystemExit) as ended:
        asyncio.run(serve(**{"base_port": free_port(INBOX_OFFSET + 1)} | options))
    assert ended.value.code == 1
    message = capsys.readouterr().err
    assert said in message
    assert len(message.splitlines()) == 1


def test_answers_do_not_wait_for_delayed_acknowledgements(calm: Demo):
    """On a kept connection Nagle's algorithm would hold each answer back for 40 ms."""
    times = [calm.get("wire", "/").elapsed.total_seconds() for _ in range(20)]
    assert min(times) < 0.03


def test_it_listens_on_loopback_only(calm: Demo):
    listening = [
        connection.laddr
        for connection in psutil.Process(calm.process.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    ports = range(calm.base_port, calm.base_port + INBOX_OFFSET + 1)
    assert sorted(listening) == [("127.0.0.1", port) for port in ports]
