"""Keeps the index in step with the archive.

One process at a time writes (a lock sees to that; the system releases it however the process ends).
It follows the archive's change stream from the token of its last commit. Where there is no token, or
the stream does not reach back to it, it scans: everything, or what changed since shortly before.
Taking up an article again replaces what is there, so each step may be repeated. What a comparison with
the archive found to differ is taken up again on the way (see ``newsbot.search.mending``).
"""

import fcntl
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import tantivy

from newsbot.archive import articles, changes, removed
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.search import mending
from newsbot.search.documents import Documents
from newsbot.search.index import Followed, Generation, current, entry, switch

COMMIT_SECONDS = 0.5
# A scan begins this long before the last commit, for clocks that differ.
OVERLAP = timedelta(minutes=5)
HEAP = 64_000_000
# Articles between two words on how far a rebuilding is.
TOLD_EVERY = 100


class IndexBusyError(Exception):
    """Another process is rebuilding the index."""


@contextmanager
def _lock(root: Path, name: str, *, wait: bool) -> Iterator[bool]:
    root.mkdir(parents=True, exist_ok=True)
    with (root / name).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


class _Writer:
    """Writes articles into one generation."""

    def __init__(self, generation: Generation, database: Database) -> None:
        self._generation = generation
        self._database = database
        self._documents = Documents.of(database)
        self._mended: list[mending.Wanted] = []
        self._writer: tantivy.IndexWriter = generation.index.writer(HEAP, 1)
        self._pending = 0
        self._token: str | None = None

    def put(self, kept: Kept) -> None:
        self._writer.delete_documents_by_term("id", kept.article.id)
        self._writer.add_json(
            entry(
                kept.article.id,
                self._documents.document(kept),
                story=kept.record.story,
                content_hash=kept.record.content_hash,
            )
        )
        self._pending += 1

    def drop(self, article: str) -> None:
        self._writer.delete_documents_by_term("id", article)
        self._pending += 1

    def mend(self, *, at_most: int | None = None) -> None:
        """Take up again what somebody asked for, as the archive has it now: so many lists of it."""
        for wanted in mending.waiting(self._generation.folder.parent)[:at_most]:
            kept = articles.many(self._database, wanted.articles)
            for article in wanted.articles:
                if article in kept:
                    self.put(kept[article])
                else:
                    self.drop(article)
            self._mended.append(wanted)

    def commit(self, token: str | None, at: datetime) -> None:
        """Make what was written visible, and note how far it reaches."""
        if self._pending:
            self._writer.commit()
            self._pending = 0
        self._generation.note(Followed(token, at))
        for wanted in self._mended:
            wanted.done()
        self._mended = []

    def close(self) -> None:
        self._writer.rollback()


def _open(root: Path) -> Generation:
    folder = current(root)
    if folder is not None:
        try:
            return Generation(folder)
        except (ValueError, OSError):
            pass  # an index that cannot be read is built anew
    generation = Generation.create(root)
    switch(root, generation)
    return generation


def _fill(
    database: Database,
    writer: _Writer,
    since: datetime | None,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Take up all articles, or those that changed since then."""
    count = 0
    for kept in changes.scan(database, since=since):
        writer.put(kept)
        count += 1
        if count % TOLD_EVERY == 0:
            progress(count)
    return count


def _catch_up(database: Database, generation: Generation, stream: changes.Stream) -> None:
    """Bring a generation up to what the stream has to tell; scan first where it cannot."""
    writer = _Writer(generation, database)
    try:
        _advance(database, generation, writer, stream)
    finally:
        writer.close()


def _advance(
    database: Database, generation: Generation, writer: _Writer, stream: changes.Stream
) -> None:
    followed = generation.followed()
    if not stream.resumed:
        _fill(database, writer, followed.at - OVERLAP if followed else None)
        # A scan meets what there is; of what was removed meanwhile there are the tombstones.
        for article in removed.since(database, followed.at - OVERLAP) if followed else ():
            writer.drop(article)
    asked = _drain(writer, stream)
    writer.mend()
    writer.commit(stream.token, asked)


def _drain(writer: _Writer, stream: changes.Stream) -> datetime:
    """Take up all changes until now, and no more: where many come there is no end. Returns until when."""
    asked = datetime.now(UTC)
    while (change := stream.next()) is not None:
        _apply(writer, change)
        if change.at > asked:
            break
    return asked


def _apply(writer: _Writer, change: changes.Change) -> None:
    if change.kept is not None:
        writer.put(change.kept)
    else:
        writer.drop(change.article)


def follow(config: Config, database: Database, stop: threading.Event) -> None:
    """Follow the archive until the event is set. One process at a time; others wait their turn."""
    root = config.index_dir
    with _lock(root, "writer.lock", wait=True):
        while not stop.is_set():
            generation = _open(root)
            followed = generation.followed()
            with changes.open_stream(database, followed.token if followed else None) as stream:
                writer = _Writer(generation, database)
                try:
                    _advance(database, generation, writer, stream)
                    while not stop.is_set() and current(root) == generation.folder:
                        _step(writer, stream)
                except changes.StreamBrokenError:
                    time.sleep(0.2)  # MongoDB went away; from the last commit again
                finally:
                    writer.close()


def _step(writer: _Writer, stream: changes.Stream) -> None:
    """Take up what comes for a while, then commit."""
    until = time.monotonic() + COMMIT_SECONDS
    writer.mend(at_most=1)
    told = None
    while told is None or time.monotonic() < until:
        asked = datetime.now(UTC)
        change = stream.next()
        if change is not None:
            _apply(writer, change)
            # More may wait behind it: what is told reaches as far as it does.
            asked = min(asked, change.at)
        told = asked if told is None else max(told, asked)
    writer.commit(stream.token, told)


def catch_up(config: Config, database: Database, *, patience: float = 2.0) -> bool:
    """See that what the archive has now can be found; for a command that is about to search.

    Where a process follows the archive already it is waited for, ``patience`` seconds at most.
    Returns whether the index has everything that was stored before the call.
    """
    root, asked = config.index_dir, datetime.now(UTC)
    deadline = time.monotonic() + patience
    while True:
        with _lock(root, "writer.lock", wait=False) as mine:
            if mine:
                generation = _open(root)
                followed = generation.followed()
                with changes.open_stream(database, followed.token if followed else None) as stream:
                    _catch_up(database, generation, stream)
                return True
        folder = current(root)
        if folder is not None and reached(folder) >= asked:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)


def reached(folder: Path) -> datetime:
    """Return up to when a generation follows the archive."""
    try:
        stored = json.loads((folder / "followed.json").read_text())
        return datetime.fromisoformat(stored["at"])
    except (OSError, ValueError, KeyError):
        return datetime.fromtimestamp(0, UTC)


def rebuild(
    config: Config, database: Database, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Build a new index from the archive beside the old one, then switch; returns its articles.

    ``progress`` is told now and then how many articles it has.

    Raises:
        IndexBusyError: when another process is at it.
    """
    root = config.index_dir
    with _lock(root, "rebuild.lock", wait=False) as mine:
        if not mine:
            raise IndexBusyError("the index is being rebuilt by another process already")
        generation = Generation.create(root)
        with changes.open_stream(database, None) as stream:
            writer = _Writer(generation, database)
            try:
                count = _fill(database, writer, None, progress)
                asked = _drain(writer, stream)
                writer.commit(stream.token, asked)
            finally:
                writer.close()
        old = current(root)
        switch(root, generation)
        for folder in root.glob("v*-*"):
            if folder not in (generation.folder, old):
                shutil.rmtree(folder, ignore_errors=True)
        return count
