"""What it costs to hold a new article against the events of these days, as more of them are kept.

Reports whose words are drawn from labelled pages, so that they are as rare as in the news, in the real
collection of the embedded MongoDB. The peer is the same question with few reports kept.
"""

import gzip
import json
import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.site import CASES
from newsbot.archive import events
from newsbot.archive.connection import Database, connect
from newsbot.archive.events import Told
from newsbot.config import Config
from newsbot.events import Facts, facts
from newsbot.extraction import extract
from newsbot.text.tokens import words

KEPT = (1_000, 10_000, 30_000)
_BATCH, _ASKED = 20, 400
# Of three in ten reports the names stand in many others: so many stories run for days.
_RUNNING, _STORIES = 0.3, 50


_WORDS: list[str] = []


def run() -> None:
    """Print the cost of an article by how many reports are kept."""
    _WORDS[:] = _words()
    with tempfile.TemporaryDirectory() as folder:
        config = Config(data_dir=Path(folder), database="benchmark")
        with connect(config) as database:
            first = 0.0
            for kept in KEPT:
                _fill(database, kept)
                each = _cost(database, kept)
                first = first or each
                print(
                    f"{kept:>7,} reports kept: {each * 1e3:.2f} ms an article, "
                    f"{each / first:.2f} times that at {KEPT[0]:,}"
                )


def _words() -> list[str]:
    """Return the analysed words of labelled German pages, each as often as it stands there."""
    found = []
    for line in (CASES / "trafilatura" / "labels.jsonl").read_text("utf8").splitlines():
        label = json.loads(line)
        page = gzip.decompress((CASES / "trafilatura" / "pages" / label["page"]).read_bytes())
        article = extract(page, label["url"])
        if article.language.startswith("de"):
            found += words(article.body)
    return found


def _report(number: int) -> Told:
    draw = random.Random(number)
    headline = [draw.choice(_WORDS) for _ in range(9)]
    if draw.random() < _RUNNING:
        story = draw.randrange(_STORIES)
        headline += [f"first{story}name", f"second{story}name"]
    told = facts(headline, [draw.choice(_WORDS) for _ in range(150)], "de")
    return Told(
        article=f"a{number}",
        story=f"s{number}",
        source=f"o{number % 200}",
        day=datetime.now(UTC).date(),
        facts=told or Facts({}),
    )


def _fill(database: Database, upto: int) -> None:
    there = database.events.estimated_document_count()
    for at in range(there, upto, 500):
        events._write(
            database,
            [_report(number) for number in range(at, min(at + 500, upto))],
            datetime.now(UTC),
        )


def _cost(database: Database, kept: int) -> float:
    batches = [
        [_report(1_000_000 + kept + at + number) for number in range(_BATCH)]
        for at in range(0, _ASKED, _BATCH)
    ]
    events.join(database, [_report(999_999 + kept)], now=datetime.now(UTC))  # reads what is kept
    began = time.perf_counter()
    for batch in batches:
        events.join(database, batch, now=datetime.now(UTC))
    spent = time.perf_counter() - began
    for batch in batches:
        database.events.delete_many({"_id": {"$in": [each.article for each in batch]}})
    return spent / _ASKED


if __name__ == "__main__":
    run()
