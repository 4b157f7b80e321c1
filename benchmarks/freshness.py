"""How soon articles arrive, and how many requests that costs: adaptive polling against fixed.

Time is simulated; what decides when to ask is newsbot's own (``newsbot.spiders.learning`` over
``newsbot.cadence``), and it is told what a crawl would tell it. A site's rate is drawn from a
heavy-tailed distribution, from several articles an hour to one a week. Requests and delays are counted
from the minute a site was added, so that learning is paid for.

``python -m benchmarks.freshness`` prints the tables of ``docs/freshness.md`` and draws its curve.
"""

import math
import random
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean

import attrs

from benchmarks.charts import Line, chart
from newsbot.archive import entry_points
from newsbot.archive.entry_points import EntryPointRecord
from newsbot.archive.pages import Version
from newsbot.config import Config
from newsbot.spiders import learning
from newsbot.spiders.learning import Reading

CURVE = Path(__file__).parents[1] / "docs" / "freshness.svg"
START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY, WEEK = 3_600.0, 86_400.0, 604_800.0
SITES, DAYS, SEEDS = 200, 7, (1, 2, 3)
SLOWEST_RATE, FASTEST_RATE = 1 / WEEK, 4 / HOUR
FIXED = (60.0, 120.0, 300.0, 600.0, 1_200.0, 2_400.0)
WORTHS = (2.0, 6.0, 20.0, 60.0, 180.0)
# A feed names so many articles.
FEED = 20


@attrs.frozen
class Site:
    """When a site publishes: seconds from the start; ``before`` is what its feed names already."""

    rate: float
    articles: Sequence[float]
    before: Sequence[float]


@attrs.frozen
class Outcome:
    """What polling cost, as requests a site and day, and how long the articles took, in seconds."""

    requests: float
    median: float
    p95: float
    mean: float

    @classmethod
    def of(cls, requests: float, delays: Sequence[float], sites: int, days: float) -> "Outcome":
        """Return the outcome of a simulation."""
        ordered = sorted(delays)
        at = len(ordered) - 1
        return cls(
            requests / sites / days,
            ordered[round(0.5 * at)],
            ordered[round(0.95 * at)],
            fmean(ordered),
        )

    @property
    def share(self) -> float:
        """What it cost of what one interval for all sites would for the same median delay."""
        return self.requests / (DAY / (2 * self.median))


# How sites publish


def sites(kind: str, seed: int, count: int = SITES, days: float = DAYS) -> list[Site]:
    """Return sites whose mean rates are log-uniform, or as Pareto's law has them."""
    draw, made = random.Random(f"{kind} {seed}"), []
    for _ in range(count):
        if kind == "pareto":
            rate = min(FASTEST_RATE * 2, SLOWEST_RATE * draw.paretovariate(0.5))
        else:
            rate = math.exp(draw.uniform(math.log(SLOWEST_RATE), math.log(FASTEST_RATE)))
        happens = list(_PROCESSES.get(kind, _steady)(rate, -WEEK, days * DAY, draw))
        articles = [each for each in happens if each > 0]
        before = [each for each in happens if each <= 0]
        made.append(Site(rate, articles, before[-FEED:]))
    return made


def _steady(rate: float, start: float, end: float, draw: random.Random) -> Iterator[float]:
    moment = start + draw.expovariate(rate)
    while moment < end:
        yield moment
        moment += draw.expovariate(rate)


def _by_day(rate: float, start: float, end: float, draw: random.Random) -> Iterator[float]:
    """Ten hours a day six times as often as in the others, and at weekends a third of either."""
    zone, peak = draw.uniform(0, DAY), 2.0 * 1.24
    for moment in _steady(rate * peak, start, end, draw):
        local = moment + zone
        usual = 2.0 if local % DAY < 10 * HOUR else 1 / 3
        usual *= 0.4 if local // DAY % 7 in (5, 6) else 1.24
        if draw.random() < usual / peak:
            yield moment


def _in_bursts(rate: float, start: float, end: float, draw: random.Random) -> Iterator[float]:
    """Six articles at a time on average, within about half an hour: breaking news, or an editor's habit."""
    found: list[float] = []
    for begun in _steady(rate / 6, start, end, draw):
        count = 1 + int(math.log(draw.random()) / math.log(5 / 6))
        found += [begun + draw.expovariate(1 / 1_800) for _ in range(count)]
    return iter(sorted(each for each in found if each < end))


_PROCESSES: dict[str, Callable[[float, float, float, random.Random], Iterator[float]]] = {
    "day and night": _by_day,
    "bursts": _in_bursts,
}


# How they are polled


def fixed(interval: float, of: Sequence[Site], days: float = DAYS) -> Outcome:
    """Ask every site at one interval, each from a moment of its own."""
    draw, delays, requests = random.Random(interval), [], 0
    for site in of:
        phase = draw.uniform(0, interval)
        requests += int((days * DAY - phase) / interval) + 1
        delays += [(interval - (moment - phase) % interval) % interval for moment in site.articles]
    return Outcome.of(requests, delays, len(of), days)


def adaptive(config: Config, of: Sequence[Site], days: float = DAYS) -> Outcome:
    """Ask every site when newsbot would."""
    random.seed(1)
    delays: list[float] = []
    requests = 0
    for site in of:
        asked, waited = _poll(config, site, days * DAY)
        requests += asked
        delays += waited
    return Outcome.of(requests, delays, len(of), days)


def _poll(config: Config, site: Site, end: float) -> tuple[int, list[float]]:
    record = entry_points.new("site", "https://site.example/feed", "feed")
    requests, moment, there, delays = 0, 0.0, 0, []
    while moment <= end:
        now = START + timedelta(seconds=moment)
        before, there = there, bisect_right(site.articles, moment, there)
        first = site.articles[before:there]
        delays += [moment - each for each in first]
        named = first if requests else site.before
        record = learning.planned(_read(record, now, named, named), now, config, leading=True)
        requests += 1
        moment = (record.next_due - START).total_seconds() if record.next_due else math.inf
    return requests, delays


def known_rates(worth: float, of: Sequence[Site], days: float = DAYS) -> Outcome:
    """Ask every site as adaptive polling would that knew its rate and had nothing to learn."""
    delays, requests, config = [], 0.0, Config()
    for site in of:
        interval = math.sqrt(2 * worth / site.rate)
        interval = min(max(interval, config.poll_fastest), config.poll_slowest)
        requests += days * DAY / interval
        delays += [(interval - moment % interval) % interval for moment in site.articles]
    return Outcome.of(requests, delays, len(of), days)


def by_frequency(factor: float, of: Sequence[Site], days: float = DAYS) -> Outcome:
    """Ask every site as often as it published in the last week, as feed readers do (times a factor)."""
    delays, requests = [], 0
    for site in of:
        happened = [*site.before, *site.articles]
        moment, read = 0.0, 0
        while moment <= days * DAY:
            requests += 1
            there = bisect_right(site.articles, moment, read)
            delays += [moment - each for each in site.articles[read:there]]
            read = there
            week = bisect_right(happened, moment) - bisect_right(happened, moment - WEEK)
            moment += min(max(WEEK / week / factor if week else DAY, 60.0), DAY)
    return Outcome.of(requests, delays, len(of), days)


# Several entry points


def several(config: Config, of: Sequence[Site], days: float = DAYS) -> tuple[Outcome, Outcome]:
    """Poll sites with a feed, a front page some minutes behind, a slow sitemap, and a dead feed.

    Returns what it is at five minutes for each of them, and what newsbot makes of it.
    """
    random.seed(1)
    draw, requests, delays = random.Random(7), 0, []
    lags = {"feed": 0.0, "page": 600.0, "sitemap": HOUR}
    five = fixed(300.0, of, days)
    for site in of:
        order = list(lags)
        draw.shuffle(order)  # which of them is ahead differs from site to site
        behind = dict(zip(order, lags.values(), strict=True))
        records = [entry_points.new("site", f"https://{kind}.example/", kind) for kind in behind]
        records.append(entry_points.new("site", "https://dead.example/", "feed"))
        asked, waited = _poll_several(config, site, records, behind, days * DAY)
        requests += asked
        delays += waited
    return (
        attrs.evolve(five, requests=five.requests * 4),
        Outcome.of(requests, delays, len(of), days),
    )


def _poll_several(
    config: Config,
    site: Site,
    records: list[EntryPointRecord],
    behind: dict[str, float],
    end: float,
) -> tuple[int, list[float]]:
    known: set[float] = set()
    delays: list[float] = []
    requests, moment, articles = 0, 0.0, sorted([*site.before, *site.articles])
    while moment <= end:
        now = START + timedelta(seconds=moment)
        for record in [each for each in learning.ranked(records) if learning.due(each, now)]:
            requests += 1
            if "dead" in record.url:
                after = learning.after_failure(record, at=now, trouble="answered 404", gone=True)
            else:
                seen = bisect_right(articles, moment - behind[record.kind])
                shown = articles[max(0, seen - FEED) : seen]
                first = [each for each in shown if each not in known]
                known.update(first)
                delays += [moment - each for each in first if each > 0]
                after = _read(record, now, shown, first)
            records[records.index(record)] = after
        best = learning.ranked(records)[0]
        records = [
            learning.planned(each, now, config, leading=each is best)
            if each.next_due is None or learning.due(each, now)
            else each
            for each in records
        ]
        moment = min((each.next_due - START).total_seconds() for each in records if each.next_due)
    return requests, delays


def _read(
    record: EntryPointRecord, now: datetime, shown: Sequence[float], first: Sequence[float]
) -> EntryPointRecord:
    begins = record.rhythm.read_at is None
    reading = Reading(
        at=now,
        conditional=True,
        version=Version(),
        links="links",
        named=[START + timedelta(seconds=each) for each in shown],
        first=[START + timedelta(seconds=each) for each in first],
        led=len(first),
        brought=0 if begins else len(first),
    )
    return learning.after_reading(record, reading)


# The tables


def _one(job: tuple[str, int, str, float]) -> Outcome:
    kind, seed, how, value = job
    of = sites(kind, seed)
    if how == "fixed":
        return fixed(value, of)
    if how == "known":
        return known_rates(value, of)
    if how == "frequency":
        return by_frequency(value, of)
    return adaptive(Config(poll_worth=value), of)


def _mean(outcomes: Sequence[Outcome]) -> Outcome:
    return Outcome(*(fmean(values) for values in zip(*map(attrs.astuple, outcomes), strict=True)))


def run() -> dict[str, Outcome]:
    """Simulate, print the tables and draw the curve; returns the outcomes that matter."""
    rows = [
        *(("poisson", "fixed", value) for value in FIXED),
        *(("poisson", "adaptive", value) for value in WORTHS),
        *(("poisson", "frequency", value) for value in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)),
        ("poisson", "known", 20.0),
        *(
            (kind, how, value)
            for kind in ("pareto", "day and night", "bursts")
            for how, value in (("fixed", 300.0), ("adaptive", 20.0))
        ),
    ]
    jobs = [(kind, seed, how, value) for kind, how, value in rows for seed in SEEDS]
    with ProcessPoolExecutor(2) as pool:
        outcomes = dict(zip(jobs, pool.map(_one, jobs), strict=True))
        several_of = pool.submit(several, Config(), sites("poisson", 1, 60))
        five, learnt = several_of.result()
    means = {row: _mean([outcomes[row[0], seed, row[1], row[2]] for seed in SEEDS]) for row in rows}
    print(f"freshness: {SITES} sites, {DAYS} days from their adding, seeds {SEEDS}")
    print(f"  {'sites':14} {'polling':26} {'requests':>9} {'median':>8} {'p95':>8} {'mean':>8}")
    for (kind, how, value), mean in means.items():
        print(f"  {kind:14} {f'{how} {value:g}':26} " + _figures(mean))
    print(f"  {'4 entry points':14} {'fixed 300':26} " + _figures(five))
    print(f"  {'4 entry points':14} {'adaptive 20':26} " + _figures(learnt))
    for kind in ("poisson", "pareto", "day and night", "bursts"):
        each = ", ".join(f"{outcomes[kind, seed, 'adaptive', 20.0].share:.2f}" for seed in SEEDS)
        print(
            f"  {kind}: {means[kind, 'adaptive', 20.0].share:.2f} ({each}) of the requests that one "
            "interval for all sites takes for the same median delay"
        )
    _draw(means)
    return {f"{kind} {how} {value:g}": mean for (kind, how, value), mean in means.items()}


def _figures(mean: Outcome) -> str:
    return f"{mean.requests:9.1f} {mean.median:8.0f} {mean.p95:8.0f} {mean.mean:8.0f}"


def _draw(means: dict[tuple[str, str, float], Outcome]) -> None:
    lines = []
    for how, name, colour in (
        ("fixed", "one interval for all", "#8a8a8a"),
        ("frequency", "as often as it published in the last week", "#c77c11"),
        ("adaptive", "newsbot", "#0b6e4f"),
    ):
        of = [mean for (kind, this, _), mean in means.items() if (kind, this) == ("poisson", how)]
        of.sort(key=lambda mean: mean.requests)
        for field, dashed in (("median", False), ("p95", True)):
            points = [(mean.requests, getattr(mean, field)) for mean in of]
            lines.append(Line(f"{name}, {field}", colour, points, dashed=dashed))
    CURVE.write_text(
        chart(
            lines,
            title="Delay from publication to archive, by requests",
            across="requests a site and day",
            up="seconds of delay",
        ),
        encoding="utf8",
    )


if __name__ == "__main__":
    run()
    sys.exit(0)
