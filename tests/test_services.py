"""Services by Apprise: a message arrives, connections go where they may, and what hangs is ended."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import attrs
import pytest

from newsbot.alerts.sending.failure import SendError
from newsbot.alerts.sending.services import Services, body, gate, service_name
from newsbot.alerts.telling import Moment, Telling, Told
from newsbot.archive.matches import Passage
from newsbot.config import Config
from tests.canary import Canary
from tests.conftest import Receiver

NOW = datetime.now(UTC)
TOLD = Told(
    message="m", article="a", story="s", title="وزير الدفاع", language="ar", source="مدى بوست",
    seen=Moment(shown="now", original="now"), passage=Passage(text="سمع إطلاق النار", marks=((4, 15),)),
    clause="x", page="https://mada.example/1", archive="https://news.example/article/a",
)  # fmt: skip
SAID = Telling(id="m1", kind="article", at=NOW, name="ceasefire", alert="r", query="x", headline="وزير الدفاع", told=(TOLD,), page="https://news.example/alerts/r")  # fmt: skip


def send(config: Config, *urls: str) -> list[str]:
    """Send by each of the URLs, one after the other; returns why each failed, "" where it did not."""

    async def all_of_them() -> list[str]:
        services, why = Services(config), []
        try:
            for url in urls:
                try:
                    await services.send(SAID, url)
                    why.append("")
                except SendError as error:
                    why.append(str(error))
        finally:
            services.close()
        return why

    return asyncio.run(all_of_them())


@pytest.fixture
def canary() -> Iterator[Canary]:
    """What is inside."""
    made = Canary()
    yield made
    made.close()


def test_a_message_arrives_and_no_connection_goes_inside_unless_it_is_allowed(
    config: Config, receiver: Receiver, canary: Canary
) -> None:
    here = receiver.url.removeprefix("http://")
    outside = config.model_copy(update={"webhook_hosts": (here.partition("/")[0],)})
    receiver.answers = [200, 302, 500]
    receiver.says = {"location": f"http://127.0.0.1:{canary.port}/"}
    taken, redirected, failed, inside, metadata = send(
        outside,
        f"json://{here}",
        f"json://{here}?redirect=yes",
        f"json://{here}?token=TOKEN-1234",
        f"json://127.0.0.1:{canary.port}/",
        "json://169.254.169.254/latest",
    )
    assert taken == ""
    message = receiver.messages[0]
    assert message["title"] == "وزير الدفاع"
    assert "سمع *إطلاق النار*" in str(message["message"])
    assert "https://news.example/article/a" in str(message["message"])
    assert "loopback" in redirected
    assert failed
    assert "TOKEN-1234" not in failed
    assert "loopback" in inside
    assert "its address" in metadata
    assert canary.connections == 0


def test_a_service_that_hangs_is_ended_after_its_time(config: Config) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def drip() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(65_536)
                peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
                while not stop.wait(0.2):
                    try:
                        peer.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        hasty = config.model_copy(update={"delivery_timeout": 0.5})
        (why,) = send(hasty, f"json://127.0.0.1:{server.getsockname()[1]}/")
        assert "did not answer within 1 s" in why
        stop.set()
        thread.join(5)


def test_the_gate_opens_for_what_is_public_and_for_what_the_operator_named() -> None:
    def resolve(host: str, _port: int) -> list[str]:
        return {"chat.intranet.example": ["10.0.0.5"], "10.0.0.9": ["10.0.0.9"], "::1": ["::1"]}[
            host
        ]

    check = gate(("chat.intranet.example:443", "10.0.0.9", "::1"), resolve)
    check("93.184.216.34", 443)
    check("10.0.0.5", 443)
    check("10.0.0.9", 80)
    check("::1", 80)
    for address, port in (("10.0.0.5", 80), ("10.0.0.6", 443), ("127.0.0.1", 443), ("fe80::1%eth0", 443)):  # fmt: skip
        with pytest.raises(PermissionError, match="its address"):
            check(address, port)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", "Telegram (tgram://)"),
        ("json://user:password@host.example/path", "JSON (json://)"),
        ("ntfys://secret-topic", "ntfy (ntfys://)"),
    ],
)
def test_a_service_is_shown_by_its_name_alone(url: str, shown: str) -> None:
    assert service_name(url) == shown


def test_a_long_digest_is_short_on_a_telephone() -> None:
    many = tuple(attrs.evolve(TOLD, message=f"m{n}") for n in range(50))
    text = body(attrs.evolve(SAID, kind="digest", told=many, headline="60 messages", left_out=10))
    assert text.count("Archive:") == 10
    assert "and 50 more: https://news.example/alerts/r" in text
