"""A crawl's looks at articles that it has: asked for what changed alone, and what they teach."""

import asyncio
from datetime import UTC, datetime

from scrapy import Request
from scrapy.http import Response

from newsbot.archive import articles, revisions, sources
from newsbot.archive.pages import Version
from newsbot.fetching.conditional import conditions, version_of
from newsbot.revisits import Gone
from newsbot.spiders.frontier import Followed
from newsbot.spiders.session import CrawlSession


class Looks:
    """The looks for edits of one crawl."""

    def __init__(self, session: CrawlSession) -> None:
        self._session = session
        self._made: list[tuple[int, bool]] = []
        self.read_with = session.source.overrides.mark()

    def ask(self, request: Request, link: Followed) -> Request:
        """Have a request for a page that was read before ask for what changed alone."""
        # A browser has a cache and conditions of its own.
        if link.version is not None and not request.meta.get("playwright"):
            request.headers.update(conditions(link.version))
            request.meta["handle_httpstatus_list"] = [304]
        return request

    def unchanged(self, response: Response, link: Followed) -> bool:
        """Say whether a page is as it was the last time, so that it need not be read."""
        if link.version is None:
            return False
        same = response.status == 304 or (
            response.status == 200
            and version_of(response, now=datetime.now(UTC)).digest == link.version.digest
        )
        if same:
            self._session.counters["unchanged"] += 1
        return same

    def version(self, response: object, link: Followed) -> Version | None:
        """Return what names the version that was read; None of an article on several pages."""
        if not isinstance(response, Response):
            return None  # its last page failed
        if response.status == 304:
            return link.version
        if response.status != 200 or (
            response.request and response.request.cb_kwargs.get("before")
        ):
            return None
        return version_of(response, now=datetime.now(UTC))

    def made(self, link: Followed, *, edited: bool) -> None:
        """Note what a look found."""
        if link.look >= 0:
            self._made.append((link.look, edited))

    async def gone(self, link: Followed) -> Gone:
        """Note that a server has a page no more; so often, and for so long, that is a deletion."""
        moment = datetime.now(UTC)
        found = Gone.after(link.gone, moment)
        if found.for_good:
            database = self._session.database
            article = link.article or articles.article_id(link.url)
            if await asyncio.to_thread(revisions.note_deletion, database, article, now=moment):
                self._session.counters["deleted"] += 1
                self._session.say(f"{link.address} is gone, since {found.since:%Y-%m-%d %H:%M} UTC")
        return found

    async def learn(self) -> None:
        """Write down what the looks taught of the source."""
        if self._made and self._session.may_fetch():
            edits = self._session.source.edits.after(self._made)
            await asyncio.to_thread(
                sources.change, self._session.database, self._session.source.id, edits=edits
            )
