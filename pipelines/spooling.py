"""Where an article goes while MongoDB is away: to the spool on disk, whichever stage it had reached."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from newsbot.archive.connection import AWAY
from newsbot.archive.spool import SpoolError, SpoolFullError
from newsbot.reading import Candidate
from newsbot.spiders.outcomes import LeftError, SpooledError
from newsbot.spiders.session import CrawlSession

R = TypeVar("R")

# How long (seconds) an article waits for room in a full spool before it tries the archive again.
_WAIT = 0.5


async def or_spooled(
    session: CrawlSession, candidate: Candidate, step: Callable[[], Awaitable[R]]
) -> R:
    """Return what a step in the archive answers, unless MongoDB is away.

    While something waits in the spool, what comes later waits behind it.

    Raises:
        SpooledError: when the article is on disk instead; it is kept.
        LeftError: when the crawl is told to end while there is no room for it.
        SpoolError: when it cannot be kept there.
    """
    full = False
    while True:
        if not session.spool.active:
            try:
                return await step()
            except AWAY as error:
                session.away(error)
        try:
            await session.spool_article(candidate)
        except SpoolFullError as error:
            if session.trouble:
                raise SpoolError(session.trouble) from None
            if session.stop.is_set:
                raise LeftError("the crawl was told to end", log_level="DEBUG") from None
            if not full:
                session.say(str(error))
            full = True
            await asyncio.sleep(_WAIT)
            continue
        raise SpooledError("it waits on disk until MongoDB is back", log_level="DEBUG")
