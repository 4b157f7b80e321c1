"""Whether counts rose or fell: the later half of them against the earlier, with what they vary anyway.

Pure. Counts are taken for Poisson counts of a rate (articles a day, or of all that were collected) whose
variance is larger than theirs by a factor that is estimated from how they vary within the halves
(McCullagh and Nelder, Generalized Linear Models, 2nd ed., 4.5): the log-likelihood ratio of two rates
against one is divided by it. What is so rare by chance (once in a hundred) is called a change.
"""

from collections.abc import Sequence
from math import erfc, log, sqrt
from typing import Literal

import attrs

FEWEST = 4  # counts in each half
_BY_CHANCE = 0.01


@attrs.frozen(kw_only=True)
class Change:
    """What became of counts: ``before`` and ``after`` are rates of the earlier and the later half.

    ``counted`` of them were taken, ``left_out`` were not. "not known": they are too few to say.
    """

    said: Literal["rose", "fell", "no clear change", "not known"]
    before: float = 0.0
    after: float = 0.0
    counted: int = 0
    left_out: int = 0


def change(counts: Sequence[tuple[int, float]], *, left_out: int = 0) -> Change:
    """Return what became of counts, each with how much it is out of (days, or articles)."""
    middle = len(counts) // 2
    halves = counts[:middle], counts[middle:]
    if middle < FEWEST:
        return Change(said="not known", counted=len(counts), left_out=left_out)
    before, after = (_rate(half) for half in halves)
    ratio = 2 * sum(
        _gain(sum(count for count, _ in half), sum(of for _, of in half), _rate(counts))
        for half in halves
    )
    excess = sum(
        (count - rate * of) ** 2 / (rate * of)
        for half, rate in zip(halves, (before, after), strict=True)
        for count, of in half
        if rate
    )
    ratio /= max(1.0, excess / (len(counts) - 2))
    clear = chance(ratio) < _BY_CHANCE
    return Change(
        said="no clear change" if not clear else "rose" if after > before else "fell",
        before=before,
        after=after,
        counted=len(counts),
        left_out=left_out,
    )


def chance(ratio: float) -> float:
    """Return how probable so large a log-likelihood ratio is by chance (chi-squared, one degree)."""
    return erfc(sqrt(max(0.0, ratio) / 2))


def _rate(counts: Sequence[tuple[int, float]]) -> float:
    return sum(count for count, _ in counts) / sum(of for _, of in counts)


def _gain(count: int, of: float, rate: float) -> float:
    """Return how much likelier a count is at its own rate than at this one, as a logarithm."""
    expected = rate * of
    return (count * log(count / expected) if count else 0.0) - count + expected
