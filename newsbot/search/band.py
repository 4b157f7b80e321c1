"""How many articles are to be expected of a source on a day, by the same weekday of the weeks before.

Pure. The rule, for a day that has ``count`` articles, with the counts of the same weekday of the last
eight weeks (four of them at least; weeks in which the source was not collected are left out): the day is
*below its band* when all three hold:

- ``count`` is below the least of them;
- it is below their median by more than three times their spread (1.4826 times the median absolute
  deviation, which for a normal distribution is its standard deviation);
- as few come by chance in fewer than one of a thousand days: the lower tail of a Poisson distribution
  whose mean is the median.

So a source of six articles a day is never below its band (none at all comes by chance once in four
hundred days), and one whose days differ much is only where it never was.
"""

from collections.abc import Sequence
from math import exp
from statistics import median

WEEKS, FEWEST = 8, 4
_SPREADS = 3.0
_NORMAL = 1.4826
_BY_CHANCE = 0.001


def below(count: int, before: Sequence[int]) -> float | None:
    """Return the median that a count is below the band of; None: it is within it, or there is none."""
    if len(before) < FEWEST:
        return None
    usual = median(before)
    spread = _NORMAL * median(abs(each - usual) for each in before)
    if count >= min(before) or count >= usual - _SPREADS * spread:
        return None
    return usual if _lower_tail(count, usual) < _BY_CHANCE else None


def _lower_tail(count: int, mean: float) -> float:
    """Return how probable a Poisson variable of this mean is at most ``count``."""
    term = total = exp(-mean)
    for each in range(1, count + 1):
        term *= mean / each
        total += term
    # Beyond a mean of 700 the first term is 0: so far below three spreads there is no doubt.
    return total
