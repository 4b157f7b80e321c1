"""What a rule would have sent in the last 30 days, had it been in force: how many, when, of what.

Counted is what one channel gets: stories once or each article, held back as the rule's options say, at
once or in digests by its timing. Messages of edits and of spread are not in it. An average is over the days
that the archive reaches back.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import attrs

from newsbot.alerts import timing as clock
from newsbot.alerts.causes import Cause, causes, never_again
from newsbot.alerts.past import Met, Past, held_by, named, past, told
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule, Timing
from newsbot.search.results import Reader

DAYS = 30
# More messages a day than one an hour are more than people read: from there on the rule preview of Elastic's
# Kibana, too, warns of noise. What a digest names can be looked through up to some hundred.
FLOOD_A_DAY, FLOOD_A_DIGEST = 24, 100
# Of what was told so many are named, the newest.
NAMED = 5


@attrs.frozen(kw_only=True)
class Day:
    """A day by the rule's clocks: what was told on it, in how many messages, by hours (24 of them)."""

    day: date
    told: int
    messages: int
    hours: tuple[int, ...]


@attrs.frozen(kw_only=True)
class Told:
    """An article that would have been told: its id, headline, source's id, and when it was stored."""

    article: str
    title: str
    source: str
    seen: datetime


@attrs.frozen(kw_only=True)
class Backtest:
    """What a rule would have sent to one channel from ``first`` to ``last``.

    ``met`` articles meet it; ``held`` counts those of which nobody is told, by the reason; ``told`` are the
    stories (or articles) that it tells, in ``messages``, of which ``digests`` are digests, the largest of
    ``largest``. ``reaches`` is how many days (at most 30) the archive goes back. ``a_day`` is the average
    of messages, ``median`` and ``busiest`` are of the days. ``ever`` counts what the whole archive has.
    ``warnings`` are sentences; ``causes`` say why there was nothing ever. ``newest`` were told last.
    """

    first: datetime
    last: datetime
    zone: str
    each: str
    met: int
    held: Mapping[str, int]
    told: int
    messages: int
    digests: int
    largest: int
    reaches: float
    a_day: float
    median: float
    busiest: int
    ever: int
    estimated: bool
    days: tuple[Day, ...]
    newest: tuple[Told, ...]
    warnings: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()


@attrs.frozen(kw_only=True)
class Sent:
    """A message: when, and of how many; ``digest`` says that it is one."""

    at: datetime
    count: int
    digest: bool


def backtest(database: Database, reader: Reader, rule: Rule, *, now: datetime) -> Backtest:
    """Return what a rule would have sent.

    Raises:
        RuleError: when its query is none.
        QuerySyntaxError: when it takes too long to decide.
    """
    found = past(database, reader, rule, first=now - timedelta(days=DAYS), last=now)
    return of_past(database, reader, rule, found)


def of_past(database: Database, reader: Reader, rule: Rule, found: Past) -> Backtest:
    """Return what a rule would have sent of what it met."""
    first, now = found.first, found.last
    tells = told(rule, found)
    messages = [*sent(rule.timing, [each.seen for each in tells], first=first, last=now)]
    days = _days(rule.timing, tells, messages, first=first, last=now)
    reaches = _reaches(found)
    digests = [each for each in messages if each.digest]
    counts = [each.messages for each in days]
    made = Backtest(
        first=first,
        last=now,
        zone=rule.timing.zone,
        each=rule.each,
        met=len(found.met),
        held=held_by(found),
        told=len(tells),
        messages=len(messages),
        digests=len(digests),
        largest=max((each.count for each in digests), default=0),
        reaches=reaches,
        a_day=len(messages) / max(reaches, 1.0),
        median=median(counts[-max(round(reaches), 1) :]),
        busiest=max(counts),
        ever=found.ever,
        estimated=found.estimated,
        days=days,
        newest=_newest(database, found, tells),
    )
    return attrs.evolve(
        made,
        warnings=tuple(_warnings(database, rule, made, now)),
        causes=causes(database, reader, rule, now=now) if not made.ever else (),
    )


def sent(
    timing: Timing, moments: Sequence[datetime], *, first: datetime, last: datetime
) -> Iterator[Sent]:
    """Yield the messages in which things told at these moments go out, by a timing.

    A digest that is not due by ``last`` is not sent yet.
    """
    today: Counter[date] = Counter()
    waiting: Counter[datetime] = Counter()
    slot: datetime | None = None
    asked = 0
    for moment in moments:
        # All that comes before a slot is due is for that; within a minute no clock says another thing.
        minute = int(moment.timestamp()) // 60
        if (slot is None and (timing.most or minute != asked)) or (slot and moment >= slot):
            told_today = today[clock.local_day(timing, moment)] if timing.most else 0
            slot, asked = clock.place(timing, moment, told_today=told_today), minute
        if slot is not None:
            waiting[slot] += 1
            continue
        if timing.most:
            today[clock.local_day(timing, moment)] += 1
        yield Sent(at=moment, count=1, digest=False)
    if timing.even_empty and timing.how != "at once":
        at = clock.next_slot(timing, first)
        while at <= last:
            waiting.setdefault(at, 0)
            at = clock.next_slot(timing, at)
    yield from (
        Sent(at=at, count=count, digest=True) for at, count in sorted(waiting.items()) if at <= last
    )


def _days(
    timing: Timing,
    tells: Sequence[Met],
    messages: Sequence[Sent],
    *,
    first: datetime,
    last: datetime,
) -> tuple[Day, ...]:
    clocks = ZoneInfo(timing.zone)
    hours: dict[date, Counter[int]] = {}
    for each in messages:
        local = each.at.astimezone(clocks)
        hours.setdefault(local.date(), Counter())[local.hour] += 1
    told_on = Counter(each.seen.astimezone(clocks).date() for each in tells)
    begin, end = (moment.astimezone(clocks).date() for moment in (first, last))
    return tuple(
        Day(
            day=day,
            told=told_on[day],
            messages=sum(hours.get(day, Counter[int]()).values()),
            hours=tuple(hours.get(day, Counter[int]())[hour] for hour in range(24)),
        )
        for day in (begin + timedelta(days=n) for n in range((end - begin).days + 1))
    )


def _reaches(found: Past) -> float:
    if found.reaches is None:
        return 0.0
    span = (found.last - max(found.reaches, found.first)).total_seconds()
    return max(span, 0.0) / 86_400


def _newest(database: Database, found: Past, tells: Sequence[Met]) -> tuple[Told, ...]:
    last = [*reversed(tells[-NAMED:])]
    there = named(database, found, [each.key for each in last])
    return tuple(_told(there[each.key], each) for each in last if each.key in there)


def _told(kept: Kept, met: Met) -> Told:
    article = kept.article
    return Told(article=article.id, title=article.title, source=article.source, seen=met.seen)


def _warnings(database: Database, rule: Rule, made: Backtest, now: datetime) -> Iterator[str]:
    yield from never_again(database, rule, now)
    if made.a_day > FLOOD_A_DAY:
        yield (
            f"it would flood: {made.a_day:,.0f} messages a day (more than {FLOOD_A_DAY}, one an hour, are "
            "more than people read); narrow the query, have it as a digest, or set the most a day"
        )
    full = made.told / made.digests if made.digests else 0.0
    if full > FLOOD_A_DIGEST:
        yield (
            f"its digests would flood: {full:,.0f} in each (more than {FLOOD_A_DIGEST} are not looked "
            "through); narrow the query"
        )
    if made.met and not made.told:
        why = ", ".join(f"{count:,} ({each})" for each, count in made.held.items())
        yield f"it would have told nothing: all that meets it is held back: {why or 'told before'}"
    if 0 < made.reaches < DAYS / 2:
        yield (f"the archive reaches back {made.reaches:.1f} days alone; averages are over those")
