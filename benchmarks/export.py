"""Export of 200,000 articles beside its peer, a bare pymongo cursor that writes JSON lines.

Both are processes of their own that read the same embedded MongoDB, the peer once before and once after
the exports; what counts is the ratio, and the most memory that the exporting process ever had. The
articles are made up of frequent words of ten languages, with what spreadsheets and readers trip over
(``tests/export_corpus.py``). Their bodies are left out of the search index, which spares a quarter of an
hour: all are exported, and which they are is asked of the index by when they were first seen.

Then pandas, Polars and DuckDB read each file back, and their rows are compared.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from newsbot.archive import changes
from newsbot.archive.articles import Record
from newsbot.archive.connection import Database, connect
from newsbot.config import Config
from newsbot.items import Article
from newsbot.query import Document
from newsbot.search.index import Followed, Generation, entry, switch
from tests.export_corpus import fill
from tests.export_readers import READERS, canonical

SPEED, MEMORY = 0.5, 300e6
FILES = ("all.jsonl", "all.csv", "all.parquet")


def run(count: int = 200_000) -> dict[str, float]:
    """Export so many articles in each format; prints and returns figures."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(data_dir=Path(folder) / "data")
        with connect(config) as database:
            started = time.perf_counter()
            _fill(config, database, count)
            taken = time.perf_counter() - started
            print(f"export: {count} articles, made and indexed in {taken:.0f} s", flush=True)
            address = "mongodb://{}:{}/".format(*(database.client.address or ("", 0)))
            environment = os.environ | {
                "NEWSBOT_MONGODB_URI": address,
                "NEWSBOT_DATA_DIR": str(config.data_dir),
            }
            return _measure(Path(folder), environment, address, count)


def _fill(config: Config, database: Database, count: int) -> None:
    """Make so many articles, in the archive and in its index."""
    generation = Generation.create(config.index_dir)
    writer = generation.index.writer(64_000_000, 1)

    def index(article: Article, record: Record) -> None:
        document = Document.of(
            title=article.title,
            body="",
            source_ids=record.sources,
            language=article.language,
            url=article.url,
            published_day=article.published.day if article.published else None,
            seen=record.first_seen,
        )
        writer.add_json(entry(article.id, document))

    fill(database, count, words=300, told=index)
    writer.commit()
    with changes.open_stream(database, None) as stream:
        generation.note(Followed(stream.token, datetime.now(UTC)))
    switch(config.index_dir, generation)


def _measure(
    folder: Path, environment: dict[str, str], address: str, count: int
) -> dict[str, float]:
    peer = [sys.executable, "-m", "benchmarks.export", "peer", address, str(folder / "peer.jsonl")]
    before, memory = _timed(peer, environment)
    figures = {"peer": count / before, "peer_memory": memory}
    for name in FILES:
        command = [
            sys.executable,
            "-m",
            "newsbot.cli",
            "export",
            "--all",
            "--to",
            str(folder / name),
        ]
        seconds, memory = _timed(command, environment)
        figures |= {name: count / seconds, f"{name}_memory": memory}
    after, _ = _timed(peer, environment)
    figures["peer"] = 2 * count / (before + after)
    print(
        f"  {'a bare cursor, JSON lines':30}{figures['peer']:9.0f} articles/s"
        f"  {figures['peer_memory'] / 1e6:5.0f} MB  ({count / before:.0f} before, {count / after:.0f} after)"
    )
    for name in FILES:
        ratio, memory = figures[name] / figures["peer"], figures[f"{name}_memory"]
        reached = ratio >= SPEED and memory <= MEMORY
        print(
            f"  {f'newsbot export, {name}':30}{figures[name]:9.0f} articles/s  {memory / 1e6:5.0f} MB"
            f"  {ratio:.2f} x the peer  target {SPEED} and {MEMORY / 1e6:.0f} MB"
            f"  {'reached' if reached else 'MISSED'}"
        )
    _read_back(folder, count)
    return figures


# Linux counts what a process was before it became another program, so what starts it has to be small.
_LAUNCHER = """
import resource, subprocess, sys, time
started = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
sys.exit(code)
"""


def _timed(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a process; returns its seconds and the most memory it had, in bytes."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", _LAUNCHER, *command],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def _peer(address: str, path: str) -> None:
    """Write all articles as JSON lines, as one would who has pymongo alone."""
    from pymongo import MongoClient

    client: MongoClient[dict[str, object]] = MongoClient(address)
    with Path(path).open("w", encoding="utf8") as file:
        file.writelines(
            json.dumps(document, ensure_ascii=False, default=str) + "\n"
            for document in client["newsbot"]["articles"].find({})
        )


def _read_back(folder: Path, count: int) -> None:
    for name in FILES:
        digests = {}
        for reader in READERS:
            # A process each: nine times all articles would not fit.
            command = [
                sys.executable,
                "-m",
                "benchmarks.export",
                "read",
                reader,
                str(folder / name),
            ]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            rows, digests[reader] = done.stdout.split()
            if int(rows) != count:
                raise SystemExit(f"{reader} reads {rows} rows of {name}")
        same = len(set(digests.values())) == 1
        print(
            f"  {name} read by {', '.join(READERS)}: {'identical' if same else f'NOT: {digests}'}"
        )


def _read(reader: str, path: Path) -> None:
    """Print how many rows a reader reads, and what stands for them."""
    digest, rows = hashlib.sha256(), 0
    for row in READERS[reader](path):
        told = canonical(row, cells=path.suffix == ".csv")
        digest.update(json.dumps(told, sort_keys=True).encode())
        rows += 1
    print(rows, digest.hexdigest())


if __name__ == "__main__":
    if sys.argv[1:2] == ["peer"]:
        _peer(*sys.argv[2:4])
    elif sys.argv[1:2] == ["read"]:
        _read(sys.argv[2], Path(sys.argv[3]))
    else:
        run(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
