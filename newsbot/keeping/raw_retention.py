"""Retention of pages as they came: what of the WARC files is over its time.

A file holds the pages of one day, of many sources. For each time that a rule gives it is looked through
once, when that is over for its whole day; what is over is overwritten in place, and a file of which
nothing stays is removed.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs

from newsbot.archive import pages, retention
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.fetching.raw_erasure import Held, eraser, files_of, pages_in
from newsbot.fetching.raw_files import OPEN
from newsbot.keeping.holding import Holds
from newsbot.keeping.policy import Policy

LOT = 500
# A page of a day's last minute may have taken its time to be written.
_DAY = timedelta(days=1, hours=1)


@attrs.define
class RawExpired:
    """Pages that were due, by source id, and those that are held; what was taken out of the files."""

    pages: Counter[str] = attrs.Factory(Counter)
    held: Counter[str] = attrs.Factory(Counter)
    files: int = 0
    bytes: int = 0


def expire_pages(
    config: Config,
    database: Database,
    policy: Policy,
    holds: Holds,
    *,
    now: datetime,
    dry: bool,
    go_on: Callable[[], bool],
) -> RawExpired:
    """Take the pages out of the WARC files whose time is over; ``dry`` only counts.

    Raises:
        BusyError: when another process is erasing pages.
    """
    met = RawExpired()
    key = policy.key(*(hold.id for hold in holds.all))
    done = {} if dry else retention.files_done(database, key)
    stages = {path: _stage(path, policy, now) for path in files_of(config.data_dir)}
    there = set(map(_name, stages))
    for path, stage in stages.items():
        if stage <= done.get(_name(path), 0):
            continue
        if not go_on():
            break
        try:
            _look_through(
                path, database, policy, holds, met, now=now, data_dir=config.data_dir, dry=dry
            )
        except FileNotFoundError:
            continue  # closed under its final name meanwhile, or removed to make room
        if not dry:
            done[_name(path)] = stage
            known = {name: number for name, number in done.items() if name in there}
            retention.note_files(database, key, known)
    return met


def _stage(path: Path, policy: Policy, now: datetime) -> int:
    """Return how many of the rules' times are over for all that a file can hold."""
    day = datetime.strptime(path.name.split("-")[1][:8], "%Y%m%d").replace(tzinfo=UTC)
    age = (now - day - _DAY) / timedelta(days=1)
    return sum(age > days for days in policy.spans("raw"))


def _look_through(
    path: Path,
    database: Database,
    policy: Policy,
    holds: Holds,
    met: RawExpired,
    *,
    now: datetime,
    data_dir: Path,
    dry: bool,
) -> None:
    unread: list[object] = []
    found = list(pages_in(path, unread.append))
    over = [page for page in found if _is_over(page, policy, now)]
    held = [
        page
        for start in range(0, len(over), LOT)
        for page in _held(database, holds, over[start : start + LOT])
    ]
    kept = set(map(id, held))
    due = [page for page in over if id(page) not in kept]
    met.pages.update(page.source for page in due)
    met.held.update(page.source for page in held)
    if dry or not due:
        return
    if len(due) == len(found) and not unread and not path.name.endswith(OPEN):
        met.bytes += path.stat().st_size
        met.files += 1
        path.unlink()
        return
    with eraser(data_dir) as each:
        met.bytes += each.erase(path, due, now)


def _is_over(page: Held, policy: Policy, now: datetime) -> bool:
    sources = [page.source] if page.source else []
    return page.at is not None and (now - page.at) / timedelta(days=1) > policy.days("raw", sources)


def _held(database: Database, holds: Holds, some: Sequence[Held]) -> list[Held]:
    """Return those of these pages that are of a held source, or show a held article."""
    if not holds.all:
        return []
    by_page = {pages.page_id(url): page for page in some for url in page.urls}
    shown = pages.articles_at(database, list(by_page))
    # Of a page that is not on record the article may be the one of its address.
    held = holds.held(list(set(shown.values())))
    articles = {id(by_page[page]) for page, article in shown.items() if article in held}
    return [
        page
        for page in some
        if id(page) in articles or (page.source and holds.on_source(page.source) is not None)
    ]


def _name(path: Path) -> str:
    # The key of a document's field has no dots.
    return path.name.removesuffix(OPEN).removesuffix(".warc.gz").replace(".", "_")
