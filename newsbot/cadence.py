"""How often an address brings news, and when to ask it again.

New articles are taken to appear as a Poisson process whose rate changes with the hour of the day, the
day of the week and the news. What is learnt of it is a few numbers (``Rhythm``): a Gamma posterior of
the rate, counts by hour and weekday, and what the last hours brought against what was expected of
them. Unlike a page that has merely changed or not (Cho and Garcia-Molina, "Estimating frequency of
change", 2003), an entry point names every article it brought, so that the counts are complete.

Asked every T seconds, an address that brings λ articles a second lets each wait T/2 on average and
costs 1/T requests a second. If a request is worth w seconds of one article's waiting, λT²/2 = w is
where one request more saves less than it costs: ``T = sqrt(2w/λ)``. Over many addresses that spends
requests as the square root of their rates, which is the least average delay that so many requests can
buy (Sia, Cho and Cho, "Efficient monitoring algorithm for fast news alerts", TKDE 2007). Nothing but
w is shared, so that each address is planned for itself.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import exp2, log, sqrt

import attrs

HOUR, DAY = 3_600.0, 86_400.0

# The prior: a Gamma distribution of this shape, about as wide as news sites differ (from several
# articles an hour to one a week), whose mean is an article in so many seconds. Once an address was
# read, what it names says more; then the prior only keeps it from being taken for dead.
PRIOR, PRIOR_AFTER_HISTORY, PRIOR_SECONDS = 0.4, 0.1, 2 * HOUR
# What was seen weighs half after so long. Long enough for a weekly pattern, and for sites that
# publish once a week.
MEMORY = 28 * DAY
# What the last hours brought, against what was to be expected of them: half after so long, and so
# many articles' worth of trust in the expectation.
SHORT_MEMORY, SHORT_TRUST = 2 * HOUR, 2.0
# So many articles' worth of trust that an hour of the day, or a day of the week, is like any other.
PATTERN_TRUST = 4.0
# The articles named on the first reading are history: their dates say how often there is news, but
# not more than so many articles' worth.
HISTORY, HISTORY_SPAN = 8.0, 7 * DAY


@attrs.frozen(kw_only=True)
class Rhythm:
    """What is known of how often an address brings news.

    ``articles`` over ``seconds`` are what it brought and how long it was watched, older ones counting
    less; ``prior`` is how many articles' worth of trust is in the guess from before. ``hours`` (of the
    day, UTC) and ``days`` (of the week, Monday first) are the same articles by when they appeared.
    ``lately`` came in the last hours, where ``expected`` were to be. ``read_at`` is up to when it was
    watched.
    """

    prior: float = PRIOR
    articles: float = 0.0
    seconds: float = 0.0
    hours: tuple[float, ...] = (0.0,) * 24
    days: tuple[float, ...] = (0.0,) * 7
    lately: float = 0.0
    expected: float = 0.0
    read_at: datetime | None = None

    @property
    def rate(self) -> float:
        """Articles a second, on average over the week."""
        return (self.prior + self.articles) / (self.prior * PRIOR_SECONDS + self.seconds)

    def watched(self, now: datetime, brought: int) -> "Rhythm":
        """Return the rhythm after a reading that brought so many articles new to everyone."""
        if self.read_at is None:
            return attrs.evolve(self, read_at=now)
        passed = (now - self.read_at).total_seconds()
        if passed <= 0:
            return self
        kept, kept_lately = exp2(-passed / MEMORY), exp2(-passed / SHORT_MEMORY)
        # Of a time longer than the memory only its last part counts, and the articles of that part.
        weight = (1 - kept) * MEMORY / log(2) / passed
        hours, days = [each * kept for each in self.hours], [each * kept for each in self.days]
        if brought:
            for hour, day, share in _places(self.read_at, now):
                hours[hour] += brought * share * weight
                days[day] += brought * share * weight
        expected = self.rate * self._pattern_between(self.read_at, now)
        short = min(1.0, (1 - kept_lately) * SHORT_MEMORY / log(2) / passed)
        return attrs.evolve(
            self,
            articles=self.articles * kept + brought * weight,
            seconds=self.seconds * kept + passed * weight,
            hours=tuple(hours),
            days=tuple(days),
            lately=self.lately * kept_lately + brought * short,
            expected=self.expected * kept_lately + expected * short,
            read_at=now,
        )

    def with_history(
        self, named: Sequence[datetime], first: Sequence[datetime], now: datetime
    ) -> "Rhythm":
        """Return the rhythm with what the dates say of the articles that the first reading named.

        ``named`` are their dates and ``first`` the dates of those among them that nothing else had
        led to. They are history, which says how often there is news here; not, when there is next.
        """
        start = now - timedelta(seconds=HISTORY_SPAN)
        recent = [each for each in named if start < each <= now]
        if not named:
            return self
        # A list that reaches back further was watched over the whole span.
        whole = len(recent) < len(named)
        span = HISTORY_SPAN if whole else max(HOUR, (now - min(recent)).total_seconds())
        scale = min(1.0, HISTORY / max(1, len(recent)))
        return attrs.evolve(
            self,
            prior=PRIOR_AFTER_HISTORY,
            articles=self.articles + scale * sum(start < each <= now for each in first),
            seconds=self.seconds + scale * span,
        )

    def expected_between(self, start: datetime, end: datetime) -> float:
        """Return how many articles are to be expected in a time, by the hours and days it lies on."""
        return self.rate * self._pattern_between(start, end)

    def rate_at(self, moment: datetime) -> float:
        """Articles a second that are to be expected at a moment soon."""
        return self.rate * self._pattern(moment) * self._news(moment)

    def _news(self, moment: datetime) -> float:
        """Return how many times more than usual there is to report."""
        passed = (moment - self.read_at).total_seconds() if self.read_at else 0.0
        kept = exp2(-max(0.0, passed) / SHORT_MEMORY)
        return (SHORT_TRUST + self.lately * kept) / (SHORT_TRUST + self.expected * kept)

    def _pattern(self, moment: datetime) -> float:
        """Return how many times the average rate is usual at this hour of this day."""
        hour = moment.hour
        near = (self.hours[hour - 1] + 2 * self.hours[hour] + self.hours[(hour + 1) % 24]) / 4
        by_hour = (PATTERN_TRUST + near) / (PATTERN_TRUST + self.articles / 24)
        day = self.days[moment.weekday()]
        by_day = (PATTERN_TRUST + day) / (PATTERN_TRUST + self.articles / 7)
        return by_hour * by_day

    def _pattern_between(self, start: datetime, end: datetime) -> float:
        """Return the pattern's integral over a time, in seconds."""
        return sum(self._pattern(moment) * seconds for moment, seconds in _hours(start, end))


def next_reading(
    rhythm: Rhythm, now: datetime, *, worth: float, fastest: float, slowest: float
) -> datetime:
    """Return when an address is to be asked again: from ``fastest`` to ``slowest`` seconds from now.

    ``worth`` is how many seconds sooner an article has to arrive for one more request. Where the
    rate changes on the way (a newsroom wakes), so does how densely readings lie.
    """
    left = 1.0
    for moment, seconds in _hours(now, now + timedelta(seconds=slowest)):
        density = sqrt(rhythm.rate_at(moment) / (2 * worth))
        density = min(max(density, 1 / slowest), 1 / fastest)
        if density * seconds >= left:
            return moment + timedelta(seconds=left / density)
        left -= density * seconds
    return now + timedelta(seconds=slowest)


def _hours(start: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """Yield the hours of the clock that a time touches: where each part begins, and its seconds."""
    moment = start
    while moment < end:
        following = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        following = min(following, end)
        yield moment, (following - moment).total_seconds()
        moment = following


def _places(start: datetime, end: datetime) -> Iterator[tuple[int, int, float]]:
    """Yield the hour, the weekday and the share of each hour of a time; of a long one its last week."""
    start = max(start, end - timedelta(days=7))
    whole = (end - start).total_seconds()
    for moment, seconds in _hours(start.astimezone(UTC), end.astimezone(UTC)):
        yield moment.hour, moment.weekday(), seconds / whole
