"""The one reactor of a process, on asyncio, and how it ends."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

from scrapy.utils.reactor import install_reactor
from twisted.internet.base import ReactorBase

T = TypeVar("T")

# Steps that may wait for MongoDB at once. While it is away each crawl has a few of them, and there has to
# be one left that finds out that it is back.
THREADS = 128

REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


def run(main: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in the reactor and return its result.

    It is given an event that the first SIGINT or SIGTERM sets; from then on it has to end.
    """
    install_reactor(REACTOR)
    from twisted.internet import reactor as installed

    reactor = cast("ReactorBase", installed)
    loop = asyncio.get_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS, "step"))
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    outcome: list[asyncio.Task[T]] = []

    def begin() -> None:
        task = loop.create_task(main(stop))
        outcome.append(task)
        task.add_done_callback(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run(installSignalHandlers=False)
    return outcome[0].result()
