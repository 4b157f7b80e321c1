"""What a site's robots.txt closes that this crawl's source was read from before."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import attrs

from newsbot.archive import articles, standings
from newsbot.spiders.session import CrawlSession
from newsbot.standing import Closed


class ClosedByRobots:
    """Notes what is refused that was read before, and looks for it where a robots.txt has changed."""

    def __init__(self, session: CrawlSession) -> None:
        self._session = session
        self._changed = False
        self._ways: set[str] = set()
        self._articles: set[str] = set()

    async def changed(self, origin: str, allows: Callable[[str], bool]) -> None:
        """Hold a robots.txt that is new against the entry points, and against articles that were read."""
        database, source = self._session.database, self._session.source
        standing = await asyncio.to_thread(standings.of, database, source.id)
        before = standing.closed if standing else None
        # Of what another origin closes this one says nothing.
        self._changed = self._changed or (before is not None and f"{origin}/" in before.says)
        known = await asyncio.to_thread(
            articles.many, database, list(standing.known) if standing else []
        )

        def closes(url: str) -> bool:
            return url.startswith(f"{origin}/") and not allows(url)

        if standing is not None and standing.well_at is not None:
            self._ways.update(way.url for way in source.entry_points if closes(way.url))
        read = (each.article.fetched_url for each in known.values())
        self._articles.update(filter(closes, read))

    def refused_way(self, url: str) -> None:
        """Note that an entry point that was read before is closed."""
        self._ways.add(url)

    def refused_article(self, url: str) -> None:
        """Note that the page of an article that was read before is closed."""
        self._articles.add(url)

    def settle(self) -> None:
        """Have what was found be told with the run."""
        if not (self._changed or self._ways or self._articles):
            return
        said = []
        if self._ways:
            said.append(f"the entry point {min(self._ways)}")
            if len(self._ways) > 1:
                said[-1] += f" and {len(self._ways) - 1} more"
        if self._articles:
            said.append(f"pages of known articles ({min(self._articles)} for one)")
        session = self._session
        closed = Closed(since=datetime.now(UTC), says=" and ".join(said))
        session.brought = attrs.evolve(session.brought, closed=closed)
