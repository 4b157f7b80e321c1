"""Surges: more stories of an alert's query, in an hour or on a day, than its own past explains.

Looked for every few minutes beside the index, not where articles are stored. The stories first seen in the
last hour (or 24 hours) are counted out of all that were, and held against the same time of the 28 days
before, by significance (:mod:`newsbot.search.surprise`); so it is when the world writes more of it that one
is told, and not when more is collected. What was published some days before it was seen is old, and counts
nowhere.

No surge comes out of a gap in what was collected (:mod:`newsbot.search.gaps`): a source takes part only if
it has none today and was collected on 14 of the days before at least, and each of these days counts only
the sources that had none on it. While the index lags behind there is no answer.

A surge is told once: an hour's not again for twelve hours, a day's not for a day. It has five stories of
three sources at least; by chance alone an alert tells of one about once in a hundred days.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import attrs
from tantivy import Query

from newsbot.alerts import holding, occasions
from newsbot.alerts.occasions import Occasion
from newsbot.alerts.rules import RuleBook, whole_query
from newsbot.archive import articles, outbox
from newsbot.archive.articles import Kept
from newsbot.archive.connection import AWAY, Database
from newsbot.archive.naming import Names
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.query import QuerySyntaxError
from newsbot.query.analysis import words_of
from newsbot.search.asking import within
from newsbot.search.daily import of_days, of_sources
from newsbot.search.documents import Documents
from newsbot.search.gaps import Gaps, gaps
from newsbot.search.results import Reader
from newsbot.search.selection import Selection
from newsbot.search.surprise import Surprise, log_likelihood, surprise
from newsbot.search.todays_terms import Text, frequent, terms_of

DAYS = 28
FEWEST_DAYS = 14
FEWEST_STORIES, FEWEST_SOURCES = 5, 3
EVERY = 300.0
# The chance that a look finds a surge where there is none: a day has 24 hours to look at.
BY_CHANCE: Mapping[str, float] = {"day": 0.01, "hour": 0.01 / 24}
LENGTH: Mapping[str, timedelta] = {"day": timedelta(days=1), "hour": timedelta(hours=1)}
# How long nothing more is told of a surge.
TOLD_FOR: Mapping[str, timedelta] = {"day": timedelta(days=1), "hour": timedelta(hours=12)}
# What was published so long before it was seen is no news.
_NEWS_FOR = timedelta(days=2)
_log = logging.getLogger(__name__)
_READ, _READ_AT_ONCE, _TERMS, _SOURCES = 200, 50, 8, 10


@attrs.frozen(kw_only=True)
class Surge:
    """A surge: its stories, how many are usual, and how it stands; names of sources and terms, most first."""

    span: str
    stories: int
    usual: float
    stands: Surprise
    sources: tuple[str, ...]
    terms: tuple[str, ...]
    article: str


class Look:
    """One look at all alerts that ask: what they share is counted once."""

    def __init__(
        self, database: Database, reader: Reader, *, now: datetime, slowest: float
    ) -> None:
        self.database = database
        self.reader = reader
        self.now = now
        self.names: Names = Documents.of(database).names()
        self.everything = reader.select("", now=now)
        self._slowest = slowest
        self._collected: dict[tuple[str, int, frozenset[str]], int] = {}
        self._found: Gaps | None = None

    @property
    def gaps(self) -> Gaps:
        """The gaps of today and of the days before."""
        if self._found is None:
            last = self.now.astimezone(UTC).date()
            first = last - timedelta(days=DAYS + 1)
            self._found = gaps(
                self.database, self.everything, first, last, now=self.now, slowest=self._slowest
            )
        return self._found

    def of(self, rule: Rule) -> Surge | None:
        """Return the surge of an alert that asks for it; None where there is none."""
        span = rule.spread.surge
        try:
            found = self.reader.select(whole_query(rule), now=self.now)
        except QuerySyntaxError:
            return None
        today = self._window(found, span, 0)
        if today.total < FEWEST_STORIES:
            return None
        members = self._members(rule, span)
        told = self._stories(today, members)
        counted = self._sources(today, members)
        if told < FEWEST_STORIES or len(counted) < FEWEST_SOURCES:
            return None
        past = dict(self._past(found, span, members))
        of = self._all(span, 0, members)
        weekdays = {self.now.astimezone(UTC).weekday()}
        stands = surprise(told, of, past, weekdays) if past else None
        if stands is None or stands.chance >= BY_CHANCE[span]:
            return None
        kept = self._read(today, members)
        return Surge(
            span=span,
            stories=told,
            usual=round(stands.before * of, 1),
            stands=stands,
            sources=tuple(name for name, _ in counted.most_common(_SOURCES)),
            terms=self._terms(kept, rule),
            article=_leading(kept),
        )

    # Who takes part

    def _days(self, span: str, back: int) -> list[date]:
        end = self.now.astimezone(UTC) - timedelta(days=back)
        return sorted({(end - LENGTH[span]).date(), end.date()})

    def _clean(self, span: str, back: int) -> frozenset[str]:
        """Return the sources that were collected as usual in the time of so many days ago."""
        missing: set[str] = set()
        for day in self._days(span, back):
            missing.update(gap.source for gap in self.gaps.days.get(day, ()))
        absent = {gap.source for gap in self.gaps.absent}
        everyone = self.names.everyone()
        return frozenset() if "" in missing else everyone - missing - absent

    def _members(self, rule: Rule, span: str) -> frozenset[str]:
        often = Counter(each for back in range(1, DAYS + 1) for each in self._clean(span, back))
        return frozenset(
            each
            for each in self._clean(span, 0)
            if often[each] >= FEWEST_DAYS and not holding.left_out(rule, self.names, each)
        )

    # Counted

    def _window(self, found: Selection, span: str, back: int) -> Selection:
        end = self.now - timedelta(days=back)
        low, high = (round(each.timestamp() * 1_000_000) for each in (end - LENGTH[span], end))
        days = self._days(span, back)
        published = of_days(found.schema, days[0] - _NEWS_FOR, days[-1] + timedelta(days=1))
        return found.narrowed(within(found.schema, "seen", low, high - 1), published)

    def _of(self, found: Selection, members: frozenset[str]) -> Query:
        ids = {one for each in members if (family := self.names.family(each)) for one in family.ids}
        return of_sources(found.schema, ids)

    def _stories(self, found: Selection, members: frozenset[str]) -> int:
        wanted = {"stories": {"cardinality": {"field": "by_story"}}}
        answer = found.aggregate(wanted, self._of(found, members)) if members else {}
        return round(answer["stories"]["value"] or 0) if answer else 0

    def _all(self, span: str, back: int, members: frozenset[str]) -> int:
        key = span, back, members
        if key not in self._collected:
            window = self._window(self.everything, span, back)
            self._collected[key] = self._stories(window, members)
        return self._collected[key]

    def _past(
        self, found: Selection, span: str, members: frozenset[str]
    ) -> Iterator[tuple[date, tuple[int, int]]]:
        for back in range(1, DAYS + 1):
            clean = members & self._clean(span, back)
            if clean:
                count = self._stories(self._window(found, span, back), clean)
                yield self._days(span, back)[-1], (count, self._all(span, back, clean))

    def _sources(self, found: Selection, members: frozenset[str]) -> Counter[str]:
        wanted = {"sources": {"terms": {"field": "by_source", "size": 1_000}}}
        answer = found.aggregate(wanted, self._of(found, members)) if members else {}
        counts: Counter[str] = Counter()
        for each in answer.get("sources", {}).get("buckets", ()):
            family = self.names.family(each["key"])
            if family is not None and family.id in members:
                counts[family.name] += int(each["doc_count"])
        return counts

    # What it is about

    def _read(self, found: Selection, members: frozenset[str]) -> list[Kept]:
        # Ids are hashes: the smallest are a sample.
        ids = sorted(each.id for each in found.narrowed(self._of(found, members)))[:_READ]
        return [
            kept
            for at in range(0, len(ids), _READ_AT_ONCE)
            for kept in articles.many(self.database, ids[at : at + _READ_AT_ONCE]).values()
        ]

    def _terms(self, kept: Sequence[Kept], rule: Rule) -> tuple[str, ...]:
        texts = [
            Text(
                source=each.article.source,
                language=each.article.language,
                title=each.article.title,
                body=each.article.body,
                authors=each.article.authors,
            )
            for each in kept
        ]
        asked = set(words_of(rule.query))
        words = {
            word: places
            for word, places in frequent(texts, articles=3, sources=2).items()
            if word not in asked
        }
        ever = max(self.everything.articles, 1)

        def above(word: str) -> float:
            count = min(self.everything.doc_freq("body", word), ever)
            return log_likelihood(len(words[word]), len(texts), count, ever)

        best = sorted(words, key=lambda word: (-above(word), word))[: 2 * _TERMS]
        places = sorted({place for word in best for place in words[word]})
        shown = [term.shown for term in terms_of(texts, best, places)] if best else []
        return tuple(shown[:_TERMS])


def _leading(kept: Sequence[Kept]) -> str:
    """Return the article that stands for a surge: the first seen of the story that most have."""
    counts = Counter(each.record.story for each in kept)
    return min(
        kept,
        key=lambda each: (-counts[each.record.story], each.record.first_seen, each.article.id),
    ).article.id


def look(database: Database, reader: Reader, *, now: datetime, slowest: float) -> int:
    """Look for surges of all alerts that ask, and write the messages; returns how many are new."""
    asking = [
        rule
        for rule in RuleBook.of(database).in_force().rules.values()
        if rule.spread.surge and rule.channels and not _told(database, rule, now)
    ]
    if not asking:
        return 0
    one = Look(database, reader, now=now, slowest=slowest)
    told = [_occasion(rule, surge, now) for rule in asking if (surge := one.of(rule)) is not None]
    return outbox.put(database, occasions.messages(database, told, now=now))


def _name(span: str, at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"surge:{at:%Y-%m-%d}" if span == "day" else f"surge:{at:%Y-%m-%dT%H}"


def _told(database: Database, rule: Rule, now: datetime) -> bool:
    """Say whether a surge of an alert was told so shortly ago that this is the same one."""
    span = rule.spread.surge
    steps = round(TOLD_FOR[span] / LENGTH[span])
    names = {_name(span, now - LENGTH[span] * back) for back in range(steps + 1)}
    ids = [outbox.message_id(rule.id, "", name, rule.channels[0]) for name in sorted(names)]
    since = now - TOLD_FOR[span]
    return any(each.created_at > since for each in outbox.many(database, ids).values())


def _occasion(rule: Rule, surge: Surge, now: datetime) -> Occasion:
    return Occasion(
        rule=rule,
        kind="spread",
        name=_name(surge.span, now),
        story="",
        article=surge.article,
        channels=rule.channels,
        said={
            "what": "surge",
            "span": surge.span,
            "number": surge.stories,
            "usual": surge.usual,
            "sources": list(surge.sources),
            "terms": list(surge.terms),
        },
        again=True,
    )


def watch(
    config: Config,
    database: Database,
    stop: threading.Event,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Look for surges every few minutes, until told to stop."""
    reader = Reader(config, database)
    while not stop.wait(EVERY):
        try:
            look(database, reader, now=clock(), slowest=config.poll_slowest)
        except (*AWAY, OSError, ValueError) as error:
            _log.warning("surges are not looked for for now: %s", error)
