"""Services: chats, phones and much else, by Apprise; each channel is one of its URLs.

Apprise runs in processes of its own. There a service that hangs is ended after its time, and there alone
every connection passes the address rules of fetching, whatever library makes it (an audit hook, PEP 578).
"""

import asyncio
import logging
import multiprocessing
import sys
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs
from pebble import ProcessExpired, ProcessPool

from newsbot.alerts.sending.failure import SendError, masked
from newsbot.alerts.sending.letter import letter
from newsbot.alerts.telling import Telling, one_line
from newsbot.config import Config
from newsbot.fetching.addresses import AddressPolicy
from newsbot.fetching.pinning import system_addresses
from newsbot.fetching.refusals import RefusedError
from newsbot.parts import end_with_parent

if TYPE_CHECKING:
    from apprise import NotifyBase

# How many services are spoken to at a time.
AT_ONCE = 4
# Seconds that a process may take to start, with Apprise in it: less than a lease lasts beyond a try.
_START = 8.0
# Of a digest so many stories are told: these messages are read on telephones.
_MOST = 10
# What acts on this machine, which is a server's: nobody would see it.
_HERE = frozenset(
    "blink1 dbus deltachat deltachats gio glib gnome kde macosx qt syslog windows".split()
)


class ServiceError(ValueError):
    """No URL of a service; the text says why, and nothing of its secrets."""


def service_name(url: str) -> str:
    """Return what people call the service of an Apprise URL, with the beginning of that: *Slack (slack://)*.

    Raises:
        ServiceError: when Apprise cannot use the URL, or it is of this machine's own desktop.
    """
    scheme = url.partition("://")[0].lower()
    if scheme in _HERE:
        raise ServiceError(
            f"{scheme}:// shows messages on the machine that newsbot runs on; choose a service that "
            "brings them to somebody"
        )
    made = _service(url)
    if made is None:
        raise ServiceError(
            f"{scheme}://… is no address of a service that Apprise knows, or something is missing in it; "
            "see https://appriseit.com/services/"
        )
    return f"{one_line(str(made.service_name))} ({scheme}://)"


def _service(url: str) -> "NotifyBase | None":
    from apprise import Apprise, AppriseAsset, OverflowMode

    asset = AppriseAsset(
        app_id="newsbot",
        app_desc="newsbot",
        async_mode=False,
        http_redirects=False,
        pem_autogen=False,
        pgp_autogen=False,
    )
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it tells of URLs
    made: NotifyBase | None = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if made is not None:
        made.overflow_mode = OverflowMode.SPLIT
    return made


@attrs.frozen
class _Work:
    """What a process is given: where to, what, how long a connection may take, who may be inside."""

    url: str = attrs.field(repr=False)
    title: str
    body: str
    timeout: float
    allowed: tuple[str, ...]


class Services:
    """Sends messages through services; ``close`` ends its processes."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._made: ProcessPool | None = None

    @property
    def _pool(self) -> ProcessPool:
        if self._made is None:  # most have no such channel
            # One process loads Apprise, and the others are forked from it as they are wanted.
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([__name__, "apprise"])
            self._made = ProcessPool(max_workers=AT_ONCE, initializer=_begin, context=context)
        return self._made

    async def send(self, said: Telling, url: str) -> None:
        """Send a message. Raises SendError."""
        work = _Work(
            url,
            said.headline,
            body(said),
            self._config.delivery_timeout,
            self._config.webhook_hosts,
        )
        bound = 2 * self._config.delivery_timeout
        future = self._pool.schedule(_notify, args=(work,), timeout=bound + _START)
        try:
            failure: str = await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeoutError):
            raise SendError(f"the service did not answer within {bound:g} s", ill=True) from None
        except ProcessExpired:
            raise SendError("the process that spoke to the service broke off", ill=True) from None
        if failure:
            raise SendError(masked(one_line(failure), url)[:300], ill=True)

    def close(self) -> None:
        """End the processes, whatever they do."""
        if self._made is not None:
            self._made.stop()  # type: ignore[no-untyped-call]
            self._made.join(timeout=1)


def body(said: Telling) -> str:
    """Return a message as text that is short enough for a telephone."""
    few = attrs.evolve(
        said,
        told=said.told[:_MOST],
        left_out=said.left_out + max(0, len(said.told) - _MOST),
    )
    return letter(few).text


# In the processes


class _LastWords(logging.Handler):
    """Keeps what Apprise says last of why it failed."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.said = record.getMessage()


_LAST = _LastWords()
_gate: Callable[[str, int], None] | None = None


def _begin() -> None:
    end_with_parent()
    log = logging.getLogger("apprise")
    log.propagate = False
    log.addHandler(_LAST)
    sys.addaudithook(_watch)


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.sendto") or _gate is None:
        return
    address = args[1]
    if isinstance(address, tuple) and len(address) >= 2:  # others are no addresses of a network
        _gate(str(address[0]), int(address[1]))


def gate(
    allowed: tuple[str, ...], resolve: Callable[[str, int], list[str]] = system_addresses
) -> Callable[[str, int], None]:
    """Return what refuses a connection to an address and a port, by a PermissionError.

    Public addresses may be connected to, and those that the operator's ``allowed`` hosts lead to.
    """
    policy = AddressPolicy.of(allowed)
    names: dict[str, list[str]] = {}
    for each in policy.allowed:
        host = urlsplit(
            f"//{each}" if each.count(":") < 2 or "[" in each else f"//[{each}]"
        ).hostname
        try:
            found = resolve(host or "", 0)
        except OSError:
            continue
        for address in found:
            names.setdefault(address, []).append(host or "")

    def check(address: str, port: int) -> None:
        bare = address.partition("%")[0]
        if any(policy.permits(host, port, bare) for host in (*names.get(bare, ()), bare)):
            return
        try:
            policy.check(bare, port, bare)
        except RefusedError as refused:
            raise PermissionError(f"its address {refused}") from None

    return check


def _notify(work: _Work) -> str:
    """Send a message; returns "" where it was taken, and else why it was not."""
    global _gate
    made = _service(work.url)
    if made is None:
        return "Apprise cannot use its address any more"
    logging.getLogger("apprise").setLevel(logging.WARNING)
    made.socket_connect_timeout = made.socket_read_timeout = work.timeout
    _LAST.said = ""
    check = gate(work.allowed)
    refused: list[str] = []

    def noting(address: str, port: int) -> None:
        try:
            check(address, port)
        except PermissionError as error:
            refused.append(str(error))
            raise

    _gate = noting
    try:
        taken = bool(made.notify(title=work.title, body=work.body, body_format="text"))
    except Exception as error:  # noqa: BLE001 - a hundred plugins, each with its own
        return f"{type(error).__name__}: {error}"
    finally:
        _gate = None
    if taken:
        return ""
    return (refused or [_LAST.said])[-1] or "the service did not take it"
