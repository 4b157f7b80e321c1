"""Replay of other people's pages beside its peer, fastwarc with trafilatura in one process.

The file has the shape of Common Crawl's news archive. newsbot reads it with two processes, to JSON
Lines and into a fresh archive (acknowledged, on disk); the peer extracts text and metadata and keeps
nothing. What counts is the ratio.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import ccnews

SETS = ("aeb", "fundus_pub", "trafilatura")
LEAST = 5.0


def run(copies: int = 4) -> dict[str, float]:
    """Replay one file in three ways; prints and returns pages a second."""
    with tempfile.TemporaryDirectory() as folder:
        warc = Path(folder) / "CC-NEWS-20250901000000-00001.warc.gz"
        count = ccnews.write(warc, ccnews.stories(Path(folder) / "site", *SETS, copies=copies))
        print(f"replay: {count} pages of {warc.stat().st_size / 1e6:.0f} MB, as CC-NEWS has them")
        figures = {"peer": _peer(warc)}
        lines = Path(folder) / "articles.jsonl"
        figures["lines"] = _newsbot(Path(folder) / "none", warc, "--to", str(lines))
        figures["archive"] = _newsbot(Path(folder) / "data", warc)
    print(f"  {'fastwarc + trafilatura, one process':44}{figures['peer']:8.1f} pages/s")
    for name, words in (("lines", "to JSON Lines"), ("archive", "into the archive")):
        ratio = figures[name] / figures["peer"]
        verdict = "reached" if ratio >= LEAST else "MISSED"
        print(
            f"  {f'newsbot replay, two processes, {words}':48}{figures[name]:8.1f} pages/s"
            f"  {ratio:.1f} x the peer  target {LEAST:.0f}  {verdict}"
        )
    return figures


def _peer(warc: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.replay", "peer", str(warc)],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def _peer_here(warc: Path) -> None:
    """Read and extract every page of a file; print how many a second."""
    import trafilatura
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    count, started = 0, time.perf_counter()
    with warc.open("rb") as file:
        for record in ArchiveIterator(
            file, record_types=WarcRecordType.response, auto_decode="all"
        ):
            trafilatura.bare_extraction(
                record.reader.read(),
                url=record.headers["WARC-Target-URI"],
                with_metadata=True,
                include_comments=False,
            )
            count += 1
    print(count / (time.perf_counter() - started))


def _newsbot(data: Path, warc: Path, *more: str) -> float:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "newsbot.cli", "replay", str(warc)),
            *("--processes", "2", "--json", *more),
        ],
        env=os.environ | {"NEWSBOT_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"the replay failed: {done.stdout} {done.stderr}")
    told = json.loads(done.stdout)
    print(f"  {' '.join(f'{value} {name}' for name, value in told['counters'].items())}")
    return float(told["counters"]["pages"] / told["seconds"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["peer"]:
        _peer_here(Path(sys.argv[2]))
    else:
        run(int(sys.argv[1]) if len(sys.argv) > 1 else 4)
