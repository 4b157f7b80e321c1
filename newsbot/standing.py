"""How a source stands: what its last runs taught of it, in a few numbers; pure.

Each run that ends is taken in once (:func:`after_run`). What is kept says whether the source fails, for how
long it has brought nothing against its own habit, what it brought on each of the last days, and whether its
articles have a title, a date, an author and as long a text as they used to. A run that was cancelled, or that
failed for a reason of our own, teaches nothing.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from math import exp2, log, sqrt
from typing import Literal

import attrs

from newsbot.cadence import Rhythm
from newsbot.items import Article
from newsbot.redesign import Part, Usual, Verdict
from newsbot.text.doubts import believed

# Failures in a row after which a day says nothing of how much the source brings.
_DAY_LOST = 3
# Days that are kept: the same weekday of eight weeks before, and today.
DAYS_KEPT = 63
# Days of which requests are counted.
TRAFFIC_KEPT = 15
_LOST = -1
# Articles after which what was usual of fields weighs half, and what is now.
_USUAL, _NOW = 300.0, 12.0
# While fields have collapsed, what is usual learns so many times more slowly.
_SLOWER = 10.0
# The longest silence of a source, in articles that were to be expected, is forgotten so slowly (a year).
_FORGOTTEN = 365 * 86_400.0
# Articles that are kept in mind, to be asked for again; those with a text of fewer characters tell little.
_IN_MIND, _TELLING = 6, 300

Field = Literal["titled", "dated", "signed", "text"]


@attrs.frozen(kw_only=True)
class Brought:
    """What one run brought.

    ``news`` counts the articles that are news; the others count what was stored for the first time, whole:
    ``articles`` in all, ``titled``, ``dated`` and ``signed`` those with a title, a date and an author, and
    ``length`` is the sum of the logarithms of their texts' lengths in characters. ``pages`` are the pages met
    first that should have been articles, ``hollow`` those of them without a text, ``short`` those with far less
    of one than usual. ``known`` are ids of articles that may be asked for again, ``verdict`` what such a
    question found, if one was asked (``rechecked``) or looks for edits said enough.

    Of ``requests`` that were answered, ``blocked`` were kept from the page (401, 403, 429, walls). ``ways`` are
    the entry points that are lost, ``closed`` what robots.txt closes that was read before; None: nothing was
    learnt of that.

    ``found`` counts the links that nothing had led to before, ``stored`` all articles that are in the archive since, in part as well.
    """

    news: int = 0
    articles: float = 0
    titled: float = 0
    dated: float = 0
    signed: float = 0
    length: float = 0.0
    pages: float = 0
    hollow: float = 0
    short: float = 0
    known: tuple[str, ...] = ()
    verdict: Verdict | None = None
    rechecked: bool = False
    requests: int = 0
    blocked: int = 0
    ways: "tuple[LostWay, ...] | None" = None
    closed: "Closed | None" = None
    found: int = 0
    stored: int = 0


@attrs.frozen(kw_only=True)
class LostWay:
    """An entry point that leads to nothing any more: since when, and in words that go on from its address."""

    url: str
    kind: str
    since: datetime
    says: str


@attrs.frozen(kw_only=True)
class Closed:
    """What a robots.txt closes that was read before, in words; "" where it closes nothing of that."""

    since: datetime
    says: str


@attrs.frozen(kw_only=True)
class Traffic:
    """Requests of a day that were answered, and those of them that were kept from the page."""

    requests: int = 0
    blocked: int = 0


NOTHING = Brought()


def with_article(brought: Brought, article: Article) -> Brought:
    """Return what a run brought with one article more that was stored for the first time."""
    telling = (article.id,) if len(article.body) >= _TELLING else ()
    return attrs.evolve(
        brought,
        known=(*brought.known, *telling)[-_IN_MIND:],
        articles=brought.articles + 1,
        titled=brought.titled + bool(article.title.strip()),
        dated=brought.dated + (believed(article.published) is not None),
        signed=brought.signed + bool(article.authors),
        length=brought.length + log(1 + len(article.body)),
    )


@attrs.frozen(kw_only=True)
class Fields:
    """How complete articles are: sums as in :class:`Brought`, older articles counting less."""

    articles: float = 0.0
    titled: float = 0.0
    dated: float = 0.0
    signed: float = 0.0
    length: float = 0.0
    pages: float = 0.0
    hollow: float = 0.0
    short: float = 0.0

    def after(self, brought: Brought, half: float) -> "Fields":
        """Return the sums after a run; what was before weighs half after so many articles."""
        count = max(brought.articles, brought.pages)
        kept = exp2(-count / half)
        # Of many articles of one run the earlier ones count less, too.
        share = (1 - kept) / (1 - exp2(-1 / half)) / count if count > 1 else 1.0
        return Fields(
            articles=self.articles * kept + brought.articles * share,
            titled=self.titled * kept + brought.titled * share,
            dated=self.dated * kept + brought.dated * share,
            signed=self.signed * kept + brought.signed * share,
            length=self.length * kept + brought.length * share,
            pages=self.pages * kept + brought.pages * share,
            hollow=self.hollow * kept + brought.hollow * share,
            short=self.short * kept + brought.short * share,
        )


@attrs.frozen(kw_only=True)
class Redesigned:
    """That a source's pages are not read as they were: which parts were lost, since when, and in words."""

    lost: tuple[Part, ...]
    since: datetime
    says: str


@attrs.frozen(kw_only=True)
class Standing:
    """How one source stands.

    ``mark`` names the run that was taken in last, ``at`` is when it ended, ``well_at`` when one ended well.
    ``failures`` counts failed runs in a row, the first of them at ``failing_since``; ``trouble`` is what the
    last one said. ``recovered_at`` is when it was well after that, and ``came`` what news it brought since
    then. ``address`` is the IP address that answered last.

    ``last_new`` is when it last brought news; ``silent`` is how many articles were to be expected since, by
    ``rhythm``, and ``longest`` what that number came to at most before. ``days`` counts news by day (UTC);
    -1 is a day that says nothing. ``usual`` and ``lately`` are how complete its articles are.

    ``redesigned`` says that its pages have changed so that they are not read as they were, ``rechecked`` when
    known articles were asked for last to know that, and ``known`` which may be. ``traffic`` is by day (UTC);
    ``ways`` and ``closed`` are as in :class:`Brought`.

    ``last_found`` is when a run ended last that found a link which nothing had led to before, ``last_stored``
    one that brought an article.
    """

    id: str
    mark: str = ""
    at: datetime
    well_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    trouble: str = ""
    recovered_at: datetime | None = None
    came: int = 0
    address: str = ""
    rhythm: Rhythm = attrs.Factory(Rhythm)
    since: datetime | None = None
    last_new: datetime | None = None
    silent: float = 0.0
    longest: float = 0.0
    days: Mapping[str, int] = attrs.Factory(dict)
    usual: Fields = Fields()
    lately: Fields = Fields()
    redesigned: Redesigned | None = None
    rechecked: datetime | None = None
    known: tuple[str, ...] = ()
    traffic: Mapping[str, Traffic] = attrs.Factory(dict)
    ways: tuple[LostWay, ...] = ()
    closed: Closed | None = None
    last_found: datetime | None = None
    last_stored: datetime | None = None


def usual_of(standing: Standing) -> Usual:
    """Return what is usual of a source's pages."""
    fields = standing.usual
    # Before pages were counted, each article was one.
    pages = max(fields.pages, fields.articles)
    return Usual(
        pages=pages,
        textless=fields.hollow + fields.short,
        untitled=fields.articles - fields.titled,
        undated=fields.articles - fields.dated,
        length=fields.length / fields.articles if fields.articles else 0.0,
    )


def after_run(
    before: Standing | None,
    source: str,
    *,
    mark: str,
    at: datetime,
    well: bool,
    trouble: str = "",
    brought: Brought = NOTHING,
    address: str = "",
) -> Standing:
    """Return how a source stands after a run; the same run once more changes nothing."""
    standing = before or Standing(id=source, at=at, since=at)
    if mark and standing.mark == mark:
        return standing
    standing = attrs.evolve(
        standing,
        mark=mark,
        at=at,
        address=address or standing.address,
        last_found=at if brought.found else standing.last_found,
        last_stored=at if brought.stored else standing.last_stored,
        traffic=_counted(standing.traffic, at, brought),
        ways=standing.ways if brought.ways is None else brought.ways,
        closed=_closed(standing.closed, brought.closed),
    )
    standing = _read(standing, at, brought)
    return _well(standing, at, brought) if well else _failed(standing, at, trouble)


def _counted(
    before: Mapping[str, Traffic], at: datetime, brought: Brought
) -> Mapping[str, Traffic]:
    if not brought.requests:
        return before
    day, first = _day(at), _day(at - timedelta(days=TRAFFIC_KEPT))
    today = before.get(day, Traffic())
    counted = Traffic(
        requests=today.requests + brought.requests, blocked=today.blocked + brought.blocked
    )
    return {**{each: of for each, of in before.items() if each > first}, day: counted}


def _closed(before: Closed | None, now: Closed | None) -> Closed | None:
    if now is None:
        return before
    if not now.says:
        return None
    return attrs.evolve(now, since=before.since) if before else now


def _failed(standing: Standing, at: datetime, trouble: str) -> Standing:
    failures = standing.failures + 1
    days = dict(standing.days)
    if failures >= _DAY_LOST:
        days[_day(at)] = _LOST
    return attrs.evolve(
        standing,
        failures=failures,
        failing_since=standing.failing_since or at,
        trouble=trouble,
        days=_bounded(days, at),
    )


def _well(standing: Standing, at: datetime, brought: Brought) -> Standing:
    again = standing.failures > 0
    if again:
        # Of the time in which it failed nobody knows what is usual in it.
        standing = attrs.evolve(
            standing,
            recovered_at=at,
            came=0,
            rhythm=attrs.evolve(standing.rhythm, read_at=at),
        )
    before = standing.rhythm
    expected = before.expected_between(before.read_at, at) if before.read_at else 0.0
    silent, longest, last_new = standing.silent + expected, standing.longest, standing.last_new
    if brought.news:
        passed = (at - last_new).total_seconds() if last_new else 0.0
        longest = max(silent, longest * exp2(-passed / _FORGOTTEN))
        silent, last_new = 0.0, at
    days, today = dict(standing.days), _day(at)
    if days.get(today, 0) != _LOST:
        days[today] = days.get(today, 0) + brought.news
    # That authors are not named any more is a site's own choice, and soon its habit.
    gone = [each for each in collapsed(standing.usual, standing.lately) if each != "signed"]
    slower = _SLOWER if gone or standing.redesigned else 1.0
    return attrs.evolve(
        standing,
        well_at=at,
        failures=0,
        failing_since=None,
        trouble="",
        came=standing.came + brought.news,
        rhythm=before.watched(at, brought.news),
        last_new=last_new,
        silent=silent,
        longest=longest,
        days=_bounded(days, at),
        usual=_slowly(standing.usual, brought, slower),
        lately=standing.lately.after(brought, _NOW),
    )


def _read(standing: Standing, at: datetime, brought: Brought) -> Standing:
    """Return how a source stands after what a run found of how its pages are read."""
    verdict, before = brought.verdict, standing.redesigned
    rechecked = at if brought.rechecked else standing.rechecked
    if verdict is not None and verdict.lost:
        since = before.since if before else at
        found = Redesigned(lost=verdict.lost, since=since, says=verdict.says)
        return attrs.evolve(standing, redesigned=found, rechecked=rechecked)
    if verdict is not None and not verdict.walled:
        before = None  # all is read as it was
    # What a changed source brings meanwhile is read poorly: nothing is to be told from it.
    known = standing.known if before else (*standing.known, *brought.known)[-_IN_MIND:]
    return attrs.evolve(standing, redesigned=before, rechecked=rechecked, known=known)


def _slowly(usual: Fields, brought: Brought, slower: float) -> Fields:
    if slower == 1.0:
        return usual.after(brought, _USUAL)
    part = Brought(
        articles=brought.articles / slower,
        titled=brought.titled / slower,
        dated=brought.dated / slower,
        signed=brought.signed / slower,
        length=brought.length / slower,
        pages=brought.pages / slower,
        hollow=brought.hollow / slower,
        short=brought.short / slower,
    )
    return usual.after(part, _USUAL)


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


def _bounded(days: dict[str, int], at: datetime) -> dict[str, int]:
    first = (at.astimezone(UTC).date() - timedelta(days=DAYS_KEPT)).isoformat()
    return {day: count for day, count in days.items() if day > first}


# Of how many articles each has to be known, to judge fields; how little of what is usual they are then, and by
# how many standard deviations.
_KNOWN, _KNOWN_LATELY = 60.0, 12.0
_LITTLE, _DEVIATIONS = 0.2, 5.0
_SHORT = 0.2


def collapsed(usual: Fields, lately: Fields) -> tuple[Field, ...]:
    """Return which fields articles hardly have any more that they used to have."""
    if usual.articles < _KNOWN or lately.articles < _KNOWN_LATELY:
        return ()
    found: list[Field] = []
    names: tuple[Field, ...] = ("titled", "dated", "signed")
    for name in names:
        before = getattr(usual, name) / usual.articles
        now = getattr(lately, name) / lately.articles
        deviation = sqrt(max(before * (1 - before), 0.01) / lately.articles)
        if now <= _LITTLE * before and before - now >= _DEVIATIONS * deviation:
            found.append(name)
    if lately.length / lately.articles - usual.length / usual.articles <= log(_SHORT):
        found.append("text")
    return tuple(found)


def counts_before(standing: Standing, day: date) -> list[int]:
    """Return what the source brought on the same weekday of the eight weeks before, of days that count."""
    before = (day - timedelta(weeks=week) for week in range(1, 9))
    started = standing.since.astimezone(UTC).date() if standing.since else day
    # Its first day is not whole.
    counted = [standing.days.get(each.isoformat(), 0) for each in before if each > started]
    return [each for each in counted if each != _LOST]


def count_on(standing: Standing, day: date) -> int | None:
    """Return what the source brought on a day; None where that day says nothing."""
    count = standing.days.get(day.isoformat(), 0)
    return None if count == _LOST else count
