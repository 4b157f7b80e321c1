"""What keeping costs: a backup and its restoring, a walk of retention, a removal from the WARC files."""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from fastwarc.warc import ArchiveIterator

from newsbot.archive import articles, retention
from newsbot.archive.backup_file import documents_in
from newsbot.archive.connection import Database, connect
from newsbot.archive.restore import check
from newsbot.archive.retention import Rule, rule_id
from newsbot.config import Config
from newsbot.fetching.captures import Capture, Provenance
from newsbot.fetching.raw_files import RawFiles, closed_files
from newsbot.items import Article
from newsbot.keeping.backing_up import back_up, put_back
from newsbot.keeping.removing import remove
from newsbot.keeping.retaining import expire
from newsbot.reading import Candidate
from newsbot.search.follow import rebuild
from newsbot.text.dates import ParsedDate

NOW = datetime.now(UTC).replace(microsecond=0)
PAGES = 4_000


def run(count: int = 20_000) -> None:
    """Measure with so many articles of some 2.5 kB."""
    print(f"\nKeeping, {count:,} articles in the embedded MongoDB")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        config = Config(data_dir=root / "one")
        with connect(config) as database:
            _fill(database, count)
            path = root / "backup"
            bare = _timed(
                "a bare cursor's BSON into a file", lambda: _bare(database, root / "bare")
            )
            took = _timed("backup", lambda: back_up(config, database, path))
            print(
                f"    {bare / took:.2f} times the speed of that; {path.stat().st_size / 1e6:.1f} MB of"
            )
            print(f"    {(root / 'bare').stat().st_size / 1e6:.1f} MB")
            _timed("verify", lambda: check(path))
            rules = [Rule(id=rule_id("all", ""), scope="all", body=3.0)]
            _timed(
                "retention looks at all of them",
                lambda: expire(config, database, now=NOW, dry=True, rules=rules),
            )
            _removal(config, database)
            retention.put(database, Rule(id=rule_id("all", ""), scope="all", record=400.0))
            expire(config, database, now=NOW)
            _timed("retention an hour later", lambda: expire(config, database, now=NOW))
        other = Config(data_dir=root / "other")
        with connect(other) as database:
            took = _timed("restore, verified and indexed", lambda: put_back(other, database, path))
            index = _timed("building the index alone", lambda: rebuild(other, database))
            print(f"    {index / took:.0%} of that")


def _fill(database: Database, count: int) -> None:
    chance = random.Random(7)
    words = [f"word{number}" for number in range(5_000)]
    for start in range(0, count, 500):
        found = [
            _article(number, chance.choices(words, k=330)) for number in range(start, start + 500)
        ]
        candidates = [Candidate.of(each) for each in found]
        judged = articles.judge(database, candidates)
        at = NOW - timedelta(days=365 * (1 - start / count))
        articles.keep(database, judged, now=at, pending=False)


def _article(number: int, words: list[str]) -> Article:
    url = f"https://paper{number % 50}.example/{number}"
    return Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source=f"{number % 50:024x}",
        fetched_at=NOW,
        title=f"Article {number}",
        body=" ".join(words),
        published=ParsedDate(NOW.date(), NOW, "bench"),
    )


def _bare(database: Database, path: Path) -> None:
    with path.open("wb") as file:
        for batch in database.articles.find_raw_batches({}, batch_size=500):
            file.writelines(documents_in(batch))  # type: ignore[arg-type]


def _removal(config: Config, database: Database) -> None:
    chance = random.Random(8)
    files = RawFiles(
        config.data_dir, user_agent="bench", file_bytes=10**9, keep_bytes=0, keep_days=0
    )
    words = [f"<p class=w{number}>text {number}</p>" for number in range(9_000)]
    for number in range(PAGES):
        url = f"https://paper{number % 50}.example/{number}"
        files.write(
            Capture(
                url=url,
                body="".join(chance.choices(words, k=4_000)).encode(),
                at=NOW,
                provenance=Provenance(source="s", link=url),
            )
        )
    files.close()
    (path,) = closed_files(config.data_dir)
    print(f"    {PAGES} pages, {path.stat().st_size / 1e6:.0f} MB of WARC")
    bare = _timed("fastwarc reads them", lambda: _read(path))
    kept = articles.at(database, "https://paper7.example/7")
    assert kept is not None
    took = _timed(
        "one article is removed", lambda: remove(config, database, kept, why="x", now=NOW)
    )
    print(f"    {bare / took:.2f} times the speed of that")


def _read(path: Path) -> None:
    with path.open("rb") as file:
        for record in ArchiveIterator(file, parse_http=False):
            record.reader.read()


def _timed(what: str, work: Callable[[], object]) -> float:
    before = psutil.Process().memory_info().rss
    start = time.perf_counter()
    work()
    took = time.perf_counter() - start
    grown = (psutil.Process().memory_info().rss - before) / 1e6
    print(f"  {what:<34} {took:7.2f} s   memory {grown:+.0f} MB")
    return took


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
