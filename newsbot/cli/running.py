"""``newsbot up`` and the parts that it starts."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from typing import Annotated

import typer

from newsbot.archive import server
from newsbot.archive.connection import Database
from newsbot.cli import context
from newsbot.cli.output import USAGE, fail
from newsbot.config import Config


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("up")(up)
    app.command("part", hidden=True)(part)


def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="With the demo newsroom, on data of its own.")
    ] = False,
) -> None:
    """Start everything: database, scheduler, worker, search index, delivery, web page."""
    from newsbot.service import Service, ServiceError

    if demo:
        context.use_demo()
    config = context.config()
    with context.archive(config) as database:
        try:
            code = Service(config, database, demo=context.on_demo()).run()
        except ServiceError as error:
            fail(str(error))
    if not config.mongodb_uri:
        server.release(config.data_dir, patience=2.0)
    raise typer.Exit(code)


def part(name: str) -> None:
    """Run one part of the service in this process."""
    from newsbot import logs
    from newsbot.metrics import sheets

    _end_with_parent()
    config = context.config()
    logs.configure(config)
    runner = PARTS.get(name)
    if runner is None:
        fail(f"there is no part {name!r}; there are {', '.join(PARTS)}", code=USAGE)
    if name == "demo":
        _demo(config)
        return
    with (
        logs.about(part=name),
        context.archive(config) as database,
        sheets.kept(config.data_dir, name),
    ):
        runner(config, database)


def _worker(config: Config, database: Database) -> None:
    if config.dispatch == "celery":
        from schedules import sent

        sent.run(config, database)
        return
    from schedules import reactor
    from schedules.worker import Worker

    reactor.run(Worker(config, database).run)


def _scheduler(config: Config, database: Database) -> None:
    from schedules.timetable import Timetable

    with _relay(config, database):
        Timetable(config, database).run(_stop_event())


def _relay(config: Config, database: Database) -> contextlib.AbstractContextManager[object]:
    if config.dispatch != "celery":
        return contextlib.nullcontext()
    from schedules.relay import Relay

    return contextlib.closing(Relay(config, database))


def _indexer(config: Config, database: Database) -> None:
    from newsbot.alerts import surges
    from newsbot.search import checking
    from newsbot.search.follow import follow

    stop = _stop_event()
    for name, watch in (("check", checking.watch), ("surges", surges.watch)):
        threading.Thread(
            target=watch, args=(config, database, stop), daemon=True, name=name
        ).start()
    follow(config, database, stop)


def _delivery(config: Config, database: Database) -> None:
    from newsbot.alerts.delivery import Courier
    from newsbot.alerts.digests import DigestMaker
    from newsbot.spiders.session import owner_name

    async def main() -> None:
        owner = owner_name()
        task = asyncio.gather(
            Courier(config, database, owner).run(), DigestMaker(database, owner).run()
        )
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())


def _web(config: Config, database: Database) -> None:
    from newsbot.web.server import serve

    serve(config, database)


def _demo(config: Config) -> None:
    from newsbot.demo.server import serve

    asyncio.run(
        serve(
            config.demo_port,
            interval=config.demo_interval,
            state=config.data_dir / "newsroom.json",
            inbox=config.data_dir / "inbox.jsonl",
        )
    )


PARTS = {
    "demo": lambda config, _database: _demo(config),
    "indexer": _indexer,
    "delivery": _delivery,
    "worker": _worker,
    "scheduler": _scheduler,
    "web": _web,
}


def _stop_event() -> threading.Event:
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    return stop


def _end_with_parent() -> None:
    """End this process soon after its parent does, however that ends."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent").start()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
