"""A random sample that is the same again: drawn by a hash of each article's id and the seed. Pure.

The articles with the smallest hashes are taken (*bottom-k sampling*). So it does not matter in which
order articles come nor what else the process drew, and where the archive grows, an article that is new
takes the place of at most one of the sample.
"""

import heapq
from collections import Counter
from collections.abc import Mapping
from hashlib import blake2b
from typing import Literal

import attrs

By = Literal["day", "source"]


@attrs.frozen(kw_only=True)
class Sample:
    """What is asked: how many articles, by which seed, and spread over what ("": over nothing)."""

    size: int
    seed: int = 0
    by: By | Literal[""] = ""


def lot(seed: int, text: str) -> int:
    """Return the lot that an id draws: 64 bits, the same in every process."""
    return int.from_bytes(blake2b(f"{seed}\x1f{text}".encode(), digest_size=8).digest())


class Draw:
    """Draws a sample from articles that come one by one.

    Spread over days or sources, each of these *strata* gets its share of the sample in proportion to
    its articles; what remains by rounding goes to the largest remainders.
    """

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._lots: dict[str, list[tuple[int, str]]] = {}
        self.found: Counter[str] = Counter()

    def offer(self, article: str, stratum: str = "") -> None:
        """Let an article take part."""
        self.found[stratum] += 1
        lots = self._lots.setdefault(stratum, [])
        drawn = (-lot(self._sample.seed, article), article)
        if len(lots) < self._sample.size:
            heapq.heappush(lots, drawn)
        elif lots and drawn > lots[0]:
            heapq.heapreplace(lots, drawn)

    def drawn(self) -> dict[str, frozenset[str]]:
        """Return the ids that were drawn, by stratum."""
        shares = _shares(self.found, self._sample)
        return {
            stratum: frozenset(article for _, article in heapq.nlargest(shares[stratum], lots))
            for stratum, lots in self._lots.items()
        }


def _shares(found: Mapping[str, int], sample: Sample) -> dict[str, int]:
    """Return how many of the sample each stratum gives."""
    total = sum(found.values())
    size = min(sample.size, total)
    shares = {stratum: size * count // total for stratum, count in found.items()}
    by_remainder = sorted(
        found,
        key=lambda each: (-(size * found[each] % total), lot(sample.seed, each), each),
    )
    for stratum in by_remainder[: size - sum(shares.values())]:
        shares[stratum] += 1
    return shares
