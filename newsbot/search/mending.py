"""What the index is to take up again: lists of articles' ids, in files beside its generations.

Whoever finds that the index has something else than the archive asks for it here; the process that writes
takes it up as the archive has it then, commits, and removes the list. So a list that a killed process left is
taken up by the next, and once more does no harm.
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import attrs

# Articles of a list: so many are read and written between two steps of following.
AT_ONCE = 100
_FOLDER = "mend"


@attrs.frozen
class Wanted:
    """Articles that are to be taken up again, and the file that says so."""

    file: Path
    articles: tuple[str, ...]

    def done(self) -> None:
        """Say that they were, and can be found."""
        self.file.unlink(missing_ok=True)


def ask(root: Path, articles: Sequence[str]) -> list[Wanted]:
    """Ask for articles to be taken up again; returns what waits for that."""
    folder = root / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    asked = []
    for start in range(0, len(articles), AT_ONCE):
        some = tuple(articles[start : start + AT_ONCE])
        file = folder / f"{time.time_ns():020}-{uuid4().hex}.json"
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(some))
        draft.replace(file)
        asked.append(Wanted(file, some))
    return asked


def waiting(root: Path) -> list[Wanted]:
    """Return what is asked for, earliest first."""
    found = []
    try:
        files = sorted((root / _FOLDER).glob("*.json"))
    except OSError:
        return []
    for file in files:
        try:
            found.append(Wanted(file, tuple(json.loads(file.read_text()))))
        except FileNotFoundError:
            continue
        except ValueError:  # cut off by a full disk; the next comparison finds it again
            file.unlink(missing_ok=True)
    return found
