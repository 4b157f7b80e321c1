"""What is rising: terms and stories of today against their own past four weeks.

Terms are found by reading the articles of today (at most 5,000 of them, drawn at random) and judged by
exact counts of the index, by significance (``newsbot.search.surprise``), corrected for how many terms
were looked at (Bonferroni). Only sources take part that were collected on at least half of the days of
the four weeks, and of these only the days on which they were: a day that lacked sources counts for what
it had, out of what was collected on it. So neither a new source nor an outage makes anything rise.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from math import exp, log
from statistics import median

import attrs
import tantivy
from tantivy import Query

from newsbot.archive import articles, stories
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.naming import Names
from newsbot.search.asking import any_of, within
from newsbot.search.daily import SourceDays, days_of, of_days, per_source_and_day
from newsbot.search.documents import Documents
from newsbot.search.gaps import Gap, gaps
from newsbot.search.results import Reader
from newsbot.search.selection import Selection
from newsbot.search.surprise import Surprise, log_likelihood, surprise
from newsbot.search.todays_terms import Term, Text, frequent, terms_of

DAYS = 28
# How many of these days a source was collected on, at least, to take part.
FEWEST_DAYS = 14
MOST_READ = 5_000
# A term is told of so many articles of so many sources at least, a story of so many newsrooms.
FEWEST_ARTICLES, FEWEST_SOURCES, FEWEST_NEWSROOMS = 5, 3, 3
# The chance that anything is told that does not rise.
BY_CHANCE = 0.01
# Terms whose past is counted: those that are furthest above the whole archive's past.
_COUNTED = 400
_STORIES = 50
_READ_AT_ONCE = 50


@attrs.frozen(kw_only=True)
class RisingTerm:
    """A term that rises: in how many articles of how many sources it is today, and how it stands.

    ``language`` is that of most of its articles; ``articles`` are ids of some.
    """

    shown: str
    language: str
    count: int
    sources: int
    stands: Surprise
    articles: tuple[str, ...]


@attrs.frozen(kw_only=True)
class RisingStory:
    """A story that more newsrooms tell today than did a day before: ``usual`` is its own past mean."""

    story: str
    article: str
    title: str
    language: str
    newsrooms: tuple[str, ...]
    articles: int
    usual: float


@attrs.frozen(kw_only=True)
class Rising:
    """What rises from ``start`` to ``end``, against the days from ``first`` to ``last``.

    ``total`` articles were collected in that time of the sources that take part, ``read`` of them were
    read, and ``looked_at`` terms were looked at. ``left_out`` are sources that take no part, each with
    the reason; ``source_days`` of ``all_source_days`` of the past were collected as usual. ``largest`` is
    how many newsrooms tell the largest story of a usual day.
    """

    start: datetime
    end: datetime
    first: date
    last: date
    total: int
    read: int
    looked_at: int
    terms: tuple[RisingTerm, ...]
    stories: tuple[RisingStory, ...]
    left_out: tuple[Gap, ...]
    source_days: int
    all_source_days: int
    largest: float


@attrs.frozen
class _Past:
    """Who takes part (ids of families), and on which days each was collected as usual."""

    first: date
    last: date
    members: frozenset[str]
    clean: Mapping[date, frozenset[str]]
    collected: SourceDays
    left_out: tuple[Gap, ...]
    totals: Mapping[date, int] = attrs.field(init=False)

    @totals.default
    def _totals(self) -> dict[date, int]:
        return {day: self._clean(self.collected, day) for day in self.clean}

    def _clean(self, counts: SourceDays, day: date) -> int:
        """Return a day's count of the sources that were collected on it."""
        clean = self.clean[day]
        return sum(count for source, count in counts.get(day, {}).items() if source in clean)

    def of(self, counts: SourceDays) -> dict[date, tuple[int, int]]:
        """Return each day's count, and out of how many, of the sources that were collected on it."""
        days = (day for day, clean in self.clean.items() if clean)
        return {day: (self._clean(counts, day), self.totals[day]) for day in days}


class _Looking:
    """One look: what is today's, what is the past's, and how both are counted."""

    def __init__(
        self,
        database: Database,
        everything: Selection,
        *,
        day: date | None,
        group: str,
        now: datetime,
        slowest: float,
    ) -> None:
        self.database = database
        self.everything = everything
        self.names: Names = Documents.of(database).names()
        today = now.astimezone(UTC).date()
        if day is None:
            self.start, self.end = now - timedelta(days=1), now
            self.days = (today - timedelta(days=1), today)
            seen = (round(each.timestamp() * 1_000_000) for each in (self.start, self.end))
            schema = everything.schema
            self.window: tuple[Query, ...] = (
                of_days(schema, *self.days),
                within(schema, "seen", *seen),
            )
        else:
            self.start = datetime(day.year, day.month, day.day, tzinfo=UTC)
            self.end = min(self.start + timedelta(days=1), now)
            self.days = (day, day)
            self.window = (of_days(everything.schema, day, day),)
        self.weekdays = {each.weekday() for each in days_of(*self.days)}
        self.past = self._past(group, now, slowest)

    def _past(self, group: str, now: datetime, slowest: float) -> _Past:
        last = self.days[0] - timedelta(days=1)
        first = last - timedelta(days=DAYS - 1)
        wanted = frozenset(self.family(each) for each in self.names.grouped(group))
        found = gaps(self.database, self.everything, first, last, now=now, slowest=slowest)
        missing: dict[date, set[str]] = {
            day: {gap.source for gap in of_day} for day, of_day in found.days.items()
        }
        everyone = self.names.everyone() & wanted if group else self.names.everyone()
        everyone -= {gap.source for gap in found.absent}
        clean = {
            day: frozenset() if "" in missing.get(day, ()) else everyone - missing.get(day, set())
            for day in days_of(first, last)
        }
        days = Counter(each for of_day in clean.values() for each in of_day)
        members = frozenset(each for each in everyone if days[each] >= FEWEST_DAYS)
        out = {
            gap.source: gap
            for gap in (*found.of(first, last), *found.absent)
            if gap.source not in members and (not group or gap.source in wanted)
        }
        return _Past(
            first=first,
            last=last,
            members=members,
            clean={day: of_day & members for day, of_day in clean.items()},
            collected=found.collected,
            left_out=tuple(sorted(out.values(), key=lambda gap: gap.name)),
        )

    def family(self, source: str) -> str:
        """Return the id that a source goes by."""
        family = self.names.family(source)
        return family.id if family else source

    def counted(self, *query: Query) -> tuple[Counter[str], SourceDays]:
        """Return what a query finds today by source, and in the past by day and source."""
        some = len(self.names.everyone()) + 16
        now = per_source_and_day(self.everything, *self.days, *self.window, *query, sources=some)
        before = per_source_and_day(
            self.everything, self.past.first, self.past.last, *query, sources=some
        )
        today: Counter[str] = Counter()
        for of_day in now.values():
            for source, count in of_day.items():
                if self.family(source) in self.past.members:
                    today[self.family(source)] += count
        past: SourceDays = {}
        for day, of_day in before.items():
            of_family = past.setdefault(day, Counter())
            for source, count in of_day.items():
                of_family[self.family(source)] += count
        return today, past

    def stands(self, today: Counter[str], total: int, past: SourceDays) -> Surprise | None:
        """Return how today's count stands to its past; None where it is told of too few."""
        count = sum(today.values())
        if count < FEWEST_ARTICLES or len(+today) < FEWEST_SOURCES:
            return None
        return surprise(count, total, self.past.of(past), self.weekdays)


def rising(
    database: Database,
    reader: Reader,
    *,
    now: datetime,
    slowest: float,
    day: date | None = None,
    group: str = "",
    most: int = 50,
) -> Rising:
    """Return what rises in the last 24 hours, or on a day, in all sources or those of a group."""
    (everything,) = reader.beside((), now=now)
    look = _Looking(database, everything, day=day, group=group, now=now, slowest=slowest)
    total = sum(look.counted()[0].values())
    read = _read(look)
    texts = [_text(kept, look) for kept in read]
    words = frequent(texts, articles=FEWEST_ARTICLES, sources=FEWEST_SOURCES)
    terms = _terms(look, read, texts, words, total) if total else []
    usual, told = _stories(look, read)
    return Rising(
        start=look.start,
        end=look.end,
        first=look.past.first,
        last=look.past.last,
        total=total,
        read=len(read),
        looked_at=len(words),
        terms=tuple(terms[:most]),
        stories=tuple(told[:most]),
        left_out=look.past.left_out,
        source_days=sum(len(each) for each in look.past.clean.values()),
        all_source_days=DAYS * len(look.past.members),
        largest=usual,
    )


def _read(look: _Looking) -> list[Kept]:
    """Return the articles of today, or a random sample of them, of the sources that take part."""
    if not look.past.members:
        return []
    # Ids are hashes: the smallest are a sample, and the same one each time.
    ids = sorted(found.id for found in look.everything.narrowed(*look.window))[:MOST_READ]
    kept: list[Kept] = []
    for start in range(0, len(ids), _READ_AT_ONCE):
        kept += articles.many(look.database, ids[start : start + _READ_AT_ONCE]).values()
    return [each for each in kept if look.family(each.article.source) in look.past.members]


def _text(kept: Kept, look: _Looking) -> Text:
    article = kept.article
    return Text(
        source=look.family(article.source),
        language=article.language,
        title=article.title,
        body=article.body,
        authors=article.authors,
    )


# Terms


def _terms(
    look: _Looking,
    read: Sequence[Kept],
    texts: Sequence[Text],
    words: Mapping[str, list[int]],
    total: int,
) -> list[RisingTerm]:
    schema = look.everything.schema
    level = BY_CHANCE / max(1, len(words))
    risen: set[str] = set()
    for word in _furthest(look, words, len(texts)):
        today, past = look.counted(_having(schema, (word,)))
        stands = look.stands(today, total, past)
        if stands is not None and stands.chance < level:
            risen.add(word)
    places = sorted({place for word in risen for place in words[word]})
    found = []
    for term in terms_of(texts, risen, places):
        today, past = look.counted(_having(schema, term.words))
        stands = look.stands(today, total, past)
        if stands is not None and stands.chance < level:
            found.append(_told(term, read, texts, today, stands))
    return sorted(found, key=lambda each: (-each.stands.ratio, each.shown))


def _furthest(look: _Looking, words: Mapping[str, list[int]], read: int) -> list[str]:
    """Return the words that are furthest above what the whole archive has of them."""
    all_of_it = max(look.everything.articles, 1)

    def above(word: str) -> float:
        count = len(words[word])
        ever = max(look.everything.doc_freq("body", word) - count, 0)
        others = max(all_of_it - read, 1)
        more = count / read > ever / others
        return log_likelihood(count, read, min(ever, others), others) if more else -log(2 + ever)

    return sorted(words, key=lambda word: (-above(word), word))[:_COUNTED]


def _having(schema: tantivy.Schema, words: tuple[str, ...]) -> Query:
    def find(field: str) -> Query:
        if len(words) == 1:
            return Query.term_query(schema, field, words[0])
        return Query.phrase_query(schema, field, list(words))

    return any_of(map(find, ("title", "body")))


def _told(
    term: Term,
    read: Sequence[Kept],
    texts: Sequence[Text],
    today: Counter[str],
    stands: Surprise,
) -> RisingTerm:
    places = sorted(term.articles, key=lambda place: read[place].record.first_seen)
    languages = Counter(texts[place].language for place in places)
    return RisingTerm(
        shown=term.shown,
        language=languages.most_common(1)[0][0],
        count=sum(today.values()),
        sources=len(+today),
        stands=stands,
        articles=tuple(read[place].article.id for place in places[:3]),
    )


# Stories


def _stories(look: _Looking, read: Iterable[Kept]) -> tuple[float, list[RisingStory]]:
    listed = list(read)
    heads = stories.heads(look.database, {kept.record.story for kept in listed})
    of_story: dict[str, list[Kept]] = {}
    for kept in listed:
        of_story.setdefault(heads[kept.record.story], []).append(kept)
    rooms_of = {story: _rooms(look, told) for story, told in of_story.items()}
    largest = sorted(rooms_of, key=lambda each: (-len(rooms_of[each]), each))
    found = []
    for story in largest[:_STORIES]:
        rooms = rooms_of[story]
        if len(rooms) < FEWEST_NEWSROOMS:
            break
        usual = _usual(look, story)
        if _tail(len(rooms), usual) < BY_CHANCE:
            found.append(_story(look, story, of_story[story], rooms, usual))
    return _largest_of_a_day(look), found


def _rooms(look: _Looking, told: Iterable[Kept]) -> set[str]:
    return {look.family(each) for kept in told for each in kept.record.sources} & look.past.members


def _usual(look: _Looking, story: str) -> float:
    """Return how many newsrooms told a story on a day of its past; half a one where none ever did."""
    members = stories.members(look.database, story)
    query = Query.term_set_query(look.everything.schema, "by_story", members)
    _, past = look.counted(query)
    days = {day: of_day for day, of_day in look.past.clean.items() if of_day}
    told = sum(
        past[day][each] > 0 for day, of_day in days.items() if day in past for each in of_day
    )
    return (told + 0.5) / max(1, len(days))


def _tail(count: int, mean: float) -> float:
    """Return how probable a Poisson variable of this mean is ``count`` or more."""
    term = below = exp(-mean)
    for each in range(1, count):
        term *= mean / each
        below += term
    return max(0.0, 1 - below)


def _story(
    look: _Looking, story: str, told: Sequence[Kept], rooms: set[str], usual: float
) -> RisingStory:
    first = min(told, key=lambda kept: (kept.record.first_seen, kept.article.id))
    families = (look.names.family(each) for each in rooms)
    return RisingStory(
        story=story,
        article=first.article.id,
        title=first.article.title,
        language=first.article.language,
        newsrooms=tuple(sorted(family.name for family in families if family)),
        articles=len(told),
        usual=usual,
    )


def _largest_of_a_day(look: _Looking) -> float:
    """Return how many newsrooms tell the largest story of a usual day."""
    wanted = {
        "stories": {
            "terms": {"field": "by_story", "size": 20, "segment_size": 200},
            "aggs": {"rooms": {"cardinality": {"field": "by_source"}}},
        }
    }
    largest = []
    for day, members in look.past.clean.items():
        if members:
            day_of = of_days(look.everything.schema, day, day)
            found = look.everything.aggregate(wanted, day_of).get("stories", {})
            rooms = [each["rooms"]["value"] for each in found.get("buckets", ())]
            largest.append(max(rooms, default=0.0))
    return float(median(largest)) if largest else 0.0
