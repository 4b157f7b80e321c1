"""One article out of everything that newsbot keeps, for good: a takedown.

In this order: the removal is put on record (who, when, why, ids), tombstones keep the article from coming
back, the archive forgets it, and its pages are erased in the WARC files. A removal that was broken off is
carried through by whoever comes next: its tombstone is open until all is done.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import attrs

from newsbot.archive import articles, audit, removal, removed
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.holds import Hold
from newsbot.archive.pages import page_id
from newsbot.archive.removed import Tombstone
from newsbot.config import Config
from newsbot.fetching.raw_erasure import Unread, eraser, files_of, pages_in
from newsbot.keeping.holding import Holds

# So long after a removal what crawls had in hand then is looked for once more: their pages, and what
# they wrote after it. Longer than a page takes to arrive and to be read, with its retries.
SETTLED = timedelta(minutes=15)


class HeldError(Exception):
    """An article that may not be removed; ``holds`` are what holds it."""

    def __init__(self, held: list[Hold]) -> None:
        said = "; ".join(f"{each.id} ({each.kind}: {each.reason})" for each in held)
        super().__init__(f"it is under a legal hold: {said}")
        self.holds = held


@attrs.frozen(kw_only=True)
class Done:
    """What a removal met: documents by collection, pages in WARC files, and what it could not read."""

    article: str
    met: dict[str, int]
    unread: tuple[Unread, ...] = ()


def remove(
    config: Config,
    database: Database,
    kept: Kept,
    *,
    why: str,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> Done:
    """Remove an article from everything.

    Raises:
        HeldError: when it is held; nothing was touched then.
    """
    held = Holds.read(database).on(kept)
    if held:
        raise HeldError(held)
    pages = removal.pages_of(database, kept)
    stone = removal.tombstone(kept, pages, cause="takedown", now=now)
    audit.note(database, "remove", why=why, ids=[stone.id])
    removed.put(database, [stone])
    return carry_through(config, database, stone, now=now, progress=progress)


def carry_through(
    config: Config,
    database: Database,
    stone: Tombstone,
    *,
    now: datetime,
    since: datetime | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Done:
    """Erase all that is left of a removed article. Its tombstone stays open until ``settle``.

    ``since``: only WARC files that were written to after that moment.

    Raises:
        BusyError: when another process is erasing pages of this data folder.
    """
    met = removal.erase(database, [stone])
    met["links"] = removal.forget_links(database, stone)
    met["raw"], unread = _erase_raw(config.data_dir, stone, now, since, progress)
    unread += _in_spool(config.data_dir, stone.id)
    counts = {name: number for name, number in met.items() if number}
    audit.note(
        database,
        "removed",
        why=f"{len(unread)} places in WARC files or the spool may still have it" if unread else "",
        ids=[stone.id],
        counts=counts,
    )
    return Done(article=stone.id, met=counts, unread=tuple(unread))


def settle(config: Config, database: Database, *, now: datetime) -> int:
    """Look once more for what crawls had in hand when articles were removed; returns for how many."""
    due = [each for each in removed.left_open(database) if each.at + SETTLED < now]
    for stone in due:
        carry_through(config, database, stone, now=now, since=stone.at)
        removed.close(database, stone.id)
    return len(due)


def _in_spool(data_dir: Path, article: str) -> list[Unread]:
    """Return the files of the spool that have the article: it waits there, or was set aside.

    What waits does not get past the tombstone; what was set aside is for the operator to delete.
    """
    found = []
    for path in sorted(each for each in (data_dir / "spool").rglob("*") if each.is_file()):
        with suppress(OSError), path.open("rb") as file:
            place = _place(file, article.encode())
            if place is not None:
                found.append(
                    Unread(
                        str(path), place, "the article waits in the spool, or was set aside there"
                    )
                )
    return found


def _place(file: IO[bytes], wanted: bytes) -> int | None:
    at, before = 0, b""
    while block := file.read(1 << 20):
        data = before + block
        if (place := data.find(wanted)) >= 0:
            return at - len(before) + place
        at += len(block)
        before = data[-len(wanted) :]
    return None


def find(database: Database, name: str) -> Kept | None:
    """Return the article of that id or address."""
    from newsbot.text.urls import canonical_url

    return articles.get(database, name) or articles.at(database, canonical_url(name))


def _erase_raw(
    data_dir: Path,
    stone: Tombstone,
    now: datetime,
    since: datetime | None,
    progress: Callable[[int], None],
) -> tuple[int, list[Unread]]:
    wanted, count = frozenset(stone.pages), 0
    unread: list[Unread] = []
    files = files_of(data_dir)
    if not files:
        return 0, []
    with eraser(data_dir) as each:
        for number, path in enumerate(files):
            try:
                if since is None or path.stat().st_mtime >= since.timestamp():
                    found = [
                        page
                        for page in pages_in(path, unread.append)
                        if not wanted.isdisjoint(map(page_id, page.urls))
                    ]
                    each.erase(path, found, now)
                    count += len(found)
            except FileNotFoundError:
                pass  # it was closed under its final name meanwhile, or pruned
            progress(number + 1)
    return count, unread
