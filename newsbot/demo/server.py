"""Runs the demo: six sites and the inbox, each on a port of its own, in one process.

All ports are bound before anything is served, so that a port in use is told in one sentence and
nothing is left half-started. One server holds all the sockets and passes each request to the site
of the port it came in by.
"""

import asyncio
import contextlib
import errno
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from newsbot.demo import statefile
from newsbot.demo.inbox import Inbox, InboxFileError
from newsbot.demo.newsroom import Newsroom
from newsbot.demo.sites import INBOX_OFFSET, SITES
from newsbot.demo.statefile import StateFileError
from newsbot.demo.stock import stock
from newsbot.demo.website import Website

_HOST: Final = "127.0.0.1"
_HIGHEST_PORT: Final = 65535
_BACKLOG: Final = 256


class _ByPort:
    """Passes each request to the application of the port at which it came in."""

    def __init__(self, applications: dict[int, ASGIApp]) -> None:
        self._applications = applications

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._applications[scope["server"][1]](scope, receive, send)


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it, and tells when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._ready:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Answers take milliseconds; whoever is still connected only keeps the line open, or has
        # sent half a request. Neither is worth waiting for.
        for connection in list(self.server_state.connections):
            if connection.transport:
                connection.transport.abort()
        await super().shutdown(sockets)


async def serve(
    base_port: int,
    *,
    interval: float = 4.0,
    state: Path | None = None,
    inbox: Path | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Run the demo from ``base_port`` on, on this machine alone, until cancelled.

    A story appears every ``interval`` seconds, over all sites. ``state`` is the file that
    remembers over a restart what was published, ``inbox`` the file to which arriving webhooks are
    appended. ``ready`` is called once requests are answered. A port in use or a file that cannot be
    used is said on standard error and ends in SystemExit with code 1.
    """
    try:
        known = statefile.load(state) if state else None
        newsroom = Newsroom(stock(), interval=interval, ledger=known)
        receiver = Inbox(_now, inbox)
        sockets = _bind(base_port)
        _publish(newsroom, state)
    except (StateFileError, InboxFileError, _PortError, ValueError) as problem:
        _fail(problem)
    applications: dict[int, ASGIApp] = {
        base_port + site.port_offset: Website(
            site, newsroom, site.homepage(base_port).rstrip("/"), _now
        ).application()
        for site in SITES
    }
    applications[base_port + INBOX_OFFSET] = receiver.application()
    server = _Server(
        uvicorn.Config(
            _ByPort(applications),
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        ),
        ready,
    )
    parts = [
        asyncio.create_task(server.serve(sockets=sockets)),
        asyncio.create_task(_keep_publishing(newsroom, state)),
    ]
    try:
        await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.should_exit = True
        parts[1].cancel()
        outcomes = await asyncio.gather(*parts, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, StateFileError):
            _fail(outcome)
        if isinstance(outcome, Exception):
            raise outcome


def _fail(problem: Exception) -> NoReturn:
    sys.stderr.write(f"{problem}\n")
    raise SystemExit(1)


def _now() -> datetime:
    return datetime.now(UTC)


def _publish(newsroom: Newsroom, state: Path | None) -> None:
    """Publish what is due, once it is written down: what was ever served stays known."""
    before = newsroom.ledger if newsroom.is_open else None
    newsroom.advance(_now())
    if state and newsroom.ledger != before:
        statefile.save(state, newsroom.ledger)


async def _keep_publishing(newsroom: Newsroom, state: Path | None) -> None:
    while True:
        pause = (newsroom.next_due() - _now()).total_seconds()
        await asyncio.sleep(max(pause, 0.01))
        _publish(newsroom, state)


class _PortError(Exception):
    """A port that the demo needs cannot be had; the message says which and what to do."""


def _bind(base_port: int) -> list[socket.socket]:
    names = {site.port_offset: f"the demo site “{site.name}”" for site in SITES}
    names[INBOX_OFFSET] = "the demo's inbox"
    if not 1 <= base_port <= _HIGHEST_PORT - INBOX_OFFSET:
        raise _PortError(
            f"The demo needs {len(names)} ports in a row from its base port on; {base_port} leaves "
            f"no room: choose one from 1024 to {_HIGHEST_PORT - INBOX_OFFSET}."
        )
    bound: list[socket.socket] = []
    for offset, name in names.items():
        port = base_port + offset
        # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, each
        # answer waits 40 ms for the other side's delayed acknowledgement.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.append(listener)
        # A restart need not wait for the last connections' TIME_WAIT to pass.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        try:
            listener.bind((_HOST, port))
            listener.listen(_BACKLOG)
        except OSError as problem:
            for each in bound:
                each.close()
            in_use = problem.errno == errno.EADDRINUSE
            why = "is already in use" if in_use else f"cannot be used ({problem.strerror})"
            raise _PortError(
                f"Port {port} on {_HOST} {why}; {name} needs it. Stop what uses it, or choose "
                "another base port for the demo."
            ) from problem
    return bound
