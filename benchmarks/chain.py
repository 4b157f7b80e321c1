"""The whole chain against its peers, on one site of different stories, in one run.

newsbot fetches, extracts, normalizes, deduplicates, stores (acknowledged, on disk) and matches
alerts; the peers are a bare Scrapy spider that only fetches, and Scrapy with trafilatura that
stores nothing. The ratios are what counts: the machine's speed falls out of them.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from benchmarks.site import build, free_port, served

# Alerts in force while newsbot crawls: words, phrases, prefixes, proximity, fields.
_ALERTS = (
    '"prime minister"',
    "storm* OR flood*",
    "title:election",
    "climate NEAR/5 change",
    "=WHO",
)


def run(copies: int = 20) -> dict[str, float]:
    """Crawl the site in the three ways; prints and returns the figures."""
    with tempfile.TemporaryDirectory() as folder:
        root, port = Path(folder) / "site", free_port()
        base = f"http://127.0.0.1:{port}"
        count = build(root, base, "aeb", copies=copies)
        with served(root, port, Path(folder) / "nginx") as server:
            print(f"whole chain: {count} different stories, served by {server}")
            bare = _peer("bare", base)
            texts = _peer("trafilatura", base)
            chain = _newsbot(Path(folder) / "data", base)
    figures = {
        "bare": bare["pages"] / bare["seconds"],
        "trafilatura": texts["pages"] / texts["seconds"],
        "newsbot": chain["new"] / chain["seconds"],
    }
    print(f"  {'bare Scrapy, fetching only':44}{figures['bare']:8.1f} pages/s")
    print(f"  {'Scrapy + trafilatura, storing nothing':44}{figures['trafilatura']:8.1f} pages/s")
    print(
        f"  {'newsbot, the whole chain':44}{figures['newsbot']:8.1f} articles/s, "
        f"{chain['new']:.0f} of {count} kept"
    )
    print(f"  newsbot / bare Scrapy            {figures['newsbot'] / figures['bare']:.2f}")
    print(f"  newsbot / Scrapy + trafilatura   {figures['newsbot'] / figures['trafilatura']:.2f}")
    return figures


def _peer(kind: str, base: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers", kind, base],
        check=True,
        capture_output=True,
        text=True,
    )
    counted: dict[str, float] = json.loads(done.stdout)
    if not counted["pages"]:
        raise SystemExit(f"the peer {kind} fetched nothing: {done.stderr}")
    return counted


def _newsbot(data: Path, base: str) -> dict[str, float]:
    environment = os.environ | {"NEWSBOT_DATA_DIR": str(data)}
    newsbot = [sys.executable, "-m", "newsbot.cli"]
    subprocess.run(
        [*newsbot, "source", "add", base, "--name", "site", "--no-poll"],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    for query in _ALERTS:
        subprocess.run(
            [*newsbot, "alert", "add", query, query],
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
    done = subprocess.run(
        [*newsbot, "crawl", "site", "--json"], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"the crawl failed: {done.stdout} {done.stderr}")
    record = json.loads(done.stdout)
    seconds = (
        datetime.fromisoformat(record["finished_at"]) - datetime.fromisoformat(record["started_at"])
    ).total_seconds()
    return {"new": record["counters"]["new"], "seconds": seconds}


if __name__ == "__main__":
    started = time.perf_counter()
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
    print(f"  ({time.perf_counter() - started:.0f} s)")
