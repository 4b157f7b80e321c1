"""Serves the page on one address until told to stop."""

import asyncio
import signal
import socket
from contextlib import nullcontext

import uvicorn

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.people.doors import open_to_all
from newsbot.web.app import create_app
from newsbot.web.live import Live


class PortInUseError(Exception):
    """The page's port cannot be had; the text says which, and what to set."""


def serve(config: Config, database: Database) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        PortInUseError: when the port is taken, or others would reach a page without passwords.
    """
    if why := open_to_all(config, database):
        raise PortInUseError(why)
    # With the protocol named, asyncio sets TCP_NODELAY on its connections.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((config.web_host, config.web_port))
    except OSError as error:
        raise PortInUseError(
            f"port {config.web_port} on {config.web_host} cannot be used ({error.strerror}); stop "
            "what uses it, or set NEWSBOT_WEB_PORT to another"
        ) from None
    asyncio.run(_serve(config, database, listening))


async def _serve(config: Config, database: Database, listening: socket.socket) -> None:
    live = Live(config, database)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(config, database, live),
            log_config=None,  # its lines are written as all others are
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
            server_header=False,
        )
    )

    def stop() -> None:
        live.close()
        server.should_exit = True

    # Signals are this module's: open event streams have to be ended before the server can.
    server.capture_signals = nullcontext  # type: ignore[assignment,method-assign]
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop)
    watching = asyncio.create_task(live.watch())
    try:
        await server.serve(sockets=[listening])
    finally:
        live.close()
        watching.cancel()
