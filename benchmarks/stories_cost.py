"""What it costs to decide of which texts an article is a copy, beside how many texts are filed.

The fingerprints are synthetic and stand in the real collections of the embedded MongoDB: nine of ten
are of texts that nothing resembles, one is of a template that a hundredth of those is written from
(resemblance 0.6), as agencies' weather and exchanges are. Of the articles that are decided upon, two
of ten are copies (resemblance 0.8) of one that is stored, one is of such a template. On a busy machine
the time that is computed, by this process and the database's, says more than what passes.
"""

import random
import shutil
import statistics
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import psutil
from pymongo.collection import Collection
from pymongo.errors import AutoReconnect, BulkWriteError

from newsbot.archive import prints
from newsbot.archive.connection import Database, Document, connect
from newsbot.archive.kept import Record
from newsbot.archive.records import to_document
from newsbot.config import Config
from newsbot.items import Article
from newsbot.similarity.signature import HASHES, Signature

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEMPLATES = 100
BATCH, BATCHES = 10, 60


class Texts:
    """Makes fingerprints and articles, the same at every run."""

    def __init__(self, words: list[str]) -> None:
        self._rng = random.Random(7)
        self._words = words
        self._templates = [self._hashes() for _ in range(TEMPLATES)]
        self._filed = Counter[bytes]()
        self._known: list[tuple[Article, list[int]]] = []
        self._number = 0

    def _hashes(self) -> list[int]:
        return [self._rng.getrandbits(32) for _ in range(HASHES)]

    def _like(self, hashes: list[int], share: float) -> list[int]:
        return [
            value if self._rng.random() < share else self._rng.getrandbits(32) for value in hashes
        ]

    def _signature(self, hashes: list[int]) -> Signature:
        return Signature(b"".join(value.to_bytes(4, "little") for value in hashes), 400)

    def _article(self, body: str | None = None) -> Article:
        self._number += 1
        said = body or "\n".join(
            " ".join(self._rng.choices(self._words, k=20)) + "." for _ in range(20)
        )
        name = f"{self._rng.getrandbits(96):024x}"
        url = f"https://{self._number % 500}.example/{name}"
        return Article(
            id=name,
            url=url,
            fetched_url=url,
            source=f"s{self._number % 500}",
            fetched_at=NOW,
            title=said[:60],
            body=said,
        )

    def stored(self, how_many: int) -> tuple[list[Document], list[Document]]:
        """Return the documents of so many fingerprints, and of some of their articles."""
        filed, articles = [], []
        for _ in range(how_many):
            template = self._rng.random() < 0.1
            hashes = (
                self._like(self._rng.choice(self._templates), 0.6) if template else self._hashes()
            )
            name = f"{self._rng.getrandbits(96):024x}"
            if not template and self._rng.random() < 0.01:
                article = self._article()
                name = article.id
                record = Record(
                    story=name,
                    revision=1,
                    content_hash=name,
                    body_hash=name,
                    first_seen=NOW,
                    changed_at=NOW,
                    sources=(article.source,),
                )
                articles.append(to_document(article) | to_document(record))
                self._known.append((article, hashes))
            signature = self._signature(hashes)
            keys = signature.all_keys() if template else ()
            crowded = frozenset(key for key in keys if self._filed[key] >= prints.CROWD)
            self._filed.update(set(keys) - crowded)
            filed.append(prints.document(name, signature, crowded))
        return filed, articles

    def incoming(self, how_many: int) -> list[prints.Wanted]:
        """Return so many articles that are to be decided upon."""
        found = []
        for _ in range(how_many):
            chance = self._rng.random()
            if chance < 0.2:
                article, hashes = self._rng.choice(self._known)
                found.append(
                    (self._article(article.body), self._signature(self._like(hashes, 0.8)))
                )
            elif chance < 0.3:
                hashes = self._like(self._rng.choice(self._templates), 0.6)
                found.append((self._article(), self._signature(hashes)))
            else:
                found.append((self._article(), self._signature(self._hashes())))
        return found


def _insert(collection: Collection[Document], documents: list[Document]) -> None:
    for _ in range(5):
        try:
            if documents:
                collection.insert_many(documents, ordered=False)
        except AutoReconnect:  # on a busy machine the server may take longer than is waited for it
            continue
        except BulkWriteError:  # some were written by a try that was not answered
            pass
        return
    raise RuntimeError("the embedded MongoDB does not answer")


def _computed(folder: Path) -> float:
    """Return the seconds that this process and the database's have computed so far."""
    spent = time.process_time()
    for process in psutil.process_iter():
        try:
            if "secantusd" in (said := " ".join(process.cmdline())) and str(folder) in said:
                spent += sum(process.cpu_times()[:2])
        except psutil.Error:  # it ended just now
            continue
    return spent


def decide(database: Database, texts: Texts, batches: int) -> tuple[float, int]:
    """Return the seconds an article's decision takes (median of batches), and the copies found."""
    spent, copies = [], 0
    for _ in range(batches):
        wanted = texts.incoming(BATCH)
        started = time.perf_counter()
        before = prints.filings(database)
        looks = prints.look(database, wanted)
        prints.file(database, wanted, looks)
        again = prints.filings(database) != before + 1
        spent.append((time.perf_counter() - started) / BATCH)
        assert not again
        copies += sum(bool(look.copies) for look in looks.values())
    return statistics.median(spent), copies


# In one write: with 200 the embedded server stopped answering, see ``newsbot.archive.prints``.
AT_ONCE = 50


def run(sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)) -> None:
    """Print what a decision costs at these numbers of stored fingerprints."""
    folder = Path(tempfile.mkdtemp(prefix="newsbot-stories-"))
    texts = Texts([f"word{number}" for number in range(20_000)])
    try:
        with connect(Config(data_dir=folder)) as database:
            stored = 0
            first: tuple[float, float] | None = None
            for size in sizes:
                started = time.perf_counter()
                begun = stored
                while stored < size:
                    filed, articles = texts.stored(min(AT_ONCE, size - stored))
                    _insert(database.prints, filed)
                    _insert(database.articles, articles)
                    stored += len(filed)
                loaded = (stored - begun) / (time.perf_counter() - started)
                decide(database, texts, 5)
                before = _computed(folder)
                seconds, copies = decide(database, texts, BATCHES)
                computed = (_computed(folder) - before) / (BATCHES * BATCH)
                first = first or (seconds, computed)
                print(
                    f"{size:9,} texts filed (at {loaded:,.0f}/s): an article takes {seconds * 1e3:.2f} ms "
                    f"({seconds / first[0]:.2f} times the first), {computed * 1e3:.2f} ms of them "
                    f"computed ({computed / first[1]:.2f} times); {copies} copies found",
                    flush=True,
                )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    run()
