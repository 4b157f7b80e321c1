"""The folders of the spool: one a process, with a lock that it holds for as long as it lives."""

import fcntl
import os
import platform
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import uuid4


def folders(root: Path) -> list[Path]:
    """Return the folders of all processes, the oldest first: their names begin with the moment."""
    return sorted(each for each in root.glob("2*Z-*") if each.is_dir())


def size(root: Path) -> int:
    """Return how many bytes wait in the folders, without reading them."""
    total = 0
    for folder in folders(root):
        for path in folder.glob("*.spool"):
            with suppress(OSError):  # it was emptied just now
                total += path.stat().st_size
    return total


def own_folder(root: Path) -> tuple[Path, IO[str]]:
    """Make this process's folder; returns it and its lock, held."""
    host = "".join(c if c.isalnum() else "-" for c in platform.node()) or "host"
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{host}-{os.getpid()}-{uuid4().hex[:6]}"
    # Locked before it has its name: nobody may take it for one that was left behind.
    unnamed = root / f".{name}"
    unnamed.mkdir(parents=True)
    held = (unnamed / "lock").open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    unnamed.rename(root / name)
    sync_folder(root)
    return root / name, held


def hold(folder: Path) -> IO[str] | None:
    """Take the lock of a folder whose process is dead; None where it lives or the folder is gone."""
    try:
        held = (folder / "lock").open("r+")
    except OSError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if (folder / "lock").stat().st_ino == os.fstat(held.fileno()).st_ino:
            return held
    except OSError:
        pass
    held.close()
    return None


def remove_folder(folder: Path) -> None:
    """Remove a folder whose files are gone."""
    (folder / "lock").unlink(missing_ok=True)
    folder.rmdir()


def sync_folder(folder: Path) -> None:
    """Have a folder's own entries on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
