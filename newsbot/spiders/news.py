"""The one spider: it crawls a site as its source's record says.

It reads the entry points (feeds, sitemaps, pages), follows the links that were never visited, looks
again at articles whose revisit is due, and yields each article once extracted.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Self, cast

import scrapy
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from newsbot.archive import belonging, hosts, pages
from newsbot.archive.connection import ArchiveError, connect
from newsbot.config import Config, ConfigurationError, load_config
from newsbot.discovery import Entry, read_listing
from newsbot.fetching.addresses import AddressPolicy
from newsbot.fetching.captures import Provenance
from newsbot.fetching.causes import LATER
from newsbot.fetching.credentials import Credentials
from newsbot.fetching.failures import failure_of, is_gone
from newsbot.fetching.lease import LeaseOverError, Stop, StoppedError
from newsbot.fetching.limits import RunLimits
from newsbot.fetching.refusals import RefusedError
from newsbot.fetching.retries import ASKED_TO_WAIT
from newsbot.fetching.robots import Rules
from newsbot.items import Article
from newsbot.spiders import finishing
from newsbot.spiders.backfill import Walk
from newsbot.spiders.closed import ClosedByRobots
from newsbot.spiders.ending import end_early
from newsbot.spiders.extractors import ExtractionError, Extractors
from newsbot.spiders.frontier import Followed, Frontier
from newsbot.spiders.looks import Looks
from newsbot.spiders.making import charset_of, provenance_of
from newsbot.spiders.outcomes import Outcomes
from newsbot.spiders.own_limits import hosts_of, settle
from newsbot.spiders.page_reader import Before, PageReader
from newsbot.spiders.polling import Asked, Polling
from newsbot.spiders.session import CrawlError, CrawlSession

# Requests of one run, more urgent first: what leads to news, then news, then looks for edits.
ENTRY_POINT, FRESH, REVISIT = 20, 10, 0

# Links handed out at a time: few, so that what is found later and is newer need not wait.
HANDED_OUT = 16


class NewsSpider(scrapy.Spider):
    """Crawls one source. ``-a source=NAME`` names it."""

    name = "news"

    def __init__(self, session: CrawlSession, extractors: Extractors, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.session = session
        self.polling = Polling(session)
        self.looks = Looks(session)
        self.closed = ClosedByRobots(session)
        self.extractors = extractors.of(session.stop)
        self.limits = RunLimits(session.config, self._refused)
        self.allowed_domains = hosts_of(session.source)
        self.addresses = AddressPolicy(frozenset(session.source.allowed_hosts))
        self.credentials = Credentials.of(session.source)
        self.frontier = Frontier(session, self._hand_out)
        self.outcomes = Outcomes(session, self.frontier, self.polling, self.looks)
        self.pages = PageReader(
            session,
            self.extractors,
            self.limits,
            self.looks,
            self.outcomes,
            self._follow,
            self._ask_known,
        )
        self.walk: Walk | None = None
        self._known_links = 0
        self._owned = ExitStack()
        self._heartbeat: asyncio.Task[None] | None = None
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        *args: Any,
        session: CrawlSession | None = None,
        extractors: Extractors | None = None,
        source: str | None = None,
        **kwargs: Any,
    ) -> Self:
        """Make the spider of a run that is held, or (``scrapy crawl``) of a run of its own."""
        owned = ExitStack()
        if session is None:
            try:
                if source is None:
                    raise CrawlError("name a source: scrapy crawl news -a source=NAME")
                config = load_config()
                session = CrawlSession.begin(config, owned.enter_context(connect(config)), source)
            except (ArchiveError, ConfigurationError, CrawlError) as error:
                owned.close()
                # `scrapy crawl` would show a traceback, and end well.
                sys.exit(f"newsbot: {error}")
        if extractors is None:
            config = session.config
            extractors = Extractors(config.extraction_processes, config.page_timeout)
            owned.callback(extractors.close)
        settle(crawler, session.source)
        spider = super().from_crawler(
            crawler, *args, session=session, extractors=extractors, **kwargs
        )
        spider._owned = owned
        connect_signal = crawler.signals.connect
        connect_signal(spider._opened, signals.spider_opened)
        connect_signal(spider._closed, signals.spider_closed)
        connect_signal(spider._hand_out, signals.scheduler_empty)
        connect_signal(spider._idle, signals.spider_idle)
        spider.outcomes.connect(crawler)
        return spider

    @property
    def config(self) -> Config:
        """The configuration of the crawl."""
        return self.session.config

    @property
    def stop(self) -> Stop:
        """What tells the crawl to end at once; the middlewares wait for nothing then."""
        return self.session.stop

    def may_fetch(self) -> bool:
        """Say whether the run's lease holds; it is asked where a request leaves."""
        return self.session.may_fetch()

    def lease_left(self) -> float:
        """Return for how many seconds the run's lease holds; what is under way then is given up."""
        return self.session.lease_left()

    async def turn(self) -> bool:
        """Wait until a page may be asked for; the lease middleware asks before each request."""
        return await self.session.turn(self._ending)

    def _ending(self) -> bool:
        engine = self.crawler.engine
        # Scrapy tells nobody that a crawl is about to close before its last request is through.
        slot = engine._slot if engine is not None else None
        return slot is None or slot.closing is not None

    # What the middlewares of newsbot/fetching tell and ask

    def _refused(self, cause: str, count: int) -> None:
        self.session.counters[cause] += count

    async def host_paused(self, host: str, until: datetime, why: str) -> None:
        """Write down that a host is left alone, for later runs and other workers."""
        self.session.say(f"{host} is left alone until {until:%Y-%m-%d %H:%M:%S} UTC: {why}")
        self.session.counters["asked_to_wait"] += why == ASKED_TO_WAIT
        await asyncio.to_thread(
            hosts.leave_alone, self.session.database, host, until=until, why=why
        )

    async def robots_changed(self, origin: str, rules: Rules) -> None:
        """Try again what the rules before closed: no list of links need name it once more."""
        self.session.say(f"{origin}/robots.txt has changed")
        await self.closed.changed(origin, rules.allows)
        addresses = await asyncio.to_thread(
            pages.reopen_refused,
            self.session.database,
            origin,
            source=self.session.source.id,
            now=datetime.now(UTC),
        )
        await self.frontier.add("robots.txt", [Entry(url=each) for each in addresses])

    def browser_refused(self, where: str, error: RefusedError) -> None:
        """Note that a page asked the browser for a host that it may not reach (once a host)."""
        self.session.counters["refused_in_browser"] += 1
        self.session.say(f"a page asked for {where}, which {error}")

    # From entry points to articles

    async def start(self) -> AsyncIterator[Request]:
        """Yield the entry points; what they lead to is handed out as the crawl has room for it."""
        await self.frontier.open()
        walk = await Walk.open(self.session, self.frontier, self.polling, self.extractors)
        if walk is not None:
            walk.connect(self.crawler)
        more_to_do = walk is not None or not self.frontier.idle()
        for asked in await self.polling.begin(more_to_do=more_to_do):
            yield self._ask(asked)
        self.walk = walk  # from here on lists are asked for
        for request in walk.requests() if walk is not None else ():
            yield request

    async def parse_entry(
        self, response: Response, kind: str, at: str, depth: int
    ) -> AsyncIterator[Request]:
        """Read a feed, a sitemap or a page of links; put what is new into the frontier.

        ``at`` is the entry point that was asked.
        """
        if self.polling.unchanged(at, response):
            return
        # As much a stranger's bytes as any page's: read where they can hang or crash nothing else.
        read = self.extractors.run
        try:
            charset = charset_of(response)
            listing = await read(
                read_listing, response.body, response.url, kind, charset=charset, depth=depth
            )
        except ExtractionError as error:
            self.session.counters["failed_extraction"] += 1
            self.session.say(f"{response.url}: {error}")
            self.polling.failed(at, f"could not be read: {error}")
            return
        except StoppedError:  # it is asked for again
            return
        self.session.counters["entry_points"] += 1
        for asked in self.polling.named(at, self.limits.sitemaps(listing.sitemaps, response)):
            yield self._ask(asked)
        # Sitemaps of pages name sections, which are asked for what they lead to.
        entries = [
            each
            for each in self.limits.links(listing.entries)
            if not self.polling.is_entry_point(each.url)
        ]
        if self.polling.names_the_same(at, entries, kind=listing.kind):
            return
        added = await self.frontier.add(self.polling.lane(at), entries)
        await self.polling.found(at, added)
        await asyncio.to_thread(
            belonging.share, self.session.database, added.met, self.session.source.id
        )
        self._known_links += added.links - added.fresh
        self.session.counters["links"] += added.links
        self.session.found += added.fresh

    def _hand_out(self) -> None:
        """Give the crawl some links of the frontier, when it asks for more or there are more."""
        engine = self.crawler.engine
        if engine is None or engine.spider is None or engine.needs_backout():
            return
        if not self.may_fetch():  # the lease is renewed soon, or else the crawl is stopped
            return
        for older in self.walk.requests() if self.walk else ():
            engine.crawl(older)
        for _ in range(HANDED_OUT):
            link = self.frontier.next()
            if link is None:
                return
            urgency = REVISIT if link.visits or link.failures else FRESH
            request = self._request(link.address, self.parse_page, urgency, link=link)
            request = self.looks.ask(request, link)
            engine.crawl(request.replace(dont_filter=True) if link.again else request)

    def _idle(self) -> None:
        """Keep the crawl open while links are on their way from the disk."""
        self._hand_out()
        if not self.frontier.idle():
            raise DontCloseSpider

    async def parse_page(
        self, response: Response, link: Followed, before: Before = ()
    ) -> AsyncIterator[Article | Request]:
        """Read the page of a link; ``before`` are the article's pages that were read already."""
        try:
            async for made in self.pages.read(response, link, before):
                yield made
        except StoppedError:
            self.frontier.give_back(link)

    def _follow(self, url: str, link: Followed, before: Before) -> Request:
        """Return the request for the next page of an article."""
        request = self._request(url, self.parse_page, FRESH, link=link, before=before)
        return request.replace(dont_filter=True)

    def _ask_known(self, article: Article) -> Request:
        """Return the request for the page of an article that is known, to hold it against that."""
        request = self._request(article.fetched_url, self.parse_known, FRESH, known=article)
        return request.replace(dont_filter=True, errback=self._not_answered)

    async def parse_known(self, response: Response, known: Article) -> None:
        """Read the page of a known article: whether it is read as it was."""
        await self.pages.rechecking.read(response, known)

    def _not_answered(self, failure: Failure) -> None:
        """Pass over a known article whose page is not there now: that says nothing."""

    def provenance(self, request: Request) -> Provenance | None:
        """Say on whose behalf a page is fetched; None for what is not kept: all but articles' pages."""
        known: Article | None = request.cb_kwargs.get("known")
        if known is not None:
            return provenance_of(
                self.session.source, self.session.run.id, known.url, None, visits=1
            )
        link = request.cb_kwargs.get("link")
        if link is None:
            return None
        return self.pages.provenance(link, part=len(request.cb_kwargs.get("before", ())) + 1)

    def _ask(self, asked: Asked) -> Request:
        about = {"kind": asked.kind, "at": asked.url, "depth": asked.depth}
        request = self._request(asked.address, self.parse_entry, ENTRY_POINT + asked.rank, **about)
        request.headers.update(asked.headers)
        request.meta["handle_httpstatus_list"] = [304]
        if asked.address != asked.url:
            request.meta["moved"] = asked.address
        return request

    def _request(self, url: str, callback: Any, priority: int, **about: Any) -> Request:
        in_browser = self.session.source.javascript and about.get("kind", "page") == "page"
        return Request(
            url,
            callback=callback,
            errback=self._failed,
            priority=priority,
            cb_kwargs=about,
            # A page that hangs a browser once is left to the next run.
            meta={"playwright": True, "dont_retry": True} if in_browser else {},
            # Entry points change, and a link was held against the archive already.
            dont_filter="kind" in about,
        )

    async def _failed(self, failure: Failure) -> AsyncIterator[Article | Request]:
        try:
            async for made in self._after_failure(failure):
                yield made
        except StoppedError:  # its link waits for the next run
            return

    async def _after_failure(self, failure: Failure) -> AsyncIterator[Article | Request]:
        request: Request = failure.request  # type: ignore[attr-defined]
        link: Followed | None = request.cb_kwargs.get("link")
        if isinstance(failure.value, LeaseOverError):
            if link is not None:
                self.frontier.give_back(link)
            elif not self._ending():
                yield request.replace(dont_filter=True)
            return
        cause, words = failure_of(cast("BaseException", failure.value))
        self.outcomes.tell(request.url, cause, words, entry_point=link is None)
        if "at" in request.cb_kwargs and self.may_fetch():
            self.polling.failed(request.cb_kwargs["at"], words, failure.value)
        if cause == "refused_robots":
            self._note_closed(request)
        if link is None or not self.may_fetch():
            return
        before = request.cb_kwargs.get("before", ())
        if before:
            async for article in self.pages.cut_short(link, before, words):
                yield article
        elif link.visits and is_gone(failure.value):
            self.outcomes.visit(link, "failed", words, gone=await self.looks.gone(link))
        # A browser that does not start says nothing of the page.
        elif cause not in LATER and cause != "failed_browser":
            async for article in self.pages.instead(link, cause, words):
                yield article

    def _note_closed(self, request: Request) -> None:
        at, link = request.cb_kwargs.get("at"), request.cb_kwargs.get("link")
        if link is not None and link.visits:
            self.closed.refused_article(link.address)
        elif at is not None and self.polling.was_read(at):
            self.closed.refused_way(at)

    # Beginning and end

    def _opened(self) -> None:
        def stop(why: str) -> None:
            self.session.say(f"stopped: {why}")
            self._closing = asyncio.ensure_future(self._stop())

        self._heartbeat = asyncio.ensure_future(self.session.heartbeat(stop, self._hand_out))

    async def _stop(self) -> None:
        await end_early(self.crawler, self.session, "stopped")
        if self.session.cancellation is not None and self.session.outcome is None:
            # What it still waits for is its own affair: it fetches nothing more.
            await self.session.end_cancelled()

    async def _closed(self, reason: str) -> None:
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        try:
            if self.pages.misses.articles_missed:
                self.session.counters["overrides_missed"] = self.pages.misses.articles_missed
            for line in self.pages.misses.lines():
                self.session.say(line)
            await self.pages.dates.settle()
            if self.walk is not None and reason in ("finished", "cancelled"):
                await self.walk.close()
            if self.session.cancellation is not None:
                await self.session.end_cancelled()
            elif self.session.trouble:
                await self.session.end("failed", self.session.trouble, ours=True)
            elif reason == "finished":
                self.frontier.close()
                await self.looks.learn()
                await self.polling.learn(more_at=self.frontier.more_at())
                await self.pages.rechecking.settle()
                self.closed.settle()
                finishing.tell_traffic(self.session)
                if self.session.counters["refused_uplink"] and not self.polling.answered:
                    await self.session.cut_off()
                elif self.polling.answered or not self.polling.asked:
                    await self.session.end("done", self._nothing_found())
                else:
                    await self.session.end(
                        "failed", self.outcomes.first_failure or "no entry point answered"
                    )
            elif reason == "cancelled":
                await self.session.end("cancelled", "stopped on request")
            else:
                await self.session.hand_back()
        finally:
            await asyncio.to_thread(self._owned.close)

    def _nothing_found(self) -> str:
        # What some entry points do not show says nothing of the source.
        partly = self.walk is not None or not (self.polling.asked and self.polling.asked_all)
        return "" if partly or self._known_links else finishing.nothing_found(self.session.counters)
