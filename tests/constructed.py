"""An archive made by hand: sources of any age, their runs and articles on any day."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from newsbot.archive import articles, coverage, sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.text.dates import ParsedDate


def at(day: date, hour: int = 12) -> datetime:
    """Return an hour of a day, UTC."""
    return datetime.combine(day, time(hour), UTC)


def days_before(day: date, count: int) -> list[date]:
    """Return so many days before a day, the earliest first."""
    return [day - timedelta(days=each) for each in range(count, 0, -1)]


def add_source(database: Database, name: str, added: datetime, *groups: str) -> Source:
    """Add a source that is polled."""
    made = Source(
        id=name,
        name=name,
        homepage=f"https://{name}.example/",
        groups=groups,
        next_due=added,
        interval=3_600.0,
        added_at=added,
    )
    sources.add(database, made)
    return made


def ran(database: Database, source: str, days: Iterable[date]) -> None:
    """Have runs of a source end well in every hour of these days."""
    for day in days:
        told = {"reason": "", "counters": {}}
        coverage.note(database, source, "done", started=at(day, 0), ended=at(day, 23), **told)


def failed(database: Database, source: str, days: Iterable[date], why: str) -> None:
    """Have the runs of a source fail at every third hour of these days."""
    for day in days:
        for hour in range(0, 24, 3):
            told = {"reason": why, "counters": {}}
            coverage.note(database, source, "failed", started=None, ended=at(day, hour), **told)


def made(
    source: str,
    name: str,
    day: date | None,
    title: str,
    body: str,
    *,
    authors: Sequence[str] = (),
    language: str = "en",
) -> Article:
    """Return an article of a source; ``name`` is its own."""
    url = f"https://{source}.example/{name}"
    return Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source=source,
        fetched_at=datetime.now(UTC),
        title=title,
        body=body,
        authors=tuple(authors),
        language=language,
        published=ParsedDate(day) if day else None,
    )


def keep(database: Database, found: Iterable[Article], now: datetime) -> None:
    """Store articles as at a moment."""
    listed = list(found)
    for start in range(0, len(listed), 100):
        some = map(Candidate.of, listed[start : start + 100])
        articles.keep(database, articles.judge(database, [*some]), now=now, pending=False)
