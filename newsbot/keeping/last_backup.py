"""When this machine last backed up the archive, where to, and how large that was: a note in the data folder.

No part of the archive: a backup is what it was backed up from, to the last document.
"""

import json
from datetime import datetime
from pathlib import Path

import attrs

_FILE = "backup.json"


@attrs.frozen(kw_only=True)
class LastBackup:
    """The last backup; ``size`` in bytes. ``raw`` says that pages as they came are in it."""

    at: datetime
    path: str
    size: int
    raw: bool = False


def note(data_dir: Path, made: LastBackup) -> None:
    """Note a backup that is complete."""
    data_dir.mkdir(parents=True, exist_ok=True)  # the archive may be in a MongoDB of its own
    draft = data_dir / f"{_FILE}.new"
    draft.write_text(json.dumps(attrs.asdict(made) | {"at": made.at.isoformat()}))
    draft.replace(data_dir / _FILE)


def last(data_dir: Path) -> LastBackup | None:
    """Return the last backup; None where there was none since they are noted."""
    try:
        told = json.loads((data_dir / _FILE).read_text())
        return LastBackup(**told | {"at": datetime.fromisoformat(told["at"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
