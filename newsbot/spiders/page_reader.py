"""From the page of a link to its article: read, over all its pages, or from what its entry carries.

What is no article, and what cannot be read, is noted.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime

import attrs
from scrapy import Request
from scrapy.http import Response

from newsbot.extraction import Extracted
from newsbot.extraction.joining import MOST_PAGES, join
from newsbot.fetching.captures import Provenance
from newsbot.fetching.causes import CAUSES, FINAL
from newsbot.fetching.limits import RunLimits
from newsbot.fetching.raw_files import RawNotKeptError
from newsbot.fetching.warc import fetched_at, raw_of
from newsbot.items import Article, Raw
from newsbot.spiders.extractors import CrawlExtractors, ExtractionError
from newsbot.spiders.frontier import Followed
from newsbot.spiders.looks import Looks
from newsbot.spiders.making import found_by, make_article, provenance_of
from newsbot.spiders.misses import OverrideMisses
from newsbot.spiders.outcomes import Outcomes
from newsbot.spiders.page_reading import read_page
from newsbot.spiders.partial import BLOCKED, PARTIAL, from_entry, is_fuller
from newsbot.spiders.rechecking import Rechecking
from newsbot.spiders.same_dates import SameDates
from newsbot.spiders.session import CrawlSession
from newsbot.text.doubts import weighed

# The pages of an article that were read already: what came, and what it holds.
Before = tuple[tuple[Response, Extracted], ...]


class PageReader:
    """Reads the pages of one crawl.

    ``follow`` makes the request for an article's next page, ``ask_known`` for that of an article that is known.
    """

    def __init__(
        self,
        session: CrawlSession,
        extractors: CrawlExtractors,
        limits: RunLimits,
        looks: Looks,
        outcomes: Outcomes,
        follow: Callable[[str, Followed, Before], Request],
        ask_known: Callable[[Article], Request],
    ) -> None:
        self._session = session
        self._extractors = extractors
        self._limits = limits
        self._looks = looks
        self._outcomes = outcomes
        self._follow = follow
        self.misses = OverrideMisses()
        self.dates = SameDates(session)
        self.rechecking = Rechecking(session, extractors, ask_known)

    async def read(
        self, response: Response, link: Followed, before: Before
    ) -> AsyncIterator[Article | Request]:
        """Yield the article of a page, or the request for its next page; note a page without one."""
        if self._looks.unchanged(response, link):
            self._outcomes.looked(response, link, edited=False)
            return
        try:
            extracted = await read_page(self._extractors, response, self._session.source)
        except ExtractionError as error:
            self._outcomes.unreadable(link, str(error))
            return
        self._limits.came(link.address, article=extracted.is_article)
        for known in await self._known(extracted, response, link, before):
            yield known
        if not extracted.is_article and not before:
            async for partial in self._no_article(extracted, response, link):
                yield partial
            return
        fuller = None if before else await self._for_subscribers(extracted, link)
        if fuller is not None:
            async for partial in self.instead(link, "refused_paywall", carried=fuller):
                yield partial
            return
        if extracted.is_article:
            self.misses.note(extracted.missed)
        read = (*before, (response, extracted)) if extracted.is_article else before
        following = extracted.next_page
        if following and len(read) < MOST_PAGES and all(following != page.url for page, _ in read):
            yield self._follow(following, link, read)
            return
        yield await self._joined(read, link)

    async def _known(
        self, extracted: Extracted, response: Response, link: Followed, before: Before
    ) -> list[Request]:
        """Return the requests for articles that are known, where a page read so that it is worth it."""
        return [] if before else await self.rechecking.note(extracted, response, link)

    async def cut_short(self, link: Followed, before: Before, words: str) -> AsyncIterator[Article]:
        """Yield what was read of an article before the page that failed.

        An article that was kept before is left as it is: half of it would look like an edit.
        """
        if link.visits:
            self._outcomes.visit(link, "failed", words)
        else:
            yield await self._joined(before, link)

    async def instead(
        self, link: Followed, cause: str, words: str = "", *, carried: Extracted | None = None
    ) -> AsyncIterator[Article]:
        """Yield what the entry carries of a page that cannot be read; else note that it failed.

        ``carried`` is that, where it is known.
        """
        words = words or CAUSES[cause].sentence
        if cause not in PARTIAL or link.article or link.visits:
            carried = None
        elif carried is None:
            carried = await self._carried(link)
        if carried is None:
            self._session.counters["known"] += link.partial
            final = cause in FINAL and not link.article
            self._outcomes.visit(link, "refused" if final else "failed", words)
            return
        now = datetime.now(UTC)
        published = weighed(carried.published, now)
        article = make_article(
            attrs.evolve(carried, canonical_url=link.url, published=published),
            self.provenance(link),
            fetched_url=link.address,
            fetched_at=now,
        )
        led = found_by(article, backfill=link.backfill)
        yield attrs.evolve(article, partial=cause, found_by=led)

    async def _carried(self, link: Followed) -> Extracted | None:
        """Return the article that the entry of a link carries."""
        entry = link.entry
        if entry is None or not (entry.summary or entry.content):
            return None
        try:
            return await self._extractors.run(from_entry, entry, link.address)
        except ExtractionError as error:
            self._session.say(f"what is said of {link.address} could not be read: {error}")
            return None

    async def _no_article(
        self, extracted: Extracted, response: Response, link: Followed
    ) -> AsyncIterator[Article]:
        cause = BLOCKED.get(extracted.kind)
        if cause is not None:
            self._outcomes.tell(response.url, cause, CAUSES[cause].sentence)
            async for partial in self.instead(link, cause, extracted.why):
                yield partial
            return
        self._session.counters["not_articles"] += 1
        # An error may give way to the article, and what was one is: it is tried again.
        passing = extracted.kind == "error" or link.visits > 0
        self._outcomes.visit(link, "failed" if passing else "not-article", extracted.why)

    async def _for_subscribers(self, extracted: Extracted, link: Followed) -> Extracted | None:
        """Return what the entry of a page carries, where the page shows the beginning of it only."""
        if extracted.free is not False or link.visits:
            return None
        carried = await self._carried(link)
        if carried is None or not is_fuller(carried, extracted):
            return None
        self._session.counters["refused_paywall"] += 1
        return carried

    async def _joined(self, pages: Sequence[tuple[Response, Extracted]], link: Followed) -> Article:
        first = pages[0][0]
        article = make_article(
            join([page for _, page in pages]),
            self.provenance(link),
            fetched_url=first.url,
            fetched_at=fetched_at(first),
            raw=await self._raw(first),
        )
        if link.partial:  # completed in its place, whatever address it gives itself
            article = attrs.evolve(article, id=link.article, url=link.url)
        article = await self.dates.weighed(article, link.entry, first=not link.visits)
        return attrs.evolve(article, found_by=found_by(article, backfill=link.backfill))

    def provenance(self, link: Followed, part: int = 1) -> Provenance:
        """Say on whose behalf a page is fetched: the article's first, or a further part."""
        session = self._session
        return provenance_of(
            session.source, session.run.id, link.url, link.entry, part, link.visits
        )

    async def _raw(self, response: Response) -> Raw | None:
        try:
            return await raw_of(response)
        except RawNotKeptError as error:
            if not self._session.counters["raw_not_kept"]:
                self._session.say(f"pages are not kept as they came: {error}")
            self._session.counters["raw_not_kept"] += 1
            return None
