"""Webhooks: signed so that a receiver can tell, posted where it is allowed, nowhere else."""

import asyncio
import base64
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest

from newsbot.alerts.delivery import Courier
from newsbot.alerts.sending import adding
from newsbot.alerts.sending.adding import ChannelError
from newsbot.alerts.sending.failure import SendError
from newsbot.alerts.sending.webhook import Webhooks, new_signing, signature, signing_key
from newsbot.alerts.telling import Telling
from newsbot.archive.channels import Secret
from newsbot.archive.connection import Database
from newsbot.config import Config
from tests.canary import Canary
from tests.conftest import Receiver
from tests.told_articles import all_messages, article, channel, rule, store

NOW = datetime.now(UTC)
SAID = Telling(id="m1", kind="operator", at=NOW, headline="Echo fails")
SIGNING = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def post(config: Config, target: str, signing: str = "", said: Telling = SAID) -> None:
    async def send() -> None:
        async with Webhooks(config) as webhooks:
            await webhooks.send(said, Secret(target=target, signing=signing))

    asyncio.run(send())


@pytest.fixture
def verified() -> Callable[[str, dict[str, str], bytes], bool]:
    """The example of docs/delivery.md, run."""
    text = (Path(__file__).parents[1] / "docs" / "delivery.md").read_text(encoding="utf8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)
    return names["verified"]  # type: ignore[return-value]


def test_a_receiver_verifies_a_message_by_the_documented_example(
    config: Config, receiver: Receiver, verified: Callable[[str, dict[str, str], bytes], bool]
) -> None:
    said = attrs.evolve(SAID, headline="وقف إطلاق النار")
    post(config, receiver.url, SIGNING, said)
    ((headers, body),) = receiver.posts
    assert headers["webhook-id"] == "m1"
    assert headers["content-type"] == "application/json"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert verified(SIGNING, headers, body)
    assert not verified(SIGNING, headers, body + b" ")
    assert not verified(new_signing(), headers, body)
    assert not verified(SIGNING, headers | {"webhook-id": "m2"}, body)
    assert not verified(SIGNING, headers | {"webhook-timestamp": "1500000000"}, body)
    assert verified(SIGNING, headers | {"webhook-signature": "v1,x " + headers["webhook-signature"]}, body)  # fmt: skip


def test_a_signature_is_what_the_specification_gives() -> None:
    """The example of the Standard Webhooks specification's own libraries."""
    signing = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = signature(signing, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("wrong", ["", "abc", "whsec_", "whsec_!!!", "whsec_" + "QUFB" * 2, "whsec_" + "QUFB" * 30])  # fmt: skip
def test_a_secret_that_is_none_is_refused_with_what_would_be_right(wrong: str) -> None:
    with pytest.raises(ValueError, match="24 to 64 bytes in base64"):
        signing_key(wrong)


def test_an_address_inside_is_refused_unless_the_operator_allows_it(
    config: Config, canary: Canary
) -> None:
    outside = config.model_copy(update={"webhook_hosts": ()})
    for host in ("127.0.0.1", "localhost", "127.1"):
        with pytest.raises(SendError, match="webhook_hosts"):
            post(outside, f"http://{host}:{canary.port}/secret-path")
    assert canary.connections == 0
    with pytest.raises(SendError):
        post(config, "http://169.254.169.254/latest")
    post(config, f"http://127.0.0.1:{canary.port}/")
    assert canary.connections == 1


def test_redirects_are_refused(config: Config, canary: Canary, receiver: Receiver) -> None:
    receiver.answers, receiver.says = [302], {"location": f"http://127.0.0.1:{canary.port}/"}
    with pytest.raises(SendError, match="redirects are not followed"):
        post(config, receiver.url)
    assert canary.connections == 0


@pytest.mark.parametrize(
    ("status", "final", "ill"),
    [(500, False, True), (503, False, True), (429, False, True), (400, False, False), (404, False, False), (410, True, False)],
)  # fmt: skip
def test_an_answer_says_whether_trying_again_is_of_use(
    config: Config, receiver: Receiver, status: int, final: bool, ill: bool
) -> None:
    receiver.answers, receiver.says = [status], {"retry-after": "120"}
    with pytest.raises(SendError, match=str(status)) as failed:
        post(config, receiver.url)
    assert (failed.value.final, failed.value.ill) == (final, ill)
    assert failed.value.retry_after == 120


@pytest.fixture
def canary() -> Iterator[Canary]:
    """What is inside."""
    made = Canary()
    yield made
    made.close()


@pytest.fixture
def dripping() -> Iterator[str]:
    """A receiver whose headers never end: a byte each tenth of a second."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            peer, _ = server.accept()
            with peer:
                peer.sendall(b"HTTP/1.1 200 OK\r\nx: ")
                while not stop.wait(0.1):
                    try:
                        peer.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        stop.set()
        thread.join()


def test_a_receiver_that_answers_drop_by_drop_is_left(config: Config, dripping: str) -> None:
    hasty = config.model_copy(update={"delivery_timeout": 0.5})
    with pytest.raises(SendError, match=r"did not answer within 0\.5 s"):
        post(hasty, dripping)


def test_an_endless_answer_is_not_read(config: Config, canary: Canary) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        sent: list[int] = []

        def answer() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(65_536)
                peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n")
                with_data = b"x" * 65_536
                try:
                    while True:
                        sent.append(peer.send(with_data))
                except OSError:
                    return

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        post(config, f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join(5)
        assert sum(sent) < 20_000_000


def test_a_channel_is_signed_from_its_first_message_and_its_secret_shown_once(
    config: Config, settings: Config, database: Database, receiver: Receiver,
    verified: Callable[[str, dict[str, str], bytes], bool],
) -> None:  # fmt: skip
    added = adding.add(config, database, receiver.url, name="desk")
    assert added.new
    assert adding.add(config, database, receiver.url).signing == ""
    rule(database, "shots", added.channel, now=NOW)
    store(database, [article(now=NOW)], NOW)
    asyncio.run(Courier(settings, database, "test").deliver_due())
    ((headers, body),) = receiver.posts
    assert verified(added.signing, headers, body)
    (sent,) = all_messages(database)
    assert sent.id == headers["webhook-id"] == receiver.messages[0]["id"]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("http://10.0.0.1/x", "webhook_hosts"),
        ("http://[::1]/x", "webhook_hosts"),
        ("https://", "is no web address"),
        ("nobody", "is no e-mail address"),
        ("a b@c.example", "is no e-mail address"),
        ("ann@x\nBcc: b@c.example", "is no e-mail address"),
        ("nowhere://x", "no address of a service"),
        ("tgram://", "no address of a service"),
        ("dbus://", "on the machine that newsbot runs on"),
    ],
)
def test_a_channel_that_cannot_be_is_refused_with_the_reason(
    config: Config, database: Database, target: str, says: str
) -> None:
    with pytest.raises(ChannelError, match=re.escape(says)):
        adding.add(config, database, target)


def test_a_name_is_one_channels(config: Config, database: Database) -> None:
    channel(database, "https://desk.example/a", name="desk")
    with pytest.raises(ChannelError, match="choose another name"):
        adding.add(config, database, "https://desk.example/b", name="desk")
