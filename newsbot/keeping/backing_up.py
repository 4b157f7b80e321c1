"""Backup and restore of all that newsbot keeps: the archive, and pages as they came if they are wanted.

The search index is no part of a backup: it is built anew. Nor are settings and logs.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import attrs

from newsbot import parts
from newsbot.archive import audit, backup, restore
from newsbot.archive.backup import Written
from newsbot.archive.backup_file import BackupError
from newsbot.archive.connection import Database
from newsbot.archive.merging import unfinished
from newsbot.config import Config
from newsbot.fetching.raw_erasure import files_of
from newsbot.fetching.raw_files import OPEN, folder_of, named_here
from newsbot.keeping import last_backup
from newsbot.keeping.last_backup import LastBackup
from newsbot.keeping.warc_holds import protect
from newsbot.search.follow import IndexBusyError, rebuild

BLOCK = 4 << 20

Progress = Callable[[int], None]


class RefusedError(Exception):
    """A backup or restore that would be dangerous; the text says why and what to do."""


class UnfinishedError(Exception):
    """A restore that is in place but for the index or the pages; the text says why and what to do."""


def back_up(
    config: Config,
    database: Database,
    path: Path,
    *,
    raw: bool = False,
    progress: Progress = lambda _: None,
) -> Written:
    """Write a backup to a file, which is there when it is complete and read by its owner alone.

    Raises:
        RefusedError: when sources are just being merged: their pages change hands meanwhile.
        OSError: when the file cannot be written; what was there under its name stays.
    """
    if unfinished(database):
        raise RefusedError("two sources are just being merged; try again when that is done")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # It holds the sources' passwords and cookies.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            written = backup.write(
                database,
                file,
                raw=(lambda: _raw_files(config.data_dir)) if raw else lambda: iter(()),
                progress=progress,
            )
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync(path.absolute().parent)
    last_backup.note(
        config.data_dir,
        LastBackup(
            at=datetime.now(UTC), path=str(path.absolute()), size=path.stat().st_size, raw=raw
        ),
    )
    return written


def put_back(
    config: Config,
    database: Database,
    path: Path,
    *,
    force: bool = False,
    progress: Progress = lambda _: None,
) -> Written:
    """Put a backup in the place of the archive, and build the search index anew.

    Raises:
        RefusedError: when something runs on the archive, or it is not empty and ``force`` is not given.
        BackupError: when the backup is damaged; the archive is as it was.
        UnfinishedError: when the archive is restored, and the index or the pages could not be.
        OSError: when the backup cannot be read; the archive is as it was.
    """
    if parts.running(config.data_dir) is not None:
        raise RefusedError(
            f"newsbot is up on the data folder {config.data_dir}; stop it, then restore"
        )
    if restore.crawling(database, datetime.now(UTC)):
        raise RefusedError(
            "a crawl is under way on this archive (or was, seconds ago); end it, then restore"
        )
    if not force and not restore.is_empty(database):
        raise RefusedError(
            f"the archive {database.name} is not empty; --force replaces all of it by the backup "
            "(what it announced, removed and holds stays so)"
        )
    written = restore.check(path, progress)
    staging = _Staging(config.data_dir)
    try:
        restore.restore(database, path, written, files=staging.take, progress=progress)
        _finish(config, database, path, written, staging)
    finally:
        staging.clear()
    return written


def _finish(
    config: Config, database: Database, path: Path, written: Written, staging: "_Staging"
) -> None:
    """Do what is left when the archive is in place."""
    audit.note(
        database,
        "restore",
        why=f"{path.name} of {written.header.made_at:%Y-%m-%d %H:%M} UTC",
        counts={name: each.count for name, each in written.collections.items()},
    )
    try:
        staging.put_in_place()
        protect(config.data_dir, database)
        rebuild(config, database)
    except (
        OSError,
        ValueError,
        IndexBusyError,
    ) as error:  # tantivy says ValueError for a full disk
        raise UnfinishedError(
            f"the archive is restored and verified, but pages or the search index are not ({error}); "
            "put that right, then run: newsbot reindex"
        ) from None


def _raw_files(data_dir: Path) -> Iterator[tuple[str, Iterator[bytes]]]:
    for path in files_of(data_dir):
        try:
            file = path.open("rb")
        except FileNotFoundError:  # closed under its final name meanwhile, or removed to make room
            closed = path.with_name(path.name.removesuffix(OPEN))
            if not closed.exists():
                continue
            file = closed.open("rb")
        with file:
            yield path.name, _blocks(file, path.stat().st_size if path.exists() else 1 << 62)


def _blocks(file: IO[bytes], most: int) -> Iterator[bytes]:
    # What is appended meanwhile is not of this backup; a record that is torn by that is cut off when
    # the file is closed.
    while most > 0 and (block := file.read(min(BLOCK, most))):
        most -= len(block)
        yield block


@attrs.define
class _Staging:
    """WARC files of a backup, beside their places until the archive is restored."""

    _data_dir: Path
    _made: list[tuple[Path, Path]] = attrs.Factory(list)

    def take(self, name: str, blocks: Iterator[bytes]) -> None:
        """Write a file down. One that is there already stays: pages may have been removed from it."""
        place = named_here(self._data_dir, name)
        if place is None:
            raise BackupError(f"the backup has a file {name!r}, which is none of newsbot's")
        if any(each.exists() for each in (place, place.with_name(name.removesuffix(OPEN)))):
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{name}.restoring")
        self._made.append((draft, place))
        with draft.open("wb") as file:
            for block in blocks:
                file.write(block)
            file.flush()
            os.fsync(file.fileno())

    def put_in_place(self) -> None:
        """Give the files their names."""
        for draft, place in self._made:
            draft.replace(place)
        self._made.clear()
        if folder_of(self._data_dir).exists():
            _sync(folder_of(self._data_dir))

    def clear(self) -> None:
        """Remove what was not put in place."""
        for draft, _ in self._made:
            draft.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
