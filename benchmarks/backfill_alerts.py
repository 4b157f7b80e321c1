"""Ten thousand old articles with alerts in force: nothing is sent, and each match is as a search says."""

import tempfile
import time
from collections import Counter
from pathlib import Path

from newsbot.archive.connection import connect
from newsbot.config import Config
from tests.walked_back import walk_back

ARTICLES, ALERTS = 10_000, 60


def run() -> None:
    """Print what a walk back over that many articles tells and records."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(data_dir=Path(folder))
        with connect(config) as database:
            started = time.perf_counter()
            found = walk_back(config, database, count=ARTICLES, alerts=ALERTS, seed=9)
            took = time.perf_counter() - started
            reasons = Counter(each["held"] for each in database.matches.find({}, {"held": 1}))
    print(
        f"{found.articles:,} old articles, {found.rules} alerts: {found.messages} messages; "
        f"{len(found.alerts):,} matches by alerts, {len(found.searches):,} by searches afterwards, "
        f"{len(found.alerts ^ found.searches)} of them not by both; in {took:.0f} s"
    )
    held = ", ".join(f"{count:,} {reason or 'told'}" for reason, count in reasons.most_common())
    print(f"  held as: {held}")


if __name__ == "__main__":
    run()
