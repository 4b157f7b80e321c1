"""A date that a source prints on a whole batch of its pages tells when they were made, not published.

Two kinds are told from a busy day:

- *one moment to the second* on many pages: that of a build, or of an import into another system. Moments on
  a full minute are left alone, as those of a printed edition or a timer, and midnight, are;
- *one day* on nearly all pages of a run, while what led to them (feeds, sitemaps) says other days of them:
  a template that prints today's date.

What is recognised holds for the articles that come after, and those before are put right where they stand.
"""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import attrs

from newsbot.archive import same_dates
from newsbot.archive.connection import AWAY
from newsbot.archive.same_dates import Batch, batch_id
from newsbot.discovery import Entry
from newsbot.items import Article
from newsbot.spiders.session import CrawlSession
from newsbot.text.dates import ParsedDate
from newsbot.text.doubts import SAME_SECOND, second_of

# Pages of one second after which the archive is asked for those of earlier runs.
ASKED = 5
# Pages of a day of which their entries say another, and how many others those are; and the part of a run's pages
# that print the day.
CONTRADICTED, OTHER_DAYS, NEARLY_ALL = 5, 3, 0.9
# Days that are apart by no more are one: of two time zones.
_APART = 1
# Articles that were stored longer ago are not gone after.
_BACK = timedelta(days=30)


def agrees(stated: ParsedDate, entry: Entry | None) -> bool | None:
    """Say whether what led to a page tells the day that it prints; None where it tells nothing of it."""
    if entry is not None and entry.published is not None:
        return abs((entry.published.day - stated.day).days) <= _APART
    if entry is not None and entry.updated is not None:
        # What was changed last before it was published was not published then; later says nothing.
        return False if (stated.day - entry.updated.day).days > _APART else None
    return None


@attrs.define
class _Day:
    pages: int = 0
    agreeing: int = 0
    contradicted: int = 0
    others: set[date] = attrs.Factory(set)
    spared: list[str] = attrs.Factory(list)


class Tally:
    """Counts what the pages of one run print. Pure."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._seconds: Counter[datetime] = Counter()
        self._before: Counter[datetime] = Counter()
        self._days: dict[date, _Day] = {}

    def add(self, article: str, stated: ParsedDate, entry: Entry | None) -> None:
        """Take up what an article's page prints; its second page is passed over."""
        if article in self._ids:
            return
        self._ids.add(article)
        second = second_of(stated)
        if second is not None:
            self._seconds[second] += 1
        day = self._days.setdefault(stated.day, _Day())
        day.pages += 1
        same = agrees(stated, entry)
        if same:
            day.agreeing += 1
            day.spared.append(article)
        elif same is False and entry is not None:
            said = entry.published or entry.updated
            day.contradicted += 1
            day.others.update((said.day,) if said else ())

    def suspects(self, second: datetime) -> bool:
        """Say whether it is time to ask the archive for earlier pages of a second."""
        return self._seconds[second] == ASKED

    def before(self, second: datetime, pages: int) -> None:
        """Note how many pages of a second earlier runs have stored."""
        self._before[second] = pages

    def of_second(self, second: datetime) -> int:
        """Return how many pages are of a batch of this second; 0 where it is none."""
        pages = self._seconds[second] + self._before[second]
        return pages if pages >= SAME_SECOND else 0

    def of_day(self, day: date) -> int:
        """Return how many pages are of a batch of this day; 0 where it is none."""
        seen = self._days.get(day, _Day())
        clear = (
            seen.contradicted >= max(CONTRADICTED, seen.agreeing)
            and len(seen.others) >= OTHER_DAYS
            and seen.pages >= NEARLY_ALL * len(self._ids)
        )
        return seen.pages if clear else 0

    def spared(self, day: date) -> tuple[str, ...]:
        """Return the articles that print a day which their entries tell as well."""
        return tuple(self._days[day].spared) if day in self._days else ()


class SameDates:
    """Weighs the dates of one crawl's articles against each other."""

    def __init__(self, session: CrawlSession) -> None:
        self._session = session
        self._tally = Tally()
        self._known: dict[date | datetime, Batch] = {}
        self._open: dict[str, Batch] = {}
        self._loading = asyncio.Lock()
        self._loaded = False

    async def weighed(self, article: Article, entry: Entry | None, *, first: bool) -> Article:
        """Return an article with why its date is not believed, if it is that of a batch.

        ``first`` says that its page is read for the first time.
        """
        stated = article.published
        if stated is None or stated.doubt or stated.source == "url":
            return article
        if entry is not None and stated == entry.published:
            return article  # its page prints none
        await self._load()
        second = second_of(stated)
        if first:
            self._tally.add(article.id, stated, entry)
            if second is not None and second not in self._known:
                await self._look_at_second(second)
            if stated.day not in self._known:
                await self._look_at_day(stated.day)
        batch = self._known.get(second) if second else None
        if batch is None and not agrees(stated, entry):
            batch = self._known.get(stated.day)
        if batch is None:
            return article
        self._session.counters["dates_not_believed"] += 1
        return attrs.evolve(article, published=attrs.evolve(stated, doubt=batch.why))

    async def settle(self) -> None:
        """Put right what was stored while a batch was being recognised."""
        for batch in list(self._open.values()):
            await self._distrust(batch, settled=True)

    async def _load(self) -> None:
        async with self._loading:
            if self._loaded:
                return
            self._loaded = True
            try:
                for each in await asyncio.to_thread(
                    same_dates.known, self._session.database.hasty, self._session.source.id
                ):
                    self._take(each)
                    if not each.settled:
                        self._open[each.id] = each
            except AWAY as error:
                self._loaded = False
                self._session.away(error)

    def _take(self, batch: Batch) -> None:
        printed = batch.second or batch.day
        if printed is not None:
            self._known[printed] = batch

    async def _look_at_second(self, second: datetime) -> None:
        if self._tally.suspects(second):
            try:
                earlier = await asyncio.to_thread(
                    same_dates.stored,
                    self._session.database.hasty,
                    self._session.source.id,
                    second,
                    since=datetime.now(UTC) - _BACK,
                    besides=self._session.run.id,
                )
                self._tally.before(second, earlier)
            except AWAY as error:
                self._session.away(error)
        pages = self._tally.of_second(second)
        if pages and second not in self._known:
            await self._recognise(pages, second=second)

    async def _look_at_day(self, day: date) -> None:
        pages = self._tally.of_day(day)
        if pages:
            await self._recognise(pages, day=day)

    async def _recognise(
        self, pages: int, *, day: date | None = None, second: datetime | None = None
    ) -> None:
        run, now = self._session.run, datetime.now(UTC)
        printed = second or day
        assert printed is not None
        batch = Batch(
            id=batch_id(run.source, printed),
            source=run.source,
            day=day,
            second=second,
            why=f"the same as at least {pages - 1} others of its source",
            since=now - _BACK if second else run.started_at or run.requested_at,
            at=now,
        )
        self._take(batch)
        self._open[batch.id] = batch
        self._session.say(f"{printed} is printed on {pages} pages or more: it is not believed")
        await self._distrust(batch, settled=False)

    async def _distrust(self, batch: Batch, *, settled: bool) -> None:
        if batch.day is not None:
            spared = (*batch.spared, *self._tally.spared(batch.day))
            batch = attrs.evolve(batch, spared=tuple(dict.fromkeys(spared)))
        try:
            changed = await asyncio.to_thread(
                same_dates.distrust,
                self._session.database.hasty,
                batch,
                now=datetime.now(UTC),
                settled=settled,
            )
            self._session.counters["dates_not_believed"] += changed
        except AWAY as error:
            self._session.away(error)
