"""Indexer, archive and reader killed at thirty random moments while articles are stored and edited."""

import tempfile
from pathlib import Path

from newsbot.config import Config
from tests.search_kills import storm

KILLS = 30


def run() -> None:
    """Print what was killed, and what the index has wrong afterwards."""
    with tempfile.TemporaryDirectory(prefix="newsbot-kills-") as folder:
        came = storm(Config(data_dir=Path(folder), extraction_processes=0), KILLS, seed=5)
    killed = ", ".join(f"{name} {count}" for name, count in sorted(came.killed.items()))
    print(f"{KILLS} kills -9 ({killed}) during {came.stored:,} articles and {came.edited:,} edits")
    print(
        f"  missing {len(came.missing)}, twice {len(came.twice)}, as they were before an edit "
        f"{len(came.stale)}; found {came.slowest:.2f} s after they were stored, at most"
    )


if __name__ == "__main__":
    run()
