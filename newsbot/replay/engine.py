"""Replays files: reads them here, works on their pages in processes, and writes what comes of it in order.

One thread reads and hands pages out, processes read articles out of them, and another thread writes. A
page that hangs or ends its process costs that page. What is written is told to ``Destination.save``
with the place up to which everything is, so that a replay that is killed goes on from there.
"""

import multiprocessing
import queue
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from multiprocessing import forkserver
from pathlib import Path
from typing import Protocol, Self

import attrs
from pebble import ProcessExpired, ProcessPool

from newsbot.fetching.captures import Provenance
from newsbot.parts import end_with_parent
from newsbot.reading import Candidate
from newsbot.replay.reader import Damage, Page, Reader, UnreadableFileError
from newsbot.replay.reading import Result, Work, read_all
from newsbot.replay.several import Several
from newsbot.replay.wanted import Wanted

# Pages that a process is given at a time, and lots of them that wait for each process.
LOT, LOTS_WAITING = 16, 3
# Articles that are written at a time, and pages after which what there is is written.
BATCH, MOST_PAGES = 300, 3_000

Place = tuple[int, int]


class Destination(Protocol):
    """Where replayed articles go."""

    def on_behalf_of(self, page: Page) -> Provenance:
        """Return the provenance of a page: its own, or that of the source it is taken for."""
        ...

    def write(self, candidates: Sequence[Candidate]) -> Counter[str]:
        """Write articles, in their order; returns what became of them, counted."""
        ...

    def save(self, file: int, offset: int) -> None:
        """Note that all before this place (the file's number, bytes) is written."""
        ...


@attrs.frozen
class State:
    """How far a replay is: which file, how many of its bytes, and what was met so far."""

    file: int
    at: int
    tally: Counter[str]


@attrs.frozen
class _Lot:
    pages: list[Work]
    places: list[Place]
    future: "Future[list[Result]]"


def prepare() -> None:
    """Begin what a replay's processes are copies of, in the background: it reads tables for a second."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["newsbot.replay.warm"])
    forkserver.ensure_running()


class Engine:
    """Replays files into a destination with ``processes`` processes (0: in this one). For one replay."""

    def __init__(
        self,
        destination: Destination,
        wanted: Wanted,
        *,
        processes: int,
        page_bytes: int,
        page_timeout: float,
        watch: Callable[[State], None] = lambda _: None,
        tell: Callable[[Damage], None] = lambda _: None,
    ) -> None:
        self._destination = destination
        self._wanted = wanted
        self._processes = processes
        self._page_bytes = page_bytes
        self._timeout = page_timeout
        self._watch = watch
        self._tell = tell
        self._several = Several(wanted)
        self._lots: deque[_Lot] = deque()
        self._filling: list[tuple[Work, Place]] = []
        self._ready: list[Candidate] = []
        self._unsaved = 0
        self.tally: Counter[str] = Counter()

    def run(self, files: Sequence[tuple[Path, int]]) -> dict[int, UnreadableFileError]:
        """Replay these files, each from its offset on. Returns those that could not be read, by place."""
        unreadable = {}
        with _Writer(self._destination, self.tally) as writer, self._workers() as pool:
            for number, (path, start) in enumerate(files):
                try:
                    self._read(pool, writer, number, path, start)
                except UnreadableFileError as error:
                    unreadable[number] = error
            self._hand_out(pool)
            while self._lots:
                self._take(pool, writer)
            self._sort([*self._several.rest()])
            writer.put(self._ready, (len(files), 0))
        return unreadable

    def _workers(self) -> "_Pool | _NoPool":
        if not self._processes:
            return _NoPool()
        prepare()
        return _Pool(
            max_workers=self._processes,
            max_tasks=1_000,  # a leak in a parser stays small
            initializer=end_with_parent,
            context=multiprocessing.get_context("forkserver"),
        )

    def _read(
        self, pool: "_Pool | _NoPool", writer: "_Writer", number: int, path: Path, start: int
    ) -> None:
        reader = Reader(path, self._wanted, self.tally, most=self._page_bytes, start=start)
        for page in reader.pages():
            if page is not None:
                work = self._work(page)
                self._filling.append((work, (number, page.raw.offset)))
            while reader.damage:
                self._tell(reader.damage.pop(0))
            if len(self._filling) >= LOT:
                self._hand_out(pool)
            self._watch(State(number, reader.at, self.tally))
            while self._lots and (
                len(self._lots) >= max(1, self._processes) * LOTS_WAITING
                or self._lots[0].future.done()
            ):
                self._take(pool, writer)
            if page is None and not self._lots and not self._filling:
                writer.put(self._ready, self._safe((number, reader.at)))
                self._ready = []
        for damage in reader.damage:
            self._tell(damage)

    def _work(self, page: Page) -> Work:
        return Work(
            url=page.url,
            body=page.body,
            charset=page.charset,
            at=page.at,
            raw=page.raw,
            provenance=self._destination.on_behalf_of(page),
        )

    def _hand_out(self, pool: "_Pool | _NoPool") -> None:
        if self._filling:
            pages = [page for page, _ in self._filling]
            future = pool.schedule(
                read_all, args=[pages, self._wanted], timeout=self._timeout + len(pages)
            )
            self._lots.append(_Lot(pages, [place for _, place in self._filling], future))
            self._filling = []

    def _take(self, pool: "_Pool | _NoPool", writer: "_Writer") -> None:
        """Wait for the lot that was handed out first, and have written what is to be."""
        lot = self._lots.popleft()
        try:
            results = lot.future.result()
        except Exception:  # noqa: BLE001 - one of its pages; which, each page by itself will show
            results = [self._alone(pool, page) for page in lot.pages]
        for page, result, place in zip(lot.pages, results, lot.places, strict=True):
            self.tally["pages"] += 1
            self._unsaved += 1
            self._sort(self._several.take(page, result, place))
        if len(self._ready) >= BATCH or self._unsaved >= MOST_PAGES:
            writer.put(self._ready, self._safe(lot.places[-1]))
            self._ready, self._unsaved = [], 0

    def _alone(self, pool: "_Pool | _NoPool", page: Work) -> Result:
        try:
            future = pool.schedule(read_all, args=[[page], self._wanted], timeout=self._timeout)
            found: list[Result] = future.result()
        except (TimeoutError, FutureTimeoutError):
            why = f"took longer than {self._timeout:.0f} s"
        except ProcessExpired as error:
            why = f"ended its process with {error.exitcode}"
        except Exception as error:  # noqa: BLE001 - no page may end the replay
            why = f"{type(error).__name__}: {error}"
        else:
            return found[0]
        self._tell(Damage(page.raw.file, page.raw.offset, f"{page.url} {why}"))
        return Result(cause="failed_extraction")

    def _sort(self, results: Sequence[Result] | Iterator[Result]) -> None:
        for result in results:
            if result.candidate is not None:
                self._ready.append(result.candidate)
            else:
                self.tally[result.cause] += 1

    def _safe(self, place: Place) -> Place:
        """Return the place before which nothing is left to do."""
        waiting = self._several.earliest()
        return place if waiting is None else min(place, waiting)


class _Pool(ProcessPool):
    """A pool that ends its processes at once when its block is left by an error."""

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()  # type: ignore[no-untyped-call]
        else:
            self.stop()  # type: ignore[no-untyped-call]
        self.join()


class _NoPool:
    """Does the work where it stands."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def schedule(
        self, work: Callable[..., list[Result]], args: Sequence[object], timeout: float
    ) -> "Future[list[Result]]":
        del timeout  # nobody could end it
        future: Future[list[Result]] = Future()
        try:
            future.set_result(work(*args))
        except Exception as error:  # noqa: BLE001 - raised where the result is asked for
            future.set_exception(error)
        return future


class _Writer:
    """Writes batches in a thread of its own, in their order; at most two wait."""

    def __init__(self, destination: Destination, tally: Counter[str]) -> None:
        self._destination = destination
        self._tally = tally
        self._queue: queue.Queue[tuple[list[Candidate], Place] | None] = queue.Queue(2)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="replay writer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.put(None)
        self._thread.join()
        self._raise()

    def put(self, candidates: list[Candidate], safe: Place) -> None:
        """Have articles written, and then noted that all before ``safe`` is."""
        self._raise()
        self._queue.put((candidates, safe))

    def _raise(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            if self._error is not None:
                continue
            candidates, safe = item
            try:
                if candidates:
                    self._tally.update(self._destination.write(candidates))
                self._destination.save(*safe)
            except BaseException as error:  # noqa: BLE001 - raised again where the replay is run
                self._error = error
