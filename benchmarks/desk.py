"""How fast the pages are: Now, Search and Article with ten requests in flight while a crawl runs.

    python -m benchmarks.desk 20000
    python -m benchmarks.desk 1000000 --keep /data/desk

An archive of so many articles (those of ``benchmarks.search``) is made, or taken from where an earlier run
kept it; ``newsbot up --demo`` then runs on it as anybody would run it: its newsroom publishes and edits, its
crawls fetch, extract and store, the index follows, alerts are matched and delivered. Meanwhile `wrk` asks for
each page over ten connections, and in the same way for a bare "hello" of the same framework (FastAPI on
uvicorn, one process), before and after. Beside the figures stands what a page weighs, all it loads included.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs
import httpx

from benchmarks.search import SOURCES, Articles, Made, _queries
from benchmarks.site import CASES
from newsbot.archive import changes, rules
from newsbot.archive.articles import Record
from newsbot.archive.connection import connect
from newsbot.archive.records import to_document
from newsbot.archive.rules import Rule
from newsbot.archive.sources import Source, add_many
from newsbot.config import Config
from newsbot.items import Article, derived_id
from newsbot.query import Document
from newsbot.search.index import WRITTEN, Followed, Generation, entry, state_of, switch
from newsbot.text.dates import ParsedDate

# What is promised: of 100 answers 95 within so long (ms), with so many requests in flight; bytes of a page.
TARGET, IN_FLIGHT, WEIGHT = 150.0, 10, 150_000
SECONDS, CHUNK = 15, 500
# So many texts are analysed; what is more says the same at other addresses, on other days.
TEXTS = 20_000
_SPAN = timedelta(days=700)
_WRK = """
local paths, at = {}, 0
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
request = function() at = at % #paths + 1; return wrk.format("GET", paths[at]) end
done = function(summary, latency)
  io.write(string.format('{"p50":%f,"p95":%f,"p99":%f,"most":%f,"requests":%d,"micros":%d,"failed":%d}',
    latency:percentile(50), latency:percentile(95), latency:percentile(99), latency.max, summary.requests,
    summary.duration, summary.errors.status + summary.errors.timeout + summary.errors.read))
end
"""


@attrs.frozen
class Timed:
    """What wrk saw, in milliseconds; ``rate`` in answers a second."""

    p50: float
    p95: float
    p99: float
    rate: float
    failed: int


def run(count: int = 20_000, keep: Path | None = None, seconds: int = SECONDS) -> dict[str, Timed]:
    """Make or take the archive, start newsbot on it, and measure; prints and returns figures."""
    if shutil.which("wrk") is None:
        print("desk: not measured; it needs wrk (Debian: apt-get install wrk)")
        return {}
    folder = keep or Path(tempfile.mkdtemp(prefix="newsbot-desk-"))
    try:
        base = Config(data_dir=folder / "data")
        told = folder / "made.json"
        if not told.exists():
            shutil.rmtree(base.data_dir, ignore_errors=True)  # of one that did not come to its end
            told.parent.mkdir(parents=True, exist_ok=True)
            told.write_text(json.dumps(_fill(base.for_demo(), count)))
        return _measured(base, json.loads(told.read_text()), seconds)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


# The archive

_Given = tuple[int, int, int, float]
# Chunks that are made before those ahead of them are stored.
_AHEAD = 8


def _chunk(given: _Given) -> tuple[list[dict[str, Any]], list[str]]:
    """Return documents and index entries of the articles from one number to another, of so many."""
    global _texts
    _texts = _texts or _Texts()
    first, last, count, now = given
    documents, entries = [], []
    for number in range(first, last):
        made, analysed = _texts.of(number % TEXTS)
        article, record = _article(made, number, count, datetime.fromtimestamp(now, UTC))
        stored = to_document(article) | to_document(record)
        del stored["pending"], stored["quiet"]
        documents.append(stored)
        bare = attrs.evolve(article, title="", body="")
        told = entry(
            article.id, _document(bare), story=record.story, content_hash=record.content_hash
        )
        state = state_of(article.id, _document(article), story=record.story)
        entries.append(json.dumps(json.loads(told) | analysed | {"state": state}))
    return documents, entries


class _Texts:
    """The texts of the articles, each analysed once."""

    def __init__(self) -> None:
        self._made = Articles()
        self._known: dict[int, tuple[Made, dict[str, Any]]] = {}

    def of(self, number: int) -> tuple[Made, dict[str, Any]]:
        """Return a text, and what the index is told of it."""
        if number not in self._known:
            made = self._made.at(number)
            told = json.loads(entry("", Document.of(title=made.title, body=made.body)))
            analysed = {name: told[name] for name in ("title", "body", WRITTEN)}
            self._known[number] = made, analysed
        return self._known[number]


_texts: _Texts | None = None


def _document(article: Article) -> Document:
    return Document.of(
        title=article.title,
        body=article.body,
        authors=article.authors,
        source_ids=(article.source,),
        site=f"{article.source}.example",
        language=article.language,
        section=article.section,
        url=article.url,
        published_day=article.published.day if article.published else None,
        seen=article.fetched_at,
    )


def _article(one: Made, number: int, count: int, now: datetime) -> tuple[Article, Record]:
    seen = now - _SPAN * ((count - number) / count)
    seen = seen.replace(microsecond=seen.microsecond // 1_000 * 1_000)
    url = f"https://{one.source}.example/{number}"
    article = Article(
        id=derived_id("article", url),
        url=url,
        fetched_url=url,
        source=one.source,
        fetched_at=seen,
        title=one.title,
        body=one.body,
        authors=("A. Writer",),
        published=ParsedDate(seen.date(), seen, "json-ld"),
        language=one.language,
        section=one.section,
    )
    record = Record(
        story=derived_id("story", str(number // 2)),
        revision=1,
        content_hash=derived_id("content", url),
        body_hash=derived_id("body", url),
        first_seen=seen,
        changed_at=seen,
        sources=(one.source,),
    )
    return article, record


def _taking(ahead: threading.Semaphore, given: Iterable[_Given]) -> Iterator[_Given]:
    for each in given:
        ahead.acquire()
        yield each


def _fill(config: Config, count: int) -> dict[str, Any]:
    """Make the archive and its index; returns what to ask for."""
    begun = time.perf_counter()
    now = datetime.now(UTC)
    generation = Generation.create(config.index_dir)
    writer = generation.index.writer(64_000_000, 1)
    given = [
        (low, min(low + CHUNK, count), count, now.timestamp()) for low in range(0, count, CHUNK)
    ]
    ids: list[str] = []
    with connect(config) as database, multiprocessing.get_context("spawn").Pool(2) as pool:
        add_many(database, _sources(now))
        for number in range(20):
            query = ("storm* OR عاصفة", "river*", "harbour", "minister NEAR/5 said")[number % 4]
            rules.add(
                database, Rule(id=f"r{number}", name=f"r{number}", query=query, created_at=now)
            )
        # No more is made than is stored soon: a million waiting articles would fill the memory.
        ahead = threading.Semaphore(_AHEAD)
        for documents, entries in pool.imap(_chunk, _taking(ahead, given)):
            database.articles.insert_many(documents, ordered=False)
            for each in entries:
                writer.add_json(each)
            ids.append(documents[len(documents) // 2]["_id"])
            ahead.release()
        writer.commit()
        writer.wait_merging_threads()
        with changes.open_stream(database, None) as stream:
            generation.note(Followed(stream.token, datetime.now(UTC)))
        switch(config.index_dir, generation)
    asked = [
        each.typed
        for each in _queries(Articles(), random.Random(5))
        if each.kind != "term in a month"
    ]
    print(f"desk: {count:,} articles, made in {time.perf_counter() - begun:.0f} s", flush=True)
    random.Random(7).shuffle(ids)
    return {"count": count, "ids": ids[:500], "queries": asked[:200]}


def _sources(now: datetime) -> list[Source]:
    return [
        Source(
            id=f"s{number}",
            name=f"Paper {number}",
            homepage=f"https://s{number}.example/",
            state="paused",
            added_at=now - _SPAN,
        )
        for number in range(SOURCES)
    ]


# Measuring


def _measured(base: Config, told: dict[str, Any], seconds: int) -> dict[str, Timed]:
    port, hello_port, demo_port = base.web_port + 400, base.web_port + 401, base.demo_port + 400
    environment = os.environ | {
        "NEWSBOT_DATA_DIR": str(base.data_dir),
        "NEWSBOT_WEB_PORT": str(port),
        "NEWSBOT_DEMO_PORT": str(demo_port),
        "NEWSBOT_DEMO_INTERVAL": "1",
    }
    wanted = {
        "hello, before": (hello_port, ["/hello"]),
        "now": (port, ["/"]),
        "search": (port, [f"/search?q={quote(each)}" for each in told["queries"]]),
        "article": (port, [f"/article/{each}" for each in told["ids"]]),
        "hello, after": (hello_port, ["/hello"]),
    }
    hello = [sys.executable, "-m", "benchmarks.desk", "hello", str(hello_port)]
    up = [sys.executable, "-m", "newsbot.cli", "up", "--demo"]
    with _running(hello, os.environ), _running(up, environment):
        _until(f"http://127.0.0.1:{hello_port}/hello")
        _until(f"http://127.0.0.1:{port}/readyz")
        time.sleep(20)  # until its crawls are under way
        before = _articles(port)
        found = {name: _timed(at, paths, seconds) for name, (at, paths) in wanted.items()}
        stored = _articles(port) - before
        weights = {name: _weight(port, wanted[name][1][0]) for name in ("now", "search", "article")}
    _report(told["count"], found, weights, stored, seconds * len(wanted))
    return found


class _running:  # noqa: N801 - read as a verb
    """A process for as long as it is needed."""

    def __init__(self, command: Sequence[str], environment: Any) -> None:
        self._command, self._environment = command, environment

    def __enter__(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            env=dict(self._environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _until(address: str) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            if httpx.get(address, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"nothing answers at {address}")


def _articles(port: int) -> int:
    """Return how many articles the first page counts."""
    told = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=60).text
    found = re.search(r"^newsbot_indexed_articles (\d+)", told, re.MULTILINE)
    return int(float(found[1])) if found else 0


def _timed(port: int, paths: Sequence[str], seconds: int) -> Timed:
    with tempfile.TemporaryDirectory() as folder:
        script, listed = Path(folder) / "wrk.lua", Path(folder) / "paths"
        script.write_text(_WRK)
        listed.write_text("\n".join(paths) + "\n")
        httpx.get(f"http://127.0.0.1:{port}{paths[0]}", timeout=60)
        done = subprocess.run(
            ["wrk", "-t1", f"-c{IN_FLIGHT}", f"-d{seconds}s", "--timeout", "20s", "-s", str(script),
             f"http://127.0.0.1:{port}"],
            env=os.environ | {"PATHS": str(listed)},
            capture_output=True,
            text=True,
            check=True,
        )  # fmt: skip
    told = json.loads(done.stdout[done.stdout.index("{") :])
    return Timed(
        p50=told["p50"] / 1e3,
        p95=told["p95"] / 1e3,
        p99=told["p99"] / 1e3,
        rate=told["requests"] / told["micros"] * 1e6,
        failed=told["failed"],
    )


def _weight(port: int, path: str) -> tuple[int, int]:
    """Return the bytes of a page with all that it loads, and how many scripts hold up what is seen."""
    base = f"http://127.0.0.1:{port}"
    page = httpx.get(base + path, timeout=60).text
    loads = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    weight = len(page.encode()) + sum(len(httpx.get(base + each).content) for each in loads)
    return weight, sum("defer" not in each for each in re.findall(r"<script[^>]*>", page))


def _report(
    count: int,
    found: dict[str, Timed],
    weights: dict[str, tuple[int, int]],
    stored: int,
    seconds: int,
) -> None:
    bare = (found["hello, before"].p95 + found["hello, after"].p95) / 2
    print(
        f"desk: {count:,} articles, {IN_FLIGHT} requests in flight; the crawl stored {stored} in {seconds} s"
    )
    for name, each in found.items():
        line = (
            f"  {name:14} p50 {each.p50:6.1f}  p95 {each.p95:6.1f}  p99 {each.p99:6.1f} ms"
            f"  {each.rate:7.1f}/s"
        )
        if name in weights:
            weight, blocking = weights[name]
            reached = each.p95 <= TARGET and weight <= WEIGHT and not blocking and not each.failed
            line += (
                f"  {each.p95 / bare:5.1f} x hello  {weight / 1e3:5.1f} kB, {blocking} blocking scripts"
                f"  {each.failed} failed  {'reached' if reached else 'MISSED'}"
            )
        print(line, flush=True)


def _hello(port: int) -> None:
    import uvicorn
    from fastapi import FastAPI
    from fastapi.responses import HTMLResponse

    app = FastAPI()

    @app.get("/hello")
    def hello() -> HTMLResponse:
        return HTMLResponse("hello")

    uvicorn.run(app, port=port, log_level="critical", access_log=False)


if __name__ == "__main__":
    if sys.argv[1:2] == ["hello"]:
        _hello(int(sys.argv[2]))
    else:
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("count", nargs="?", type=int, default=20_000)
        parser.add_argument(
            "--keep", type=Path, help="leave the archive here, or use that which is"
        )
        parser.add_argument("--seconds", type=int, default=SECONDS, help="for each page")
        given = parser.parse_args()
        if not CASES.is_dir():
            raise SystemExit(f"the labelled pages are not beside the checkout ({CASES})")
        run(given.count, given.keep, given.seconds)
