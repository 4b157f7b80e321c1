"""Articles out of a file into the archive: checked, normalized, held against it, stored. No news.

They are normalized in processes and stored in their order. How many records are done is written down
with each batch, so that an import that was killed goes on near where it was.
"""

import multiprocessing
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from datetime import UTC, datetime

import attrs
from pebble import ProcessExpired, ProcessPool

from newsbot.alerts.matches import announce
from newsbot.alerts.rules import RuleBook
from newsbot.archive import imported
from newsbot.archive.connection import Database
from newsbot.archive.imported import Brought
from newsbot.importing.behalf import Sources
from newsbot.importing.files import Found
from newsbot.importing.records import Incoming, RecordError, incoming, unknown
from newsbot.items import Article
from newsbot.parts import end_with_parent
from newsbot.reading import Candidate, read

# Records that are handed out, and then stored, at a time; and lots that wait for each process.
LOT = 100
_WAITING = 3

# What is told of a record that is left out: the place where it stands, and why.
Tell = Callable[[str, str], None]


@attrs.frozen
class _Item:
    place: str
    incoming: Incoming


@attrs.frozen
class _Lot:
    """Records on their way: ``until`` is the number of the last that was read of the file with them."""

    until: int
    items: list[_Item]
    future: "Future[list[Candidate]]"


def read_all(articles: Sequence[Article]) -> list[Candidate]:
    """Return articles in their normal form, with their fingerprints."""
    return [read(article) for article in articles]


class Taking:
    """Takes the records of a file into the archive.

    ``tell`` is told of each record that is left out, ``save`` after each batch how many records are
    done. ``processes`` normalize; 0 does it here. ``dry`` writes nothing: records are checked alone.
    """

    def __init__(
        self,
        database: Database,
        sources: Sources,
        *,
        processes: int,
        timeout: float,
        tell: Tell,
        save: Callable[[int], None],
        dry: bool = False,
    ) -> None:
        self._database = database
        self._sources = sources
        self._processes = processes
        self._timeout = timeout
        self._tell = tell
        self._save = save
        self._dry = dry
        self._now = datetime.now(UTC)
        self._lots: deque[_Lot] = deque()
        self.tally: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()

    def run(self, records: Iterator[Found]) -> None:
        """Take records to their end.

        Raises:
            UnreadableFileError: when the file cannot be read to its end; what stands before is taken.
        """
        with self._workers() as pool:
            items: list[_Item] = []
            until = 0
            try:
                for found in records:
                    until = found.number
                    self.tally["records"] += 1
                    item = self._checked(found)
                    if item is not None:
                        items.append(item)
                    if len(items) >= LOT:
                        self._hand_out(pool, items, until)
                        items = []
            finally:
                self._hand_out(pool, items, until)
                while self._lots:
                    self._take(pool)

    def _checked(self, found: Found) -> _Item | None:
        if found.fields is None:
            self._refuse(found.place, found.wrong)
            return None
        self.unknown.update(unknown(found.fields))
        try:
            return _Item(found.place, incoming(found.fields, now=self._now))
        except RecordError as error:
            self._refuse(found.place, str(error))
            return None

    def _refuse(self, place: str, why: str) -> None:
        self.tally["bad"] += 1
        self._tell(place, why)

    # Normalized, in other processes

    @contextmanager
    def _workers(self) -> "Iterator[ProcessPool | None]":
        if not self._processes or self._dry:
            yield None
            return
        pool = ProcessPool(
            max_workers=self._processes,
            initializer=end_with_parent,
            context=multiprocessing.get_context("spawn"),
        )
        try:
            yield pool
        finally:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    def _hand_out(self, pool: ProcessPool | None, items: list[_Item], until: int) -> None:
        if self._dry:
            self.tally["good"] += len(items)
            return
        while len(self._lots) >= max(1, self._processes) * _WAITING:
            self._take(pool)
        articles = [each.incoming.article for each in items]
        self._lots.append(_Lot(until, items, self._read(pool, articles)))
        if pool is None:
            self._take(pool)

    def _read(self, pool: ProcessPool | None, articles: list[Article]) -> "Future[list[Candidate]]":
        if pool is not None:
            scheduled: Future[list[Candidate]] = pool.schedule(
                read_all, args=[articles], timeout=self._timeout + len(articles)
            )
            return scheduled
        future: Future[list[Candidate]] = Future()
        future.set_result(read_all(articles))
        return future

    def _take(self, pool: ProcessPool | None) -> None:
        """Store the lot that was handed out first."""
        lot = self._lots.popleft()
        try:
            candidates: list[Candidate | None] = [*lot.future.result()]
        except Exception:  # noqa: BLE001 - one of its records; which, each by itself will show
            candidates = [self._alone(pool, each) for each in lot.items]
        brought = [
            self._brought(item, candidate)
            for item, candidate in zip(lot.items, candidates, strict=True)
            if candidate is not None and self._says_something(item, candidate)
        ]
        self._store(brought)
        self._save(lot.until)

    def _alone(self, pool: ProcessPool | None, item: _Item) -> Candidate | None:
        try:
            return self._read(pool, [item.incoming.article]).result()[0]
        except (TimeoutError, FutureTimeoutError):
            why = f"reading it took longer than {self._timeout:.0f} s"
        except ProcessExpired as error:
            why = f"reading it ended its process with {error.exitcode}"
        except Exception as error:  # noqa: BLE001 - no record may end the import
            why = f"it cannot be read: {type(error).__name__}: {error}"
        self._refuse(item.place, why)
        return None

    def _says_something(self, item: _Item, candidate: Candidate) -> bool:
        if candidate.article.title or candidate.article.body:
            return True
        self._refuse(item.place, "neither its title nor its body has anything that can be read")
        return False

    # Stored

    def _brought(self, item: _Item, candidate: Candidate) -> Brought:
        told = item.incoming
        source = self._sources.of(told.source, candidate.article.url)
        others = map(self._sources.named, told.sources)
        article = attrs.evolve(candidate.article, source=source.id)
        return Brought(
            candidate=attrs.evolve(candidate, article=article),
            sources=tuple(dict.fromkeys((source.id, *(each.id for each in others if each)))),
            also_at=told.also_at,
            dated=told.dated,
            deleted_at=told.deleted_at,
            text_expired_at=told.text_expired_at,
        )

    def _store(self, brought: Sequence[Brought]) -> None:
        if not brought:
            return
        now = datetime.now(UTC)
        watched = bool(RuleBook.of(self._database).in_force().rules)
        kept = imported.keep(self._database, brought, now=now, watched=watched)
        self.tally.update("known" if each.verdict == "doubtful" else each.verdict for each in kept)
        if watched:
            told = [each for each in kept if each.verdict in ("new", "edited", "completed")]
            self.tally["matches"] += sum(announce(self._database, told, now=now))
