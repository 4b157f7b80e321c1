"""Whether a source is ill, and newsbot itself: judgements, as values, of what is known of them; pure.

A source *fails* when so many of its runs in a row did, for some minutes. It is *quiet* when what was to be
expected of it since its last news, by its own hours and days, could not be missing by chance, and is twice what
ever was missing before. Its *rate* has collapsed when a whole day brought less than a quarter of what the same
weekday did, and is below its band (:mod:`newsbot.search.band`). Its *fields* have when hardly any of its last
articles has a title, a date or an author, where they used to, or their texts are a fifth as long. Its pages
have been *redesigned* when known articles are not read any more as they were (:mod:`newsbot.redesign`).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import exp, log
from typing import Literal
from urllib.parse import urlsplit

import attrs

from newsbot.fetching.causes import CAUSES
from newsbot.search.band import below
from newsbot.standing import Standing, collapsed, count_on, counts_before

Kind = Literal[
    "failing",
    "quiet",
    "rate",
    "fields",
    "redesign",
    "ways",
    "robots",
    "blocked",
    "uplink",
    "queue",
    "delivery",
    "index",
    "disk",
    "channel",
    "silence",
]

# Articles that are missing by chance once in 600,000 times (a Poisson process, none where 13.3 were to come).
MISSING = 13.3
# ... and so many times as many as ever were missing of this source.
BEYOND_HABIT = 2.0
# A habit is known after so long and so many articles.
_KNOWN_FOR, _KNOWN_ARTICLES = timedelta(days=8), 10.0
# A rate has collapsed below this share of what is usual.
_COLLAPSED = 0.25
_FIELDS = {"titled": "titles", "dated": "dates", "signed": "authors", "text": "texts"}
# What failed to be reached at all, in the words of ``newsbot.fetching.failures``.
UNREACHED = (
    "has a host name that is not known",
    "refused the connection",
    "did not answer in time",
    "could not be read: ",
)
_ADDRESS = re.compile(r"^(https?://\S+) (.*)$", re.DOTALL)


@attrs.frozen(kw_only=True)
class Ill:
    """Something that is wrong.

    ``subject`` is a source's id, an alert's (silence), or what part of newsbot it is. ``since`` is when it
    began, ``says`` what is wrong, in words that go on from the subject's name. The rest is what its cause may
    be: ``host``, ``address`` (IP), ``proxy`` and ``error``, "" where that is not known. ``unreached`` is
    whether it could not even be connected to. ``once`` says that it is told once: nobody need do anything.
    """

    kind: Kind
    subject: str
    since: datetime
    says: str
    host: str = ""
    address: str = ""
    proxy: str = ""
    error: str = ""
    unreached: bool = False
    once: bool = False


def all_of_source(
    standing: Standing,
    *,
    now: datetime,
    failures: int,
    seconds: float,
    host: str = "",
    proxy: str = "",
) -> list[Ill]:
    """Return all that is wrong with a source: how it stands, and what keeps newsbot from parts of it.

    The arguments are those of :func:`of_source`.
    """
    first = of_source(standing, now=now, failures=failures, seconds=seconds, host=host, proxy=proxy)
    more = [_closed(standing)]
    if standing.failures:
        more.append(_changed(standing))
        if more[0] is not None and _ROBOTS in standing.trouble:
            first = None  # that it fails is what robots.txt says
    else:
        more += [_lost(standing), _blocked(standing, now)]
        if first is not None and first.kind == "redesign":
            more.append(_quiet(standing, now) or _slow(standing, now))
    others = [
        attrs.evolve(each, host=host, proxy=proxy, address=standing.address)
        for each in more
        if each
    ]
    return [first, *others] if first else others


def of_source(
    standing: Standing,
    *,
    now: datetime,
    failures: int,
    seconds: float,
    host: str = "",
    proxy: str = "",
) -> Ill | None:
    """Return how ill a source is, by what is worst; None where it is well.

    It fails after so many ``failures`` in a row over so many ``seconds``. ``host`` is where it stands and
    ``proxy`` what it is asked through.
    """
    if standing.failures:
        return _failing(standing, now, failures, seconds, host, proxy)
    found = (
        _changed(standing) or _quiet(standing, now) or _slow(standing, now) or _poor(standing, now)
    )
    return attrs.evolve(found, host=host, proxy=proxy, address=standing.address) if found else None


def _failing(
    standing: Standing, now: datetime, failures: int, seconds: float, host: str, proxy: str
) -> Ill | None:
    since = standing.failing_since or standing.at
    if standing.failures < failures or (now - since).total_seconds() < seconds:
        return None
    where, error = told_apart(standing.trouble)
    return Ill(
        kind="failing",
        subject=standing.id,
        since=since,
        says=f"failed {standing.failures} times in a row: {standing.trouble}",
        host=where or host,
        address=standing.address,
        proxy=proxy,
        error=error,
        unreached=error.startswith(UNREACHED),
    )


def told_apart(trouble: str) -> tuple[str, str]:
    """Return the host that a run's failure names ("": none), and what it says of it."""
    found = _ADDRESS.match(trouble)
    if found is None:
        return "", trouble
    try:
        return urlsplit(found[1]).netloc.rpartition("@")[2], found[2]
    except ValueError:
        return "", found[2]


def _changed(standing: Standing) -> Ill | None:
    found = standing.redesigned
    if found is None:
        return None
    return Ill(
        kind="redesign",
        subject=standing.id,
        since=found.since,
        says=f"has changed its pages: {found.says}; newsbot source redesign NAME shows them before and after, and "
        "newsbot source set --override says where they show a field now",
    )


_ROBOTS = CAUSES["refused_robots"].sentence


def _closed(standing: Standing) -> Ill | None:
    found = standing.closed
    if found is None:
        return None
    return Ill(
        kind="robots",
        subject=standing.id,
        since=found.since,
        says=f"has closed by robots.txt what was read before: {found.says}; newsbot obeys, and looks each day "
        "whether it is open again: who runs the site may let newsbot in",
    )


def _lost(standing: Standing) -> Ill | None:
    if not standing.ways:
        return None
    first = min(standing.ways, key=lambda each: each.since)
    more = f", and {len(standing.ways) - 1} more" if len(standing.ways) > 1 else ""
    return Ill(
        kind="ways",
        subject=standing.id,
        since=first.since,
        says=f"has lost an entry point: the {first.kind} {first.url} {first.says} (since "
        f"{_moment(first.since)}){more}; newsbot reads the others, and asks for it ever more seldom: newsbot source "
        "test finds what the site has now, newsbot source set --feed or --drop says it",
    )


# Blocked are so many requests at least, of all such a share, and so many times the share of before, which
# chance brings once in so many looks.
_FEWEST_BLOCKED, _SHARE_BLOCKED, _TIMES_BLOCKED, _CHANCE = 5, 0.2, 4.0, 1e-5
# Days that are judged, today and the one before, and requests without any that is blocked that are taken to
# have come before those that are known.
_NOW_BLOCKED, _TRUST = timedelta(days=1), 50.0


def _blocked(standing: Standing, now: datetime) -> Ill | None:
    first = (now.astimezone(UTC) - _NOW_BLOCKED).date().isoformat()
    lately = [each for day, each in standing.traffic.items() if day >= first]
    before = [each for day, each in standing.traffic.items() if day < first]
    count, of = sum(each.blocked for each in lately), sum(each.requests for each in lately)
    usual = (sum(each.blocked for each in before) + 0.5) / (
        sum(each.requests for each in before) + _TRUST
    )
    if count < _FEWEST_BLOCKED or count < max(_SHARE_BLOCKED, _TIMES_BLOCKED * usual) * of:
        return None
    if _chance(count, of, usual) > _CHANCE:
        return None
    return Ill(
        kind="blocked",
        subject=standing.id,
        since=datetime.fromisoformat(min(d for d in standing.traffic if d >= first)).replace(
            tzinfo=UTC
        ),
        says=f"keeps newsbot out: {count} of the last {of} requests were answered by a refusal (401, 403, 429) or a "
        f"wall, where {100 * usual:.0f} % are usual; newsbot asks no faster for it: newsbot source set --delay "
        "makes it slower, and who runs the site may let newsbot in",
    )


def _chance(count: int, of: int, share: float) -> float:
    """Return a bound of how likely so many of a number are, more than that share of them (Chernoff, 1952)."""
    seen, usual = min(count / of, 1 - 1e-9), min(share, 1 - 1e-9)
    if seen <= usual:
        return 1.0
    apart = seen * log(seen / usual) + (1 - seen) * log((1 - seen) / (1 - usual))
    return exp(-of * apart)


def _quiet(standing: Standing, now: datetime) -> Ill | None:
    rhythm, since = standing.rhythm, standing.since
    if since is None or now - since < _KNOWN_FOR or rhythm.articles < _KNOWN_ARTICLES:
        return None
    if standing.silent < max(MISSING, BEYOND_HABIT * standing.longest):
        return None
    last = standing.last_new or since
    return Ill(
        kind="quiet",
        subject=standing.id,
        since=last,
        says=f"has brought nothing since {_moment(last)}, where {standing.silent:.0f} articles were to be "
        "expected",
    )


def _slow(standing: Standing, now: datetime) -> Ill | None:
    yesterday = now.astimezone(UTC).date() - timedelta(days=1)
    count = count_on(standing, yesterday)
    if count is None or standing.well_at is None or standing.well_at.date() <= yesterday:
        return None
    usual = below(count, counts_before(standing, yesterday))
    if usual is None or count >= _COLLAPSED * usual:
        return None
    return Ill(
        kind="rate",
        subject=standing.id,
        since=datetime(yesterday.year, yesterday.month, yesterday.day, tzinfo=UTC),
        says=f"brought {count} articles on {yesterday.isoformat()}, where {usual:.0f} are usual on that day "
        "of the week",
    )


def _poor(standing: Standing, now: datetime) -> Ill | None:
    fields = collapsed(standing.usual, standing.lately)
    if not fields:
        return None
    named = " and ".join(_FIELDS[each] for each in fields)
    return Ill(
        kind="fields",
        subject=standing.id,
        since=standing.well_at or now,
        once=fields == ("signed",),
        says=f"brings articles without the {named} that they used to have; its pages may have changed: "
        "newsbot source test shows what is read",
    )


def of_newsbot(
    *,
    now: datetime,
    waiting_since: datetime | None,
    waiting: int,
    undelivered_since: datetime | None,
    unindexed_since: datetime | None,
    free: int,
    reserve: int,
    late: float,
) -> list[Ill]:
    """Return what is wrong with newsbot itself.

    ``waiting`` runs wait for a worker, the first since ``waiting_since``; a message that was due then is not
    even tried, what was stored then is not indexed, each for ``late`` seconds. ``free`` is the room on the
    disk, ``reserve`` where crawls stop.
    """
    found: list[Ill] = []
    if waiting_since and (now - waiting_since).total_seconds() > late:
        says = (
            f"{waiting} runs wait for a worker, the first since {_moment(waiting_since)}; is one running "
            "(newsbot doctor), and is runs_at_once enough?"
        )
        found.append(Ill(kind="queue", subject="queue", since=waiting_since, says=says))
    if undelivered_since and (now - undelivered_since).total_seconds() > late:
        says = f"messages that were due at {_moment(undelivered_since)} have not been tried; see logs/delivery.log"
        found.append(Ill(kind="delivery", subject="delivery", since=undelivered_since, says=says))
    if unindexed_since and (now - unindexed_since).total_seconds() > late:
        says = f"what was stored since {_moment(unindexed_since)} cannot be searched yet; see logs/indexer.log"
        found.append(Ill(kind="index", subject="index", since=unindexed_since, says=says))
    if free < 2 * reserve:
        full = free < reserve
        says = (
            f"the disk {'is full' if full else 'fills'}: {free / 1e6:,.0f} MB are free; "
            f"{'crawls stand still' if full else 'crawls stop'} below {reserve / 1e6:,.0f} MB (disk_reserve)"
        )
        found.append(Ill(kind="disk", subject="disk", since=now, says=says))
    return found


def likely_ours(ended: Iterable[Standing], hosts: Sequence[str], *, fewest: int = 5) -> bool:
    """Say whether runs that ended lately failed so alike that it is our own connection.

    Nearly all of them did, on many hosts, and none of those hosts could even be connected to.
    """
    all_ = list(ended)
    failed = [each for each in all_ if each.failures]
    unreached = [each for each in failed if told_apart(each.trouble)[1].startswith(UNREACHED)]
    return len(set(hosts)) >= fewest and len(unreached) >= 0.9 * len(all_)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
