"""Extraction beside its peers: figures, targets and speed, all in one run of the public scorer.

The scorer and the labelled pages stand beside the checkout. Peers that are not installed are left
out, and said so.
"""

import importlib.util
import json
import subprocess
import sys

from benchmarks.site import CASES, SHARED

# What each peer needs, by the name that the scorer knows it by.
PEERS = {
    "trafilatura": "trafilatura",
    "trafilatura_fast": "trafilatura",
    "resiliparse": "resiliparse",
    "newspaper4k": "newspaper",
    "readability": "readability",
    "htmldate": "htmldate",
}
# The least that newsbot has to reach: set, figure, value.
TARGETS = (
    ("aeb", "body F1", 0.975),
    ("fundus_pub", "body F1", 0.970),
    ("fundus_pub", "title", 0.85),
    ("fundus_pub", "day", 0.99),
    ("fundus_pub", "authors", 0.88),
    ("trafilatura", "segments", 0.940),
    ("trafilatura", "title", 0.80),
    ("trafilatura", "day", 0.92),
    ("trafilatura", "authors", 0.72),
    ("dates", "day", 0.945),
)
SPEED = 8.0
FIGURES = ("body F1", "P", "R", "segments", "title", "day", "authors", "pages/s")


def run() -> None:
    """Score newsbot and every peer at hand; print the table and what the targets say."""
    peers = [name for name, module in PEERS.items() if importlib.util.find_spec(module)]
    missing = [name for name in PEERS if name not in peers]
    if missing:
        print(f"extraction: not installed, so not measured: {', '.join(missing)}")
    done = subprocess.run(
        [
            *(sys.executable, str(SHARED / "eval" / "score_articles.py"), "--json"),
            *map(str, sorted(CASES.iterdir())),
            *("--with", "newsbot=benchmarks.extractors:newsbot", "--peers", ",".join(peers)),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    scores: dict[str, dict[str, dict[str, float | None]]] = json.loads(done.stdout)
    for name, extractors in scores.items():
        print(f"{name}\n  {'extractor':20}" + "".join(f"{figure:>10}" for figure in FIGURES))
        for extractor, figures in sorted(
            extractors.items(), key=lambda pair: -(pair[1].get("body F1") or 0)
        ):
            print(f"  {extractor:20}" + "".join(_cell(figures.get(each)) for each in FIGURES))
    _judge(scores)


def _cell(value: float | None) -> str:
    if value is None:
        return f"{'-':>10}"
    return f"{value:>10.3f}" if value <= 1 else f"{value:>10.1f}"


def _judge(scores: dict[str, dict[str, dict[str, float | None]]]) -> None:
    for name, figure, least in TARGETS:
        value = scores[name]["newsbot"][figure] or 0.0
        verdict = "reached" if value >= least else "MISSED"
        print(f"  {name:12}{figure:10} {value:.3f}  target {least:.3f}  {verdict}")
    times = {
        extractor: sum(
            _pages(name) / (sets[extractor]["pages/s"] or 1.0) for name, sets in scores.items()
        )
        for extractor in ("newsbot", "trafilatura")
        if all(extractor in sets for sets in scores.values())
    }
    if len(times) == 2:
        ratio = times["trafilatura"] / times["newsbot"]
        verdict = "reached" if ratio >= SPEED else "MISSED"
        print(f"  all         speed      {ratio:.1f} x trafilatura  target {SPEED:.0f}  {verdict}")


def _pages(name: str) -> int:
    return len((CASES / name / "labels.jsonl").read_text(encoding="utf8").splitlines())


if __name__ == "__main__":
    run()
