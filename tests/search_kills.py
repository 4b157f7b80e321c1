"""Kills indexer, archive and reader while articles are stored and edited, and holds the index to both."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import attrs
import tantivy

from newsbot.archive import articles, server
from newsbot.archive.connection import Database, connect
from newsbot.config import Config
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.search.results import Reader
from tests.conftest import Command

# Seconds after which what was stored has to be found, and after which nothing may be as it was.
FOUND_WITHIN, STALE_AFTER = 2.0, 5.0
_BATCH = 5
# A reader that searches for ever, in a process of its own.
_READER = """
import sys
from newsbot.archive.connection import connect
from newsbot.config import Config
from newsbot.search.results import Reader
config = Config()
with connect(config) as database:
    reader = Reader(config, database)
    while True:
        found = reader.search("report -nothing", limit=20)
        assert len({hit.kept.article.id for hit in found.hits}) == len(found.hits)
"""


@attrs.define
class Storm:
    """What came of it: kills by whom, articles and edits stored, and what the index has wrong at the end."""

    killed: Counter[str]
    stored: int
    edited: int
    missing: list[str]
    twice: list[str]
    stale: list[str]
    slowest: float


def _article(number: int, edition: int) -> Article:
    url = f"https://storm.example/{number}"
    return Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source="storm",
        fetched_at=datetime.now(UTC),
        title=f"Report number{number}",
        body=f"Report number{number} as of edition{edition}.\nIt says word{number}x{edition} and no more.",
    )


class _Loader(threading.Thread):
    """Stores new articles and edits of old ones until it is told to end."""

    def __init__(self, database: Database, seed: int) -> None:
        super().__init__()
        self._database = database
        self._chance = random.Random(seed)
        self.ended = threading.Event()
        self.editions: list[int] = []
        self.edits = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.ended.is_set():
                self._store()
        except BaseException as error:
            self.error = error
            raise

    def _store(self) -> None:
        numbers = list(range(len(self.editions), len(self.editions) + _BATCH))
        fresh = [_article(number, 0) for number in numbers]
        old = self._chance.sample(range(len(self.editions)), min(2, len(self.editions)))
        edited = [_article(number, self.editions[number] + 1) for number in old]
        now = datetime.now(UTC)
        wanted = [Candidate.of(each) for each in (*fresh, *edited)]
        articles.keep(
            self._database, articles.judge(self._database, wanted), now=now, pending=False
        )
        self.editions += [0] * _BATCH
        for number in old:
            self.editions[number] += 1
        self.edits += len(old)
        time.sleep(0.02)


def storm(config: Config, kills: int, seed: int) -> Storm:
    """Load an embedded archive, kill one of the three at ``kills`` random moments; see what is found."""
    chance, newsbot = random.Random(seed), Command(config)
    running: dict[str, subprocess.Popen[str]] = {}

    def start(name: str) -> None:
        if name == "indexer":
            running[name] = newsbot.start("part", "indexer")
        else:
            running[name] = subprocess.Popen(
                [sys.executable, "-c", _READER],
                env=newsbot.environment,
                text=True,
                stderr=subprocess.PIPE,
            )

    killed = Counter[str]()
    with connect(config) as database:
        loader = _Loader(database, seed)
        for name in ("indexer", "reader"):
            start(name)
        loader.start()
        try:
            for _ in range(kills):
                time.sleep(chance.uniform(0.2, 1.5))
                name = chance.choice(("indexer", "archive", "reader"))
                killed[name] += 1
                if name == "archive":
                    there = server.running(config.data_dir)
                    if there is not None:
                        with suppress(ProcessLookupError):  # it is being started again
                            os.kill(there.server, signal.SIGKILL)
                    continue
                _kill(running[name])
                start(name)
            assert running["reader"].poll() is None, running["reader"].stderr
            time.sleep(1.0)
            slowest = _found_in_time(config, database, loader)
        finally:
            loader.ended.set()
            loader.join(120)
            time.sleep(STALE_AFTER)
            found = _documents(config)
            for process in running.values():
                _kill(process)
    assert loader.error is None
    there = Counter(number for number, _ in found)
    newest = dict(found)
    numbers = range(len(loader.editions))
    return Storm(
        killed=killed,
        stored=len(loader.editions),
        edited=loader.edits,
        missing=[f"{number}" for number in numbers if number not in there],
        twice=[f"{number}" for number, count in there.items() if count > 1],
        stale=[
            f"{number}: {newest[number]} of {loader.editions[number]}"
            for number in numbers
            if number in newest and newest[number] != loader.editions[number]
        ],
        slowest=slowest,
    )


def _kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def _found_in_time(config: Config, database: Database, loader: _Loader) -> float:
    """Return how long what was stored last takes to be found, in seconds, at most of five times."""
    reader, slowest = Reader(config, database), 0.0
    for _ in range(5):
        number = len(loader.editions) - 1
        started = time.monotonic()
        while not reader.search(f"number{number}").total:
            assert time.monotonic() < started + 30, "an article that was stored is not found"
            time.sleep(0.02)
        slowest = max(slowest, time.monotonic() - started)
    return slowest


def _documents(config: Config) -> list[tuple[int, int]]:
    """Return the number and the edition of every article in the index, by its words."""
    from newsbot.search.index import current

    folder = current(config.index_dir)
    assert folder is not None
    searcher = tantivy.Index.open(str(folder)).searcher()
    found = []
    for term, count in searcher.terms_with_prefix("body", "word"):
        number, _, edition = term.removeprefix("word").partition("x")
        living: Any = tantivy.Query.term_query(_schema(), "body", term)
        hits = searcher.search(living, limit=count + 1).hits
        found += [(int(number), int(edition))] * len(hits)
    return found


def _schema() -> tantivy.Schema:
    from newsbot.search.index import schema

    return schema()
