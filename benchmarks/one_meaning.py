"""A million pairs of a query and an article: evaluator, index and percolator decide all alike."""

import time

from tests.one_meaning import judged

PAIRS = 1_000_000


def run() -> None:
    """Print how many pairs were decided, and how many of them not alike."""
    decided, wrong, seed, started = 0, 0, 0, time.perf_counter()
    while decided < PAIRS:
        pairs, differing = judged(1_000 + seed)
        for each in differing[:1]:
            print(f"  {each.who} differs from the evaluator for {each.query}")
        decided, wrong, seed = decided + pairs, wrong + len(differing), seed + 1
    print(
        f"{decided:,} pairs of queries and articles in eight languages, {wrong} decided differently, "
        f"in {time.perf_counter() - started:.0f} s"
    )


if __name__ == "__main__":
    run()
