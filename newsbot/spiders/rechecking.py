"""Whether this crawl reads its source's pages as they were read before (see :mod:`newsbot.redesign`).

Each page that is read says a little. Where that is suspicious, or the source was found changed before, a
few articles that are known are asked for once more in the same run; what they say is what counts.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import attrs
from scrapy import Request
from scrapy.http import Response

from newsbot.archive import articles, redesigns, standings
from newsbot.archive.connection import AWAY
from newsbot.edits.known_page import new_page, witness
from newsbot.extraction import Extracted
from newsbot.fetching.lease import StoppedError
from newsbot.fetching.raw_files import RawNotKeptError
from newsbot.fetching.warc import fetched_at, raw_of
from newsbot.items import Article
from newsbot.redesign import COUNTED, NewPage, Verdict, Witness, is_short, judge, suspicious
from newsbot.spiders.extractors import CrawlExtractors, ExtractionError
from newsbot.spiders.frontier import Followed
from newsbot.spiders.page_reading import read_page
from newsbot.spiders.session import CrawlSession
from newsbot.standing import Standing, usual_of

# Known articles that are asked for again, and looks for edits that are held against what is known.
ASKED, LOOKS = 4, 8
# A source that was found changed is not asked for known articles more often.
_AGAIN = timedelta(minutes=30)


class Rechecking:
    """What one crawl finds of whether its source's pages are read as they were.

    ``ask`` makes the request for the page of an article that is known.
    """

    def __init__(
        self,
        session: CrawlSession,
        extractors: CrawlExtractors,
        ask: Callable[[Article], Request],
    ) -> None:
        self._session = session
        self._extractors = extractors
        self._ask = ask
        self._standing: Standing | None = None
        self._opened = False
        self._opening = asyncio.Lock()
        self._asked = False
        self._new: list[NewPage] = []
        self._pages = self._hollow = self._short = 0
        self._said: dict[str, Witness] = {}

    async def note(self, page: Extracted, response: Response, link: Followed) -> list[Request]:
        """Note what was read of a link's page; return the requests for known pages that it makes worth it.

        While MongoDB is away nothing is noted: the page's article has to go to the spool.
        """
        try:
            await self._open()
            if link.visits:
                await self._looked(page, response, link)
            elif not link.backfill:
                self._met(page, response, link)
            return await self._worth_asking()
        except AWAY as error:
            self._session.away(error)
            return []

    async def _open(self) -> None:
        async with self._opening:
            if not self._opened:
                self._standing = await asyncio.to_thread(
                    standings.of, self._session.database.hasty, self._session.source.id
                )
                self._opened = True

    def _met(self, page: Extracted, response: Response, link: Followed) -> None:
        entry = link.entry
        new = new_page(
            page,
            fetched_at(response),
            title=entry.title if entry else "",
            dated=entry.published if entry else None,
        )
        if new is not None:
            self._pages += 1
            self._hollow += new.hollow
            usual = usual_of(self._standing) if self._standing else None
            self._short += usual is not None and is_short(new.length, usual.length)
            if len(self._new) < COUNTED:
                self._new.append(new)

    async def _looked(self, page: Extracted, response: Response, link: Followed) -> None:
        if len(self._said) >= LOOKS:
            return
        article = link.article or articles.article_id(link.url)
        kept = await asyncio.to_thread(articles.get, self._session.database.hasty, article)
        if kept is not None and kept.record.text_expired_at is None:
            await self._witness(kept.article, page, response)

    async def _worth_asking(self) -> list[Request]:
        standing = self._standing
        if self._asked or standing is None or not standing.known:
            return []
        changed, asked_at = standing.redesigned is not None, standing.rechecked
        if changed and asked_at and datetime.now(UTC) - asked_at < _AGAIN:
            return []
        lost = any(each.lost or each.odd for each in self._said.values())
        if not (changed or lost or suspicious(usual_of(standing), self._new)):
            return []
        self._asked = True
        try:
            known = await asyncio.to_thread(
                articles.many, self._session.database.hasty, list(standing.known)[-ASKED:]
            )
        except AWAY:
            self._asked = False
            raise
        wanted = [
            each.article
            for name, each in known.items()
            if name not in self._said and each.record.text_expired_at is None
        ]
        if wanted:
            self._session.say(
                f"{len(wanted)} known articles are read again: are pages as they were?"
            )
        return [self._ask(each) for each in wanted]

    async def read(self, response: Response, article: Article) -> None:
        """Take in the page of a known article that was asked for."""
        try:
            page = await read_page(self._extractors, response, self._session.source)
        except ExtractionError as error:
            self._session.say(f"{response.url}: {error}")
            return
        except StoppedError:  # it says nothing
            return
        await self._witness(article, page, response)

    async def _witness(self, article: Article, page: Extracted, response: Response) -> None:
        try:
            raw = await raw_of(response)
        except RawNotKeptError:
            raw = None
        said = witness(article, page, response.url, at=fetched_at(response), raw=raw)
        if said is not None:
            self._said[article.id] = said

    async def settle(self) -> None:
        """Say what was found, and write it down where somebody will want to compare."""
        session, standing = self._session, self._standing
        usual = usual_of(standing or Standing(id=session.source.id, at=datetime.now(UTC)))
        session.brought = attrs.evolve(
            session.brought,
            pages=self._pages,
            hollow=self._hollow,
            short=max(0, self._short - self._hollow),
        )
        found = judge(self._said.values(), self._new, usual)
        if found is None:
            return
        session.brought = attrs.evolve(session.brought, verdict=found, rechecked=self._asked)
        if found.walled:
            session.counters["refused_wall"] += found.walled
            session.say(f"{found.walled} known articles show one and the same text: a wall")
        if found.lost:
            await self._keep(found)

    async def _keep(self, found: Verdict) -> None:
        session = self._session
        session.counters["redesigned"] = len(self._said)
        session.say(f"its pages have changed: {found.says}")
        await asyncio.to_thread(
            redesigns.keep,
            session.database,
            session.source.id,
            session.run.id,
            found.pages,
            now=datetime.now(UTC),
        )
