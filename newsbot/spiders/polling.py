"""A crawl's entry points: which are asked, which had nothing new, and what is learnt of each.

Whatever names an article first has brought it. The best are therefore asked first, and where a feed,
a front page and a sitemap name the same articles, one of them is soon asked often and the others
now and then.
"""

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import attrs
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError

from newsbot.archive import entry_points, pages, sources
from newsbot.archive.entry_points import EntryPointRecord
from newsbot.discovery import Child, Entry
from newsbot.fetching.conditional import digest, fresh_for, version_of
from newsbot.fetching.hosts import hosts
from newsbot.fetching.refusals import refusal_in
from newsbot.items import Article
from newsbot.spiders import learning
from newsbot.spiders.frontier import Added
from newsbot.spiders.learning import Reading
from newsbot.spiders.lost_ways import lost_ways
from newsbot.spiders.session import CrawlSession
from newsbot.text.dates import ParsedDate
from newsbot.text.doubts import believed

# Looks for edits that no reading of an entry point goes along with: not more often than so.
_BETWEEN_LOOKS = timedelta(minutes=10)
# An article dated so long before the last reading was not published since: it is found late.
_LATE = timedelta(days=1)
# Redirects for good (RFC 9110, 15.4).
_FOR_GOOD = frozenset({301, 308})
_NOTHING_THERE = frozenset({404, 410})


@attrs.frozen
class Asked:
    """An entry point that a run asks: where, on which conditions, and how urgently (0 to 9)."""

    url: str
    address: str
    kind: str
    depth: int
    headers: Mapping[str, str]
    rank: int


class Polling:
    """The entry points of one crawl. ``at`` is always an entry point's own address."""

    def __init__(self, session: CrawlSession) -> None:
        self._session = session
        self._records: dict[str, EntryPointRecord] = {}
        self._asked: dict[str, Asked] = {}
        self._readings: dict[str, Reading] = {}
        self._failures: dict[str, EntryPointRecord] = {}
        self._under_way: set[str] = set()
        # The fresh links of this run, and which of them each entry point named.
        self._fresh: set[str] = set()
        self._named: dict[str, list[str]] = {}
        self._articles: dict[str, Article] = {}

    @property
    def asked(self) -> int:
        """How many entry points this run asks."""
        return len(self._asked)

    @property
    def asked_all(self) -> bool:
        """Whether this run asks every entry point that the source has."""
        return len(self._asked) >= len(self._records)

    @property
    def answered(self) -> int:
        """How many entry points answered."""
        return len(self._readings)

    @property
    def under_way(self) -> bool:
        """Whether entry points were asked of which it is not known yet what they name."""
        return bool(self._under_way)

    async def begin(self, *, more_to_do: bool) -> list[Asked]:
        """Return the entry points that this run asks, the best first.

        One that an operator asked for asks all; another those that are due. The best is among them
        where an operator's schedule asked, and where there would be nothing else to do.
        """
        session, now = self._session, datetime.now(UTC)
        known = await asyncio.to_thread(entry_points.load, session.database, session.source)
        self._records = {each.url: each for each in known}
        known = chosen = learning.ranked(known)
        if session.run.trigger != "request":
            chosen = [each for each in known if learning.due(each, now)]
        if session.run.trigger == "schedule" and known[:1] != chosen[:1]:
            chosen = [known[0], *chosen]
        if not chosen and not more_to_do:
            chosen = known[:1]
        return [self._ask(each, rank, now) for rank, each in enumerate(chosen)]

    def _ask(self, record: EntryPointRecord, rank: int, now: datetime) -> Asked:
        asked = Asked(
            record.url,
            record.address or record.url,
            record.kind,
            record.depth,
            # A browser has a cache and conditions of its own.
            {} if self._in_browser(record) else learning.conditions(record, now),
            max(0, 9 - rank),
        )
        self._asked[record.url] = asked
        self._under_way.add(record.url)
        return asked

    def _in_browser(self, record: EntryPointRecord) -> bool:
        return self._session.source.javascript and record.kind == "page"

    def is_entry_point(self, url: str) -> bool:
        """Say whether an address is one of the source's own, which no article is at."""
        return url in self._records

    def unchanged(self, at: str, response: Response) -> bool:
        """Note an answer, and say whether there is nothing new in it, so that it need not be read."""
        now, record = datetime.now(UTC), self._records[at]
        told = response.status == 304
        version = None if told else version_of(response, now=now)
        same = told or (version is not None and version.digest == record.digest)
        self._readings[at] = Reading(
            at=now,
            conditional=bool(self._asked[at].headers),
            version=version,
            settled=same,
            address=_moved_to(response),
            fresh_for=fresh_for(response.headers),
        )
        if same:
            self._session.counters["unchanged"] += 1
            self._under_way.discard(at)
        return same

    def named(self, at: str, sitemaps: Sequence[Child]) -> list[Asked]:
        """Return those sitemaps that an index names which this run has to ask besides.

        They are those that it names for the first time, and those that it says have changed.
        """
        now, parent, more = datetime.now(UTC), self._records[at], []
        self._readings[at] = attrs.evolve(
            self._readings[at], children=tuple(dict.fromkeys(each.url for each in sitemaps))
        )
        for each in sitemaps:
            record = self._records.get(each.url)
            if record is None and len(self._records) < entry_points.MOST:
                record = entry_points.new(parent.source, each.url, "sitemap", parent)
                self._records[each.url] = record
            if record is None or each.url in self._asked:
                continue
            if record.rhythm.read_at is None or _later(each.changed, record.rhythm.read_at):
                more.append(self._ask(record, 9, now))
        return more

    def names_the_same(self, at: str, entries: Sequence[Entry], *, kind: str) -> bool:
        """Note what an entry point names, and say whether it is what it named the last time.

        ``kind`` is what it turned out to be.
        """
        links = digest("\n".join(each.url for each in entries).encode("utf8", "surrogatepass"))
        same = links == self._records[at].links
        if same:
            self._under_way.discard(at)
        self._readings[at] = attrs.evolve(
            self._readings[at],
            links=links,
            settled=same,
            names=len(entries),
            turned=kind if kind == "page" and self._records[at].kind != "page" else "",
            named=[
                each.published.instant
                for each in entries
                if each.published is not None and each.published.instant is not None
            ],
        )
        return same

    async def found(self, at: str, added: Added) -> None:
        """Note which of the links that an entry point named are fresh, and which it drove out."""
        self._under_way.discard(at)
        self._fresh.update(added.new)
        self._named[at] = [url for url in added.urls if url in self._fresh]
        self._readings[at] = attrs.evolve(
            self._readings[at], fresh=len(added.new), settled=added.kept
        )
        await self._unsettle([each for each in self._records if self.lane(each) in added.cut])

    async def _unsettle(self, ways: Sequence[str]) -> None:
        """Have entry points read in full the next time: links of theirs are not on disk any more.

        That is written down at once, since this run may not live to learn anything.
        """
        for at in ways:
            self._records[at] = learning.unread(self._records[at])
            if at in self._readings:
                self._readings[at] = attrs.evolve(self._readings[at], settled=False)
            if at in self._failures:
                self._failures[at] = learning.unread(self._failures[at])
        known = [self._records[at] for at in ways if self._records[at].rhythm.read_at is not None]
        await asyncio.to_thread(entry_points.save, self._session.database, known)

    def lane(self, at: str) -> str:
        """Return the source's own entry point that led to this one."""
        record = self._records[at]
        while record.parent and record.parent in self._records:
            record = self._records[record.parent]
        return record.url

    def failed(self, at: str, words: str, error: BaseException | None = None) -> None:
        """Note an entry point that did not answer, or not with anything that can be read."""
        status = error.response.status if isinstance(error, HttpError) else None
        self._under_way.discard(at)
        refusal = refusal_in(error)
        if refusal is not None and refusal.cause == "refused_uplink":
            return  # which says nothing of it
        self._readings.pop(at, None)
        self._failures[at] = learning.after_failure(
            self._records[at],
            at=datetime.now(UTC),
            trouble=words,
            gone=status in _NOTHING_THERE,
        )

    def was_read(self, at: str) -> bool:
        """Say whether an entry point was ever read."""
        return self._records[at].readings > 0

    def kept(self, url: str, article: Article) -> None:
        """Note the article that a link led to."""
        if url in self._fresh:
            self._articles[url] = article

    async def learn(self, *, more_at: datetime | None = None) -> None:
        """Write down what the readings taught, and when the source is due again.

        ``more_at`` is when links that were left wait no longer; None where there are none.
        """
        session, now = self._session, datetime.now(UTC)
        if not self._records or not session.may_fetch():
            return  # without the lease it is another worker's to learn
        changed = dict(self._failures)
        cached = {at: reading.fresh_for for at, reading in self._readings.items()}
        led = self._led()
        for at, reading in self._readings.items():
            reading = self._complete(at, reading, [url for url in led if led[url] == at])
            session.brought = attrs.evolve(
                session.brought, news=session.brought.news + reading.brought
            )
            changed[at] = learning.after_reading(self._records[at], reading)
        known = {**self._records, **changed}
        session.brought = attrs.evolve(session.brought, ways=lost_ways(known.values(), now))
        best = learning.ranked(known.values())[0]
        for at, record in changed.items():
            known[at] = changed[at] = learning.planned(
                record,
                now,
                session.config,
                leading=record is best,
                fresh_for=cached.get(at, 0.0),
                pause=hosts().of(record.address or record.url).pause_left(),
            )
        due = min((each.next_due for each in known.values() if each.next_due), default=None)
        await asyncio.to_thread(entry_points.save, session.database, changed.values())
        if due is not None:
            look = await asyncio.to_thread(
                pages.next_visit, session.database, session.source.id, before=due
            )
            if look is not None:
                due = min(due, max(look, now + _BETWEEN_LOOKS))
            due = min(due, more_at) if more_at is not None else due
            if session.counters["refused_uplink"]:
                # What was not asked for is due as it was, now: soon, and not all at once.
                soon = session.config.poll_fastest * random.uniform(0.2, 1)  # noqa: S311
                due = max(due, now + timedelta(seconds=soon))
            await asyncio.to_thread(
                sources.reschedule, session.database, session.source.id, next_due=due, now=now
            )

    def _led(self) -> dict[str, str]:
        """Return for each article of this run which entry point led to it.

        Of those that named it in this run it is the best, whichever happened to answer first: equals
        would share the credit, and then both be asked for what one of them brings.
        """
        led: dict[str, str] = {}
        for at in self._asked:
            for url in self._named.get(at, ()):
                if url in self._articles:
                    led.setdefault(url, at)
        return led

    def _complete(self, at: str, reading: Reading, first: Sequence[str]) -> Reading:
        """Return a reading with what came of its links by now."""
        since = self._records[at].rhythm.read_at
        dates = self._published(self._named.get(at, ()))
        return attrs.evolve(
            reading,
            named=reading.named or dates,  # a page of links says no dates; the articles do
            first=self._published(first),
            led=len(first),
            # What the first reading names is history.
            brought=0 if since is None else sum(self._is_news(url, since) for url in first),
        )

    def _published(self, urls: Iterable[str]) -> list[datetime]:
        dates = []
        for url in urls:
            article = self._articles.get(url)
            stated = believed(article.published) if article else None
            if stated is not None:
                midday = datetime(stated.day.year, stated.day.month, stated.day.day, 12, tzinfo=UTC)
                dates.append(stated.instant or min(midday, datetime.now(UTC)))
        return dates

    def _is_news(self, url: str, since: datetime) -> bool:
        stated = believed(self._articles[url].published)
        return stated is None or stated.day >= (since - _LATE).date()


def _later(changed: ParsedDate | None, moment: datetime) -> bool:
    """Say whether something changed since; a bare day is taken to its end."""
    if changed is None:
        return False
    if changed.instant is not None:
        return changed.instant > moment
    return changed.day >= moment.date()


def _moved_to(response: Response) -> str:
    """Return where an entry point has moved to for good; "" where it has not."""
    reasons: Sequence[object] = response.meta.get("redirect_reasons", ())
    asked_elsewhere = response.meta.get("moved", "")
    if not reasons:
        return str(asked_elsewhere)
    return response.url if all(each in _FOR_GOOD for each in reasons) else ""
