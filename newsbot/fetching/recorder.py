"""Keeps pages as they came over the wire, in a thread beside the crawls: one for the whole process.

It never holds a crawl up. What comes faster than the disk takes it is let go beyond a bound, and a
disk that is full is tried again after a while; either is said to whoever handed the page in.
"""

import atexit
import queue
import threading
import time
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from newsbot.config import Config
from newsbot.fetching.captures import Capture
from newsbot.fetching.raw_files import RawFiles, RawNotKeptError, mend
from newsbot.items import Raw

# Bytes of pages that may wait for the disk.
WAITING = 64_000_000
# After a write that failed nothing is written for so long (seconds).
PAUSE = 60.0
# How often (seconds) an idle writer looks whether its file's day is over.
_IDLE = 30.0


class Recorder:
    """Writes pages to the WARC files of a data folder. Safe for threads."""

    _made: ClassVar[dict[Path, "Recorder"]] = {}
    _making = threading.Lock()

    def __init__(self, files: RawFiles, data_dir: Path, *, waiting: int = WAITING) -> None:
        self._files = files
        self._data_dir = data_dir
        self._most = waiting
        self._waiting = 0
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[tuple[Capture, Future[Raw]] | None] = queue.SimpleQueue()
        self._broken = ""
        self._again = 0.0
        self.mended: tuple[str, ...] = ()
        self._thread = threading.Thread(target=self._work, name="raw pages", daemon=True)
        self._thread.start()

    @classmethod
    def of(cls, config: Config) -> "Recorder":
        """Return this process's recorder for the configured data folder."""
        with cls._making:
            folder = config.data_dir.absolute()
            if folder not in cls._made:
                files = RawFiles(
                    config.data_dir,
                    user_agent=config.user_agent,
                    file_bytes=config.warc_file_bytes,
                    keep_bytes=config.warc_keep_bytes,
                    keep_days=config.warc_keep_days,
                )
                recorder = cls._made[folder] = cls(files, config.data_dir)
                atexit.register(recorder.close)
            return cls._made[folder]

    def keep(self, capture: Capture) -> "Future[Raw]":
        """Have a page written. The future tells where it stands, or raises ``RawNotKeptError``."""
        future: Future[Raw] = Future()
        size = len(capture.body)
        with self._lock:
            too_much = self._waiting + size > self._most and self._waiting > 0
            if not too_much:
                self._waiting += size
        if too_much:
            future.set_exception(RawNotKeptError("the disk does not keep up with the crawl"))
        else:
            self._queue.put((capture, future))
        return future

    def close(self) -> None:
        """Write what waits, and close the file."""
        self._queue.put(None)
        self._thread.join(timeout=30)

    def _work(self) -> None:
        self.mended = tuple(self._mend())
        while True:
            try:
                item = self._queue.get(timeout=_IDLE)
            except queue.Empty:
                self._files.close_if_over(datetime.now(UTC))
                continue
            if item is None:
                self._files.close()
                return
            capture, future = item
            try:
                future.set_result(self._write(capture))
            except Exception as error:  # noqa: BLE001 - a page as it came is not the article
                if not isinstance(error, RawNotKeptError):
                    error = RawNotKeptError(f"{type(error).__name__}: {error}")
                future.set_exception(error)
            finally:
                with self._lock:
                    self._waiting -= len(capture.body)

    def _mend(self) -> list[str]:
        try:
            return mend(self._data_dir)
        except OSError as error:
            return [f"the files left open in {self._data_dir} were not closed: {error}"]

    def _write(self, capture: Capture) -> Raw:
        if self._broken and time.monotonic() < self._again:
            raise RawNotKeptError(self._broken)
        try:
            raw = self._files.write(capture)
        except OSError as error:
            self._broken = error.strerror or str(error)
            self._again = time.monotonic() + PAUSE
            raise RawNotKeptError(self._broken) from None
        self._broken = ""
        return raw
