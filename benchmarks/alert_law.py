"""The law of alerts over 20,000 random articles and 2,000 random rules; see ``tests/alert_law.py``.

python -m benchmarks.alert_law              # all of it, a good half hour
python -m benchmarks.alert_law 4000 500     # fewer articles, fewer rules
"""

import sys
import tempfile
import time
from pathlib import Path

from newsbot.archive.connection import connect
from newsbot.config import Config
from tests.alert_law import judged

ARTICLES, RULES = 20_000, 2_000


def run(articles: int = ARTICLES, rules: int = RULES) -> None:
    """Print how many pairs were compared, and those of which alerts and searches differ."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(data_dir=Path(folder))
        with connect(config) as database:
            start = time.perf_counter()
            verdict = judged(
                database, config, seed=1, articles_drawn=articles, rules_drawn=rules, spared=300
            )
    for query, article in verdict.wrong[:5]:
        print(f"  alert and search differ for {query} and the article {article}")
    print(
        f"{verdict.articles:,} articles, {verdict.edits:,} edits of them, {verdict.rules:,} rules: of "
        f"{verdict.pairs:,} pairs {verdict.matches:,} matched, {len(verdict.wrong)} were decided "
        f"differently by alerts and searches, in {time.perf_counter() - start:.0f} s"
    )


if __name__ == "__main__":
    run(*map(int, sys.argv[1:3]))
