"""What a backtest, a preview and the causes cost over 300,000 articles, a third of them of the last 30 days.

The texts are those of the benchmark of search, 6,000 of them, each under many ids; three of ten articles are of
a story that others are of, too. Asked is the index alone: the archive beside it is empty.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.search import Articles
from newsbot.alerts.backtest import backtest
from newsbot.alerts.causes import causes
from newsbot.alerts.previewing import preview
from newsbot.archive.connection import connect
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.query import Document
from newsbot.search.index import Followed, Generation, entry, key_of, ordinal, place_of, switch
from newsbot.search.results import Reader

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ARTICLES, TEXTS, DAYS = 300_000, 6_000, 90
# What every article meets.
ALL = "seen:[2000-01-01 TO *]"
UNMET = '"goverment presidnet xyzzyq" zqzqzq "new york of the"'


def _fill(root: Path, count: int) -> None:
    rng, made = random.Random(3), Articles()
    texts = []
    for number in range(min(TEXTS, count)):
        text = made.next()
        document = Document.of(
            title=text.title,
            body=text.body,
            source_ids=(text.source,),
            language=text.language,
            url=f"https://{text.source}.example/{number}",
            seen=NOW,
        )
        texts.append(json.loads(entry("", document)))
    generation = Generation.create(root)
    writer = generation.index.writer(128_000_000, 1)
    for number in range(count):
        seen = NOW - timedelta(days=rng.random() * DAYS)
        day = ordinal((seen - timedelta(days=rng.choice((0, 0, 0, 0, 1, 1, 2, 9)))).date())
        key = f"{number:024d}"
        story = f"story{number if rng.random() < 0.7 else rng.randrange(number + 1)}"
        own = {
            "id": key,
            "key": key_of(key),
            "by_story": [story],
            "story_key": key_of(story),
            "place": place_of(key, seen),
            "seen": int(seen.timestamp() * 1_000_000),
            "seen_day": ordinal(seen.date()),
            "day": day,
            "recent": day,
        }
        writer.add_json(json.dumps(texts[number % len(texts)] | own, ensure_ascii=False))
    writer.commit()
    writer.wait_merging_threads()
    generation.note(Followed(None, NOW))
    switch(root, generation)


def _rule(query: str) -> Rule:
    return Rule(id="r", name="r", query=query, created_at=NOW)


def _cost(what: str, ask: Callable[[], object]) -> None:
    ask()
    wall, cpu = time.perf_counter(), time.process_time()
    ask()
    print(
        f"{what:<44} {time.perf_counter() - wall:>6.2f} s, of processor {time.process_time() - cpu:.2f} s"
    )


def run(count: int = ARTICLES) -> None:
    """Fill an index and ask it."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(data_dir=Path(folder))
        _fill(config.index_dir, count)
        with connect(config) as database:
            reader = Reader(config, database)
            print(f"\nBacktests over {reader.count():,} articles")
            for query in ("government", "government OR president OR minister", ALL):
                made = backtest(database, reader, _rule(query), now=NOW)
                _cost(
                    f"backtest of what {made.met:,} meet",
                    lambda query=query: backtest(database, reader, _rule(query), now=NOW),
                )
            _cost(
                "preview, from all to those with a word",
                lambda: preview(database, reader, _rule(ALL), _rule("government"), now=NOW),
            )
            _cost("causes", lambda: causes(database, reader, _rule(UNMET), now=NOW))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    run(parser.parse_args().articles)
