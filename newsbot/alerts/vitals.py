"""A source's health at a glance: what is known of it, as values and in words; pure.

What is wrong by it is judged in :mod:`newsbot.alerts.health`.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from math import exp
from statistics import median

import attrs

from newsbot.alerts.health import Ill, all_of_source
from newsbot.alerts.trouble_words import moment, span
from newsbot.archive.coverage import SourceDay
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.standing import Fields, Standing, count_on, counts_before

# Days of which articles are listed.
LISTED = 14
# What is wrong, in a word or two.
SHORT = {
    "failing": "fails",
    "quiet": "has gone quiet",
    "rate": "brings far less",
    "fields": "lacks fields",
    "redesign": "pages have changed",
    "ways": "an entry point is lost",
    "robots": "closed by robots.txt",
    "blocked": "keeps newsbot out",
}


@attrs.frozen(kw_only=True)
class Coverage:
    """How complete articles are: shares of 1, a text's usual length in characters; None where none is known.

    ``articles`` is of how many, older ones counting less. ``hollow`` is the share of pages that should have
    been articles and had no text.
    """

    articles: float
    titles: float | None = None
    dates: float | None = None
    authors: float | None = None
    characters: int | None = None
    hollow: float | None = None


@attrs.frozen(kw_only=True)
class Vitals:
    """How a source fares.

    ``hours_well`` of ``hours_asked`` in the last seven days its runs ended well. ``expected`` articles were to
    come since ``last_new``, by its own habit, of ``a_day`` on average. ``days`` are the news of each of the last
    days (None: not known), ``band`` what is usual on such a day as yesterday: least, median, most. ``requests``
    of the last two weeks were answered, ``blocked`` of them by refusals and walls.
    """

    ills: tuple[Ill, ...]
    known_since: datetime | None = None
    well_at: datetime | None = None
    failures: int = 0
    hours_asked: int = 0
    hours_well: int = 0
    last_new: datetime | None = None
    expected: float = 0.0
    a_day: float | None = None
    days: Mapping[str, int | None] = attrs.Factory(dict)
    band: tuple[int, float, int] | None = None
    usual: Coverage
    lately: Coverage
    requests: int = 0
    blocked: int = 0


def ills_of(standing: Standing | None, source: Source, config: Config, now: datetime) -> list[Ill]:
    """Return what is wrong with a source that is crawled; nothing of one that is paused or was never."""
    if standing is None or source.state != "active":
        return []
    return all_of_source(
        standing,
        now=now,
        failures=config.trouble_failures,
        seconds=config.trouble_seconds,
    )


def in_short(ills: list[Ill]) -> str:
    """Return what is wrong, in a few words; "well" where nothing is."""
    return ", ".join(SHORT.get(each.kind, each.kind) for each in ills) or "well"


def vitals(
    standing: Standing | None,
    source: Source,
    ledger: Mapping[date, SourceDay],
    *,
    config: Config,
    now: datetime,
) -> Vitals:
    """Return how a source fares; ``ledger`` says how its runs ended on the last days."""
    nothing = Coverage(articles=0.0)
    if standing is None:
        return Vitals(ills=(), usual=nothing, lately=nothing)
    today = now.astimezone(UTC).date()
    week = [each for day, each in ledger.items() if day > today - timedelta(days=7)]
    days = [today - timedelta(days=back) for back in range(LISTED - 1, -1, -1)]
    first = standing.since.astimezone(UTC).date() if standing.since else today
    before = counts_before(standing, today - timedelta(days=1))
    return Vitals(
        ills=tuple(ills_of(standing, source, config, now)),
        known_since=standing.since,
        well_at=standing.well_at,
        failures=standing.failures,
        hours_asked=sum((each.well | each.failed).bit_count() for each in week),
        hours_well=sum(each.well.bit_count() for each in week),
        last_new=standing.last_new,
        expected=standing.silent,
        a_day=standing.rhythm.rate * 86_400 if standing.rhythm.seconds else None,
        days={day.isoformat(): count_on(standing, day) if day >= first else None for day in days},
        band=(min(before), median(before), max(before)) if before else None,
        usual=_coverage(standing.usual),
        lately=_coverage(standing.lately),
        requests=sum(each.requests for each in standing.traffic.values()),
        blocked=sum(each.blocked for each in standing.traffic.values()),
    )


def _coverage(fields: Fields) -> Coverage:
    of, pages = fields.articles, fields.pages
    if not of:
        return Coverage(articles=0.0, hollow=fields.hollow / pages if pages else None)
    return Coverage(
        articles=of,
        titles=fields.titled / of,
        dates=fields.dated / of,
        authors=fields.signed / of,
        characters=round(exp(fields.length / of)),
        hollow=fields.hollow / pages if pages else None,
    )


def lines(of: Vitals, now: datetime) -> list[tuple[str, str]]:
    """Return how a source fares as labels and words, for who looks."""
    if of.known_since is None and of.well_at is None and not of.failures:
        return [("health", "not known yet: no run of it has ended")]
    told = [("health", in_short(list(of.ills)))]
    told += [("", f"since {moment(each.since)}: it {each.says}") for each in of.ills]
    ended = f"the last ended well {_ago(of.well_at, now)}" if of.well_at else "none has ended well"
    in_a_row = f", {of.failures} failed since" if of.failures else ""
    hours = f"; well in {of.hours_well} of the {of.hours_asked} hours of 7 days in which there were some"
    told.append(("runs", f"{ended}{in_a_row}{hours if of.hours_asked else ''}"))
    told.append(("freshness", _freshness(of, now)))
    told.append(("articles", _articles(of)))
    told.append(("fields", _fields(of)))
    if of.requests:
        told.append(
            (
                "refused",
                f"{_share(of.blocked / of.requests)} of {of.requests:,} requests of two weeks",
            )
        )
    return told


def _freshness(of: Vitals, now: datetime) -> str:
    if of.last_new is None:
        return "it has brought no news yet"
    words = f"last news {_ago(of.last_new, now)}"
    if of.expected >= 0.05:
        words += f", since when {of.expected:.1f} articles were to be expected"
    return words


def _articles(of: Vitals) -> str:
    counts = " ".join("?" if each is None else str(each) for each in of.days.values())
    words = f"{counts} (news of the last {len(of.days)} days, today last)"
    if of.band is not None:
        least, usual, most = of.band
        words += f"; {usual:g} are usual on such a day as yesterday ({least} to {most})"
    return words


def _fields(of: Vitals) -> str:
    if not of.usual.articles:
        return "no article yet"
    said = []
    for name in ("titles", "dates", "authors"):
        usual, now = getattr(of.usual, name), getattr(of.lately, name)
        said.append(f"{name} {_share(now if now is not None else usual)} (usually {_share(usual)})")
    now_long = of.lately.characters or of.usual.characters
    said.append(f"{now_long:,} characters (usually {of.usual.characters:,})")
    if of.usual.hollow is not None:
        lately = of.usual.hollow if of.lately.hollow is None else of.lately.hollow
        said.append(f"pages without a text {_share(lately)} (usually {_share(of.usual.hollow)})")
    return ", ".join(said)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def _ago(at: datetime, now: datetime) -> str:
    return f"{span(now - at)} ago"
