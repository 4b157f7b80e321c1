"""``newsbot crawl NAME --since DATE``: everything that a source has published since a day."""

import asyncio
import calendar
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from functools import partial

import attrs

from newsbot.archive import backfills, frontier
from newsbot.archive.backfills import Backfill
from newsbot.archive.connection import Database
from newsbot.archive.runs import get as run_of
from newsbot.cli.output import USAGE, fail, print_table, say
from newsbot.config import Config
from newsbot.spiders.session import BusyError, CrawlError, CrawlSession

# Lists of links (sitemaps, pages of sections and archives) that a walk reads at most, unless told.
MOST_LISTS = 5_000
# Seconds between two looks at whether a source that is being crawled is free.
_WAIT = 1.0


def day_of(text: str, option: str, *, last: bool = False) -> date:
    """Return the day that an option gives: the first (or ``last``) of a month or a year given alone."""
    given = text.split("-")
    try:
        if len(given) > 3 or len(given[0]) != 4:
            raise ValueError
        year, month, day = (*map(int, given), 0, 0)[:3]
        month = month or (12 if last else 1)
        day = day or (calendar.monthrange(year, month)[1] if last else 1)
        return date(year, month, day)
    except ValueError:
        fail(f"{option} {text!r} is no day; give one as 2020-01-31, 2020-01 or 2020", code=USAGE)


def days_of(since: str, until: str) -> tuple[date, date | None]:
    """Return the days that a walk goes back to and begins with, refused where they cannot be."""
    first = day_of(since, "--since")
    last = day_of(until, "--until", last=True) if until else None
    if first > datetime.now(UTC).date():
        fail(f"--since {since} is still to come; give a day that is past", code=USAGE)
    if last is not None and last < first:
        fail(f"--until {until} is before --since {since}; give a later day", code=USAGE)
    return first, last


def begin(
    database: Database, source: str, since: date, until: date | None, most: int
) -> tuple[Backfill, bool]:
    """Return the walk of these days, the one that was begun where there is one; say whether it goes on."""
    now, found = datetime.now(UTC), backfills.get(database, source)
    same = found is not None and (found.since, found.until) == (since, until)
    if found is not None and same and found.state != "done":
        goes_on = attrs.evolve(found, most=most, state="going", still=0)
        backfills.save(database, goes_on)
        return goes_on, True
    fresh = Backfill(id=source, since=since, until=until, most=most, started_at=now, changed_at=now)
    backfills.save(database, fresh)
    return fresh, False


async def walk(
    config: Config,
    database: Database,
    name: str,
    stop: asyncio.Event,
    crawl: Callable[[CrawlSession], Awaitable[None]],
) -> str:
    """Run slices until the walk is over. Returns why it stopped before, "" where it did not."""
    while True:
        session = await _take(config, database, name, stop)
        if session is None:
            return "stopped on request"
        await crawl(session)
        run = await asyncio.to_thread(run_of, database, session.run.id)
        record = await asyncio.to_thread(backfills.get, database, session.source.id)
        if record is None:
            return "it was removed"
        if stop.is_set():
            return "stopped on request"
        if record.state != "going":
            return ""
        if run is None or run.state != "done":
            return (run.reason if run else "") or "its run was not finished"
        if record.still:
            return session.log[-1] if session.log else "nothing more could be read for now"


async def _take(
    config: Config, database: Database, name: str, stop: asyncio.Event
) -> CrawlSession | None:
    """Return a run of the source as soon as no other process crawls it; None when told to stop."""
    begin_run = partial(CrawlSession.begin, config, database, name, trigger="backfill")
    while not stop.is_set():
        try:
            return await asyncio.to_thread(begin_run)
        except BusyError:
            await asyncio.wait([asyncio.ensure_future(stop.wait())], timeout=_WAIT)
        except CrawlError as error:
            fail(str(error))
    return None


def progress_of(database: Database, source: str) -> str:
    """Return how far the walk of a source is, in a line."""
    record = backfills.get(database, source)
    if record is None:
        return ""
    months = sorted(record.months)
    back = f"back to {months[0]}, " if months else ""
    waiting = frontier.waiting(database, source)
    return f"{back}{_articles(record)} articles, {record.lists} lists read, {waiting} links wait"


def as_json(record: Backfill, why: str) -> dict[str, object]:
    """Return what a walk found, for programs; ``why`` it stopped before its end."""
    return {
        "source": record.id,
        "since": record.since,
        "until": record.until,
        "state": record.state,
        "why": why,
        "lists": record.lists,
        "lists_left": len(record.steps),
        "articles": _articles(record),
        "months": dict(sorted(record.months.items())),
        "undated": record.undated,
        "unread": record.unread,
    }


def print_result(database: Database, name: str, record: Backfill, why: str) -> None:
    """Print what a walk found by month, and whether it is over."""
    rows = [(month, str(record.months[month])) for month in sorted(record.months, reverse=True)]
    if record.undated:
        rows.append(("undated", str(record.undated)))
    print_table(("published", "articles"), rows, empty="It led to no article that was not there.")
    days = f"{record.since}" + (f" to {record.until}" if record.until else "")
    done = f"{name}, {days}: {_articles(record)} articles from {record.lists} lists"
    waiting = frontier.waiting(database, record.id)
    if record.state == "done":
        say(f"{done}. Every list was read back to that day.")
    elif record.state == "bounded":
        say(
            f"{done}. It read as many lists as it may; {len(record.steps)} are left. "
            f"Go on with: --pages {2 * record.most}"
        )
    else:
        say(f"{done}. Not finished: {why}; {waiting} links wait. The same command goes on.")
    for line in record.unread[-10:]:
        say(f"not read: {line}")


def _articles(record: Backfill) -> int:
    return sum(record.months.values()) + record.undated
