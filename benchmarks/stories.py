"""Copies: how many are known as such, how many are taken for copies that are none, and at what cost.

The texts are those half of the labelled ones that were not looked at while the rules were made.
"""

import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks import stories_cost
from newsbot.archive.connection import connect
from newsbot.config import Config
from newsbot.similarity import Text, compare, signature
from newsbot.text import repair
from newsbot.text.tokens import words
from tests import families, test_copies


def _judged(one: families.Text, other: families.Text) -> bool:
    mine, others = (Text(repair(each.title), repair(each.body)) for each in (one, other))
    prints = [signature(words(each.body)) for each in (mine, others)]
    keys = [set(each.all_keys()) if each else set[bytes]() for each in prints]
    return bool(keys[0] & keys[1]) and compare(mine, others).copies


def _families() -> None:
    texts = families.real_texts(half=1)
    found, there = Counter[str](), Counter[str]()
    for copy in families.copies(texts, seed=2):
        alike = families.alike(copy.original, copy.text)
        joined = _judged(copy.original, copy.text)
        how = copy.how if "+" not in copy.how else "several ways at once"
        for kind in (how, "all, alike by 0.7" if alike >= 0.7 else "all others"):
            there[kind] += 1
            found[kind] += joined
    print(f"Copies of {len(texts)} real texts")
    for kind in sorted(there):
        print(f"  {kind:24} {there[kind]:5}  known {found[kind] / there[kind]:.4f}")
    joined_misses, misses = Counter[str](), Counter[str]()
    for miss in families.misses(texts, seed=6):
        misses[miss.how.split()[0]] += 1
        joined_misses[miss.how.split()[0]] += _judged(miss.one, miss.other)
    for kind in sorted(misses):
        print(f"  near misses ({kind}): {misses[kind]:4}  joined {joined_misses[kind]}")
    true, false = sum(found[kind] for kind in found if "all" not in kind), joined_misses.total()
    print(f"  precision {true / (true + false):.4f}")


def _four_processes(count: int = 5_000) -> None:
    with tempfile.TemporaryDirectory(prefix="newsbot-stories-") as folder:
        config = Config(data_dir=Path(folder), extraction_processes=0)
        with connect(config):
            started = time.perf_counter()
            articles, stories = test_copies.by_several(config, count)
            spent = time.perf_counter() - started
    print(
        f"Four processes at once and one alone: {articles:,} articles, {stories:,} stories, the same, "
        f"in {spent:.0f} s"
    )


def run() -> None:
    """Measure all of it; the last, a million stored texts, takes half an hour."""
    _families()
    _four_processes()
    stories_cost.run()


if __name__ == "__main__":
    run()
