"""The one reactor of a process, on asyncio, and how it ends."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from scrapy.utils.reactor import install_reactor

T = TypeVar("T")

REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


def run(main: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in the reactor and return its result.

    It is given an event that the first SIGINT or SIGTERM sets; from then on it has to end.
    """
    install_reactor(REACTOR)
    from twisted.internet import reactor

    loop = asyncio.get_event_loop()
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    outcome: list[asyncio.Task[T]] = []

    def begin() -> None:
        task = loop.create_task(main(stop))
        outcome.append(task)
        task.add_done_callback(lambda _: reactor.stop())  # type: ignore[attr-defined]

    reactor.callWhenRunning(begin)  # type: ignore[attr-defined]
    reactor.run(installSignalHandlers=False)  # type: ignore[attr-defined]
    return outcome[0].result()
