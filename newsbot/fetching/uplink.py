"""Whether it is our own connection that is down, and not the host that does not answer.

When a host cannot be connected to and nothing has answered for some seconds, other hosts are tried that did
answer not long ago, each of another network, as Nagios does before it believes a service's failure: whether their names are still known,
and whether the address that answered still takes a connection. Nothing is asked of them, and no stranger is
tried but those of the setting ``uplink_probes``. When none of two or more takes one, our own connection is down.
Where there are none to try, five hosts that failed with nothing answering in between say the same.

While it is down requests are refused at once, but for one now and then: those that are tried may be all of one
network that is down, and others not. Whatever answers ends it. One object a process (an event loop).
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from weakref import WeakKeyDictionary

# A failure within so many seconds of an answer, of whomever, is the host's own.
FRESH = 1.0
# Hosts that are tried, and how long each has (seconds); how long what they said holds.
TRIED, PATIENCE, HOLDS = 4, 4.0, 5.0
FEWEST_TRIED, FEWEST_FAILED = 2, 5
# How many hosts are remembered for that.
REMEMBERED = 64
# While it is down, one run is taken and one request made in so many seconds.
TRIAL = 30.0
# How long after it is up again all runs are taken as usual (seconds): fewer before, one at first.
SLOW_START = 60.0

Target = tuple[str, int]


class Uplink:
    """Our own connection, as this process knows it. ``down_since`` is None while it is up."""

    def __init__(self, probes: Sequence[Target] = ()) -> None:
        self.probes = tuple(probes)
        self.down_since: datetime | None = None
        self._answered: dict[str, tuple[str, Target]] = {}
        self._failed: dict[str, float] = {}
        self._answer_at = float("-inf")
        self._checked_at = float("-inf")
        self._trial_at = float("-inf")
        self._run_at = float("-inf")
        self._up_at = float("-inf")
        self._check: asyncio.Task[bool] | None = None

    def answered(self, name: str, address: str | None, port: int) -> None:
        """Note that a host answered: by this name, from this address."""
        self._answer_at = time.monotonic()
        self._failed.clear()
        self._is_up()
        if address:
            self._answered.pop(f"{name}:{port}", None)
            self._answered[f"{name}:{port}"] = (name, (address, port))
            while len(self._answered) > REMEMBERED:
                del self._answered[next(iter(self._answered))]

    async def blames_us(self, name: str, port: int) -> bool:
        """Say, when a host could not be connected to, whether our own connection is down."""
        key, now = f"{name}:{port}", time.monotonic()
        self._failed.setdefault(key, now)
        if self.down_since is not None:
            return True
        if now - self._answer_at < FRESH and len(self._failed) < FEWEST_FAILED:
            return False
        if not await self._nothing_answers(without=key):
            return False
        first = min(self._failed.values(), default=now)
        self.down_since = datetime.now(UTC) - timedelta(seconds=time.monotonic() - first)
        return True

    async def is_down(self) -> bool:
        """Say whether it is still down; one request in a while may pass where nothing else can tell."""
        if self.down_since is None:
            return False
        tried = len(self._targets("")) >= FEWEST_TRIED
        if tried and not await self._nothing_answers(without=""):
            self._is_up()
            return False
        now = time.monotonic()
        if now - self._trial_at >= TRIAL:
            self._trial_at = now
            return False
        return True

    def runs_allowed(self, most: int, under_way: int) -> int:
        """Return how many runs there may be at a time now."""
        if self.down_since is not None:
            return 1 if not under_way and time.monotonic() - self._run_at >= TRIAL else 0
        passed = time.monotonic() - self._up_at
        return most if passed >= SLOW_START else max(1, int(most * passed / SLOW_START))

    def run_taken(self) -> None:
        """Note that a run was taken."""
        self._run_at = time.monotonic()

    def _is_up(self) -> None:
        if self.down_since is not None:
            self.down_since, self._up_at = None, time.monotonic()
            self._trial_at = float("-inf")
            self._failed.clear()

    def _targets(self, without: str) -> list[tuple[str, Target]]:
        apart: dict[str, tuple[str, Target]] = {}
        for key, each in reversed(self._answered.items()):
            if key != without and len(apart) < TRIED:
                apart.setdefault(_network(each[1]), each)
        return [*apart.values(), *((host, (host, port)) for host, port in self.probes)]

    async def _nothing_answers(self, *, without: str) -> bool:
        targets = self._targets(without)
        if len(targets) < FEWEST_TRIED:
            return len(self._failed) >= FEWEST_FAILED
        if self._check is None or (
            self._check.done() and time.monotonic() - self._checked_at >= HOLDS
        ):
            self._check = asyncio.ensure_future(self._try_all(targets))
        return not await asyncio.shield(self._check)

    async def _try_all(self, targets: Sequence[tuple[str, Target]]) -> bool:
        """Say whether one of them takes a connection."""
        taken = await asyncio.gather(*(_takes_connection(*each) for each in targets))
        self._checked_at = time.monotonic()
        return any(taken)


def _network(target: Target) -> str:
    """Return what is likely to be down together: a range of public addresses, else an address by itself."""
    try:
        address = ip_address(target[0])
    except ValueError:
        return target[0]
    if not address.is_global:
        return f"{address}:{target[1]}"
    return str(ip_network(f"{address}/{16 if address.version == 4 else 32}", strict=False))


async def _takes_connection(name: str, target: Target) -> bool:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(PATIENCE):
            await loop.getaddrinfo(name, target[1])
            _, writer = await asyncio.open_connection(*target)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


_OF_LOOP: "WeakKeyDictionary[asyncio.AbstractEventLoop, Uplink]" = WeakKeyDictionary()


def uplink() -> Uplink:
    """Return the connection of this process (of its running event loop)."""
    loop = asyncio.get_running_loop()
    found = _OF_LOOP.get(loop)
    if found is None:
        found = _OF_LOOP[loop] = Uplink()
    return found


def target_of(text: str) -> Target:
    """Return the host and port of a setting; without a port it is 443."""
    host, _, port = text.rpartition(":")
    return (host.strip("[]"), int(port)) if host and port.isdigit() else (text, 443)
