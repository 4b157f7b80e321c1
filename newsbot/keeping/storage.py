"""What newsbot takes on disk, how long it keeps what, and when it was last backed up."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import attrs

from newsbot.archive import retention, sources
from newsbot.archive.connection import Database
from newsbot.archive.retention import Scope
from newsbot.config import Config
from newsbot.fetching.raw_files import folder_of
from newsbot.keeping import last_backup
from newsbot.keeping.holding import HoldError, Holds
from newsbot.keeping.last_backup import LastBackup

Part = Literal["archive", "index", "raw", "spool", "logs"]


@attrs.frozen(kw_only=True)
class Taken:
    """What one part takes: bytes and files below its folder."""

    part: Part
    folder: str
    size: int
    files: int


@attrs.frozen(kw_only=True)
class KeptFor:
    """How long parts of articles are kept: of all, of a group, or of a source (by name).

    In days, as :mod:`newsbot.archive.retention` has them: None leaves it to the wider rule, infinite is for ever.
    """

    scope: Scope
    what: str
    raw: float | None
    body: float | None
    record: float | None


@attrs.frozen(kw_only=True)
class Storage:
    """What newsbot takes and has.

    ``free`` and ``total`` are of the data folder's disk in bytes; crawls stop where less than ``reserve`` is free.
    ``elsewhere`` says that the archive is in a MongoDB of its own, whose disk is not seen from here.
    ``raw_most`` (bytes) and ``raw_days`` are when pages as they came go, the oldest first (0: never);
    ``holds`` is how many legal holds there are, None where they cannot be read, and nothing is removed.
    """

    folder: str
    taken: tuple[Taken, ...]
    free: int
    total: int
    reserve: int
    elsewhere: bool
    raw_kept: bool
    raw_most: int
    raw_days: float
    rules: tuple[KeptFor, ...]
    holds: int | None
    backup: LastBackup | None


def storage(config: Config, database: Database) -> Storage:
    """Return what newsbot takes and has now."""
    root = config.data_dir
    folders: list[tuple[Part, Path]] = [
        ("index", config.index_dir),
        ("raw", folder_of(root)),
        ("spool", root / "spool"),
        ("logs", root / "logs"),
    ]
    if not config.mongodb_uri:
        folders.insert(0, ("archive", root / "mongodb"))
    disk = shutil.disk_usage(root)
    try:
        holds = len(Holds.read(database).all)
    except HoldError:
        holds = None
    return Storage(
        folder=str(root.absolute()),
        taken=tuple(_taken(part, folder) for part, folder in folders),
        free=disk.free,
        total=disk.total,
        reserve=config.disk_reserve,
        elsewhere=bool(config.mongodb_uri),
        raw_kept=config.warc,
        raw_most=config.warc_keep_bytes,
        raw_days=config.warc_keep_days,
        rules=tuple(_rules(database)),
        holds=holds,
        backup=last_backup.last(config.data_dir),
    )


def _taken(part: Part, folder: Path) -> Taken:
    sizes = list(_sizes(folder))
    return Taken(part=part, folder=folder.name, size=sum(sizes), files=len(sizes))


def _sizes(folder: Path) -> Iterator[int]:
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                yield (Path(where) / name).stat().st_size
            except FileNotFoundError:  # files come and go meanwhile
                continue


def _rules(database: Database) -> Iterator[KeptFor]:
    found = retention.rules(database)
    of = [each.what for each in found if each.scope == "source"]
    names = sources.names(database, of) if of else {}
    for each in found:
        yield KeptFor(
            scope=each.scope,
            what=names.get(each.what, each.what) if each.scope == "source" else each.what,
            raw=each.raw,
            body=each.body,
            record=each.record,
        )
