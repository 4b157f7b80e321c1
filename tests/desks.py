"""A desk served on loopback by a real server, in a thread of the tests."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.conftest import free_port
from tests.test_kills import wait_until


@contextmanager
def desk(config: Config, database: Database) -> Iterator[str]:
    """Serve an archive, and yield the desk's address."""
    port = free_port()
    app = create_app(config, database, Live(config, database))
    server = uvicorn.Server(
        uvicorn.Config(
            app, host="127.0.0.1", port=port, log_config=None, log_level="critical", lifespan="off"
        )
    )
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), name="desk")
    thread.start()
    try:
        wait_until(lambda: server.started, 30)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
